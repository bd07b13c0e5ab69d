"""`deloop apply`: patches put into the files, each file whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..sources.diffs import DiffError
from ..sources.files import SourceError
from ..sources.notebooks import Notebook
from ..sources.patches import Conflict, FilePatch, Moved, applied, read_patch
from .apply import ApplyError
from .gather import Job, shown_name
from .git import GitError, find_repository
from .journal import Journal

_CELL = re.compile(r"(.*\.ipynb), cell ([1-9][0-9]*)")


@dataclass(frozen=True)
class Outcome:
    """One file of one patch. `line` is where it does not fit, 0 for no place; `moved` are hunks that fit elsewhere."""

    file: str
    done: bool
    said: str
    line: int = 0
    moved: tuple[Moved, ...] = ()


@dataclass
class Patched:
    """What became of all files of all patches, and of patches that can't be used."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Project:
    """Where patches may write: the repository around the current folder, or that folder."""

    here: Path
    top: Path

    @classmethod
    def around(cls, here: Path) -> Project:
        try:
            return cls(here.resolve(), find_repository(here).top)
        except GitError:
            return cls(here.resolve(), here.resolve())

    def find(self, name: str, is_new: bool) -> Path:
        """The file that a patch means: below the current folder, else below the top. Raises ApplyError."""
        parts = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or any(part.lower() == ".git" for part in parts):
            raise ApplyError(f"lies outside of the project {self.top}; nothing is written there")
        found = [base / name for base in (self.here, self.top)]
        path = next((one for one in found if one.exists()), found[0] if is_new else None)
        if path is None:
            raise ApplyError("no such file, neither here nor at the top of the repository")
        if not path.resolve().is_relative_to(self.top):
            raise ApplyError(f"is a link that leads out of the project {self.top}; nothing is written there")
        return path


def apply_patches(patches: Sequence[tuple[str, bytes]], job: Job, command: str, check: bool) -> tuple[Patched, Journal]:
    """Apply patches (each with its name) in order; with `check` nothing is written."""
    journal, project, patched = Journal(job, command), Project.around(Path.cwd()), Patched()
    contents: dict[Path, bytes] = {}
    for name, data in patches:
        try:
            files = read_patch(data)
        except DiffError as problem:
            patched.problems.append(f"{name}: {problem}")
            continue
        for one in files:
            patched.outcomes.append(_one(one, name, project, journal, contents if check else None))
    return patched, journal


def _one(
    patch: FilePatch, source: str, project: Project, journal: Journal, contents: dict[Path, bytes] | None
) -> Outcome:
    name, cell = _in_notebook(patch.path)
    try:
        path = project.find(name, patch.is_new)
        shown = shown_name(path) + (f", cell {cell}" if cell else "")
        before = _content(path, patch.is_new, contents)
        if cell and before is not None:
            after, moved = _with_cell(path, before, cell, patch)
        else:
            after, moved = applied(before or b"", patch.changes)
        if contents is not None:
            contents[path] = after
        elif before is None:
            journal.create(path, after)
        else:
            journal.rewrite(path, before, after, [f"from {source}"])
    except Conflict as problem:
        return Outcome(shown, False, str(problem), problem.line)
    except ApplyError as problem:
        return Outcome(patch.path, False, str(problem))
    except SourceError as problem:
        return Outcome(patch.path, False, problem.message)
    hunks = len(patch.changes)
    said = "new file" if patch.is_new else f"{hunks} change{'s' if hunks != 1 else ''}"
    return Outcome(shown, True, said, 0, tuple(moved))


def _in_notebook(name: str) -> tuple[str, int]:
    """The file and the cell of a diff such as `fix` prints for a notebook; 0 where it is of a whole file."""
    found = _CELL.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 0)


def _with_cell(path: Path, before: bytes, cell: int, patch: FilePatch) -> tuple[bytes, list[Moved]]:
    """The notebook with the changes in one cell, whose last line has no end. Raises Conflict and SourceError."""
    notebook = Notebook.from_bytes(path, before)
    source = next((one.source for one in notebook.cells if one.number == cell), None)
    if source is None:
        raise ApplyError(f"has no code cell {cell}")
    ended = source.endswith("\n")
    data = (source if ended else source + "\n").encode("utf-8", "surrogatepass")
    new, moved = applied(data, patch.changes)
    text = new.decode("utf-8", "surrogatepass")
    return notebook.with_cell(cell, text if ended else text.removesuffix("\n")).data, moved


def _content(path: Path, is_new: bool, contents: dict[Path, bytes] | None) -> bytes | None:
    """What the file holds; None for one that is to be made."""
    if contents is not None and path in contents:
        return contents[path]
    if is_new:
        if path.exists():
            raise ApplyError("is there already; the patch would make it")
        return None
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ApplyError(f"can't be read: {problem.strerror or problem}") from None
