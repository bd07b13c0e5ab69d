"""Conditions on the position alone: which rounds of a range they let through, as a smaller range."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.context import SiteContext
from ...loops.header_rows import inv
from ...loops.ir import Const, Effect, Expr, Inv, Loop, Op, Pos, Read, Span, strip
from ...loops.remarks import Reason
from ..shared.operators import MIRRORED
from .lanes import NotVector
from .linear import LENGTH, POSITION, Linear, linear_value
from .rounds import Rounds


@dataclass(frozen=True)
class Part:
    """A value that some rounds in the middle have (`inner`), and another at an edge (`edge`, None: no effect there).

    `begin` is the first of the rounds in the middle, `end` the one behind the last; None where the range ends anyway.
    """

    inner: Expr
    edge: Expr | None
    begin: Linear | None = None
    end: Linear | None = None

    def slice_of(self, site: SiteContext, loop: Loop) -> tuple[ast.expr | None, ast.expr | None]:
        """Where its rounds stand among all rounds: of an array with one element a round."""
        rounds = Rounds.of(site, loop.header)
        start, last = rounds.first, rounds.last
        assert start is not None and last is not None
        lower = self.begin.plus(start, -1) if self.begin is not None else None
        upper = self.end.plus(last, -1) if self.end is not None else None
        return (lower.node() if lower is not None else None, upper.node() if upper is not None else None)


def parts_of(site: SiteContext, loop: Loop, effect: Effect) -> Part | None:
    """The parts that the condition of an effect, or of its value, makes of the rounds; None if it is about the data."""
    inner = strip(effect.value)
    if effect.guard is not None:
        found = _range(site, loop, effect.guard, True)
        return _checked(site, Part(effect.value, None, *found)) if found is not None else None
    if not isinstance(inner, Op) or inner.name != "if":
        return None
    test, yes, no = inner.args
    if (found := _range(site, loop, test, True)) is not None:
        return _checked(site, Part(yes, no, *found))
    if (found := _range(site, loop, test, False)) is not None:
        return _checked(site, Part(no, yes, *found))
    return None


def _checked(site: SiteContext, part: Part) -> Part | None:
    """A part whose limits are whole numbers: `i < 2.5` is a fine condition, but no place to cut an array at."""
    limits = [x for x in (part.begin, part.end) if x is not None]
    names = {code for limit in limits for code in limit.numbers()}
    spans = {n for sub in ast.walk(site.loop) for n in _positions(site, sub)}
    known = {n for n in names if (kind := site.kind(ast.parse(n, mode="eval").body)) is not None and kind.name == "int"}
    return part if names <= spans | known else None


def _positions(site: SiteContext, node: ast.AST) -> set[str]:
    """What is computed with to read or slice by position, or bounds the range."""
    match node:
        case ast.Subscript(slice=index):
            return {ast.unparse(n) for n in ast.walk(index) if isinstance(n, (ast.Name, ast.Attribute))}
        case ast.Call(args=args) if site.dotted(node.func) == "builtins.range":
            return {ast.unparse(n) for a in args for n in ast.walk(a) if isinstance(n, (ast.Name, ast.Attribute))}
    return set()


def simple_edge(edge: Expr, effect: Effect) -> None:
    """What the edge gets is computed for all rounds: it must not raise or warn in any of them."""
    inner = strip(edge)
    if isinstance(inner, (Const, Inv)) or (isinstance(inner, Read) and not inner.offset):
        return
    if (
        isinstance(inner, Op)
        and inner.name in ("neg", "+", "-", "*")
        and all(isinstance(x, (Const, Inv, Read)) and not getattr(x, "offset", 0) for x in map(strip, inner.args))
    ):
        return
    if isinstance(inner, Op) and inner.name.startswith(("method:", "call:numpy.")):
        return  # a window from the first element on; nothing else has a lane
    raise NotVector(Reason.OUT_OF_RANGE, effect.line, "what the first or last rounds compute is not the same for all")


def part_of_rounds(site: SiteContext, loop: Loop, effect: Effect, part: Part) -> Loop:
    """A loop that makes the rounds of a part only."""
    span = loop.header.span
    assert span is not None
    if part.begin is not None:
        span = replace(span, start=_known(part.begin))
    if part.end is not None:
        span = _ended(site, loop, span, part.end)
    return replace(loop, header=replace(loop.header, span=span), effects=(effect,))


def _known(total: Linear) -> Expr:
    node = total.node()
    return Const(total.const, node) if not total.terms else inv(node)


def _ended(site: SiteContext, loop: Loop, span: Span, end: Linear) -> Span:
    last = Rounds.of(site, loop.header).last
    assert last is not None
    back = end.plus(last, -1)
    if span.of is not None and not back.terms:
        return replace(span, delta=span.delta + back.const)
    return replace(span, of=None, delta=0, stop=inv(end.node()))


def _range(site: SiteContext, loop: Loop, test: Expr, wanted: bool) -> tuple[Linear | None, Linear | None] | None:
    """The range of positions for which a test comes out as wanted; None if they are no range at all."""
    inner = strip(test)
    match inner:
        case Op(name="not", args=(operand,)):
            return _range(site, loop, operand, not wanted)
        case Op(name="and" | "or" as word, args=args) if (word == "and") == wanted:
            found = [_range(site, loop, x, wanted) for x in args]
            begins = [f[0] for f in found if f is not None and f[0] is not None]
            ends = [f[1] for f in found if f is not None and f[1] is not None]
            if any(f is None for f in found) or len(begins) > 1 or len(ends) > 1:
                return None
            return begins[0] if begins else None, ends[0] if ends else None
        case Pos(offset=0):
            return _compared(site, loop, Linear(), "!=", wanted)
        case Op(name="<" | "<=" | ">" | ">=" | "==" | "!=" as op, args=(left, right)):
            a, b = linear_value(site, left), linear_value(site, right)
            if a is None or b is None:
                return None
            factor, rest = a.plus(b, -1).without(POSITION)
            if factor == 1:
                return _compared(site, loop, Linear().plus(rest, -1), op, wanted)
            if factor == -1:
                return _compared(site, loop, rest, MIRRORED[op], wanted)
    return None


def _compared(
    site: SiteContext, loop: Loop, limit: Linear, op: str, wanted: bool
) -> tuple[Linear | None, Linear | None] | None:
    """The positions for which `i op limit` is wanted: those from a limit inside the range on, or up to one."""
    rounds = Rounds.of(site, loop.header)
    first, last = rounds.first, rounds.last
    if first is None or last is None or first.terms:
        return None
    if not wanted:
        op = {"<": ">=", ">=": "<", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}[op]
    if op == "!=":
        if limit == first:
            return limit.shifted(1), None
        return (None, limit) if limit == last.shifted(-1) else None
    if op in ("<=", ">"):
        limit = limit.shifted(1)
    at_end = limit.plus(last, -1)
    if op in (">", ">="):
        least = limit.plus(first, -1).least()
        return (limit, None) if least is not None and least >= 0 and not _measured(limit) else None
    if op in ("<", "<=") and not at_end.terms and at_end.const <= 0:
        return None, limit
    return None


def _measured(limit: Linear) -> bool:
    """Whether a limit is counted from the end of something."""
    return any(code.startswith(LENGTH) for code, _ in limit.terms)
