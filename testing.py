"""For tests that two functions do the same: the strict comparison of deloop's verifier, and what such tests need.

Needs NumPy and pandas only. The tests that `deloop scaffold` writes are built on it; so can be your own:

    from deloop import testing

    def test_slow_and_fast_agree():
        testing.assert_equivalent(slow, fast, frame, 0.5, rtol=1e-10)
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import io
import math
import random
import sys
import time
import unittest
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from .equivalence.child import show
from .equivalence.child.compare import Comparison, Differs, Rules, contents
from .equivalence.child.drafts import Instance
from .equivalence.child.namespace import Outcome, _drained, clone
from .equivalence.child.stubs import Duck, PureFunction
from .equivalence.child.unpickle import CannotLoad, read
from .equivalence.recordings import recorded_of, runs_near

__all__ = [
    "assert_equivalent", "assert_faster", "benchmark", "instance", "load", "pure_function", "recorded", "same_code",
    "seconds_of", "speedups", "unknown",
]  # fmt: skip

_LONGEST = 2000


def assert_equivalent(
    original: Callable[..., Any],
    rewritten: Callable[..., Any],
    *args: Any,
    rtol: float | None = None,
    assume: Collection[str] = (),
    keywords: Sequence[str] = (),
) -> None:
    """Fail unless both functions do the same with these arguments; each gets its own deep copies of them.

    Compared strictly: results with their types, dtypes, indexes, order and aliasing, changes to the arguments, the type
    of an exception, printed text, the state of the global random generators. `rtol` allows that relative difference
    between floats. `assume` may name "element-types" (a NumPy scalar or dtype may stand for another), "empty-type" (the
    type of empty results may differ), "signed-zero" and "pure-calls" (calls of a `pure_function` don't count).
    `keywords` are the names of the last arguments, passed by keyword.
    """
    __tracebackhide__ = True
    left, right = _run(original, args, keywords), _run(rewritten, args, keywords)
    loose = "element-types" in assume or ("empty-type" in assume and any(_is_empty(a) for a in args))
    scale = _scale(args) if rtol else 0.0
    rules = Rules(
        loose=loose,
        empty=loose or "empty-type" in assume,
        rtol=rtol,
        scale=scale,
        ignore_calls="pure-calls" in assume,
        signed_zero="signed-zero" in assume,
    )
    try:
        _ByName(rules).outcomes(left, right)
    except Differs as difference:
        raise AssertionError(_message(original, rewritten, args, keywords, str(difference))) from None


#: What a rewritten function has to gain is asked for at so many rows, or more.
_LEAST_ROWS = 1_000


def speedups(
    original: Callable[..., Any],
    rewritten: Callable[..., Any],
    arguments: Callable[[int], Sequence[Any]],
    *,
    sizes: Sequence[int] = (50, 1_000, 20_000),
    seconds: float = 2.0,
    keywords: Sequence[str] = (),
) -> list[tuple[int, float]]:
    """How many times faster the rewritten function is: (size, ratio of median times) for each size.

    `arguments(n)` gives the arguments for one size. Sizes that would take longer than about `seconds` are left out.
    """
    found: list[tuple[int, float]] = []
    started, last = time.perf_counter(), (0, 0.0)
    for n in sizes:
        expected = last[1] * n / last[0] if last[0] else 0.0
        if expected * 3 > seconds - (time.perf_counter() - started):
            break
        given = arguments(n)
        old, new = _median(original, given, keywords), _median(rewritten, given, keywords)
        last = (n, max(old, new))
        found.append((n, old / max(new, 1e-9)))
    return found


def assert_faster(
    original: Callable[..., Any],
    rewritten: Callable[..., Any],
    arguments: Callable[[int], Sequence[Any]],
    *,
    at_least: float | None = None,
    keywords: Sequence[str] = (),
) -> None:
    """Print how many times faster the rewritten function is at several sizes.

    Fail where it is not `at_least` times as fast at the largest of them, which is then 1,000 or more, however long that
    takes. Skipped where both are the same code: then the rewrite is not applied yet.
    """
    __tracebackhide__ = True
    if same_code(original, rewritten):
        raise unittest.SkipTest("both are the same code: the rewrite is not applied yet")
    found = speedups(original, rewritten, arguments, keywords=keywords)
    if at_least is not None and (not found or found[-1][0] < _LEAST_ROWS):  # a ratio grows with the rows
        found += speedups(original, rewritten, arguments, sizes=(_LEAST_ROWS,), keywords=keywords)
    for n, ratio in found:
        print(f"\n{n:>8,} rows: {ratio:.1f}x", end="")
    if at_least is not None and found and found[-1][1] < at_least:
        name = getattr(rewritten, "__qualname__", repr(rewritten))
        n, ratio = found[-1]
        raise AssertionError(f"{name} is {ratio:.1f}x as fast as it was at {n:,} rows, not {at_least:g}x")


@dataclass(frozen=True)
class Benchmark:
    """How `deloop bench` calls a marked function."""

    arguments: Callable[[int], Sequence[Any]]
    original: Callable[..., Any] | None = None
    keywords: Sequence[str] = ()


F = TypeVar("F", bound=Callable[..., Any])


def benchmark(
    arguments: Callable[[int], Sequence[Any]],
    *,
    original: Callable[..., Any] | None = None,
    keywords: Sequence[str] = (),
) -> Callable[[F], F]:
    """Mark a function for `deloop bench`, which calls it with `arguments(n)` for several `n`.

    `original` is what its speed is compared with, `keywords` are the names of the last arguments, passed by keyword.
    The function stays as it is.
    """

    def mark(function: F) -> F:
        function.__deloop_benchmark__ = Benchmark(arguments, original, keywords)  # type: ignore[attr-defined]
        return function

    return mark


def recorded(
    region: str, names: Sequence[str], beside: str, *, left_out: Collection[str] = ()
) -> dict[str, Callable[[], tuple[Any, ...]]]:
    """What `deloop record` kept of a loop on this machine: for each input a function that gives the values of `names`.

    `region` is the digest of the loop's lines as they were recorded. The inputs are looked for in `.deloop` of the
    current folder, of that of the file `beside` and of those above it; where nothing was recorded there are none. Each
    is named by a digest of its bytes; `left_out` are such names.
    """
    found = {kept.name: kept.path for kept in recorded_of(runs_near([Path(beside)]), region)}
    return {name: partial(_loaded, path, tuple(names)) for name, path in found.items() if name not in left_out}


def _loaded(path: str, names: Sequence[str]) -> tuple[Any, ...]:
    try:
        values = read(path, names)
    except CannotLoad as problem:
        raise unittest.SkipTest(f"this input {problem}") from None
    return tuple(values[name] for name in names)


def same_code(original: Callable[..., Any], rewritten: Callable[..., Any]) -> bool:
    """Whether two functions are the same code, whatever they are called and wherever they stand."""
    one, other = (getattr(inspect.unwrap(f), "__code__", None) for f in (original, rewritten))
    return one is not None and other is not None and _code(one) == _code(other)


def _code(code: CodeType) -> tuple[Any, ...]:
    constants = (_code(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts)
    return (code.co_code, code.co_names, code.co_varnames, *constants)


def load(path: str, beside: str, *, roots: Sequence[str] = ()) -> ModuleType:
    """Import the module in a file. `path` and `roots` are relative to the folder of the file `beside`.

    `roots` are more folders that it imports modules from. A module in a package is imported by its dotted name. Another
    module of the same name that is already loaded stays what it is. Raises FileNotFoundError, and what the import
    raises.
    """
    folder = Path(beside).resolve().parent
    file = (folder / path).resolve()
    if not file.is_file():
        raise FileNotFoundError(f"{path}: the file that this test is about is gone (was it moved or renamed?)")
    root, name = file.parent, [] if file.stem == "__init__" else [file.stem]
    while (root / "__init__.py").is_file() and root.parent != root:
        root, name = root.parent, [root.name, *name]
    for entry in [*(str((folder / r).resolve()) for r in roots), str(root)]:
        if entry not in sys.path:
            sys.path.insert(0, entry)
    known = sys.modules.get(".".join(name))
    if known is not None and _is_from(known, file):
        return known
    if known is None and all(part.isidentifier() for part in name):
        module = importlib.import_module(".".join(name))
        if _is_from(module, file):
            return module
    return _load_file(file)


def instance(cls: str, /, **attributes: Any) -> Instance:
    """Stands for an object of the class of this name with these attributes, made without calling `__init__`.

    As an argument of `assert_equivalent` it becomes, for each function, an object of the class of that name in the
    function's own module.
    """
    return Instance(cls, attributes)


def pure_function(name: str) -> PureFunction:
    """A function whose result is a number that depends on its arguments alone; its calls are compared too."""
    return PureFunction(name)


def unknown(name: str) -> Duck:
    """An object of which nothing is known: whatever it is asked for depends on its name alone."""
    return Duck(name)


class _ByName(Comparison):
    """Takes classes of the same name for the same: the original is a copy of the user's code."""

    def _same_class(self, a: Any, b: Any) -> bool:
        return _is_user(type(a)) and _is_user(type(b)) and type(a).__qualname__ == type(b).__qualname__

    def _other(self, a: Any, b: Any, where: str) -> None:
        if type(a) is not type(b) and self._same_class(a, b):
            self.same(contents(a), contents(b), f"attributes of {where}")
        else:
            super()._other(a, b, where)


def _is_user(cls: type) -> bool:
    return cls.__module__.split(".")[0] not in ("builtins", "numpy", "pandas", "datetime", "collections", "decimal")


def _run(function: Callable[..., Any], args: Sequence[Any], keywords: Sequence[str]) -> Outcome:
    """One call on copies of the arguments."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    memo: dict[int, Any] = {}
    values = [clone(a, names, memo) for a in args]
    named = dict(zip(_labels(function, args, keywords), values, strict=True))
    outcome = Outcome("returned", tag="return", arguments=named)
    output, log = io.StringIO(), io.StringIO()
    with _random_state(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(log):
                outcome.value = _drained(_called(function, values, keywords))
        except (Exception, SystemExit) as error:
            outcome.status, outcome.error = "raised", error
        outcome.random_state = (random.getstate(), np.random.get_state())
    outcome.output, outcome.log = output.getvalue(), log.getvalue()
    outcome.calls = [call for v in values if isinstance(v, PureFunction) for call in v.calls]
    return outcome


def _called(function: Callable[..., Any], values: Sequence[Any], keywords: Sequence[str]) -> Any:
    first = len(values) - len(keywords)
    return function(*values[:first], **dict(zip(keywords, values[first:], strict=True)))


def _labels(function: Callable[..., Any], args: Sequence[Any], keywords: Sequence[str]) -> list[str]:
    """What the arguments are called."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    first = len(args) - len(keywords)
    plain = names[:first] if len(names) >= first else [f"argument {k + 1}" for k in range(first)]
    return [*plain, *keywords]


@contextlib.contextmanager
def _random_state() -> Iterator[None]:
    """The same random numbers for each run; the generators are put back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(7)
    np.random.seed(7)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _message(
    original: Callable[..., Any], rewritten: Callable[..., Any], args: Sequence[Any], keywords: Sequence[str], why: str
) -> str:
    old, new = (getattr(f, "__qualname__", repr(f)) for f in (original, rewritten))
    try:
        given = show.inputs(dict(zip(_labels(original, args, keywords), args, strict=True)))
    except Exception as problem:  # an argument that can't be shown is no reason to hide the difference
        given = f"(arguments that can't be shown: {problem})"
    given = given if len(given) <= _LONGEST else given[:_LONGEST] + "..."
    return f"{new} does not do what {old} does: {why}\nwith\n{given}"


def _is_empty(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str) and len(value) == 0


def _scale(args: Sequence[Any]) -> float:
    """The largest ordinary number among the arguments."""
    return max((abs(v) for a in args for v in _numbers(a) if abs(v) < 1e15), default=0.0)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, (bool, np.bool_)):
        return
    if isinstance(value, (int, float, np.number)) and not isinstance(value, np.complexfloating):
        if math.isfinite(value):
            yield float(value)
    elif isinstance(value, pd.DataFrame):
        for j in range(value.shape[1]):
            yield from _numbers(value.iloc[:, j])
    elif isinstance(value, (pd.Series, np.ndarray)):
        yield from _numbers(np.ravel(np.asarray(value)).tolist())
    elif isinstance(value, dict):
        yield from _numbers(list(value.values()))
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, Instance):
        yield from _numbers(value.attributes)


def _median(function: Callable[..., Any], args: Sequence[Any], keywords: Sequence[str]) -> float:
    """Seconds of one call: the median of three, or of one that takes long."""
    times: list[float] = []
    while len(times) < 3 and sum(times) < 0.5:
        times.append(seconds_of(function, args, keywords))
    return sorted(times)[len(times) // 2]


def seconds_of(function: Callable[..., Any], args: Sequence[Any], keywords: Sequence[str] = ()) -> float:
    """Seconds of one call on copies of the arguments, without what the copying takes."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    values = [clone(a, names) for a in args]
    with _random_state(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        _drained(_called(function, values, keywords))
        return time.perf_counter() - started


def _is_from(module: ModuleType, file: Path) -> bool:
    found = getattr(module, "__file__", None)
    return found is not None and Path(found).resolve() == file


def _load_file(file: Path) -> ModuleType:
    """A module under a name of its own, for a file whose plain name is taken or is no name."""
    name = f"{file.stem.replace('.', '_')}@{file.parent}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
