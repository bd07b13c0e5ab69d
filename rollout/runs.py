"""The decorator: which calls run both versions, who gets which result, and what is counted."""

from __future__ import annotations

import functools
import inspect
import logging
import math
import random
import threading
import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .comparing import compare
from .copies import deep_copy

log = logging.getLogger("deloop.rollout")
Function = TypeVar("Function", bound=Callable[..., Any])
#: Which version a call inside of a version goes to.
ORIGINAL, NEW = "original", "new"


@dataclass(frozen=True)
class Difference:
    """One call on which the two versions differed. `what` says where and how.

    Results are None where a version raised; then `original_error` or `new_error` holds what it raised. The arguments
    are not kept: they may be large, and the call may have changed them.
    """

    function: str
    what: str
    original_result: Any = None
    new_result: Any = None
    original_error: BaseException | None = None
    new_error: BaseException | None = None


@dataclass(frozen=True)
class Report:
    """What happened since the start or the last `reset()`.

    `calls` of which `compared` ran both versions to the end and were compared; `skipped` should have been compared but
    could not be. `new_failures` are exceptions of the new version where the original has none (they count as
    differences too). The seconds are those of the compared calls.
    """

    function: str
    calls: int = 0
    compared: int = 0
    differences: int = 0
    new_failures: int = 0
    skipped: int = 0
    hook_failures: int = 0
    seconds_original: float = 0.0
    seconds_new: float = 0.0
    last_difference: str = ""
    last_skip: str = ""

    @property
    def speedup(self) -> float:
        """How many times as fast the new version was; NaN when nothing was compared."""
        return self.seconds_original / self.seconds_new if self.seconds_new > 0 else math.nan

    def __str__(self) -> str:
        parts = [f"{self.function}: {self.calls} calls, {self.compared} compared, {self.differences} differences"]
        if self.new_failures:
            parts.append(f"{self.new_failures} where only the new version raised")
        if self.skipped:
            parts.append(f"{self.skipped} not compared ({self.last_skip})")
        if self.compared:
            times = f"{self.seconds_original:.4g} s original, {self.seconds_new:.4g} s new"
            parts.append(f"{times} ({self.speedup:.1f}x)")
        return ", ".join(parts)


def rollout(
    *,
    original: Callable[..., Any],
    share: float = 0.5,
    tolerance: float = 1e-4,
    on_difference: Callable[[Difference], object] | None = None,
    returns: str = ORIGINAL,
    seed: int | None = None,
    choose: Callable[[], bool] | None = None,
) -> Callable[[Function], Function]:
    """A decorator for the new version of a function: both run for a `share` of the calls, and are compared.

    `tolerance` is the relative difference that floats may have. `on_difference` is called with each `Difference`.
    `returns` says whose result the caller gets, "original" or "new"; the other version works on deep copies of the
    arguments, and nothing that it raises reaches the caller. `seed` makes the choice of calls repeatable, and `choose`
    makes it instead (`share` then means nothing).

    The function gets `report()` and `reset()`. Raises TypeError for generators and coroutine functions, whose work is
    not done when they return, and ValueError for numbers out of range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share!r}: a number from 0 to 1 is expected")
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"tolerance={tolerance!r}: a number from 0 on is expected, such as 1e-4 for 0.01 %")
    if returns not in (ORIGINAL, NEW):
        raise ValueError(f'returns={returns!r}: "original" or "new" is expected')
    old = _plain(original)

    def decorate(function: Any) -> Any:
        if isinstance(function, staticmethod | classmethod):
            return type(function)(decorate(function.__func__))
        drawn = random.Random(seed)
        chosen = choose or (lambda: drawn.random() < share)
        pair = _Pair(old, _plain(function), tolerance, on_difference, returns, chosen)

        @functools.wraps(function)
        def both(*args: Any, **kwargs: Any) -> Any:
            return pair.call(args, kwargs)

        both.report = pair.report  # type: ignore[attr-defined]
        both.reset = pair.reset  # type: ignore[attr-defined]
        _pairs.add(pair)
        return both

    return decorate


def report() -> list[Report]:
    """The reports of all functions under rollout, by name."""
    return sorted((pair.report() for pair in list(_pairs)), key=lambda one: one.function)


def _plain(function: Any) -> Callable[..., Any]:
    """The function itself, refused when calling it does not do its work."""
    function = function.__func__ if isinstance(function, staticmethod | classmethod) else function
    name = getattr(function, "__qualname__", repr(function))
    if isinstance(function, property | functools.cached_property):
        raise TypeError("rollout: put it below @property, on the function itself")
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"rollout: {name} is no function")
    for kind, refused in (
        ("a generator", inspect.isgeneratorfunction),
        ("a coroutine function", inspect.iscoroutinefunction),
        ("an async generator", inspect.isasyncgenfunction),
    ):
        if refused(inspect.unwrap(function)) or refused(function):
            raise TypeError(f"rollout: {name} is {kind}: its work is not done when the call returns")
    return function  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Outcome:
    """What one version did: a result or an exception, and how long it took."""

    seconds: float
    result: Any = None
    error: BaseException | None = None

    def give(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


@dataclass(eq=False)
class _Pair:
    """Both versions of one function, and what came of their calls."""

    original: Callable[..., Any]
    new: Callable[..., Any]
    tolerance: float
    hook: Callable[[Difference], object] | None
    returns: str
    chosen: Callable[[], bool]
    counts: dict[str, Any] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)  # the user's `choose` may ask for the report
    inside: ContextVar[str] = field(default_factory=lambda: ContextVar("deloop_rollout", default=""))

    @property
    def name(self) -> str:
        return f"{getattr(self.new, '__module__', '?')}.{getattr(self.new, '__qualname__', repr(self.new))}"

    def report(self) -> Report:
        with self.lock:
            return Report(self.name, **self.counts)

    def reset(self) -> None:
        with self.lock:
            self.counts.clear()

    def count(self, **more: Any) -> None:
        """Add numbers to the counts, and keep texts."""
        with self.lock:
            for key, value in more.items():
                self.counts[key] = value if isinstance(value, str) else self.counts.get(key, 0) + value

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if inside := self.inside.get():  # a recursive call belongs to the version that makes it
            return (self.original if inside == ORIGINAL else self.new)(*args, **kwargs)
        wanted = self.choose()
        self.count(calls=1)
        if not wanted and self.returns == ORIGINAL:
            return self.run(ORIGINAL, args, kwargs).give()
        # A result of the new version is needed: the copies let the original step in if it fails.
        copies = self.copied(args, kwargs, wanted)
        if copies is None:
            return self.run(ORIGINAL, args, kwargs).give()
        if not wanted:
            done = self.run(NEW, args, kwargs)
            return done.result if done.error is None else self.stepped_in(done, copies)
        return self.both(args, kwargs, copies)

    def choose(self) -> bool:
        try:
            with self.lock:
                return bool(self.chosen())
        except Exception:
            log.exception("%s: the choice of calls failed; this one is not compared", self.name)
            return False

    def copied(self, args: Any, kwargs: Any, wanted: bool) -> tuple[Any, Any] | None:
        try:
            made: tuple[Any, Any] = deep_copy((args, kwargs))
            return made
        except Exception as problem:
            why = f"the arguments can't be copied: {_text(problem)}"
            self.count(skipped=int(wanted), last_skip=why)
            log.info("%s: not compared, %s", self.name, why)
            return None

    def run(self, version: str, args: Any, kwargs: Any) -> _Outcome:
        """Run one version. Of exceptions that end the program, only those of the version that counts get through."""
        token = self.inside.set(version)
        start = time.perf_counter()
        try:
            result = (self.original if version == ORIGINAL else self.new)(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if version == ORIGINAL and self.returns == ORIGINAL and not isinstance(error, Exception):
                raise
            return _Outcome(time.perf_counter() - start, error=error)
        finally:
            self.inside.reset(token)
        return _Outcome(time.perf_counter() - start, result)

    def stepped_in(self, failed: _Outcome, copies: tuple[Any, Any]) -> Any:
        """The original's result in place of an exception of the new version."""
        done = self.run(ORIGINAL, *copies)
        if done.error is None:
            self.differ("the new version raised, the original did not", done, failed)
        return done.give()

    def both(self, args: Any, kwargs: Any, copies: tuple[Any, Any]) -> Any:
        first, second = (ORIGINAL, NEW) if self.returns == ORIGINAL else (NEW, ORIGINAL)
        outcomes = {first: self.run(first, args, kwargs)}
        outcomes[second] = self.run(second, *copies)
        old, new = outcomes[ORIGINAL], outcomes[NEW]
        self.judge(old, new, ((args, kwargs), copies) if first == ORIGINAL else (copies, (args, kwargs)))
        wanted = old if first == ORIGINAL or new.error is not None else new
        return wanted.give()

    def judge(self, old: _Outcome, new: _Outcome, arguments: tuple[Any, Any]) -> None:
        try:
            what = _difference_of(old, new, arguments, self.tolerance)
        except Exception as problem:
            why = f"the results can't be compared: {_text(problem)}"
            self.count(skipped=1, last_skip=why)
            log.warning("%s: %s", self.name, why)
            return
        self.count(compared=1, seconds_original=old.seconds, seconds_new=new.seconds)
        if what:
            self.differ(what, old, new)

    def differ(self, what: str, old: _Outcome, new: _Outcome) -> None:
        failed = new.error is not None and old.error is None
        self.count(differences=1, new_failures=int(failed), last_difference=what)
        log.warning("%s: the versions differ: %s", self.name, what, exc_info=new.error if failed else None)
        if self.hook is None:
            return
        try:
            self.hook(Difference(self.name, what, old.result, new.result, old.error, new.error))
        except KeyboardInterrupt:
            raise
        except BaseException:
            self.count(hook_failures=1)
            log.exception("%s: on_difference failed", self.name)


_pairs: weakref.WeakSet[_Pair] = weakref.WeakSet()


def _difference_of(old: _Outcome, new: _Outcome, arguments: tuple[Any, Any], tolerance: float) -> str:
    if new.error is not None and old.error is None:
        return f"the new version raised {_text(new.error)}"
    if old.error is not None and new.error is None:
        return f"the original raised {type(old.error).__name__}, the new version did not"
    if type(old.error) is not type(new.error):
        return f"the original raised {type(old.error).__name__}, the new version {type(new.error).__name__}"
    if old.error is None and (found := compare(old.result, new.result, tolerance)):
        return f"result{found}"
    (old_args, old_kwargs), (new_args, new_kwargs) = arguments
    for number, (left, right) in enumerate(zip(old_args, new_args, strict=True)):
        if found := _compare_changed(left, right, tolerance):
            return f"argument {number} after the call{found}"
    for key, left in old_kwargs.items():
        if found := _compare_changed(left, new_kwargs[key], tolerance):
            return f"argument {key} after the call{found}"
    return ""


def _compare_changed(left: Any, right: Any, tolerance: float) -> str:
    """Like `compare`; what an argument yields has been used up by the calls and says nothing."""
    return "" if hasattr(left, "__next__") else compare(left, right, tolerance)


def _text(error: BaseException) -> str:
    """An exception in one line, also one that can't be printed."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
