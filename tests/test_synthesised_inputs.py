"""Loops whose inputs have to be of a certain make before the loop accepts them: found in real code."""

from __future__ import annotations

import random
import re
import textwrap

import pytest
from conftest import share
from equivalence_help import body, judge, told_apart, trial

from deloop.equivalence.child.build import Builder
from deloop.equivalence.child.patterns import matching

LOOPS = {
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
    "a generator, or None for one of its own": (
        "n: int, mu, days, rng=None",
        """
        if rng is None:
            rng = np.random.default_rng(42)
        out = np.empty(n)
        for k in range(n):
            drawn = rng.normal(mu, 0.1, size=days)
            out[k] = np.prod(1 + drawn)
        """,
        ("np.prod", "np.sum"),
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
    "a table with a row for each element of one list, and a column for each of another": (
        "supply, demand, cost",
        """
        out = np.zeros((len(supply), len(demand)))
        for i in range(len(supply)):
            for j in range(len(demand)):
                out[i, j] = supply[i] * demand[j] - cost[i, j]
        """,
        ("demand[j]", "demand[0]"),
    ),
    "a table whose columns are named by its shape": (
        "demand, cost",
        """
        n, m = cost.shape
        out = np.zeros((n, m))
        for i in range(n):
            for j in range(m):
                out[i, j] = demand[j] - cost[i, j]
        """,
        ("(n, m)", "(n, len(demand) + 1)"),
    ),
    "a table with a row and a column for each element": (
        "x, near",
        """
        out = []
        for i in range(len(x)):
            for j in range(len(x)):
                if near[i, j] > 0:
                    out.append(x[i] - x[j])
        """,
        ("near[i, j]", "near[j, i]"),
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


@pytest.mark.parametrize("name", share(LOOPS, 3))
def test_the_loop_is_run_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    told_apart(body(signature, code), change)


@pytest.mark.parametrize("module", ["posixpath", "os.path"])
def test_paths_have_parts_that_the_code_asks_for(module: str) -> None:
    code = f"""
        out = []
        for path in paths:
            name = {module}.basename(path)
            if name.startswith("."):
                continue
            out.append(name.rpartition(".")[2])
    """
    before = f"import {module.split('.')[0]}\n\n\n" + body("paths", code)
    after = before.replace('startswith(".")', 'startswith("_")')
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert (str(found["same"].verdict), str(found["wrong"].verdict)) == ("verified", "refuted"), found["same"].reason


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


PATTERN = """
import re

PATTERN = re.compile(r'(?P<ip>[\\d.]+) "(?:GET|POST) (?P<url>\\S+)" (?P<status>\\d{3})$')


"""
FORMATS = {
    "whole numbers and text between tabs, below lines that are no rows": (
        """
        with open(path) as file:
            for line in file:
                if line.startswith(("#", "track", "browser")):
                    continue
                fields = line.rstrip("\\n").split("\\t")
                start, end = int(fields[1]), int(fields[2])
                if end - start < least:
                    continue
                out.append((fields[0], start, end))
        """,
        (
            ('"track", ', ""),
            ("< least", "<= least"),
            ("end - start <", "start - end <"),
        ),
    ),
    "whole numbers beside others": (
        """
        with open(path) as file:
            for line in file:
                if line[0] == "#":
                    continue
                cells = line.strip().split("\\t")
                score = float(cells[5])
                if cells[2] == "exon" and score >= 10.0:
                    out.append((cells[0], int(cells[3]), int(cells[4]), score))
        """,
        (('== "#"', '== "!"'), ('"exon"', '"Exon"'), (">= 10.0", "> 10.0"), ("int(cells[3])", "float(cells[3])")),
    ),
    "one kind of line of several": (
        """
        with open(path) as file:
            for line in file:
                if line.startswith("v "):
                    _, x, y, z = line.split()
                    out.append((float(x), float(y), float(z)))
        """,
        (('"v "', '"v"'), ("float(y), float(z)", "float(z), float(y)")),
    ),
    "a number is far from those that are usual": (
        """
        with open(path) as file:
            for line in file:
                method, url, status, ms = line.rstrip().split(",")
                if int(ms) > 5000 and status.startswith("2"):
                    out.append((url, int(ms)))
        """,
        (("> 5000", ">= 5000"), ('"2"', '"20"')),
    ),
    "what stands around the first equals sign": (
        """
        with open(path) as file:
            for line in file:
                name, _, value = line.partition("=")
                if float(value) > 2.5:
                    out.append(name)
        """,
        (("> 2.5", ">= 2.5"), ("out.append(name)", "out.append(value)")),
    ),
    "cells by the names in the first line": (
        """
        with open(path) as file:
            header = next(file).rstrip().split(",")
            for line in file:
                record = dict(zip(header, line.rstrip().split(",")))
                if record["site"] == "A":
                    out.append((record["name"], int(record["age"])))
        """,
        (('"A"', '"B"'), ('int(record["age"])', 'record["age"]')),
    ),
    "lines of a pattern": (
        """
        with open(path) as file:
            for line in file:
                found = PATTERN.match(line)
                if found is None:
                    continue
                if int(found.group("status")) >= 400:
                    out.append((found["url"], re.sub("[0-9]+", "#", found["url"])))
        """,
        ((">= 400", ">= 700"), ("is None", "is not None"), ('"[0-9]+"', '"[1-9]+"')),
    ),
    "every word is a number": (
        """
        with open(path) as file:
            for line in file:
                out.append(sum(int(v) for v in line.split() if int(v) < 40))
        """,
        (("< 40", "<= 40"),),
    ),
}


@pytest.mark.parametrize(
    ("name", "change"), [(name, c) for name, (_, changes) in FORMATS.items() for c in share(changes, 2)]
)
def test_the_lines_of_a_file_fit_what_is_read_of_them(name: str, change: tuple[str, str]) -> None:
    before = PATTERN + body("path, least=1", "out = []\n" + textwrap.dedent(FORMATS[name][0]))
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


CONSTANTS = """
TRAVEL = frozenset([3000, 3001, 4111])
SHOPS = ("REWE", "EDEKA", "ALDI")
BUSY = frozenset("NEW ASSIGNED".split())
OPEN = {*BUSY, "REOPENED"}
ZONES = tuple([10, 20]) + (30,)
SPAM = ["lottery", "loan"]
"""
TESTED = {
    "a number of a set that is written out": (
        'out.append("travel" if row["code"] in TRAVEL else "other")',
        ('row["code"] in TRAVEL', 'row["code"] in (3000, 4111)'),
    ),
    "a number of two tuples": ('out.append(row["zone"] in ZONES)', ("in ZONES", "in ZONES[:2]")),
    "a text of a set, in capitals and without blanks": (
        'out.append(1 if row["state"].strip().upper() in OPEN else 0)',
        (".strip().upper()", ".strip()"),
    ),
    "what a text begins with, in capitals": (
        'out.append(row["text"].upper().startswith(SHOPS))',
        ("startswith(SHOPS)", "startswith(SHOPS[:2])"),
    ),
    "the case of what a text begins with": (
        'out.append(row["text"].upper().startswith(SHOPS))',
        (".upper()", ""),
    ),
    "what is in a text or ends it": (
        """
        text = row["text"].upper()
        if text.startswith(SHOPS):
            out.append("food")
        elif "ATM" in text or text.endswith("CASH"):
            out.append("cash")
        else:
            out.append("other")
        """,
        ('text.endswith("CASH")', '"CASH" in text'),
    ),
    "some of several words": (
        'out.append(any(word in row["subject"].lower() for word in SPAM))',
        ("in SPAM", "in SPAM[:1]"),
    ),
}


COLUMNS = """
columns = dict(zip(df.columns, df.values.T))
out = []
for code, text in zip(columns["code"], columns["text"]):
    if code in TRAVEL:
        out.append("travel")
    elif text.startswith(SHOPS):
        out.append("food")
    else:
        out.append("other")
"""


def test_a_dict_of_the_columns_of_a_table_has_what_the_table_has() -> None:
    before = CONSTANTS + body("df: pd.DataFrame", COLUMNS)
    found = judge(trial("same", before, before), trial("wrong", before, before.replace("(SHOPS)", "(SHOPS[:2])")))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_a_text_that_is_gone_through_grows_only_where_there_is_one() -> None:
    text = {"t": "str", "split": {"sep": "\n", "parts": [{"t": "str"}], "many": True}}
    drafts = [Builder([], 2_000).draft(spec, "x") for spec in (text, {"t": "list", "elem": text})]
    assert drafts[0].value.count("\n") > 1_000
    assert max(line.count("\n") for line in drafts[1].columns[""].values) < 20


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(\w+)\s+(\d+\.\d+)$",
        r'(?P<ip>[\d.]+) \[(?P<when>[^\]]+)\] "(GET|POST) ([^"]*)"',
        r"(?i)error: (.*?)\b",
        r"(.)\1-[^\W\d]{2,}",
        r"a(?!b)|\d{4}-\d\d(?:T\d+)?",
    ],
)
def test_a_text_is_made_that_a_pattern_matches(pattern: str) -> None:
    made = [matching(pattern, random.Random(k)) for k in range(20)]
    assert len(set(made)) > 5
    assert all(text is not None and re.search(pattern, text) for text in made)


@pytest.mark.parametrize("pattern", ["(", "a(?=b)c", "x{3,1}"])
def test_no_text_is_made_of_a_pattern_that_matches_nothing(pattern: str) -> None:
    assert matching(pattern, random.Random(0)) is None


def test_what_has_few_elements_by_default_has_few_where_the_loop_is_timed() -> None:
    spec = {"t": "list", "elem": {"t": "str"}, "usual": 3}
    lengths = [len(Builder([], n).draft(spec, "keep")) for n in (9, 20_000)]
    assert lengths == [9, 14]


@pytest.mark.parametrize("name", TESTED)
def test_values_are_among_what_the_code_tests_for(name: str) -> None:
    code, change = TESTED[name]
    loop = "out = []\nfor _, row in df.iterrows():\n" + textwrap.indent(textwrap.dedent(code), "    ")
    before = CONSTANTS + body("df: pd.DataFrame", loop)
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


KEYED = {
    "two columns of keys, looked up one by one and all at once": (
        """
        stats = units.set_index("unit")
        out = []
        for _, atk in rows.iterrows():
            power = stats.loc[atk["by"], "power"] * (1.5 if atk["critical"] else 1.0)
            out.append(max(power - stats.loc[atk["on"], "armour"], 1))
        """,
        """
        stats = units.set_index("unit")
        power = stats.loc[rows["by"], "power"].values * np.where(rows["critical"].values, 1.5, 1.0)
        left = power - stats.loc[rows["{}"], "armour"].values
        out = [1 if v < 1 else v for v in left.tolist()]
        """,
        ("on", "by"),
    ),
    "a column under keys": (
        """
        rates = units.set_index("unit")["rate"]
        out = []
        for _, row in rows.iterrows():
            if rates[row["unit"]] > 20:
                out.append(row["amount"] * rates[row["unit"]])
        """,
        """
        rates = units.set_index("unit")["rate"]
        out = [a * rates[u] for a, u in zip(rows["amount"], rows["unit"]) if rates[u] {} 20]
        """,
        (">", ">="),
    ),
    "rows under two keys": (
        """
        rates = units.set_index(["zone", "weight"])
        out = []
        for row in rows.itertuples():
            out.append(row.amount * rates.loc[(row.zone, row.weight), "fee"])
        """,
        """
        fees = units.set_index(["zone", "weight"])["fee"]
        out = [a * fees[z, w] for a, z, w in zip(rows["amount"], rows["zone"], rows["weight"]{})]
        """,
        ("", "[::-1]"),
    ),
    "a column under keys, by its name": (
        """
        rates = units.set_index("unit").rate
        out = []
        for row in rows.itertuples():
            out.append(row.amount * rates.loc[row.unit])
        """,
        """
        rates = units.set_index("unit").rate
        out = [a * rates.loc[u] for a, u in zip(rows["amount"], rows["unit"]{})]
        """,
        ("", "[1:]"),
    ),
}


@pytest.mark.parametrize("name", KEYED)
def test_a_table_that_is_looked_up_by_keys_has_each_once(name: str) -> None:
    code, new, (right, wrong) = KEYED[name]
    before, *after = (body("rows, units", text) for text in (code, new.format(right), new.format(wrong)))
    needs = (
        "unique-keys",
        "plain-keys",
        "plain-columns",
        "plain-rows",
        "element-types",
        "empty-type",
        "numeric-columns",
    )
    found = judge(*(trial(key, before, text, needs) for key, text in zip(("same", "wrong"), after, strict=True)))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert found["same"].returned > found["same"].raised
    assert "keys:repeated" in found["same"].kinds
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_a_list_of_tables_stays_one_beside_another_in_a_list() -> None:
    code = "out = pd.concat([pd.DataFrame(), *frames]{})\nout = out[:3]"
    before, after = (body("frames: list[pd.DataFrame]", code.format(o)) for o in ("", ", ignore_index=True"))
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_what_windows_are_taken_of_is_no_table() -> None:
    """The new code reduces the windows row by row, and that says nothing about the array itself."""
    loop = "out = np.zeros(len(x))\nfor i in range(w, len(x)):\n    out[i] = np.max(x[i - w : i])"
    windows = "np.lib.stride_tricks.sliding_window_view(x, w)[:-1].max(axis=1)"
    array = f"out = np.zeros(len(x))\nif len(x) > w:\n    out[w:] = {windows}"
    before, after, late = (body("x: np.ndarray, w: int", c) for c in (loop, array, array.replace("[:-1]", "[1:]")))
    needs = ("positive-offsets", "numeric-arrays", "float64", "signed-zero")
    found = judge(trial("same", before, after, needs), trial("wrong", before, late, needs))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_what_rows_are_computed_with_is_no_table() -> None:
    """The new code computes with all rows at once, and reduces them: that makes a table of the matrix alone."""
    loop = "out = []\nfor i in range(len(m)):\n    out.append((m[i] * w).sum())"
    array = "out = list((m * w).sum(axis=1))"
    before, after, late = (body("m: np.ndarray, w: np.ndarray", c) for c in (loop, array, array.replace("* w", "+ w")))
    needs = ("numeric-matrices", "float64", "number-or-row", "float-order")
    found = judge(trial("same", before, after, needs), trial("wrong", before, late, needs))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


REACHED = {
    "a text of some length": (
        "rows",
        """
        for row in rows:
            out.append(row["name"] if len(row["name"]) <= 18 else {})
        """,
        ('row["name"][:17] + "."', 'row["name"][:17]'),
    ),
    "a part of a part of a path": (
        "paths",
        """
        for p in paths:
            name = os.path.basename(p)
            out.append({} if name.rsplit(".", 1)[-1].lower() == "jpg" else 0)
        """,
        ("1", "2"),
    ),
    "the root of a difference": (
        "df",
        """
        for row in df.itertuples():
            slope = (row.top - row.bottom) / row.length
            out.append(math.sqrt(slope) * {})
        """,
        ("2", "3"),
    ),
}


@pytest.mark.parametrize("name", REACHED)
def test_inputs_reach_what_only_a_few_values_reach(name: str) -> None:
    parameter, code, (right, wrong) = REACHED[name]
    made = (body(parameter, "out = []\n" + textwrap.dedent(code.format(v))) for v in (right, wrong))
    before, after = (f"import os\n\n\n{text}" for text in made)
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


def test_a_file_that_is_written_is_still_refused() -> None:
    writer = body("xs", "out = []\nwith open('a.txt', 'w') as file:\n    for x in xs:\n        file.write('1')")
    found = judge(trial("same", writer, writer))["same"]
    assert str(found.verdict) == "unverified" and "writes a file" in found.reason
