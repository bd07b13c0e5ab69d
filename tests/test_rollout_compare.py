"""The comparison of `deloop.rollout`: a tolerance for floats, types and shapes exactly."""

import copy
import datetime
from collections import OrderedDict, deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deloop.rollout import compare

NAN = float("nan")


@dataclass
class Point:
    x: float
    tags: list[str]


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x


class Stamp(pd.Timestamp):
    pass


def circle() -> list[Any]:
    held: list[Any] = [1.0]
    held.append(held)
    return held


SAME: list[tuple[Any, Any]] = [
    (1.0, 1.00009),
    (NAN, float("nan")),
    (np.float64(NAN), np.float64("nan")),
    (float("inf"), float("inf")),
    (0.0, -0.0),
    (complex(1, NAN), complex(1, NAN)),
    (Decimal("1"), Decimal("1.00001")),
    (None, None),
    (pd.NaT, pd.NaT),
    (pd.NA, pd.NA),
    (np.datetime64("NaT"), np.datetime64("NaT")),
    ([1.0, [2.0, NAN]], [1.00001, [2.00001, NAN]]),
    ({"a": 1.0, "b": 2}, {"b": 2, "a": 1.00001}),
    ({float("nan"): 1.0}, {float("nan"): 1.00001}),
    ({1.0, NAN, 3.0}, {3.00001, float("nan"), 1.0}),
    (np.array([1.0, NAN, np.inf]), np.array([1.00001, NAN, np.inf])),
    (np.array([1.0, [2.0]], dtype=object), np.array([1.00001, [2.0]], dtype=object)),
    (np.float16([1.0]), np.float16([1.0])),
    (np.array(["NaT", "2024-01-01"], "M8[ns]"), np.array(["NaT", "2024-01-01"], "M8[ns]")),
    (np.array([(1, 1.0)], "i8,f8"), np.array([(1, 1.00001)], "i8,f8")),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array([1.0, 3.0], mask=[0, 1])),
    (pd.Series([1.0, None], name="a"), pd.Series([1.00001, None], name="a")),
    (pd.Series([1.5, None], dtype="Float64"), pd.Series([1.50001, None], dtype="Float64")),
    (pd.Series(["a", None]), pd.Series(["a", None])),
    (pd.Series(["a", "b"], dtype="category"), pd.Series(["a", "b"], dtype="category")),
    (pd.Series([1, 2], index=range(2)), pd.Series([1, 2], index=pd.Index([0, 1]))),
    (pd.DataFrame({"a": [1.0], "b": ["x"]}), pd.DataFrame({"a": [1.00001], "b": ["x"]})),
    (pd.MultiIndex.from_tuples([(1, "a")]), pd.MultiIndex.from_tuples([(1, "a")])),
    (pd.date_range("2024", periods=2, tz="UTC"), pd.date_range("2024", periods=2, tz="UTC")),
    (pd.array([1, None], dtype="Int64"), pd.array([1, None], dtype="Int64")),
    (Point(1.0, ["a"]), Point(1.00001, ["a"])),
    (Plain(NAN), Plain(NAN)),
    (object(), object()),
    (deque([1.0]), deque([1.00001])),
    (circle(), circle()),
    (datetime.date(2024, 1, 1), datetime.date(2024, 1, 1)),
    (len, len),
    (range(3), range(3)),
]
DIFFERENT: list[tuple[Any, Any, str]] = [
    (1.0, 1.00011, ": 1.0 and 1.00011"),
    (1, 1.0, ": type int and float"),
    (1, 2, ": 1 and 2"),
    (True, False, ": True and False"),
    (True, 1, ": type bool and int"),
    (10**30, 10**30 + 1, ": 1000000000000000000000000000000 and 1000000000000000000000000000001"),
    (1.0, np.float64(1.0), ": type float and numpy.float64"),
    (np.int64(1), np.int64(2), ": np.int64(1) and np.int64(2)"),
    (1.0, NAN, ": 1.0 and nan"),
    (float("inf"), 1e308, ": inf and 1e+308"),
    (float("inf"), float("-inf"), ": inf and -inf"),
    (0.0, 1e-300, ": 0.0 and 1e-300"),
    (None, NAN, ": type NoneType and float"),
    ("a", "b", ": 'a' and 'b'"),
    ([1], (1,), ": type list and tuple"),
    ([1, 2], [1], ": length 2 and 1"),
    ([[1.0], [2.0]], [[1.0], [3.0]], "[1][0]: 2.0 and 3.0"),
    ({"a": 1}, {"b": 1}, " keys[0]: 'a' and 'b'"),
    ({"a": 1.0}, {"a": 2.0}, "['a']: 1.0 and 2.0"),
    ({1}, {2}, "[0]: 1 and 2"),
    (np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]), "[1]: np.float64(2.0) and np.float64(3.0) (2 of 3 differ)"),
    (np.array([np.inf]), np.array([1.0]), "[0]: np.float64(inf) and np.float64(1.0) (1 of 1 differ)"),
    (np.zeros(2), np.zeros(3), ": shape (2,) and (3,)"),
    (np.zeros(2), np.zeros(2, int), ": dtype float64 and int64"),
    (np.array([1, 2]), np.array([1, 3]), "[1]: np.int64(2) and np.int64(3) (1 of 2 differ)"),
    (pd.Series([1.0]), pd.Series([1.0], name="a"), " name: type NoneType and str"),
    (pd.Series([1.0]), pd.Series([1.0], index=[1]), " index[0]: np.int64(0) and np.int64(1) (1 of 1 differ)"),
    (pd.Series([1, None], dtype="Int64"), pd.Series([1, 2], dtype="Int64"), " missing[1]: "),
    (pd.Series([1.0]), pd.Series([1.0], dtype="Float64"), ": dtype float64 and Float64"),
    (pd.Series(["a"], dtype="category"), pd.Series(["b"], dtype="category"), ": dtype category and category"),
    (pd.Series(["a"]), pd.Series(["b"]), "[0]: 'a' and 'b'"),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), " columns[0]: 'a' and 'b'"),
    (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [2.0]}), "['a'][0]: "),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}), ": shape (1, 1) and (2, 1)"),
    (pd.Timestamp("2024"), pd.Timestamp("2025"), ": Timestamp('2024-01-01 00:00:00') and Timestamp("),
    (Stamp("2024"), Stamp("2025"), ": "),
    (datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), ": datetime.date(2024, 1, 1) and datetime.date(2024, 1, 2)"),
    (Point(1.0, ["a"]), Point(1.0, ["b"]), " <Point>"),
    (Point(1, []), Point(1.0, []), " <Point>"),
    (Plain(1.0), Plain(2.0), " <Plain>"),
    (OrderedDict(a=1), OrderedDict(a=1.0), " <OrderedDict>"),
    (lambda: 1, lambda: 1, ": <function"),
]


@pytest.mark.parametrize("left, right", SAME, ids=lambda value: type(value).__name__)
def test_no_difference(left: Any, right: Any) -> None:
    assert compare(left, right) == ""
    assert compare(right, left) == ""


@pytest.mark.parametrize("left, right, said", DIFFERENT, ids=lambda value: type(value).__name__)
def test_a_difference(left: Any, right: Any, said: str) -> None:
    assert compare(left, right).startswith(said)
    assert compare(right, left) != ""


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=3)
    | st.dates()
    | st.decimals(allow_nan=False)
    | st.floats().map(np.float64)
)
COLUMNS = st.lists(st.floats(), min_size=2, max_size=2) | st.lists(st.text(max_size=2), min_size=2, max_size=2)
LEAVES = (
    SCALARS
    | st.lists(st.floats(), max_size=4).map(np.array)
    | st.lists(st.none() | st.text(max_size=2), max_size=4).map(lambda xs: np.array(xs, dtype=object))
    | COLUMNS.map(pd.Series)
    | st.lists(st.none() | st.integers(0, 9), max_size=3).map(lambda xs: pd.array(xs, dtype="Int64"))
    | st.dictionaries(st.text(max_size=2), COLUMNS, max_size=3).map(pd.DataFrame)
    | st.floats().map(lambda x: Point(x, ["a"]))
)
HASHABLE = st.integers() | st.text(max_size=2) | st.floats(allow_nan=False)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
        | inner.map(Plain)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_a_copy_is_the_same(value: Any) -> None:
    assert compare(value, copy.deepcopy(value), 0.0) == ""


@given(VALUES, VALUES)
def test_both_directions_agree(left: Any, right: Any) -> None:
    assert bool(compare(left, right)) == bool(compare(right, left))


@given(st.lists(st.floats(), min_size=1, max_size=5), st.floats(0, 0.1), st.data())
def test_every_container_agrees_with_its_numbers(numbers: list[float], tolerance: float, data: st.DataObject) -> None:
    near = st.floats(-0.2, 0.2)
    others = [x * (1 + data.draw(near)) if data.draw(st.booleans()) else data.draw(st.floats()) for x in numbers]
    differ = any(compare(x, y, tolerance) for x, y in zip(numbers, others, strict=True))
    for made in (list, tuple, np.array, pd.Series, lambda xs: pd.DataFrame({"a": xs}), lambda xs: Plain(xs)):
        assert bool(compare(made(numbers), made(others), tolerance)) == differ
    assert bool(compare(dict(enumerate(numbers)), dict(enumerate(others)), tolerance)) == differ


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_tolerance_is_relative_to_the_larger(left: float, right: float) -> None:
    near = left == right or abs(left - right) <= 1e-4 * max(abs(left), abs(right))
    assert (compare(left, right) == "") == near
