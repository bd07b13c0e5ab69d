"""What was written to files, kept below `.deloop` so that it can be undone, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ..sources.files import write_atomic
from ..sources.state import FOLDER, state_folder
from . import applied
from .apply import ApplyError, write
from .gather import Job, state_base
from .model import Proposal

VERSION = 1
NAME = "undo"
RUN = "run.json"
#: So many runs can be undone; older ones are forgotten.
KEPT = 30


@dataclass(frozen=True)
class Change:
    """One writing of one file: the digests of what it held before (None: there was no file) and after."""

    file: str
    before: str | None
    after: str
    about: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()  # file and name of those that were not rewritten before
    undone: bool = False


@dataclass(frozen=True)
class Run:
    """One run of deloop that wrote something. `base` is the folder that names of files are relative to."""

    folder: Path
    base: Path
    command: str
    when: str
    changes: tuple[Change, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something of it can still be undone."""
        return any(not change.undone for change in self.changes)

    def path(self, change: Change) -> Path:
        return self.base / change.file

    def content(self, digest: str) -> bytes:
        """What a file held. Raises OSError, also where it was damaged."""
        try:
            return zlib.decompress((self.folder / f"{digest}.z").read_bytes())
        except zlib.error as problem:
            raise OSError(f"{self.folder}: damaged: {problem}") from None

    def keep(self, data: bytes) -> str:
        """Store the content of a file and return its digest. Raises OSError."""
        digest = hashlib.sha256(data).hexdigest()[:32]
        target = self.folder / f"{digest}.z"
        if not target.exists():
            write_atomic(target, zlib.compress(data))
        return digest

    def save(self) -> None:
        """Write the list of changes. Raises OSError."""
        data = {"version": VERSION, "command": self.command, "when": self.when}
        data |= {"changes": [asdict(change) for change in self.changes]}
        write_atomic(self.folder / RUN, (json.dumps(data, indent=1) + "\n").encode())


@dataclass
class Journal:
    """Writes files and keeps what undoing it takes; the folder of the run is made at the first change.

    When nothing can be kept, the change is made all the same, and `broken` says why it can't be undone.
    """

    job: Job
    command: str
    broken: str = ""
    run: Run | None = field(default=None)

    def write(self, path: Path, before: bytes, after: bytes, proposals: Sequence[Proposal]) -> None:
        """Write a file that must still hold `before`. Raises ApplyError, and then all is as it was."""
        new = applied.functions(proposals, self.job) - applied.rewritten(self.job)
        names = [(one.file, one.function) for one in sorted(new)]
        self.rewrite(path, before, after, [about(proposal) for proposal in proposals], names)
        applied.note(proposals, self.job)

    def create(self, path: Path, data: bytes) -> None:
        """Write a new file. Raises ApplyError."""
        noted = self._note(path, None, data, ["new file"], ())
        try:
            if path.exists():
                raise ApplyError("is there already; not written")
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, data)
        except OSError as problem:
            if noted:
                self._forget_last()
            raise ApplyError(f"can't be written: {problem.strerror or problem}") from None

    def rewrite(
        self, path: Path, before: bytes, after: bytes, told: Sequence[str], functions: Sequence[tuple[str, str]] = ()
    ) -> None:
        """The same for what is no proposal: `told` says what it is, `functions` whose loops go. Raises ApplyError."""
        noted = self._note(path, before, after, told, functions)
        try:
            write(path, before, after)
        except BaseException:
            if noted:
                self._forget_last()
            raise

    def take_back(self, path: Path, after: bytes) -> None:
        """The last change of a file that left this content is no longer there."""
        if self.run is None:
            return
        name, digest = self._name(path), hashlib.sha256(after).hexdigest()[:32]
        for number in reversed(range(len(self.run.changes))):
            change = self.run.changes[number]
            if (change.file, change.after, change.undone) == (name, digest, False):
                changes = list(self.run.changes)
                changes[number] = replace(change, undone=True)
                self._save(replace(self.run, changes=tuple(changes)))
                applied.forget([applied.Rewritten(*one) for one in change.functions], state_base(self.job))
                return

    def _note(
        self, path: Path, before: bytes | None, after: bytes, told: Iterable[str], functions: Sequence[tuple[str, str]]
    ) -> bool:
        """Keep the change before it is made, so that a crash in between loses nothing."""
        try:
            self.run = run = self.run or _new_run(state_base(self.job), self.command)
            kept = None if before is None else run.keep(before)
            change = Change(self._name(path), kept, run.keep(after), tuple(told), tuple(functions))
        except OSError as problem:
            self.broken = f"what was written can't be undone with `deloop undo`: {problem.strerror or problem}"
            return False
        return self._save(replace(run, changes=(*run.changes, change)))

    def _forget_last(self) -> None:
        assert self.run is not None
        self._save(replace(self.run, changes=self.run.changes[:-1]))
        if not self.run.changes:
            shutil.rmtree(self.run.folder, ignore_errors=True)
            self.run = None

    def _save(self, run: Run) -> bool:
        try:
            run.save()
        except OSError as problem:
            self.broken = f"what was written can't be undone with `deloop undo`: {problem.strerror or problem}"
            return False
        self.run = run
        return True

    def _name(self, path: Path) -> str:
        return file_name(path, state_base(self.job))


def about(proposal: Proposal) -> str:
    """A proposal in one line: `DL101 iterrows-arithmetic, line 12 in f`."""
    rule, finding = proposal.form.rule, proposal.finding
    place = finding.spot() if finding.cell else f"line {finding.line}"
    return f"{rule.code} {rule.name}, {place} in {finding.function}"


def file_name(path: Path, base: Path) -> str:
    """A path as it is kept: relative to the folder where it lies inside."""
    inside = os.path.relpath(os.path.abspath(path), base).replace(os.sep, "/")
    return os.path.abspath(path).replace(os.sep, "/") if inside.startswith("..") else inside


def runs(base: Path) -> list[Run]:
    """What was written and can be undone, the oldest first; what can't be read is left out."""
    folder = base / FOLDER / NAME
    found = (_read(one, base) for one in sorted(folder.iterdir())) if folder.is_dir() else ()
    return [run for run in found if run is not None and run.changes]


def base_near(start: Path) -> Path:
    """The nearest folder at or above `start`, within its repository, that holds something to undo; else `start`."""
    start = Path(os.path.abspath(start))
    for folder in (start, *start.parents):
        if (folder / FOLDER / NAME).is_dir():
            return folder
        if (folder / ".git").exists():
            break
    return start


def _new_run(base: Path, command: str) -> Run:
    """A folder for what is written now; the oldest ones go. Raises OSError."""
    top = state_folder(base) / NAME
    top.mkdir(exist_ok=True)
    old = sorted(one for one in top.iterdir() if one.name.isdecimal())
    for one in old[: max(len(old) - KEPT + 1, 0)]:
        shutil.rmtree(one, ignore_errors=True)
    number = int(old[-1].name) + 1 if old else 1
    while True:
        folder = top / f"{number:06}"
        with suppress(FileExistsError):
            folder.mkdir()
            return Run(folder, base, command, datetime.now().astimezone().isoformat(timespec="seconds"))
        number += 1


def _read(folder: Path, base: Path) -> Run | None:
    try:
        data = json.loads((folder / RUN).read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return None
        changes = [
            Change(**{**row, "about": tuple(row["about"]), "functions": tuple(map(tuple, row["functions"]))})
            for row in data["changes"]
        ]
        return Run(folder, base, str(data["command"]), str(data["when"]), tuple(changes))
    except (OSError, ValueError, KeyError, TypeError):
        return None
