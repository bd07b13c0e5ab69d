"""What `fix`, `modernize` and `run` share: proposals as a diff, in the files, as commits or patches, or one by one."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .app import FOUND, WRONG, note, notes, without_declined
from .options import Per

if TYPE_CHECKING:
    from ..proposals.committing import Committed
    from ..proposals.gather import Job, Tick
    from ..proposals.judge import Judge
    from ..proposals.model import Proposal, Site
    from ..proposals.propose import Draft

    Make = Callable[[Job, Tick], tuple[list[Draft], Judge]]


@dataclass(frozen=True)
class Edits:
    """Where proposals come from: `open` reads the files, `make` applies all in memory, `left` says what stays."""

    command: str
    open: Make
    make: Make
    left: Callable[[Sequence[Site]], Iterator[str]] = lambda sites: iter(())


@dataclass(frozen=True)
class Ways:
    """What is done with them, as the options say."""

    diff: bool = False
    write: bool = False
    branch: str | None = None
    patch_dir: Path | None = None
    commit_per: Per | None = None
    pr_body: Path | None = None
    ask_again: bool = False
    exit_zero: bool = False
    with_scaffolds: bool = False

    @property
    def commits(self) -> bool:
        return self.branch is not None or self.patch_dir is not None

    @property
    def review(self) -> bool:
        """Whether `--diff` means questions on a terminal."""
        return self.diff and sys.stdout.isatty() and sys.stdin.isatty()

    @property
    def wrong(self) -> str:
        """What can't be asked for; empty when all is well."""
        if sum((self.diff, self.write, self.branch is not None, self.patch_dir is not None)) > 1:
            return "--diff, --write, --branch and --patch-dir exclude one another"
        if self.with_scaffolds and not self.commits:
            return "--with-scaffolds needs --branch or --patch-dir"
        if self.commit_per is not None and not self.commits:
            return "--commit-per needs --branch or --patch-dir"
        if self.pr_body is None:
            return ""
        if not (self.write or self.commits):
            return "--pr-body needs --write, --branch or --patch-dir"
        if self.pr_body.is_dir() or not self.pr_body.absolute().parent.is_dir():
            return f"--pr-body: {self.pr_body} is no file in a folder that is there"
        return ""


def carry_out(job: Job, edits: Edits, ways: Ways) -> int:
    """Do with the proposals what was asked for. Returns the exit status."""
    if ways.review:
        return _review(job, edits, ways.ask_again)
    if not ways.ask_again:
        job = without_declined(job)
    if ways.commits:
        return _commits(job, edits, ways)
    status = _apply(job, edits, ways)
    return 0 if ways.exit_zero and status == FOUND else status


def _apply(job: Job, edits: Edits, ways: Ways) -> int:
    from ..proposals.journal import Journal
    from ..proposals.workflow import write_all
    from ..reports.progress import progress

    with progress() as tick:
        drafts, judge = edits.make(job, tick)
    proposals = [step.proposal for draft in drafts for step in draft.steps]
    if ways.write:
        journal = Journal(job, f"{edits.command} --write")
        proposals = write_all(drafts, judge, journal)
        notes([journal.broken] if journal.broken else [])
        _write_body(ways.pr_body, proposals)
        done = ", written."
    else:
        for draft in drafts:
            sys.stdout.buffer.write(draft.diff())
        sys.stdout.buffer.flush()
        done = ". Nothing was written: --write applies them, --diff reviews them one by one, --branch commits them."
    _tell(edits, proposals, drafts, judge, done)
    return WRONG if judge.problems else FOUND if proposals and not ways.write else 0


def _commits(job: Job, edits: Edits, ways: Ways) -> int:
    from ..proposals.committing import Shape, commit_on_branch, write_series
    from ..proposals.interrupts import ended_like_interrupted
    from ..proposals.series import Per as Commits
    from ..reports.progress import progress
    from ..reports.text import count

    tests = Path("tests/equivalence") if ways.with_scaffolds else None
    wanted = Shape(Commits(ways.commit_per or Per.PROPOSAL), tests)
    with ended_like_interrupted(), progress() as tick:
        if ways.branch is not None:
            made = commit_on_branch(ways.branch, job, wanted, tick, edits.make)
        else:
            assert ways.patch_dir is not None
            made = write_series(ways.patch_dir, job, wanted, tick, edits.make)
    notes(made.notes)
    proposals = [step.proposal for draft in made.drafts for step in draft.steps]
    _write_body(ways.pr_body, proposals, made)
    number = len(made.commits)
    if ways.branch is not None:
        done = f", committed on branch {ways.branch} ({count(number, 'commit')})."
    else:
        done = f", {count(number, 'patch file')} in {ways.patch_dir}."
    _tell(edits, proposals, made.drafts, made.judge, done)
    return WRONG if made.judge.problems else 0


def _write_body(file: Path | None, proposals: list[Proposal], made: Committed | None = None) -> None:
    from ..reports.pr_body import Asked, body
    from ..sources.files import write_atomic

    if file is None or not proposals:
        return
    command = shlex.join(["deloop", *sys.argv[1:]])
    asked = Asked(command, made.commits, made.names) if made is not None else Asked(command)
    write_atomic(file, body(proposals, asked).encode())
    note(f"{file}: the text of a pull request")


def _review(job: Job, edits: Edits, repeat: bool) -> int:
    from rich.console import Console

    from ..proposals.answers import Answers
    from ..proposals.gather import state_base
    from ..proposals.interrupts import ended_like_interrupted
    from ..proposals.journal import Journal
    from ..proposals.review import Review
    from ..reports import proposals_text
    from ..reports.progress import progress
    from ..reports.review_page import Screen

    with ended_like_interrupted():
        with progress() as tick:
            drafts, judge = edits.open(job, tick)
        journal, answers = Journal(job, f"{edits.command} --diff"), Answers(state_base(job))
        review = Review(drafts, judge, Screen(Console(highlight=False)), journal, answers, progress, repeat)
        try:
            review.run()
        finally:
            notes(edits.left([site for draft in drafts for site in draft.sites]))
            notes(map(str, judge.problems))
            notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
            notes([journal.broken] if journal.broken else [])
            note(proposals_text.review_summary(review))
    return WRONG if judge.problems else FOUND if review.left or review.unseen else 0


def _tell(edits: Edits, proposals: list[Proposal], drafts: list[Draft], judge: Judge, done: str) -> None:
    """Each proposal, what is held back, what went wrong, the counts."""
    from ..reports import proposals_text

    sites = [site for draft in drafts for site in draft.sites]
    notes(proposals_text.proposal_line(proposal) for proposal in proposals)
    notes(line for site in sites for line in proposals_text.not_offered(site))
    notes(edits.left(sites))
    notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
    notes(proposals_text.stale_lines(judge))
    notes(map(str, judge.problems))
    note(proposals_text.fix_summary(proposals, sites, judge.problems, done))
