"""The verifier tested: right rewrites with one thing changed, a seeded slice of what `python -m mutants` does."""

from __future__ import annotations

import re
import sys

import pytest
from conftest import ROOT

sys.path.append(str(ROOT))  # the tool is no part of the package

from deloop.equivalence.model import Trial
from deloop.loops.obligations import Obligation
from mutants.__main__ import chosen, line, main, refuted_share, summary
from mutants.equivalent import reason
from mutants.judge import difference, judge
from mutants.model import Mutant, Outcome, Right, Tally
from mutants.operators import OPERATORS, mutants

BEFORE = """\
import numpy as np
import pandas as pd


def late(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        if df["delay"].iloc[i] > 2.5:
            out.append(df["fee"].iloc[i] - df["paid"].iloc[i])
    return out
"""
AFTER = """\
import numpy as np
import pandas as pd


def late(df: pd.DataFrame):
    out = list((df["fee"] - df["paid"]).values[df["delay"].values > 2.5])
    return out
"""


def right(after: str = AFTER) -> Right:
    """A rewrite that needs columns of numbers."""
    owed = (Obligation("numeric-columns"),)
    return Right("late", "DL000", Trial("late", BEFORE, after, (6, 9), (6, after.count("\n") - 1), owed))


def changed(operator: str) -> list[str]:
    """What one operator makes of the new line."""
    found = [m for m in mutants(right()) if m.operator == operator]
    return [m.trial.after.split("\n")[5].strip() for m in found]


@pytest.mark.parametrize(
    ("operator", "one"),
    [
        ("boundary", 'out = list((df["fee"] - df["paid"]).values[df["delay"].values >= 2.5])'),
        ("constant", 'out = list((df["fee"] - df["paid"]).values[df["delay"].values > 3.5])'),
        ("arithmetic", 'out = list((df["fee"] + df["paid"]).values[df["delay"].values > 2.5])'),
        ("operands", 'out = list((df["paid"] - df["fee"]).values[df["delay"].values > 2.5])'),
        ("column", 'out = list((df["paid"] - df["paid"]).values[df["delay"].values > 2.5])'),
        ("label-for-position", 'out = list((df["fee"] - df["paid"])[df["delay"].values > 2.5])'),
        ("conversion-lost", 'out = (df["fee"] - df["paid"]).values[df["delay"].values > 2.5]'),
    ],
)
def test_an_operator_changes_one_thing(operator: str, one: str) -> None:
    assert one in changed(operator)


def test_mutants_compile_are_unlike_and_touch_nothing_else() -> None:
    found = mutants(right())
    assert len({m.trial.after for m in found}) == len(found) >= 15
    for mutant in found:
        compile(mutant.trial.after, "mutant.py", "exec", dont_inherit=True)
        lines = mutant.trial.after.split("\n")
        assert lines[:5] == AFTER.split("\n")[:5] and lines[mutant.trial.after_lines[1] :] == AFTER.split("\n")[6:]


def test_a_limit_takes_something_of_each_operator() -> None:
    few = mutants(right(), limit=8, seed=3)
    assert few == mutants(right(), limit=8, seed=3)
    assert len({m.operator for m in few}) == 8


def test_the_longer_search_finds_what_differs_and_nothing_else() -> None:
    assert difference(right(AFTER.replace("> 2.5", "> 2.500000001")).trial, 200)
    assert not difference(right(BEFORE.replace("> 2.5", "> 5 / 2")).trial, 60)


EVERYTHING = """\
import numpy as np
import pandas as pd


def everything(df: pd.DataFrame, other: pd.DataFrame, xs: list[float]):
    a = np.where(df["a"] < 1, df["b"] ** 2 + 3 + df["c"], np.nan)
    df["d"] = df["a"].shift(1)
    b = pd.concat([df, other], ignore_index=True).drop_duplicates("a", keep="last")
    c = [float(x) if x == "buy" else -x for x in xs[1:] if x > 2 and not x != 3]
    d = max(df["a"].to_numpy().tolist()) - np.array(xs, dtype=float)[0]
    if d:
        e = sum(xs), df["b"].fillna(0).values, b.iloc[d], np.maximum(xs, 0.5)
    return a, b, c, d, e
"""


def test_every_operator_has_something_to_change() -> None:
    everything = Right("all", "DL000", Trial("all", EVERYTHING, EVERYTHING, (6, 13), (6, 13)))
    assert {m.operator for m in mutants(everything)} == set(OPERATORS)


@pytest.mark.slow
def test_mutants_are_refuted() -> None:
    tally, passed = Tally(), []
    for outcome in judge(chosen(each=2, share=25, seed=5), tries=60):
        tally.add(outcome)
        passed += [line(outcome)] if outcome.fate in ("survived", "unjudged") else []
    assert tally.fates["refuted"] >= 20, summary(tally)
    assert refuted_share(tally) >= 0.98, "\n".join(passed)


def test_fates_are_counted_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    mutant = Mutant("late/1", right(), "constant", "2.5", "3.5", right().trial)
    for fate in ("refuted", "survived", "alike", "equivalent"):
        tally.add(Outcome(mutant, fate, "why"))
    assert refuted_share(tally) == 0.5
    assert "4 mutants, 50.00% of those that differ refuted" in summary(tally)
    assert line(Outcome(mutant, "survived", "why")) == "survived: late/1 constant: `2.5` -> `3.5`: why"
    assert main(["--only", "DL401-1", "--each", "2", "--tries", "40"]) == 0
    assert re.search(r"[2-9] mutants, 100\.00% of those that differ refuted", capsys.readouterr().out)


def test_what_a_person_found_to_be_equivalent_says_why() -> None:
    same = Mutant("late/1", right(), "sum-order", "(a < 0).sum()", "((a < 0))[::-1].sum()", right().trial)
    other = Mutant("late/2", right(), "sum-order", "a.sum()", "(a)[::-1].sum()", right().trial)
    assert reason(same) and not reason(other)
