"""What people read: findings, counts, evidence, explanations."""

import pytest

from deloop.codemods.findings import Finding, Status
from deloop.equivalence.model import Counterexample, Evidence, Verdict
from deloop.loops.remarks import Reason, Refusal
from deloop.proposals.model import (
    Problem,
    counterexample_lines,
    evidence_text,
    figure,
    printable,
    safety_text,
    speedup_text,
)
from deloop.reports import explain
from deloop.reports.findings import Report
from deloop.reports.formats.text import render
from deloop.reports.summary import summary
from deloop.transforms.base import Rewrite, Rule, Severity, Tier
from deloop.transforms.registry import TRANSFORMS

RULE = Rule("DL101", "iterrows-arithmetic", Severity.HIGH)


def finding(status: Status, severity: Severity = Severity.HIGH, reason: Reason = Reason.SIDE_EFFECT) -> Finding:
    refusal = Refusal(reason, 9, "`print` shows something") if status is Status.REFUSED else None
    forms = (Rewrite(RULE, Tier.VECTOR, ()),) if status is Status.PROPOSAL else ()
    return Finding("a.py", 8, 9, "f", RULE, severity, status, forms, refusal, "slow")


def _lines(one: Finding) -> list[str]:
    return [line for line in render(Report([one])).splitlines() if line]


def test_a_refusal_with_a_message_of_its_own() -> None:
    assert _lines(finding(Status.REFUSED)) == [
        "a.py:8: DL101 iterrows-arithmetic [high] slow",
        "    left alone: side-effect, line 9: `print` shows something",
        "    to unblock: compute first and print, plot or write afterwards; or allow it with --side-effects",
    ]


def test_the_counts() -> None:
    found = [
        finding(Status.PROPOSAL),
        finding(Status.PROPOSAL, Severity.LOW),
        finding(Status.REFUSED),
        finding(Status.REFUSED, reason=Reason.CARRIED_STATE),
        finding(Status.REFUSED, reason=Reason.CARRIED_STATE),
        finding(Status.FINE),
    ]
    assert summary(Report(found, [Problem("b.py", 0, "odd")], 3)).splitlines() == [
        "5 slow loops in 3 files (4 high, 1 low), 1 error.",
        "  2 fixable: 2 safely, 0 with an assumption. See `deloop fix`.",
        "  3 left alone: 2 carried-state, 1 side-effect.",
        "  1 fine as they are.",
    ]
    assert summary(Report([], files=1_440)) == "No loops worth a look in 1,440 files."


def test_what_is_fine_is_only_counted() -> None:
    assert _lines(finding(Status.FINE)) == []


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(0.02, "0.02x"), (0.5, "0.5x"), (0.994, "0.99x"), (1.04, "1.0x"), (9.94, "9.9x"), (38.2, "38x")],
)
def test_figures(ratio: float, shown: str) -> None:
    assert figure(ratio) == shown


def test_speed_is_given_by_size() -> None:
    evidence = Evidence(Verdict.VERIFIED, speedups=((20_000, 38.0), (50, 1.2)))
    assert speedup_text(evidence) == "1.2x at 50, 38x at 20,000"
    assert speedup_text(Evidence(Verdict.VERIFIED)) == ""


def test_evidence_in_words() -> None:
    assert evidence_text(Evidence(Verdict.VERIFIED, inputs=84)) == "verified on 84 inputs"
    told = evidence_text(Evidence(Verdict.VERIFIED, inputs=84, raised=4, excused=3))
    assert told == "verified on 84 inputs (4 where both raise, 3 set aside because they break a named obligation)"
    assert evidence_text(Evidence(Verdict.UNVERIFIED, reason="no frame")) == "unverified: no frame"
    assert evidence_text(Evidence(Verdict.REFUTED, inputs=7)) == "refuted after 7 inputs"


def test_a_counterexample_of_several_lines_is_indented() -> None:
    found = Counterexample("df = pd.DataFrame(\n{'a': [1]})", "1", "2")
    assert list(counterexample_lines(found)) == [
        "with: df = pd.DataFrame(",
        "  {'a': [1]})",
        "the loop gives: 1",
        "the rewrite gives: 2",
    ]


def test_text_from_files_does_not_drive_the_terminal() -> None:
    assert printable("a\x1b[2J\rb\tc\nd\u202e") == "a\\x1b[2J\\rb\tc\nd\\u202e"


def test_problems() -> None:
    assert str(Problem("a.py", 3, "is odd")) == "a.py:3: is odd"
    assert str(Problem("a.py", 0, "is odd")) == "a.py: is odd"


def test_a_safe_form_says_so() -> None:
    assert safety_text(Rewrite(RULE, Tier.VECTOR, ())) == "safe"


@pytest.mark.parametrize("rule", explain.all_rules(), ids=lambda rule: str(rule.code))
def test_every_rule_can_be_explained_by_code_and_by_name(rule: Rule) -> None:
    told = explain.explanation_of(rule.code.lower())
    assert told is not None
    assert told == explain.explanation_of(rule.name)
    assert told.startswith(f"{rule.code} {rule.name} [{rule.severity}]\n")
    assert told.endswith("\n") and not told.endswith("\n\n")


def test_all_idioms_are_in_the_table() -> None:
    lines = explain.rule_table().splitlines()
    codes = [line.split()[0] for line in lines]
    assert codes == sorted(codes)
    assert {transform.rule.code for transform in TRANSFORMS} <= set(codes)


def test_obligations_of_a_rule_are_those_of_its_examples() -> None:
    """The words of an explanation come from what the engine finds in the examples, so they can't be stale."""
    told = [explain.explanation(transform) for transform in TRANSFORMS]
    assert any("What an unsafe form may assume" in one for one in told)


def test_an_unknown_rule() -> None:
    assert explain.explanation_of("DL000") is None
    assert explain.explanation_of("DL") is None
