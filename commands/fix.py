"""`deloop fix`: rewrite loops, as a diff, in the files, on a branch, or one by one on a terminal."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import FOUND, WRONG, command, fail, job_of, note, notes, without_declined
from .options import AskAgain, ForceExclude, Ignore, Numba, Paths, Python, Select, SideEffects, Unsafe, Unverified

if TYPE_CHECKING:
    from ..proposals.committing import Committed
    from ..proposals.gather import Job
    from ..proposals.judge import Judge
    from ..proposals.model import Proposal
    from ..proposals.propose import Draft


class Per(StrEnum):
    """What makes one commit."""

    PROPOSAL = "proposal"
    FILE = "file"
    RULE = "rule"
    ALL = "all"


@command
def fix(
    paths: Paths = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="On a terminal, review one by one; piped, the plain diff.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the files; `deloop undo` takes it back.")] = False,
    branch: Annotated[
        str | None, typer.Option(help="Commit on a new branch, beside the checkout.", metavar="NAME")
    ] = None,
    patch_dir: Annotated[
        Path | None, typer.Option(help="Write patch files for `deloop apply` or git.", metavar="DIR")
    ] = None,
    commit_per: Annotated[
        Per | None, typer.Option(help="One commit a proposal (the default), file, rule, or all.", metavar="WHAT")
    ] = None,
    with_scaffolds: Annotated[
        bool, typer.Option("--with-scaffolds", help="With commits or patches: also a test for each.")
    ] = False,
    pr_body: Annotated[
        Path | None, typer.Option(help="Also write the text of a pull request, as Markdown.", metavar="FILE")
    ] = None,
    ask_again: AskAgain = False,
    keep_original: Annotated[
        bool, typer.Option("--keep-original", help="Keep each rewritten function as it was, as _original_NAME.")
    ] = False,
    flag: Annotated[
        str | None,
        typer.Option(help="Keep it, and switch between both by NAME at run time.", metavar="NAME"),
    ] = None,
    unsafe: Unsafe = False,
    unverified: Unverified = False,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    force_exclude: ForceExclude = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 when a diff is pending.")] = False,
) -> int:
    """Rewrite the loops; by default only print one diff.

    Exit status: 0 nothing to do or all done, 1 a diff is pending, 2 an error.
    """
    from ..config import preserve_of

    given = {
        "unsafe": unsafe,
        "unverified": unverified,
        "python": python,
        "select": select,
        "ignore": ignore,
        "side_effects": side_effects,
        "numba": numba,
    }
    commits = branch is not None or patch_dir is not None
    if sum((diff, write, branch is not None, patch_dir is not None)) > 1:
        return fail("--diff, --write, --branch and --patch-dir exclude one another")
    if (with_scaffolds or commit_per is not None) and not commits:
        return fail("--commit-per and --with-scaffolds need --branch or --patch-dir")
    if pr_body is not None and not (write or commits):
        return fail("--pr-body needs --write, --branch or --patch-dir")
    if pr_body is not None and (pr_body.is_dir() or not pr_body.absolute().parent.is_dir()):
        return fail(f"--pr-body: {pr_body} is no file in a folder that is there")
    review = diff and sys.stdout.isatty() and sys.stdin.isatty()
    job = job_of(
        paths, given, show_unsafe=review, preserve=preserve_of(keep_original, flag), force_exclude=force_exclude
    )
    if review:
        return _review(job, ask_again)
    if not ask_again:
        job = without_declined(job)
    if not commits:
        status = _fix(job, write, pr_body)
        return 0 if exit_zero and status == FOUND else status
    return _commits(job, branch, patch_dir, (commit_per, with_scaffolds), pr_body)


def _fix(job: Job, write: bool, pr_body: Path | None) -> int:
    from ..proposals.journal import Journal
    from ..proposals.workflow import fixed, write_all
    from ..reports.progress import progress

    with progress() as tick:
        drafts, judge = fixed(job, tick)
    proposals = [step.proposal for draft in drafts for step in draft.steps]
    if write:
        journal = Journal(job, "fix --write")
        proposals = write_all(drafts, judge, journal)
        notes([journal.broken] if journal.broken else [])
        _write_body(pr_body, proposals)
        done = ", written."
    else:
        for draft in drafts:
            sys.stdout.buffer.write(draft.diff())
        sys.stdout.buffer.flush()
        done = ". Nothing was written: --write applies them, --diff reviews them one by one, --branch commits them."
    _tell(proposals, drafts, judge, done)
    return WRONG if judge.problems else FOUND if proposals and not write else 0


def _commits(
    job: Job, branch: str | None, folder: Path | None, shape: tuple[Per | None, bool], pr_body: Path | None
) -> int:
    from ..proposals.committing import Shape, commit_on_branch, write_series
    from ..proposals.interrupts import ended_like_interrupted
    from ..proposals.series import Per as Commits
    from ..reports.progress import progress
    from ..reports.text import count

    per, tests = shape
    wanted = Shape(Commits(per or Per.PROPOSAL), Path("tests/equivalence") if tests else None)
    with ended_like_interrupted(), progress() as tick:
        if branch is not None:
            made = commit_on_branch(branch, job, wanted, tick)
        else:
            assert folder is not None
            made = write_series(folder, job, wanted, tick)
    notes(made.notes)
    proposals = [step.proposal for draft in made.drafts for step in draft.steps]
    _write_body(pr_body, proposals, made)
    number = len(made.commits)
    if branch is not None:
        done = f", committed on branch {branch} ({count(number, 'commit')})."
    else:
        done = f", {count(number, 'patch file')} in {folder}."
    _tell(proposals, made.drafts, made.judge, done)
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


def _review(job: Job, repeat: bool) -> int:
    from rich.console import Console

    from ..proposals.answers import Answers
    from ..proposals.gather import state_base
    from ..proposals.interrupts import ended_like_interrupted
    from ..proposals.journal import Journal
    from ..proposals.review import Review
    from ..proposals.workflow import open_drafts
    from ..reports import proposals_text
    from ..reports.progress import progress
    from ..reports.review_page import Screen

    with ended_like_interrupted():
        with progress() as tick:
            drafts, judge = open_drafts(job, tick, unlock=True)
        journal, answers = Journal(job, "fix --diff"), Answers(state_base(job))
        review = Review(drafts, judge, Screen(Console(highlight=False)), journal, answers, progress, repeat)
        try:
            review.run()
        finally:
            notes(map(str, judge.problems))
            notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
            notes([journal.broken] if journal.broken else [])
            note(proposals_text.review_summary(review))
    return WRONG if judge.problems else FOUND if review.left or review.unseen else 0


def _tell(proposals: list[Proposal], drafts: list[Draft], judge: Judge, done: str) -> None:
    """Each proposal, what is held back, what went wrong, the counts."""
    from ..reports import proposals_text

    sites = [site for draft in drafts for site in draft.sites]
    notes(proposals_text.proposal_line(proposal) for proposal in proposals)
    notes(line for site in sites for line in proposals_text.not_offered(site))
    notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
    notes(proposals_text.stale_lines(judge))
    notes(map(str, judge.problems))
    note(proposals_text.fix_summary(proposals, sites, judge.problems, done))
