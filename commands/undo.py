"""`deloop undo`: the files as they were before the last run that wrote to them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import FOUND, command, note, notes, show


@command
def undo(
    list_: Annotated[bool, typer.Option("--list", help="Only list the runs, the last one first.")] = False,
) -> int:
    """Undo the last run of deloop that wrote to files.

    That may be `fix --write`, a review or `apply`. A file that nobody has
    changed since gets back the very bytes it had; from any other only the
    lines of the run are taken out, or the line is named where that is not
    possible. Called again, it undoes the run before that.

    Exit status: 0 done, 1 something could not be undone, 2 an error.
    """
    from ..proposals.gather import shown_name
    from ..proposals.journal import base_near, runs
    from ..proposals.undo import listed, undo

    base = base_near(Path.cwd())
    known = runs(base)
    if list_:
        show(listed(known))
        return 0
    run = next((run for run in reversed(known) if run.is_open), None)
    if run is None:
        note("Nothing to undo: no run of deloop has written to files here, or all are undone.")
        return 0
    found = undo(run, shown_name)
    notes(map(str, found))
    done = all(one.done for one in found)
    rest = "undone." if done else "not wholly undone; once the rest fits again, `deloop undo` goes on with it."
    note(f"deloop {run.command} of {run.when.replace('T', ' ')[:16]}: {rest}")
    return 0 if done else FOUND
