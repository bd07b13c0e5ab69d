"""What a loop adds to one name on its rounds: text to a string, whole numbers to a count."""

from __future__ import annotations

from dataclasses import replace

from ...loops.ir import Carried, Event, Expr, Loop, Op, strip
from ...loops.trace import atom
from ..scans.updates import change_of, mentions


def added(final: Expr, id_: str) -> tuple[Expr | None, Expr] | None:
    """(guard, piece) of `name = name + piece`, perhaps under a condition; nothing else may look at the name."""
    change = change_of(final, id_)
    if change is None or any(mentions(test, id_) for test in change.tests):
        return None
    piece = _behind(strip(change.value), id_)
    return None if piece is None else (change.guard, piece)


def _behind(e: Expr, id_: str) -> Expr | None:
    """What stands behind the name in a sum: `name + a`, `name + a + b`."""
    match e:
        case Op(name="+", args=(left, last)) if not mentions(last, id_):
            if strip(left) == Carried(id_):
                return last
            inner = _behind(strip(left), id_)
            return None if inner is None else Op("+", (inner, last), e.node)
    return None


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
    return replace(loop, carried={}, live_out={}, trace=tuple(_dropped(loop.trace, adds)))


def _dropped(trace: tuple[Event, ...], adds: set[Event]) -> list[Event]:
    left: list[Event] = []
    for e in trace:
        if e[0] == "if":
            left.append(("if", tuple(_dropped(e[1], adds)), tuple(_dropped(e[2], adds))))  # type: ignore[arg-type]
        elif e not in adds:
            left.append(e)
    return left
