"""Plain text for people: the evidence of `verify`."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

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

PAD = " " * 6


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def site_lines(site: Site) -> Iterator[str]:
    """The evidence for one site: each form that was tried, the chosen one marked."""
    finding = site.finding
    rule = finding.rule
    yield f"{finding.where}: {rule.code} {rule.name} [{finding.severity}] in {finding.function}"
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
