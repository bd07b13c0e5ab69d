"""`deloop run`: a codemod of your own, with deloop's review, diff, branch and undo."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import command, fail, job_of
from .edits import Edits, Ways, carry_out
from .options import AskAgain, Branch, CommitPer, Diff, ExitZero, PatchDir, Paths, PrBody, Write


@command
def run(
    codemod: Annotated[str, typer.Argument(help="As `module:name` or `file.py:name`.", metavar="CODEMOD")],
    paths: Paths = None,
    arg: Annotated[
        list[str] | None, typer.Option("--arg", help="What the codemod gets by name.", metavar="NAME=VALUE")
    ] = None,
    diff: Diff = False,
    write: Write = False,
    branch: Branch = None,
    patch_dir: PatchDir = None,
    commit_per: CommitPer = None,
    pr_body: PrBody = None,
    python: Annotated[
        str | None, typer.Option(help="Interpreter to run the codemod with; deloop's own.", metavar="FILE")
    ] = None,
    ask_again: AskAgain = False,
    exit_zero: ExitZero = False,
) -> int:
    """Run a codemod of your own: a LibCST codemod, a Bowler query, or a function from text to text.

    It runs in a process of its own that can write no files. Exit status as for fix.
    """
    from ..equivalence.foreign import Codemod, NoCodemod
    from ..proposals.foreign import Foreign

    ways = Ways(diff, write, branch, patch_dir, commit_per, pr_body, ask_again, exit_zero)
    if ways.wrong:
        return fail(ways.wrong)
    given = dict(one.split("=", 1) for one in arg or () if "=" in one)
    if len(given) < len(arg or ()):
        return fail("--arg: write it as NAME=VALUE, each name once")
    job = job_of(paths, {}, show_unsafe=ways.review)
    foreign = Foreign(Codemod(codemod, given, python))
    try:
        edits = Edits(f"run {codemod}", foreign.open, foreign.make)
        return carry_out(job, edits, ways)
    except NoCodemod as problem:
        return fail(str(problem))
    finally:
        foreign.codemod.close()
