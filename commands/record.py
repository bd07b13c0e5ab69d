"""`deloop record`: real inputs and times of slow loops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import command, job_of, notes
from .options import Ignore, Select, SideEffects


@command
def record(
    program: Annotated[list[str], typer.Argument(help="The command to run, as in a shell.", metavar="COMMAND")],
    paths: Annotated[
        list[Path] | None,
        typer.Option("--path", help="A file or folder with loops to watch; the current folder.", metavar="PATH"),
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Keep what earlier runs recorded.")] = False,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
) -> int:
    """Run a program or its tests, time its slow loops and keep some of their real inputs, for `verify` and `fix`.

    They stay in `.deloop` on this machine. Exit status: that of the command, 2 when it can't be run.
    """
    from ..proposals import recording
    from ..reports import recorded
    from ..reports.progress import progress

    job = job_of(paths, {"select": select, "ignore": ignore, "side_effects": side_effects})
    found = recording.record(job, program, add, progress)
    notes(map(str, found.problems))
    recorded.tell(found)
    return found.status
