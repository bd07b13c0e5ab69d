"""Load one version of the code and run it on one input."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import io
import random
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from . import sandbox
from .drafts import ClassReference, Instance
from .files import Files
from .reach import Uses
from .stubs import NEVER_IMPORTED, Calls, Duck, PureFunction, Stub

USER = "__deloop_user__"
_PLAIN = frozenset({int, float, str, bool, type(None)})
_ATOMS = (int, float, str, bool, type(None), bytes, complex, range, type, FunctionType, ModuleType, Stub, np.generic)

#: What a cell of a table may hold that two runs must not share, or that stands for an object of the loop's own.
_TO_CLONE = frozenset([Instance, ClassReference, PureFunction, Duck, list, tuple, dict, set])

#: Seconds of the processor, which other work on the machine disturbs least; too coarse on Windows.
_now = time.perf_counter if sys.platform == "win32" else time.thread_time


class Stop(BaseException):
    """The code before the region left: the region isn't reached."""


@dataclass
class Outcome:
    """What a run did. `status` is returned, raised, stopped, timeout or refused."""

    status: str
    value: Any = None
    tag: str = ""
    error: BaseException | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    globals: dict[str, Any] = field(default_factory=dict)
    idle: Collection[str] = ()  # those that the version can't come to
    output: str = ""
    log: str = ""
    calls: list[Any] = field(default_factory=list)
    random_state: Any = None
    seconds: float = 0.0
    reached: bool = False
    line: int = 0
    place: tuple[tuple[int, int], ...] = ()
    part: str = ""
    partial: Any = None
    branches: frozenset[tuple[int, bool]] = frozenset()
    gathered: frozenset[int] = frozenset()  # statements that gathered something


class _Output(io.StringIO):
    """Captured text, at most a few megabytes of it."""

    def write(self, text: str) -> int:
        if self.tell() > 4_000_000:
            raise MemoryError("too much output")
        return super().write(text)


class Version:
    """One version of the code, loaded."""

    def __init__(
        self,
        code: dict[str, Any],
        mode: str,
        global_names: list[str],
        results: list[str],
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.mode, self.results = mode, results
        self.global_names = set(global_names)
        self.calls = Calls()
        self.stubs_used: set[str] = set()
        self.failed: dict[str, str] = {}
        self.stubs: set[str] = set()
        self._clock = _Clock()
        self._partial: list[Any] = []
        self._branches: set[tuple[int, bool]] = set()
        self._gathered: set[int] = set()
        self.sought: dict[str, list[Any]] = {}
        self._modules = {"": _module()}
        self.ns = self._space("")
        sys.modules[USER] = self._modules[""]
        self.ns.update(
            __deloop_stop__=_stop,
            __deloop_enter__=self._clock.enter,
            __deloop_leave__=self._clock.leave,
            __deloop_locals__=locals,
            __deloop_take__=_take,
            __deloop_partial__=self._partial.append,
            __deloop_branch__=self._branch,
            __deloop_gather__=self._gathered.add,
            __deloop_seen__=self._seen,
            __deloop_missing__=self._missing,
            __deloop_calls__=self.calls,
            **given,
        )
        self._uses = Uses()
        _start_drawing()  # data that the file draws is the same for both versions
        for chunk in code.get("probed_chunks") or code["chunks"]:
            self._load(chunk)
        self.source = code.get("probed") or code["source"]
        text = self.source + "".join(c["code"] for c in code["chunks"])
        self._draws = "random" in text or ".sample(" in text  # else nobody touches the global generators
        self._code = compile(self.source, "<region>", "exec", dont_inherit=True)
        if mode == "function":
            exec(self._code, self.ns)
        self._base = set(self.ns)
        self._keep_state(self._uses.reached(self._code))

    def _keep_state(self, reached: set[str] | None) -> None:
        """Copy the data that a run may change, to put it back before the next one; None stands for all names."""

        def comes_to(name: str) -> bool:
            return reached is None or name in reached

        own = {k: v for k, v in self.ns.items() if _may_change(k, v)}
        of_classes = {
            (k, a): x
            for k, v in self.ns.items()
            if isinstance(v, type) and v.__module__ == USER
            for a, x in vars(v).items()
            if _may_change(a, x)
        }
        others = {
            (key, k): v
            for key, module in self._modules.items()
            for k, v in vars(module).items()
            if key and _may_change(k, v)
        }
        self._pristine = {k: clone(v, self.ns) for k, v in own.items() if comes_to(k)}
        self._class_state = {at: clone(v, self.ns) for at, v in of_classes.items() if comes_to(at[1])}
        self._other_state = {at: clone(v, self._space(at[0])) for at, v in others.items() if comes_to(at[1])}
        self._idle = {k: v for k, v in own.items() if k not in self._pristine}
        self._idle |= {_of_class(at): v for at, v in of_classes.items() if at not in self._class_state}
        self._idle |= {_of_module(at): v for at, v in others.items() if at not in self._other_state}

    @contextlib.contextmanager
    def looking(self, look: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        """Within this, the names around the loop are shown whenever a run comes to it."""
        self._clock.look = look
        try:
            yield
        finally:
            self._clock.look = None

    def _branch(self, number: int, value: Any) -> bool:
        """Note which way a condition goes."""
        way = bool(value)
        self._branches.add((number, way))
        return way

    def _missing(self, name: str) -> Stub:
        """What a function imports that is not there."""
        self.stubs.add(name)
        return Stub(name, self.calls, self.stubs_used)

    def _seen(self, where: str, value: Any) -> Any:
        """Note some of the values that are looked for in a container."""
        found = self.sought.setdefault(where, [])
        if len(found) < 12 and _is_plain(value) and value not in found:
            found.append(value)
        return value

    def _space(self, key: str) -> dict[str, Any]:
        """The names of the file itself, or of another module of the project."""
        return self._modules.setdefault(key, _module()).__dict__

    def _load(self, chunk: dict[str, Any]) -> None:
        names, code, ns = chunk["names"], chunk["code"], self._space(chunk.get("space", ""))
        if chunk["kind"] == "link":
            self._link(names, ns, *chunk["source"])
            return
        if chunk["kind"] == "import" and _module_of(code) == "numba":
            sandbox.let_compile()
        if chunk["kind"] == "import" and _module_of(code) in NEVER_IMPORTED:
            self._stub(names, ns)
            return
        try:
            compiled = compile("from __future__ import annotations\n" + code, "<preamble>", "exec", dont_inherit=True)
            self._uses.chunk(names, compiled)
            with sandbox.deadline(20), _quiet():
                exec(compiled, ns)
        except Exception as e:
            sandbox.violations()
            for name in names:
                self.failed[name] = f"{type(e).__name__}: {e}"
            self._stub(names, ns)
        except sandbox.Timeout:
            for name in names:
                self.failed[name] = "took more than 20 s"
            self._stub(names, ns)

    def _link(self, names: list[str], ns: dict[str, Any], key: str, name: str) -> None:
        """Bind what comes from another module of the project."""
        found = self._modules.get(key)
        self._uses.link(names, name)
        if found is None or (name and name not in vars(found)):
            self._stub(names, ns)
        for local in names if found is not None else []:
            ns[local] = vars(found).get(name, ns.get(local)) if name else found

    def _stub(self, names: list[str], ns: dict[str, Any]) -> None:
        for name in names:
            self.stubs.add(name)
            ns[name] = Stub(name, self.calls, self.stubs_used)

    def run(self, arguments: dict[str, Any], limit: float) -> Outcome:
        """Run on copies of the arguments (as `drafts.finish` gives them)."""
        memo: dict[int, Any] = {}
        values = {k: clone(v, self.ns, memo) for k, v in arguments.items()}
        self._reset(values)
        output, log = _Output(), _Output()
        outcome = Outcome("returned", arguments=values)
        saved = sys.stdout, sys.stderr, sys.stdin
        sys.stdout, sys.stderr, sys.stdin = output, log, io.StringIO()
        if self._draws:
            _start_drawing()
        started = _now()
        try:
            with sandbox.deadline(limit):
                self._execute(values, outcome)
        except Stop:
            outcome.status = "stopped"
        except sandbox.Timeout:
            outcome.status = "timeout"
        except BaseException as e:  # the exception is the outcome, SystemExit included
            outcome.status, outcome.error = "raised", e
            outcome.line, outcome.place, outcome.part = _place(e, self.source)
        finally:
            sys.stdout, sys.stderr, sys.stdin = saved
        outcome.seconds = self._clock.total(started)
        outcome.reached = self._clock.reached
        outcome.branches, outcome.gathered = frozenset(self._branches), frozenset(self._gathered)
        outcome.output, outcome.log = output.getvalue(), log.getvalue()
        if self._draws:
            outcome.random_state = (random.getstate(), np.random.get_state())
        outcome.calls = list(self.calls) + [c for v in values.values() if isinstance(v, Files) for c in v.calls]
        outcome.globals = {k: self.ns.get(k) for k in self._pristine}
        outcome.globals |= {_of_class((k, a)): vars(self.ns[k]).get(a) for k, a in self._class_state}
        outcome.globals |= {_of_module((key, k)): vars(self._modules[key]).get(k) for key, k in self._other_state}
        outcome.globals |= self._idle
        outcome.idle = self._idle.keys()
        if outcome.status == "raised" and self._partial:
            outcome.partial = self._partial[-1]
        if self.mode == "module":
            self._clean()
        return outcome

    def _execute(self, values: dict[str, Any], outcome: Outcome) -> None:
        if self.mode == "function":
            given = {k: v for k, v in values.items() if k not in self.global_names}
            outcome.tag, outcome.value = self.ns["__deloop_region__"](**given)
        else:
            scope = self.ns if self.mode == "module" else dict(values)
            exec(self._code, self.ns, scope)
            outcome.tag, outcome.value = "end", {k: scope[k] for k in self.results if k in scope}
        outcome.value = _drained(outcome.value)

    def _reset(self, values: dict[str, Any]) -> None:
        self._clock.reset()
        self._partial.clear()
        self._branches.clear()
        self._gathered.clear()
        self.calls.clear()
        for name, value in self._pristine.items():
            self.ns[name] = clone(value, self.ns)
        for (owner, attribute), value in self._class_state.items():
            setattr(self.ns[owner], attribute, clone(value, self.ns))
        for (key, name), value in self._other_state.items():
            setattr(self._modules[key], name, clone(value, self._space(key)))
        for name, value in values.items():
            if name in self.global_names or self.mode == "module":
                self.ns[name] = value

    def _clean(self) -> None:
        for name in set(self.ns) - self._base:
            del self.ns[name]


def _module() -> ModuleType:
    module = ModuleType(USER)
    module.__dict__.update(__builtins__=__builtins__, __file__="<region>")
    return module


class _Clock:
    """Time spent between the marks around the touched statements."""

    def __init__(self) -> None:
        self.look: Callable[[dict[str, Any]], None] | None = None
        self.reset()

    def reset(self) -> None:
        self.reached = False
        self._since: float | None = None
        self._spent = 0.0

    def enter(self) -> None:
        self.reached = True
        if self.look is not None:
            around = sys._getframe(1)
            self.look({**around.f_globals, **around.f_locals})
        self._since = _now()

    def leave(self) -> None:
        if self._since is not None:
            self._spent += _now() - self._since
            self._since = None

    def total(self, started: float) -> float:
        if self._since is not None:
            self.leave()
        return self._spent if self.reached else _now() - started


def _stop() -> None:
    raise Stop


def _take(names: tuple[str, ...], found: dict[str, Any]) -> dict[str, Any]:
    return {n: found[n] for n in names if n in found}


_PYTHON_STATE = random.Random(7).getstate()
_NUMPY_STATE = np.random.RandomState(7).get_state()


def _start_drawing() -> None:
    random.setstate(_PYTHON_STATE)
    np.random.set_state(_NUMPY_STATE)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _module_of(code: str) -> str:
    words = code.replace(",", " ").split()
    return words[1].split(".")[0] if len(words) > 1 else ""


def _place(error: BaseException, source: str) -> tuple[int, tuple[tuple[int, int], ...], str]:
    """The line of the region that raised, how far the code had come, and the expression that failed."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in ("<region>", "<preamble>")]
    place = tuple((f.lineno or 0, getattr(f, "end_colno", None) or 0) for f in frames)
    own = [f for f in frames if f.filename == "<region>"]
    if not own:
        return 0, place, ""
    line = own[-1].lineno or 0
    lines = source.split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    start, end = getattr(own[-1], "colno", None), getattr(own[-1], "end_colno", None)
    within = getattr(own[-1], "end_lineno", None) == line and start is not None and end is not None
    return line, place, text[start:end] + "(" * text.startswith("(", end) if within else text


def _is_plain(value: Any) -> bool:
    """Whether a value is a number, a text or a day, or a tuple of such."""
    if type(value) is tuple:
        return all(_is_plain(v) for v in value)
    return type(value) in (str, int, float, dt.date, dt.datetime, pd.Timestamp)


def _of_class(at: tuple[str, str]) -> str:
    return ".".join(at)


def _of_module(at: tuple[str, str]) -> str:
    return f"{Path(at[0]).stem}.{at[1]}"


def _may_change(name: str, value: Any) -> bool:
    return not name.startswith("__") and _mutable(value)


def _mutable(value: Any) -> bool:
    return isinstance(value, (list, dict, set, bytearray, np.ndarray, pd.DataFrame, pd.Series)) or (
        hasattr(value, "__dict__")
        and type(value).__module__ == USER
        and not isinstance(value, (type, FunctionType, Stub, ModuleType))
    )


def _drained(value: Any) -> Any:
    """Results that can be iterated once are read here, as part of the run."""
    if isinstance(value, dict):
        return {k: _drained_one(v) for k, v in value.items()}
    return _drained_one(value)


def _drained_one(value: Any) -> Any:
    if hasattr(value, "__next__") and hasattr(value, "__iter__") and not isinstance(value, io.IOBase):
        return ("iterator", type(value).__name__, [v for _, v in zip(range(100_000), value, strict=False)])
    return value


def clone(value: Any, ns: dict[str, Any], memo: dict[int, Any] | None = None) -> Any:
    """A deep copy; instances of the user's classes are made from `ns`."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)][0]
    made = _cloned(value, kind, ns, memo)
    memo[id(value)] = (made, value)
    return made


def _cloned(value: Any, kind: type, ns: dict[str, Any], memo: dict[int, Any]) -> Any:
    if kind is list:
        return value[:] if _PLAIN.issuperset(map(type, value)) else [clone(v, ns, memo) for v in value]
    if kind is tuple:
        return tuple(clone(v, ns, memo) for v in value)
    if kind is dict and _PLAIN.issuperset(map(type, value)):
        return {k: v if type(v) in _PLAIN else clone(v, ns, memo) for k, v in value.items()}
    if kind is dict:
        return {clone(k, ns, memo): clone(v, ns, memo) for k, v in value.items()}
    if kind is np.ndarray and _plain_cells(value):
        return copy.deepcopy(value) if value.dtype == object else value.copy()
    if kind is np.ndarray:
        return _cells(value.ravel(), ns, memo).reshape(value.shape)
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return _table(value, ns, memo)
    if kind is Instance:
        return _instance(value, ns, memo)
    if kind is ClassReference:
        return ns.get(value.cls) or type(value.cls, (), {"__module__": USER})  # another file need not have it
    if kind is PureFunction:
        return PureFunction(value.name, ns.get("__deloop_calls__"))
    if kind is Files:
        return value.anew()
    if kind is Duck:
        return value.with_calls(ns.get("__deloop_calls__", Calls()))
    if isinstance(value, (*_ATOMS, pd.Index)):
        return value
    return copy.deepcopy(value)


def _table(value: Any, ns: dict[str, Any], memo: dict[int, Any]) -> Any:
    """A copy of a frame or a series, and of the lists and objects in its cells."""
    made = value.copy(deep=True)
    if isinstance(value, pd.Series):
        return made if _plain_cells(value) else pd.Series(_cells(value, ns, memo), made.index, name=made.name)
    for k, dtype in enumerate(value.dtypes.array):  # taking out each column would cost more than the copy
        if isinstance(dtype, np.dtype) and dtype.hasobject and not _plain_cells(column := value.iloc[:, k]):
            made.isetitem(k, pd.Series(_cells(column, ns, memo), made.index))
    return made


def _plain_cells(column: Any) -> bool:
    return column.dtype != object or not {*map(type, column.flat if type(column) is np.ndarray else column)} & _TO_CLONE


def _cells(column: Any, ns: dict[str, Any], memo: dict[int, Any]) -> Any:
    found = np.empty(len(column), dtype=object)
    for k, cell in enumerate(column):
        found[k] = clone(cell, ns, memo)
    return found


def _named(self: Any) -> str:
    """Without an address: what a loop writes of an object must be the same in each run."""
    return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


def _instance(value: Instance, ns: dict[str, Any], memo: dict[int, Any]) -> Any:
    owner: Any = ns.get(value.cls)
    if not isinstance(owner, type):
        methods = {"__repr__": _named, "copy": copy.deepcopy}
        owner = type(value.cls or "Namespace", (), {"__module__": USER, **methods})
    if getattr(owner, "__abstractmethods__", None):
        owner.__abstractmethods__ = frozenset()  # the loop is in a method of the class itself
    made = owner.__new__(owner)
    for name, attribute in value.attributes.items():
        with contextlib.suppress(AttributeError):  # a property without a setter tells itself what it is
            object.__setattr__(made, name, attribute if type(attribute) in _PLAIN else clone(attribute, ns, memo))
    return made
