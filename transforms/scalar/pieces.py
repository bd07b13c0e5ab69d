"""What a loop adds to one name on its rounds: text to a string, whole numbers to a count."""

from __future__ import annotations

import ast
from dataclasses import replace

from ...loops.ir import Carried, Const, Event, Expr, Loop, Op, strip
from ...loops.names import names_in
from ...loops.trace import atom
from ..scans.updates import change_of, mentions


def added(final: Expr, id_: str, nothing: Const | None = None) -> tuple[Expr | None, Expr] | None:
    """(guard, piece) of `name = name + piece`, perhaps under a condition; nothing else may look at the name.

    Where a condition decides on a part of the piece, `nothing` is the part on rounds that leave it out.
    """
    change = change_of(final, id_)
    if change is None or any(mentions(test, id_) for test in change.tests):
        return None
    steps = _steps(strip(change.value), id_, nothing)
    return None if not steps else (change.guard, _sum(steps))


def several_steps(piece: Expr, id_: str) -> bool:
    """Whether the loop adds the parts of this sum to the name one after the other, as in `total + a + b`."""
    sums = (e.node for e in piece.walk() if isinstance(e, Op) and e.name == "+" and e.node is not None)
    return any(id_ in names_in(node) for node in sums)


#: What stands behind the name in a sum, one by one, and the statements that add it.
Steps = list[tuple[Expr, ast.AST | None]]


def _steps(e: Expr, id_: str, nothing: Const | None) -> Steps | None:
    """The pieces of `name + a + b`: those that both branches begin with, then what a condition decides on."""
    match e:
        case Carried(name=found) if found == id_:
            return []
        case Op(name="+", args=(left, last)) if not mentions(last, id_):
            before = _steps(strip(left), id_, nothing)
            return None if before is None else [*before, (last, e.node)]
        case Op(name="if", args=(test, one, other)) if not mentions(test, id_):
            a, b = _steps(strip(one), id_, nothing), _steps(strip(other), id_, nothing)
            return None if a is None or b is None else _decided(e, test, a, b, nothing)
    return None


def _decided(e: Op, test: Expr, a: Steps, b: Steps, nothing: Const | None) -> Steps | None:
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    sides = [_sum(side[shared:]) if side[shared:] else nothing for side in (a, b)]
    if None in sides:
        return None
    last = next((node for _, node in (*a[shared:], *b[shared:])), None)
    return [*a[:shared], (Op("if", (test, *(s for s in sides if s is not None)), e.node), last)]


def _sum(steps: Steps) -> Expr:
    (piece, _), *rest = steps
    for more, node in rest:
        piece = Op("+", (piece, more), node)
    return piece


def without_sum(loop: Loop, id_: str) -> Loop:
    """The loop as if it appended the pieces to a list; adding text to text, or numbers to numbers, raises nothing."""
    return without(loop, id_, "+")


def without(loop: Loop, id_: str, joins: str) -> Loop:
    """The loop as if it appended what the operation `joins` adds to a name."""
    adds = {
        atom(x.node)
        for x in loop.carried[id_].walk()
        if isinstance(x, Op) and x.name == joins and x.node is not None and mentions(x, id_)
    }
    overwritten = tuple(x for x in loop.overwritten if not mentions(x, id_))
    finals = {n: x for n, x in loop.finals.items() if n != id_}
    trace = tuple(_dropped(loop.trace, adds))
    return replace(loop, carried={}, live_out={}, finals=finals, overwritten=overwritten, trace=trace)


def _dropped(trace: tuple[Event, ...], adds: set[Event]) -> list[Event]:
    left: list[Event] = []
    for e in trace:
        if e[0] == "if":
            left.append(("if", tuple(_dropped(e[1], adds)), tuple(_dropped(e[2], adds))))  # type: ignore[arg-type]
        elif e not in adds:
            left.append(e)
    return left
