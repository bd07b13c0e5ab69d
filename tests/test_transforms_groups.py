"""Groups: what is owed where pandas makes groups that no loop visits."""

from __future__ import annotations

import textwrap

import pytest

from fuzzing.judge import forms

GROUPS = """
    import pandas as pd

    def f(df: pd.DataFrame, by):
        out = []
        for key, part in df.groupby({by}):
            out.append(len(part))
        return out
"""


def owed(text: str) -> set[str]:
    found = [f for f in forms(textwrap.dedent(text).strip() + "\n")[1] if f.rewrite.rule.code == "DL512"]
    assert found
    return {o.name for o in found[0].rewrite.obligations}


def test_sizes_of_the_groups_of_a_column_are_exact() -> None:
    assert owed(GROUPS.format(by="'shop'")) == set()


@pytest.mark.parametrize("by", ["['shop', 'month']", "by"])
def test_categories_are_ruled_out_where_several_columns_are_grouped_by(by: str) -> None:
    # pandas 2 counts combinations of categories that no row has, but does not iterate them
    assert "numpy-columns" in owed(GROUPS.format(by=by))


def test_what_reads_nothing_of_the_group_beside_what_does() -> None:
    # adgirish/kaggleScape, script46.py: the whole file was lost
    text = """
        import pandas as pd

        def f(songs: pd.DataFrame):
            sums, ones = [], []
            for language in songs["language"].unique():
                part = songs[songs["language"] == language]
                sums.append(part["plays"].sum())
                ones.append(1)
            return sums, ones
    """
    found = forms(textwrap.dedent(text).strip() + "\n")[1]
    assert "DL511" in {f.rewrite.rule.code for f in found}
