"""Stand-ins for what a region calls but the verifier doesn't have: modules that are not there, functions passed in."""

from __future__ import annotations

import dis
import re
import sys
import zlib
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

#: modules that only draw, show progress or are slow to import: never imported
NEVER_IMPORTED = frozenset(
    [
        "matplotlib",
        "seaborn",
        "plotly",
        "bokeh",
        "altair",
        "tqdm",
        "alive_progress",
        "progressbar",
        "streamlit",
        "torch",
        "tensorflow",
        "keras",
        "jax",
        "cupy",
        "pyspark",
        "dask",
        "ray",
        "requests",
        "httpx",
        "boto3",
        "sqlalchemy",
        "django",
        "flask",
        "fastapi",
        "IPython",
        "ipywidgets",
        "pygame",
        "tkinter",
        "cv2",
        "rich",
        "click",
        "psycopg2",
        "pymongo",
        "redis",
    ]
)
PASS_THROUGH = frozenset(["tqdm", "trange", "track", "njit", "jit", "vectorize", "cache", "lru_cache"])


#: The last step to what hands out its numbers.
_HANDED_OUT = re.compile(r"\.(?:to_numpy|numpy|values|to_array)(?:\([^()]*\))?$")


class Calls(list[Any]):
    """The calls of stand-ins in order, compared between the two versions.

    `objects` says that calls give objects that can do everything, where a number was not enough; `missing` makes what
    some of them give instead, where the code asks whether there is anything.
    """

    objects = False
    missing: Callable[[], Any] | None = None

    def give_as(self, other: Calls) -> None:
        """Give what the calls of another version give."""
        self.objects, self.missing = other.objects, other.missing


def nothing_for(condition: str) -> Callable[[], Any]:
    """What a function may give for which a condition goes the other way: None, or a list with nothing in it."""
    return (lambda: None) if "None" in condition else list


def text_of(value: Any) -> str:
    """The same text for equal numbers of any type."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return repr(float(value)) if abs(value) < 2**53 else repr(value)
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return text_of(value.item())
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(text_of(v) for v in value) + "]"
    shown: Any = type(value).__repr__
    if isinstance(value, FunctionType) or shown is object.__repr__:
        return f"<{getattr(value, '__qualname__', type(value).__name__)}>"  # no address, which is another in each run
    return repr(value)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))


def _number_of(text: str) -> float:
    """A number that depends on the text alone: mostly above zero, sometimes one of those that conditions turn on."""
    code = _hash(text)
    if code % 8 == 0:
        return (0.0, -1.5, 1.0, 2.0, -0.25)[code // 8 % 5]
    return (code % 4000) / 8 + 1


def _wanted(frame: FrameType) -> int:
    """How many values the code takes that asks for an iterator: three unless it unpacks."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if 0 <= at < len(code) - 1 and dis.opname[code[at]] == "UNPACK_SEQUENCE" else 3


class Duck:
    """An object nobody knows: it has every attribute and method, and tells by its label where it came from.

    It is a number too, one that depends on the label alone. Two ducks of one label are equal.
    """

    def __init__(self, label: str, calls: Calls | None = None, depth: int = 0) -> None:
        self.__dict__.update(_label=label, _calls=Calls() if calls is None else calls, _depth=depth)

    def _made(self, step: str) -> Duck:
        if self._depth > 40:
            raise TypeError("nothing is known of this object")
        return Duck(self._next_label(step), self._calls, self._depth + 1)

    def _next_label(self, step: str) -> str:
        label = self._label + step
        return label if len(label) <= 200 else f"{label[:60]}~{_hash(label):08x}"

    def with_calls(self, calls: Calls) -> Duck:
        """The same for another run."""
        return Duck(self._label, calls)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_typ":
            raise AttributeError(name)
        return self._made(f".{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._calls.append((f"{self._label}.{name} =", [value], {}))
        self.__dict__[name] = value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._calls.append((self._label, list(args), dict(kwargs)))
        return self._made(f"({text_of([*args, *(f'{k}={text_of(v)}' for k, v in kwargs.items())])})")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int) and not -3 <= key < 3:
            raise IndexError(key)
        return self._made(f"[{text_of(key)}]")

    def __setitem__(self, key: Any, value: Any) -> None:
        self._calls.append((f"{self._label}[] =", [key, value], {}))

    def __iter__(self) -> Any:
        return iter([self._made(f"[{k}]") for k in range(_wanted(sys._getframe(1)))])

    def __len__(self) -> int:
        return {0: 0, 1: 150}.get(_hash(self._label) % 8, 3)  # conditions may be about none, or about enough

    def __contains__(self, value: Any) -> bool:
        return _hash(self._label + text_of(value)) % 2 == 0

    def __instancecheck__(self, value: Any) -> bool:
        return _hash(self._label + text_of(value)) % 2 == 0

    def __bool__(self) -> bool:
        return _hash(self._label) % 3 > 0

    def __float__(self) -> float:
        return _number_of(self._label)

    def __int__(self) -> int:
        return int(float(self))

    def __index__(self) -> int:
        return _hash(self._label) % 3  # a position that most containers have

    def __neg__(self) -> float:
        return -float(self)

    def __abs__(self) -> float:
        return abs(float(self))

    def __round__(self, digits: int | None = None) -> float:
        return round(float(self), digits)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy as np

        if _HANDED_OUT.search(self._label):
            return np.asarray([_number_of(f"{self._label}[{k}]") for k in range(7)], dtype=dtype)
        return np.asarray(float(self), dtype=dtype)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Duck):
            return bool(self._label == other._label)
        if isinstance(other, str):
            return _hash(self._label + other) % 3 == 0
        return isinstance(other, (int, float)) and float(self) == other

    def __hash__(self) -> int:
        return hash(self._label)

    def __repr__(self) -> str:
        return f"<{self._label}>"

    def __format__(self, spec: str) -> str:
        try:
            return format(float(self), spec) if spec else repr(self)
        except ValueError:
            return format(repr(self), spec)

    def __deepcopy__(self, memo: Any) -> Duck:
        return self


def _arithmetic(name: str) -> Any:
    operation = getattr(float, name)

    def apply(self: Duck, other: Any) -> Any:
        if isinstance(other, str) and name == "__truediv__":
            return self._made(f"/{other}")  # a folder, and what is in it
        if isinstance(other, str) and name in ("__add__", "__radd__"):
            return f"{self!r}{other}" if name == "__add__" else f"{other}{self!r}"
        try:
            return operation(float(self), float(other))
        except (TypeError, ValueError):
            return NotImplemented

    return apply


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Duck, f"__{_name}__", _arithmetic(f"__{_name}__"))
    setattr(Duck, f"__r{_name}__", _arithmetic(f"__r{_name}__"))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Duck, f"__{_name}__", _arithmetic(f"__{_name}__"))


class Stub(Duck):
    """Stands for a module or a function that is not there: a call gives a number, or an object where one is needed."""

    def __init__(self, label: str, calls: Calls, used: set[str], depth: int = 0) -> None:
        super().__init__(label, calls, depth)
        self.__dict__["_used"] = used

    def _made(self, step: str) -> Duck:
        if self._depth > 40:
            raise TypeError("nothing is known of this object")
        return Stub(self._next_label(step), self._calls, self._used, self._depth + 1)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        last = self._label.rsplit(".", 1)[-1]
        if len(args) == 1 and not kwargs and isinstance(args[0], FunctionType):
            return args[0]
        if last in PASS_THROUGH:
            if last == "trange":
                return range(*args)
            return args[0] if args else self
        self._used.add(self._label)
        text, missing = self._label + text_of(args), self._calls.missing
        if missing is not None and _hash(text) % 4 == 0:
            self._calls.append((self._label, list(args), dict(kwargs)))
            return missing()
        if self._calls.objects:
            return super().__call__(*args, **kwargs)
        self._calls.append((self._label, list(args), dict(kwargs)))
        return _number_of(text)

    def __setattr__(self, name: str, value: Any) -> None:
        self._calls.append((f"{self._label}.{name} =", [value], {}))

    def __bool__(self) -> bool:
        return not self._depth or super().__bool__()


class PureFunction:
    """A function passed in: its result depends on its arguments alone, and its calls are noted with others."""

    def __init__(self, name: str, calls: Calls | None = None) -> None:
        self.name = name
        self.calls: Calls = Calls() if calls is None else calls

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        self.calls.append((self.name, list(args), dict(kwargs)))
        return _number_of(self.name + text_of(args))

    def __repr__(self) -> str:
        return f"<pure function {self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PureFunction) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)
