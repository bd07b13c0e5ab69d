"""Parts of dates and of time spans: what array code gives is what Timestamp and Timedelta give."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite, Tier
from deloop.transforms.lanes.dates import PARTS, TESTS

IMPORTS = "import datetime as dt\nimport numpy as np\nimport pandas as pd\n\n"
HEAD = f"{IMPORTS}DAYS = {{dt.date(2024, 1, 1), dt.date(2024, 2, 29)}}\n\n"
MOMENTS = ["2024-01-01 00:00", "2024-02-29 23:59:59.000001", "1969-12-31 12:30", "2023-12-31 05:00", "2024-04-01 03:30"]
ZONES = [None, "Europe/Paris", "Pacific/Apia"]


def vectors(code: str) -> list[tuple[Rewrite, str]]:
    """The array forms of a program, and their texts."""
    source = SourceFile.from_bytes(Path("dates.py"), (HEAD + textwrap.dedent(code)).encode())
    tree = parse(source)
    found = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms]
    return [(f, place(source.text, tree, f.edits, f.imports).text) for f in found if f.tier is Tier.VECTOR]


def column(zone: str | None = None, unit: str = "ns", missing: bool = False) -> pd.Series:
    found = pd.Series(pd.to_datetime([*MOMENTS, *([None] if missing else [])], format="ISO8601")).astype(f"M8[{unit}]")
    return found.dt.tz_localize(zone) if zone else found


def value(text: str, given: Any) -> np.ndarray:
    names: dict[str, Any] = {}
    exec(text, names)
    return np.array(names["f"](given), dtype=float)


def check(code: str, given: Any) -> Rewrite:
    """The one array form gives what the loop gives."""
    [(form, text)] = vectors(code)
    np.testing.assert_array_equal(value(HEAD + textwrap.dedent(code), given), value(text, given))
    return form


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("part", PARTS)
def test_a_number_of_a_date(part: str, zone: str | None) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for t in df["t"]:
                out.append(t.{part} * 1000000)
            return out
    """
    form = check(code, pd.DataFrame({"t": column(zone)}))
    assert {"date-columns", "no-missing"} <= {o.name for o in form.obligations}
    check(code, pd.DataFrame({"t": column(zone, missing=True)}))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "test", [*(f"t.{t}" for t in sorted(TESTS)), "t.hour < 6", "5 <= t.weekday()", "t.isoweekday() == 1"]
)
def test_a_question_about_a_date_that_may_be_missing(test: str, zone: str | None) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                t = df["t"].iloc[i]
                out.append(2.0 if {test} else 1.0)
            return out
    """
    form = check(code, pd.DataFrame({"t": column(zone, missing=True)}))
    assert "no-missing" not in {o.name for o in form.obligations}


@pytest.mark.parametrize("among", ["in", "not in"])
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_among_others(among: str, zone: str | None) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for _, row in df.iterrows():
                out.append(1.0 if row["t"].date() {among} DAYS else 0.0)
            return out
    """
    check(code, pd.DataFrame({"t": column(zone), "k": "x"}))


@pytest.mark.parametrize("part", ["days", "seconds", "total_seconds()"])
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_the_time_between_two_columns(part: str, unit: str) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append((df["t"].iloc[i] - df["u"].iloc[i]).{part} * 3)
            return out
    """
    other = pd.Series(pd.to_datetime("2024-01-01 06:00")).repeat(len(MOMENTS)).reset_index(drop=True)
    check(code, pd.DataFrame({"t": column(unit=unit), "u": other}))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("part", ["days", "seconds", "total_seconds()"])
def test_the_time_since_the_row_before(part: str, zone: str | None) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for i in range(1, len(df)):
                out.append((df["t"].iloc[i] - df["t"].iloc[i - 1]).{part})
            return out
    """
    check(code, pd.DataFrame({"t": column(zone)}, index=[5, 5, 1, 2, 0]))


def test_labels_that_are_dates() -> None:
    code = """
        def f(df: pd.DataFrame):
            out = []
            for t, row in df.iterrows():
                out.append(row["v"] * 2 if t.hour < 6 else t.year * 1.0)
            return out
    """
    check(code, pd.DataFrame({"v": np.arange(5.0)}, index=pd.DatetimeIndex(column())))


def test_the_ends_of_months_of_an_index_go_by_its_frequency() -> None:
    assert not vectors("""
        def f(df: pd.DataFrame):
            out = []
            for t, row in df.iterrows():
                out.append(row["v"] * 2 if t.is_month_start else 0.0)
            return out
    """)


def test_the_time_until_a_moment() -> None:
    code = """
        TODAY = dt.datetime(2024, 6, 1)

        def f(df: pd.DataFrame):
            out = []
            for t in df["t"]:
                out.append((TODAY - t).days + (t - TODAY).total_seconds())
            return out
    """
    form = check(code, pd.DataFrame({"t": column()}))
    assert "last-bits" in {o.name for o in form.obligations}


def test_columns_side_by_side_are_those_of_a_frame() -> None:
    code = """
        def f(stays):
            out = []
            for t, v in zip(stays["t"], stays["v"]):
                out.append(v * 2.0 if t.hour < 6 else 0.0)
            return out
    """
    form = check(code, pd.DataFrame({"t": column(), "v": 1.0}))
    assert "frame-columns" in {o.name for o in form.obligations}


def test_dates_of_numpy_have_no_parts() -> None:
    assert not vectors("""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append(df["t"].values[i].month * 2)
            return out
    """)


def test_days_among_those_of_a_table_are_looked_up_even_without_rounds() -> None:
    [(form, _)] = vectors("""
        CLOSED = {2024: [dt.date(2024, 1, 1)]}

        def f(df: pd.DataFrame, year: int):
            out = []
            for t in df["t"]:
                out.append(1.0 if t.date() in list(CLOSED[year]) else 0.0)
            return out
    """)
    assert "some-rounds" in {o.name for o in form.obligations}


def test_a_list_of_the_users_stays_an_array_between() -> None:
    """Of one number that is whole and one that is not, an array makes two that are not."""
    code = """
        def f(df: pd.DataFrame, weights):
            out = []
            for t in df["t"]:
                out.append(t.hour + len(np.array(weights.tolist()).tolist()))
            return out
    """
    [(_, text)] = vectors(code)
    assert "np.array(weights.tolist()).tolist()" in text
