"""Helpers, constants and classes that a region imports from other modules of the project."""

from __future__ import annotations

import textwrap

import equivalence_help as help
import pytest

from deloop.equivalence.library import Library
from deloop.equivalence.model import Evidence, Trial

FILES = {
    ".fees": """
        import math
        from .limits import CAP, Steps

        RATE = 0.25
        seen = []

        def fee(amount, weight):
            seen.append(1)
            del seen[:]
            if weight > CAP:
                return _rounded(amount * RATE + Steps.extra(weight))
            return _rounded(amount * RATE)

        def _rounded(x):
            return math.floor(x * 4) / 4
    """,
    ".limits": """
        from .fees import RATE as _again

        CAP = 20.0

        class Steps:
            SIZE = 5.0

            @staticmethod
            def extra(weight):
                return (weight - CAP) / Steps.SIZE
    """,
}
BEFORE = """
from .fees import fee

def total(orders):
    out = []
    for i in range(len(orders)):
        out.append(fee(orders["amount"].iloc[i], orders["weight"].iloc[i]))
    out = np.array(out)
    return out
"""
AFTER = """
from .fees import RATE, fee
from .limits import CAP, Steps

def total(orders):
    amount = orders["amount"].values
    weight = orders["weight"].values
    out = np.where(weight > CAP, amount * RATE + (weight - CAP) / Steps.SIZE, amount * RATE)
    out = np.floor(out * 4) / 4
    return out
"""
NEEDS = ("numeric-columns", "element-types", "empty-type", "no-missing", "no-exceptions", "no-overflow", "signed-zero")


def verdict(before: str, after: str, files: dict[str, str] = FILES) -> Evidence:
    def find(origin: str, module: str) -> tuple[str, str] | None:
        return (module, textwrap.dedent(files[module])) if module in files else None

    made: Trial = help.trial("one", before, after, NEEDS, path="here.py", library=Library(find))
    return help.judge(made)["one"]


def test_a_helper_of_another_module_is_run_as_it_is() -> None:
    evidence = verdict(BEFORE, AFTER)
    assert (str(evidence.verdict), evidence.counterexample) == ("verified", None)
    assert not [kind for kind in evidence.kinds if kind.startswith("stub")]


@pytest.mark.parametrize(("old", "new"), [("weight > CAP", "weight >= 19"), ("* RATE + (", "* RATE - (")])
def test_what_differs_from_the_helper_is_refuted(old: str, new: str) -> None:
    assert str(verdict(BEFORE, AFTER.replace(old, new)).verdict) == "refuted"


def test_a_module_that_is_imported_as_a_whole() -> None:
    before = BEFORE.replace("from .fees import fee", "from . import fees").replace("fee(orders", "fees.fee(orders")
    after = AFTER.replace("from .fees import RATE, fee", "from . import fees").replace("* RATE", "* fees.RATE")
    assert str(verdict(before, after).verdict) == "verified"
    assert str(verdict(before, after.replace("/ 4", "/ 8")).verdict) == "refuted"


def test_without_the_module_a_stand_in_is_called() -> None:
    evidence = verdict(BEFORE, BEFORE, {})
    assert str(evidence.verdict) == "verified"
    assert "stub:fee" in evidence.kinds


def test_what_can_not_be_loaded_is_left_to_the_stand_in() -> None:
    files = {".fees": "import notinstalled\n\n\ndef fee(a, b):\n    return notinstalled.fee(a, b) + '!'\n"}
    assert str(verdict(BEFORE, BEFORE, files).verdict) == "verified"
