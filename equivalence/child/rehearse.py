"""Runs a generated test file without pytest and without writing it: does it do what it says?"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from . import sandbox
from .stubs import NEVER_IMPORTED, Calls, Stub

_PACKAGE = Path(__file__).resolve().parents[2]
_SECONDS = 10.0
#: The sizes that the expected speed-up is measured on, and how long that may take.
_TIMED = (1_000,)
_MEASURING = 1.0


class _Skipped(Exception):
    """What `pytest.skip` raises here."""


class _Standins(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports stand-ins for the modules that the verifier never imports."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] not in NEVER_IMPORTED:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Standin(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _Standin(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub(f"{self.__name__}.{name}", Calls(), set())


class _Marks:
    """Stands for `pytest.mark`."""

    @staticmethod
    def parametrize(names: str, values: Any, ids: Any = None) -> Callable[[Any], Any]:
        def mark(function: Any) -> Any:
            function._values = list(values)
            return function

        return mark

    @staticmethod
    def benchmark(function: Any) -> Any:
        function._left_out = True
        return function


class _Pytest(ModuleType):
    """Stands for pytest, as far as scaffolds use it."""

    mark = _Marks

    @staticmethod
    def skip(reason: str) -> None:
        raise _Skipped(reason)


def stand_in_for_pytest() -> None:
    """Let files that import pytest be loaded where there is none."""
    if importlib.util.find_spec("pytest") is None:
        sys.modules["pytest"] = _Pytest("pytest")


def rehearse(request: dict[str, Any]) -> dict[str, Any]:
    """Run the tests of `source`, a file that would be at `file`.

    With `module` the user's file counts as having that text. The answer lists `[test, parameter, outcome, why]`, and
    with `timed` how many times faster the new version is on 1,000 rows, None where that could not be measured.
    """
    before = set(sys.modules)
    path = list(sys.path)
    sys.modules["pytest"] = _Pytest("pytest")
    sys.meta_path.insert(0, finder := _Standins())
    try:
        with sandbox.deadline(_SECONDS):
            namespace = _loaded(request)
        results = list(_results(namespace))
        speed = _speed(namespace) if request.get("timed") else None
    except (Exception, SystemExit) as e:
        return {"verdict": "broken", "reason": f"{type(e).__name__}: {e}"}
    except sandbox.Timeout:
        return {"verdict": "broken", "reason": "takes too long to load"}
    finally:
        sys.path[:] = path
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before | {"pytest"}:
            if _is_local(sys.modules[name], request["roots"]):
                del sys.modules[name]
    return {"verdict": "rehearsed", "results": results, "speed": speed}


def _loaded(request: dict[str, Any]) -> dict[str, Any]:
    testing = loaded_testing()
    new = request.get("module")
    real = testing.load

    def load(path: str, *args: Any, **more: Any) -> ModuleType:
        module: ModuleType = real(path, *args, **more)
        if new is not None:
            exec(compile(new, module.__file__ or path, "exec", dont_inherit=True), module.__dict__)
        return module

    testing.load = load
    try:
        namespace: dict[str, Any] = {"__name__": "test_scaffold", "__file__": request["file"]}
        module = ModuleType("test_scaffold")
        module.__dict__.update(namespace)
        sys.modules["test_scaffold"] = module
        exec(compile(request["source"], request["file"], "exec", dont_inherit=True), module.__dict__)
        return module.__dict__
    finally:
        testing.load = real


def loaded_testing() -> Any:
    """`deloop.testing`, also where no deloop is installed."""
    if "deloop" not in sys.modules:
        package = ModuleType("deloop")
        package.__path__ = [str(_PACKAGE)]
        sys.modules["deloop"] = package
    return importlib.import_module("deloop.testing")


def _results(namespace: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, function in list(namespace.items()):
        if not name.startswith("test_") or not callable(function) or getattr(function, "_left_out", False):
            continue
        if not getattr(function, "__test__", True):
            continue
        for value in getattr(function, "_values", [None]):
            yield name, str(value), *_outcome(function, () if value is None else (value,))


def _speed(namespace: dict[str, Any]) -> float | None:
    """The ratio that the file's own test of speed finds."""
    testing = loaded_testing()
    found: list[tuple[int, float]] = []

    def measured(original: Any, rewritten: Any, arguments: Any, *, keywords: Any = (), **_: Any) -> None:
        found.extend(
            testing.speedups(original, rewritten, arguments, sizes=_TIMED, seconds=_MEASURING, keywords=keywords)
        )

    real, testing.assert_faster = testing.assert_faster, measured
    try:
        with sandbox.deadline(_SECONDS):
            namespace["test_speed"]()
    except (Exception, SystemExit, sandbox.Timeout):
        return None
    finally:
        testing.assert_faster = real
    return found[-1][1] if found else None


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, str]:
    try:
        with sandbox.deadline(_SECONDS):
            function(*arguments)
    except _Skipped as e:
        return "skipped", str(e)
    except AssertionError as e:
        return "differs", str(e)
    except (Exception, SystemExit) as e:
        return "failed", f"{type(e).__name__}: {e}"
    except sandbox.Timeout:
        return "failed", "takes too long"
    refused = sandbox.violations()
    return ("failed", refused[0]) if refused else ("passed", "")


def _is_local(module: ModuleType, roots: list[str]) -> bool:
    """Whether the module came with the rehearsal and must not be met by the next one."""
    if module.__name__ in ("pytest", "test_scaffold") or isinstance(module, _Standin):
        return True
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and any(Path(root) in Path(file).parents for root in roots)
