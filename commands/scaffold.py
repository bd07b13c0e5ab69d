"""`deloop scaffold`: a pytest file for each proposal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import WRONG, command, job_of, note, notes
from .options import Ignore, Numba, Paths, Python, Select, SideEffects, Unsafe, Unverified


@command
def scaffold(
    paths: Paths = None,
    output: Annotated[Path, typer.Option(help="The folder for the test files.", metavar="DIR")] = Path(
        "tests/equivalence"
    ),
    unsafe: Unsafe = False,
    force: Annotated[bool, typer.Option("--force", help="Also overwrite test files that were edited.")] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Copy what the tests need beside them: they run without deloop.")
    ] = False,
    unverified: Unverified = False,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
) -> int:
    """Write a pytest file for each proposal: the original against the new version, on typical data and edge cases.

    Run it before `fix`, which is what needs the original. Exit status: 0 done, 2 something was wrong.
    """
    from ..proposals.scaffolds import Wanted, write_scaffolds
    from ..reports import scaffolds_text
    from ..reports.progress import progress

    given = {
        "unsafe": unsafe,
        "unverified": unverified,
        "python": python,
        "select": select,
        "ignore": ignore,
        "side_effects": side_effects,
        "numba": numba,
    }
    job = job_of(paths, given)
    with progress() as tick:
        written, problems = write_scaffolds(job, Wanted(output, force, standalone), tick)
    notes(map(scaffolds_text.line, written))
    notes(map(str, problems))
    note(scaffolds_text.summary(written, len(problems)))
    return WRONG if problems else 0
