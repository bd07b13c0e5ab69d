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
