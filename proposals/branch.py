"""`fix --branch NAME`: the proposals as commits on a new branch, the user's checkout left as it is."""

from __future__ import annotations

import textwrap
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
from .model import Problem, Proposal, evidence_text, kinds_text, speedup_text, tier_text


@dataclass(frozen=True)
class Commit:
    """One proposal to commit: the file inside the repository, its bytes from then on, the message."""

    file: str
    data: bytes
    message: str


@dataclass
class Desk:
    """Where the work for a branch is done: a temporary checkout of HEAD beside the user's own.

    `paths` are the user's paths moved into it; `problems` are those that have no counterpart there.
    """

    repository: Repository
    worktree: Repository
    paths: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def commit_all(self, name: str, commits: Sequence[Commit], tick: Callable[[int], None] = lambda done: None) -> None:
        """Make the branch with one commit each. Raises GitError, and then there is no branch."""
        with new_branch(self.repository, self.worktree, name):
            for done, commit in enumerate(commits, 1):
                self._commit(commit)
                tick(done)

    def _commit(self, commit: Commit) -> None:
        target = self.worktree.top / commit.file
        try:
            write_atomic(target, commit.data)
        except WriteError as problem:
            raise GitError(f"{commit.file}: {problem.message}") from None
        self.worktree.run("add", "--", commit.file)
        self.worktree.run("commit", "--quiet", "--file=-", text=commit.message)

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


def message(proposal: Proposal) -> str:
    """The commit message: rule and place, then tier, evidence, speed-up and what is assumed."""
    finding, form = proposal.finding, proposal.form
    lines = [f"{form.rule.code} {form.rule.name} in {Path(finding.file).name}", ""]
    if form.summary:
        lines += [form.summary, ""]
    lines += [
        f"Where: {finding.file}:{finding.line}, {finding.function}",
        f"Rule: {form.rule.code} {form.rule.name} ({finding.severity})",
        f"Tier: {tier_text(form.tier)}",
        f"Evidence: {evidence_text(proposal.evidence)}",
    ]
    if proposal.evidence.kinds:
        lines += textwrap.wrap(f"Inputs: {kinds_text(proposal.evidence)}", 76, subsequent_indent="  ")
    if proposal.evidence.versions:
        lines.append(f"Versions: {proposal.evidence.versions}")
    lines.append(f"Speed-up: {speedup_text(proposal.evidence) or 'not measured'}")
    lines.append("Obligations: none, the same behaviour whatever the data" if form.safe else "Obligations:")
    lines += [f"- {o.name}: {o.text}" for o in form.obligations]
    return "\n".join(lines) + "\n"
