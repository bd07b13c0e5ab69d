"""Copies of inputs as bytes: at most so many, within a time, and without running code of the program."""

from __future__ import annotations

import io
import os
import pickle
import sys
import time
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

PROTOCOL = 5
#: Seconds of the processor: on a busy machine a copy is not to be given up for what other programs do.
_now = time.perf_counter if sys.platform == "win32" else time.thread_time
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_STDLIB = os.path.dirname(os.path.abspath(os.__file__))
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
#: What an object of the program may not be for its attributes to be all that there is to it.
_MORE_THAN_ATTRIBUTES = (tuple, list, dict, set, frozenset, str, bytes, int, float, complex, BaseException, Enum)


class NotKept(Exception):
    """The input can't be kept; the message says why."""


class OverLimit(NotKept):
    """It takes more bytes or seconds than it may."""


def instance(name: str) -> Any:
    """Stands in the bytes for "an object of the program's class of that name"; the verifier makes it."""
    raise NotImplementedError(name)


def filled(made: Any, attributes: dict[str, Any]) -> None:
    """Stands in the bytes for "with these attributes"."""
    raise NotImplementedError(made)


def class_named(name: str) -> Any:
    """Stands in the bytes for "the program's class of that name"."""
    raise NotImplementedError(name)


class Narrow:
    """An object of the program, of which only some attributes are kept."""

    def __init__(self, value: Any, attributes: list[str]) -> None:
        whole = _attributes(value)
        self.name = type(value).__name__
        self.attributes = {name: whole[name] for name in attributes if name in whole}


def copied(values: dict[str, Any], most: int, seconds: float) -> bytes:
    """The values as bytes. Raises NotKept with the reason when they can't be kept."""
    sink = _Sink(most, _now() + seconds)
    _dump(values, sink)
    return sink.data.getvalue()


def _dump(values: Any, sink: _Sink, trying: bool = False) -> None:
    try:
        _Pickler(sink, trying).dump(values)
    except NotKept:
        raise
    except RecursionError:
        raise NotKept("is nested too deeply") from None
    except Exception as problem:
        raise NotKept(f"can't be copied ({type(problem).__name__}: {str(problem)[:80]})") from None


class _Sink:
    """Takes bytes, at most so many and until a moment; with `empty` it only counts them."""

    def __init__(self, most: int, until: float, empty: bool = False) -> None:
        self.data = io.BytesIO()
        self.most, self.until, self.empty = most, until, empty
        self.taken = 0

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.taken += size
        self.check(0)
        if not self.empty:
            self.data.write(data)
        return size

    def check(self, more: int) -> None:
        if self.taken + more > self.most:
            raise OverLimit(f"is larger than {self.most / 1e6:.0f} MB")
        if _now() > self.until:
            raise OverLimit("takes too long to copy")


class _Pickler(pickle.Pickler):
    """Objects of the program's own classes are kept as their attributes, so that loading them needs no import."""

    def __init__(self, sink: _Sink, trying: bool) -> None:
        super().__init__(sink, protocol=PROTOCOL)
        self._sink, self._trying = sink, trying

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        self._sink.check(_bytes_of(value, kind))
        if kind is Narrow:
            return self._reduced(value.name, value.attributes)
        if issubclass(kind, type):
            return (class_named, (value.__name__,)) if _is_own(value) else NotImplemented
        if kind is FunctionType or kind is MethodType:
            if _is_own(value):
                raise NotKept(f"holds a function ({value.__qualname__})")
            return NotImplemented
        if kind is ModuleType:
            raise NotKept(f"holds a module ({value.__name__})")
        if kind is BuiltinFunctionType:
            return NotImplemented
        if issubclass(kind, io.IOBase):
            raise NotKept("holds an open file")
        if kind.__module__ == "itertools" or hasattr(kind, "__next__"):
            raise NotKept(f"holds an iterator ({kind.__name__}), which copying would use up")
        return self._own(value, kind) if _is_own(kind) else NotImplemented

    def _own(self, value: Any, kind: type) -> Any:
        plain = not issubclass(kind, _MORE_THAN_ATTRIBUTES) and not any(vars(c).get("__slots__") for c in kind.__mro__)
        foreign = [c for c in kind.__mro__[1:] if c is not object and not _is_own(c)]
        if not plain or not kind.__dictoffset__ or any(_weighty(c) for c in foreign):
            raise NotKept(f"holds a {kind.__qualname__}, which is more than its attributes")
        return self._reduced(kind.__name__, _attributes(value))

    def _reduced(self, name: str, attributes: dict[str, Any]) -> Any:
        if not self._trying:
            attributes = {key: part for key, part in attributes.items() if self._can(part)}
        return instance, (name,), attributes, None, None, filled

    def _can(self, value: Any) -> bool:
        """Whether an attribute can be kept: an object is worth having without its lock or its open file."""
        if type(value) in _PLAIN:
            return True
        try:
            _dump(value, _Sink(self._sink.most, self._sink.until, empty=True), trying=True)
        except OverLimit:
            raise
        except NotKept:
            return False
        return True


def _attributes(value: Any) -> dict[str, Any]:
    """The attributes that an object itself holds; no code of its class runs."""
    found = object.__getattribute__(value, "__dict__") if type(value).__dictoffset__ else {}
    return dict(found)


def _weighty(base: type) -> bool:
    """Whether a base class of a library may hold what is not among the attributes."""
    return base.__module__.partition(".")[0] not in ("abc", "typing", "typing_extensions", "collections", "builtins")


def _bytes_of(value: Any, kind: type) -> int:
    if kind.__module__ != "numpy":
        return 0
    size = getattr(value, "nbytes", 0)
    return size if isinstance(size, int) else 0


_own: dict[str, bool] = {}


def _is_own(thing: Any) -> bool:
    """Whether a class or function is the program's, not of Python or of an installed library."""
    module = getattr(thing, "__module__", None) or ""
    if module not in _own:
        file = getattr(sys.modules.get(module), "__file__", None)
        recorders = module.partition(".")[0] == __name__.partition(".")[0]
        _own[module] = module == "__main__" or (not recorders and _is_own_file(file))
    return _own[module]


def _is_own_file(file: Any) -> bool:
    if not isinstance(file, str):
        return False
    path = os.path.abspath(file)
    return not any(part in path for part in _INSTALLED) and not path.startswith(_STDLIB + os.sep)
