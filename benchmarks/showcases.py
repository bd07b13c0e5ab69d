"""How fast deloop's output is: against the loop, and against what an expert writes by hand.

    python benchmarks/showcases.py [--rows 20000] [--only WORD]

Each module of `benchmarks/cases` is copied and rewritten by `deloop fix --unsafe --write`. The three versions are timed
on the same data in this process: processor time, the best of several turns. Their results must agree. Exit status 1
when one is not rewritten, differs, or falls behind the floors that its module names.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import re
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

CASES = Path(__file__).resolve().parent / "cases"
#: A version that would take longer than this many seconds for all turns has only its first.
PATIENCE = 2.0
TURNS = 15


@dataclass(frozen=True)
class Result:
    """One showcase: seconds of the loop, of deloop's output and of the expert's version, and what is wrong."""

    case: ModuleType
    form: str
    loop: float = 0.0
    deloop: float = 0.0
    expert: float = 0.0
    problem: str = ""

    @property
    def row(self) -> str:
        if not self.deloop:
            return f"| {self.case.TITLE} | {self.form or 'not rewritten'} | | | | | {self.problem} |"
        times = " | ".join(f"{1000 * t:,.2f} ms" for t in (self.loop, self.deloop, self.expert))
        ratios = f"{self.loop / self.deloop:,.0f}x | {self.expert / self.deloop:.2f}"
        return f"| {self.case.TITLE} | {self.form} | {times} | {ratios}{f' ({self.problem})' if self.problem else ''} |"


def load(file: Path, name: str) -> ModuleType:
    """A module from a file."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rewrite(files: list[Path], folder: Path) -> dict[str, str]:
    """Copy the files to a folder and rewrite them there. Returns the form of the first loop by file."""
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    ran = subprocess.run(
        [sys.executable, "-m", "deloop", "fix", "--unsafe", "--write", "."], cwd=folder, capture_output=True, text=True
    )
    if ran.returncode:
        raise SystemExit(f"deloop fix ended with {ran.returncode}:\n{ran.stderr}")
    found: dict[str, list[tuple[int, str]]] = {}
    for name, line, what in re.findall(
        r"^(\S+\.py):(\d+): (DL\d+ \S+: \w+), (?:safe|assumes)", ran.stderr, re.MULTILINE
    ):
        found.setdefault(name, []).append((int(line), what.replace(": ", ", ")))
    # the first loop of a file is the user's; the expert's own may follow
    return {name: min(forms)[1] for name, forms in found.items()}


def first_turn(version: Callable[[], Any]) -> tuple[Any, float]:
    """What a version gives, and how long it took."""
    started = time.process_time()
    result = version()
    return result, time.process_time() - started


def best_times(versions: list[Callable[[], Any]], first: list[float]) -> list[float]:
    """The best time of each, in turns so that a busy moment hits all of them; a slow one keeps its first time."""
    best = list(first)
    for _ in range(TURNS):
        for k, version in enumerate(versions):
            if first[k] * TURNS <= PATIENCE:
                count = max(1, min(100, int(0.02 / best[k])))
                best[k] = min(best[k], timeit.timeit(version, timer=time.process_time, number=count) / count)
    return best


def same(left: Any, right: Any) -> bool:
    """Whether two results hold the same values."""
    if isinstance(left, pd.DataFrame):
        return bool(left.columns.equals(right.columns)) and all(
            same(left[c].to_numpy(), right[c].to_numpy()) for c in left
        )
    if left.dtype.kind in "fiub":
        return bool(np.allclose(left, right, rtol=1e-10, atol=1e-12, equal_nan=True))
    return bool((left == right).all())


def measure(case: ModuleType, new: ModuleType, form: str, rows: int) -> Result:
    """Compare and time the three versions of one showcase."""
    if not form:
        return Result(case, "", problem="not rewritten")
    args = case.inputs(rows)
    versions = [lambda: case.run(*args), lambda: new.run(*args), lambda: case.expert(*args)]
    results, first = zip(*map(first_turn, versions), strict=True)
    if not all(same(results[0], other) for other in results[1:]):
        return Result(case, form, problem="the results differ")
    loop, deloop, expert = best_times(versions, list(first))
    slow = loop / deloop < case.FASTER or expert / deloop < case.OF_EXPERT
    return Result(case, form, loop, deloop, expert, f"below {case.FASTER}x, {case.OF_EXPERT}" if slow else "")


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--only", default="", help="only showcases with this in their name")
    options = parser.parse_args()
    files = [f for f in sorted(CASES.glob("*.py")) if f.stem != "__init__" and options.only in f.stem]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        forms = rewrite(files, Path(folder))
        for file in files:
            case, new = load(file, file.stem), load(Path(folder) / file.name, f"{file.stem}_new")
            results.append(measure(case, new, forms.get(file.name, ""), options.rows))
    print(
        f"{options.rows:,} rows, Python {platform.python_version()}, pandas {pd.__version__}, NumPy {np.__version__}\n"
    )
    print("| showcase | deloop's form | loop | deloop | expert | speed-up | of the expert's speed |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for result in results:
        print(result.row)
    return int(any(result.problem for result in results))


if __name__ == "__main__":
    sys.exit(main())
