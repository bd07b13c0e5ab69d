"""Whether what is read side by side is equally long, as tests of the program."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.context import SiteContext
from ...loops.ir import HeaderForm, Loop, Read, Span, reads
from ...loops.walk import walk
from ..shared.build import expr, filled
from .syntax import Untestable, constant_offset


def equal_lengths(site: SiteContext, loop: Loop, name: str, codes: Sequence[str]) -> list[ast.expr]:
    """All as long as what the range measures, from which no round looks ahead further than it is short of.

    Raises Untestable where that does not show the assumption `name`.
    """
    header = loop.header
    if header.form is HeaderForm.ELEMENTS and name == "equal-lengths":
        first, *rest = [e.source.code if isinstance(e, Read) else e.code for e in header.elements]
        if set(codes) != {first, *rest}:
            raise Untestable
    elif header.span is not None and header.span.of is not None and _inside(site, loop, header.span):
        first, rest = header.span.of.code, [c for c in codes if c != header.span.of.code]
    else:
        raise Untestable
    measured = ast.parse(first, mode="eval").body
    parts = [{"a": ast.parse(code, mode="eval").body, "b": measured} for code in rest]
    return [filled(expr("len(a) == len(b)"), both) for both in parts]


def _inside(site: SiteContext, loop: Loop, span: Span) -> bool:
    """Whether no round reads beyond what the range measures: `x[i + 1]` up to `len(x) - 1`, and no `x[i + k]`."""
    values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    last = max((r.offset for v in (*values, *loop.finals.values()) for r in reads(v)), default=0)
    places = [n.slice for n in walk(site.loop) if isinstance(n, ast.Subscript)]
    return is_lifted(loop) and span.first is not None and last + span.delta <= 0 and all(map(constant_offset, places))


def is_lifted(loop: Loop) -> bool:
    """Whether it is known what the loop does: hoists need only know how it goes round."""
    return bool(loop.effects or loop.carried)
