"""`deloop check`: the loops and what can be done about each."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import FOUND, WRONG, command, fail, job_with, note, notes, settings_of
from .baseline import Ratchet, held_against
from .options import ExtendSelect, ForceExclude, Ignore, Level, Numba, Paths, Select, SideEffects

if TYPE_CHECKING:
    from ..reports.findings import Report


class CheckFormat(StrEnum):
    """The formats of `check`; a test holds them against those that there are."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"


@command
def check(
    paths: Paths = None,
    output_format: Annotated[CheckFormat, typer.Option(help="How to report.")] = CheckFormat.TEXT,
    output_file: Annotated[Path | None, typer.Option(help="Write the report there.", metavar="FILE")] = None,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    severity: Annotated[Level | None, typer.Option(help="This severity and above.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only loops changed since this git revision.", metavar="REV")
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Only staged files, as they are staged.")] = False,
    stdin_filename: Annotated[
        Path | None, typer.Option(help="What the code on stdin (-) is called.", metavar="FILE")
    ] = None,
    force_exclude: ForceExclude = False,
    baseline: Annotated[Path | None, typer.Option(help="Pass over what this baseline knows.", metavar="FILE")] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write it, or take out of it what is gone.")
    ] = False,
    accept_new: Annotated[
        bool, typer.Option("--accept-new", help="With --write-baseline, add new loops to it.")
    ] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Only the counts by rule.")] = False,
    show_fixes: Annotated[bool, typer.Option("--show-fixes", help="List what can be fixed.")] = False,
    show_unused: Annotated[
        bool, typer.Option("--show-unused", help="Name noqa and ignore comments of no use.")
    ] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Sort by the time that `record` measured.")] = False,
    side_effects: SideEffects = False,
    numba: Numba = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing beside the report and errors.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 whatever is found.")] = False,
) -> int:
    """Say which loops are slow, and what can be done about each, or why nothing.

    `# noqa: CODE` or `# deloop: ignore[CODE] reason` behind a header silences it.
    Exit status: 0 nothing found, 1 something found, 2 something was wrong.
    """
    from ..proposals import measured
    from ..proposals.checked import STDIN, Only, check_all
    from ..proposals.gather import label_of
    from ..reports.findings import Report, Sources
    from ..reports.profile import profile_of
    from ..reports.progress import progress

    partial = since is not None or staged or STDIN in (paths or [])
    if statistics and output_format not in (CheckFormat.TEXT, CheckFormat.CONCISE, CheckFormat.JSON):
        return fail(f"--statistics come as text or json, not as {output_format}")
    if show_fixes and output_format not in (CheckFormat.TEXT, CheckFormat.CONCISE):
        return fail(f"--show-fixes is a list for people; {output_format} says of each loop what can be fixed")
    if stdin_filename is not None and paths != [STDIN]:
        return fail("--stdin-filename goes with the path - (stdin) alone")
    if write_baseline and partial:
        return fail("--write-baseline looks at whole files: leave out --since, --staged and -")
    if write_baseline and (named := next((path for path in paths or [] if path.suffix == ".json"), None)):
        return fail(f"{named}: the file of a baseline goes with --baseline")
    if accept_new and not write_baseline:
        return fail("--accept-new goes with --write-baseline")
    given = {
        "select": select,
        "ignore": ignore,
        "extend_select": extend_select,
        "severity": severity,
        "side_effects": side_effects,
        "numba": numba,
        "baseline": str(baseline) if baseline is not None else None,
    }
    settings = settings_of([stdin_filename] if stdin_filename is not None else paths or [Path()], given)
    job = job_with(settings, paths, force_exclude=force_exclude)
    with progress() as tick:
        found = check_all(job, Only(since, staged, stdin_filename, show_unused), tick)
    findings = [finding for one in found.looked for finding in one.findings]
    times = profile_of(job.paths, [one.path for one in found.looked]) if profile else None
    sources, known = Sources(found.texts), measured.known(job)
    report = Report(
        findings=times.sorted(findings) if times is not None else findings,
        problems=found.problems,
        files=len(found.looked),
        suppressed=sum(len(one.silenced) for one in found.looked),
        sources=sources,
        measured=lambda f: known.of(f, label_of(Path(f.file), job), sources.text(f.file)) if known.rows else (),
        profile=times,
    )
    looked = [one.name for one in found.looked if one.problem is None]
    report, said = held_against(report, settings, job, Ratchet(write_baseline, accept_new, not partial), looked)
    _print(report, output_format, output_file, statistics, show_fixes)
    notes(f"{one.name}:{comment.line}: {comment.useless}" for one in found.looked for comment in one.unused)
    _tell(report, output_format, quiet)
    notes(said if not quiet else ())
    return WRONG if report.problems else FOUND if report.open and not exit_zero else 0


def _print(report: Report, wanted: CheckFormat, file: Path | None, statistics: bool, show_fixes: bool) -> None:
    from ..reports import summary
    from ..reports.console import Line, print_lines
    from ..reports.formats import renderer, styled
    from ..sources.files import write_atomic

    people = wanted in (CheckFormat.TEXT, CheckFormat.CONCISE)
    more: list[Line] = []
    if statistics:
        more = [[(line, "")] for line in summary.statistics(report)]
    if show_fixes:
        more += [[(line, "")] for line in summary.fixes(report)]
    if people and file is None:
        print_lines([] if statistics else styled(wanted)(report))
        print_lines(more)
        return
    text = "" if statistics else renderer(wanted)(report)
    if people:
        text += "".join(f"{piece}\n" for line in more for piece, _ in line)
    elif statistics:
        text = summary.statistics_json(report)
    if file is None:
        sys.stdout.write(text)
    else:
        write_atomic(file, text.encode("utf-8", "backslashreplace"))


def _tell(report: Report, wanted: CheckFormat, quiet: bool) -> None:
    """What is said beside the report."""
    from ..reports.summary import summary

    people = wanted in (CheckFormat.TEXT, CheckFormat.CONCISE)
    if people:
        notes(map(str, report.problems))
    notes(report.profile.notes() if report.profile is not None else ())
    if people and not quiet:
        note(summary(report))
