"""Slices whose ends are numbers known by name: `x[window:]`, `x[:-lag]`, and when they stay inside the array."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.context import SiteContext
from ...loops.header import unchanged_between
from ...loops.header_rows import inv
from ...loops.ir import Inv, Read
from ...loops.remarks import Reason
from ..shared.build import call, const, slice_
from .linear import LENGTH, Linear, surely_positive
from .owners import owner_of

if TYPE_CHECKING:
    from .lanes import Building
    from .rounds import Rounds

MAKERS = frozenset({"numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full"})


def assume_positive(code: Building, *sums: Linear) -> None:
    """Owe that the numbers in some sums are at least 1, but for those that the code shows to be."""
    for name in dict.fromkeys(n for s in sums for n in s.numbers()):
        if not surely_positive(code.site, name):
            code.owe("positive-offsets", name)


def only_with_rounds(code: Building, rounds: Rounds) -> None:
    """Let the new code run only if the loop makes a round."""
    begin, stop = ends(code, rounds)
    more = stop.plus(begin, -1)
    if more.terms or more.const <= 0:
        code.only_if(_positive(more))


def ends(code: Building, rounds: Rounds) -> tuple[Linear, Linear]:
    """The first position, and the one behind the last."""
    begin, stop = rounds.first, rounds.last
    if begin is None or stop is None:
        raise code.refuse("where the range begins or ends is not understood", reason=Reason.OUT_OF_RANGE)
    return begin, stop


def lower_end(code: Building, begin: Linear, what: str) -> ast.expr | None:
    """Where a slice begins: not before the first element."""
    least = begin.least()
    if least is None or least < 0:
        raise code.refuse(f"`{what}` may be read or stored into before its first element", reason=Reason.OUT_OF_RANGE)
    assume_positive(code, begin)
    return begin.node() if begin.terms or begin.const else None


def upper_end(code: Building, rounds: Rounds, end: Linear, of: str) -> ast.expr | None:
    """Where a slice ends, counted from the end of what it is taken from if that is known to be long enough."""
    own = Linear(0, ((LENGTH + of, 1),))
    span = rounds.span
    if span is not None and span.of is not None and span.of.code != of:
        if owner_of(code.site, inv(ast.parse(of, mode="eval").body)) != span.of.code:
            code.owe("equal-lengths", of)
        own = Linear(0, ((LENGTH + span.of.code, 1),))
    past = end.plus(own, -1)
    back = Linear().plus(past, -1)
    if not back.terms and not back.const:
        return None
    least = back.least()
    if least is not None and least >= 1:
        assume_positive(code, back)
        return past.node() if past.terms else const(past.const)
    if not back.terms:
        raise code.refuse(f"`{of}` is read {-back.const} past the end in the last round", reason=Reason.OUT_OF_RANGE)
    if any(c == LENGTH + of for c, _ in end.terms):
        raise code.refuse(f"`{of}` may be read past its end", reason=Reason.OUT_OF_RANGE)
    # How long it is has nothing to do with the range: the loop would have raised where it is too short.
    code.owe("long-enough", of)
    if (least := end.least()) is None or least < 0:
        only_with_rounds(code, rounds)
        return end.node()
    # A range up to a negative number has no rounds, a slice up to one nearly all elements.
    known = all(surely_positive(code.site, name) for name in end.numbers())
    return end.node() if known else call("max", end.node(), const(0))


def symbolic_cut(rounds: Rounds, array: ast.expr, read: Read, code: Building) -> ast.expr:
    """The part of an array that a read visits."""
    begin, stop = ends(code, rounds)
    shift = rounds.lag.shifted(read.offset)
    if read.access.by_label and rounds.lag.terms:
        raise code.refuse("a label is computed from another", reason=Reason.LABEL_READ)
    lower = lower_end(code, begin.plus(shift), read.source.code)
    return slice_(array, lower, upper_end(code, rounds, stop.plus(shift), read.source.base.code))


def measures_an_array(site: SiteContext, number: Inv) -> bool:
    """Whether a number is the length of an array, or one was made of that length, and is not negative for that."""
    if isinstance(number.node, ast.Subscript) and isinstance(number.node.value, ast.Attribute):
        return number.node.value.attr == "shape"
    if isinstance(number.node, ast.Name):
        match site.scope.binders(number.node.id):
            case [ast.Assign(targets=[ast.Tuple()], value=ast.Attribute(attr="shape"))]:  # `n, m = table.shape`
                return True
            case [ast.Assign(targets=[ast.Name()], value=ast.Subscript(value=ast.Attribute(attr="shape")))]:
                return True
    for stmt in site.block[: site.index]:
        match stmt:
            case ast.Assign(value=ast.Call(func=func, args=[shape, *_])) if site.dotted(func) in MAKERS:
                lengths = shape.elts if isinstance(shape, ast.Tuple) else [shape]
                if number.code in map(ast.unparse, lengths) and unchanged_between(site, number, stmt):
                    return True
    return False


def _positive(more: Linear) -> ast.expr:
    """`more > 0`, written as a comparison of what is added with what is taken away."""
    if more.const == 1 and len(more.terms) > 1:
        more = more.shifted(-1)
        return _compared(more, ast.GtE())
    return _compared(more, ast.Gt())


def _compared(more: Linear, op: ast.cmpop) -> ast.expr:
    plus = Linear(max(more.const, 0), tuple(t for t in more.terms if t[1] > 0), more.nodes)
    minus = Linear(max(-more.const, 0), tuple((c, -k) for c, k in more.terms if k < 0), more.nodes)
    return ast.Compare(plus.node(), [op], [minus.node()])
