"""Progress in an audit: against the baseline, and over the runs that `--record` kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..codemods.findings import Finding
from ..proposals.baseline import Baseline, Compared
from ..proposals.history import Entry
from .audit import Audit
from .document import Block, Code, Fold, Heading, Line, Lines, Mark, Paragraph, Spans, Table
from .text import count

#: So many runs are in the table; the chart has all of them.
RUNS = 20
#: So many loops are listed before the rest is only counted.
LISTED = 50


def progress(audit: Audit) -> Iterator[Block]:
    """The section, if there is anything to compare with."""
    if audit.baseline is None and not audit.history:
        return
    yield Heading(2, ("Progress",), "progress")
    if audit.baseline is not None:
        yield from _baseline(*audit.baseline)
    if audit.history:
        yield from _history(audit.history)


def _baseline(baseline: Baseline, found: Compared) -> Iterator[Block]:
    gone = sum(entry.count for entry in found.gone)
    yield Heading(3, ("Against the baseline",))
    yield Paragraph(
        (
            f"The baseline has {count(baseline.total, 'loop')}. {len(found.known)} of those are still there, "
            f"{gone} gone. {count(len(found.new), 'loop')} not in it.",
        )
    )
    if found.new:
        rows = [_new(finding) for finding in found.new[:LISTED]]
        yield Fold((f"New: {len(found.new)}",), [Table("Not in the baseline", ("Loop", "Rule", "Severity"), rows)])
    if found.gone:
        lost: list[tuple[Spans, ...]] = [
            ((Code(entry.file), f" {entry.function}"), (entry.rule,), (str(entry.count),))
            for entry in found.gone[:LISTED]
        ]
        table = Table("In the baseline, and gone", ("Function", "Rule", "Loops"), lost, frozenset({2}))
        yield Fold((f"Gone: {gone}",), [table])


def _new(finding: Finding) -> tuple[Spans, ...]:
    severity = str(finding.severity)
    rule: Spans = (f"{finding.rule.code} {finding.rule.name}",)
    return (Code(finding.where), f" {finding.function}"), rule, (Mark(severity, severity),)


def _history(history: Sequence[Entry]) -> Iterator[Block]:
    first, last = history[0], history[-1]
    yield Heading(3, ("Over time",))
    if len(history) > 1:
        change = last.open - first.open
        said = f"{abs(change)} {'fewer' if change < 0 else 'more'}" if change else "as many"
        yield Paragraph((f"{last.open} open now, {said} than on {first.date}." if change else _same(first, last),))
    told = "; ".join(f"{run.date}: {run.open} open, {run.high} high, {_can(run)} can be rewritten" for run in history)
    dates = [run.date for run in history]
    lines = [
        Line("open", "open", [run.open for run in history]),
        Line("high", "of high severity", [run.high for run in history]),
        Line("safe", "can be rewritten", [_can(run) for run in history]),
    ]
    yield Lines("Open loops over time", f"{told}.", dates, lines)
    headers = ("Date", "Revision", "Open", "High", "Medium", "Low", "Can be rewritten", "Justified")
    rows = [_run(run) for run in reversed(history[-RUNS:])]
    title = f"The last {RUNS} of {len(history)} runs" if len(history) > RUNS else "All runs, the last one first"
    yield Table(title, headers, rows, frozenset(range(2, len(headers))))


def _same(first: Entry, last: Entry) -> str:
    return f"{last.open} open now, as many as on {first.date}."


def _can(run: Entry) -> int:
    return run.safe + run.unsafe


def _run(run: Entry) -> tuple[Spans, ...]:
    figures = (run.open, run.high, run.medium, run.low, _can(run), run.justified)
    revision: Spans = (Code(run.revision),) if run.revision else ("",)
    return ((run.date,), revision, *((str(figure),) for figure in figures))
