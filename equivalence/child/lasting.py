"""Inputs on which a search goes on to the end: what stops at the third row tells nothing about the other rows."""

from __future__ import annotations

import ast
from collections.abc import Callable

from .changes import NUMERIC, Drafts, all_slots
from .drafts import Column

Change = Callable[[Drafts], None]
Seconds = Callable[[Change], float | None]

#: An input is taken for the usual one where the loop takes so many times as long on it.
_CLEARLY = 3.0
#: Seconds on the usual input, after which no other one is looked for.
_PLENTY = 0.1
_ABSENT = "no such text"


def may_end_early(source: str) -> bool:
    """Whether a code has a loop that it may leave before the end, or asks for `any`, `all` or the `next` one."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, RecursionError):
        return False
    loops = [node for node in nodes if isinstance(node, (ast.For, ast.While))]
    exits = any(isinstance(inner, (ast.Break, ast.Return)) for loop in loops for inner in ast.walk(loop))
    named = (node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return exits or not {"any", "all", "next"}.isdisjoint(named)


def as_made(drafts: Drafts) -> None:
    """Leave an input as it is."""


def longest(seconds: Seconds) -> Change:
    """What to do with an input for the loop to take long; `seconds` tells how long, None where it does not return.

    One change is put on the other while that makes the loop clearly longer: a search may stop for several reasons.
    """
    best: Change = as_made
    most = seconds(as_made)
    if most is not None and most > _PLENTY:
        return best
    for change in _CHANGES:
        tried = _after(best, change)
        taken = seconds(tried)
        if taken is not None and (most is None or taken > _CLEARLY * most):
            best, most = tried, taken
    return best


def _after(first: Change, second: Change) -> Change:
    def both(drafts: Drafts) -> None:
        first(drafts)
        second(drafts)

    return both


def _moved(by: int, others: int) -> Change:
    """Larger or smaller numbers in all columns; `others` is for every second one."""

    def move(drafts: Drafts) -> None:
        columns = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind in NUMERIC]
        for k, column in enumerate(c for c in columns if c.spec.get("pool") is None):
            step = by if k % 2 == 0 else others
            column.values = [v + step if isinstance(v, (int, float)) else v for v in column.values]

    return move


def _filled(kind: str, value: object) -> Change:
    """One value everywhere in the columns of a kind."""

    def fill(drafts: Drafts) -> None:
        for slot in all_slots(drafts):
            if isinstance(slot, Column) and slot.kind == kind:
                slot.values = [value] * len(slot.values)

    return fill


def _alike(row: int) -> Change:
    """All rows like one, which the search may have passed."""

    def repeat(drafts: Drafts) -> None:
        for slot in all_slots(drafts):
            if isinstance(slot, Column) and len(slot.values) > row and slot.spec.get("pool") is None:
                slot.values = [slot.values[row]] * len(slot.values)

    return repeat


_FAR = 10_000
_CHANGES = (
    _moved(_FAR, _FAR),
    _moved(-_FAR, -_FAR),
    _moved(_FAR, -_FAR),
    _moved(-_FAR, _FAR),
    _filled("bool", False),
    _filled("bool", True),
    _filled("str", _ABSENT),
    _alike(0),
    _alike(1),
    _alike(2),
)
