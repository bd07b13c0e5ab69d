"""Times the functions that test files name, each beside its original: needs NumPy and pandas only.

One request as JSON on standard input, one line of JSON for each function and one for the machine on standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .rehearse import loaded_testing, stand_in_for_pytest

#: At most so many rounds at one size; the best one counts.
_ROUNDS = 15


@dataclass(frozen=True)
class Subject:
    """One function to time: how it is called, and the original if there is one that differs."""

    name: str
    function: Callable[..., Any]
    original: Callable[..., Any] | None
    arguments: Callable[[int], Sequence[Any]]
    keywords: Sequence[str] = ()
    note: str = ""


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the user's code prints is no answer
    sys.stdout = sys.stderr
    testing = loaded_testing()
    stand_in_for_pytest()
    for file in request["files"]:
        for row in _of_file(testing, file, request):
            print(json.dumps({"file": file, **row}), file=answers, flush=True)
    print(json.dumps({"machine": _machine(), "reference": _reference()}), file=answers, flush=True)


def _of_file(testing: Any, file: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        module = _loaded(Path(file))
        testing = getattr(module, "testing", testing)  # a scaffold that stands alone has its own
        subjects = _subjects(module)
    except (Exception, SystemExit) as e:
        yield {"problem": f"{type(e).__name__}: {e}"}
        return
    for subject in subjects:
        try:
            yield {"name": subject.name, "note": subject.note, "timings": _timings(testing, subject, request)}
        except (Exception, SystemExit) as e:
            yield {"name": subject.name, "problem": f"{type(e).__name__}: {e}"}


def _subjects(module: ModuleType) -> list[Subject]:
    found = [_scaffolded(module)] if hasattr(module, "test_speed") else []
    for value in vars(module).values():
        mark = getattr(value, "__deloop_benchmark__", None)
        if mark is not None and inspect.isfunction(value) and value.__module__ == module.__name__:
            found.append(Subject(value.__qualname__, value, mark.original, mark.arguments, mark.keywords))
    return found


def _scaffolded(module: ModuleType) -> Subject:
    """What the test of speed of a scaffold compares."""
    found: list[Subject] = []

    def asked(original: Any, rewritten: Any, arguments: Any, *, keywords: Any = (), **_: Any) -> None:
        same = module.testing.same_code(original, rewritten)
        note = "the rewrite is not applied yet" if same else ""
        old = None if same else original
        found.append(Subject(rewritten.__qualname__, rewritten, old, arguments, keywords, note))

    real = module.testing.assert_faster
    module.testing.assert_faster = asked
    try:
        module.test_speed()
    finally:
        module.testing.assert_faster = real
    return found[0]


def _loaded(file: Path) -> ModuleType:
    sys.path.insert(0, str(file.parent))
    name = f"benchmarked_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _timings(testing: Any, subject: Subject, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The best time of each version at each size, in turns so that a busy moment hits both."""
    versions = [f for f in (subject.function, subject.original) if f is not None]
    started, last, found = time.perf_counter(), (0, 0.0), []
    for n in request["sizes"]:
        left = request["seconds"] - (time.perf_counter() - started)
        if last[0] and last[1] * n / last[0] * len(versions) > left:
            break
        best = _best(testing, versions, subject, n, left / 2)
        last = (n, max(best))
        found.append({"n": n, "new": best[0], "original": best[1] if len(best) > 1 else None})
    return found


def _best(testing: Any, versions: Sequence[Any], subject: Subject, n: int, seconds: float) -> list[float]:
    given = subject.arguments(n)
    best = [float("inf")] * len(versions)
    until = time.perf_counter() + seconds
    for _ in range(_ROUNDS):
        for k, version in enumerate(versions):
            best[k] = min(best[k], testing.seconds_of(version, given, subject.keywords))
        if time.perf_counter() > until:
            break
    return best


def _reference() -> float:
    """Seconds of a fixed mix of Python and NumPy, to tell a slower machine from slower code."""
    import numpy as np

    data = np.random.default_rng(0).random(200_000)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        total = 0
        for k in range(100_000):
            total += k % 7
        np.sort(data).cumsum()
        best = min(best, time.perf_counter() - started)
    return best


def _machine() -> dict[str, str]:
    import numpy as np
    import pandas as pd

    return {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}


if __name__ == "__main__":
    with warnings.catch_warnings(), contextlib.suppress(BrokenPipeError):
        warnings.simplefilter("ignore")
        main()
