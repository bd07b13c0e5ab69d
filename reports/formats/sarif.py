"""SARIF 2.1.0, for code scanning: rules with their help, results with columns and fingerprints that outlive moves."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from typing import Any

from ... import __version__
from ...codemods.findings import Finding
from ...proposals.model import Problem
from ...transforms.base import Rule, Severity, Transform
from ...transforms.registry import TRANSFORMS
from ..explain import ONLY_FOUND
from ..findings import Place, Report, sentences, uri

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
#: What GitHub calls them for results that are no security matter.
PROBLEM = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "recommendation"}
ROOT = "%SRCROOT%"


def render(report: Report) -> str:
    """The whole log: one run."""
    rules = sorted({finding.rule for finding in report.open}, key=lambda rule: rule.code)
    places = {rule.code: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "deloop", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report.problems)],
        "results": [_result(report, *one, places) for one in report.numbered()],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    idiom = next((transform for transform in TRANSFORMS if transform.rule.code == rule.code), None)
    doc = inspect.cleandoc(idiom.__doc__ or "") if idiom is not None else ONLY_FOUND
    title = " ".join(doc.split("\n\n")[0].split())
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": doc},
        "help": {"text": doc, "markdown": _help(doc, idiom)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "problem.severity": PROBLEM[rule.severity],
            "precision": "high",
            "tags": ["performance", "pandas", "numpy"],
        },
    }


def _help(doc: str, idiom: type[Transform] | None) -> str:
    if idiom is None or not idiom.examples:
        return doc
    example = idiom.examples[0]
    before, after = (inspect.cleandoc(f"\n{code}") for code in (example.before, example.after))
    shown = f"{doc}\n\n```python\n{before}\n```\n"
    return f"{shown}\nbecomes\n\n```python\n{after}\n```\n" if example.after else shown


def _result(report: Report, finding: Finding, mark: str, number: int, places: dict[str, int]) -> dict[str, Any]:
    said = " ".join([sentences(finding), *(f"Measured: {line}." for line in report.evidence(finding))])
    location = _location(finding.file, report.in_file(finding, report.place(finding)))
    if finding.function != "<module>":
        name = finding.function.rpartition(".")[2]
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": finding.function, "kind": "function"}]
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": places[finding.rule.code],
        "level": LEVELS[finding.severity],
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {"deloopLoop/v1": f"{mark}:{number}"},
        "properties": {"status": str(finding.status), "severity": str(finding.severity)},
    }
    if (blocking := report.blocking(finding)) is not None and finding.refusal is not None:
        location = _location(finding.file, report.in_file(finding, blocking))
        related = {"id": 1, **location, "message": {"text": finding.refusal.message}}
        result["relatedLocations"] = [related]
    return result


def _location(file: str, place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    region |= {"endLine": place.end_line, "endColumn": place.end_column}
    return {"physicalLocation": {"artifactLocation": _artifact(file), "region": region}}


def _artifact(file: str) -> dict[str, Any]:
    where = uri(file)
    return {"uri": where} if ":" in where.split("/")[0] else {"uri": where, "uriBaseId": ROOT}


def _invocation(problems: Sequence[Problem]) -> dict[str, Any]:
    if not problems:
        return {"executionSuccessful": True}
    notes = []
    for problem in problems:
        place: dict[str, Any] = {"artifactLocation": _artifact(problem.file)}
        if problem.line:
            place["region"] = {"startLine": problem.line}
        notes.append(
            {"level": "error", "message": {"text": problem.message}, "locations": [{"physicalLocation": place}]}
        )
    return {"executionSuccessful": False, "toolExecutionNotifications": notes}
