"""The code that stands in for iterrows gives each element as the row had it, whatever a frame holds side by side."""

from __future__ import annotations

import datetime
import decimal
import itertools
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import share

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse
from deloop.transforms.hoists.reads import APPLIED_COLUMNS, COLUMNS_AS_READ


def _objects(*values: Any) -> pd.Series:
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return pd.Series(out, dtype=object)


NAT = np.datetime64("NaT")
STAMP = pd.Timestamp("2024-05-06")
COLUMNS: dict[str, pd.Series] = {
    "int": pd.Series([1, 2, 3]),
    "uint8": pd.Series([1, 2, 3], dtype="uint8"),
    "float": pd.Series([1.5, np.nan, -0.0]),
    "float32": pd.Series([1.5, np.nan, np.inf], dtype="float32"),
    "complex": pd.Series([1j, np.nan, 2.0]),
    "bool": pd.Series([True, False, True]),
    "Int64": pd.Series([1, None, 3], dtype="Int64"),
    "Float64": pd.Series([1.0, None, 3.0], dtype="Float64"),
    "Float64 with NaN": pd.Series([0.0, None, 3.0], dtype="Float64") / pd.Series([0.0, 0.0, 1.0], dtype="Float64"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "string": pd.Series(["a", None, "b"], dtype="string"),
    "text": pd.Series(["a", "b", "c"]),
    "text or None": _objects("a", None, "b"),
    "text or NaN": _objects(np.nan, "a", "b"),
    "text or NA": _objects("a", pd.NA, "b"),
    "text of NumPy": _objects(np.str_("a"), None, np.str_("b")),
    "only None": _objects(None, None, None),
    "None, NaN, NaT": _objects(None, np.nan, pd.NaT),
    "numbers or text": _objects(1, "a", None),
    "numbers of NumPy": _objects(np.float64(2.5), np.int64(7), np.bool_(True)),
    "lists": _objects([1], [2, 3], None),
    "decimals": _objects(decimal.Decimal(1), decimal.Decimal("NaN"), None),
    "datetime64": pd.Series([STAMP, pd.NaT, STAMP]),
    "datetime64[s]": pd.Series(np.array(["2024-01-01", "NaT", "1820-01-01"], dtype="datetime64[s]")),
    "dates with zone": pd.Series([STAMP, pd.NaT, STAMP]).dt.tz_localize("Europe/Berlin"),
    "datetimes as objects": _objects(datetime.datetime(2024, 1, 1), None, datetime.datetime(2024, 1, 2)),
    "days": _objects(datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 2)),
    "dates of NumPy": _objects(np.datetime64("2024-01-01"), NAT, np.datetime64("2024-01-02")),
    "timedelta64": pd.Series(pd.to_timedelta([1, None, 3], unit="D")),
    "timedeltas as objects": _objects(datetime.timedelta(1), None, datetime.timedelta(2)),
    "period": pd.Series(pd.PeriodIndex(["2024-01", None, "2024-03"], freq="M")),
    "interval": pd.Series(pd.arrays.IntervalArray.from_tuples([(0, 1), None, (1, 2)])),
    "category": pd.Series(["a", None, "b"], dtype="category"),
    "category of numbers": pd.Series([1.0, None, 2.0], dtype="category"),
}


@cache
def _reader() -> Any:
    names: dict[str, Any] = {"pd": pd}
    exec(COLUMNS_AS_READ.format(pd="pd").format(name="columns_as_read"), names)
    return names["columns_as_read"]


def _as_read(frame: pd.DataFrame) -> dict[Any, tuple[Any, ...]]:
    columns: dict[Any, tuple[Any, ...]] = _reader()(frame)
    return columns


def _beside(first: str) -> list[str]:
    """The columns that one is put beside: itself, and every third after it."""
    names = list(COLUMNS)
    start = names.index(first)
    return share([*names[start:], *names[:start]], 3)


def _shown(value: Any) -> tuple[Any, ...]:
    return type(value), repr(value), getattr(value, "unit", None)


def _differing(frame: pd.DataFrame) -> list[str]:
    columns = _as_read(frame)
    out = []
    for i, (_, row) in enumerate(frame.iterrows()):
        for c in frame.columns:
            if _shown(row[c]) != _shown(columns[c][i]):
                out.append(f"{c} of row {i}: {row[c]!r} {type(row[c])}, not {columns[c][i]!r} {type(columns[c][i])}")
    return out


def _differing_for_apply(frame: pd.DataFrame) -> list[str]:
    columns = eval(APPLIED_COLUMNS, {"frame": frame})
    rows: list[list[Any]] = []
    frame.apply(lambda row: rows.append([_shown(row[c]) for c in frame.columns]), axis=1)
    return [
        f"{c} of row {i}: {shown}, not {columns[c][i]!r} {type(columns[c][i])}"
        for i, row in enumerate(rows)
        for c, shown in zip(frame.columns, row, strict=True)
        if shown != _shown(columns[c][i])
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", COLUMNS)
def test_elements_are_as_apply_hands_them_out(first: str) -> None:
    for second in _beside(first):
        frame = pd.DataFrame({"first": COLUMNS[first], "second": COLUMNS[second]})
        assert not _differing_for_apply(frame), second


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", COLUMNS)
def test_elements_are_as_the_rows_had_them(first: str) -> None:
    for second in _beside(first):
        frame = pd.DataFrame({"first": COLUMNS[first], "second": COLUMNS[second]})
        assert not _differing(frame), second


@pytest.mark.filterwarnings("ignore")
def test_three_columns_of_any_kind() -> None:
    rng = np.random.default_rng(0)
    triples = list(itertools.combinations(COLUMNS, 3))
    for k in rng.choice(len(triples), 150, replace=False):
        frame = pd.DataFrame({name: COLUMNS[name] for name in triples[k]})
        assert not _differing(frame), triples[k]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame(index=[1, 2, 3]),
        pd.DataFrame({"a": ["x", "y"]}, index=[0, 0]),
        pd.DataFrame([[1, 2], [3, 4]], columns=["a", "b"]).iloc[::-1],
        pd.DataFrame([["x", None], [None, "y"]], columns=[0, "b"]),
    ],
    ids=["nothing", "no rows", "no columns", "one label twice", "turned round", "a number for a name"],
)
def test_odd_frames(frame: pd.DataFrame) -> None:
    assert not _differing(frame)


@cache
def _safe_form(code: str) -> str | None:
    """The file with the first form that owes nothing, None if there is none."""
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    forms = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms if form.safe]
    return place(source.text, tree, forms[0].edits, forms[0].imports).text if forms else None


def _outcome(text: str, *args: Any) -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "example.py", "exec"), names)
    try:
        return names["f"](*args)
    except Exception as e:
        return type(e)


NAMED = """
import pandas as pd

def f(people):
    out = []
    for when, p in people.iterrows():
        out.append(name(p["given"], p.family, when))
    return out

def name(*parts):
    return [(type(x), repr(x)) for x in parts]
"""


@pytest.mark.parametrize(
    "people",
    [
        pd.DataFrame({"given": _objects("Ada", None), "family": _objects(None, "Hopper")}),
        pd.DataFrame({"given": pd.to_datetime(["2024-01-01", None]), "family": [np.nan, 2.5]}),
        pd.DataFrame({"given": [1, 2], "family": [1.5, np.nan]}, index=["x", "x"]),
        pd.DataFrame({"given": ["Ada"]}),
        pd.DataFrame({"family": ["Ada"]}),
        pd.DataFrame({"given": ["Ada"]}).iloc[:0],
        {"given": ["Ada"], "family": ["Lovelace"]},
    ],
    ids=["text", "dates", "numbers", "no attribute", "no item", "neither, but no rows", "no frame"],
)
def test_the_safe_form_does_what_the_loop_did(people: Any) -> None:
    text = _safe_form(NAMED)
    assert text is not None and "in people.iterrows()" not in text
    assert _outcome(text, people) == _outcome(NAMED, people)


def test_the_function_that_reads_rows_is_made_once() -> None:
    once = _safe_form(NAMED)
    assert once is not None and once.count("def _columns_as_read(frame):") == 1
    again = _safe_form(once + NAMED.replace("def f(", "def g(").replace("import pandas as pd\n", ""))
    assert again is not None and again.count("_columns_as_read(people)") == 2
    assert again.count("def _columns_as_read(frame):") == 1


@pytest.mark.parametrize("taken", ["_columns_as_read = None", "from os import *", "def _columns_as_read(frame): ..."])
def test_no_safe_form_where_the_name_of_that_function_is_taken(taken: str) -> None:
    assert _safe_form(f"{taken}\n{NAMED}") is None


def test_a_name_that_only_the_function_hides_is_no_matter() -> None:
    text = _safe_form(NAMED.replace("f(people)", "f(people, pd=None)"))
    people = pd.DataFrame({"given": _objects("Ada", None), "family": _objects(None, "Hopper")})
    assert text is not None and _outcome(text, people) == _outcome(NAMED, people)


@pytest.mark.parametrize("hidden", ["type", "str", "zip", "dict"])
def test_no_safe_form_where_the_module_hides_a_builtin(hidden: str) -> None:
    assert _safe_form(f"{hidden} = None\n{NAMED}") is None


@pytest.mark.parametrize("hidden", ["type", "str", "SimpleNamespace", "vars"])
def test_no_safe_form_where_its_names_are_taken(hidden: str) -> None:
    text = _safe_form(NAMED.replace("f(people)", f"f(people, {hidden}=None)"))
    assert text is None


APPLIED = """
import pandas as pd

def f(people):
    if people.empty:
        return None
    return people.apply(lambda p: str([type(p.given), p["family"], repr(p.given)]), axis=1)
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("given", COLUMNS)
def test_the_safe_form_of_apply_does_what_it_did(given: str) -> None:
    text = _safe_form(APPLIED)
    assert text is not None and "apply" not in text
    for family in _beside(given):
        people = pd.DataFrame({"given": COLUMNS[given], "family": COLUMNS[family]}, index=[1, 1, 0])
        expected, found = _outcome(APPLIED, people), _outcome(text, people)
        pd.testing.assert_series_equal(found, expected)


@pytest.mark.parametrize(
    "people",
    [
        pd.DataFrame({"given": ["a"]}),
        pd.DataFrame({"family": ["a"]}),
        pd.DataFrame({"given": ["a"]}).iloc[:0],
        pd.DataFrame(index=[1, 2]),
    ],
    ids=["no item", "no attribute", "no rows", "no columns"],
)
def test_the_safe_form_of_apply_raises_what_it_raised(people: pd.DataFrame) -> None:
    text = _safe_form(APPLIED)
    assert text is not None
    assert _outcome(text, people) == _outcome(APPLIED, people)
