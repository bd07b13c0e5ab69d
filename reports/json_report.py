"""JSON for machines: `{"version": 1, "findings": [...], "errors": [...]}`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..codemods.findings import Finding, Status
from ..loops.remarks import ADVICE, Reason
from ..proposals.model import Problem, Site, Verb
from ..transforms.base import Rewrite

VERSION = 1


def document(
    findings: Iterable[dict[str, Any]], errors: Sequence[Problem], more: Mapping[str, Any] | None = None
) -> str:
    """The whole report as text, ending in a newline. `findings` are rows of `finding_row` or `site_row`."""
    data = {
        "version": VERSION,
        "findings": list(findings),
        "errors": [{"file": e.file, "line": e.line, "message": e.message} for e in errors],
        **(more or {}),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def finding_row(finding: Finding) -> dict[str, Any]:
    """One finding. `tier`, `safe` and `obligations` are those of its first safe form, or of its first form."""
    row: dict[str, Any] = {
        "file": finding.file,
        **({"cell": finding.cell} if finding.cell else {}),
        "line": finding.line - finding.above,
        "end_line": finding.end_line - finding.above,
        "function": finding.function,
        "rule": finding.rule.code,
        "name": finding.rule.name,
        "severity": str(finding.severity),
        "status": str(finding.status),
        "reason": None,
        "message": finding.message,
    }
    if finding.refusal is not None and finding.status is Status.REFUSED:
        refusal = finding.refusal
        row |= {"reason": str(refusal.reason), "reason_line": refusal.line - finding.above, "advice": refusal.advice}
        row["message"] = refusal.message
    if finding.status is Status.PROPOSAL and finding.forms:
        row |= form_row(next((form for form in finding.forms if form.safe), finding.forms[0]))
        row["forms"] = [{"rule": form.rule.code} | form_row(form) for form in finding.forms]
    return row


def form_row(form: Rewrite) -> dict[str, Any]:
    """What a proposal adds to its finding."""
    obligations = [{"name": o.name, "subjects": list(o.subjects), "text": o.text} for o in form.obligations]
    return {"tier": form.tier.label, "safe": form.safe, "obligations": obligations}


def site_row(site: Site) -> dict[str, Any]:
    """One finding after verification: the form chosen or the best one tried, with its evidence."""
    row = finding_row(site.finding)
    shown = site.proposal or next(iter(site.candidates), None)
    if shown is None:
        return row
    row |= form_row(shown.form) | {"evidence": shown.evidence.to_json()}
    if all(candidate.verb is Verb.REFUTED for candidate in site.candidates):
        row |= {
            "status": str(Status.REFUSED),
            "reason": str(Reason.REFUTED),
            "reason_line": site.finding.line - site.finding.above,
            "advice": ADVICE[Reason.REFUTED],
            "message": "a bug of deloop, please report: its rewrite of this loop was refuted",
        }
    row["forms"] = [
        {"rule": c.form.rule.code}
        | form_row(c.form)
        | {"outcome": str(c.verb), "why": c.why, "evidence": c.evidence.to_json()}
        for c in site.candidates
    ]
    return row
