"""Which form is proposed: verified, safe or accepted, fast enough, best tier."""

from typing import Any

import pytest

from deloop.codemods.place import Placed
from deloop.equivalence.model import Evidence, Verdict
from deloop.loops.obligations import Obligation
from deloop.proposals.choose import FLOOR, LIMITS, choose, too_slow
from deloop.proposals.model import Candidate, Policy
from deloop.transforms.base import Rewrite, Rule, Severity, Tier

READS_BETTER = LIMITS[Tier.COMPREHENSION]
RULE = Rule("DL201", "list-comprehension", Severity.MEDIUM)
VERIFIED = Evidence(Verdict.VERIFIED, inputs=80)
REFUTED = Evidence(Verdict.REFUTED, inputs=80)
UNVERIFIED = Evidence(Verdict.UNVERIFIED, reason="`helper` is not known")


def candidate(tier: Tier, evidence: Evidence = VERIFIED, *names: str) -> Candidate:
    form = Rewrite(RULE, tier, (), tuple(Obligation(name) for name in names))
    return Candidate(form, Placed("", (), (1, 1), (1, 1)), evidence)


def verbs(*candidates: Candidate, **policy: Any) -> list[str]:
    return [str(c.verb) for c in choose(candidates, Policy(**policy))]


VECTOR = candidate(Tier.VECTOR, VERIFIED, "no-overflow")
SAFE = candidate(Tier.COMPREHENSION)
HOIST = candidate(Tier.HOIST)


def test_best_safe_form_by_default() -> None:
    assert verbs(VECTOR, HOIST, SAFE) == ["unsafe", "possible", "chosen"]


def test_unsafe_takes_the_best_tier() -> None:
    assert verbs(SAFE, HOIST, VECTOR, unsafe=True) == ["possible", "possible", "chosen"]


def test_among_equal_tiers_the_first_listed_wins() -> None:
    assert verbs(SAFE, SAFE) == ["chosen", "possible"]


def test_an_assumed_obligation_counts_as_met() -> None:
    assert verbs(VECTOR, SAFE, assume=frozenset({"no-overflow"})) == ["chosen", "possible"]
    both = candidate(Tier.VECTOR, VERIFIED, "no-overflow", "unique-index")
    assert verbs(both, SAFE, assume=frozenset({"no-overflow"})) == ["unsafe", "chosen"]


def test_refuted_is_never_chosen() -> None:
    refuted = candidate(Tier.VECTOR, REFUTED)
    assert verbs(refuted, unsafe=True, unverified=True, show_unsafe=True) == ["refuted"]
    assert verbs(refuted, HOIST) == ["refuted", "chosen"]


def test_unverified_needs_its_own_permission_and_yields_to_verified() -> None:
    unverified = candidate(Tier.VECTOR, UNVERIFIED)
    assert verbs(unverified) == ["unverified"]
    assert verbs(unverified, unsafe=True) == ["unverified"]
    assert verbs(unverified, unverified=True) == ["chosen"]
    assert verbs(unverified, HOIST, unverified=True) == ["possible", "chosen"]
    unsafe = candidate(Tier.VECTOR, UNVERIFIED, "no-overflow")
    assert verbs(unsafe, unverified=True) == ["unsafe"]


def test_a_reviewer_sees_an_unsafe_form_where_there_is_no_safe_one() -> None:
    assert verbs(VECTOR, show_unsafe=True) == ["chosen"]
    assert verbs(VECTOR, SAFE, show_unsafe=True) == ["unsafe", "chosen"]


def test_a_form_that_does_not_fit_is_left_out() -> None:
    assert verbs(Candidate(SAFE.form, None, why="line 3: a comment would be lost")) == ["unplaced"]


@pytest.mark.parametrize(
    ("tier", "speedups", "min_speedup", "slow"),
    [
        (Tier.VECTOR, (), None, False),
        (Tier.VECTOR, ((50, FLOOR * 1.1), (20_000, 40.0)), None, False),
        (Tier.VECTOR, ((50, FLOOR * 0.9), (20_000, 40.0)), None, True),  # loses badly on small data
        (Tier.VECTOR, ((20_000, LIMITS[Tier.VECTOR] * 0.9), (50, 3.0)), None, True),  # the largest size decides
        (Tier.LOOKUP, ((1000, 0.8),), None, True),
        (Tier.HOIST, ((1000, 0.8),), None, True),
        (Tier.COMPREHENSION, ((1000, READS_BETTER * 1.1),), None, False),  # offered because it reads better
        (Tier.COMPREHENSION, ((1000, READS_BETTER * 0.9),), None, True),
        (Tier.COMPREHENSION, ((1000, 1.1),), 1.5, True),
        (Tier.VECTOR, ((1000, 1.4),), 1.5, True),
        (Tier.VECTOR, ((1000, 1.6),), 1.5, False),
        (Tier.VECTOR, ((1000, FLOOR * 0.9),), FLOOR * 0.5, False),  # whoever asks for less gets it
    ],
)
def test_slow_forms(tier: Tier, speedups: Any, min_speedup: float | None, slow: bool) -> None:
    assert bool(too_slow(tier, Evidence(Verdict.VERIFIED, speedups=speedups), min_speedup)) is slow


def test_what_tests_for_zeros_goes_before_what_assumes_none() -> None:
    fast = Evidence(Verdict.VERIFIED, speedups=((20_000, 50.0),))
    bold = candidate(Tier.VECTOR, fast, "no-zero-division")
    careful = candidate(Tier.VECTOR, fast)
    assert verbs(bold, careful, unsafe=True) == ["possible", "chosen"]
    plain = candidate(Tier.VECTOR, fast, "float64")
    assert verbs(plain, careful, unsafe=True) == ["chosen", "possible"]


@pytest.mark.parametrize(
    ("tier", "at_once", "slow"),
    [(Tier.HOIST, 0.2, True), (Tier.VECTOR, 0.2, False), (Tier.VECTOR, 0.02, True), (Tier.HOIST, 0.9, False)],
)
def test_forms_that_are_slow_where_a_search_ends_at_once(tier: Tier, at_once: float, slow: bool) -> None:
    evidence = Evidence(Verdict.VERIFIED, speedups=((1000, 80.0),), at_once=at_once)
    assert bool(too_slow(tier, evidence, None)) is slow


def test_a_slow_form_says_what_was_measured() -> None:
    slow = candidate(Tier.VECTOR, Evidence(Verdict.VERIFIED, speedups=((20_000, 0.5),)))
    assert [c.why for c in choose([slow], Policy())] == ["measured 0.5x at 20,000 elements, less than 1.05x"]


def test_a_comprehension_gives_way_to_a_loop_that_is_clearly_faster() -> None:
    slow = candidate(Tier.COMPREHENSION, Evidence(Verdict.VERIFIED, speedups=((50, 1.0), (20_000, 1.0))))
    fast = candidate(Tier.HOIST, Evidence(Verdict.VERIFIED, speedups=((50, 1.1), (20_000, 12.0))))
    faster = candidate(Tier.HOIST, Evidence(Verdict.VERIFIED, speedups=((50, 1.1), (20_000, 2.0))))
    assert verbs(slow, fast) == ["possible", "chosen"]
    assert verbs(slow, faster) == ["chosen", "possible"]
