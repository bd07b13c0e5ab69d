"""`deloop report`: the audit of a project as one page."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WRONG, command, job_with, note, notes, settings_of
from .options import Ignore, Level, Numba, Paths, Python, Select, SideEffects

if TYPE_CHECKING:
    from ..proposals.gather import Job, Tick
    from ..proposals.history import Entry
    from ..proposals.model import Problem, Site


class ReportFormat(StrEnum):
    """The formats of `report`."""

    MARKDOWN = "markdown"
    HTML = "html"


@command
def report(
    paths: Paths = None,
    output_format: Annotated[
        ReportFormat | None, typer.Option(help="By the suffix of --output-file, else markdown.")
    ] = None,
    output_file: Annotated[Path | None, typer.Option(help="Write it there.", metavar="FILE")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Run the rewrites; show diffs and evidence.")] = False,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    severity: Annotated[Level | None, typer.Option(help="This severity and above.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Compare with this baseline.", metavar="FILE")] = None,
    record: Annotated[bool, typer.Option("--record", help="Add the counts of this run to the history.")] = False,
    history: Annotated[
        Path | None, typer.Option(help="The history, .deloop-history.json by default.", metavar="FILE")
    ] = None,
    date: Annotated[str | None, typer.Option(help="The day to show and to record.", metavar="YYYY-MM-DD")] = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing beside errors.")] = False,
) -> int:
    """Write the audit of a project: what is slow, what can be done about it, what is left alone, and why.

    Exit status: 0 written, whatever is found; 2 something was wrong.
    """
    from ..proposals import history as runs
    from ..proposals import measured
    from ..proposals.checked import STDIN, Only, check_all
    from ..proposals.gather import label_of, state_base
    from ..reports import audit, document_html, document_markdown
    from ..reports.audit_document import document
    from ..reports.findings import Report, Sources
    from ..reports.profile import profile_of
    from ..reports.progress import progress
    from ..sources.files import write_atomic
    from .app import fail
    from .baseline import compared

    if STDIN in (paths or []):
        return fail("report looks at files and folders, not at stdin (-)")
    day = runs.date_of(date, os.environ.get("SOURCE_DATE_EPOCH")) or (runs.today() if record else None)
    given = {
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "side_effects": side_effects,
        "numba": numba,
        "python": python,
        "baseline": str(baseline) if baseline is not None else None,
    }
    settings = settings_of(paths or [Path()], given)
    job = job_with(settings, paths, show_unsafe=True)
    kept = history if history is not None else state_base(job) / runs.NAME
    old = runs.read(kept)
    with progress() as tick:
        found = check_all(job, Only(), tick)
        sites, problems = _verified(job, tick) if verify else ([], [])
    sources, known = Sources(found.texts), measured.known(job)
    whole = Report(
        findings=[finding for one in found.looked for finding in one.findings],
        problems=list(dict.fromkeys([*found.problems, *problems])),
        files=len(found.looked),
        suppressed=sum(len(one.silenced) for one in found.looked),
        sources=sources,
        measured=lambda f: known.of(f, label_of(Path(f.file), job), sources.text(f.file)) if known.rows else (),
        profile=profile_of(job.paths, [one.path for one in found.looked]),
    )
    silenced = [one for looked in found.looked for one in looked.silenced]
    asked = _asked(select, ignore, severity, side_effects, numba)
    scope = " ".join([*(label_of(path, job) for path in job.paths), *asked])
    now = audit.counted(whole, silenced, day or "", runs.revision_of(job.paths[0]), scope)
    if record:
        old = runs.with_run(old, now)
        runs.write(kept, old)
    page = document(
        audit.Audit(
            title=_title(job),
            report=whole,
            items=audit.items_of(whole, sites, verify),
            silenced=silenced,
            now=now,
            date=day,
            history=_until_now(old, now, record),
            baseline=compared(whole, settings, [one.name for one in found.looked if one.problem is None]),
            verified=verify,
            settings=" ".join(asked),
        )
    )
    wanted = output_format or _by_suffix(output_file)
    text = document_html.render(page) if wanted is ReportFormat.HTML else document_markdown.render(page)
    if output_file is None:
        sys.stdout.write(text)
    else:
        write_atomic(output_file, text.encode("utf-8", "backslashreplace"))
    notes(map(str, whole.problems))
    if not quiet and output_file is not None:
        note(f"{job.name_of(output_file)} written: {len(whole.open)} open.")
    if not quiet and record:
        note(f"{job.name_of(kept)} written: {len(old)} runs.")
    return WRONG if whole.problems else 0


def _verified(job: Job, tick: Tick) -> tuple[list[Site], list[Problem]]:
    """Every rewrite, run: what it showed is remembered for `check`, too."""
    from ..proposals import measured
    from ..proposals.propose import look
    from ..proposals.workflow import open_drafts

    drafts, judge = open_drafts(job, tick)
    look(drafts, judge)
    measured.note(((site, draft.current.text) for draft in drafts for site in draft.sites if site.candidates), job)
    return [site for draft in drafts for site in draft.sites if site.candidates], judge.problems


def _until_now(entries: Sequence[Entry], now: Entry, recorded: bool) -> list[Entry]:
    """The runs that compare with this one. This one is shown with them if it has a date and is not among them yet."""
    same = [entry for entry in entries if entry.scope == now.scope]
    if recorded or not same or not now.date or now.date < same[-1].date:
        return same
    return same if same[-1] == now else [*same, now]


def _asked(
    select: list[str] | None, ignore: list[str] | None, severity: Level | None, side_effects: bool, numba: bool
) -> list[str]:
    """The options that decide which loops are counted."""
    words = [f"--select {','.join(select)}"] if select else []
    words += [f"--ignore {','.join(ignore)}"] if ignore else []
    words += [f"--severity {severity}"] if severity else []
    return [*words, *["--side-effects"] * side_effects, *["--numba"] * numba]


def _title(job: Job) -> str:
    """What the paths are called: the name of the folder for the current one."""
    names = [job.name_of(path) for path in job.paths]
    return ", ".join(Path.cwd().name if name == "." else name for name in names)


def _by_suffix(file: Path | None) -> ReportFormat:
    html = file is not None and file.suffix.lower() in (".html", ".htm")
    return ReportFormat.HTML if html else ReportFormat.MARKDOWN
