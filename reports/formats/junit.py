"""JUnit XML: a test suite a file, a failed test a slow loop; one passed test when there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from ...codemods.findings import Finding
from ...proposals.model import Problem
from ..findings import Report, sentences

#: What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The whole document."""
    found, wrong = report.open, report.problems
    head = f'<testsuites name="deloop" tests={_a(max(len(found) + len(wrong), 1))} failures={_a(len(found))}'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"{head} errors={_a(len(wrong))}>"]
    for file, group in groupby(sorted(found, key=lambda f: f.file), key=lambda f: f.file):
        lines += _suite(file, list(group))
    for file, members in groupby(sorted(wrong, key=lambda p: p.file), key=lambda p: p.file):
        lines += _errors(file, list(members))
    if not found and not wrong:
        lines += [
            '  <testsuite name="deloop" tests="1" failures="0" errors="0">',
            '    <testcase name="No slow loops found" classname="deloop" time="0"/>',
            "  </testsuite>",
        ]
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(file: str, findings: Sequence[Finding]) -> Iterator[str]:
    yield f'  <testsuite name={_a(file)} tests={_a(len(findings))} failures={_a(len(findings))} errors="0">'
    for finding in findings:
        rule = f"{finding.rule.code} {finding.rule.name}"
        name = f"{rule}, line {finding.spot()}"
        text = f"{finding.where}: {rule} [{finding.severity}] {sentences(finding)}"
        yield f'    <testcase name={_a(name)} classname={_a(_class(file))} time="0">'
        yield f"      <failure message={_a(sentences(finding))} type={_a(rule)}>{escape(_clean(text))}</failure>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _errors(file: str, problems: Sequence[Problem]) -> Iterator[str]:
    yield f'  <testsuite name={_a(file)} tests={_a(len(problems))} failures="0" errors={_a(len(problems))}>'
    for problem in problems:
        yield f'    <testcase name="could not be looked at" classname={_a(_class(file))} time="0">'
        yield f'      <error message={_a(problem.message)} type="error">{escape(_clean(str(problem)))}</error>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _class(file: str) -> str:
    """Servers of CI group by dotted names."""
    return file.removesuffix(".py").strip("/").replace("/", ".")


def _a(value: object) -> str:
    return quoteattr(_clean(str(value)))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
