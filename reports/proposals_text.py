"""What `fix` says on stderr: each proposal with its evidence, what is not offered and why, the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..codemods.findings import Finding
from ..loops.remarks import Reason
from ..proposals.gather import shown_name
from ..proposals.judge import Judge
from ..proposals.model import (
    Candidate,
    Problem,
    Proposal,
    Site,
    Verb,
    counterexample_lines,
    evidence_text,
    speedup_text,
)
from ..proposals.review import Review
from ..transforms.base import Rewrite
from .text import count


def proposal_line(proposal: Proposal) -> str:
    """`file:line: DL101 iterrows-arithmetic: vector, safe, verified on 84 inputs, 38x at 20,000`."""
    form = proposal.form
    parts = [form.tier.label, _safety(form), evidence_text(proposal.evidence), speedup_text(proposal.evidence)]
    return f"{_head(proposal.finding, form)}: {', '.join(part for part in parts if part)}"


def not_offered(site: Site) -> Iterator[str]:
    """Why the forms of a site without a proposal are held back; nothing for refuted ones (see `refuted_lines`)."""
    if site.proposal is not None:
        return
    if site.declined:
        chosen = next(c for c in site.candidates if c.verb is Verb.CHOSEN)
        yield f"{_head(site.finding, chosen.form)}: declined in a review; apply it with --declined"
        return
    for candidate in site.candidates:
        if remark := _held_back(candidate):
            yield f"{_head(site.finding, candidate.form)}: {candidate.form.tier.label} {remark}"


def refuted_lines(site: Site) -> Iterator[str]:
    """The forms of a site that were shown to be wrong: reported, never offered."""
    for candidate in site.candidates:
        if candidate.verb is not Verb.REFUTED:
            continue
        head = _head(site.finding, candidate.form)
        label = f"{candidate.form.tier.label} form {Reason.REFUTED}"
        yield f"{head}: {label}: a bug of deloop, please report; it is not offered"
        if candidate.evidence.counterexample is not None:
            yield from (f"    {line}" for line in counterexample_lines(candidate.evidence.counterexample))


def stale_lines(judge: Judge) -> Iterator[str]:
    """Files whose recorded inputs were not used."""
    for path in judge.recordings.stale:
        name = shown_name(Path(path))
        yield f"{name}: has changed since it was recorded, so that nothing was replayed; run `deloop record` once more"


def fix_summary(proposals: Sequence[Proposal], sites: Sequence[Site], problems: Sequence[Problem], done: str) -> str:
    """One or two lines of counts. `done` says what was done with the proposals."""
    files = len({proposal.file for proposal in proposals})
    held = {
        verb: sum(s.proposal is None and any(c.verb is verb for c in s.candidates) for s in sites if not s.declined)
        for verb in (Verb.UNSAFE, Verb.UNVERIFIED, Verb.SLOW)
    }
    lines = [f"{count(len(proposals), 'proposal')} in {count(files, 'file')}{done}" if proposals else "No proposals."]
    hints = (
        (sum(site.declined for site in sites), "declined in a review (--declined)"),
        (held[Verb.UNSAFE], "more with an assumption (--unsafe)"),
        (held[Verb.UNVERIFIED], "could not be verified (--unverified)"),
        (held[Verb.SLOW], "would not be faster"),
    )
    rest = [f"{number} {hint}" for number, hint in hints if number]
    if rest:
        lines.append("  " + ", ".join(rest) + ".")
    if problems:
        lines.append(f"  {count(len(problems), 'error')}, see above.")
    return "\n".join(lines)


def review_summary(review: Review) -> str:
    """What became of the proposals of a review."""
    more = f", {count(review.unseen, 'file')} not looked at" if review.unseen else ""
    lines = [f"{review.written} applied, {review.left} left{more}."]
    if review.before:
        lines.append(f"  {review.before} declined in earlier reviews (--ask-again asks about them again).")
    if review.written:
        lines.append("  `deloop undo` takes back what was applied.")
    return "\n".join(lines)


def _head(finding: Finding, form: Rewrite) -> str:
    return f"{finding.where}: {form.rule.code} {form.rule.name}"


def _safety(form: Rewrite) -> str:
    return "safe" if form.safe else "assumes " + ", ".join(dict.fromkeys(o.name for o in form.obligations))


def _held_back(candidate: Candidate) -> str:
    match candidate.verb:
        case Verb.UNSAFE:
            return f"{candidate.why}; apply it with --unsafe"
        case Verb.UNVERIFIED:
            return f"unverified: {candidate.why}; apply it with --unverified"
        case Verb.SLOW:
            return f"not offered: {candidate.why}"
        case Verb.UNPLACED:
            return f"not offered: {candidate.why}"
        case _:
            return ""
