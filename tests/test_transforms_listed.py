"""Columns as lists: what a comprehension goes over, and dictionaries that are looked up in."""

from __future__ import annotations

import textwrap

import pytest

from fuzzing.judge import forms

HEAD = "import pandas as pd\n\n\n"


def found(code: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Rule, new code and the names of what is assumed, of each form."""
    text = HEAD + textwrap.dedent(code).strip("\n") + "\n"
    return [(f.rewrite.rule.code, f.text, tuple(o.name for o in f.rewrite.obligations)) for f in forms(text)[1]]


def loop(header: str, element: str, parameters: str) -> str:
    return f"def f({parameters}):\n    out = []\n    for {header}:\n        out.append({element})\n    return out\n"


@pytest.mark.parametrize(
    "header, element, parameters, new",
    [
        ("k in s", "d[k]", "s: pd.Series, d", "[d[k] for k in s.tolist()]"),
        ("k in df['a']", "d.get(k, 0)", "df: pd.DataFrame, d", "[d.get(k, 0) for k in df['a'].tolist()]"),
        (
            "k, n in zip(df['a'], names)",
            "d[k], n",
            "df: pd.DataFrame, d, names: list",
            "[(d[k], n) for k, n in zip(df['a'].tolist(), names)]",
        ),
        ("i, k in enumerate(s)", "d[k] + i", "s: pd.Series, d", "[d[k] + i for i, k in enumerate(s.tolist())]"),
    ],
)
def test_a_comprehension_over_a_column_may_go_over_a_list(header: str, element: str, parameters: str, new: str) -> None:
    if ", n" in element:
        element = f"({element})"
    comprehensions = [(text, owed) for rule, text, owed in found(loop(header, element, parameters)) if rule == "DL201"]
    (safe, nothing), (faster, owed) = comprehensions
    assert nothing == () and ".tolist()" not in safe
    assert "numpy-columns" in owed and new in faster


@pytest.mark.parametrize(
    "header, parameters",
    [
        ("k in names", "names: list, d"),  # a list has no `tolist`
        ("k in names", "names, d"),
        ("k in df['a'].values", "df: pd.DataFrame, d"),  # elements of an array are NumPy's
        ("k in s.index", "s: pd.Series, d"),
    ],
)
def test_other_iterables_stay(header: str, parameters: str) -> None:
    assert all(".tolist()" not in text for rule, text, _ in found(loop(header, "d[k]", parameters)) if rule == "DL201")


def apply(function: str, parameters: str = "s: pd.Series, d: dict") -> str:
    return f"def f({parameters}):\n    return s.map({function})\n"


def test_get_of_a_dict_is_called_itself() -> None:
    ((rule, text, owed),) = found(apply("lambda k: d.get(k)"))
    assert rule == "DL602" and "s.map(d.get)" in text and owed == ()


@pytest.mark.parametrize(
    "code",
    [
        apply("lambda k: d.get(k)", "s: pd.Series, d"),  # a Series has another `get`
        apply("lambda k, e=1: d.get(k)"),
        apply("lambda k: d.get(e)"),
        apply("lambda d: d.get(d)"),
        apply("lambda k: d.get(k), na_action='ignore'"),
    ],
)
def test_other_calls_of_get_stay(code: str) -> None:
    assert all("s.map(d.get)" not in text for _, text, _ in found(code))


def test_a_key_that_is_not_there_keeps_its_none() -> None:
    """`np.array` of floats and None holds objects, where `map` gives floats and NaN."""
    code = "def f(df: pd.DataFrame, d: dict):\n    df['p'] = df['a'].map(lambda k: d.get(k))\n    return df\n"
    assert all("np.array" not in text for _, text, _ in found(code))
