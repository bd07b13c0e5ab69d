"""What is odd about a recorded input, in the words that the battery has for the inputs it makes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from .drafts import TEXT_DTYPE, Instance

#: Elements of a list that are looked at.
_MANY = 20_000
_DTYPES = {
    "float32": "dtype:float32", "float16": "dtype:float32", "int8": "dtype:int32", "int16": "dtype:int32",
    "int32": "dtype:int32", "uint16": "dtype:uint8", "uint32": "dtype:uint8", "uint8": "dtype:uint8",
    "uint64": "dtype:uint64", "bool": "dtype:bool", "boolean": "dtype:boolean", "category": "dtype:category",
    "Float32": "dtype:Float64", "Float64": "dtype:Float64", "object": "dtype:object",
}  # fmt: skip
_FORMS = {"frame": "frame", "series": "series", "array": "array", "ndarray": "array", "list": "list", "dict": "dict"}
_SCALARS = ("num", "int", "float", "bool", "str")


def tags_of(arguments: dict[str, Any], parameters: list[dict[str, Any]], source: str) -> set[str]:
    """The tags of all values; of a frame, those of the columns that the code names (all, if it names none)."""
    specs = {parameter["name"]: parameter["spec"] for parameter in parameters}
    found: set[str] = set()
    for name, value in arguments.items():
        found |= _form(value, specs.get(name, {"t": "any"})["t"])
        for part in _parts(value):
            found |= _tags(part, source)
    tables = [v for v in arguments.values() if isinstance(v, (np.ndarray, pd.Series)) and v.ndim]
    lengths = {len(v) for v in (*tables, *(v for v in arguments.values() if isinstance(v, list)))}
    return found | ({"lengths:unequal"} if len(lengths) > 1 else set())


def scale_of(arguments: dict[str, Any]) -> float:
    """The largest ordinary number in an input."""
    largest = 0.0
    for value in arguments.values():
        for part in _parts(value):
            for numbers in _numbers(part):
                ordinary = np.abs(numbers[np.isfinite(numbers) & (np.abs(numbers) < 1e15)])
                largest = max(largest, float(ordinary.max(initial=0.0)))
    return largest


def _form(value: Any, expected: str) -> set[str]:
    """`type:KIND` when it is another kind of thing than the code shows."""
    kind = _kind(value)
    if kind == "scalar":
        return {"value:numpy-scalar"} if isinstance(value, np.generic) else set()
    if expected in _SCALARS or _FORMS.get(expected, kind) != kind:
        return {"type:ndarray" if kind == "array" else f"type:{kind}"}
    return set()


def _kind(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return "frame"
    if isinstance(value, pd.Series):
        return "series"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, (list, tuple)):
        return "list"
    return "dict" if isinstance(value, dict) else "scalar"


def _parts(value: Any, depth: int = 3) -> Iterator[Any]:
    """The value, and what is in it when it is an object or a container of tables."""
    yield value
    inner: Any = ()
    if isinstance(value, Instance):
        inner = value.attributes.values()
    elif isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, (list, tuple)):
        inner = [v for v in islice(value, _MANY) if not isinstance(v, (int, float, str))]
    for part in inner if depth else ():
        yield from _parts(part, depth - 1)


def _tags(value: Any, source: str) -> set[str]:
    if isinstance(value, pd.DataFrame):
        return _frame(value, source)
    if isinstance(value, pd.Series):
        return _column(value) | _index(value.index) | _size(len(value))
    if isinstance(value, np.ndarray):
        shape = {"ndim:2"} if value.ndim > 1 else set()
        return shape | _column(pd.Series(value.ravel())) | _size(len(value) if value.ndim else 1)
    if isinstance(value, (list, tuple)):
        return _plain(list(islice(value, _MANY))) | _size(len(value))
    if isinstance(value, dict):
        return _plain(list(islice(value.values(), _MANY))) | _size(len(value))
    return _plain([value])


def _frame(frame: pd.DataFrame, source: str) -> set[str]:
    found = _index(frame.index) | _size(len(frame))
    if not frame.columns.is_unique:
        found.add("columns:duplicated")
    if not all(isinstance(name, str) for name in frame.columns):
        found.add("columns:numbered")
    numbers = [k for k, dtype in enumerate(frame.dtypes) if getattr(dtype, "kind", "O") in "iuf"]
    if numbers and len(numbers) == frame.shape[1] and len({frame.dtypes.iloc[k] for k in numbers}) > 1:
        found.add("rows:upcast")
    if any(getattr(dtype, "kind", "") == "M" for dtype in frame.dtypes):
        found.add("rows:dates-and-missing")
    named = [k for k, name in enumerate(frame.columns) if str(name) in source]
    for k in named or range(frame.shape[1]):
        found |= _column(frame.iloc[:, k])
    return found


def _size(n: int) -> set[str]:
    return {f"n={n}"} if n < 4 else set()


def _column(column: Any) -> set[str]:
    dtype = column.dtype
    found: set[str] = set()
    if isinstance(dtype, pd.DatetimeTZDtype):
        found.add("dtype:tz")
    elif getattr(dtype, "kind", "") == "M":
        found.add("dtype:datetime")
    elif dtype == TEXT_DTYPE or isinstance(dtype, pd.StringDtype):
        found.add("dtype:str")
    elif name := _DTYPES.get(str(dtype)):
        found.add(name)
    elif str(dtype)[:3] in ("Int", "UIn"):
        found.add("dtype:Int64")
    if str(dtype) == "object":
        return found | _plain(list(column.iloc[:_MANY]))
    if bool(column.isna().any()):
        found |= {"value:nat"} if getattr(dtype, "kind", "") in ("M", "m") else {"value:nan"}
        found |= {"value:none"} if pd.api.types.is_extension_array_dtype(dtype) else set()
    for numbers in _numbers(column):
        found |= _number_tags(numbers)
    return found


def _numbers(value: Any) -> Iterator[Any]:
    """The numbers of a value as arrays of floats."""
    if isinstance(value, pd.DataFrame):
        for k in range(value.shape[1]):
            yield from _numbers(value.iloc[:, k])
    elif isinstance(value, (pd.Series, np.ndarray)) and getattr(value.dtype, "kind", "") in ("i", "u", "f"):
        yield pd.Series(np.ravel(value)).to_numpy(dtype="float64", na_value=np.nan)
    elif isinstance(value, (list, tuple)):
        plain = [v for v in islice(value, _MANY) if isinstance(v, (int, float)) and abs(v) < 1e300]
        yield np.array(plain, dtype="float64")
    elif isinstance(value, (int, float)) and abs(value) < 1e300:
        yield np.array([value], dtype="float64")


def _number_tags(numbers: Any) -> set[str]:
    found: set[str] = set()
    zeros = numbers == 0
    if zeros.any():
        found.add("value:zero")
        found |= {"value:-0.0"} if np.signbit(numbers[zeros]).any() else set()
    finite = np.abs(numbers[np.isfinite(numbers)])
    if (numbers < 0).any():
        found.add("value:negative")
    if np.isinf(numbers).any():
        found.add("value:inf")
    if (finite >= 2**53).any():
        found |= {"value:bigint", "value:huge"}
    if ((finite > 0) & (finite < 1e-300)).any():
        found.add("value:tiny")
    return found


def _plain(values: list[Any]) -> set[str]:
    """Tags of Python objects."""
    found: set[str] = set()
    for value in values:
        if value is None or value is pd.NA:
            found.add("value:none")
        elif value is pd.NaT:
            found.add("value:nat")
        elif isinstance(value, (bool, np.bool_)):
            found.add("value:bool")
        elif isinstance(value, (int, float, np.number)) and not isinstance(value, np.complexfloating):
            found |= _python_number(value)
        elif isinstance(value, str):
            found |= {"dtype:str"} | ({"value:empty-text"} if not value else set())
        elif isinstance(value, (list, tuple, dict, set, np.ndarray, pd.Series, pd.DataFrame)):
            found.add("value:nested")
    if "dtype:str" in found and "value:nan" in found:
        found.add("value:nan-text")
    return found


def _python_number(value: Any) -> set[str]:
    if value != value:
        return {"value:nan"}
    if isinstance(value, (int, np.integer)):
        found = {"value:bigint"} if abs(int(value)) >= 2**53 else set()
        return found | ({"value:zero"} if value == 0 else {"value:negative"} if value < 0 else set())
    return (
        {"value:inf"} | ({"value:negative"} if value < 0 else set())
        if math.isinf(value)
        else _number_tags(np.array([value], dtype="float64"))
    )


def _index(index: Any) -> set[str]:
    found: set[str] = set()
    if not index.is_unique:
        found.add("index:duplicated")
    if index.name is not None:
        found.add("index:named")
    if isinstance(index, pd.RangeIndex) or getattr(index.dtype, "kind", "") in "iu":
        plain = len(index) == 0 or bool((np.asarray(index) == np.arange(len(index))).all())
        if not plain:
            found |= {"index:shifted"} | ({"index:permuted"} if not index.is_monotonic_increasing else set())
        return found
    kind = getattr(index.dtype, "kind", "O")
    if kind in "Mm" and index.hasnans:
        found.add("value:nat")
    found.add("index:datetime" if kind == "M" else "index:float" if kind == "f" else "index:str")
    return found | ({"index:permuted"} if not index.is_monotonic_increasing else set())
