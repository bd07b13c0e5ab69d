"""Which functions deloop has rewritten: noted when a change is applied, read to say which of them are tested."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..sources.files import WriteError, write_atomic
from ..sources.state import FOLDER, state_folder
from ..transforms.base import Tier
from .gather import Job, label_of, state_base
from .model import Proposal

VERSION = 1
NAME = "applied.json"


@dataclass(frozen=True, order=True)
class Rewritten:
    """A function with a rewrite in it, by the label of its file."""

    file: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.function}"


@dataclass(frozen=True)
class Coverage:
    """The functions that were rewritten, and those of them that a test file is about."""

    rewritten: frozenset[Rewritten]
    tested: frozenset[Rewritten]

    @property
    def untested(self) -> list[Rewritten]:
        return sorted(self.rewritten - self.tested)


def note(written: Iterable[Proposal], job: Job) -> None:
    """Remember the functions of what was written. If that can't be, the change itself is done, and nothing fails."""
    new, known = functions(written, job), rewritten(job)
    if not new <= known:
        _save(new | known, state_base(job))


def functions(written: Iterable[Proposal], job: Job) -> set[Rewritten]:
    """The functions with loops that proposals are about."""
    rewritten = (one for one in written if one.form.tier is not Tier.EDIT)
    return {Rewritten(label_of(Path(one.file), job), one.finding.function) for one in rewritten}


def forget(undone: Iterable[Rewritten], base: Path) -> None:
    """Functions that are no longer rewritten."""
    known = _read(base)
    if rest := known & set(undone):
        _save(known - rest, base)


def _save(known: Iterable[Rewritten], base: Path) -> None:
    rows = [{"file": one.file, "function": one.function} for one in sorted(known)]
    text = json.dumps({"version": VERSION, "rewritten": rows}, indent=2) + "\n"
    try:
        write_atomic(state_folder(base) / NAME, text.encode())
    except (OSError, WriteError):
        return


def rewritten(job: Job) -> set[Rewritten]:
    """What was noted so far; what can't be read counts as nothing."""
    return _read(state_base(job))


def _read(base: Path) -> set[Rewritten]:
    try:
        data = json.loads((base / FOLDER / NAME).read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return set()
        return {Rewritten(str(row["file"]), str(row["function"])) for row in data["rewritten"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def coverage(job: Job, about: Iterable[tuple[str, str]]) -> Coverage:
    """`about` are the file and the function that each test file names."""
    found = frozenset(rewritten(job))
    return Coverage(found, found & {Rewritten(*one) for one in about})
