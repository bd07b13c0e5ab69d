"""Markdown for a pull request or the summary of a job: the counts, then a table a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from ...codemods.findings import Finding, Status
from ...proposals.model import printable
from ..findings import Report, forms_text
from ..summary import summary

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&])")


def render(report: Report) -> str:
    """The whole document."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    first, *rest = summary(report).split("\n")
    yield f"## deloop: {_text(first)}"
    if rest:
        yield ""
    yield from (f"- {_text(line.strip())}" for line in rest)
    for file, group in groupby(report.open, key=lambda finding: finding.file):
        yield from ("", f"### {_code(file)}", "", "| line | rule | severity | what deloop would do |")
        yield "| ---: | --- | --- | --- |"
        for finding in group:
            yield _row(report, finding)
    if report.problems:
        yield from ("", "### Not looked at", "")
        yield from (f"- {_text(str(problem))}" for problem in report.problems)


def _row(report: Report, finding: Finding) -> str:
    refusal = finding.refusal
    said = [_text(finding.message)] if finding.message else []
    if finding.status is Status.REFUSED and refusal is not None:
        more = f": {_text(refusal.message)}" if refusal.message != finding.message else ""
        said += [f"**left alone**, {_code(str(refusal.reason))} in line {refusal.line}{more}"]
        said += [f"to unblock: {_text(refusal.advice)}"]
    elif finding.forms:
        said += [f"**fixable**: {_text(forms_text(finding.forms))}"]
    said += [f"measured: {_text(line)}" for line in report.evidence(finding)]
    rule = f"{finding.rule.code} {finding.rule.name}"
    return f"| {finding.spot()} | {rule} | {finding.severity} | {'<br>'.join(said)} |"


def _text(text: str) -> str:
    """Text that stands as it is; what is between backquotes becomes code."""
    parts = re.split(r"`([^`]+)`", " ".join(printable(text).split()))
    return "".join(_code(part) if number % 2 else _SPECIAL.sub(r"\\\1", part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    text = printable(text).replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"
