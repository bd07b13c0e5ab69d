"""What counts as a difference, and what an assumption excuses."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.equivalence.child.compare import Comparison, Differs, Rules
from deloop.equivalence.child.drafts import Column, Table, finish
from deloop.equivalence.child.show import code

NAN = float("nan")


def equal(a: Any, b: Any, **rules: Any) -> bool:
    try:
        Comparison(Rules(**rules)).same(a, b, "x")
    except Differs:
        return False
    return True


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


SAME: list[tuple[Any, Any]] = [
    ([1, 2.5, "a", None, NAN], [1, 2.5, "a", None, NAN]),
    (np.array([1.0, NAN]), np.array([1.0, NAN])),
    (frame(a=[1, 2], b=["x", None]), frame(a=[1, 2], b=["x", None])),
    (pd.Series([1, None], dtype="Int64"), pd.Series([1, None], dtype="Int64")),
    ({1: [2], "k": (3,)}, {1: [2], "k": (3,)}),
    ({1, 2, 3}, {3, 2, 1}),
    (pd.NaT, pd.NaT),
    (dt.date(2024, 1, 1), dt.date(2024, 1, 1)),
    (np.random.default_rng(1), np.random.default_rng(1)),
    (np.random.RandomState(1), np.random.RandomState(1)),
    (random.Random(1), random.Random(1)),
    (list(frame(a=[1], b=["x"]).itertuples()), list(frame(a=[1], b=["x"]).itertuples())),
]


def drawn(generator: Any, times: int) -> Any:
    """A generator that has drawn some numbers."""
    for _ in range(times):
        generator.random()
    return generator


def twister(times: int) -> np.random.Generator:
    return drawn(np.random.Generator(np.random.MT19937(1)), times)


DIFFERENT: list[tuple[Any, Any]] = [
    (drawn(np.random.default_rng(1), 1), np.random.default_rng(1)),
    (drawn(np.random.RandomState(1), 1), np.random.RandomState(1)),
    (drawn(random.Random(1), 1), random.Random(1)),
    (twister(1), twister(2)),
    (np.random.default_rng(1), np.random.RandomState(1)),
    (1, 1.0),
    (1, True),
    (list(frame(a=[1]).itertuples()), list(frame(b=[1]).itertuples())),
    (np.float64(1), 1.0),
    (0.0, -0.0),
    (None, NAN),
    (NAN, pd.NaT),
    (None, pd.NA),
    ([1], (1,)),
    ([1], np.array([1])),
    (np.array([1.0]), np.array([1.0], dtype="float32")),
    (np.array([1, 2]), np.array([[1, 2]])),
    (np.array([1e-9]), np.array([9e-9])),
    (np.array([100000]), np.array([100001])),
    (pd.Series([1], name="a"), pd.Series([1], name="b")),
    (pd.Series([1], index=[0]), pd.Series([1], index=[0.0])),
    (pd.Series([None], dtype=object), pd.Series([NAN], dtype=object)),
    (pd.Series([1], dtype=object), pd.Series([True], dtype=object)),
    (frame(a=[1], b=[2]), frame(b=[2], a=[1])),
    (frame(a=[1]), frame(a=[1.0])),
    (frame(a=[1]).rename_axis("k"), frame(a=[1])),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ([0.1 + 0.2], [0.3]),
    (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC")),
    (np.random.default_rng(1), np.random.default_rng(2)),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_same(a: Any, b: Any) -> None:
    assert equal(a, b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different(a: Any, b: Any) -> None:
    assert not equal(a, b)


@pytest.mark.parametrize(
    ("a", "b", "forgiven"),
    [
        ([1], [1.0], True),
        ([np.float64(1.5)], [1.5], True),
        (np.array([1, 2]), np.array([1.0, 2.0]), True),
        (frame(a=[1]), frame(a=[1.0]), True),
        (np.array([1.0], dtype=object), np.array([1.0]), True),
        (pd.Timestamp("2024-01-01"), np.datetime64("2024-01-01"), True),
        ([1], [True], False),
        ([1.5], [1.25], False),
        ([None], [NAN], False),
        ([1], np.array([1]), False),
        (np.array([0.1]), np.array([0.1], dtype="float32"), False),
        (frame(a=[1.0]), frame(a=[2.0]), False),
        ([2**53 + 1], [float(2**53)], False),
    ],
)
def test_element_types(a: Any, b: Any, forgiven: bool) -> None:
    assert not equal(a, b)
    assert equal(a, b, loose=True) is forgiven


def test_empty_types() -> None:
    a, b = np.array([]), np.array([], dtype="int64")
    assert not equal(a, b)
    assert equal(a, b, empty=True)
    assert not equal(np.empty((0, 2)), np.empty(0), empty=True)
    assert not equal(np.array([1.0]), np.array([1]), empty=True)


def test_tolerance_reports_the_last_bits() -> None:
    comparison = Comparison(Rules(rtol=1e-10))
    comparison.same([1.0, 2.0], [1.0 + 2**-52, 2.0], "x")
    assert comparison.max_ulp == 1.0
    assert not equal(1.0, 1.0 + 1e-9, rtol=1e-10)
    assert not equal(1, 2, rtol=1.0)
    assert not equal(1e-300, 2e-300, rtol=1e-10)
    assert not equal(math.inf, 1e308, rtol=1e-10)


def test_aliases() -> None:
    row: list[int] = [0]
    assert equal([row, row], [row, row])
    assert not equal([row, row], [[0], [0]])
    assert not equal([[0], [0]], [row, row])
    when = pd.Timestamp("2024-01-01")
    assert equal([when, when], [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01")])


VALUES: list[Any] = [
    [1, 2.5, NAN, math.inf, "a'b", None, (1,), {"k": [True]}],
    np.array([1.5, 2.5]),
    np.array([], dtype="float32"),
    np.array([1, 2], dtype="uint8"),
    frame(a=[1.0, NAN], b=["x", "y"]),
    frame(a=[1, 2]).set_index(pd.Index([5, 5], name="k")),
    pd.Series([1, None], dtype="Int64", name="n"),
    pd.Series(["a", "b"]).astype("category"),
    frame(t=pd.to_datetime(["2024-01-01 05:00", None])),
    pd.DataFrame(),
    pd.DataFrame({"a": pd.array([], dtype="float64")}),
    pd.Timestamp("2024-03-31 01:30"),
    np.float64(0.1),
]


@pytest.mark.parametrize("value", VALUES)
def test_inputs_are_shown_as_code_that_makes_them(value: Any) -> None:
    again = eval(code(value), {"np": np, "pd": pd})
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(again, value, check_index_type=False, check_column_type=False)
    elif isinstance(value, pd.Series) and value.dtype == "category":
        assert again.tolist() == value.tolist()
    else:
        assert equal(value, again)


def test_drafts_become_frames_with_the_stated_types() -> None:
    spec = {"t": "num"}
    columns = {
        "i": Column([1, 2], "int", spec),
        "f": Column([1.0, NAN], "float", spec),
        "s": Column(["a", "b"], "str", spec),
        "n": Column([1, None], "int", spec, dtype="Int64"),
        "c": Column([1, 2], "int", spec, dtype="float32"),
    }
    made = finish(Table("frame", columns, {"t": "frame"}))
    assert [str(t) for t in made.dtypes][:2] == ["int64", "float64"]
    assert [str(made[c].dtype) for c in ("n", "c")] == ["Int64", "float32"]
    assert made["s"].dtype == pd.Series(["a"]).dtype


def test_sets_of_python_and_numpy_numbers_where_those_are_not_told_apart() -> None:
    assert equal({None, 1.5, 2.5}, {None, np.float64(1.5), np.float64(2.5)}, loose=True)
    assert not equal({None, 1.5}, {None, np.float64(1.5)})
