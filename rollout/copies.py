"""Deep copies of arguments, so that what one version changes in place is not seen by the other."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence, Set
from typing import Any


def deep_copy(value: Any) -> Any:
    """A deep copy. pandas leaves the objects in cells shared, so these are copied on their own."""
    memo: dict[int, Any] = {}
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        for table in _tables(value, pandas, set()):
            memo[id(table)] = _copied_table(table, pandas, memo)
    return copy.deepcopy(value, memo)


def _tables(value: Any, pandas: Any, seen: set[int]) -> list[Any]:
    """The frames and series in a value, through containers and attributes."""
    if id(value) in seen:
        return []
    seen.add(id(value))
    if isinstance(value, pandas.DataFrame | pandas.Series):
        return [value]
    inner: list[Any] = []
    if isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, Sequence | Set) and not isinstance(value, str | bytes | bytearray | range):
        inner = list(value)
    elif not isinstance(value, type) and isinstance(getattr(value, "__dict__", None), dict):
        inner = list(vars(value).values())
    return [table for one in inner for table in _tables(one, pandas, seen)]


def _copied_table(table: Any, pandas: Any, memo: dict[int, Any]) -> Any:
    new = copy.deepcopy(table, memo)
    if isinstance(table, pandas.Series):
        if table.dtype != object:
            return new
        made = type(table)(_cells(table, memo), index=new.index, dtype=object, name=table.name)
        made.attrs = new.attrs
        return made
    for at in range(table.shape[1]):
        column = table.iloc[:, at]
        if column.dtype == object:
            new.isetitem(at, pandas.Series(_cells(column, memo), new.index, object))
    return new


def _cells(column: Any, memo: dict[int, Any]) -> Any:
    cells = column.to_numpy(dtype=object, copy=True)
    for k, cell in enumerate(cells):
        cells[k] = copy.deepcopy(cell, memo)
    return cells
