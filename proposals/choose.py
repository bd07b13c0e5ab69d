"""Which of the judged forms of a site is proposed, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..equivalence.model import Evidence, Verdict
from ..transforms.base import Tier
from .model import Candidate, Policy, Verb, figure

#: A form that is slower than this at any size is not offered, whatever it gains at the largest. Tests of the data and
#: parts of dates cost 0.05 to 0.3 ms, up to ten times a loop over 50 rows.
FLOOR = 0.05
#: Where a loop stays, what is prepared for rows that a search does not come to must not cost as much as the search.
AT_ONCE = 0.5
#: Built-in limits at the largest size measured. They lie where few forms do, so that two runs offer the same: most
#: hoists that gain nothing measure 0.95 to 1.1, and a comprehension, offered because it reads better, 0.8 to 1.3. Array
#: code gains much or nothing: a search that ends early measures 0.8 to 1, a cumulative sum of a list 1.2.
LIMITS = {Tier.VECTOR: 1.05, Tier.LOOKUP: 1.05, Tier.COMPREHENSION: 0.3, Tier.HOIST: 0.85, Tier.EDIT: 0.85}
#: Assumptions that one value breaks, where the loop then raises and the form does not.
RAISING = frozenset({"no-zero-division", "in-domain"})
#: A loop that stays is offered instead of a comprehension if it is that many times as fast: a comprehension that
#: compares a whole column for each key reads better, and is as slow as before.
CLEARLY = 3.0


def choose(candidates: Sequence[Candidate], policy: Policy) -> tuple[Candidate, ...]:
    """The same candidates with their verbs: at most one is CHOSEN.

    Verified forms go before unverified ones, the better tier goes first, and among equals the one listed first, but for
    one under which a single value can hide an exception. Only a comprehension gives way to what is clearly faster.
    """
    judged = [_judge(candidate, policy) for candidate in candidates]
    best = _best(judged, Verb.POSSIBLE)
    if best is None and policy.show_unsafe:
        best = _best(judged, Verb.UNSAFE)
    return tuple(replace(c, verb=Verb.CHOSEN) if c is best else c for c in judged)


def _best(judged: Sequence[Candidate], verb: Verb) -> Candidate | None:
    able = [c for c in judged if c.verb is verb]
    best = min(able, key=_rank, default=None)
    if best is None or best.form.tier is not Tier.COMPREHENSION:
        return best
    faster = [c for c in able if c.evidence.verdict is Verdict.VERIFIED and _gain(c) >= CLEARLY * max(_gain(best), 1.0)]
    return max(faster, key=_gain, default=best)


def _rank(candidate: Candidate) -> tuple[bool, Tier, bool]:
    """What is verified first, then the better tier, then what tests for values at which the loop raises."""
    form = candidate.form
    unlike = not RAISING.isdisjoint(o.name for o in form.obligations)
    return candidate.evidence.verdict is not Verdict.VERIFIED, form.tier, unlike


def _gain(candidate: Candidate) -> float:
    """How many times as fast a form was at the largest size; nothing if it was not measured."""
    return max(candidate.evidence.speedups, default=(0, 0.0))[1]


def _judge(candidate: Candidate, policy: Policy) -> Candidate:
    if candidate.placed is None:
        return replace(candidate, verb=Verb.UNPLACED)
    evidence = candidate.evidence
    if evidence.verdict is Verdict.REFUTED:
        return replace(candidate, verb=Verb.REFUTED, why="a bug of deloop, please report: its rewrite was refuted")
    if slow := too_slow(candidate.form.tier, evidence, policy.min_speedup):
        return replace(candidate, verb=Verb.SLOW, why=slow)
    if evidence.verdict is not Verdict.VERIFIED and not policy.unverified:
        return replace(candidate, verb=Verb.UNVERIFIED, why=evidence.reason or "it could not be run")
    if not policy.unsafe and not policy.accepts(candidate.form):
        names = sorted({o.name for o in candidate.form.obligations} - policy.assume)
        return replace(candidate, verb=Verb.UNSAFE, why=f"assumes {', '.join(names)}")
    return replace(candidate, verb=Verb.POSSIBLE, why="")


def limits_of(tier: Tier, min_speedup: float | None) -> tuple[float, ...]:
    """The ratios at which the choice turns; the verifier measures with more care near them."""
    limit = LIMITS[tier] if min_speedup is None else min_speedup
    return limit, min(FLOOR, limit)


def too_slow(tier: Tier, evidence: Evidence, min_speedup: float | None) -> str:
    """Why the measured speed is not worth the change; empty when it is, or when nothing was measured."""
    if not evidence.speedups:
        return ""
    limit, floor = limits_of(tier, min_speedup)
    size, ratio = max(evidence.speedups)
    if ratio < limit:
        return f"measured {figure(ratio)} at {size:,} elements, less than {limit:g}x"
    small, worst = min(evidence.speedups, key=lambda pair: pair[1])
    if worst < floor:
        return f"measured {figure(worst)} at {small:,} elements, less than {floor:g}x"
    least = floor if tier in (Tier.VECTOR, Tier.LOOKUP) else min(AT_ONCE, limit)
    if 0 < evidence.at_once < least:
        return f"measured {figure(evidence.at_once)} where the loop ends at once, less than {least:g}x"
    return ""
