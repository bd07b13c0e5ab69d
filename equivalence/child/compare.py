"""Strict comparison of two outcomes: values, types, dtypes, indexes, order, aliasing, arguments, text, random state."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from .namespace import USER, Outcome
from .stubs import Duck, PureFunction, Stub

_CONTAINERS = (list, dict, set, np.ndarray, pd.DataFrame, pd.Series, bytearray)
_NUMBERS = (int, float, complex, np.number)
_BOOLS = (bool, np.bool_)
#: Two of one of these that are equal are the same; of floats, zeros have a sign and NaN equals nothing.
_EXACT = frozenset((int, str, bool, type(None), np.int64, np.bool_))
_FLOATS = frozenset((float, np.float64))


class Differs(Exception):
    """Where and how two values differ."""


@dataclass(frozen=True)
class Rules:
    """What is excused: `loose` number types and dtypes, `empty` those of empty results, `rtol` last bits of floats."""

    loose: bool = False
    empty: bool = False
    rtol: float | None = None
    scale: float = 0.0
    ignore_calls: bool = False
    signed_zero: bool = False  # 0.0 and -0.0 count as equal
    unseen: tuple[str, ...] = ()  # arguments that nobody sees after an exception


def _alike(a: Any, b: Any) -> bool:
    """Whether two values are plain ones of one type, and surely the same: most are."""
    kind = type(a)
    if kind is not type(b):
        return False
    if kind in _FLOATS:
        return bool((a == b and a) or (a != a and b != b))
    return kind in _EXACT and bool(a == b)


def _related(a: object, b: object) -> bool:
    """Whether two exceptions are of one kind: whoever handles the loop's handles the other one."""
    return isinstance(b, type(a)) or type(a).__qualname__ == type(b).__qualname__


class Comparison:
    """Compares one pair of outcomes. `max_ulp` is the largest float difference that the tolerance let pass."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.max_ulp = 0.0
        self.used_up = False  # an iterator was read, so that the outcomes can't be compared again
        self._left: dict[int, tuple[int, Any]] = {}
        self._right: dict[int, tuple[int, Any]] = {}

    def outcomes(self, a: Outcome, b: Outcome) -> None:
        """Raise Differs unless both runs did the same."""
        if a.status != b.status:
            raise Differs(f"{_ended(a)}, but {_ended(b)}")
        if a.status == "raised":
            if not _related(a.error, b.error):
                raise Differs(f"{_ended(a)}, but {_ended(b)}")
            if a.partial is not None or b.partial is not None:
                self._names(a.partial or {}, b.partial or {}, "after the exception, ")
        elif a.tag != b.tag:
            raise Differs(f"leaves by {a.tag}, but by {b.tag}")
        # arguments first: a result that is an argument is an alias of it
        for name, value in a.arguments.items():
            if a.status == "raised" and name in self.rules.unseen:
                continue
            self.same(value, b.arguments.get(name), f"argument {name}")
        for name, value in a.globals.items():
            if name not in a.idle or name not in b.idle:
                self.same(value, b.globals.get(name), name)
        if a.status == "returned":
            if isinstance(a.value, dict) and isinstance(b.value, dict) and a.tag != "return":
                self._names(a.value, b.value, "")
                self._shared_memory(a, b)
            else:
                self.same(a.value, b.value, "returned value")
        if a.output != b.output:
            raise Differs(f"prints {a.output[-80:]!r}, but {b.output[-80:]!r}")
        if a.log != b.log:
            raise Differs(f"logs {a.log[-80:]!r}, but {b.log[-80:]!r}")
        if not self.rules.ignore_calls:
            self.same(a.calls, b.calls, "calls of other functions")
        self._random(a.random_state, b.random_state)

    def _names(self, a: dict[str, Any], b: dict[str, Any], prefix: str) -> None:
        for name in a:
            if name not in b:
                raise Differs(f"{prefix}{name} is bound, but not afterwards")
            self.same(a[name], b[name], f"{prefix}{name}")
        for name in b:
            if name not in a:
                raise Differs(f"{prefix}{name} is not bound, but is afterwards")

    def _shared_memory(self, a: Outcome, b: Outcome) -> None:
        for name, x in a.value.items():
            y = b.value[name]
            if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray):
                continue
            if x.flags.writeable != y.flags.writeable and x.size:
                raise Differs(
                    f"{name} is {'writable' if x.flags.writeable else 'read-only'} in the loop's version only"
                )
            for argument, given in a.arguments.items():
                if _shares(x, given) != _shares(y, b.arguments.get(argument)):
                    raise Differs(f"{name} is a view of {argument} in one version only")

    def _random(self, a: Any, b: Any) -> None:
        if a is None or b is None:
            return
        if a[0] != b[0]:
            raise Differs("the state of random differs afterwards")
        if not np.array_equal(a[1][1], b[1][1]) or a[1][2:] != b[1][2:]:
            raise Differs("the state of np.random differs afterwards")

    def same(self, a: Any, b: Any, where: str) -> None:
        """Raise Differs unless the two values are the same."""
        if _alike(a, b):
            return
        mutable = isinstance(a, _CONTAINERS) or (type(a).__module__ == USER and hasattr(a, "__dict__"))
        if mutable and self._seen(a, b, where):
            return
        kind = self._kind(a, b, where)
        if kind is not None:
            kind(a, b, where)

    def _seen(self, a: Any, b: Any, where: str) -> bool:
        """Whether the pair was met before. The same object on one side and two on the other is a difference."""
        left, right = self._left.get(id(a)), self._right.get(id(b))
        if left is None and right is None:
            number = len(self._left)
            self._left[id(a)], self._right[id(b)] = (number, a), (number, b)
            return False
        if isinstance(a, (type, FunctionType, ModuleType, Stub)):
            return False
        if left is None or right is None or left[0] != right[0]:
            raise Differs(f"{where} is the same object as another value in one version only")
        return True

    def _kind(self, a: Any, b: Any, where: str) -> Any:
        if isinstance(a, _BOOLS) or isinstance(b, _BOOLS):
            return self._bools
        if isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS):
            return self._numbers
        if type(a) is not type(b) and not self._same_class(a, b):
            if self.rules.loose and _text_or_date(a, b):
                return None
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
        if isinstance(a, (list, tuple)):
            return self._sequence
        if isinstance(a, dict):
            return self._dict
        if isinstance(a, (set, frozenset)):
            return self._set
        if isinstance(a, np.ndarray):
            return self._array
        if isinstance(a, pd.DataFrame):
            return self._frame
        if isinstance(a, pd.Series):
            return self._series
        if isinstance(a, pd.Index):
            return self._index
        if isinstance(a, pd.api.extensions.ExtensionArray):
            return lambda x, y, w: self._values(x, y, w)
        return self._other

    def _same_class(self, a: Any, b: Any) -> bool:
        if type(a).__qualname__ != type(b).__qualname__:
            return False
        if isinstance(a, tuple):  # `itertuples` makes a class of its own on every call
            return getattr(a, "_fields", 1) == getattr(b, "_fields", 2)
        return type(a).__module__ == USER == type(b).__module__

    def _bools(self, a: Any, b: Any, where: str) -> None:
        if not (isinstance(a, _BOOLS) and isinstance(b, _BOOLS)) or bool(a) != bool(b):
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
        if type(a) is not type(b) and not self.rules.loose:
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")

    def _numbers(self, a: Any, b: Any, where: str) -> None:
        if type(a) is not type(b) and not self.rules.loose:
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
        if not self._equal_numbers(a, b):
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")

    def _equal_numbers(self, a: Any, b: Any) -> bool:
        x, y = (v.item() if isinstance(v, np.generic) else v for v in (a, b))
        if x != x or y != y:
            return bool(x != x and y != y)
        if x == y:
            both = isinstance(x, float) and isinstance(y, float) and x == 0
            return not both or self.rules.signed_zero or math.copysign(1, x) == math.copysign(1, y)
        if self.rules.rtol is None or (isinstance(x, int) and isinstance(y, int)):
            return False
        try:
            return self._close(complex(x), complex(y))
        except OverflowError:
            return False

    def _close(self, x: complex, y: complex) -> bool:
        gap, size = abs(x - y), max(abs(x), abs(y))
        if not math.isfinite(gap):
            return False
        rtol = self.rules.rtol or 0.0
        if gap > max(rtol * size, 1e-13 * self.rules.scale):
            return False
        self.max_ulp = max(self.max_ulp, gap / math.ulp(size))
        return True

    def _sequence(self, a: Any, b: Any, where: str) -> None:
        if len(a) != len(b):
            raise Differs(f"{where}: {len(a)} elements, but {len(b)}")
        if hasattr(a, "_fields") != hasattr(b, "_fields"):
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
        for k in range(len(a)):
            x, y = a[k], b[k]
            if not _alike(x, y):
                self.same(x, y, f"{where}[{k}]")
        self._attributes(a, b, where)

    def _dict(self, a: Any, b: Any, where: str) -> None:
        if len(a) != len(b):
            raise Differs(f"{where}: {len(a)} keys, but {len(b)}")
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            if type(x) is not str or type(y) is not str or x != y:
                self.same(x, y, f"key {k} of {where}")
        for (key, x), y in zip(a.items(), b.values(), strict=True):
            if not _alike(x, y):
                self.same(x, y, f"{where}[{key!r}]")
        self._attributes(a, b, where)

    def _set(self, a: Any, b: Any, where: str) -> None:
        if len(a) != len(b):
            raise Differs(f"{where}: {len(a)} elements, but {len(b)}")
        if a != b and not any(v != v for v in a):
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
        for x, y in zip(self._ordered(a), self._ordered(b), strict=True):
            self.same(x, y, f"an element of {where}")

    def _ordered(self, values: Any) -> list[Any]:
        if not self.rules.loose:
            return sorted(values, key=lambda v: (type(v).__name__, repr(v)))
        return sorted(values, key=lambda v: repr(v.item() if isinstance(v, np.generic) else v))

    def _array(self, a: Any, b: Any, where: str) -> None:
        if a.shape != b.shape:
            raise Differs(f"{where}: shape {a.shape}, but {b.shape}")
        self._values(a, b, where)

    def _values(self, a: Any, b: Any, where: str) -> None:
        """Array contents: dtype and every element."""
        if a.dtype != b.dtype and not (self.rules.loose or (self.rules.empty and not len(a))):
            raise Differs(f"{where}: dtype {a.dtype}, but {b.dtype}")
        if isinstance(a, np.ndarray) and not a.ndim:
            a, b = a.reshape(1), b.reshape(1)
        if len(a) != len(b):
            raise Differs(f"{where}: {len(a)} elements, but {len(b)}")
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            if a.dtype == b.dtype and a.dtype != object and a.tobytes() == b.tobytes():
                return
            a, b = a.ravel(), b.ravel()
        first = list(a)
        second = list(b)
        for k, (x, y) in enumerate(zip(first, second, strict=True)):
            if not _alike(x, y):
                self._element(x, y, f"{where}[{k}]")

    def _element(self, x: Any, y: Any, where: str) -> None:
        missing = x is pd.NA or y is pd.NA or x is pd.NaT or y is pd.NaT or x is None or y is None
        if missing:
            if x is not y:
                raise Differs(f"{where}: {_show(x)}, but {_show(y)}")
            return
        self.same(x, y, where)

    def _frame(self, a: pd.DataFrame, b: pd.DataFrame, where: str) -> None:
        if self.rules.empty and not len(a) and not len(b):
            return  # rows picked by an empty mask: what is no mask of truth values picks columns
        if a.shape != b.shape:
            raise Differs(f"{where}: shape {a.shape}, but {b.shape}")
        self._index(a.columns, b.columns, f"columns of {where}")
        self._index(a.index, b.index, f"index of {where}")
        for (name, x), (_, y) in zip(a.items(), b.items(), strict=True):
            self._values(_held(x), _held(y), f"{where}[{name!r}]")

    def _series(self, a: pd.Series, b: pd.Series, where: str) -> None:
        if len(a) != len(b):
            raise Differs(f"{where}: {len(a)} elements, but {len(b)}")
        self.same(a.name, b.name, f"name of {where}")
        self._index(a.index, b.index, f"index of {where}")
        self._values(_held(a), _held(b), where)

    def _index(self, a: pd.Index, b: pd.Index, where: str) -> None:
        if not len(a) and not len(b) and self.rules.empty:
            return
        self.same(list(a.names), list(b.names), f"names of {where}")
        telling = a.dtype.kind in "iubmM" or isinstance(a.dtype, pd.StringDtype)  # 0, 0.0, -0.0 and False are equal
        if telling and a.dtype == b.dtype and a.nlevels == b.nlevels == 1 and a.equals(b):
            return
        if a.nlevels > 1 or b.nlevels > 1:
            self.same(a.tolist(), b.tolist(), where)
            return
        self._values(_held(a), _held(b), where)

    def _attributes(self, a: Any, b: Any, where: str) -> None:
        if type(a).__module__ == USER:
            self.same(contents(a), contents(b), f"attributes of {where}")

    def _other(self, a: Any, b: Any, where: str) -> None:
        if isinstance(a, Duck):
            if a != b:
                raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
            return
        if a is b or isinstance(a, (Stub, PureFunction, ModuleType)):
            return
        if isinstance(a, FunctionType):
            if a.__qualname__ != b.__qualname__:
                raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
            return
        if isinstance(a, type):
            if a.__qualname__ != b.__qualname__:
                raise Differs(f"{where}: {_show(a)}, but {_show(b)}")
            return
        if (state := _generator_state(a)) is not None:
            self.same(state, _generator_state(b), f"state of {where}")
            return
        compares: Any = type(a).__eq__
        if type(a).__module__ == USER or (compares is object.__eq__ and hasattr(a, "__dict__")):
            self.same(contents(a), contents(b), f"attributes of {where}")
            return
        if hasattr(a, "__next__"):
            self.used_up = True
            self.same(list(a), list(b), f"the rest of {where}")
            return
        try:
            equal = bool(a == b) or (a != a and b != b)
        except Exception:
            equal = repr(a) == repr(b)
        if not equal and not (isinstance(a, BaseException) and repr(a) == repr(b)):
            raise Differs(f"{where}: {_show(a)}, but {_show(b)}")


def _generator_state(x: Any) -> Any:
    """What a generator of random numbers would draw next; None for anything else."""
    match x:
        case np.random.Generator():
            return x.bit_generator.state
        case np.random.BitGenerator():
            return x.state
        case np.random.RandomState():
            return x.get_state(legacy=False)
        case random.Random():
            return x.getstate()
    return None


def contents(x: Any) -> dict[str, Any]:
    """What an object of a user's class holds."""
    slots = [n for c in type(x).__mro__ for n in getattr(c, "__slots__", ()) if isinstance(n, str) and hasattr(x, n)]
    return {**{n: getattr(x, n) for n in slots}, **getattr(x, "__dict__", {})}


def _held(x: Any) -> Any:
    """The array in a series or an index."""
    return x.to_numpy() if isinstance(x.dtype, np.dtype) else x.array


def _text_or_date(a: Any, b: Any) -> bool:
    """Equal text or instants of different types."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    dates = (pd.Timestamp, np.datetime64)
    if isinstance(a, dates) and isinstance(b, dates):
        x, y = pd.Timestamp(a), pd.Timestamp(b)
        return x.tz is None and y.tz is None and x == y
    return False


def _shares(array: np.ndarray[Any, Any], given: Any) -> bool:
    owners: list[Any] = []
    if isinstance(given, np.ndarray):
        owners = [given]
    elif isinstance(given, pd.Series):
        owners = [given.array]
    elif isinstance(given, pd.DataFrame):
        owners = [given.iloc[:, j].array for j in range(given.shape[1])]
    owners = [getattr(o, "_ndarray", o) for o in owners]
    return any(isinstance(o, np.ndarray) and np.may_share_memory(array, o) for o in owners)


def _show(value: Any) -> str:
    text = repr(value)
    if len(text) > 120:
        text = text[:117] + "..."
    if isinstance(value, (np.generic, type(None), str, bool)):
        return text
    return f"{text} ({type(value).__name__})"


def _ended(outcome: Outcome) -> str:
    if outcome.status == "raised":
        return f"raises {type(outcome.error).__name__}: {str(outcome.error)[:120]}"
    return {"returned": "returns", "timeout": "does not return in time", "stopped": "does not get there"}[
        outcome.status
    ]
