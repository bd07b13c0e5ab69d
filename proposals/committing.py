"""The proposals as commits: on a new branch, or as patch files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codemods.engine import Project
from .branch import Desk, desk
from .gather import Job, Tick, shown_name
from .git import GitError, Repository, find_repository
from .judge import Judge
from .mails import author_of, check_folder, write_patches
from .model import NotRun
from .propose import Draft
from .scaffolds import with_tests
from .series import Commit, Per, series
from .workflow import fixed

Make = Callable[[Job, Tick], tuple[list[Draft], Judge]]


@dataclass(frozen=True)
class Shape:
    """What is one commit, and the folder for the tests that go with them (None: no tests)."""

    per: Per = Per.PROPOSAL
    tests: Path | None = None


@dataclass
class Committed:
    """What came of it. `names` are those of the commits or of the patch files, in order."""

    drafts: list[Draft]
    judge: Judge
    commits: list[Commit] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def commit_on_branch(name: str, job: Job, shape: Shape, tick: Tick, make: Make = fixed) -> Committed:
    """Make branch `name` with the commits of what `make` gives; no branch when there are no proposals.

    The proposals are for the files as they are in HEAD. Raises GitError.
    """
    with desk(name, job.paths) as made:
        moved = replace(
            job,
            paths=made.paths,
            root=made.moved(job.root or Path.cwd()),
            name_of=made.name_of,
            local=lambda path: job.terms(made.home(path)),
            left_out=lambda path: job.left_out(made.home(path)),
        )
        drafts, judge = make(moved, tick) if made.paths else ([], Judge(Project.for_paths([]), job.options, job.policy))
        judge.problems.extend(made.problems)
        done = Committed(drafts, judge)
        done.commits = _commits(drafts, moved, _moved(made, shape), tick)
        if done.commits:
            total = len(done.commits)
            done.names = made.commit_all(name, done.commits, lambda number: tick("committing", number, total))
        done.notes = _uncommitted(made, drafts)
    return done


def write_series(folder: Path, job: Job, shape: Shape, tick: Tick, make: Make = fixed) -> Committed:
    """Write the commits as patch files for the files as they are now. Raises NotRun."""
    check_folder(folder)  # before minutes of work
    try:
        repository: Repository | None = find_repository(Path.cwd())
    except GitError:
        repository = None
    named = replace(job, name_of=lambda path: _name(path, repository))
    drafts, judge = make(named, tick)
    for draft in drafts:
        if draft.steps and Path(draft.name).is_absolute():
            raise NotRun(f"{draft.name}: lies outside of the current folder; call deloop from a folder above it")
    done = Committed(drafts, judge)
    done.commits = _commits(drafts, named, shape, tick)
    if done.commits:
        originals = {draft.name: draft.original.data for draft in drafts}
        written = write_patches(folder, done.commits, originals, author_of(repository))
        done.names = [shown_name(path) for path, _ in written]
    return done


def _commits(drafts: Sequence[Draft], job: Job, shape: Shape, tick: Tick) -> list[Commit]:
    commits = series(drafts, shape.per, together=job.policy.preserve is not None)
    return with_tests(commits, drafts, job, shape.tests, tick) if shape.tests is not None and commits else commits


def _moved(made: Desk, shape: Shape) -> Shape:
    if shape.tests is None:
        return shape
    return replace(shape, tests=made.moved(Path.cwd() / shape.tests) or made.worktree.top / shape.tests)


def _uncommitted(made: Desk, drafts: Sequence[Draft]) -> list[str]:
    dirty = made.repository.changed_files()
    return [
        f"{draft.name}: has uncommitted changes; the branch works on its last commit"
        for draft in drafts
        if draft.name in dirty
    ]


def _name(path: Path, repository: Repository | None) -> str:
    inside = repository.relative(path) if repository is not None else None
    return inside or shown_name(path)
