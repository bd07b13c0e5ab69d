"""`deloop check`: the loops and what can be done about each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .app import FOUND, WRONG, command, job_of, note, notes, show
from .options import Format, Ignore, Level, Numba, OutputFormat, Paths, Select, SideEffects


@command
def check(
    paths: Paths = None,
    output_format: Format = OutputFormat.TEXT,
    severity: Annotated[Level, typer.Option(help="Report this severity and above.")] = Level.LOW,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    profile: Annotated[bool, typer.Option("--profile", help="Sort by the time that `record` measured.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 whatever is found.")] = False,
) -> int:
    """Say which loops are slow, what can be done about each, and why not where it can't.

    Exit status: 0 nothing found, 1 something found, 2 something was wrong.
    """
    from ..proposals.gather import look_at
    from ..reports import json_report, text
    from ..reports.profile import profile_of
    from ..reports.progress import progress

    job = job_of(paths, {"select": select, "ignore": ignore, "side_effects": side_effects, "numba": numba})
    with progress() as tick:
        looked, problems = look_at(job, tick)
    findings = [f for one in looked for f in one.findings if text.at_least(f.severity, severity)]
    times = profile_of(job.paths, [one.path for one in looked]) if profile else None
    findings = times.sorted(findings) if times is not None else findings
    if output_format is OutputFormat.JSON:
        rows = (json_report.finding_row(f) | (times.row(f) if times is not None else {}) for f in findings)
        sys.stdout.write(json_report.document(rows, problems))
    else:
        show(line for f in findings for line in text.shown_lines(f, times.line(f) if times else ""))
        notes(map(str, problems))
    notes(times.notes() if times is not None else ())
    if output_format is OutputFormat.TEXT:
        note(text.summary(findings, len(looked), len(problems)))
    found = any(text.is_open(finding) for finding in findings) and not exit_zero
    return WRONG if problems else FOUND if found else 0
