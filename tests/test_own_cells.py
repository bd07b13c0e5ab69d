"""DL116: loops that read back the cells they stored, and those of them that have to stay."""

from __future__ import annotations

import textwrap
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite

START = 'df["c"] = 1.0\n'
KEPT = {
    "a root of a negative number raises": (
        'for i in range(1, len(df)):\n'
        '    df.at[i, "c"] = math.sqrt(df.at[i - 1, "c"])'
    ),
    "a zero of Python's raises": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] + a / b',
    "no row beyond the last": 'for i in range(len(df)):\n    df.at[i + 1, "c"] = df.at[i, "c"] + 1',
    "no label -1": 'for i in range(len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] + 1',
    "the other branch": (
        'for i in range(len(df)):\n'
        '    if i > 0:\n        pass\n    else:\n        df.at[i, "c"] = df.at[i - 1, "c"] + 1'
    ),
    "the first or": 'for i in range(len(df)):\n    if i > 0 or df.at[i - 1, "c"] > 0:\n        df.at[i, "c"] = 2.0',
    "the first round": 'for i in range(len(df)):\n    if i != 1:\n        df.at[i, "c"] = df.at[i - 1, "c"] + 1',
    "unbound at first": (
        'for i in range(1, len(df)):\n    if a > 3:\n        p = df.at[i, "x"]\n'
        '    df.at[i, "c"] = df.at[i - 1, "c"] + p'
    ),
    "somebody looks at the frame": (
        'for i in range(1, len(df)):\n'
        '    df.at[i, "c"] = df.at[i - 1, "c"] + 1\n    show(df)'
    ),
    "somebody is called": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] + 1\n    show()',
    "a truth value among numbers": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] > 1',
    "nothing among numbers": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] if a else None',
    "text and a number": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] if a else "none"',
    "halves in whole numbers": 'df["c"] = 1\nfor i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] / 2',
    "the row as it was": (
        'for i, row in df.iterrows():\n'
        '    if i > 0:\n        df.at[i, "c"] = df.at[i - 1, "c"] + row["c"]'
    ),
    "the row afterwards": (
        'for i, row in df.iterrows():\n    if i > 0:\n        df.at[i, "c"] = df.at[i - 1, "c"] + row["x"]\nprint(row)'
    ),
    "the row in a list": (
        'out = []\nfor i, row in df.iterrows():\n    if i > 0:\n        df.at[i, "c"] = df.at[i - 1, "c"] + 1\n'
        '        out.append(row["x"])'
    ),
    "a number of the row afterwards": (
        'last = 0.0\nfor i, row in df.iterrows():\n    last = row["x"]\n    if i > 0:\n'
        '        df.at[i, "c"] = df.at[i - 1, "c"] + last\nprint(last)'
    ),
    "rounded as Python does": (
        'for i, row in df.iterrows():\n    if i > 0:\n        df.at[i, "c"] = df.at[i - 1, "c"] + round(row["x"], 2)'
    ),
    "integers that grow": (
        'k = 1\nfor i in range(1, len(df)):\n    k = k * 10\n    df.at[i, "c"] = df.at[i - 1, "c"] + k'
    ),
    "integers that grow by one another": (
        'k = 1\nm = 1\nfor i in range(1, len(df)):\n    k, m = m, k + m\n    df.at[i, "c"] = df.at[i - 1, "c"] + k'
    ),
    "what a row of floats has made of integers": (
        'df["c"] = 0\nfor i in range(1, len(df)):\n    df.loc[i, "c"] = df.iloc[i - 1]["c"] + df.loc[i, "x"]'
    ),
    "what is read of a row in whole numbers": (
        'df["c"] = 0\nfor i in range(1, len(df)):\n    df.loc[i, "c"] = df.iloc[i]["x"] if a else df.loc[i - 1, "c"]'
    ),
    "text that is read of a row": (
        'df["s"] = np.nan\nfor i in range(1, len(df)):\n'
        '    df.loc[i, "s"] = "b" if df.at[i, "x"] > 1 else df.iloc[i - 1]["s"]'
    ),
    "a truth value that is read of a row": (
        'df["s"] = np.nan\nfor i in range(1, len(df)):\n    if df.iloc[i - 1]["s"]:\n        df.loc[i, "s"] = False'
    ),
    "another frame": 'for i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] + other.at[i, "x"]',
    "a return in the middle": (
        'for i in range(1, len(df)):\n'
        '    df.at[i, "c"] = df.at[i - 1, "c"] + 1\n    if a:\n        return df'
    ),
}  # fmt: skip


HEAD = "import math\n\nimport numpy as np\nimport pandas as pd\n\n\ndef f(df: pd.DataFrame, other, a, b, show):\n"


def forms_of(body: str) -> tuple[SourceFile, list[tuple[Rewrite, str]]]:
    """A function with that body, and what this rule makes of it: the form, and the text with it."""
    text = f"{HEAD}{textwrap.indent(START + body, '    ')}\n    return df\n"
    source = SourceFile.from_bytes(Path("x.py"), text.encode())
    tree = parse(source)
    found = [form for site in scan(source, Project(), tree=tree) for form in site.forms if form.rule.code == "DL116"]
    return source, [(form, place(source.text, tree, form.edits, form.imports).text) for form in found]


@pytest.mark.parametrize("name", KEPT)
def test_has_to_stay(name: str) -> None:
    assert forms_of(KEPT[name])[1] == []


@pytest.mark.parametrize("step", ["k + 2", "max(k, 3)", "k * 0.5 + df.at[i, 'x']", "k - df.at[i, 'x']"])
def test_a_state_that_does_not_grow_may_stay(step: str) -> None:
    code = f'k = 1.0\nfor i in range(1, len(df)):\n    k = {step}\n    df.at[i, "c"] = df.at[i - 1, "c"] + k'
    assert len(forms_of(code)[1]) == 1


def test_the_bar_that_shows_the_rounds_stays() -> None:
    store = 'df.at[i, "c"] = df.at[i - 1, "c"] + row["x"]'
    loop = f"for i, row in tqdm(df.iterrows(), total=len(df)):\n    if i > 0:\n        {store}"
    ((_, after),) = forms_of(f"from tqdm import tqdm\n{loop}")[1]
    assert "for i in tqdm(range(len(df)), total=len(df)):" in after


STEP = 'df.at[i, "c"] = df.at[i - 1, "c"] * a + df.at[i, "x"]'
WAYS = {
    "positions": f"for i in range(1, len(df)):\n    {STEP}",
    "labels": f"for i in df.index:\n    if i > 0:\n        {STEP}",
    "rows": (
        'for i, row in df.iterrows():\n'
        '    if i == 0:\n        continue\n    df.loc[i, "c"] = df.loc[i - 1, "c"] - row["x"]'
    ),
    "by label": 'for i in range(1, len(df)):\n    df.loc[df.index[i], "c"] = df["c"].iloc[i - 1] / df["x"].iloc[i]',
    "wraps": 'for i in range(len(df)):\n    df.loc[df.index[i], "c"] = df["c"].iloc[i - 1] + df.iloc[i]["x"]',
    "added to": 'for i in range(1, len(df)):\n    df.iloc[i, df.columns.get_loc("c")] += df["c"].iloc[i - 1]',
    "whole": 'df["c"] = 0\nfor i in range(1, len(df)):\n    df.at[i, "c"] = df.at[i - 1, "c"] + df.at[i, "x"]',
    "text": (
        'df["c"] = "a"\n'
        'for i in range(1, len(df)):\n    df.at[i, "c"] = "b" if df.at[i, "x"] > 1 else df.at[i - 1, "c"]'
    ),
    "flags": 'df["c"] = False\nfor i in range(1, len(df)):\n    df.at[i, "c"] = not df.at[i - 1, "c"]',
    "not the first": (
        'for i in range(len(df)):\n    if i > 0 and df.at[i - 1, "c"] > 0:\n'
        '        df.at[i, "c"] = df.at[i - 1, "c"] / 2 + df.at[i, "x"]'
    ),
    "backwards": 'for i in range(len(df) - 2, -1, -1):\n    df.loc[i, "c"] = df.loc[i + 1, "c"] + df.loc[i, "x"]',
}  # fmt: skip
LABELS: dict[str, Any] = {
    "plain": None, "others": [3, 2, 1, 0], "repeated": [0, 0, 1, 1], "text": list("abcd"),
    "floats": [0.0, 1.0, 2.0, 3.0],
}  # fmt: skip
VALUES: dict[str, Any] = {
    "floats": [1.5, np.nan, 0.0, -2.0], "ints": [1, 2, 3, 4], "flags": [True, False, True, True], "text": list("abcd"),
    "objects": [1, 2.5, None, 4], "narrow": np.array([1, 2, 3, 4], "float32"), "large": [2**60 + 1, 1, 2, 3],
    "nullable": pd.array([1, None, 3, 4], "Int64"),
}  # fmt: skip


@cache
def compiled(text: str) -> CodeType:
    return compile(text, "x.py", "exec")


def outcome(text: str, frame: pd.DataFrame, factor: object) -> object:
    """What a version does to a frame: the frame afterwards, and the exception."""
    names: dict[str, Any] = {}
    exec(compiled(text), names)
    try:
        names["f"](frame, None, factor, 1, None)
    except Exception as e:
        return type(e), frame
    return None, frame


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("way", WAYS)
def test_does_the_same(way: str, labels: str) -> None:
    source, ((form, after),) = forms_of(WAYS[way])
    assert form.safe and after != source.text
    factors = (0.5, 3, True, "no") if "* a" in WAYS[way] else (0.5,)  # else nobody reads it
    for values in VALUES.values():
        for other in ([1, 2, 3, 4], ["u", "v", "w", "x"]):
            for factor in factors:
                made = pd.DataFrame({"x": values, "other": other}, index=LABELS[labels])
                for n in (4, 1, 0):
                    (e, one), (f, two) = (outcome(text, made.head(n).copy(), factor) for text in (source.text, after))
                    assert e is f, (e, f, made)
                    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("columns", [["x", "x", "c"], ["x", "c", "c"], ["c", "x", "y"]])
@pytest.mark.parametrize("way", ["positions", "by label", "text", "added to"])
def test_columns_of_the_same_name_go_through_the_loop(way: str, columns: list[str]) -> None:
    source, ((_, after),) = forms_of(WAYS[way])
    made = pd.DataFrame([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], columns=columns)
    (e, one), (f, two) = (outcome(text, made.copy(), 2.0) for text in (source.text, after))
    assert e is f
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.parametrize("odd", [[1], (1, 2), None, 3, np.nan])
def test_what_is_no_text_stays_what_it_is(odd: object) -> None:
    store = 'df.at[i, "s"] = "b" if df.at[i, "x"] > 9 else df.at[i, "s"]'
    body = f"for i in range(1, len(df)):\n    {store}"
    source, ((_, after),) = forms_of(body)
    made = pd.DataFrame({"x": [1.0, 2.0, 3.0], "s": pd.Series([odd] * 3, dtype=object)})
    (_, one), (_, two) = (outcome(text, made.copy(), 2.0) for text in (source.text, after))
    assert [*map(repr, one["s"])] == [*map(repr, two["s"])] == [repr(odd)] * 3
