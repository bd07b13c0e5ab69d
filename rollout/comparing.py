"""Where two values differ: a relative tolerance for floats, types and shapes exactly."""

from __future__ import annotations

import contextlib
import inspect
import math
import sys
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any


class _Differ(Exception):
    """Where two values differ, and how."""


def compare(left: Any, right: Any, tolerance: float = 1e-4) -> str:
    """Where and how two values differ; empty when they do not.

    Types, dtypes, shapes, indexes and lengths have to be the same; floats may differ by `tolerance`, relative to the
    larger; everything else has to be equal. NaN, NaT and NA equal themselves. The order of a dict does not count.
    """
    try:
        _Comparison(tolerance).values(left, right, "")
    except _Differ as found:
        return str(found)
    return ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


class _Comparison:
    """One walk over two values. Raises _Differ at the first difference."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.open: set[tuple[int, int]] = set()
        self.numpy: Any = sys.modules.get("numpy")
        self.pandas: Any = sys.modules.get("pandas")

    def fail(self, where: str, left: Any, right: Any) -> None:
        raise _Differ(f"{where}: {_short(left)} and {_short(right)}")

    def values(self, left: Any, right: Any, where: str) -> None:
        if type(left) is not type(right):
            raise _Differ(f"{where}: type {_type(left)} and {_type(right)}")
        if (id(left), id(right)) in self.open:  # a value that holds itself
            return
        self.open.add((id(left), id(right)))
        try:
            self.same_type(left, right, where)
        finally:
            self.open.discard((id(left), id(right)))

    def same_type(self, left: Any, right: Any, where: str) -> None:
        if isinstance(left, float | complex | Decimal) or self.is_floating(left):
            if not self.close(left, right):
                self.fail(where, left, right)
        elif left is right and isinstance(left, type | bool | int | str | bytes | None):
            return
        elif self.numpy and isinstance(left, self.numpy.generic) and not isinstance(left, self.numpy.void):
            self.numbers(left, right, where)
        elif self.numpy and isinstance(left, self.numpy.ndarray):
            self.arrays(left, right, where)
        elif self.pandas and isinstance(left, self.pandas.DataFrame):
            self.frames(left, right, where)
        elif self.pandas and isinstance(left, self.pandas.Series):
            self.series(left, right, where)
        elif self.pandas and isinstance(left, self.pandas.Index):
            self.indexes(left, right, where)
        elif self.pandas and isinstance(left, self.pandas.api.extensions.ExtensionArray):
            self.cells(left, right, where)
        elif type(left) is dict:
            self.dicts(left, right, where)
        elif type(left) in (list, tuple) or (isinstance(left, tuple) and hasattr(left, "_fields")):
            self.sequences(left, right, where)
        elif isinstance(left, set | frozenset):
            self.sets(left, right, where)
        else:
            self.objects(left, right, where)

    def is_floating(self, value: Any) -> bool:
        return self.numpy is not None and isinstance(value, self.numpy.inexact)

    def close(self, left: Any, right: Any) -> bool:
        if left != left or right != right:
            return bool(left != left and right != right)
        if left == right:
            return True
        if isinstance(left, Decimal):
            finite = left.is_finite() and right.is_finite()
            return finite and abs(left - right) <= Decimal(self.tolerance) * max(abs(left), abs(right))
        gap, size = abs(left - right), max(abs(left), abs(right))
        return bool(size < math.inf and gap <= self.tolerance * size)

    def sequences(self, left: Sequence[Any], right: Sequence[Any], where: str) -> None:
        if len(left) != len(right):
            raise _Differ(f"{where}: length {len(left)} and {len(right)}")
        for k, (one, other) in enumerate(zip(left, right, strict=True)):
            self.values(one, other, f"{where}[{k}]")

    def dicts(self, left: dict[Any, Any], right: dict[Any, Any], where: str) -> None:
        if len(left) != len(right):
            raise _Differ(f"{where}: {len(left)} keys and {len(right)}")
        lost = [key for key in left if key not in right]
        more = [key for key in right if key not in left]
        self.sequences(lost, more, f"{where} keys")  # keys that are NaN are found by identity only
        pairs = {**{key: key for key in left}, **dict(zip(lost, more, strict=True))}
        for key, other in pairs.items():
            self.values(left[key], right[other], f"{where}[{_short(key)}]")

    def sets(self, left: Set[Any], right: Set[Any], where: str) -> None:
        if left == right:
            return
        if len(left) != len(right):
            raise _Differ(f"{where}: {len(left)} elements and {len(right)}")
        self.sequences(sorted(left - right, key=_order), sorted(right - left, key=_order), where)

    def arrays(self, left: Any, right: Any, where: str) -> None:
        np = self.numpy
        if left.dtype != right.dtype:
            raise _Differ(f"{where}: dtype {left.dtype} and {right.dtype}")
        if left.shape != right.shape:
            raise _Differ(f"{where}: shape {left.shape} and {right.shape}")
        if isinstance(left, np.ma.MaskedArray):
            self.arrays(np.ma.getmaskarray(left), np.ma.getmaskarray(right), f"{where} mask")
            left, right = left.compressed(), right.compressed()
        left, right = np.asarray(left), np.asarray(right)
        if left.dtype.names:
            for name in left.dtype.names:
                self.arrays(left[name], right[name], f"{where}[{name!r}]")
            return
        if left.dtype == object:
            for k, (one, other) in enumerate(zip(left.ravel(), right.ravel(), strict=True)):
                self.values(one, other, f"{where}[{k}]")
            return
        bad = np.flatnonzero(~self.equal_cells(left, right))
        if len(bad):
            one, other = left.ravel()[bad[0]], right.ravel()[bad[0]]
            raise _Differ(f"{where}[{bad[0]}]: {one!r} and {other!r} ({len(bad)} of {left.size} differ)")

    def equal_cells(self, left: Any, right: Any) -> Any:
        np = self.numpy
        with np.errstate(all="ignore"):
            same = left == right
            if left.dtype.kind in "mM":
                return same | (np.isnat(left) & np.isnat(right))
            if left.dtype.kind not in "fc":
                return same
            if left.dtype.itemsize < 8:
                left, right = left.astype(np.float64), right.astype(np.float64)
            size = np.maximum(np.abs(left), np.abs(right))
            near = np.isfinite(size) & (np.abs(left - right) <= self.tolerance * size)
            return same | near | (np.isnan(left) & np.isnan(right))

    def frames(self, left: Any, right: Any, where: str) -> None:
        if left.shape != right.shape:
            raise _Differ(f"{where}: shape {left.shape} and {right.shape}")
        self.indexes(left.columns, right.columns, f"{where} columns")
        self.indexes(left.index, right.index, f"{where} index")
        for at, name in enumerate(left.columns):
            self.cells(left.iloc[:, at], right.iloc[:, at], f"{where}[{name!r}]")

    def series(self, left: Any, right: Any, where: str) -> None:
        if len(left) != len(right):
            raise _Differ(f"{where}: length {len(left)} and {len(right)}")
        self.values(left.name, right.name, f"{where} name")
        self.indexes(left.index, right.index, f"{where} index")
        self.cells(left, right, where)

    def indexes(self, left: Any, right: Any, where: str) -> None:
        if len(left) != len(right):
            raise _Differ(f"{where}: length {len(left)} and {len(right)}")
        self.values(list(left.names), list(right.names), f"{where} names")
        if isinstance(left, self.pandas.MultiIndex) and isinstance(right, self.pandas.MultiIndex):
            self.values(list(left), list(right), where)
        else:  # a RangeIndex and an index of the same integers are the same
            self.cells(left, right, where)

    def cells(self, left: Any, right: Any, where: str) -> None:
        """The cells of a series, an index or an extension array."""
        np = self.numpy
        if left.dtype != right.dtype:
            raise _Differ(f"{where}: dtype {left.dtype} and {right.dtype}")
        if len(left) != len(right):
            raise _Differ(f"{where}: length {len(left)} and {len(right)}")
        if isinstance(left.dtype, np.dtype):
            self.arrays(left.to_numpy(), right.to_numpy(), where)
            return
        gone = np.asarray(left.isna())
        self.arrays(gone, np.asarray(right.isna()), f"{where} missing")
        there = np.flatnonzero(~gone)
        plain = getattr(left.dtype, "numpy_dtype", object)
        one, other = (np.asarray(column.take(there), dtype=plain) for column in (left, right))
        self.arrays(one, other, where)

    def numbers(self, left: Any, right: Any, where: str) -> None:
        """NumPy scalars that are no floats."""
        if not (left == right or (left != left and right != right)):
            self.fail(where, left, right)

    def objects(self, left: Any, right: Any, where: str) -> None:
        """By their own `==`, and where that says no, by what `pickle` would store of them."""
        if left is right:
            return
        if hasattr(left, "__next__") or inspect.isawaitable(left):
            raise TypeError(f"comparing {_type(left)} would use it up")
        # `==` of what only holds other values takes 1 for 1.0.
        holds = isinstance(left, list | tuple | dict | deque) or is_dataclass(left)
        if not holds and _says_equal(left, right):
            return
        if isinstance(left, int | str | bytes):
            self.fail(where, left, right)
        try:
            one, other = (_reduced(value) for value in (left, right))
        except Exception:
            if _says_equal(left, right):
                return
            raise _Differ(f"{where}: {_short(left)} and {_short(right)}, which `==` does not call equal") from None
        try:
            self.values(one, other, f"{where} <{type(left).__name__}>")
        except _Differ:
            if getattr(left, "__dict__", None) or holds:
                raise
            self.fail(where, left, right)  # how a date is stored helps nobody


def _type(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _order(element: Any) -> tuple[str, float, str]:
    """Floats by size, NaN last; others by type and text."""
    number = element if isinstance(element, float) else 0.0
    return type(element).__name__, math.inf if number != number else number, repr(element)


def _says_equal(left: Any, right: Any) -> bool:
    with contextlib.suppress(Exception):
        said = left == right
        return type(said).__name__ in ("bool", "bool_") and bool(said)
    return False


def _reduced(value: Any) -> list[Any]:
    """What makes up an object: class, arguments, state, items."""
    made = value.__reduce_ex__(4)
    if isinstance(made, str):
        raise TypeError("a constant")
    parts = list(made) + [None] * (5 - len(made))
    return [made[0], made[1], parts[2], *(None if items is None else list(items) for items in parts[3:5])]
