"""What a run of deloop costs: `check` over an installed pandas, and a verdict when several are verified in one run.

    python benchmarks/check_run.py [--path FOLDER] [--runs 3]

`check` is started as a fresh process each time. Its memory is that of its largest process, and the sum over all its
processes (proportional set size, where the system tells it); its time is that on the wall, and that of all processors
together. The verdicts are those on `benchmarks/cases` and `examples`, with the timing of the versions. Exit status 1
when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deloop.proposals.gather import Job
from deloop.proposals.propose import look
from deloop.proposals.workflow import open_drafts

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES, VERDICT = 8.0, 250.0, 1.0


@dataclass(frozen=True)
class Cost:
    """One run of `check`."""

    wall: float
    processor: float
    largest: float
    together: float
    said: str


def check(path: Path) -> Cost:
    """Run `deloop check` in a fresh process."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "deloop", "check", "--exit-zero", "--output-format", "text", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        peaks = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    watcher.join()
    if process.returncode:
        raise SystemExit(f"deloop check ended with {process.returncode}:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, peaks[0], said.split("\n")[0])


def _watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    while process.returncode is None:
        peaks[0] = max(peaks[0], sum(_proportional(pid) for pid in _family(process.pid)))
        time.sleep(0.05)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _proportional(pid: int) -> float:
    """The proportional set size of a process in megabytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def verdicts() -> list[float]:
    """Seconds for each verdict of one run."""
    drafts, judge = open_drafts(
        Job([ROOT / "benchmarks" / "cases", ROOT / "examples"]), lambda stage, done, total: None
    )
    look(drafts, judge)
    evidence = [c.evidence for draft in drafts for site in draft.sites for c in site.candidates if c.placed is not None]
    return [one.seconds for one in evidence]


def main() -> int:
    """Print both costs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--path", type=Path, default=Path(pd.__file__).parent)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    costs = [check(options.path) for _ in range(options.runs)]
    files = list(options.path.rglob("*.py"))
    size = sum(file.stat().st_size for file in files) / 1e6
    best = min(costs, key=lambda cost: cost.wall)
    peak = max(max(cost.largest, cost.together) for cost in costs)
    print(f"{options.path.name}: {len(files):,} files, {size:.0f} MB. {best.said}\n")
    print("| run | wall | processors | largest process | all processes |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for number, cost in enumerate(costs, 1):
        row = f"{cost.wall:.1f} s | {cost.processor:.1f} s | {cost.largest:.0f} MB | {cost.together:.0f} MB"
        print(f"| {number} | {row} |")
    seconds = verdicts()
    middle = statistics.median(seconds)
    print(f"\n{len(seconds)} verdicts in one run: median {middle:.2f} s, longest {max(seconds):.2f} s")
    missed = best.wall > SECONDS or peak > MEGABYTES or middle > VERDICT
    print(f"limits: {SECONDS:g} s, {MEGABYTES:g} MB, {VERDICT:g} s a verdict: {'missed' if missed else 'kept'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
