"""What the verifier showed in earlier runs, so that `check`, which runs nothing, can say it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..codemods.findings import Finding
from ..codemods.fingerprints import fingerprint
from ..equivalence.model import Evidence, Verdict
from ..sources.files import WriteError, write_atomic
from ..sources.state import FOLDER, state_folder
from ..transforms.base import Rewrite
from .gather import Job, label_of
from .model import Site

VERSION = 1
NAME = "measured.json"
#: The oldest are dropped when there are more.
MOST = 5_000

Key = tuple[str, str, str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Measured:
    """What was shown of one form of a loop."""

    form: Rewrite
    evidence: Evidence


@dataclass(frozen=True)
class Known:
    """What is known of loops, by file, fingerprint, rule, tier and what is assumed."""

    rows: Mapping[Key, Evidence] = field(default_factory=dict)

    def of(self, finding: Finding, label: str, text: str) -> list[Measured]:
        """What is known of the forms of a finding. The loop has to be as it was, and in the same function."""
        mark = fingerprint(finding, text)
        return [
            Measured(form, evidence)
            for form in finding.forms
            if (evidence := self.rows.get(_key(label, mark, form.rule.code, form.tier.label, form.obligations)))
        ]


def note(sites: Iterable[tuple[Site, str]], job: Job) -> None:
    """Remember what was shown of some sites, each with the text of its file. If that can't be, nothing fails."""
    rows = dict(known(job).rows)
    for site, text in sites:
        finding = site.finding
        label, mark = label_of(Path(finding.file), job), fingerprint(finding, text)
        for candidate in site.candidates:
            if candidate.placed is None or candidate.evidence.verdict is not Verdict.VERIFIED:
                continue
            form = candidate.form
            key = _key(label, mark, form.rule.code, form.tier.label, form.obligations)
            rows.pop(key, None)
            rows[key] = candidate.evidence
    if rows == known(job).rows:
        return
    kept = list(rows.items())[-MOST:]
    data = {"version": VERSION, "measured": [_row(key, evidence) for key, evidence in kept]}
    try:
        write_atomic(state_folder(_base(job)) / NAME, (json.dumps(data, indent=1) + "\n").encode())
    except (OSError, WriteError):
        return


def known(job: Job) -> Known:
    """What was noted so far; what can't be read counts as nothing."""
    try:
        data = json.loads((_base(job) / FOLDER / NAME).read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return Known()
        return Known(dict(_read(row) for row in data["measured"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Known()


def _key(label: str, mark: str, rule: str, tier: str, obligations: Iterable[Any]) -> Key:
    return label, mark, rule, tier, tuple(sorted({o.name for o in obligations}))


def _row(key: Key, evidence: Evidence) -> dict[str, Any]:
    label, mark, rule, tier, assumed = key
    return {
        "file": label,
        "loop": mark,
        "rule": rule,
        "tier": tier,
        "assumes": list(assumed),
        "inputs": evidence.inputs,
        "speedups": [list(pair) for pair in evidence.speedups],
        "at_once": evidence.at_once,
        "versions": evidence.versions,
    }


def _read(row: dict[str, Any]) -> tuple[Key, Evidence]:
    key = (row["file"], row["loop"], row["rule"], row["tier"], tuple(row["assumes"]))
    speedups = tuple((int(n), float(ratio)) for n, ratio in row["speedups"])
    inputs, at_once = int(row["inputs"]), float(row.get("at_once", 0.0))
    return key, Evidence(
        Verdict.VERIFIED, inputs=inputs, speedups=speedups, at_once=at_once, versions=str(row["versions"])
    )


def _base(job: Job) -> Path:
    return Path(os.path.abspath(job.root)) if job.root is not None else Path.cwd()
