"""Load a recorded input: plain data of known libraries, and stand-ins for objects of the user's own classes."""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Collection
from pathlib import Path
from types import FunctionType
from typing import Any

from . import sandbox
from .drafts import ClassReference, Instance
from .stubs import NEVER_IMPORTED

_RECORDER = "deloop_recorder.copying"
#: Libraries whose values are data.
_DATA = frozenset(
    {
        "array", "collections", "datetime", "dateutil", "decimal", "fractions", "geopandas", "networkx",
        "numpy", "pandas", "pathlib", "pyarrow", "pyproj", "pytz", "scipy", "shapely", "types", "uuid", "xarray",
        "zoneinfo",
    }
)  # fmt: skip
_BUILTINS = frozenset(
    {
        "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
        "slice", "str", "tuple", "NotImplementedType", "ellipsis",
    }
)  # fmt: skip
#: Names that do more than make a value, in modules that are otherwise data.
_NEVER = ("read_", "load", "open", "exec", "eval", "system", "import", "fromfile", "memmap", "to_", "save", "query")


class CannotLoad(Exception):
    """The recorded input can't be had here; the message says why."""


class _Unpickler(pickle.Unpickler):
    """Gives out only what makes values. The sandbox stands behind it."""

    def find_class(self, module: str, name: str) -> Any:
        if module == _RECORDER:
            return {"instance": _instance, "filled": _filled, "class_named": ClassReference}[name]
        if module == "builtins" and name in _BUILTINS:
            return super().find_class(module, name)
        if (module, name) in (("copyreg", "_reconstructor"), ("_codecs", "encode")):
            return super().find_class(module, name)
        root = module.partition(".")[0]
        last = name.rpartition(".")[2]
        unknown = root not in _DATA or (root == "types" and name != "SimpleNamespace")  # others make code
        if unknown or root in NEVER_IMPORTED or last.lower().startswith(_NEVER):
            raise CannotLoad(f"holds a {module}.{name}, which is not loaded here")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            raise CannotLoad(f"needs {module}.{name}, which is not there") from None
        if not isinstance(found, type) and isinstance(found, FunctionType) and not _makes_values(found, root):
            raise CannotLoad(f"holds the function {module}.{name}")
        return found


def _makes_values(function: Any, root: str) -> bool:
    """Functions that pickles of these libraries call are theirs alone, or the few that shapely and the like publish."""
    return function.__name__.startswith("_") or root not in ("numpy", "pandas", "collections")


def _instance(name: str) -> Instance:
    return Instance(name, {})


def _filled(made: Instance, attributes: dict[str, Any]) -> None:
    made.attributes.update(attributes)


def load(path: str, names: Collection[str], seconds: float) -> dict[str, Any]:
    """The recorded values of these names. Raises CannotLoad with the reason."""
    try:
        with sandbox.deadline(seconds):
            return read(path, names)
    except CannotLoad:
        sandbox.violations()
        raise
    except sandbox.Timeout:
        raise CannotLoad("takes too long to load") from None


def read(path: str, names: Collection[str]) -> dict[str, Any]:
    """The same, however long it takes, and where no sandbox is."""
    try:
        with Path(path).open("rb") as file:
            found = _Unpickler(file).load()
    except CannotLoad:
        raise
    except (Exception, RecursionError) as problem:
        raise CannotLoad(f"can't be loaded ({type(problem).__name__}: {str(problem)[:100]})") from None
    if type(found) is not dict:
        raise CannotLoad("holds no values")
    missing = [name for name in names if name not in found]
    if missing:
        raise CannotLoad(f"{missing[0]} had no value")
    return {name: found[name] for name in names}
