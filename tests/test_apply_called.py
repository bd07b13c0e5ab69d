"""`df.apply(f, axis=1)` with a function that stays as it is: it gets dicts in the place of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_guarded import HEAD, outcome, safe

pytestmark = pytest.mark.filterwarnings("ignore")
FEE = """
def fee(row):
    base = 4.9
    if row["weight"] > 20:
        base += 1.1 * (row["weight"] - 20)
    if row["fragile"]:
        base = base * 1.5 / row["parts"]
    if row["weight"] < 0:
        return "none"
    return base + 10


def f(df: pd.DataFrame):
    df["fee"] = df.apply({function}, axis=1)
    return df
"""
NAMED, LAMBDA = "fee", "lambda r: fee(r)"
TAX = """
def tax(income, rate):
    owed = 0.0
    if income > 18000:
        owed += (income - 18000) * rate
        income = 18000
    return owed + income * 0.2


def f(df: pd.DataFrame):
    return df.apply(lambda r: tax(r["weight"], r["parts"]), axis=1)
"""


def frames() -> list[pd.DataFrame]:
    weight = [pd.Series([1, 25, -3]), pd.Series([0.5, 21.0, np.nan]), pd.Series([2**53 + 1, 30, 0], dtype="Int64")]
    fragile = [pd.Series([True, False, True]), pd.Series([0, 1, 2]), pd.Series(["", "x", None])]
    parts = [pd.Series([1, 0, 2]), pd.Series([1.5, 0.0, np.nan]), pd.Series([3, 4, 5], dtype="int8")]
    made = [pd.DataFrame({"weight": w, "fragile": g, "parts": p}) for w in weight for g in fragile for p in parts]
    made += [frame.assign(city=list("abc")) for frame in made]
    return [*made, *(frame[:0] for frame in made[:4]), made[0].set_axis(list("xxy")), made[1][["parts"]], made[0].T]


@pytest.mark.parametrize("frame", frames())
@pytest.mark.parametrize("code", [FEE.replace("{function}", NAMED), TAX])
def test_the_function_sees_what_apply_shows_it(code: str, frame: pd.DataFrame) -> None:
    new = safe(code)

    assert "zip(*" in new
    assert outcome(new, frame) == outcome(HEAD + code, frame)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('row["fragile"]:', "row.sum():"),  # not a column
        ("def fee(row):", "def fee(row, other=1):"),
        ('return "none"', "return [1, 2]"),  # a column for each
        ('return "none"', "return row"),
    ],
)
def test_rows_that_do_more_stay_series(old: str, new: str) -> None:
    code = FEE.replace("{function}", NAMED).replace(old, new)

    assert "zip(*" not in safe(code)


def test_a_row_that_is_handed_on_stays_a_series() -> None:
    assert "zip(*" not in safe(FEE.replace("{function}", LAMBDA))


@pytest.mark.parametrize("test", ["row['weight'] > 1", "len('') > 1"])
def test_rows_without_columns_go_through_apply(test: str) -> None:
    code = f"""
def named(row):
    if {test}:
        return "heavy" + row["city"]
    return "light"


def f(df: pd.DataFrame):
    return df.apply(named, axis=1)
"""
    frame = pd.DataFrame(index=[1, 2])
    assert "zip(*" in safe(code)
    assert outcome(safe(code), frame) == outcome(HEAD + code, frame)


def test_nothing_is_left_of_the_frame() -> None:
    before: Any = safe(TAX)

    assert before.count("df.apply") == 1
