"""Comprehensions over columns as lists: `for k in s.tolist()` is ten times as fast as `for k in s`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from ...loops.context import SiteContext
from ...loops.ir import Access, HeaderForm, Loop, Read, Scalar
from ...loops.obligations import Obligation
from ...loops.walk import copied
from ..shared.build import attr, call, clone
from .comprehensions import Made
from .parts import Comprehension

AROUND = ("builtins.zip", "builtins.enumerate")


def listed(site: SiteContext, loop: Loop, made: Made) -> Made | None:
    """The same comprehensions over lists, None where they go over no column.

    Both hand out Python scalars, Timestamps, and what an object column holds. Integers of a nullable column come as
    NumPy's from the one, and as Python's from the other: that there are none is an assumption.
    """
    header = loop.header
    if header.form is not HeaderForm.ELEMENTS or made.hoisted or loop.opaque:  # a call might change the column
        return None
    columns = {
        e.source.code
        for e in header.elements
        if isinstance(e, Read) and (e.access, e.scalar, e.part) == (Access.ITERATE, Scalar.PYTHON, False)
    }
    if not columns:
        return None
    parts = [_over_lists(site, part, columns) for part in made.parts]
    if any(part is None for part in parts):
        return None
    owed = [*made.obligations, Obligation("numpy-columns", tuple(sorted(columns)))]
    return replace(made, parts=[part for part in parts if part is not None], obligations=owed)


def _over_lists(site: SiteContext, part: Comprehension, columns: set[str]) -> Comprehension | None:
    first, *rest = part.generators
    iterable = _lists(site, first.iter, columns)
    if iterable is None:
        return None
    changed = ast.comprehension(first.target, iterable, first.ifs, 0)
    # the forms share no nodes: each is put in its place on its own
    return replace(part, values=[clone(v) for v in part.values], generators=[copied(g) for g in (changed, *rest)])


def _lists(site: SiteContext, node: ast.expr, columns: set[str]) -> ast.expr | None:
    """What is iterated, its columns as lists; None if it has none."""
    if ast.unparse(node) in columns:
        return call(attr(clone(node), "tolist"))
    match node:
        case ast.Call(func=func, args=args, keywords=words) if site.dotted(func) in AROUND:
            inner: list[Any] = [_lists(site, a, columns) for a in args]
            if not any(inner):
                return None
            return ast.Call(func, [new or old for new, old in zip(inner, args, strict=True)], words)
    return None
