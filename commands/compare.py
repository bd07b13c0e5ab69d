"""`deloop compare`: whether two functions do the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import FOUND, WRONG, command, notes, show
from .options import Format, OutputFormat, Python


@command
def compare(
    old: Annotated[str, typer.Argument(help="FILE.py:FUNCTION, FILE.py:CLASS.METHOD, git:REVISION:FILE.py:FUNCTION.")],
    new: Annotated[str, typer.Argument(help="The same; of two files without a function, all that differ.")],
    names: Annotated[
        list[str] | None, typer.Option("--map", help="A parameter of OLD and its name in NEW.", metavar="OLD=NEW")
    ] = None,
    assume: Annotated[
        list[str] | None, typer.Option(help="Set inputs aside that break this assumption.", metavar="NAME")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(help="Only inputs of which this holds, as in 'len(a) == len(b)'.", metavar="CONDITION"),
    ] = None,
    rtol: Annotated[
        float | None, typer.Option(help="Relative tolerance for floats; exact without it.", metavar="NUMBER")
    ] = None,
    python: Python = None,
    output_format: Format = OutputFormat.TEXT,
) -> int:
    """Say whether two functions are equivalent, on what inputs, and which is faster.

    For rewrites by hand or by a model. Exit status: 0 equivalent, 1 refuted, 2 can't tell or the call is wrong.
    """
    from ..config import load
    from ..proposals.side_by_side import Asked, compared, mapping_of
    from ..reports import side_by_side as report
    from ..reports.explain import all_rules
    from ..reports.progress import progress

    settings = load([Path()], all_rules())
    asked = Asked(mapping_of(names or ()), tuple(assume or ()), rtol, python or settings.python, tuple(given or ()))
    with progress() as tick:
        found, said = compared(old, new, asked, tick)
    if output_format is OutputFormat.JSON:
        sys.stdout.write(report.document(found, said))
    else:
        show(line for one in found for line in report.lines(one))
        notes(said)
    verdicts = {one.verdict for one in found}
    return FOUND if "refuted" in verdicts else WRONG if "unknown" in verdicts else 0
