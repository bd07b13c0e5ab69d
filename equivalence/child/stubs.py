"""Stand-ins for what a region calls but the verifier doesn't have: modules that are not there, functions passed in."""

from __future__ import annotations

import zlib
from types import FunctionType
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
_PASS_THROUGH = frozenset(["tqdm", "trange", "track", "njit", "jit", "vectorize", "cache", "lru_cache"])


class Calls(list[Any]):
    """The calls of stand-ins in order, compared between the two versions."""


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
    return repr(value)


class Stub:
    """Any attribute is a stub, a call gives a number that depends on the arguments alone."""

    def __init__(self, label: str, calls: Calls, used: set[str]) -> None:
        self.__dict__.update(_label=label, _calls=calls, _used=used)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        made = Stub(f"{self._label}.{name}", self._calls, self._used)
        self.__dict__[name] = made
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._used.add(self._label)
        last = self._label.rsplit(".", 1)[-1]
        if len(args) == 1 and not kwargs and isinstance(args[0], FunctionType):
            return args[0]
        if last in _PASS_THROUGH:
            if last == "trange":
                return range(*args)
            return args[0] if args else self
        self._calls.append((self._label, list(args), dict(kwargs)))
        return (zlib.crc32((self._label + text_of(args)).encode()) % 4000) / 8 + 1

    def __getitem__(self, key: Any) -> Any:
        if len(self._label) > 200 or (isinstance(key, int) and not -3 <= key < 3):
            raise IndexError(key)
        return Stub(f"{self._label}[{text_of(key)}]", self._calls, self._used)

    def __iter__(self) -> Any:
        return iter([self[k] for k in range(3)])

    def __repr__(self) -> str:
        return f"<{self._label}>"

    def __deepcopy__(self, memo: Any) -> Stub:
        return self


class PureFunction:
    """A function passed in: its result depends on its arguments alone, and its calls are noted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: Calls = Calls()

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        self.calls.append((self.name, list(args), dict(kwargs)))
        return (zlib.crc32((self.name + text_of(args)).encode()) % 4000) / 8 + 1

    def __repr__(self) -> str:
        return f"<pure function {self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PureFunction) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class Duck:
    """An object nobody knows: it has every attribute and method, and tells by its label where it came from.

    It is a number too, one that depends on the label alone. Two ducks of one label are equal.
    """

    def __init__(self, label: str, calls: Calls | None = None) -> None:
        self.__dict__.update(_label=label, _calls=Calls() if calls is None else calls)

    def _made(self, step: str) -> Duck:
        label = self._label + step
        if len(label) > 400:
            raise TypeError("nothing is known of this object")
        return Duck(label, self._calls)

    def _number(self) -> float:
        return (zlib.crc32(self._label.encode()) % 4000) / 8 + 1

    def with_calls(self, calls: Calls) -> Duck:
        """The same for another run."""
        return Duck(self._label, calls)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_typ":
            raise AttributeError(name)
        return self._made(f".{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Duck:
        self._calls.append((self._label, list(args), dict(kwargs)))
        return self._made(f"({text_of([*args, *(f'{k}={text_of(v)}' for k, v in kwargs.items())])})")

    def __getitem__(self, key: Any) -> Duck:
        if isinstance(key, int) and not -3 <= key < 3:
            raise IndexError(key)
        return self._made(f"[{text_of(key)}]")

    def __iter__(self) -> Any:
        return iter([self._made(f"[{k}]") for k in range(3)])

    def __len__(self) -> int:
        return 3

    def __contains__(self, value: Any) -> bool:
        return zlib.crc32((self._label + text_of(value)).encode()) % 2 == 0

    def __bool__(self) -> bool:
        return zlib.crc32(self._label.encode()) % 3 > 0

    def __float__(self) -> float:
        return self._number()

    def __int__(self) -> int:
        return int(self._number())

    __index__ = __int__

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy as np

        return np.asarray(self._number(), dtype=dtype)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Duck):
            return bool(self._label == other._label)
        return isinstance(other, (int, float)) and self._number() == other

    def __hash__(self) -> int:
        return hash(self._label)

    def __repr__(self) -> str:
        return f"<{self._label}>"

    def __format__(self, spec: str) -> str:
        try:
            return format(self._number(), spec) if spec else repr(self)
        except ValueError:
            return format(repr(self), spec)

    def __deepcopy__(self, memo: Any) -> Duck:
        return self


def _arithmetic(name: str) -> Any:
    operation = getattr(float, name)

    def apply(self: Duck, other: Any) -> Any:
        try:
            return operation(self._number(), float(other))
        except (TypeError, ValueError):
            return NotImplemented

    return apply


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Duck, f"__{_name}__", _arithmetic(f"__{_name}__"))
    setattr(Duck, f"__r{_name}__", _arithmetic(f"__r{_name}__"))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Duck, f"__{_name}__", _arithmetic(f"__{_name}__"))
