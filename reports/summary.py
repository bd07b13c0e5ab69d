"""The counts below the findings of `check`, and its two lists: by rule, and of what can be fixed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..codemods.findings import Status
from ..transforms.base import Severity
from .findings import Report, forms_text
from .text import count


def summary(report: Report) -> str:
    """The counts: by severity, fixable, left alone by reason, fine, not shown."""
    by = {status: [f for f in report.findings if f.status is status] for status in Status}
    shown, errors = report.open, len(report.problems)
    wrong = f", {count(errors, 'error')}" if errors else ""
    files = count(report.files, "file")
    if not report.findings:
        said = "No slow loop is new" if report.known else "No loops worth a look"
        return "\n".join([f"{said} in {files}{wrong}.", *_not_shown(report)])
    severities = Counter(f.severity for f in shown)
    levels = ", ".join(f"{severities[level]} {level}" for level in Severity if severities[level])
    lines = [f"{count(len(shown), 'slow loop')} in {files}{f' ({levels})' if levels else ''}{wrong}."]
    if by[Status.PROPOSAL]:
        safe = sum(any(form.safe for form in f.forms) for f in by[Status.PROPOSAL])
        total = len(by[Status.PROPOSAL])
        lines.append(f"  {total} fixable: {safe} safely, {total - safe} with an assumption. See `deloop fix`.")
    if by[Status.REFUSED]:
        reasons = Counter(str(f.refusal.reason) for f in by[Status.REFUSED] if f.refusal)
        listed = ", ".join(
            f"{n} {reason}" for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        )
        lines.append(f"  {len(by[Status.REFUSED])} left alone: {listed}.")
    if by[Status.FINE]:
        lines.append(f"  {len(by[Status.FINE])} fine as they are.")
    return "\n".join([*lines, *_not_shown(report)])


def _not_shown(report: Report) -> Iterator[str]:
    if report.suppressed:
        yield f"  {report.suppressed} silenced by a comment."
    if report.known:
        yield f"  {report.known} in the baseline."


def statistics(report: Report) -> Iterator[str]:
    """One line a rule, the most frequent first: how many loops, and how many of them can be fixed."""
    rows = _statistics(report)
    wide = max((len(str(row["count"])) for row in rows), default=0)
    named = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        fixable = f"  {row['fixable']} fixable" if row["fixable"] else ""
        severities = ", ".join(f"{n} {level}" for level, n in row["severities"].items())
        yield f"{row['count']:>{wide}}  {row['rule']}  {row['name']:<{named}}  [{severities}]{fixable}"


def statistics_json(report: Report) -> str:
    """The same for programs."""
    return json.dumps({"version": 1, "statistics": _statistics(report)}, indent=2) + "\n"


def _statistics(report: Report) -> list[dict[str, Any]]:
    rules = Counter(finding.rule for finding in report.open)
    rows = []
    for rule, number in sorted(rules.items(), key=lambda item: (-item[1], item[0].code)):
        found = [finding for finding in report.open if finding.rule == rule]
        severities = Counter(finding.severity for finding in found)
        rows.append(
            {
                "rule": rule.code,
                "name": rule.name,
                "count": number,
                "fixable": sum(finding.status is Status.PROPOSAL for finding in found),
                "severities": {str(level): severities[level] for level in Severity if severities[level]},
            }
        )
    return rows


def fixes(report: Report) -> Iterator[str]:
    """One line for each loop that can be rewritten: what of, and at what price."""
    found = [finding for finding in report.open if finding.status is Status.PROPOSAL]
    if not found:
        yield "Nothing can be fixed."
        return
    yield f"{count(len(found), 'loop')} can be fixed:"
    for finding in found:
        yield f"  {finding.where}: {finding.rule.code} {finding.message}: {forms_text(finding.forms)}"
