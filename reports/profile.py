"""`check --profile`: where the time went when the program was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..codemods.findings import Finding
from ..equivalence.recordings import Digests, Ran, Run, runs_near
from .text import count


@dataclass
class Profile:
    """Where the time went, for the findings of `check`. `stale` are files that changed since they were recorded."""

    runs: Sequence[Run] = ()
    stale: dict[str, None] = field(default_factory=dict)
    _digests: Digests = field(default_factory=Digests)

    def of(self, finding: Finding) -> dict[str, Any] | None:
        """`calls`, `rounds`, `seconds` and `share` of a finding; None when its file was not recorded as it is."""
        real = os.path.realpath(finding.file)
        found: dict[str, Any] | None = None
        for run in self.runs:
            if real not in run.digests:
                continue
            if run.digests[real] != self._digests[real]:
                self.stale[finding.file] = None
                continue
            one = next((r for r in run.ran if (r.file, r.line, r.end_line) == (real, *_lines(finding))), None)
            if one is not None:
                found = _added(found, one, run)
        return found

    def sorted(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings that took most time first; those without a record last, in their order."""
        return sorted(findings, key=lambda finding: -(self.of(finding) or {"seconds": 0.0})["seconds"])

    def row(self, finding: Finding) -> dict[str, Any]:
        """For machines: `profile`, None when nothing was recorded."""
        found = self.of(finding)
        return {"profile": found and {key: found[key] for key in ("calls", "rounds", "seconds", "share")}}

    def notes(self) -> Iterator[str]:
        """What the user should know of what was recorded."""
        if not self.runs:
            yield "deloop: nothing was recorded here yet: run `deloop record -- COMMAND` first"
        for name in self.stale:
            yield f"{name}: has changed since it was recorded; run `deloop record` once more"

    def line(self, finding: Finding) -> str:
        """`    recorded: 61.2 % of the time, 3.2 s in 12 calls, 24,000 rounds`."""
        one = self.of(finding)
        if one is None:
            return "    recorded: nothing"
        if not one["calls"]:
            return "    recorded: never ran"
        rounds = f", {one['rounds']:,} rounds" if one["rounds"] else ""
        share = "" if one["share"] is None else f"{100 * one['share']:.1f} % of the time, "
        return f"    recorded: {share}{one['seconds']:.3f} s in {count(one['calls'], 'call')}{rounds}"


def profile_of(asked: Iterable[Path], files: Iterable[Path]) -> Profile:
    """What was recorded of the files in the runs near them."""
    return Profile(runs_near([*asked, *files]))


def _lines(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.end_line


def _added(found: dict[str, Any] | None, one: Ran, run: Run) -> dict[str, Any]:
    """The figures of one run, added to those of others."""
    old = found or {"calls": 0, "rounds": 0, "seconds": 0.0, "of": 0.0}
    calls, rounds = old["calls"] + one.calls, old["rounds"] + int(one.rounds)
    seconds, total = old["seconds"] + one.seconds, old["of"] + run.seconds
    share = round(seconds / total, 4) if total else None
    return {"calls": calls, "rounds": rounds, "seconds": round(seconds, 6), "share": share, "of": round(total, 3)}
