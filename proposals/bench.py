"""`deloop bench`: times of marked functions and of scaffolds, kept as a baseline and compared with one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..equivalence.interpreter import choose_python
from ..sources.files import WriteError, write_atomic
from ..sources.machine import processor, processors
from .gather import Job, Tick, is_scaffold
from .model import NotRun, Problem

VERSION = 1
SIZES = (50, 1_000, 20_000)
#: So many seconds are spent on one function, about.
SECONDS = 2.0
#: What seems slower than its baseline is timed so many times more before it fails.
_CHANCES = 2
_PACKAGE = Path(__file__).resolve().parents[1]
#: Starts the child's side in an interpreter that need not have deloop.
_BOOT = (
    "import importlib, sys, types; p = types.ModuleType('deloop'); p.__path__ = [sys.argv[1]]; "
    "sys.modules['deloop'] = p; importlib.import_module('deloop.equivalence.child.bench').main()"
)
_MARKED = re.compile(rb"^\s*@.*\bbenchmark\(", re.MULTILINE)
_USES = re.compile(rb"^\s*(from|import) (deloop|_deloop_testing)\b", re.MULTILINE)


@dataclass(frozen=True)
class Timing:
    """Best seconds at one size; `original` is None where there is nothing to compare with."""

    n: int
    new: float
    original: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times faster the new version is."""
        return self.original / max(self.new, 1e-9) if self.original is not None else None


@dataclass(frozen=True)
class Measured:
    """One function. `note` says what to know of it."""

    file: str
    name: str
    timings: tuple[Timing, ...]
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.file}::{self.name}"


@dataclass(frozen=True)
class Machine:
    """Where times were taken. `reference` are the seconds of a fixed piece of work there."""

    processor: str
    processors: int
    python: str
    numpy: str
    pandas: str
    reference: float

    def differs(self, other: Machine) -> str:
        """What makes times of two machines hard to compare, "" for nothing."""
        told = [
            f"{what} {getattr(other, what)}, now {getattr(self, what)}"
            for what in ("processor", "processors", "python", "numpy", "pandas")
            if getattr(self, what) != getattr(other, what)
        ]
        return "; ".join(told)


@dataclass(frozen=True)
class Measurements:
    """All that one run found."""

    machine: Machine
    functions: tuple[Measured, ...]


@dataclass(frozen=True)
class Change:
    """A function at the largest size that both runs have, now and then: `factor` above 1 is slower than it was.

    With an original it compares the speed-ups, else the times as shares of the reference of each machine.
    """

    measured: Measured
    n: int
    factor: float
    by: str


@dataclass
class Benched:
    """What `deloop bench` found, and what it thinks of it."""

    now: Measurements | None = None
    changes: list[Change] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # functions that only the baseline has
    problems: list[Problem] = field(default_factory=list)

    def regressions(self, threshold: float) -> list[Change]:
        """What became slower by more than the threshold allows."""
        return [change for change in self.changes if change.factor > threshold]


def measure(job: Job, files: Sequence[Path], tick: Tick) -> Benched:
    """Time what the files name. Raises NoInterpreter and NotRun."""
    python = choose_python(job.policy.python)
    benched = Benched()
    found: list[Measured] = []
    machine: Machine | None = None
    for number, row in enumerate(_rows(python, files), 1):
        tick("timing", min(number, len(files)), len(files))
        if "machine" in row:
            machine = Machine(processor(), processors(), **row["machine"], reference=row["reference"])
            continue
        name = job.name_of(Path(row["file"]))
        if "problem" in row:
            what = f"{row['name']}: " if "name" in row else ""
            benched.problems.append(Problem(name, 0, f"{what}{row['problem']}"))
        else:
            timings = tuple(Timing(**t) for t in row["timings"])
            found.append(Measured(name, row["name"], timings, row["note"]))
    if machine is None:
        raise NotRun("the functions could not be timed: the process ended early")
    benched.now = Measurements(machine, tuple(found))
    return benched


def benchmarked(files: Sequence[Path]) -> list[Path]:
    """The files with something to time: scaffolds, and those with marked functions."""
    return [file for file in files if is_scaffold(file) or _is_marked(file)]


def _is_marked(file: Path) -> bool:
    try:
        text = file.read_bytes()
    except OSError:
        return False
    return bool(_MARKED.search(text) and _USES.search(text))


def _rows(python: str, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What the child answers. It runs the user's tests as pytest would: no sandbox, the user's own environment."""
    request = {"files": [str(f.absolute()) for f in files], "sizes": SIZES, "seconds": SECONDS}
    with subprocess.Popen(
        [python, "-B", "-X", "utf8", "-c", _BOOT, str(_PACKAGE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as child:  # fmt: skip
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(request))
        child.stdin.close()
        for line in child.stdout:
            yield json.loads(line)


# ---------------------------------------------------------------- the baseline


def save(measurements: Measurements, target: Path) -> None:
    """Write a baseline. Raises WriteError."""
    data = {
        "version": VERSION,
        "machine": asdict(measurements.machine),
        "functions": [asdict(function) for function in measurements.functions],
    }
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise WriteError(target, f"its folder can't be made: {problem.strerror or problem}") from None
    write_atomic(target, (json.dumps(data, indent=2) + "\n").encode())


def read(target: Path) -> Measurements:
    """A baseline that was written before. Raises NotRun."""
    try:
        data = json.loads(target.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotRun(f"{target}: no such file; `deloop bench --baseline` writes one") from None
    except (OSError, ValueError) as problem:
        raise NotRun(f"{target}: can't be read as a baseline: {problem}") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise NotRun(f"{target}: no baseline of this version; `deloop bench --baseline` writes one")
    try:
        functions = tuple(
            Measured(f["file"], f["name"], tuple(Timing(**t) for t in f["timings"]), f["note"])
            for f in data["functions"]
        )
        return Measurements(Machine(**data["machine"]), functions)
    except (KeyError, TypeError) as problem:
        raise NotRun(f"{target}: damaged ({problem}); `deloop bench --baseline` writes it anew") from None


def against(benched: Benched, baseline: Measurements) -> None:
    """Fill in how each function changed since the baseline."""
    assert benched.now is not None
    old = {function.key: function for function in baseline.functions}
    machines = benched.now.machine, baseline.machine
    for function in benched.now.functions:
        if (then := old.pop(function.key, None)) is not None:
            benched.changes += _changes(function, then, machines)
    benched.missing = sorted(old)


def again(benched: Benched, baseline: Measurements, threshold: float, second: Callable[[set[str]], Benched]) -> None:
    """Time what seems slower anew, with its file: the best run counts, since no code is fast by chance.

    `second` times the files of these names. What still seems slower is given one more chance: the machine may be busy.
    """
    for _ in range(_CHANCES):
        _once_more(benched, baseline, threshold, second)


def _once_more(
    benched: Benched, baseline: Measurements, threshold: float, second: Callable[[set[str]], Benched]
) -> None:
    assert benched.now is not None
    slower = {change.measured.file for change in benched.regressions(threshold)}
    if not slower:
        return
    repeated = second(slower)
    against(repeated, baseline)
    better = {change.measured.key: change for change in repeated.changes}
    chosen = [min(one, better.get(one.measured.key, one), key=lambda change: change.factor) for one in benched.changes]
    timed = {change.measured.key: change.measured for change in chosen}
    functions = tuple(timed.get(function.key, function) for function in benched.now.functions)
    benched.changes, benched.now = chosen, replace(benched.now, functions=functions)


def _changes(now: Measured, then: Measured, machines: tuple[Machine, Machine]) -> Iterator[Change]:
    by_size = {t.n: t for t in then.timings}
    common = [(t, by_size[t.n]) for t in now.timings if t.n in by_size]
    if not common:
        return
    new, old = common[-1]
    if new.ratio and old.ratio:
        yield Change(now, new.n, old.ratio / new.ratio, "speed-up")
    else:
        here, there = (m.reference for m in machines)
        yield Change(now, new.n, (new.new / here) / (old.new / there), "time")
