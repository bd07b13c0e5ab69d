"""What kind of input it is, in a few words: an input of a kind that was not seen before is worth keeping."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Any

_SIZES = (0, 1, 2, 10, 100, 1_000, 10_000, 100_000)
#: Elements that are looked at: of long columns, the first ones.
_FEW, _MANY = 20, 50_000
_DEPTH = 2
_COLUMNS = 60


def signature(values: dict[str, Any]) -> str:
    """The kinds, dtypes, index kinds, missing values and sizes of all values; the same for inputs of one kind."""
    return "; ".join(f"{name}: {_of(value, 0)}" for name, value in values.items())


def _of(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in (int, float, bool, complex):
        return _number(value, kind.__name__)
    if kind is str:
        return "str" if value else "empty str"
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, kind.__name__, depth)
    root = kind.__module__.partition(".")[0]
    if root in ("pandas", "numpy"):
        return _table(value, kind.__name__)
    attributes = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ and depth < _DEPTH else None
    if type(attributes) is not dict:
        return kind.__name__
    return f"{kind.__name__}({', '.join(f'{k}={_of(v, depth + 1)}' for k, v in islice(attributes.items(), _FEW))})"


def _number(value: Any, kind: str) -> str:
    if kind == "bool":
        return "bool"
    if value != value:
        return f"{kind} nan"
    if kind == "complex":
        return kind
    return f"{kind} {'zero' if value == 0 else 'negative' if value < 0 else 'positive'}"


def _container(value: Any, kind: str, depth: int) -> str:
    parts = list(islice(value.values() if kind == "dict" else value, _FEW))
    inner = {_of(part, depth + 1) if depth < _DEPTH else type(part).__name__ for part in parts}
    keys = {type(key).__name__ for key in islice(value, _FEW)} if kind == "dict" else set()
    return f"{kind}[{', '.join(sorted(keys) + sorted(inner))}] {_size(len(value))}"


def _size(n: int) -> str:
    return f"n<={next((limit for limit in _SIZES if n <= limit), 'more')}"


def _table(value: Any, kind: str) -> str:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        value = value.copy(deep=False)  # which may keep its columns once they were asked for
        columns = [f"{column.dtype}{_holes(column)}" for _, column in islice(value.items(), _COLUMNS)]
        return f"{kind}[{', '.join(columns)}] {_size(len(value))} {_index(value.index)}"
    if pandas is not None and isinstance(value, pandas.Series):
        return f"{kind}[{value.dtype}{_holes(value)}] {_size(len(value))} {_index(value.index)}"
    if pandas is not None and isinstance(value, pandas.Index):
        return f"{_index(value)} {_size(len(value))}"
    shape = getattr(value, "shape", None)
    if type(shape) is not tuple:
        return kind
    if not shape:
        return f"{kind} {value.dtype}"
    holes = _array_holes(value) if value.dtype.kind in "iuf" else ""
    return f"{kind}[{value.dtype}{holes}] {'x'.join(_size(n) for n in shape)}"


def _holes(column: Any) -> str:
    """Whether values are missing, and whether there are negative ones and zeros among numbers."""
    if getattr(column.dtype, "kind", "") in ("i", "u", "f") and type(column.dtype).__module__.startswith("numpy"):
        return _array_holes(column.to_numpy())
    return " missing" if bool(column.iloc[:_MANY].isna().any()) else ""


def _array_holes(array: Any) -> str:
    """The same of an array of numbers, of the first ones when it is long."""
    rows = _MANY if array.ndim == 1 else _MANY * len(array) // max(array.size, 1) + 1
    part = array[:rows]
    found = " missing" if array.dtype.kind == "f" and bool((part != part).any()) else ""
    found += " negative" if array.dtype.kind != "u" and bool((part < 0).any()) else ""
    return found if bool(part.all()) else f"{found} zero"


def _index(index: Any) -> str:
    kind = type(index).__name__
    if kind == "RangeIndex":
        return "RangeIndex" if index.start == 0 and index.step == 1 else "shifted RangeIndex"
    words = [kind, str(getattr(index, "dtype", ""))]
    if len(index) <= 1_000:  # looked at by hand: asking the index would build its table of labels
        labels = index.tolist()
        try:
            words += ["repeated"] if len(set(labels)) < len(labels) else []
        except TypeError:
            words += ["unhashable"]
    return " ".join(words)
