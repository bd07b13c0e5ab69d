"""Inputs that are made for one loop, after those that are made for all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from . import changes
from .battery import Battery, Case
from .drafts import finish
from .passing import passing_cases
from .seeking import seeking_cases
from .written import constants_of, keeps_a_loop

if TYPE_CHECKING:
    from .trial import Trial

#: The largest number of rounds at a time that is gone beyond, and the seconds that the loop may take for them.
_CHUNK, _CHUNK_SECONDS = 10_000, 0.5


def further_cases(trial: Trial, battery: Battery) -> Iterator[tuple[int, Case]]:
    """The cases with numbers of their own, below zero: what the loop did on a case is found again by its number."""
    yield from cases_of_passing_rows(trial, battery)
    yield from ((-4 * _CHUNK - k, case) for k, case in enumerate(seeking_cases(trial, battery)))
    yield from _beyond_chunks(trial, battery)
    if keeps_a_loop(trial.after.source):  # for inputs that the guard of the new code does not let through
        yield from ((-2 * _CHUNK - k, case) for k, case in enumerate(battery.unguarded()))


def cases_of_passing_rows(trial: Trial, battery: Battery) -> Iterator[tuple[int, Case]]:
    """Rows that pass the conditions of the loop, where few do."""
    if trial.reference.passing is None:
        trial.reference.passing = passing_cases(trial, battery)
    yield from ((-1 - k, case) for k, case in enumerate(trial.reference.passing))


def _beyond_chunks(trial: Trial, battery: Battery) -> Iterator[tuple[int, Case]]:
    """More rounds than a number that only the new code holds: it may go over them by so many at a time."""
    own = set(constants_of(trial.request["after"]["source"])) - set(battery.constants)
    sizes = sorted(int(c) for c in own if 30 < c <= _CHUNK)
    # the first run of all takes longer than others do, and the more so on a busy machine
    again = [_seconds(trial, battery) for _ in range(2) if sizes]
    for size in sizes:
        if min(trial.reference.loop_seconds, *again) * size / 9 < _CHUNK_SECONDS:
            yield -size, Case(("random",), change=partial(changes.stretch, to=size + 1))


def _seconds(trial: Trial, battery: Battery) -> float:
    arguments = {name: finish(draft) for name, draft in battery.base().items()}
    return trial.run_version(trial.before, arguments, 5.0).seconds
