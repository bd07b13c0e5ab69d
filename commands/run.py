"""`deloop run`: a codemod of your own, with deloop's review, diff, branch and undo."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import command, fail, job_of
from .edits import Edits, carry_out, is_reviewed
from .options import AskAgain, Paths


@command
def run(
    codemod: Annotated[str, typer.Argument(help="As `module:name` or `file.py:name`.", metavar="CODEMOD")],
    paths: Paths = None,
    arg: Annotated[
        list[str] | None, typer.Option("--arg", help="What the codemod gets by name.", metavar="NAME=VALUE")
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="On a terminal, review one by one; piped, the plain diff.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the files.")] = False,
    branch: Annotated[
        str | None, typer.Option(help="Commit on a new branch, one commit a proposal.", metavar="NAME")
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="Interpreter to run the codemod with; deloop's own.", metavar="FILE")
    ] = None,
    ask_again: AskAgain = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 when a diff is pending.")] = False,
) -> int:
    """Run a codemod of your own: a LibCST codemod, a Bowler query, or a function from text to text.

    It runs in a process of its own that can write no files. Exit status as for fix.
    """
    from ..equivalence.foreign import Codemod, NoCodemod
    from ..proposals.foreign import Foreign

    if sum((diff, write, branch is not None)) > 1:
        return fail("--diff, --write and --branch exclude one another")
    given = dict(one.split("=", 1) for one in arg or () if "=" in one)
    if len(given) < len(arg or ()):
        return fail("--arg: write it as NAME=VALUE, each name once")
    review = is_reviewed(diff)
    job = job_of(paths, {}, show_unsafe=review)
    foreign = Foreign(Codemod(codemod, given, python))
    try:
        edits = Edits(f"run {codemod}", foreign.open, foreign.make)
        return carry_out(job, edits, write, branch, review, exit_zero, ask_again)
    except NoCodemod as problem:
        return fail(str(problem))
    finally:
        foreign.codemod.close()
