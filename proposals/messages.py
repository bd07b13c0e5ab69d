"""What is said of a commit: rule and place, tier, evidence, speed-up, and what is assumed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from .model import Proposal, evidence_text, is_loop, kinds_text, speedup_text, tier_text
from .series import Commit

WIDTH = 76


def message(commit: Commit) -> str:
    """The commit message, its subject first."""
    if commit.title:
        return commit.title + "\n"
    if len(commit.proposals) == 1:
        (proposal,) = commit.proposals
        return "\n".join([subject(commit), "", *_lines(proposal)]) + "\n"
    parts = [subject(commit), *_shared(commit), ""]
    for proposal in commit.proposals:
        rule = proposal.form.rule
        parts += [f"{rule.code} {rule.name}", "", *_lines(proposal), ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def subject(commit: Commit) -> str:
    """The first line."""
    if commit.title:
        return commit.title
    files = sorted({Path(name).name for name in commit.files if name in {p.file for p in commit.proposals}})
    rules = sorted({(p.form.rule.code, p.form.rule.name) for p in commit.proposals})
    where = files[0] if len(files) == 1 else f"{len(files)} files"
    count = len(commit.proposals)
    if count == 1:
        return f"{rules[0][0]} {rules[0][1]} in {where}"
    loops = sum(is_loop(proposal) for proposal in commit.proposals)
    if len(rules) == 1:
        return f"{rules[0][0]} {rules[0][1]}: {count} {'loops' if loops else 'places'} in {where}"
    if not loops:
        return f"Bring {count} uses of retired API in {where} up to date"
    rest = ", with retired API brought up to date" if loops < count else ""
    return f"Rewrite {loops} slow loop{'s' if loops > 1 else ''} in {where}{rest}"


def _shared(commit: Commit) -> Iterator[str]:
    """Why several are one commit, where they could be several."""
    if commit.shared:
        share = f"{len(commit.proposals)} rewrites share what comes with them: {', '.join(commit.shared)}"
        text = f"One commit, because {share}. A revert of one of several commits would leave the others without."
        yield from ("", *textwrap.wrap(text, WIDTH))


def _lines(proposal: Proposal) -> Iterator[str]:
    finding, form, evidence = proposal.finding, proposal.form, proposal.evidence
    if form.summary:
        yield from (form.summary, "")
    yield f"Where: {finding.where}, {finding.function}"
    yield f"Rule: {form.rule.code} {form.rule.name} ({finding.severity})"
    yield f"Tier: {tier_text(form.tier)}"
    yield f"Evidence: {evidence_text(evidence)}"
    if evidence.kinds:
        yield from textwrap.wrap(f"Inputs: {kinds_text(evidence)}", WIDTH, subsequent_indent="  ")
    if evidence.versions:
        yield f"Versions: {evidence.versions}"
    if is_loop(proposal):
        yield f"Speed-up: {speedup_text(evidence) or 'not measured'}"
    yield "Obligations: none, the same behaviour whatever the data" if form.safe else "Obligations:"
    yield from (f"- {o.name}: {o.text}" for o in form.obligations)


def numbered(commits: Sequence[Commit]) -> Iterator[tuple[str, Commit]]:
    """A name for the patch file of each commit: `0001-DL101-iterrows-arithmetic-in-a.py.patch`."""
    for number, commit in enumerate(commits, 1):
        words = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in subject(commit))
        slug = "-".join(word for word in words.split("-") if word)[:60].rstrip("-.")
        yield f"{number:04}-{slug}.patch", commit
