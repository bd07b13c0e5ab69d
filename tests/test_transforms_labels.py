"""Cells that are read and stored by label while a range counts the rows: labels in another order are followed."""

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

READS = """
    import pandas as pd
    def f(df):
        out = []
        for i in range({first}, len(df)):
            if df["a"][i] > df.loc[i - {first}, "b"]:
                out.append(df.at[i, "a"] * 2.5)
            else:
                out.append(0.5)
        return out
"""
STORES = """
    import pandas as pd
    def f(df):
        df["c"] = 0.0
        for i in range({first}, len(df)):
            if df["a"].iloc[i] > 0.2:
                df.loc[i, "c"] = df.loc[i - {first}, "b"] * 2.5
        return df
"""


def forms(code: str) -> list[tuple[Rewrite, str]]:
    source = SourceFile.from_bytes(Path("example.py"), textwrap.dedent(code).encode())
    tree = parse(source)
    found = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms]
    return [(form, place(source.text, tree, form.edits, form.imports).text) for form in found]


def vector(code: str) -> tuple[Rewrite, str]:
    return next((form, text) for form, text in forms(code) if form.tier is Tier.VECTOR)


def run(text: str, df: pd.DataFrame) -> Any:
    names: dict[str, Any] = {}
    exec(compile(textwrap.dedent(text), "example.py", "exec"), names)
    return names["f"](df.copy())


def frame(index: Any) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({"a": rng.normal(0, 1, len(index)), "b": rng.normal(0, 1, len(index))}, index=index)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("code", [READS, STORES])
@pytest.mark.parametrize("index", [range(7), [3, 0, 2, 1, 4], range(0), range(1)])
def test_labels_are_followed_in_their_order(code: str, first: int, index: Any) -> None:
    code = code.format(first=first)
    form, text = vector(code)
    assert "range-index" in {o.name for o in form.obligations}
    loop, new = run(code, frame(index)), run(text, frame(index))
    pd.testing.assert_frame_equal(pd.DataFrame(loop), pd.DataFrame(new), check_exact=True)


@pytest.mark.parametrize("index", [[0, 0, 1], ["a", "b", "c"]])
def test_labels_that_are_not_there_raise(index: Any) -> None:
    with pytest.raises(KeyError):
        run(vector(READS.format(first=0))[1], frame(index))


def test_a_label_before_the_first_is_no_label() -> None:
    assert not [f for f, _ in forms(READS.format(first=0).replace("i - 0", "i - 1")) if f.tier is Tier.VECTOR]


# ---------------------------------------------------------------- what is most likely a frame

GUESSED = """
    {imports}
    def f(df):
        out = []
        for v in {elements}:
            out.append(v * 2.5)
        df["twice"] = out
        return {result}
"""


def owed(elements: str = 'df["a"]', result: str = "df", imports: str = "import pandas") -> set[str]:
    found = forms(GUESSED.format(elements=elements, result=result, imports=imports))
    return {o.name for form, _ in found if form.tier is Tier.VECTOR for o in form.obligations}


def test_a_new_column_makes_a_frame_likely() -> None:
    assert "frame-columns" in owed()


def test_a_known_frame_is_no_guess() -> None:
    assert "frame-columns" not in owed(result="df.iloc[:3]")


@pytest.mark.parametrize("result", ["df.get('x')", "df.update(a=1)", "df.items()"])
def test_what_a_dict_has_speaks_for_a_dict(result: str) -> None:
    assert not owed(result=result)


def test_a_file_without_pandas_has_dicts() -> None:
    assert not owed(imports="import json")


def test_the_comprehension_that_holds_for_anything_stays_safe() -> None:
    found = forms(GUESSED.format(elements='df["a"]', result="df", imports="import pandas"))
    assert any(form.safe for form, _ in found)


ROWS = """
    import pandas as pd
    def f(df):
        out = []
        for i in df.index:
            row = df.loc[i]
            out.append({value})
        return out
"""


@pytest.mark.parametrize("value", ['row["a"]', 'row["a"] * 2', 'row["a"] + row["n"]', 'df.loc[i]["a"]'])
@pytest.mark.parametrize("number", [1, 1.5, True, "x"])
def test_a_row_found_by_its_label_is_of_one_type(value: str, number: object) -> None:
    code = ROWS.format(value=value).replace("(df)", "(df: pd.DataFrame)")
    for form, text in forms(code):
        df = pd.DataFrame({"a": [1, 2], "n": [3, 4], "b": [number] * 2}, index=["x", "y"])
        expected, found = run(code, df), run(text, df)
        assert expected == found
        excused = {"no-upcast", "element-types", "small-integers"} & {o.name for o in form.obligations}
        assert excused or [*map(type, expected)] == [*map(type, found)]


EMITS = """
    import pandas as pd
    def f(df: pd.DataFrame, emit):
        for i in {rounds}:
            {row}
            emit({value}["a"], {value}["b"])
"""
EMITTED = [
    ("df.index", "pass", "df.loc[i]", ["d", "e", "f"]),
    ("df.index", "row = df.loc[i]", "row", ["d", "e", "f"]),
    ("df.index", "row = df.loc[i]", "row", ["d", "e", "d"]),
    ("range(len(df))", "row = df.loc[i]", "row", [0, 1, 2]),
    ("range(len(df))", "row = df.loc[i]", "row", [2, 0, 1]),
    ("range(1, len(df))", "pass", "df.loc[i - 1]", [0, 1, 2]),
]


@pytest.mark.parametrize(("rounds", "row", "value", "labels"), EMITTED)
def test_rows_are_read_once_for_a_body_that_does_more(rounds: str, row: str, value: str, labels: list[object]) -> None:
    def emitted(text: str) -> list[object]:
        names: dict[str, Any] = {}
        exec(compile(textwrap.dedent(text), "example.py", "exec"), names)
        out: list[object] = []
        names["f"](pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]}, index=labels), lambda *x: out.append(repr(x)))
        return out

    code = EMITS.format(rounds=rounds, row=row, value=value)
    safe = [text for form, text in forms(code) if not form.obligations and form.tier is Tier.HOIST]
    assert len(safe) == 1
    assert emitted(safe[0]) == emitted(code)


CAUGHT = """
    import pandas as pd
    def heights(table: pd.DataFrame, df: pd.DataFrame):
        out = []
        for _, row in df.iterrows():
            out.append(row["p"] + table.loc[row["k"], "h"])
        return out
    def load(table, df):
        try:
            return heights(table, df)
        except {handler}:
            return {answer}
"""


@pytest.mark.parametrize(
    ("handler", "answer", "told"),
    [("KeyError", "None", False), ("KeyError as e", "str(e)", True), ("(ValueError, LookupError) as e", "e", True)],
)
def test_keys_are_looked_up_one_by_one_where_the_text_of_the_error_is_read(
    handler: str, answer: str, told: bool
) -> None:
    found = [form for form, _ in forms(CAUGHT.format(handler=handler, answer=answer)) if form.tier is Tier.LOOKUP]
    assert bool(found) != told
