"""Frames of other libraries are called what those of pandas are called, and have some of the same methods."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from equivalence_help import body, judge, trial

from deloop.codemods.engine import Project, scan
from deloop.equivalence.child.stubs import Duck, nothing_for
from deloop.equivalence.model import Verdict
from deloop.loops.context import FileContext
from deloop.proposals.model import evidence_text
from deloop.sources.files import SourceFile

LOOP = """
def work(df: {note}):
    out = []
    for i in range(len(df)):
        out.append(df["a"][i] * 2)
    return out
"""


def forms(head: str, loop: str) -> list[str]:
    source = SourceFile.from_bytes(Path("work.py"), (head + textwrap.dedent(loop)).encode())
    (finding,) = scan(source, Project())
    return [f"{form.tier.name} {[o.name for o in form.obligations]}" for form in finding.forms]


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("import polars as pl\n", "pl.DataFrame"),
        ("import polars as pl\n", "'pl.DataFrame'"),
        ("from pyspark.sql import DataFrame\n", "DataFrame"),
        ("import cudf\n", "cudf.DataFrame"),
        ("import modin.pandas as pd\n", "pd.DataFrame"),
        ("class DataFrame: ...\n", "DataFrame"),
        ("import other\nDataFrame = other.Frame\n", "DataFrame"),
        ("try:\n    from cudf import DataFrame\nexcept ImportError:\n    from pandas import DataFrame\n", "DataFrame"),
    ],
)
def test_a_frame_of_another_library_is_none_of_pandas(head: str, note: str) -> None:
    found = [form for form in forms(head, LOOP.format(note=note)) if form.startswith("VECTOR")]
    # a guess, which is named, or code that asks for the type
    assert all("frame-columns" in form or form.endswith("[]") for form in found)


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("import pandas as pd\n", "pd.DataFrame"),
        ("import pandas\n", "'pandas.DataFrame'"),
        ("from pandas.core.frame import DataFrame as DataFrame\n", "DataFrame"),
        ("from .types import DataFrame\n", "DataFrame"),
        ("", "'pd.DataFrame'"),
    ],
)
def test_one_of_pandas_is(head: str, note: str) -> None:
    assert any(form.startswith("VECTOR") for form in forms(head, LOOP.format(note=note)))


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("import pandas as pd\n", True),
        ("import torch\n", True),
        ("import polars as pl\n", False),
        ("import os, polars as pl\n", False),
        ("def late():\n    from dask import dataframe\n\n", False),
    ],
)
def test_use_gives_a_frame_away_only_where_no_other_library_has_such(head: str, known: bool) -> None:
    text = head + "def work(df):\n    return df.columns, df['a']\n"
    tree = ast.parse(text)
    file = FileContext.build("work.py", text, tree)
    returned = tree.body[-1].body[0].value.elts[0].value  # type: ignore[attr-defined]
    kind = file.kinds.of(returned, file.scopes.scope_of[tree.body[-1].body[0]])  # type: ignore[attr-defined]
    assert (kind is not None and kind.name == "frame") == known


def test_positions_in_a_frame_that_may_be_of_another_library_are_an_assumption() -> None:
    loop = LOOP.format(note="object").replace('df["a"][i]', 'df["a"].iloc[i]')
    assert all("frame-columns" in form for form in forms("import cudf\n", loop) if not form.startswith("COMPREHENSION"))


@pytest.mark.parametrize("condition", ["found is not None", "found", "len(found) > 0"])
def test_a_function_that_is_not_there_may_find_nothing(condition: str) -> None:
    head = "from somewhere import look_up\n\n"
    before = body(
        "keys", f"out = []\nfor k in keys:\n    found = look_up(k)\n    if {condition}:\n        out.append(found)"
    )
    after = body("keys", f"out = [found for k in keys if (lambda found: {condition})(found := look_up(k))]")
    assert judge(trial("k", head + before, head + after))["k"].verdict is Verdict.VERIFIED
    wrong = body("keys", "out = [look_up(k) for k in keys]")
    assert judge(trial("k", head + before, head + wrong))["k"].verdict is not Verdict.VERIFIED


def test_what_is_missing_is_what_is_asked_for() -> None:
    assert nothing_for("found is not None")() is None
    assert nothing_for("len(found) > 0")() == []


def test_an_object_that_hands_out_its_numbers_hands_out_several() -> None:
    import numpy as np

    column = Duck("df")["a"]
    assert np.asarray(column.to_numpy()).shape == np.asarray(column.values).shape == (7,)
    assert np.asarray(column).shape == ()
    assert np.isfinite(np.asarray(column.to_numpy(dtype=float))).all()


def test_a_name_that_a_text_is_joined_to_is_a_folder() -> None:
    before = body("root, names", "out = []\nfor n in names:\n    out.append((root / n).stem)")
    after = body("root, names", "out = [(root / n).stem for n in names]")
    assert judge(trial("k", before, after))["k"].verdict is Verdict.VERIFIED
    wrong = after.replace("root / n)", "root / n / n)")
    assert judge(trial("k", before, wrong))["k"].verdict is not Verdict.VERIFIED


def test_what_a_function_returns_is_meant_as_where_it_is_defined() -> None:
    head = "from polars import DataFrame\n\ndef make() -> DataFrame: ...\n\n"
    loop = """
def work():
    from pandas import DataFrame
    df = make()
    out = []
    for x in df["a"]:
        out.append(x * 2)
    return out, DataFrame
"""
    assert not any(form.startswith("VECTOR") for form in forms(head, loop))


def test_the_line_of_evidence_names_the_functions_that_could_not_be_run() -> None:
    head = "import somewhere\nfrom tqdm import tqdm\n\n"
    before = body("keys", "out = []\nfor k in tqdm(keys):\n    out.append(somewhere.look_up(k))")
    after = body("keys", "out = [somewhere.look_up(k) for k in tqdm(keys)]")
    found = judge(trial("k", head + before, head + after))["k"]
    assert evidence_text(found).endswith("with stand-ins for somewhere.look_up)")
    plain = judge(
        trial("k", body("xs", "out = []\nfor x in xs:\n    out.append(x)"), body("xs", "out = [x for x in xs]"))
    )
    assert "stand-in" not in evidence_text(plain["k"])
