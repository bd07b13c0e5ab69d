"""Make a counterexample smaller: fewer rows, fewer columns, simpler values, for as long as it still is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from .drafts import Column, Draft, Mapping, Scalar, Table, copy_of, slots, tables

Drafts = dict[str, Draft]


#: So many changes are tried: a number gives the same answer on every machine, which a time does not.
_TRIES = 400


def shrink(drafts: Drafts, fails: Callable[[Drafts], bool], seconds: float = 3.0) -> Drafts:
    """The smallest input found that still fails, with some hundred changes; `seconds` of computing are the most."""
    search = _Search(drafts, fails, time.process_time() + seconds)
    search.rows()
    search.columns()
    search.indexes()
    search.values()
    return search.best


class _Search:
    def __init__(self, drafts: Drafts, fails: Callable[[Drafts], bool], until: float) -> None:
        self.best, self._fails, self._until, self._tries = drafts, fails, until, 0

    def _over(self) -> bool:
        return self._tries >= _TRIES or time.process_time() > self._until

    def _try(self, change: Callable[[Drafts], bool]) -> bool:
        if self._over():
            return False
        self._tries += 1
        candidate = {name: copy_of(draft) for name, draft in self.best.items()}
        if not change(candidate) or not self._fails(candidate):
            return False
        self.best = candidate
        return True

    def rows(self) -> None:
        """Drop blocks of rows, from everything that has as many."""
        lengths = {len(t) for d in self.best.values() for t in tables(d)}
        for length in sorted(lengths, reverse=True):
            size = length // 2
            start, current = 0, length
            while size >= 1 and not self._over():
                change = partial(_drop, start=start, stop=start + size, length=current)
                if current - size >= 1 and start < current and self._try(change):
                    current -= min(size, current - start)
                    continue
                start += size
                if start >= current:
                    start, size = 0, size // 2

    def columns(self) -> None:
        """Drop columns that don't matter."""
        for label in [t.label for d in self.best.values() for t in tables(d) if t.form == "frame"]:
            table = next((t for d in self.best.values() for t in tables(d) if t.label == label), None)
            for name in list(table.columns) if table else []:
                self._try(partial(_drop_column, label=label, name=name))

    def indexes(self) -> None:
        """Drop labels that don't matter."""
        for label in [t.label for d in self.best.values() for t in tables(d) if t.index is not None]:
            self._try(partial(_drop_index, label=label))

    def values(self) -> None:
        """Replace numbers by small ones."""
        count = sum(len(s.values) if isinstance(s, Column) else 1 for d in self.best.values() for s in slots(d))
        if count > 60:
            return
        for k, slot in enumerate([s for d in self.best.values() for s in slots(d)]):
            places = range(len(slot.values)) if isinstance(slot, Column) else [0]
            for i in places:
                for simple in _simpler(slot.values[i] if isinstance(slot, Column) else slot.value):
                    if self._try(partial(_set, k=k, i=i, value=simple)):
                        break


def _columns_of(drafts: Drafts) -> list[tuple[int, list[Column]]]:
    found = []
    for draft in drafts.values():
        for table in tables(draft):
            found.append((len(table), [*table.columns.values(), *([table.index] if table.index else [])]))
        if isinstance(draft, Mapping):
            found.append((len(draft.keys.values), [draft.keys]))
    return found


def _drop(drafts: Drafts, start: int, stop: int, length: int) -> bool:
    for n, columns in _columns_of(drafts):
        if n == length:
            for column in columns:
                del column.values[start:stop]
    for draft in drafts.values():
        if isinstance(draft, Mapping) and isinstance(draft.body, list) and len(draft.body) == length:
            del draft.body[start:stop]
        for table in tables(draft):
            if table.length == length:
                table.length -= min(stop, length) - start
    for slot in (s for d in drafts.values() for s in slots(d)):
        if isinstance(slot, Scalar) and "length" in slot.spec.get("flags", []) and slot.value == length:
            slot.value -= min(stop, length) - start
    return True


def _drop_column(drafts: Drafts, label: str, name: Any) -> bool:
    for draft in drafts.values():
        for table in tables(draft):
            if table.label == label and name in table.columns and len(table.columns) > 1:
                table.length = len(table)
                del table.columns[name]
                return True
    return False


def _drop_index(drafts: Drafts, label: str) -> bool:
    for draft in drafts.values():
        for table in tables(draft):
            if table.label == label and table.index is not None:
                table.index = None
                return True
    return False


def _simpler(value: Any) -> list[Any]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return []
    small = [1, 2, 3, 10]
    rounded = round(value) if abs(value) < 1e6 else None
    options = [v for v in [*small, rounded] if v is not None and v != 0]
    if value in small:
        return []
    return [type(value)(v) for v in options if v != value]


def _set(drafts: Drafts, k: int, i: int, value: Any) -> bool:
    slot = [s for d in drafts.values() for s in slots(d)][k]
    if isinstance(slot, Column):
        slot.values[i] = value
    else:
        slot.value = value
    return True


__all__ = ["Table", "shrink"]
