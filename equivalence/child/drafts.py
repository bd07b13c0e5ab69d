"""Inputs in the making: plain columns that the battery can change before they become frames, arrays and lists."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .files import Files
from .stubs import PureFunction

Spec = dict[str, Any]

TEXT_DTYPE: Any = pd.Series(["a"]).dtype
_DTYPES = {
    "float": "float64",
    "int": "int64",
    "bool": "bool",
    "datetime": "datetime64[ns]",
    "timedelta": "timedelta64[ns]",
}


@dataclass
class Scalar:
    """One value."""

    value: Any
    kind: str
    spec: Spec
    label: str = ""


@dataclass
class Column:
    """Values of one kind. `dtype` overrides the natural one of a frame, series or array."""

    values: list[Any]
    kind: str
    spec: Spec
    label: str = ""
    dtype: Any = None
    tz: str = ""


@dataclass
class Table:
    """Aligned columns.

    `form` is frame, series, list, array, set, iterator, files, records, tuples, objects or matrix.
    """

    form: str
    columns: dict[Any, Column]
    spec: Spec
    label: str = ""
    index: Column | None = None
    length: int = 0
    duplicate: str = ""  # a column that comes twice
    empty_frame: bool = False  # no columns at all
    as_tuple: bool = False

    def __len__(self) -> int:
        return next((len(c.values) for c in self.columns.values()), self.length)


@dataclass
class Mapping:
    """A dict: keys, and either an aligned table (one column, or records) or a draft for each key."""

    keys: Column
    body: Table | list[Any]
    spec: Spec
    label: str = ""


@dataclass
class Record:
    """A dict, tuple or object with fixed parts."""

    form: str  # record, tuple, object
    parts: dict[Any, Any]
    spec: Spec
    cls: str = ""
    label: str = ""


@dataclass(frozen=True)
class Instance:
    """Stands for an object of a class of the user's file, made anew for each run."""

    cls: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class ClassReference:
    """Stands for a class of the user's file."""

    cls: str


Draft = Any
_DRAFTS = frozenset([Table, Mapping, Record, Scalar])


def copy_of(draft: Draft) -> Draft:
    """A copy whose values can be changed; the specifications are shared."""
    if isinstance(draft, Column):
        values = [copy_of(v) for v in draft.values] if draft.kind == "nested" else list(draft.values)
        return Column(values, draft.kind, draft.spec, draft.label, draft.dtype, draft.tz)
    if isinstance(draft, Table):
        columns = {name: copy_of(column) for name, column in draft.columns.items()}
        return replace(draft, columns=columns, index=draft.index and copy_of(draft.index))
    if isinstance(draft, Mapping):
        body = copy_of(draft.body) if isinstance(draft.body, Table) else [copy_of(p) for p in draft.body]
        return replace(draft, keys=copy_of(draft.keys), body=body)
    if isinstance(draft, Record):
        return replace(draft, parts={k: copy_of(v) for k, v in draft.parts.items()})
    if isinstance(draft, Scalar):
        return Scalar(draft.value, draft.kind, draft.spec, draft.label)
    return copy.deepcopy(draft)


def slots(draft: Draft) -> Iterator[Column | Scalar]:
    """Every column and single value in a draft."""
    if isinstance(draft, (Column, Scalar)):
        yield draft
    elif isinstance(draft, Table):
        yield from draft.columns.values()
    elif isinstance(draft, Mapping):
        if isinstance(draft.body, Table):
            yield from slots(draft.body)
        else:
            for part in draft.body:
                yield from slots(part)
    elif isinstance(draft, Record):
        for part in draft.parts.values():
            yield from slots(part)


def tables(draft: Draft) -> Iterator[Table]:
    """Every table in a draft."""
    if isinstance(draft, Table):
        yield draft
    elif isinstance(draft, Mapping):
        for part in [draft.body] if isinstance(draft.body, Table) else draft.body:
            yield from tables(part)
    elif isinstance(draft, Record):
        for part in draft.parts.values():
            yield from tables(part)


def finish(draft: Draft) -> Any:
    """The real object."""
    if isinstance(draft, Scalar):
        return draft.value
    if isinstance(draft, Table):
        return _table(draft)
    if isinstance(draft, Mapping):
        values = _rows(draft.body) if isinstance(draft.body, Table) else [finish(p) for p in draft.body]
        return dict(zip(_finished(draft.keys.values), values, strict=False))
    if isinstance(draft, Record):
        parts = {k: finish(v) for k, v in draft.parts.items()}
        if draft.form == "object":
            return Instance(draft.cls, parts)
        if draft.form == "tuple":
            return list(parts.values()) if draft.spec.get("cells") else tuple(parts.values())
        return parts
    return draft


def _finished(values: list[Any]) -> list[Any]:
    return [finish(v) if type(v) in _DRAFTS else v for v in values]


def _rows(table: Table) -> list[Any]:
    if table.form in ("records", "tuples", "objects"):
        columns = [_finished(c.values) for c in table.columns.values()]
        names = list(table.columns)
        if table.form == "tuples" and table.spec["elem"].get("cells"):
            return [_cells(list(row), k, table.spec["elem"]) for k, row in enumerate(zip(*columns, strict=False))]
        if table.form == "tuples":
            return list(zip(*columns, strict=False)) if columns else [() for _ in range(table.length)]
        if table.form == "objects":
            cls = table.spec["elem"].get("cls", "")
            return [Instance(cls, dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
        return [dict(zip(names, row, strict=False)) for row in zip(*columns, strict=False)]
    return _finished(next(iter(table.columns.values())).values)


def _cells(row: list[Any], k: int, spec: Spec) -> list[Any]:
    """The cells of a line; some lines are empty or lack one, where the code asks for that."""
    if spec.get("may be empty") and k % 5 == 2:
        return []
    return row[:-1] if spec.get("counted") and k % 4 == 3 else row


def _table(table: Table) -> Any:
    form = table.form
    if form == "frame":
        return _frame(table)
    if form == "series":
        column = next(iter(table.columns.values()))
        return pd.Series(to_array(column), index=_index(table.index), name=table.spec.get("name"))
    if form == "array":
        array = to_array(next(iter(table.columns.values())))
        return np.asarray(array)
    if form == "matrix":
        arrays = [np.asarray(to_array(c)) for c in table.columns.values()]
        return np.column_stack(arrays) if arrays else np.empty((0, 2))
    rows = _rows(table)
    if form == "set":
        return set(rows)
    if form == "files":
        return Files(rows)
    if form == "iterator" or table.spec["t"] == "iterator":
        return iter(rows)
    return tuple(rows) if table.as_tuple else rows


def _frame(table: Table) -> pd.DataFrame:
    index = _index(table.index)
    if table.empty_frame:
        return pd.DataFrame()
    data = {name: to_array(column) for name, column in table.columns.items()}
    if not data:
        return pd.DataFrame(index=index if index is not None else range(table.length))
    frame = pd.DataFrame(data, index=index)
    if table.duplicate:
        frame = pd.concat([frame, frame[[table.duplicate]]], axis=1)
    return frame


def _index(column: Column | None) -> Any:
    if column is None:
        return None
    return pd.Index(to_array(column), name=column.spec.get("name"))


def to_array(column: Column) -> Any:
    """A one-dimensional array with the dtype that the kind stands for."""
    values = _finished(column.values)
    if column.tz:
        return pd.DatetimeIndex(pd.to_datetime(values)).tz_localize(column.tz, ambiguous="NaT", nonexistent="NaT")
    if column.dtype is not None:
        return _typed(values, column.dtype)
    kind = column.kind
    if kind == "str":
        return pd.array(values, dtype=TEXT_DTYPE) if values else pd.array([], dtype=TEXT_DTYPE)
    if kind == "int" and any(isinstance(v, float) for v in values):
        kind = "float"
    if kind in _DTYPES and not any(v is None for v in values):
        try:
            return np.array(values, dtype=_DTYPES[kind])
        except (OverflowError, ValueError, TypeError):
            return _objects(values)
    if kind == "datetime":
        return np.array([np.datetime64("NaT") if v is None else v for v in values], dtype="datetime64[ns]")
    if kind == "float":
        return np.array([float("nan") if v is None else v for v in values], dtype="float64")
    return _objects(values)


def _typed(values: list[Any], dtype: Any) -> Any:
    if dtype == "object":
        return _objects(values)
    if dtype in ("Int64", "Float64", "boolean", "category"):
        clean = [None if isinstance(v, float) and v != v else v for v in values]
        if dtype == "Int64":
            clean = [v if v is None else int(v) for v in clean]
        return pd.array(clean, dtype=dtype) if dtype != "category" else pd.Categorical(clean)
    return np.array(values).astype(dtype) if values else np.array([], dtype=dtype)


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    for k, v in enumerate(values):
        array[k] = v
    return array


__all__ = [
    "ClassReference", "Column", "Draft", "Instance", "Mapping", "PureFunction", "Record", "Scalar", "Spec", "Table",
    "finish", "slots", "tables", "to_array",
]  # fmt: skip
