"""The loops of an audit one by one: those that can be rewritten, with before and after; those left alone, by reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..equivalence.model import Verdict
from ..loops.remarks import ADVICE, Reason
from ..proposals.model import (
    Candidate,
    Proposal,
    Verb,
    counterexample_lines,
    evidence_text,
    kinds_text,
    recorded_text,
    speedup_text,
    tier_text,
)
from ..transforms.base import Rewrite
from .audit import DIFF, Audit, Item, Standing, cut
from .document import Block, Code, Fold, Heading, Listing, Mark, Paragraph, Points, Spans, Table, words
from .findings import forms_text
from .text import count


def fixable(audit: Audit) -> Iterator[Block]:
    """What can be rewritten: with the diff and the evidence where it was run, else with what is known."""
    items = audit.standing(Standing.SAFE, Standing.UNSAFE)
    if not items:
        return
    yield Heading(2, ("Can be rewritten",), "rewritten")
    if not audit.verified:
        yield Paragraph(
            (
                "Nothing was run for this report. ",
                Code("deloop report --verify"),
                " runs every rewrite beside its loop and shows the difference and the evidence.",
            )
        )
    for standing, title in ((Standing.SAFE, "Safely"), (Standing.UNSAFE, "With an assumption")):
        found = [item for item in items if item.standing is standing]
        if found:
            yield Heading(3, (f"{title} ({len(found)})",))
            yield from (Fold(_summary(item), list(_offered(item))) for item in found)


def held_back(audit: Audit) -> Iterator[Block]:
    """Loops whose rewrites were run and are not offered."""
    items = audit.standing(Standing.HELD)
    if not items:
        return
    yield Heading(2, ("Held back",), "held")
    yield Paragraph(("A rewrite is known for these loops. It is not offered because of what running it showed.",))
    for item in items:
        yield Fold((*_head(item), f": {_why(item)}"), list(_tried(item)))


def left_alone(audit: Audit) -> Iterator[Block]:
    """Loops that are not rewritten, by reason, each with the line that stands in the way."""
    groups: dict[Reason, list[Item]] = {}
    for item in audit.standing(Standing.LEFT):
        if item.finding.refusal is not None:
            groups.setdefault(item.finding.refusal.reason, []).append(item)
    if not groups:
        return
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), str(pair[0])))
    yield Heading(2, ("Left alone",), "left")
    yield Paragraph(
        (
            "Many of these should stay loops. One that stays is justified where it is: ",
            Code("# deloop: ignore[CODE] reason"),
            " behind its header.",
        )
    )
    for reason, items in ordered:
        yield Heading(3, (f"{reason} ({len(items)})",))
        yield Paragraph((f"To unblock: {ADVICE[reason]}.",))
        headers = ("Loop", "Rule", "Line", "What stands in the way")
        yield Table(f"Left alone: {reason}", headers, [_refused(item) for item in items], frozenset({2}))


def _refused(item: Item) -> tuple[Spans, ...]:
    finding, refusal = item.finding, item.finding.refusal
    assert refusal is not None
    severity = str(finding.severity)
    said: Spans = (*words(refusal.message), *((": ", Code(item.blocking)) if item.blocking else ()))
    said += words(f" ({refusal.hint})") if refusal.hint else ()
    said += (f" Recorded: {item.recorded}.",) if item.recorded else ()
    where: Spans = (Code(finding.where), f" {finding.function}")
    rule: Spans = (f"{finding.rule.code} {finding.rule.name} ", Mark(severity, severity))
    return where, rule, (finding.spot(refusal.line),), said


def _head(item: Item) -> Spans:
    severity = str(item.finding.severity)
    rule = item.proposal.form.rule if item.proposal is not None else item.finding.rule
    where = (Code(item.finding.where), f" {item.finding.function}, {rule.code} {rule.name} ")
    return (*where, Mark(severity, severity))


def _summary(item: Item) -> Spans:
    if item.proposal is None:
        known = f"; measured before: {item.evidence[0]}" if item.evidence else ""
        best = "safe" if item.finding.forms[0].safe else "unsafe"
        return (*_head(item), ": ", Mark(forms_text(item.finding.forms), best), known)
    proposal = item.proposal
    said = ", ".join(filter(None, (evidence_text(proposal.evidence), speedup_text(proposal.evidence))))
    return (
        *_head(item),
        ": ",
        Mark(f"{proposal.form.tier.label}, {_safety(proposal.form)}", str(item.standing)),
        f", {said}",
    )


def _safety(form: Rewrite) -> str:
    return "safe" if form.safe else "assumes " + ", ".join(dict.fromkeys(o.name for o in form.obligations))


def _offered(item: Item) -> Iterator[Block]:
    if item.recorded:
        yield Paragraph((f"Recorded: {item.recorded}.",))
    if item.proposal is not None:
        yield from _proposed(item, item.proposal)
        return
    if item.finding.message:
        yield Paragraph(words(_sentence(item.finding.message)))
    yield _loop(item)
    yield Points([_form(form) for form in item.finding.forms])
    if item.evidence:
        yield Paragraph(("Shown by an earlier run of the verifier, for this very loop:",))
        yield Points([(line,) for line in item.evidence])
    else:
        yield Paragraph(("Not run yet, and not measured.",))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if not text.endswith(".") else text


def _form(form: Rewrite) -> Spans:
    head = f"{form.rule.code} {form.rule.name}, {tier_text(form.tier)}"
    told = words(f". {form.summary.rstrip('.')}") if form.summary else ()
    if form.safe:
        return (f"{head}: ", Mark("safe", "safe"), *told)
    assumed = "; ".join(f"{o.text} [{o.name}]" for o in form.obligations)
    return (f"{head}: ", Mark("assumes", "unsafe"), *words(f" {assumed}"), *told)


def _proposed(item: Item, proposal: Proposal) -> Iterator[Block]:
    yield Paragraph(_form(proposal.form))
    yield _diff(item, proposal)
    yield from _evidence(proposal.evidence.verdict, item, proposal)
    others = [c for c in proposal.alternatives if c.verb is not Verb.CHOSEN]
    if others:
        yield Paragraph(("Other forms:",))
        yield Points([_candidate(candidate) for candidate in others])


def _evidence(verdict: Verdict, item: Item, proposal: Proposal) -> Iterator[Block]:
    evidence = proposal.evidence
    points: list[Spans] = [(f"Verdict: {evidence_text(evidence)}",)]
    if kinds := kinds_text(evidence):
        points.append((f"Inputs: {kinds}",))
    points.append((f"Speed-up: {speedup_text(evidence) or 'not measured'}",))
    if recorded := recorded_text(evidence):
        points.append((f"Recorded inputs: {recorded}",))
    yield Points(points)


def _candidate(candidate: Candidate) -> Spans:
    form = candidate.form
    head = f"{form.rule.code} {form.tier.label}, {_safety(form)}"
    if candidate.placed is None:
        return (f"{head}: not placed: {candidate.why}",)
    said = ", ".join(filter(None, (evidence_text(candidate.evidence), speedup_text(candidate.evidence))))
    why = f"; not offered: {candidate.why}" if candidate.verb in (Verb.SLOW, Verb.REFUTED) and candidate.why else ""
    return (f"{head}: {said}{why}",)


def _why(item: Item) -> str:
    held = item.held
    if held is None:
        return "no form was offered when it was run"
    if held.verb is Verb.UNVERIFIED:
        return f"could not be verified: {held.why}"
    return held.why or str(held.verb)


def _tried(item: Item) -> Iterator[Block]:
    yield _loop(item)
    candidates = item.site.candidates if item.site is not None else ()
    if candidates:
        yield Points([_candidate(candidate) for candidate in candidates])
    for candidate in candidates:
        if candidate.evidence.counterexample is not None:
            yield Listing("Counterexample", _shortened(list(counterexample_lines(candidate.evidence.counterexample))))


def _loop(item: Item) -> Listing:
    more = [f"\u2026 {count(item.cut, 'more line')}"] if item.cut else []
    first = item.finding.line - item.finding.above
    return Listing(f"The loop in {item.finding.where}", [*item.lines, *more], first)


def _diff(item: Item, proposal: Proposal) -> Listing:
    text = proposal.diff.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
    return Listing(f"Before and after, {item.finding.where}", _shortened(text.split("\n")[2:]), diff=True)


def _shortened(lines: Sequence[str]) -> list[str]:
    kept = [cut(line) for line in lines[:DIFF]]
    return kept + ([f"\u2026 {count(len(lines) - DIFF, 'more line')}"] if len(lines) > DIFF else [])
