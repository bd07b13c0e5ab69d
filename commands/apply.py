"""`deloop apply`: patches that `fix` printed or wrote, and others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import FOUND, WRONG, command, fail, job_of, note, notes


@command
def apply(
    patches: Annotated[list[str], typer.Argument(help="Patch files; - is standard input.", metavar="PATCHES")],
    check: Annotated[bool, typer.Option("--check", help="Only say whether they fit; nothing is written.")] = False,
) -> int:
    """Apply patches, such as those of `fix --patch-dir`.

    A file takes all changes of a patch or none. A change may stand some lines
    further up or down than the patch says, if there is only one such place:
    that is told. Where one does not fit, the line and what differs are named.
    `deloop undo` takes the changes back.

    Exit status: 0 all done, 1 something does not fit, 2 an error.
    """
    from ..proposals.patching import apply_patches
    from ..reports import patched_text

    read: list[tuple[str, bytes]] = []
    for name in patches:
        try:
            read.append((name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()))
        except OSError as problem:
            return fail(f"{name}: {problem.strerror or problem}")
    found, journal = apply_patches(read, job_of(None, {}), " ".join(["apply", *patches]), check)
    notes(patched_text.lines(found, check))
    notes([journal.broken] if journal.broken else [])
    note(patched_text.summary(found, check))
    errors = found.problems or any(not one.done and not one.line for one in found.outcomes)
    return WRONG if errors else FOUND if not all(one.done for one in found.outcomes) else 0
