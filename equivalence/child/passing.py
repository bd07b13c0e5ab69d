"""Rows that pass the conditions of a loop, where few do: put first, last and everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from . import changes
from .battery import Battery, Case
from .drafts import finish
from .namespace import Outcome

if TYPE_CHECKING:
    from .trial import Trial

#: Rows that are looked at, how many of those that pass are enough, and the runs that the search for them may take.
_ROWS, _ENOUGH, _RUNS = 130, 9, 60


def passing_cases(trial: Trial, battery: Battery) -> list[Case]:
    """Inputs of rows that the loop gathers; none where it gathers any row, or none."""
    targets = {*trial.request["before"].get("gathers", [])}
    if not targets or any(_gathers(_run(trial, battery, Case((), 1, flavour))) for flavour in ("float", "int")):
        return []
    found: list[Case] = []
    for flavour in ("signed", "int"):
        rows = _Search(trial, battery, flavour).rows()
        found += [_of_rows(order, flavour) for order in _orders(rows)]
    return found


class _Search:
    """Looks for rows that pass: many at once, and only of those of which any does, each half."""

    def __init__(self, trial: Trial, battery: Battery, flavour: str) -> None:
        self._trial, self._battery, self._flavour = trial, battery, flavour
        self._runs = 0

    def rows(self) -> list[int]:
        """The first that pass, each by itself."""
        return list(islice(self._within(0, _ROWS), _ENOUGH))

    def _within(self, start: int, stop: int) -> Iterator[int]:
        if self._runs == _RUNS or self._trial.seconds() > 0.3 * self._trial.timeout:
            return
        self._runs += 1
        ran = _run(self._trial, self._battery, _of_rows(range(start, stop), self._flavour))
        if stop - start == 1 and _gathers(ran):
            yield start
        if stop - start == 1 or ran is None or not (ran.gathered or ran.status == "raised"):
            return
        middle = (start + stop) // 2
        yield from self._within(start, middle)
        yield from self._within(middle, stop)


def _orders(rows: list[int]) -> Iterator[list[int]]:
    if rows:
        others = [row for row in range(_ROWS) if row not in rows][:4]
        yield rows
        yield [*rows[:2], *others, *rows[-1:]]


def _of_rows(rows: Sequence[int], flavour: str) -> Case:
    return Case(("random",), _ROWS, flavour, change=partial(changes.only_rows, rows=tuple(rows), length=_ROWS))


def _run(trial: Trial, battery: Battery, case: Case) -> Outcome | None:
    drafts = battery.make(case)
    if drafts is None:
        return None
    return trial.run_version(trial.before, {name: finish(draft) for name, draft in drafts.items()}, 1.0)


def _gathers(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status == "returned" and bool(outcome.gathered)
