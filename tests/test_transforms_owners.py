"""Which table an array was taken out of, and so is as long as."""

from __future__ import annotations

import ast

import pytest

from deloop.loops.context import FileContext, SiteContext
from deloop.loops.header_rows import inv
from deloop.transforms.lanes.owners import owner_of

CODE = """
import numpy as np
import pandas as pd


def f(table: np.ndarray, df: pd.DataFrame):
    x = {}
    {}
    for i in range(len(table)):
        print(x[i])
"""


def owner(made: str, then: str = "pass") -> str:
    code = CODE.format(made, then)
    tree = ast.parse(code)
    loop = next(n for n in ast.walk(tree) if isinstance(n, ast.For))
    site = SiteContext.build(FileContext.build("f.py", code, tree), loop)
    return owner_of(site, inv(ast.Name("x", ast.Load())))


@pytest.mark.parametrize("made", ["table[:, 0]", "table[:, 1]"])
def test_a_column_of_a_matrix_is_as_long_as_the_matrix(made: str) -> None:
    assert owner(made) == "table"


def test_a_column_of_a_frame_is_as_long_as_the_frame() -> None:
    assert owner('df["a"].to_numpy()') == "df"


@pytest.mark.parametrize("made", ["table[1:, 0]", "table[0, :]", "table[:, 0:1]", "table[:, None]", "df[:, 0]"])
def test_other_parts_are_on_their_own(made: str) -> None:
    assert owner(made) == "x"


@pytest.mark.parametrize("then", ["table = table[1:]", "x = x[1:]"])
def test_a_matrix_or_a_column_that_is_bound_anew_is_another(then: str) -> None:
    assert owner("table[:, 0]", then) == "x"
