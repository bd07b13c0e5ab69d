"""Running generated tests with pytest, in the interpreter that the user's code runs in."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from ..equivalence.interpreter import NoInterpreter, choose_python
from .gather import Job
from .standalone import is_standalone

_PROBE = """
import sys
from importlib.util import find_spec
sys.exit(0 if find_spec("pytest") and find_spec("deloop") and find_spec("deloop.testing") else 1)
"""
_PROBE_ALONE = """
import sys
from importlib.util import find_spec
sys.exit(0 if find_spec("pytest") else 1)
"""


@dataclass
class Run:
    """What pytest said of one test file. `failures` are lines for the reader."""

    name: str
    passed: int = 0
    skipped: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.failed and self.passed + self.skipped > 0

    def __str__(self) -> str:
        parts = [f"{n} {word}" for n, word in ((self.passed, "passed"), (self.failed, "failed")) if n]
        if self.skipped:
            parts.append(f"{self.skipped} skipped ({'; '.join(dict.fromkeys(self.reasons))})")
        first = f": {self.failures[0]}" if self.failures else ""
        return f"{self.name}: {', '.join(parts) or 'no tests in it'}{first}"


def run_scaffolds(files: Sequence[Path], job: Job) -> list[Run]:
    """Run the files in one go, benchmarks left out, and say what came of each.

    Raises NoInterpreter when the interpreter lacks pytest or deloop.
    """
    runs = {file.stem: Run(job.name_of(file)) for file in files}
    if not runs:
        return []
    python = choose_python(job.policy.python)
    _check(python, alone=all(is_standalone(file.read_text(errors="replace")) for file in files))
    with tempfile.TemporaryDirectory(prefix="deloop-") as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [
                *(python, "-m", "pytest", "-q", "-m", "not benchmark", "-p", "no:cacheprovider", "-o", "addopts="),
                *("-o", "junit_family=xunit1", f"--junitxml={report}", "--", *map(str, files)),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            check=False,
        )
        cases = list(_cases(report))
    if not cases:
        lines = (done.stderr or done.stdout).strip().split("\n")
        raise NoInterpreter(f"pytest of {python} did not run ({lines[-1][:200]})")
    for case in cases:
        if (run := _owner(case, runs)) is not None:
            _count(case, run)
    return list(runs.values())


def _check(python: str, alone: bool) -> None:
    """Whether the interpreter has what the tests need."""
    probe = _PROBE_ALONE if alone else _PROBE
    done = subprocess.run([python, "-c", probe], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        needed = "pytest" if alone else "pytest and deloop"
        raise NoInterpreter(
            f"the tests need {needed} in {python}: install {'it' if alone else 'both'} there, name another interpreter "
            "with --python" + ("" if alone else ", or write them with --standalone")
        )


def _cases(report: Path) -> Iterator[ElementTree.Element]:
    with contextlib.suppress(OSError, ElementTree.ParseError):
        yield from ElementTree.parse(report).getroot().iter("testcase")


def _owner(case: ElementTree.Element, runs: dict[str, Run]) -> Run | None:
    names = [Path(case.get("file", "")).stem, *(case.get(a, "").split(".")[-1] for a in ("classname", "name"))]
    return next((runs[name] for name in names if name in runs), None)


def _count(case: ElementTree.Element, run: Run) -> None:
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            run.failed += 1
            lines = [line for line in (found.get("message") or found.text or "").strip().split("\n") if line.strip()]
            run.failures.append(f"{case.get('name')}: {(lines or [kind])[0].removeprefix('AssertionError: ')}")
            return
    skipped = case.find("skipped")
    if skipped is not None:
        run.skipped += 1
        run.reasons.append((skipped.get("message") or "no reason given").split("\n")[0])
        return
    run.passed += 1
