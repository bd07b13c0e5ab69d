"""What `modernize` and `run` share: their proposals as a diff, in the files, on a branch or one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .app import FOUND, WRONG, note, notes, without_declined

if TYPE_CHECKING:
    from ..proposals.gather import Job, Tick
    from ..proposals.judge import Judge
    from ..proposals.model import Site
    from ..proposals.propose import Draft

    Make = Callable[[Job, Tick], tuple[list[Draft], Judge]]


@dataclass(frozen=True)
class Edits:
    """Where proposals come from: `open` reads the files, `make` applies all in memory, `left` says what stays."""

    command: str
    open: Make
    make: Make
    left: Callable[[Sequence[Site]], Iterator[str]] = lambda sites: iter(())


def is_reviewed(diff: bool) -> bool:
    """Whether `--diff` means questions on a terminal."""
    return diff and sys.stdout.isatty() and sys.stdin.isatty()


def carry_out(
    job: Job,
    edits: Edits,
    write: bool,
    branch: str | None,
    review: bool,
    exit_zero: bool,
    ask_again: bool = False,
) -> int:
    """Do with the proposals what was asked for. Returns the exit status."""
    if review:
        return _review(job, edits, ask_again)
    if not ask_again:
        job = without_declined(job)
    status = _on_branch(job, edits, branch) if branch is not None else _apply(job, edits, write)
    return 0 if exit_zero and status == FOUND else status


def _apply(job: Job, edits: Edits, write: bool) -> int:
    from ..proposals.journal import Journal
    from ..proposals.workflow import write_all
    from ..reports.progress import progress

    with progress() as tick:
        drafts, judge = edits.make(job, tick)
    proposals = [step.proposal for draft in drafts for step in draft.steps]
    if write:
        journal = Journal(job, f"{edits.command} --write")
        proposals = write_all(drafts, judge, journal)
        notes([journal.broken] if journal.broken else [])
        done = ", written."
    else:
        for draft in drafts:
            sys.stdout.buffer.write(draft.diff())
        sys.stdout.buffer.flush()
        done = ". Nothing was written: --write applies them, --diff reviews them one by one, --branch commits them."
    _tell(edits, drafts, judge, len(proposals), done)
    return WRONG if judge.problems else FOUND if proposals and not write else 0


def _on_branch(job: Job, edits: Edits, name: str) -> int:
    from ..proposals.committing import Shape, commit_on_branch
    from ..proposals.interrupts import ended_like_interrupted
    from ..reports.progress import progress

    with ended_like_interrupted(), progress() as tick:
        made = commit_on_branch(name, job, Shape(), tick, edits.make)
    notes(made.notes)
    number = sum(len(draft.steps) for draft in made.drafts)
    _tell(edits, made.drafts, made.judge, number, f", committed on branch {name}.")
    return WRONG if made.judge.problems else 0


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
            notes([journal.broken] if journal.broken else [])
            note(proposals_text.review_summary(review))
    return WRONG if judge.problems else FOUND if review.left or review.unseen else 0


def _tell(edits: Edits, drafts: list[Draft], judge: Judge, number: int, done: str) -> None:
    from ..reports import proposals_text

    proposals = [step.proposal for draft in drafts for step in draft.steps]
    sites = [site for draft in drafts for site in draft.sites]
    notes(proposals_text.proposal_line(proposal) for proposal in proposals)
    notes(line for site in sites for line in proposals_text.not_offered(site))
    notes(edits.left(sites))
    notes(map(str, judge.problems))
    note(proposals_text.fix_summary(proposals[:number], sites, judge.problems, done))
