"""Plain text for people: the findings of `check`, and the evidence of `verify`."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from ..codemods.findings import Finding, Status
from ..loops.remarks import Refusal
from ..proposals.model import (
    Candidate,
    Site,
    Verb,
    counterexample_lines,
    evidence_text,
    kinds_text,
    recorded_text,
    safety_text,
    speedup_text,
)
from ..transforms.base import Rewrite, Severity

PAD = " " * 6


def finding_lines(finding: Finding) -> Iterator[str]:
    """`file:line: DL101 iterrows-arithmetic [high] message`, and why not where there is no rewrite."""
    rule = finding.rule
    message = finding.message or (finding.refusal.message if finding.refusal else "")
    yield f"{finding.file}:{finding.line}: {rule.code} {rule.name} [{finding.severity}] {message}".rstrip()
    if finding.status is Status.REFUSED and finding.refusal is not None:
        yield from _refusal_lines(finding, finding.refusal)
    if finding.status is Status.PROPOSAL and finding.forms:
        yield f"    fixable: {forms_text(finding.forms)}"


def shown_lines(finding: Finding, more: str = "") -> Iterator[str]:
    """The lines of a finding that people should see, and one more: those that are fine are only counted."""
    if is_open(finding):
        yield from finding_lines(finding)
        yield from [more] if more else []


def is_open(finding: Finding) -> bool:
    """Whether the finding is a slow loop, rewritable or not."""
    return finding.status is not Status.FINE


def at_least(severity: Severity, level: str) -> bool:
    """Whether a severity is this level or above it."""
    order = list(Severity)
    return order.index(severity) <= order.index(Severity(level))


def _refusal_lines(finding: Finding, refusal: Refusal) -> Iterator[str]:
    said = refusal.message if finding.message and refusal.message != finding.message else ""
    why = f": {said}" if said else ""
    yield f"    left alone: {refusal.reason}, line {refusal.line}{why}"
    yield f"    to unblock: {refusal.advice}"


def forms_text(forms: Sequence[Rewrite]) -> str:
    """The forms on offer in a few words: `comprehension (safe), vector (unsafe: no-overflow)`."""
    return ", ".join(f"{form.tier.label} ({_safety(form)})" for form in forms)


def _safety(form: Rewrite) -> str:
    return "safe" if form.safe else "unsafe: " + ", ".join(dict.fromkeys(o.name for o in form.obligations))


def summary(findings: Sequence[Finding], files: int, errors: int) -> str:
    """The counts: by severity, fixable, left alone by reason, fine."""
    by = {status: [f for f in findings if f.status is status] for status in Status}
    shown = by[Status.PROPOSAL] + by[Status.REFUSED]
    wrong = f", {count(errors, 'error')}" if errors else ""
    if not findings:
        return f"No loops worth a look in {count(files, 'file')}{wrong}."
    severities = Counter(f.severity for f in shown)
    levels = ", ".join(f"{severities[level]} {level}" for level in Severity if severities[level])
    lines = [f"{count(len(shown), 'slow loop')} in {count(files, 'file')}{f' ({levels})' if levels else ''}{wrong}."]
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
    return "\n".join(lines)


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def site_lines(site: Site) -> Iterator[str]:
    """The evidence for one site: each form that was tried, the chosen one marked."""
    finding = site.finding
    rule = finding.rule
    yield f"{finding.file}:{finding.line}: {rule.code} {rule.name} [{finding.severity}] in {finding.function}"
    for candidate in site.candidates:
        yield from candidate_lines(candidate)


def evidence_summary(sites: Sequence[Site]) -> str:
    """The counts of verdicts over all forms."""
    verdicts = Counter(str(c.evidence.verdict) for site in sites for c in site.candidates)
    if not verdicts:
        return "Nothing to verify."
    listed = ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items(), reverse=True))
    return f"{count(len(sites), 'site')}: {listed}."


def candidate_lines(candidate: Candidate) -> Iterator[str]:
    """One form: what it is, how the runs ended, how fast it was, and why it is not offered if it is not."""
    evidence = candidate.evidence
    mark = "*" if candidate.verb is Verb.CHOSEN else "-"
    name = f"{candidate.form.rule.code} {candidate.form.tier.label}"
    if candidate.placed is None:
        yield f"  {mark} {name}: not placed: {candidate.why}"
        return
    yield f"  {mark} {name}: {evidence_text(evidence)}"
    yield f"      {safety_text(candidate.form)}"
    if evidence.kinds:
        yield from textwrap.wrap(f"{PAD}inputs: {kinds_text(evidence)}", 110, subsequent_indent=PAD + "  ")
    if evidence.speedups:
        yield f"      speed: {speedup_text(evidence)}"
    if recorded := recorded_text(evidence):
        yield from textwrap.wrap(f"{PAD}recorded: {recorded}", 110, subsequent_indent=PAD + "  ")
    if candidate.verb in (Verb.SLOW, Verb.REFUTED):
        yield f"      not offered: {candidate.why}"
    if evidence.counterexample is not None:
        yield from (f"      {line}" for line in counterexample_lines(evidence.counterexample))
