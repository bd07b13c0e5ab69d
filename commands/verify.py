"""`deloop verify`: the evidence for every possible rewrite."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import FOUND, WRONG, command, job_of, note, notes, show
from .options import Format, Ignore, Numba, OutputFormat, Paths, Python, Select, SideEffects


@command
def verify(
    paths: Paths = None,
    output_format: Format = OutputFormat.TEXT,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    scaffolds: Annotated[
        Path | None, typer.Option(help="Also run the test files in this folder.", metavar="DIR")
    ] = None,
) -> int:
    """Run every possible rewrite against its loop and print the evidence.

    Among the files, those that `deloop scaffold` wrote are run with pytest, and say then what they showed. Exit status:
    0 all verified, 1 some refuted, not verified or failed, 2 something was wrong.
    """
    from ..equivalence.model import Verdict
    from ..proposals import measured
    from ..proposals.gather import find_scaffolds
    from ..proposals.propose import look
    from ..proposals.scaffold_run import coverage_of, run_scaffolds
    from ..proposals.workflow import open_drafts
    from ..reports import json_report, proposals_text, scaffolds_text, text
    from ..reports.progress import progress

    given = {"python": python, "select": select, "ignore": ignore, "side_effects": side_effects, "numba": numba}
    job = job_of(paths, given)
    with progress() as tick:
        drafts, judge = open_drafts(job, tick)
        look(drafts, judge)
        tests, missing = find_scaffolds(job, scaffolds)
        judge.problems += missing
        runs = run_scaffolds(tests, job) if tests else []
        covered = coverage_of(tests, job)
    sites = [site for draft in drafts for site in draft.sites if site.candidates]
    measured.note(((site, draft.current.text) for draft in drafts for site in draft.sites if site.candidates), job)
    if output_format is OutputFormat.JSON:
        more = scaffolds_text.rows(runs, covered)
        sys.stdout.write(json_report.document(map(json_report.site_row, sites), judge.problems, more))
    else:
        show(line for site in sites for line in text.site_lines(site))
        notes(proposals_text.stale_lines(judge))
        notes(map(str, judge.problems))
        note(text.evidence_summary(sites))
    if runs:
        notes(map(str, runs))
        note(scaffolds_text.runs_summary(runs))
    notes(scaffolds_text.coverage_lines(covered))
    shown = all(c.evidence.verdict is Verdict.VERIFIED for site in sites for c in site.candidates)
    shown = shown and all(run.ok for run in runs)
    return WRONG if judge.problems else 0 if shown else FOUND
