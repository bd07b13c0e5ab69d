"""The comparator is an equivalence that tells apart any two values that differ in one leaf."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deloop.equivalence.child.compare import Comparison, Differs, Rules

#: Every one is another value for the comparator.
LEAVES: list[Any] = [
    *(0, 1, -1, 2**63, True, False, 0.0, -0.0, 1.0, 0.1 + 0.2, 0.3, float("nan"), float("inf"), 1j),
    *(None, pd.NA, pd.NaT, "", "a", "nan", b"a", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1)),
    *(np.float64(0), np.float32(0), np.int64(0), np.int32(0), np.bool_(False), np.datetime64("2024-01-01")),
    *(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC"), pd.Timedelta(1), dt.timedelta(1), (), range(2)),
]
DTYPES = ["int64", "int32", "uint8", "float64", "float32", "bool", "object", "str", "Int64", "Float64", "boolean"]
LABELS: list[Any] = [None, 0, 0.0, "", "a", pd.Timestamp("2024-01-01")]

leaves = st.integers(0, len(LEAVES) - 1)
#: A leaf by its number, or a kind of container and its parts.
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from(["list", "tuple", "dict", "array", "series", "frame", "labels"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def equal(a: Any, b: Any) -> bool:
    try:
        Comparison(Rules()).same(a, b, "x")
    except Differs:
        return False
    return True


def made(tree: Any) -> Any:
    """The value of a tree."""
    if isinstance(tree, int):
        return LEAVES[tree]
    kind, parts = tree[0], [made(part) for part in tree[1]]
    match kind:
        case "list":
            return parts
        case "tuple":
            return tuple(parts)
        case "dict":
            return {f"k{k}": part for k, part in enumerate(parts)}
    cells = np.empty(len(parts), dtype=object)
    for k, part in enumerate(parts):
        cells[k] = part
    match kind:
        case "series":
            return pd.Series(cells, name="s")
        case "frame":
            return pd.DataFrame({"c": pd.Series(cells), "d": 1})
        case "labels":
            return pd.Series(1.5, index=pd.Index(cells, dtype=object))
    return cells


def count(tree: Any) -> int:
    return 1 if isinstance(tree, int) else sum(count(part) for part in tree[1])


def changed(tree: Any, number: int, leaf: int) -> Any:
    """The tree with another leaf in the place of this number."""
    if isinstance(tree, int):
        return leaf if number == 0 else tree
    parts = []
    for part in tree[1]:
        parts.append(changed(part, number, leaf) if 0 <= number < count(part) else part)
        number -= count(part)
    return tree[0], parts


def leaf_at(tree: Any, number: int) -> int:
    if isinstance(tree, int):
        return tree
    for part in tree[1]:
        if number < count(part):
            return leaf_at(part, number)
        number -= count(part)
    raise IndexError(number)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_a_value_equals_its_copy(tree: Any) -> None:
    value = made(tree)
    assert equal(value, value)
    assert equal(value, copy.deepcopy(value))
    assert equal(value, made(tree))


@settings(max_examples=300, deadline=None)
@given(trees, st.data())
def test_one_other_leaf_is_a_difference_both_ways(tree: Any, data: Any) -> None:
    number, leaf = data.draw(st.integers(0, count(tree) - 1)), data.draw(leaves)
    assume(leaf_at(tree, number) != leaf)
    a, b = made(tree), made(changed(tree, number, leaf))
    assert not equal(a, b)
    assert not equal(b, a)


@settings(max_examples=150, deadline=None)
@given(trees, trees)
def test_the_comparison_is_symmetric(one: Any, other: Any) -> None:
    a, b = made(one), made(other)
    assert equal(a, b) == equal(b, a)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(DTYPES), st.sampled_from(DTYPES), st.sampled_from(["series", "frame", "labels"]))
def test_the_dtype_counts(one: str, other: str, where: str) -> None:
    a, b = (_typed(dtype, where) for dtype in (one, other))
    assert equal(a, b) == (one == other)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LABELS), st.sampled_from(LABELS), st.sampled_from(["name", "index", "columns", "column"]))
def test_names_count(one: Any, other: Any, where: str) -> None:
    a, b = (_named(name, where) for name in (one, other))
    assert equal(a, b) == (type(one) is type(other) and one == other)


def _typed(dtype: str, where: str) -> Any:
    series = pd.Series([0, 1, 1]).astype(dtype)
    match where:
        case "frame":
            return series.to_frame("a")
        case "labels":
            return pd.Series(1.5, index=pd.Index(series, dtype=dtype))
    return [series]


def _named(name: Any, where: str) -> Any:
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    match where:
        case "name":
            return pd.Series([1.0], name=name)
        case "index":
            return frame.rename_axis(index=name)
        case "columns":
            return frame.rename_axis(columns=name)
    return pd.DataFrame([[1.0, 2.0]], columns=pd.Index([name, "z"], dtype=object))
