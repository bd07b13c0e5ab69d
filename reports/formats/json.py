"""For programs: `{"version": 1, "findings": [...], "errors": [...]}`, fine loops included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..findings import Report
from ..json_report import document, finding_row


def render(report: Report) -> str:
    """The whole document."""
    return document(_rows(report), report.problems)


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    for finding in report.findings:
        row = finding_row(finding)
        if report.profile is not None:
            row |= report.profile.row(finding)
        if measured := list(report.measured(finding)):
            row["measured"] = [
                {
                    "rule": one.form.rule.code,
                    "tier": one.form.tier.label,
                    "verdict": str(one.evidence.verdict),
                    "inputs": one.evidence.inputs,
                    "speedups": [list(pair) for pair in one.evidence.speedups],
                }
                for one in measured
            ]
        yield row
