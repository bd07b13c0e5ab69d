"""`fix --branch NAME`: the proposals as commits on a new branch, the user's checkout left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..sources.files import WriteError, write_atomic
from .git import (
    GitError,
    Repository,
    check_branch_name,
    find_repository,
    new_branch,
    temporary_worktree,
)
from .messages import message, subject
from .model import Problem
from .series import Commit


@dataclass
class Desk:
    """Where the work for a branch is done: a temporary checkout of HEAD beside the user's own.

    `paths` are the user's paths moved into it; `problems` are those that have no counterpart there.
    """

    repository: Repository
    worktree: Repository
    paths: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def commit_all(
        self, name: str, commits: Sequence[Commit], tick: Callable[[int], None] = lambda done: None
    ) -> list[str]:
        """Make the branch and return the names of its commits. Raises GitError, and then there is no branch."""
        made = []
        with new_branch(self.repository, self.worktree, name):
            for done, commit in enumerate(commits, 1):
                made.append(self._commit(commit))
                tick(done)
        return made

    def _commit(self, commit: Commit) -> str:
        for file, data in commit.files.items():
            target = self.worktree.top / file
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(target, data)
            except WriteError as problem:
                raise GitError(f"{file}: {problem.message}") from None
            except OSError as problem:
                raise GitError(f"{file}: its folder can't be made: {problem.strerror or problem}") from None
            self.worktree.run("add", "--", file)
        try:
            self.worktree.run("commit", "--quiet", "--file=-", text=message(commit))
        except GitError as problem:
            raise GitError(f"{problem} (at the commit `{subject(commit)}`; no branch was made)") from None
        return self.worktree.run("rev-parse", "HEAD").strip()

    def moved(self, folder: Path | None) -> Path | None:
        """A folder of the user's checkout in the temporary one; None when it is outside."""
        inside = self.repository.relative(folder) if folder is not None else None
        return self.worktree.top / inside if inside is not None else None

    def home(self, path: Path) -> Path:
        """The file of the user's checkout that a file of the temporary one is a copy of."""
        return self.repository.top / (self.worktree.relative(path) or path)

    def name_of(self, path: Path) -> str:
        """A file of the temporary checkout under the name that the repository has for it."""
        return self.worktree.relative(path) or str(path)


@contextmanager
def desk(name: str, paths: Sequence[Path]) -> Iterator[Desk]:
    """Check that branch `name` can be made for `paths`, and set up a temporary checkout of HEAD for it.

    Raises GitError with one line for the user: no repository, no commits yet, the name is wrong or taken.
    """
    repository = find_repository(paths[0])
    check_branch_name(repository, name)
    with temporary_worktree(repository) as worktree:
        made = Desk(repository, worktree)
        for path in paths:
            inside = repository.relative(path)
            if inside is None:
                made.problems.append(Problem(str(path), 0, f"is outside the repository {repository.top}; skipped"))
            elif not (worktree.top / inside).exists():
                made.problems.append(Problem(str(path), 0, "is not in the last commit (HEAD), so it can't be branched"))
            else:
                made.paths.append(worktree.top / inside)
        yield made
