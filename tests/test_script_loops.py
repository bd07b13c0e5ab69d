"""Loops of scripts: what is read, counted and filled in their ways."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Finding, Status
from deloop.codemods.place import place
from deloop.loops.remarks import Reason
from deloop.sources.files import SourceFile
from deloop.transforms.base import Rewrite


def finding(code: str) -> Finding:
    """The one finding in a piece of code."""
    data = textwrap.dedent(code).encode()
    (found,) = scan(SourceFile.from_bytes(Path("example.py"), data), Project())
    return found


def rewritten(code: str) -> list[tuple[Rewrite, str]]:
    """Each form of the one loop, and the code with it in its place."""
    text = textwrap.dedent(code)
    tree = ast.parse(text)
    (found,) = scan(SourceFile.from_bytes(Path("example.py"), text.encode()), Project(), tree=tree)
    return [(form, place(text, tree, form.edits, form.imports).text) for form in found.forms]


def called(text: str, *arguments: object) -> object:
    names: dict[str, object] = {}
    exec(compile(text, "example.py", "exec"), names)
    return names["f"](*arguments)  # type: ignore[operator]


BY_NUMBER = """
    import pandas as pd

    def f(df: pd.DataFrame):
        for i in range(len(df)):
            if df.iloc[i, {read}] == 2:
                df.iloc[i, 0] = df.iloc[i, 0] + 10
        return df
"""


def test_columns_read_by_number_are_pulled_out_beside_others_that_are_stored() -> None:
    forms = rewritten(BY_NUMBER.format(read=1))
    assert forms
    for form, text in forms:
        assert not form.obligations
        frame = pd.DataFrame({"a": [1, 2, 3], "b": [2, 5, 2]})
        assert called(text, frame).equals(pd.DataFrame({"a": [11, 2, 13], "b": [2, 5, 2]}))  # type: ignore[attr-defined]


@pytest.mark.parametrize("read", ["0", "-2", "'b'"])
def test_a_column_that_may_be_the_stored_one_stays(read: str) -> None:
    found = finding(BY_NUMBER.format(read=read))
    assert not found.forms


def test_a_store_by_name_beside_reads_by_number_may_be_the_same_column() -> None:
    code = BY_NUMBER.format(read=1).replace("df.iloc[i, 0] = df.iloc[i, 0] + 10", "df.loc[i, 'b'] = 3")
    assert not finding(code).forms


LISTS = """
    import numpy as np

    def f(a, b):
        xs, ys = list(a), list(b)
        error = 0
        for i in range(len(xs)):
            error += abs(xs[i] - ys[i]) / ys[i]
        return error
"""


def test_lists_of_numbers_are_summed_in_the_order_of_the_loop() -> None:
    ((form, text),) = rewritten(LISTS)
    assert "numeric-lists" in {o.name for o in form.obligations}
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=999), rng.normal(size=999)
    assert called(text, a, b) == called(textwrap.dedent(LISTS), a, b)
    assert called(text, [], []) == 0


def test_a_temporary_of_some_rounds_is_no_state() -> None:
    code = """
        def f(groups, size):
            found = []
            for xs in groups:
                means = {}
                for i in range(len(xs)):
                    if i > 0:
                        start = max(i - size, 0)
                        means[i] = sum(xs[start:i])
                    else:
                        means[i] = 0
                found.append(means)
            return found
    """
    data = textwrap.dedent(code)
    found = scan(SourceFile.from_bytes(Path("example.py"), data.encode()), Project())
    inner = next(x for x in found if x.line == 6)
    assert inner.status is Status.PROPOSAL
    other = data.replace("means[i] = 0", "means[i] = start")
    (inner,) = (x for x in scan(SourceFile.from_bytes(Path("e.py"), other.encode()), Project()) if x.line == 6)
    assert inner.refusal is not None and inner.refusal.reason is Reason.CARRIED_STATE


@pytest.mark.parametrize(("times", "assumed"), [("3", False), ("len(xs)", False), ("lag", True)])
def test_a_list_several_times_is_a_list(times: str, assumed: bool) -> None:
    code = f"""
        def f(xs, lag):
            out = [0.5] * {times}
            for i in range(lag, len(xs)):
                out.append(xs[i].weight)
            return out
    """
    names = {o.name for form, _ in rewritten(code) for o in form.obligations}
    assert ("scalars" in names) is assumed


def test_a_list_times_what_may_be_an_array_is_left_alone() -> None:
    code = """
        def f(xs, shape):
            out = [0.5] * shape
            for x in xs:
                out.append(x.weight)
            return out
    """
    assert finding(code).refusal is not None


def test_objects_are_stored_whole() -> None:
    code = """
        import numpy as np

        def f(lines):
            out = np.empty(len(lines), dtype=object)
            for i in range(len(lines)):
                out[i] = lines[i].split()
            return out
    """
    for _, text in rewritten(code):
        assert called(text, ["a b", "c d"]).tolist() == [["a", "b"], ["c", "d"]]  # type: ignore[attr-defined]
    assert rewritten(code)


def test_a_counter_is_not_updated_as_a_dict() -> None:
    code = """
        from collections import Counter

        def f(words):
            n = Counter()
            for w in words:
                n.update({w: 2})
            return n
    """
    assert not finding(code).forms


GROWS = """
    import itertools

    def f(xs):
        found = set()
        for key, group in {rounds}:
            {piece}
            found = found.union(more)
        return found
"""


@pytest.mark.parametrize(
    ("rounds", "piece"),
    [
        ("itertools.groupby(xs)", "more = group"),
        ("enumerate(xs)", "more = (x for x in xs if x > group)"),
        ("enumerate(xs)", "more = map(str, [key, group])"),
    ],
)
def test_what_joins_a_set_is_gone_over_in_its_round(rounds: str, piece: str) -> None:
    code = textwrap.dedent(GROWS).format(rounds=rounds, piece=piece)
    forms = rewritten(code)
    assert forms
    for _, text in forms:
        assert called(text, [3, 3, 1, 2, 2]) == called(code, [3, 3, 1, 2, 2])


def test_a_file_that_may_have_the_helper_keeps_the_forms_without_it() -> None:
    code = """
        from tables import *
        import pandas as pd

        def f(df: pd.DataFrame, out):
            for _, row in df.iterrows():
                out.append(row["a"])
                out.note(row["b"])
    """
    forms = rewritten(code)
    assert forms and not any("_columns_as_read" in text for _, text in forms)
