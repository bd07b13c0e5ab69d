"""Workflow commands of GitHub Actions: each slow loop is an annotation of its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...codemods.findings import Finding
from ...transforms.base import Severity
from ..findings import Report, from_top, sentences

LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def render(report: Report) -> str:
    """One command a line."""
    return "".join(f"{line}\n" for line in _commands(report))


def _commands(report: Report) -> Iterator[str]:
    for finding in report.open:
        yield _command(report, finding)
    for problem in report.problems:
        where: dict[str, str | int] = {"title": "deloop", "file": from_top(problem.file)}
        where |= {"line": problem.line} if problem.line else {}
        yield f"::error {_properties(where)}::{_data(problem.message)}"


def _command(report: Report, finding: Finding) -> str:
    place = report.in_file(finding, report.place(finding))
    where: dict[str, str | int] = {
        "title": f"deloop {finding.rule.code} {finding.rule.name}",
        "file": from_top(finding.file),
        "line": place.line,
        "endLine": place.end_line,
    }
    if place.line == place.end_line:  # columns mean nothing across lines
        where |= {"col": place.column, "endColumn": place.end_column}
    said = " ".join([sentences(finding), *(f"Measured: {line}." for line in report.evidence(finding))])
    return f"::{LEVELS[finding.severity]} {_properties(where)}::{_data(said)}"


def _properties(where: Mapping[str, str | int]) -> str:
    return ",".join(f"{key}={_property(str(value))}" for key, value in where.items())


def _data(text: str) -> str:
    """Text as the value of a command may hold it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
