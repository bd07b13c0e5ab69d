"""GitLab's code quality report: a JSON list, which a job offers as its `codequality` artifact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from ...transforms.base import Severity
from ..findings import Report, from_top, sentences

SEVERITIES = {Severity.HIGH: "major", Severity.MEDIUM: "minor", Severity.LOW: "info"}


def render(report: Report) -> str:
    """The whole list."""
    return json.dumps(list(_issues(report)), indent=2, ensure_ascii=False) + "\n"


def _issues(report: Report) -> Iterator[dict[str, Any]]:
    for finding, mark, number in report.numbered():
        path, place = from_top(finding.file), report.in_file(finding, report.place(finding))
        yield {
            "description": sentences(finding),
            "check_name": f"{finding.rule.code} {finding.rule.name}",
            "fingerprint": _digest(path, mark, str(number)),
            "severity": SEVERITIES[finding.severity],
            "location": {"path": path, "lines": {"begin": place.line, "end": place.end_line}},
        }
    for problem in report.problems:
        path = from_top(problem.file)
        yield {
            "description": problem.message,
            "check_name": "deloop error",
            "fingerprint": _digest(path, problem.message),
            "severity": "critical",
            "location": {"path": path, "lines": {"begin": problem.line or 1}},
        }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
