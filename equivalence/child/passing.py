"""Rows that pass the conditions of a loop, where few do: put first, last and everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from . import changes
from .battery import Battery, Case
from .drafts import finish

if TYPE_CHECKING:
    from .trial import Trial

#: Rows that are looked at, one after the other, and how many of those that pass are enough.
_ROWS, _ENOUGH = 130, 9


def passing_cases(trial: Trial, battery: Battery) -> list[Case]:
    """Inputs of rows that the loop gathers; none where it gathers any row, or none."""
    targets = {*trial.request["before"].get("gathers", [])}
    if not targets or any(_gathers(trial, battery, Case((), 1, flavour)) for flavour in ("float", "int")):
        return []
    found: list[Case] = []
    for flavour in ("signed", "int"):
        rows: list[int] = []
        for row in range(_ROWS):
            if _gathers(trial, battery, _of_rows([row], flavour)):
                rows.append(row)
            if len(rows) == _ENOUGH or trial.seconds() > 0.3 * trial.timeout:
                break
        found += [_of_rows(order, flavour) for order in _orders(rows)]
    return found


def _orders(rows: list[int]) -> Iterator[list[int]]:
    if rows:
        others = [row for row in range(_ROWS) if row not in rows][:4]
        yield rows
        yield [*rows[:2], *others, *rows[-1:]]


def _of_rows(rows: list[int], flavour: str) -> Case:
    return Case(("random",), _ROWS, flavour, change=partial(changes.only_rows, rows=tuple(rows), length=_ROWS))


def _gathers(trial: Trial, battery: Battery, case: Case) -> bool:
    drafts = battery.make(case)
    if drafts is None:
        return False
    outcome = trial.run_version(trial.before, {name: finish(draft) for name, draft in drafts.items()}, 1.0)
    return outcome.status == "returned" and bool(outcome.gathered)
