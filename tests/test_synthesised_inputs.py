"""Loops whose inputs have to be of a certain make before the loop accepts them: found in real code."""

from __future__ import annotations

import pytest
from equivalence_help import body, judge, trial

LOOPS = {
    "rows that are indexed by positions in another list": (
        "tables, x",
        """
        out = []
        for table in tables:
            parts = [table[i].density(x[i]) for i in range(len(x))]
            out.append(np.prod(parts))
        """,
        ("np.prod", "np.sum"),
    ),
    "names of columns that the code looks for": (
        "prices: pd.DataFrame, strike: str",
        """
        out = []
        for name in prices.columns:
            if "C" + strike in name:
                out.append("call")
            elif "Index" in name:
                out.append("spot")
            else:
                out.append(name)
        """,
        ('"spot"', '"index"'),
    ),
    "columns that are named anew when one has become the index": (
        "df: pd.DataFrame",
        """
        df = df.set_index("day")
        df.columns = ["oil", "gas", "coal"]
        out = []
        for i in range(len(df)):
            out.append(df["oil"].iloc[i] - df["coal"].iloc[i])
        """,
        ('df["coal"]', 'df["gas"]'),
    ),
    "an index of texts that are dates": (
        "df: pd.DataFrame",
        """
        df.index = pd.to_datetime(df.index)
        out = []
        for day, row in df.iterrows():
            out.append(row["oil"] * day.month)
        """,
        ("day.month", "day.day"),
    ),
    "rows between the dates that two texts name": (
        "df: pd.DataFrame, first=2020, last=2024",
        """
        part = df["oil"][str(first) : str(last)]
        out = []
        for value in part:
            out.append(value * 2.0)
        """,
        ("* 2.0", "* 3.0"),
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_the_loop_is_run_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    before = body(signature, code)
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason
