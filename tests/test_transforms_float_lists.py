"""Lists of Python floats for columns of floats: only where nothing tells the two apart (DL113)."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import pytest

from fuzzing.judge import forms

#: A body, and what it assumes.
SAME = {
    "a recurrence": ("level = 0.9 * level + df['x'].iloc[i]\nout[i] = level", ()),
    "a clamp": ("level = min(max(level + df['x'].iloc[i] - df['y'].iloc[i], 0.0), 13.5)\nout[i] = level", ()),
    "a state and a test": ("if pos == 0 and df['x'].iloc[i] > 1.5:\n    pos = 1\nout[i] = df['y'].iloc[i] / 2", ()),
    "an int beside it": ("out[i] = max(df['x'].iloc[i], 0) + math.sqrt(2.0)", ()),
    "a parameter": ("out[i] = k * df['x'].iloc[i]", ("scalars",)),
    "a parameter that is compared": ("out[i] = 1.0 if df['x'].iloc[i] > k else 0.0", ("scalars", "small-integers")),
    "its own output": ("out[i] = out[i - 1] * 0.5 + df['x'].iloc[i]", ()),
}
TOLD = {
    "a divisor": "out[i] = 1.0 / df['x'].iloc[i]",
    "a power": "out[i] = df['x'].iloc[i] ** 2",
    "rounding": "out[i] = round(df['x'].iloc[i], 2)",
    "a list": "kept.append(df['x'].iloc[i])",
    "text": "kept.append(f\"{df['x'].iloc[i]}\")",
    "a call": "note(df['x'].iloc[i])",
    "identity": "out[i] = 1.0 if df['x'].iloc[i] is k else 0.0",
    "membership": "out[i] = 1.0 if df['x'].iloc[i] in kept else 0.0",
    "a name that is read later": "last = df['x'].iloc[i]\nout[i] = last",
    "a state of unknown type": "state = state + df['x'].iloc[i]\nout[i] = state",
    "an array of another type": "narrow[i] = df['x'].iloc[i]",
    "an attribute": "out[i] = df['x'].iloc[i].real",
    "a dict": "seen[df['x'].iloc[i]] = i",
    "a whole array": "out[:] = df['x'].iloc[i]",
    "a function that keeps it": "value = df['x'].iloc[i]\nlater.append(lambda: value)\nout[i] = value",
}


def code(body: str) -> str:
    text = """
    import math
    import numpy as np

    def f(df, k, state, note, kept, seen, later):
        level, pos, last = 0.0, 0, 0.0
        out = np.zeros(len(df))
        narrow = np.zeros(len(df), dtype="float32")
        for i in range(len(df)):
    {body}
        return out, narrow, last
    """
    return textwrap.dedent(text).replace("{body}", textwrap.indent(body, " " * 8))


def offered(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The new code of each form of DL113, and the names of what it assumes."""
    found = [f for f in forms(text)[1] if f.rewrite.rule.code == "DL113"]
    return [(f.text, tuple(o.name for o in f.rewrite.obligations)) for f in found]


@pytest.mark.parametrize("body, owed", SAME.values(), ids=SAME)
def test_lists_are_read_where_types_are_not_told(body: str, owed: tuple[str, ...]) -> None:
    ((_, names),) = offered(code(body))
    assert names == owed


@pytest.mark.parametrize("body", TOLD.values(), ids=TOLD)
def test_arrays_stay_where_types_may_be_told(body: str) -> None:
    assert not offered(code(body))


@pytest.mark.parametrize(
    "between",
    ["view = out[2:]", "other = out", "note(out)", "later.append(out)"],
)
def test_an_array_that_others_see_is_filled_at_once(between: str) -> None:
    text = code("out[i] = df['x'].iloc[i] * 0.5").replace("    for i in", f"    {between}\n    for i in")
    ((new, _),) = offered(text)
    assert "out[:]" not in new
    ((new, _),) = offered(code("out[i] = df['x'].iloc[i] * 0.5"))
    assert "out[:]" in new


def test_an_array_whose_elements_are_kept_is_filled_at_once() -> None:
    ((new, _),) = offered(code("kept.append(out[i - 1])\nout[i] = df['x'].iloc[i] * 0.5"))
    assert "out[:]" not in new


@pytest.mark.parametrize(
    "before, there",
    [
        ("out[0] = df['x'].iloc[0]", True),
        ("first = df['x'].iloc[0]\n    size = len(df)", True),
        ("first = df['x'].iloc[0] if k else 0.0", False),
        ("first = df['y'].iloc[0]", False),
        ("first = df['x'].iloc[0]\n    note()", False),
        ("first = df['x'].iloc[0]\n    df = df.dropna()", False),
        ("first = df['x'].iloc[0]\n    del df['x']", False),
        ("if k:\n        first = df['x'].iloc[0]", False),
    ],
)
def test_a_column_that_was_read_before_needs_no_dict(before: str, there: bool) -> None:
    """A loop of no rounds reads no column, and raises nothing where it is missing."""
    text = code("out[i] = df['x'].iloc[i] * 0.5").replace("    for i in", f"    {before}\n    for i in")
    ((new, _),) = offered(text)
    assert ("df.items()" not in new) == there


def test_an_array_that_a_handler_sees_is_filled_at_once() -> None:
    text = """
    import numpy as np

    def f(df):
        out = np.zeros(len(df))
        try:
            for i in range(len(df)):
                out[i] = df["x"].iloc[i] * 0.5
        except TypeError:
            pass
        return out
    """
    assert all("out[:]" not in new for new, _ in offered(textwrap.dedent(text)))


def test_integers_that_may_be_stored_back_are_filled_at_once() -> None:
    """-0 is 0, and -0.0 is not: an int that comes back from the array has become a float."""
    ((new, _),) = offered(code("out[i] = max(-out[i - 1], 0) if df['x'].iloc[i] > 1.5 else 0"))
    assert "out[:]" not in new


FRAMES = [
    pd.DataFrame({"x": [1.5, -2.0, np.nan, np.inf, -0.0], "y": [0.0, 1e308, 5e-324, -np.inf, 2.0]}),
    pd.DataFrame({"x": np.array([1.1, 2.2], "float32"), "y": [1.0, 2.0]}),
    pd.DataFrame({"x": np.array([2**62, 2**62, -5]), "y": [1.0, 2.0, 3.0]}),
    pd.DataFrame({"x": [1, None], "y": [1.0, 2.0]}).astype({"x": "Int64"}),
    pd.DataFrame({"x": [], "y": []}),
    pd.DataFrame({"y": [1.0]}),
    pd.DataFrame({"x": ["a"], "y": [1.0]}),
    pd.DataFrame({"x": pd.to_datetime(["2020-01-01"]), "y": [1.0]}),
]


def outcome(text: str, frame: pd.DataFrame) -> object:
    space: dict[str, object] = {}
    exec(text, space)
    try:
        out, _, _ = space["f"](frame, 1.5, 0.0, None, [], {}, [])  # type: ignore[operator]
    except Exception as e:
        return type(e)
    return out.tobytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("body", [body for body, _ in SAME.values()], ids=SAME)
def test_the_same_bits_whatever_the_columns_hold(body: str) -> None:
    old = code(body)
    ((new, _),) = offered(old)
    for frame in FRAMES:
        assert outcome(new, frame) == outcome(old, frame)
