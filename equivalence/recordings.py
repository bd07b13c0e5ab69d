"""What `deloop record` left in `.deloop`: how often and how long each loop ran, and copies of its inputs.

Only counts and file names are read here. The copies themselves are loaded by the child process alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..sources.state import FOLDER

RUNS = "recordings"
PLAN = "plan.json"
#: Inputs of one loop that are replayed: those of different kinds first.
_MOST = 24


@dataclass(frozen=True)
class Kept:
    """One recorded input. `raised` says how the loop ended on it, None that nobody knows."""

    path: str
    bytes: int
    kind: str
    raised: bool | None
    seconds: float

    @property
    def name(self) -> str:
        """What tells it from other inputs, in every run that recorded the same. Raises OSError."""
        return digest(Path(self.path).read_bytes())[:12]

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "raised": self.raised, "bytes": self.bytes}


@dataclass
class Ran:
    """What was recorded of one loop. `seconds` are summed over all calls, threads and processes."""

    file: str
    line: int
    end_line: int
    function: str
    region: str = ""  # digest of the statements whose inputs were kept
    why_not: str = ""  # why it was not watched
    calls: int = 0
    rounds: int = 0
    seconds: float = 0.0
    kept: list[Kept] = field(default_factory=list)
    not_kept: dict[str, int] = field(default_factory=dict)


@dataclass
class Run:
    """One run of a program. `seconds` are those of all its processes in which a loop ran, `own` the recorder's part."""

    folder: Path
    command: tuple[str, ...] = ()
    seconds: float = 0.0
    own: float = 0.0
    processes: int = 0
    ran: list[Ran] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)  # of the files that were watched, by real path
    problems: list[str] = field(default_factory=list)


def digest(data: bytes) -> str:
    """What tells whether a file is still the one that was recorded."""
    return hashlib.sha256(data).hexdigest()


def region_of(text: str, first: int, last: int) -> str:
    """The digest of the lines of a region."""
    return digest("\n".join(text.split("\n")[first - 1 : last]).encode())


def runs_near(paths: Iterable[Path]) -> list[Run]:
    """The runs recorded in the current folder and in those above the paths."""
    folders: dict[Path, None] = {Path.cwd(): None}
    for path in paths:
        here = Path(os.path.realpath(path))
        folders.update(dict.fromkeys([here, *here.parents]))
    return [run for folder in folders if (folder / FOLDER / RUNS).is_dir() for run in runs_in(folder)]


def recorded_of(runs: Iterable[Run], region: str) -> list[Kept]:
    """The inputs of the loop with these very lines, in whatever file it stood, each once."""
    found = {kept.name: kept for run in runs for ran in run.ran if ran.region == region for kept in ran.kept}
    return _chosen(list(found.values()))


def runs_in(folder: Path) -> list[Run]:
    """The runs in the `.deloop` of a folder. What can't be read is passed over."""
    where = folder / FOLDER / RUNS
    try:
        if hasattr(os, "getuid") and where.stat().st_uid != os.getuid():
            return []  # somebody else's
        names = sorted(os.listdir(where))
    except OSError:
        return []
    return [run for name in names if (run := read_run(folder / FOLDER / RUNS / name)) is not None]


def read_run(folder: Path) -> Run | None:
    """One run, summed over its processes; None when there is none that can be read."""
    plan = _json(folder / PLAN)
    if plan is None or plan.get("version") != 1:
        return None
    try:
        return _read(folder, plan)
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return None


def _read(folder: Path, plan: dict[str, Any]) -> Run:
    run = Run(folder, tuple(plan["command"]))
    by_id: dict[str, Ran] = {}
    for file in plan["files"]:
        run.digests[file["path"]] = file["digest"]
        for site in file["sites"]:
            made = Ran(file["path"], site["line"], site["end_line"], site["function"], site["region"], site["why_not"])
            by_id[str(site["id"])] = made
            run.ran.append(made)
    for name in sorted(os.listdir(folder)):
        if name.startswith("process-") and name.endswith(".json") and (one := _json(folder / name)) is not None:
            _add(run, by_id, one)
        elif name.startswith("failed-"):
            run.problems.append(f"not recorded in one process: {_text(folder / name)}")
    return run


def _add(run: Run, by_id: dict[str, Ran], one: dict[str, Any]) -> None:
    if one["totals"]:
        run.processes += 1
        run.seconds += one["seconds"]
    run.own += one["own"]
    run.problems += one["problems"]
    for key, (calls, rounds, seconds) in one["totals"].items():
        if ran := by_id.get(key):
            ran.calls, ran.rounds, ran.seconds = ran.calls + calls, ran.rounds + rounds, ran.seconds + seconds
    for name, kept in one["inputs"].items():
        if ran := by_id.get(str(kept["site"])):
            path = str(run.folder / "inputs" / str(kept["site"]) / os.path.basename(name))
            ran.kept.append(Kept(path, kept["bytes"], kept["kind"], kept["raised"], kept["seconds"]))
    for key, reasons in one["not_kept"].items():
        for why, times in reasons.items() if key in by_id else ():
            by_id[key].not_kept[why] = by_id[key].not_kept.get(why, 0) + times


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")[:200]
    except OSError:
        return "?"


class Digests(dict[str, str]):
    """The digests of files as they are now, each read once; "" for one that can't be read."""

    def __missing__(self, path: str) -> str:
        try:
            self[path] = digest(Path(path).read_bytes())
        except OSError:
            self[path] = ""
        return self[path]


@dataclass
class Recordings:
    """The recorded inputs of a project, for the verifier. `stale` are files that changed since they were recorded."""

    runs: Sequence[Run] = ()
    stale: dict[str, None] = field(default_factory=dict)
    _digests: Digests = field(default_factory=Digests)

    def inputs(self, path: str, text: str, first: int, last: int) -> list[Kept]:
        """The inputs of the statements on these lines of a file, whose text may have changed elsewhere in this run."""
        if not self.runs:
            return []
        real = os.path.realpath(path)
        region = region_of(text, first, last)
        found = [kept for ran in self._of(real) if ran.region == region for kept in ran.kept]
        return _chosen(found)

    def has(self, path: str) -> bool:
        """Whether there may be inputs for a file."""
        return bool(self.runs) and any(True for _ in self._of(os.path.realpath(path)))

    def _of(self, real: str) -> Iterator[Ran]:
        """What was recorded of a file with the very bytes that this one has on disk now, wherever it was then."""
        known = self._named.get(os.path.basename(real), ())
        fresh = [(run, file) for run, file in known if run.digests[file] == self._digests[real]]
        if not fresh and any(file == real for _, file in known):
            self.stale[real] = None
        for run, file in fresh:
            yield from (ran for ran in run.ran if ran.file == file)

    @cached_property
    def _named(self) -> dict[str, list[tuple[Run, str]]]:
        """The recorded files by the last part of their path."""
        found: dict[str, list[tuple[Run, str]]] = {}
        for run in self.runs:
            for file in run.digests:
                found.setdefault(os.path.basename(file), []).append((run, file))
        return found


def _chosen(found: Sequence[Kept]) -> list[Kept]:
    """At most so many: one of each kind, then the others; small ones first, so that time goes furthest."""
    ordered = sorted(found, key=lambda kept: (kept.bytes, kept.path))
    kinds: dict[str, Kept] = {}
    for kept in ordered:
        kinds.setdefault(kept.kind, kept)
    firsts = list(kinds.values())
    rest = [kept for kept in ordered if kept not in firsts]
    return sorted([*firsts, *rest][:_MOST], key=lambda kept: kept.bytes)
