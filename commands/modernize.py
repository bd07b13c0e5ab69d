"""`deloop modernize`: retired pandas and NumPy API in the words of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .app import command, fail, job_of
from .edits import Edits, Ways, carry_out
from .options import (
    AskAgain,
    Branch,
    CommitPer,
    Diff,
    ExitZero,
    Ignore,
    PatchDir,
    Paths,
    PrBody,
    Select,
    Unsafe,
    Write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..proposals.model import Site


@command
def modernize(
    paths: Paths = None,
    diff: Diff = False,
    write: Write = False,
    branch: Branch = None,
    patch_dir: PatchDir = None,
    commit_per: CommitPer = None,
    pr_body: PrBody = None,
    unsafe: Unsafe = False,
    select: Select = None,
    ignore: Ignore = None,
    ask_again: AskAgain = False,
    exit_zero: ExitZero = False,
) -> int:
    """Bring retired pandas and NumPy API (`.ix`, `append`, `np.float`) up to date.

    Only where it is known what the receiver is; the rest is named with its reason. Exit status: 0 nothing to do or
    all done, 1 a diff is pending, 2 an error.
    """
    from ..proposals.modern import modernised, open_modern

    ways = Ways(diff, write, branch, patch_dir, commit_per, pr_body, ask_again, exit_zero)
    if ways.wrong:
        return fail(ways.wrong)
    given = {"unsafe": unsafe, "select": select or ["DL9"], "ignore": ignore}
    job = job_of(paths, given, show_unsafe=ways.review)
    return carry_out(job, Edits("modernize", open_modern, modernised, _left), ways)


def _left(sites: Sequence[Site]) -> Iterator[str]:
    """The uses that are left alone, with their reasons."""
    for finding in (site.finding for site in sites):
        rule, why = finding.rule, finding.refusal
        if why is not None:
            yield f"{finding.where}: {rule.code} {rule.name}: left alone: {why.reason}: {why.message}"
            yield from [f"    to unblock: {why.hint}"] if why.hint else []
