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
    "pairs of numbers one after the other, in lists": (
        "size: int, runs",
        """
        out = np.zeros(size)
        for k in range(len(runs)):
            for i in range(0, len(runs[k]), 2):
                for j in range(runs[k][i + 1]):
                    out[runs[k][i] - 1 + j] = k + 1
        """,
        ("= k + 1", "= k + 2"),
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


DERIVED = """
train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
both = pd.concat([train, test])
both.reset_index(drop=True, inplace=True)


def f():
    out = both["size"].map(lambda s: {} if s == 1 else 0)
    return out
"""


def test_what_is_computed_from_files_that_are_not_there_is_an_input() -> None:
    same, wrong = DERIVED.format(1), DERIVED.format(2)
    found = judge(trial("same", same, same), trial("wrong", same, wrong))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert "stub:both" not in found["same"].kinds
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


READER = """
import csv


def f(path):
    out = []
    with open(path) as file:
        for line in file:
            parts = line.strip().split(";")
            if len(parts) < 3:
                continue
            out.append((round(float(parts[1]), 5), float(parts[2])))
    return out
"""


@pytest.mark.parametrize("change", [("parts[1]", "parts[2]"), ("< 3", "< 2"), ("open(path)", "open(path[1:])")])
def test_a_file_that_is_read_has_lines_that_are_made_up(change: tuple[str, str]) -> None:
    wrong = READER.replace(*change)
    found = judge(trial("same", READER, READER), trial("wrong", READER, wrong))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_a_list_of_tables_stays_one_beside_another_in_a_list() -> None:
    code = "out = pd.concat([pd.DataFrame(), *frames]{})\nout = out[:3]"
    before, after = (body("frames: list[pd.DataFrame]", code.format(o)) for o in ("", ", ignore_index=True"))
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_a_file_that_is_written_is_still_refused() -> None:
    writer = body("xs", "out = []\nwith open('a.txt', 'w') as file:\n    for x in xs:\n        file.write('1')")
    found = judge(trial("same", writer, writer))["same"]
    assert str(found.verdict) == "unverified" and "writes a file" in found.reason
