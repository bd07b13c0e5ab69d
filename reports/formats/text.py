"""For people: each loop with its code, the loop marked, what deloop would do, how fast that was, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...codemods.findings import Finding, Status
from ...proposals.model import printable
from ...transforms.base import Severity
from ..findings import Place, Report, forms_text

#: Pieces of a line, each with its style ("" for none).
Line = list[tuple[str, str]]

STYLES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
#: How many lines of code are shown above the mark and below it.
ABOVE, BELOW = 1, 2


def render(report: Report) -> str:
    """The plain text."""
    return "".join(plain(line) + "\n" for line in lines(report))


def plain(line: Line) -> str:
    """A line without its styles."""
    return printable("".join(text for text, _ in line))


def lines(report: Report) -> Iterator[Line]:
    """All lines with their styles."""
    for finding in report.open:
        yield head(finding)
        yield from _code(report, finding)
        yield from _said(report, finding)
        yield []


def head(finding: Finding) -> Line:
    """`file:line: DL101 iterrows-arithmetic [high] message`."""
    rule, style = finding.rule, STYLES[finding.severity]
    message = finding.message or (finding.refusal.message if finding.refusal else "")
    return [
        (finding.file, "bold"),
        (f":{finding.spot()}: ", ""),
        (rule.code, style),
        (f" {rule.name} ", ""),
        (f"[{finding.severity}]", style),
        (f" {message}".rstrip(), ""),
    ]


def _said(report: Report, finding: Finding) -> Iterator[Line]:
    refusal = finding.refusal
    if finding.status is Status.REFUSED and refusal is not None:
        said = refusal.message if finding.message and refusal.message != finding.message else ""
        why = f": {said}" if said else ""
        yield _remark("left alone", f"{refusal.reason}, line {refusal.line - finding.above}{why}", "magenta")
        yield _remark("to unblock", refusal.advice, "magenta")
    if finding.status is Status.PROPOSAL and finding.forms:
        yield _remark("fixable", forms_text(finding.forms), "green")
    for line in report.evidence(finding):
        yield _remark("measured", line, "green")
    if report.profile is not None:
        yield [(report.profile.line(finding), "")]


def _remark(title: str, text: str, style: str) -> Line:
    return [("    ", ""), (f"{title}:", style), (f" {text}", "")]


def _code(report: Report, finding: Finding) -> Iterator[Line]:
    """The code around the header, and the line that stands in the way where it is another one."""
    source = report.sources.lines(finding.file)
    mark, blocking = report.place(finding), report.blocking(finding)
    if mark.end_line > len(source):
        return
    wanted = set(range(max(mark.line - ABOVE, 1), min(mark.end_line + BELOW, len(source)) + 1))
    if blocking is not None and blocking.line <= len(source):
        wanted.add(blocking.line)
    if finding.cell:  # lines of other cells are somewhere else for the reader
        wanted = {number for number in wanted if finding.above < number <= finding.end_line}
    shown = _trimmed(sorted(wanted), source, mark)
    width = len(str(shown[-1] - finding.above))
    before = 0
    for number in shown:
        if before and number != before + 1:
            yield [("...".rjust(width + 4), "blue")]
        before = number
        yield [(f"  {number - finding.above:>{width}} |", "blue"), (f" {_expanded(source[number - 1])}".rstrip(), "")]
        if mark.line <= number <= mark.end_line:
            yield _marks(width, source[number - 1], _on_line(mark, number, source), "^", STYLES[finding.severity], "")
        if blocking is not None and number == blocking.line and not mark.line <= number <= mark.end_line:
            reason = str(finding.refusal.reason) if finding.refusal else ""
            yield _marks(width, source[number - 1], blocking, "-", "magenta", reason)


def _trimmed(numbers: list[int], source: Sequence[str], mark: Place) -> list[int]:
    """Without the blank lines at both ends."""
    while numbers[0] < mark.line and not source[numbers[0] - 1].strip():
        numbers = numbers[1:]
    while numbers[-1] > mark.end_line and not source[numbers[-1] - 1].strip():
        numbers = numbers[:-1]
    return numbers


def _on_line(mark: Place, number: int, source: Sequence[str]) -> Place:
    """The part of a mark that is on one line."""
    line = source[number - 1]
    first = mark.column if number == mark.line else len(line) - len(line.lstrip()) + 1
    last = mark.end_column if number == mark.end_line else len(line.rstrip()) + 1
    return Place(number, first, number, last)


def _marks(width: int, line: str, place: Place, sign: str, style: str, label: str) -> Line:
    start = len(_expanded(line[: place.column - 1]))
    length = max(len(_expanded(line[: place.end_column - 1])) - start, 1)
    text = f"{' ' * start}{sign * length}{f' {label}' if label else ''}"
    return [(f"  {'':>{width}} |", "blue"), (f" {text}", style)]


def _expanded(line: str) -> str:
    """A line with its tabs as spaces, so that marks stand below what they mark."""
    return printable(line.expandtabs(4).replace("\f", ""))
