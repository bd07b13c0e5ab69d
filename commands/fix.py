"""`deloop fix`: rewrite loops, as a diff, in the files, on a branch, or one by one on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .app import command, fail, job_of
from .edits import Edits, Ways, carry_out
from .options import (
    AskAgain,
    Branch,
    CommitPer,
    Diff,
    ExitZero,
    ForceExclude,
    Ignore,
    Numba,
    PatchDir,
    Paths,
    PrBody,
    Python,
    Select,
    SideEffects,
    Unsafe,
    Unverified,
    Write,
)

if TYPE_CHECKING:
    from ..proposals.gather import Job, Tick
    from ..proposals.judge import Judge
    from ..proposals.propose import Draft


@command
def fix(
    paths: Paths = None,
    diff: Diff = False,
    write: Write = False,
    branch: Branch = None,
    patch_dir: PatchDir = None,
    commit_per: CommitPer = None,
    with_scaffolds: Annotated[
        bool, typer.Option("--with-scaffolds", help="With commits or patches: also a test for each.")
    ] = False,
    pr_body: PrBody = None,
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
    exit_zero: ExitZero = False,
) -> int:
    """Rewrite the loops; by default only print one diff.

    Exit status: 0 nothing to do or all done, 1 a diff is pending, 2 an error.
    """
    from ..config import preserve_of
    from ..proposals.workflow import fixed, open_drafts

    ways = Ways(diff, write, branch, patch_dir, commit_per, pr_body, ask_again, exit_zero, with_scaffolds)
    if ways.wrong:
        return fail(ways.wrong)
    given = {
        "unsafe": unsafe,
        "unverified": unverified,
        "python": python,
        "select": select,
        "ignore": ignore,
        "side_effects": side_effects,
        "numba": numba,
    }
    preserve = preserve_of(keep_original, flag)
    job = job_of(paths, given, show_unsafe=ways.review, preserve=preserve, force_exclude=force_exclude)

    def opened(job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
        return open_drafts(job, tick, unlock=True)

    return carry_out(job, Edits("fix", opened, fixed), ways)
