"""Membership in a list: a set in its place only where the list stays the same, whatever it is called."""

from __future__ import annotations

import textwrap

import pytest

from fuzzing.judge import forms

SAME = [
    # a list of its own may be searched while other containers change, and unknown functions run
    """
    def f(words, other, note):
        stop = sorted(other)
        out = []
        for w in words:
            if w not in stop:
                out.append(note(w))
        return out
    """,
    # a frame that changes is no list
    """
    import pandas as pd

    def f(df: pd.DataFrame, names: list):
        for i, row in df.iterrows():
            if row["name"] in names:
                df.at[i, "flag"] = 1
        return df
    """,
]
CHANGES = [
    # the list under another name
    """
    def f(words, names: list):
        other = names
        for w in words:
            if w in names:
                other.append(w)
    """,
    """
    def f(words):
        names = ["a", "b", "c", "d", "e"]
        other = names
        for w in words:
            if w not in names:
                other.append(w)
        return names
    """,
    # two parameters may be one list
    """
    def f(words, stop: list, out: list):
        for w in words:
            if w not in stop:
                out.append(w)
    """,
    # an inner function knows the list
    """
    def f(words, other):
        names = list(other)
        def note(w):
            names.append(w)
        for w in words:
            if w not in names:
                note(w)
        return names
    """,
    # an object that the list was given to
    """
    def f(words, other, keep):
        names = list(other)
        box = keep(names)
        for w in words:
            if w not in names:
                box.note(w)
        return names
    """,
    # a generator that runs between the rounds
    """
    def f(source, names: list):
        found = []
        for w in source.words(names):
            if w in names:
                found.append(w)
        return found
    """,
    # `in` asks the labels of a Series
    """
    import pandas as pd

    def f(words, names: pd.Series):
        n = 0
        for w in words:
            if w in names:
                n += len(w)
        return n
    """,
]


def codes(text: str) -> set[str]:
    return {form.rewrite.rule.code for form in forms(textwrap.dedent(text).strip() + "\n")[1]}


@pytest.mark.parametrize("text", SAME)
def test_a_set_for_a_list_that_stays(text: str) -> None:
    assert "DL304" in codes(text)


@pytest.mark.parametrize("text", CHANGES)
def test_no_set_for_what_may_change(text: str) -> None:
    assert "DL304" not in codes(text)
