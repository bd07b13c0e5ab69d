"""What `check` looks at: files, what stands on stdin, what is staged, or only what changed since a revision."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codemods.engine import Project
from ..sources.discovery import SKIPPED
from ..sources.files import SourceError, SourceFile
from ..sources.notebooks import SUFFIX
from .changed import Changes, changes_since, staged_files
from .gather import Job, Tick, is_generated, look_at
from .git import GitError, Repository
from .model import NotRun, Problem
from .survey import Looked, look_into

STDIN = Path("-")


@dataclass(frozen=True)
class Only:
    """What is left out of a look at the paths of a job.

    `since` keeps loops with a line that changed since that revision; `staged` goes by git's index; `stdin_name` is how
    the code on stdin is called; `unused` asks for comments that silence nothing.
    """

    since: str | None = None
    staged: bool = False
    stdin_name: Path | None = None
    unused: bool = False


@dataclass(frozen=True)
class Checked:
    """What was found. `texts` are those of files that were not read from disk, by shown name."""

    looked: Sequence[Looked]
    problems: Sequence[Problem]
    texts: Mapping[str, str] = field(default_factory=dict)


def check_all(job: Job, only: Only, tick: Tick) -> Checked:
    """Look at what is asked for. Raises GitError, and NotRun for paths that don't go together."""
    if STDIN in job.paths:
        return _stdin(job, only)
    start = job.paths[0]
    changes = changes_since(only.since, start, only.staged) if only.since is not None else None
    if changes is not None and not only.staged:
        _inside(changes.repository, job.paths, "--since")
    if only.staged:
        found = _staged(job, start, only)
    else:
        found = Checked(*look_at(job, tick, changes.has if changes else lambda path: True, only.unused))
    if changes is None:
        return found
    return replace(found, looked=[_changed(one, changes) for one in found.looked if changes.has(one.path)])


def _inside(repository: Repository, paths: Sequence[Path], option: str) -> dict[Path, str]:
    """The paths by their names in the repository. Raises GitError for one outside: nothing would be found there."""
    names: dict[Path, str] = {}
    for path in paths:
        name = repository.relative(path)
        if name is None:
            raise GitError(f"{path}: is outside of {repository.top}; {option} looks at one repository")
        names[path] = name
    return names


def _changed(one: Looked, changes: Changes) -> Looked:
    return replace(one, findings=tuple(finding for finding in one.findings if changes.touch(one.path, finding)))


def _staged(job: Job, start: Path, only: Only) -> Checked:
    repository, staged = staged_files(start)
    wanted = _inside(repository, job.paths, "--staged")
    looked, texts = [], {}
    project = Project.for_paths(job.paths)
    gone = [path for path, name in wanted.items() if not path.exists() and not any(_below(s, name) for s in staged)]
    wrong = [Problem(job.name_of(path), 0, "no such file or folder, and nothing staged there") for path in gone]
    for inside, data in sorted(staged.items()):
        path = repository.top / inside
        if not any(_below(inside, name) for name in wanted.values()) or path.suffix not in (".py", SUFFIX):
            continue
        if SKIPPED & set(Path(inside).parts) or job.left_out(path) or is_generated(path):
            continue
        one, text = _look(job, path, path.read_bytes() if data is None else data, project, only)
        looked.append(one)
        if data is not None:
            texts[one.name] = text
    return Checked(looked, wrong + [one.problem for one in looked if one.problem is not None], texts)


def _below(file: str, name: str) -> bool:
    """Whether a file of a repository is another one, or in it."""
    return name in (".", file) or file.startswith(f"{name}/")


def _stdin(job: Job, only: Only) -> Checked:
    if len(job.paths) > 1 or only.since is not None or only.staged:
        raise NotRun("- (stdin) goes with no other path, and with neither --since nor --staged")
    path = only.stdin_name or STDIN
    if only.stdin_name is not None and job.force_exclude and job.left_out(path):
        return Checked([], [])
    one, text = _look(job, path, sys.stdin.buffer.read(), Project.for_paths([path]), only)
    return Checked([one], [one.problem] if one.problem is not None else [], {one.name: text})


def _look(job: Job, path: Path, data: bytes, project: Project, only: Only) -> tuple[Looked, str]:
    name = job.name_of(path)
    try:
        source = SourceFile.from_bytes(path, data)
    except SourceError as problem:
        return Looked(name, path, problem=Problem(name, problem.line or 0, problem.message)), ""
    return look_into(name, source, project, job.terms(path), only.unused), source.text
