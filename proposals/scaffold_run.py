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
from ..equivalence.scaffold_mark import about, with_result
from ..sources.files import WriteError, write_atomic
from ..sources.machine import processor
from .applied import Coverage, coverage
from .gather import Job
from .standalone import is_standalone

#: Says the versions of an interpreter that has pytest, and deloop if its first argument says so.
_PROBE = """
import platform, sys
from importlib.util import find_spec
import numpy, pandas
needed = ["pytest"] + (["deloop", "deloop.testing"] if sys.argv[1] == "deloop" else [])
if not all(find_spec(name) for name in needed):
    sys.exit(1)
print(f"pandas {pandas.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}")
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

    @property
    def counts(self) -> str:
        """`12 passed, 1 failed`."""
        found = ((self.passed, "passed"), (self.failed, "failed"), (self.skipped, "skipped"))
        return ", ".join(f"{n} {word}" for n, word in found if n) or "no tests"

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
    versions = _check(python, alone=all(is_standalone(file.read_text(errors="replace")) for file in files))
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
    for file in files:
        _keep_result(file, runs[file.stem], versions)
    return list(runs.values())


def coverage_of(files: Sequence[Path], job: Job) -> Coverage:
    """Which of the functions that were rewritten the test files are about."""
    found = [about(file.read_text(encoding="utf-8", errors="replace")) for file in files]
    return coverage(job, [one for one in found if one is not None])


def _keep_result(file: Path, run: Run, versions: str) -> None:
    """Say in the file's first line what the run of it showed; a file that can't be written stays as it is."""
    with contextlib.suppress(OSError, WriteError, UnicodeDecodeError):
        before = file.read_bytes()
        after = with_result(before.decode(), f"{run.counts} with {versions} on {processor()}").encode()
        if after != before:
            write_atomic(file, after)


def _check(python: str, alone: bool) -> str:
    """The versions in the interpreter. Raises NoInterpreter when it lacks what the tests need."""
    done = subprocess.run(
        [python, "-c", _PROBE, "alone" if alone else "deloop"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        needed = "pytest" if alone else "pytest and deloop"
        raise NoInterpreter(
            f"the tests need {needed} in {python}: install {'it' if alone else 'both'} there, name another interpreter "
            "with --python" + ("" if alone else ", or write them with --standalone")
        )
    return done.stdout.strip()


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
