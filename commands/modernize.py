"""`deloop modernize`: retired pandas and NumPy API in the words of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .app import command, fail, job_of
from .edits import Edits, carry_out, is_reviewed
from .options import AskAgain, Ignore, Paths, Select, Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..proposals.model import Site


@command
def modernize(
    paths: Paths = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="On a terminal, review one by one; piped, the plain diff.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the files.")] = False,
    branch: Annotated[
        str | None, typer.Option(help="Commit on a new branch, one commit a proposal.", metavar="NAME")
    ] = None,
    unsafe: Unsafe = False,
    select: Select = None,
    ignore: Ignore = None,
    ask_again: AskAgain = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 when a diff is pending.")] = False,
) -> int:
    """Bring retired pandas and NumPy API (`.ix`, `append`, `np.float`) up to date.

    Only where it is known what the receiver is; the rest is named with its reason. Exit status: 0 nothing to do or
    all done, 1 a diff is pending, 2 an error.
    """
    from ..proposals.modern import modernised, open_modern

    if sum((diff, write, branch is not None)) > 1:
        return fail("--diff, --write and --branch exclude one another")
    review = is_reviewed(diff)
    given = {"unsafe": unsafe, "select": select or ["DL9"], "ignore": ignore}
    job = job_of(paths, given, show_unsafe=review)
    edits = Edits("modernize", open_modern, modernised, _left)
    return carry_out(job, edits, write, branch, review, exit_zero, ask_again)


def _left(sites: Sequence[Site]) -> Iterator[str]:
    """The uses that are left alone, with their reasons."""
    for finding in (site.finding for site in sites):
        rule, why = finding.rule, finding.refusal
        if why is not None:
            yield f"{finding.where}: {rule.code} {rule.name}: left alone: {why.reason}: {why.message}"
            yield from [f"    to unblock: {why.hint}"] if why.hint else []
