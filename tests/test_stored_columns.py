"""Columns that are stored into cell by cell: the inputs that they are tried on, and who reads what was stored."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from equivalence_help import body, judge, trial

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Finding
from deloop.codemods.place import place
from deloop.equivalence.child.drafts import Column, Table
from deloop.equivalence.child.unfit import UNFIT, unfit
from deloop.equivalence.infer import parameters
from deloop.equivalence.model import Trial, Verdict
from deloop.equivalence.outline import outlines
from deloop.loops.obligations import Obligation
from deloop.loops.remarks import Reason
from deloop.sources.files import SourceFile, parse

FLAGGED = """
for i, row in df.iterrows():
    if row["days"] > 14:
        df.at[i, "late"] = 1
"""


def finding(code: str) -> tuple[Finding, SourceFile, ast.Module]:
    text = "import pandas as pd\n\n\ndef f(df: pd.DataFrame):\n" + textwrap.indent(code.strip("\n"), "    ")
    source = SourceFile.from_bytes(Path("f.py"), (text + "\n    return df\n").encode())
    tree = parse(source)
    (found,) = scan(source, Project(), tree=tree)
    return found, source, tree


def test_a_column_that_is_only_stored_into_may_be_there() -> None:
    before = body("df: pd.DataFrame", FLAGGED, "df")
    given = trial("flagged", before, before.replace("> 14", "> 15"))
    outline = next(outlines(given))
    (df,) = parameters(outline, {})
    assert df["spec"]["cols"]["late"] == {"t": "num", "value": 1, "flags": ["optional column"]}
    assert "optional column" not in df["spec"]["cols"]["days"].get("flags", [])


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (FLAGGED, ("> 14", ">= 14")),
        (
            'for i, row in df.iterrows():\n    if row["name"] == "Mme":\n        df.at[i, "name"] = "Mrs"',
            ("Mme", "Mlle"),
        ),
        ('for row in df.itertuples():\n    if row.age < 0:\n        df.at[row.Index, "age"] = 0', ("< 0", "<= 1")),
        (
            'for i, row in df.iterrows():\n    if row["home"] == team and row["season"] == year:\n'
            '        df.at[i, "home"] = "up"\n    if row["away"] == team:\n        df.at[i, "away"] = "up"',
            ("away", "home"),
        ),
    ],
    ids=["flag", "recode", "clip", "two"],
)
def test_cells_of_rows_are_stored_all_at_once_and_that_is_verified(code: str, wrong: tuple[str, str]) -> None:
    signature = "df: pd.DataFrame, team: str, year: int" if "team" in code else "df: pd.DataFrame"
    before = "import numpy as np\nimport pandas as pd\n\n\n" + body(signature, code, "df")
    source = SourceFile.from_bytes(Path("f.py"), before.encode())
    tree = parse(source)
    (found,) = scan(source, Project(), tree=tree)
    form = found.forms[0]
    assert form.rule.code == "DL105" and form.tier.label == "vector", found.message
    after = place(before, tree, form.edits, form.imports).text
    new = ast.parse(after).body[-1].body  # type: ignore[attr-defined]
    lines = (found.line, found.end_line), (new[0].lineno, new[-2].end_lineno)
    given = Trial("right", before, after, *lines, obligations=form.obligations)
    bent = Trial("wrong", before, after.replace(*wrong), *lines, obligations=form.obligations)
    evidence = judge(given, bent)
    assert evidence["right"].verdict is Verdict.VERIFIED, evidence["right"]
    assert evidence["wrong"].verdict is Verdict.REFUTED, evidence["wrong"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            'for i, row in df.iterrows():\n    df.at[i, "a"] = 0\n    if row["a"] > 1:\n        df.at[i, "b"] = 1',
            """`row['a']` may be read after its cell was stored in line 6""",
        ),
        (
            'for i, row in df.iterrows():\n    t = row["a"]\n    df.at[i, "a"] = t\n    df.at[i, "b"] = t',
            "`df['a']` is read for a store behind one into it",
        ),
        (
            'for row in df.itertuples():\n    t = row.a\n    df.at[row.Index, "a"] = 0\n    df.at[row.Index, "b"] = t',
            "`df['a']` is read for a store behind one into it",
        ),
        (
            'for k, (i, row) in enumerate(df.iterrows()):\n    df.iloc[k, df.columns.get_loc("a")] = 0\n'
            '    if row["a"] > 1:\n        df.at[i, "b"] = 1',
            """`row['a']` may be read after its cell was stored in line 6""",
        ),
        (
            'for k, (i, row) in enumerate(df.iterrows()):\n    df.at[i, "a"] = 0\n'
            '    if df["a"].iloc[k] > 1:\n        df.at[i, "b"] = row["c"]',
            "`df['a'].iloc[k]` is read while the loop changes `df`",
        ),
        (
            'for i, row in df.iterrows():\n    df.at[i, "a"] = 0\n'
            '    if df.at[i, "a"] > 1:\n        df.at[i, "b"] = row["c"]',
            "`df.at[i, 'a']` is read while the loop changes `df`",
        ),
    ],
    ids=["read-later", "value", "tuple", "by-number", "by-position", "by-label"],
)
def test_what_is_read_of_cells_that_were_stored_is_left_to_the_loop(code: str, message: str) -> None:
    found = finding(code)[0]
    assert not any(form.rule.code == "DL105" for form in found.forms)
    assert found.forms or (found.refusal and found.refusal.reason, found.message) == (Reason.MUTATES_INPUT, message)


def test_branches_that_exclude_one_another_read_before_they_store() -> None:
    code = (
        'for i, row in df.iterrows():\n    if row["a"] > 1:\n        df.at[i, "a"] = 0\n'
        '    elif row["a"] < -1:\n        df.at[i, "a"] = 9'
    )
    found, source, tree = finding(code)
    text = place(source.text, tree, found.forms[0].edits, found.forms[0].imports).text
    frames = [pd.DataFrame({"a": [2.0, -2.0, 0.0, 9.0]}) for _ in range(2)]
    for code, frame in zip((source.text, text), frames, strict=True):
        space: dict[str, Any] = {}
        exec(compile(code, "f.py", "exec"), space)
        space["f"](frame)
    assert found.forms[0].tier.label == "vector"
    pd.testing.assert_frame_equal(*frames)
    assert list(frames[0]["a"]) == [0.0, 9.0, 0.0, 0.0]


def test_a_missing_column_or_one_of_another_type_breaks_what_the_form_assumes() -> None:
    frame = Table("frame", {"days": Column([1, 2], "int", {"t": "int"}, "days")}, {"t": "frame"})
    request = {"stored": [("df", "late", False)]}
    assert unfit(request, {"df": frame}, None) == {"columns:missing"}
    assert unfit({"stored": [("df", "days", False)]}, {"df": frame}, None) == set()
    assert unfit({}, {"df": frame}, TypeError("Invalid value 'up' for dtype 'float64'")) == {UNFIT}
    assert unfit({}, {"df": frame}, ValueError("unknown")) == set()
    assert Obligation("columns-stored").broken_by(UNFIT)


NAMED = """
for i, v in df["points"].items():
    if v < 0:
        df.at[i, column] = 0
"""


def test_a_column_that_a_variable_names_may_be_there() -> None:
    """The loop makes it only when it stores into it; what stores whole columns takes for granted that it is there."""
    before = body("df: pd.DataFrame, column: str", NAMED, "df")
    after = body("df: pd.DataFrame, column: str", 'df.loc[df["points"].values < 0, column] = 0', "df")
    outline = next(outlines(trial("named", before, after)))
    specs = {one["name"]: one["spec"] for one in parameters(outline, {})}
    assert specs["df"]["cols"]["column"]["flags"] == ["optional column"]
    assert specs["column"]["value"] == "column"
    stored = Obligation("columns-stored", ("df[column]",))
    unique = Obligation("unique-index", ("df.index",))
    found = judge(replace(trial("named", before, after), obligations=(stored, unique)))["named"]
    assert found.verdict is Verdict.VERIFIED, found.reason
    assert found.excused
    wrong = replace(trial("wrong", before, after.replace("< 0", "<= 0")), obligations=(stored, unique))
    assert judge(wrong)["wrong"].verdict is Verdict.REFUTED
