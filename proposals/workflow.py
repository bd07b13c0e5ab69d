"""The ways through this room, one for each command: from paths to findings, drafts, files and branches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codemods.engine import Options, Project
from ..codemods.findings import Status
from ..sources.discovery import discover
from ..transforms.base import Rule
from .apply import ApplyError, write
from .branch import Commit, desk, message
from .judge import Judge, Tick
from .model import Policy, Problem, Proposal
from .propose import Draft, propose, read_drafts
from .survey import Looked, Named, Survey


@dataclass(frozen=True)
class Job:
    """Which files, how to look at them, and what may be proposed.

    `exclude` are patterns as in `.gitignore`, relative to `root`. `name_of` gives the name to show for a path.
    """

    paths: Sequence[Path]
    exclude: Sequence[str] = ()
    root: Path | None = None
    options: Options = field(default_factory=Options)
    wants: Callable[[Rule], bool] = lambda rule: True
    policy: Policy = field(default_factory=Policy)
    name_of: Callable[[Path], str] = lambda path: shown_name(path)


def shown_name(path: Path) -> str:
    """How a file is called in messages and diffs: relative to the current folder when it is inside."""
    absolute = os.path.abspath(path)
    inside = (
        os.path.relpath(absolute) if os.path.splitdrive(absolute)[0] == os.path.splitdrive(os.getcwd())[0] else ".."
    )
    return (absolute if inside.startswith("..") else inside).replace(os.sep, "/")


def find_files(job: Job) -> tuple[list[Named], list[Problem]]:
    """The Python files of the job in a fixed order, and what was wrong with the paths."""
    files, errors = discover(job.paths, exclude=job.exclude, root=job.root)
    problems = [Problem(job.name_of(Path(e.path)), e.line, e.message) for e in errors]
    return [(job.name_of(path), path) for path in files], problems


def look_at(job: Job, tick: Tick) -> tuple[list[Looked], list[Problem]]:
    """Every file with what was found in it, and all that was wrong. Nothing is run."""
    files, problems = find_files(job)
    looked = []
    for number, one in enumerate(Survey(files, job.options, job.wants), 1):
        tick("looking", number, len(files))
        looked.append(one)
    return looked, problems + [one.problem for one in looked if one.problem is not None]


def open_drafts(job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
    """The files in which something can be proposed, and the judge for them (with the problems so far)."""
    looked, problems = look_at(job, tick)
    worth = [one for one in looked if any(f.status is Status.PROPOSAL for f in one.findings)]
    judge = Judge(Project.for_paths([one.path for one in looked]), job.options, job.policy, job.wants, tick, problems)
    return read_drafts([(one.name, one.path) for one in worth], problems), judge


def fixed(job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
    """All proposals of the job, applied in memory."""
    drafts, judge = open_drafts(job, tick)
    propose(drafts, judge)
    return drafts, judge


def write_all(drafts: Sequence[Draft], judge: Judge) -> list[Proposal]:
    """Write the drafts that changed. Returns the proposals that are on disk now; failures are the judge's problems."""
    written: list[Proposal] = []
    for draft in drafts:
        if not draft.changed:
            continue
        try:
            write(draft.path, draft.original.data, draft.current.data)
        except ApplyError as problem:
            judge.problems.append(Problem(draft.name, 0, str(problem)))
        else:
            written += [step.proposal for step in draft.steps]
    return written


def commit_on_branch(name: str, job: Job, tick: Tick) -> tuple[list[Draft], Judge, list[str]]:
    """Make branch `name` with a commit for each proposal; no branch when there are none.

    The proposals are for the files as they are in HEAD. Returns also the notes for the user. Raises GitError.
    """
    with desk(name, job.paths) as made:
        moved = replace(job, paths=made.paths, root=made.moved(job.root), name_of=made.name_of)
        drafts, judge = (
            fixed(moved, tick) if made.paths else ([], Judge(Project.for_paths([]), job.options, job.policy))
        )
        judge.problems.extend(made.problems)
        steps = [(draft, step) for draft in drafts for step in draft.steps]
        if steps:
            commits = [Commit(draft.name, step.data, message(step.proposal)) for draft, step in steps]
            made.commit_all(name, commits, lambda done: tick("committing", done, len(commits)))
        dirty = made.repository.changed_files()
        notes = [
            f"{draft.name}: has uncommitted changes; the branch works on its last commit"
            for draft in drafts
            if draft.name in dirty
        ]
    return drafts, judge, notes
