"""Containers that hold some of what the loop looks for in them: what that is, a run before tells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from .battery import Battery, Case
from .changes import Drafts, all_tables
from .drafts import Mapping, Table, finish

if TYPE_CHECKING:
    from .trial import Trial

_ROWS = 9


def seeking_cases(trial: Trial, battery: Battery) -> Iterator[Case]:
    """A typical input, with some of the values that the loop asks for in the lists and sets that it asks."""
    if "__deloop_seen__" not in trial.before.source:
        return
    for flavour in ("float", "int", "small"):
        for where, values in _sought(trial, battery, flavour).items():
            for some in dict.fromkeys((tuple(values[::2]), tuple(values[:1]), tuple(values))):
                change = partial(hold, label=where, values=some)
                yield Case(("random",), _ROWS, flavour, change=change)


def _sought(trial: Trial, battery: Battery, flavour: str) -> dict[str, list[Any]]:
    drafts = battery.make(Case((), _ROWS, flavour))
    if drafts is None:
        return {}
    known, trial.before.sought = trial.before.sought, {}
    trial.run_version(trial.before, {name: finish(draft) for name, draft in drafts.items()}, 1.0)
    found, trial.before.sought = trial.before.sought, known
    return {where: values for where, values in found.items() if values}


def hold(drafts: Drafts, label: str, values: tuple[Any, ...]) -> bool:
    """The list or set of that name holds these values and nothing else, the dict has them for its first keys."""
    mapping = drafts.get(label)
    if isinstance(mapping, Mapping):
        keys = mapping.keys.values
        keys[: len(values)] = values[: len(keys)]
        return bool(keys)
    found = False
    for table in all_tables(drafts):
        if table.label == label and _holds_anything(table):
            for column in table.columns.values():
                column.values, column.kind, found = list(values), "any", True
    return found


def _holds_anything(table: Table) -> bool:
    return table.form in ("list", "set") and len(table.columns) == 1
