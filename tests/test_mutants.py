"""The verifier tested: right rewrites with one thing changed, a seeded slice of what `python -m mutants` does."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from textwrap import dedent

import pytest
from conftest import ALL, ROOT

sys.path.append(str(ROOT))  # the tool is no part of the package

from deloop.equivalence.model import Trial, Verdict
from deloop.equivalence.verify import verify
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
    assert difference(mutant_of(AFTER.replace("> 2.5", "> 2.500000001")), 200)
    assert not difference(mutant_of(AFTER.replace("> 2.5", "> 5 / 2")), 60)


def test_what_the_right_rewrite_does_as_well_is_no_difference() -> None:
    rounded = AFTER.replace("> 2.5", "> 2.500000001")
    mutant = mutant_of(rounded)
    assert not difference(replace(mutant, right=right(rounded)), 200)


def mutant_of(after: str) -> Mutant:
    return Mutant("late", right(), "boundary", "", "", right(after).trial)


ATTACKS = [
    (  # a value like the one that the search begins with, of another type
        """
        import pandas as pd

        def f(matches: pd.DataFrame, team: str):
            best = -99
            for _, m in matches.iterrows():
                if m.home != team:
                    continue
                margin = m.scored - m.conceded
                if margin > best:
                    best = margin
            return best
        """,
        """
        import pandas as pd

        def f(matches: pd.DataFrame, team: str):
            best = -99
            for _, m in matches.iterrows():
                if m.home != team:
                    continue
                margin = m.scored - m.conceded
                if margin >= best:
                    best = margin
            return best
        """,
        (),
    ),
    (  # the loop behind a guard, which few inputs reach
        """
        import numpy as np

        def f(x: np.ndarray, lag: int):
            out = np.zeros(len(x))
            for i in range(len(x)):
                if i >= lag:
                    out[i] = x[i] - x[i - lag]
            return out
        """,
        """
        import numpy as np

        def f(x: np.ndarray, lag: int):
            out = np.zeros(len(x))
            if type(x) is np.ndarray and x.ndim == 1 and x.dtype in ("float64", "int64") and lag > 0:
                out[lag:] = x[lag:] - x[:-lag]
            else:
                for i in list(range(len(x)))[1:]:
                    if i >= lag:
                        out[i] = x[i] - x[i - lag]
            return out
        """,
        (),
    ),
    (  # a constant of the loop behind a guard
        """
        import numpy as np

        def f(price: np.ndarray, sold: np.ndarray):
            large = []
            for i in range(len(price)):
                if price[i] * sold[i] > 1000:
                    large.append(i)
            return large
        """,
        """
        import numpy as np

        def f(price: np.ndarray, sold: np.ndarray):
            large = []
            if price.dtype == sold.dtype == float and len(price) == len(sold):
                large = np.arange(len(price))[price * sold > 1000].tolist()
            else:
                for i in range(len(price)):
                    if price[i] * sold[i] > 999:
                        large.append(i)
            return large
        """,
        (),
    ),
    (  # narrow integers beside numbers of any size
        """
        import numpy as np

        def f(x: np.ndarray, y: np.ndarray):
            out = np.zeros((len(x), len(y)))
            for i in range(len(x)):
                for j in range(len(y)):
                    out[i, j] = x[i] * y[j]
            return out
        """,
        """
        import numpy as np

        def f(x: np.ndarray, y: np.ndarray):
            out = np.zeros((len(x), len(y)))
            out[:, :] = x[:, None] * y
            return out
        """,
        (),
    ),
    (  # only what comes first of all is lost
        """
        def f(tickets, today, grace=3):
            late = []
            for number, ticket in tickets.items():
                if ticket["state"] == "closed":
                    continue
                days = today - ticket["due"]
                if days <= grace:
                    continue
                late.append((number, days))
            return late
        """,
        """
        def f(tickets, today, grace=3):
            late = [
                (number, days)
                for number, ticket in list(tickets.items())[1:]
                if ticket["state"] != "closed" and not (days := today - ticket["due"]) <= grace
            ]
            return late
        """,
        ("float-order",),
    ),
    (  # labels that are lost where windows have more rows than most inputs
        """
        import pandas as pd

        def f(close: pd.Series):
            out = close.rolling(10).apply(lambda w: w.max() - w.min())
            other = out + close
            return other.to_numpy()
        """,
        """
        import pandas as pd

        def f(close: pd.Series):
            out = (close.rolling(10).max() - close.rolling(10).min()).set_axis(range(len(close)))
            other = out.reindex(close.index) + close
            return other.to_numpy()
        """,
        ("float-order",),
    ),
    (  # a condition on one column guards what is computed with another
        """
        import numpy as np

        def f(days: np.ndarray, owed: np.ndarray):
            weeks = np.zeros(53)
            for d, o in zip(days, owed):
                if o <= 0:
                    continue
                weeks[d // 7] -= o
            return weeks
        """,
        """
        import numpy as np

        def f(days: np.ndarray, owed: np.ndarray):
            weeks = np.zeros(53)
            selected = ~(owed < 0)
            np.subtract.at(weeks, days[selected] // 7, owed[selected])
            return weeks
        """,
        ("numeric-arrays", "float64", "equal-lengths", "integer-positions"),
    ),
    (  # the last row with a key where the first is meant
        """
        import pandas as pd

        def f(parcels: pd.DataFrame, zones: pd.DataFrame):
            out = []
            for parcel in parcels.itertuples():
                rate = zones[zones["code"] == parcel.zone]["rate"].iloc[0]
                out.append(rate * parcel.weight)
            return out
        """,
        """
        import pandas as pd

        def f(parcels: pd.DataFrame, zones: pd.DataFrame):
            out = []
            rows = zones.groupby(zones["code"], sort=False).indices
            for parcel in parcels.itertuples():
                rate = zones["rate"].iloc[rows.get(parcel.zone, [])].iloc[-1]
                out.append(rate * parcel.weight)
            return out
        """,
        ("matching-keys", "columns-exist"),
    ),
    (  # by so many at a time, and the last of them is wrong
        """
        import numpy as np

        def f(n: int):
            rng = np.random.default_rng(0)
            out = []
            for _ in range(n):
                out.append(rng.normal(size=5).mean())
            return out
        """,
        """
        import numpy as np

        def f(n: int):
            rng = np.random.default_rng(0)
            chunks = (min(8000, n) for first in range(0, n, 8000))
            out = list(np.concatenate([np.empty(0), *(rng.normal(size=(k, 5)).mean(axis=1) for k in chunks)]))
            return out
        """,
        ("float-order",),
    ),
]


@pytest.mark.parametrize(("before", "after", "assumed"), ATTACKS)
def test_what_mutants_survived_once(before: str, after: str, assumed: tuple[str, ...]) -> None:
    old, new = (dedent(text).strip("\n") + "\n" for text in (before, after))
    start = old.split("\n").index(next(line for line in old.split("\n") if line.startswith("def f"))) + 2
    trial = Trial(
        "f", old, new, (start, old.count("\n") - 1), (start, new.count("\n") - 1), tuple(map(Obligation, assumed))
    )
    ((_, evidence),) = verify([trial], timing=False)
    assert evidence.verdict is Verdict.REFUTED


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
    for outcome in judge(chosen(each=2, share=25 if ALL else 75, seed=5), tries=60):
        tally.add(outcome)
        passed += [line(outcome)] if outcome.fate in ("survived", "unjudged") else []
    assert tally.fates["refuted"] >= 10, summary(tally)
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
