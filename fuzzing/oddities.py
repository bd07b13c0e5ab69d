"""What is odd about an input, in the words of the obligations.

Tags are found by looking at the values, whatever the input was made for. They are kept by what they are about, so that
an assumption about one column is not taken as broken by what is in another.
"""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from deloop.loops.obligations import TAKEN_FOR_GRANTED, Obligation

from .inputs import Arguments
from .model import KIND_OF_COLUMN, Parameter

Tags = set[str]
#: Names that hold no data.
_ELSEWHERE = frozenset({*dir(builtins), "math", "np", "pd"})
_SQUARE_OVERFLOWS = 3_037_000_500


@dataclass
class Oddities:
    """Tags of each parameter and each column, and those of the input as a whole."""

    general: Tags = field(default_factory=set)
    named: dict[str, Tags] = field(default_factory=dict)
    columns: dict[tuple[str, str], Tags] = field(default_factory=dict)

    @property
    def all(self) -> Tags:
        return self.general.union(*self.named.values(), *self.columns.values())

    def about(self, subjects: Iterable[str]) -> Tags:
        """Tags that concern some expressions of the program; all where that can't be told."""
        found = set(self.general)
        for subject in subjects:
            names = [n.id for n in ast.walk(ast.parse(subject, mode="eval")) if isinstance(n, ast.Name)]
            known = [name for name in names if name in self.named]
            if not known or any(name not in self.named and name not in _ELSEWHERE for name in names):
                return self.all
            for name in known:
                found |= self.named[name]
                columns = {c: tags for (owner, c), tags in self.columns.items() if owner == name}
                mentioned = {c: tags for c, tags in columns.items() if _mentions(subject, c)}
                found = found.union(*(mentioned or columns).values())
        return found

    def _absent(self, subject: str) -> bool:
        """Whether a column of a frame that was given, such as `df["made"]`, is not there."""
        match ast.parse(subject, mode="eval").body:
            case ast.Subscript(value=ast.Name(id=frame), slice=ast.Constant(value=column)):
                return frame in self.named and (frame, column) not in self.columns
        return False

    def break_(self, obligations: Iterable[Obligation], *, by_comparing: Iterable[str]) -> bool:
        """Whether the input breaks one of the assumptions, those aside that the comparison itself allows for."""
        for owed in obligations:
            tags = self.about(owed.subjects) if owed.subjects else self.all
            if owed.name == "columns-stored" and any(map(self._absent, owed.subjects)):
                return True
            if owed.name not in by_comparing and any(owed.broken_by(tag) for tag in tags):
                return True
        return bool(self.all & set(TAKEN_FOR_GRANTED))


def _mentions(subject: str, column: str) -> bool:
    tree = ast.walk(ast.parse(subject, mode="eval"))
    return any(
        (isinstance(n, ast.Constant) and n.value == column) or (isinstance(n, ast.Attribute) and n.attr == column)
        for n in tree
    )


def oddities(arguments: Arguments, parameters: tuple[Parameter, ...], fixed: tuple[str, ...] = ()) -> Oddities:
    """What holds of an input; `fixed` are names that the program gives a number of NumPy's."""
    found = Oddities()
    for p in parameters:
        value = arguments[p.name]
        found.named[p.name] = _tags(value, p, found)
        if p.element == "int" and getattr(getattr(value, "dtype", None), "kind", "") == "f":
            found.named[p.name].add("dtype:float")
        if isinstance(value, np.generic):
            found.named[p.name].add("value:numpy-scalar")
        if isinstance(value, np.ndarray) and not value.ndim:
            found.named[p.name].add("type:array")
        if hasattr(value, "__next__"):
            found.named[p.name].add("type:iterator")
        if p.kind in ("list", "array", "series") and not p.annotated:
            found.named[p.name].add(f"type:{_kind(value)}")
    for name in fixed:
        found.named[name] = {"value:numpy-scalar"} | found.all
    lengths = _lengths(arguments, parameters)
    found.general |= {f"n={length}" for length in lengths if length <= 3}
    matrices = [arguments[p.name].shape for p in parameters if p.kind == "matrix"]
    if len(lengths) > 1 or any(rows != columns for rows, columns in matrices):
        found.general.add("lengths:unequal")
    return found


def has_empty(arguments: Arguments, parameters: tuple[Parameter, ...]) -> bool:
    """Whether nothing is in one of them."""
    return 0 in _lengths(arguments, parameters)


def _lengths(arguments: Arguments, parameters: tuple[Parameter, ...]) -> set[int]:
    return {
        len(held(arguments[p.name]) if p.kind != "frame" else arguments[p.name])
        for p in parameters
        if p.kind in ("list", "array", "matrix", "nested", "series", "frame")
    }


def _tags(value: Any, p: Parameter, found: Oddities) -> Tags:
    if isinstance(value, pd.DataFrame):
        return _frame_tags(value, p, found)
    if isinstance(value, pd.Series):
        return _dtype_tags(value.dtype) | _all_tags(value.tolist()) | _index_tags(value.index)
    if isinstance(value, np.ndarray):
        tags = _dtype_tags(value.dtype) | _all_tags(value.ravel().tolist())
        return tags | {"rows:arrays"} if value.ndim > 1 else tags
    if p.kind == "nested":
        return _all_tags([v for part in value for v in part]) | {"value:nested"}
    if isinstance(value, dict):
        return _all_tags(list(value.values())) | {"keys:absent"}  # which keys are asked for is not known here
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim):
        return _dtype_tags(value.dtype) | _all_tags([value.item()])
    return _all_tags([value] if isinstance(value, (int, float, str)) or value is None else held(value))


def held(value: Any) -> list[Any]:
    """What is in a sequence; an iterator is looked at, not used up."""
    return list(value.__reduce__()[1][0]) if hasattr(value, "__next__") else list(value)


def _kind(value: Any) -> str:
    if hasattr(value, "__next__"):
        return "iterator"
    return {"Series": "series"}.get(type(value).__name__, type(value).__name__)


def _all_tags(values: list[Any]) -> Tags:
    found: Tags = set()
    for value in values:
        found |= _value_tags(value)
    if len({isinstance(v, int) for v in values if isinstance(v, (int, float))}) == 2:
        found.add("value:mixed")
    return found


def _value_tags(v: Any) -> Tags:
    if v is None or v is pd.NA:
        return {"value:none", "value:nan-text"}
    if v is pd.NaT:
        return {"value:nat"}
    if isinstance(v, (bool, np.bool_)):
        return {"value:bool"}
    if isinstance(v, str):
        return {"value:empty-text", "dtype:str"} if not v else {"dtype:str"}
    if not isinstance(v, (int, float)):
        return set()
    if v != v:
        return {"value:nan", "value:nan-text"}
    if v == 0:
        return {"value:-0.0" if math.copysign(1, v) < 0 else "value:zero"}
    found = {"value:negative"} if v < 0 else set()
    if isinstance(v, float) and math.isinf(v):
        found.add("value:inf")
    elif isinstance(v, int) and abs(v) >= _SQUARE_OVERFLOWS:
        found.add("value:bigint")
    elif abs(v) > 1e100:
        found.add("value:huge")
    elif abs(v) < 1e-100:
        found.add("value:tiny")
    if isinstance(v, float) and 2.0**63 <= abs(v) < math.inf:
        found.add("value:bigint")  # as an integer
    return found


def _dtype_tags(dtype: Any) -> Tags:
    name = str(dtype)
    if name.startswith("datetime64"):
        return {"dtype:tz"} if "," in name else {"dtype:datetime"}
    if name in ("float64", "int64"):
        return set()
    if name in ("int8", "int16"):
        return {"dtype:int32"}
    return {"dtype:str"} if name.startswith("<U") else {f"dtype:{name}"}


def _index_tags(index: pd.Index) -> Tags:
    if index.equals(pd.RangeIndex(len(index))) and index.dtype == "int64":
        return {"index:named"} if index.name is not None else set()
    found = {"index:other"}
    if not index.is_unique:
        found |= {"index:duplicated", "keys:repeated"}
    if not index.is_monotonic_increasing:
        found.add("index:permuted")
    return found


def _hashed(value: Any) -> str:
    return f"{value}"


def _frame_tags(frame: pd.DataFrame, p: Parameter, found: Oddities) -> Tags:
    for name, column in frame.items():
        tags = found.columns.setdefault((p.name, name), set())  # two columns may have one name
        tags |= _all_tags(column.tolist()) | _dtype_tags(column.dtype)
        if len(frame) and column.dtype.kind not in "fiub" and column.isna().all():
            tags.add("column:all-missing")
        if KIND_OF_COLUMN.get(name) == "int" and getattr(column.dtype, "kind", "") == "f":
            tags.add("dtype:float")
        if not column.astype(object).map(_hashed).is_unique:
            tags.add("keys:repeated")
    whole = _index_tags(frame.index)
    if p.columns - set(frame.columns):
        whole.add("columns:missing")
    if not frame.columns.is_unique:
        whole.add("columns:duplicated")
    dtypes = [str(d) for d in frame.dtypes]
    kinds = {d.kind for d in frame.dtypes if isinstance(d, np.dtype)}
    if len(set(dtypes)) > 1 and "f" in kinds and kinds & set("iu"):
        whole.add("rows:upcast")
    missing = {"value:none", "value:nan", "value:nat"} & found.all
    if any(d.startswith("datetime") for d in dtypes) and missing:
        whole.add("rows:dates-and-missing")
    if any(all(isinstance(v, str) or pd.isna(v) for v in row) for row in frame.itertuples(False, None)):
        whole.add("rows:dates-and-missing")  # text and missing values, perhaps
    return whole
