"""The audit of a project as a document: the counts, what can be done, what is left alone and why, progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import __version__
from ..codemods.findings import Finding
from ..proposals.terms import Silenced
from ..transforms.base import Severity
from .audit import Audit, Standing, Tally, grouped, tally
from .audit_loops import fixable, held_back, left_alone
from .audit_progress import progress
from .document import (
    Bar,
    Bars,
    Block,
    Code,
    Document,
    Fold,
    Heading,
    Mark,
    Paragraph,
    Points,
    Spans,
    Strong,
    Table,
    words,
)
from .text import count

#: So many files, and functions, are shown before the rest is folded.
FEW = 12
#: What the standings are called.
CALLED = {
    Standing.SAFE: "safe",
    Standing.UNSAFE: "with an assumption",
    Standing.HELD: "held back",
    Standing.LEFT: "left alone",
}


def document(audit: Audit) -> Document:
    """The whole document."""
    report = audit.report
    told = [f"{count(report.files, 'file')} looked at"]
    told += [f"revision {audit.now.revision}"] if audit.now.revision else []
    told += [audit.date] if audit.date else []
    told += [audit.settings] if audit.settings else []
    blocks = [
        *_summary(audit),
        *progress(audit),
        *_hot_spots(audit),
        *_rules(audit),
        *fixable(audit),
        *held_back(audit),
        *left_alone(audit),
        *_justified(audit),
        *_problems(audit),
    ]
    return Document(f"Slow loops in {audit.title}", (", ".join(told) + ".",), blocks, _foot(audit))


def _summary(audit: Audit) -> Iterator[Block]:
    whole = tally(audit.items)
    yield Heading(2, ("Summary",), "summary")
    yield Paragraph(_verdict(audit, whole))
    yield Points(list(_ways(audit)))
    if not audit.items:
        return
    rows: list[tuple[Spans, Tally]] = [
        ((Mark(str(level), str(level)),), tally([i for i in audit.items if i.finding.severity is level]))
        for level in Severity
    ]
    shown = _standings(audit)
    headers = ("Severity", "Open", *(CALLED[one].capitalize() for one in shown))
    table = [_row(name, one, shown) for name, one in [*rows, ((Strong("all"),), whole)]]
    bars = [Bar(str(level), _parts(one)) for level, (_, one) in zip(Severity, rows, strict=True)]
    yield Bars("Open loops by severity", _in_words(bars), bars)
    yield Table("Open loops by severity and by what can be done", headers, table, _numbers(headers))


def _verdict(audit: Audit, whole: Tally) -> Spans:
    if not whole.total:
        done = f" {_are(len(audit.justified), 'loop')} justified in the code." if audit.justified else ""
        more = f" {_are(len(audit.unexplained), 'loop')} silenced without a reason." if audit.unexplained else ""
        return (Strong("No open slow loop."), f"{done}{more}")
    levels = ", ".join(f"{whole.by_severity[level]} {level}" for level in Severity if whole.by_severity[level])
    return (Strong(f"{count(whole.total, 'open slow loop')}"), f" ({levels}).")


def _ways(audit: Audit) -> Iterator[Spans]:
    """What leads to no open loop: rewritten, or justified."""
    safe, unsafe, held, left = (len(audit.standing(one)) for one in Standing)
    if safe:
        run = "each was run beside its loop" if audit.verified else "`deloop fix` runs each beside its loop"
        yield (Mark(f"{safe} can be rewritten safely", "safe"), *words(f", whatever the data: {run}"))
    if unsafe:
        yield (Mark(f"{unsafe} can be rewritten with an assumption", "unsafe"), " that the entry names")
    if held:
        yield (Mark(f"{held} held back", "held"), ": a rewrite is known, and running it spoke against it")
    if left:
        yield (
            Mark(f"{left} left alone", "left"),
            ", each with its reason: rewrite by hand, or justify where it stands",
        )
    if audit.justified:
        yield (f"{len(audit.justified)} justified in the code, with a reason",)
    if audit.unexplained:
        yield (f"{len(audit.unexplained)} silenced without a reason: say it in the comment",)
    if audit.baseline is not None:
        found = audit.baseline[1]
        yield (f"{len(found.known)} of the open loops known to the baseline, {len(found.new)} new",)
    if audit.report.problems:
        yield (f"{count(len(audit.report.problems), 'problem')}: these files were not looked at, see the end",)


def _hot_spots(audit: Audit) -> Iterator[Block]:
    if not audit.items:
        return
    yield Heading(2, ("Hot spots",), "hot-spots")
    how = "by recorded time, then by the most severe loops" if audit.recorded else "by the most severe loops"
    yield Paragraph((f"Ordered {how}.",))
    if not audit.recorded:
        yield Paragraph(
            ("No times were recorded: ", Code("deloop record -- COMMAND"), " measures where the time goes.")
        )
    yield Heading(3, ("Files",))
    yield from _hottest(audit, "File", "files", grouped(audit.items, lambda item: item.finding.file))
    yield Heading(3, ("Functions",))
    yield from _hottest(audit, "Function", "functions", grouped(audit.items, lambda item: _function(item.finding)))


def _function(finding: Finding) -> str:
    return f"{finding.file}: {finding.function}"


def _hottest(audit: Audit, title: str, plural: str, rows: Sequence[tuple[str, Tally]]) -> Iterator[Block]:
    levels = [level for level in Severity if any(one.by_severity[level] for _, one in rows)]
    headers = (title, "Open", *(str(level).capitalize() for level in levels), "Can be rewritten")
    headers += ("Recorded",) if audit.recorded else ()

    def row(name: str, one: Tally) -> tuple[Spans, ...]:
        rewritten = one.by_standing[Standing.SAFE] + one.by_standing[Standing.UNSAFE]
        cells = [str(one.total), *(str(one.by_severity[level]) for level in levels), str(rewritten)]
        cells += [_seconds(one.seconds)] if audit.recorded else []
        return ((Code(name),), *((cell,) for cell in cells))

    def table(part: Sequence[tuple[str, Tally]]) -> Table:
        return Table(f"{title}s with open loops, the hottest first", headers, [row(*one) for one in part], numbers)

    numbers = _numbers(headers)
    yield table(rows[:FEW])
    if len(rows) > FEW:
        yield Fold((f"{len(rows) - FEW} more {plural}",), [table(rows[FEW:])])


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f} s"


def _rules(audit: Audit) -> Iterator[Block]:
    if not audit.items:
        return
    rules = {f"{i.finding.rule.code} {i.finding.rule.name}": i.finding.rule for i in audit.items}
    found = grouped(audit.items, lambda item: f"{item.finding.rule.code} {item.finding.rule.name}")
    found.sort(key=lambda pair: (-pair[1].total, pair[0]))
    shown = _standings(audit)
    headers = ("Rule", "Open", *(CALLED[one].capitalize() for one in shown))
    rows = [_row((Code(name),), one, shown) for name, one in found]
    bars = [Bar(name, _parts(one)) for name, one in found[:FEW]]
    yield Heading(2, ("Rules",), "rules")
    yield Bars("Open loops by rule", _in_words(bars), bars)
    yield Table("Open loops by rule and by what can be done", headers, rows, _numbers(headers))
    first = min(rule.code for rule in rules.values())
    yield Paragraph((Code(f"deloop explain {first}"), " says what a rule does and what it assumes."))


def _justified(audit: Audit) -> Iterator[Block]:
    if not audit.silenced:
        return
    yield Heading(2, ("Justified",), "justified")
    yield Paragraph(("Loops that a comment in the code silences. They are not counted as open.",))
    if audit.justified:
        yield Table(
            "Loops that stay, with the reason given",
            ("Loop", "Rule", "Reason"),
            [_silenced(o) for o in audit.justified],
        )
    if audit.unexplained:
        rows = [_silenced(one)[:2] for one in audit.unexplained]
        yield Heading(3, ("Without a reason",))
        yield Paragraph(("Say why behind the comment: ", Code("# deloop: ignore[DL101] forty rows at most"), "."))
        yield Table("Loops silenced without a reason", ("Loop", "Rule"), rows)


def _silenced(one: Silenced) -> tuple[Spans, ...]:
    finding = one.finding
    where: Spans = (Code(finding.where), f" {finding.function}")
    return where, (Code(f"{finding.rule.code} {finding.rule.name}"),), (one.reason,)


def _problems(audit: Audit) -> Iterator[Block]:
    if audit.report.problems:
        yield Heading(2, ("Not looked at",), "problems")
        yield Points([(str(problem),) for problem in audit.report.problems])


def _foot(audit: Audit) -> Spans:
    versions = sorted(
        {c.evidence.versions for i in audit.items if i.site for c in i.site.candidates if c.evidence.versions}
    )
    said = f", evidence from {'; '.join(versions)}" if versions else ""
    return (f"Written by deloop {__version__}{said}.",)


def _standings(audit: Audit) -> list[Standing]:
    """The columns: held back only where something was run."""
    return [one for one in Standing if one is not Standing.HELD or audit.verified]


def _row(name: Spans, one: Tally, shown: Sequence[Standing]) -> list[Spans]:
    return [name, (str(one.total),), *((str(one.by_standing[standing]),) for standing in shown)]


def _parts(one: Tally) -> list[tuple[str, int]]:
    return [(str(standing), one.by_standing[standing]) for standing in Standing]


def _in_words(bars: Sequence[Bar]) -> str:
    said = []
    for bar in bars:
        parts = ", ".join(f"{n} {CALLED[Standing(kind)]}" for kind, n in bar.parts if n) or "none"
        said.append(f"{bar.label}: {parts}")
    return "; ".join(said) + "."


def _numbers(headers: Sequence[str]) -> frozenset[int]:
    return frozenset(range(1, len(headers)))


def _are(number: int, noun: str) -> str:
    return f"{count(number, noun)} {'is' if number == 1 else 'are'}"
