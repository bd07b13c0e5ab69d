"""Look-ups and records, run on the inputs that break them: odd labels, missing keys, empty frames, colliding names."""

from __future__ import annotations

import copy
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.loops.obligations import Obligation

FIXTURES = Path(__file__).parent / "fixtures"
START = pd.Timestamp("2025-02-03").as_unit("ns")


def bars(n: int, columns: str = "float") -> pd.DataFrame:
    rng = np.random.default_rng(n)
    index = pd.date_range(START, periods=n, freq="h")
    made = {
        "float": {"energy": rng.normal(size=n), "damping": rng.random(n)},
        "mixed": {"energy": rng.normal(size=n), "regime": rng.integers(0, 4, n)},
        "text": {"energy": rng.normal(size=n), "desk": [f"d{k}" for k in range(n)]},
        "named": {"atr": rng.random(n) + 0.5, "desk": [f"d{k}" for k in range(n)]},
        "none": {},
    }
    return pd.DataFrame(made[columns], index=index)


def times(n: int, minutes: int) -> pd.DatetimeIndex:
    rng = np.random.default_rng(minutes)
    return pd.DatetimeIndex(START + pd.to_timedelta(rng.integers(-120, minutes, n), unit="min"))


def trades(n: int, minutes: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    side = np.array(["long", "short"])[rng.integers(0, 2, n)]
    when = times(n, minutes)
    return pd.DataFrame({
        "filled_at": when, "EntryTime": when, "ExitTime": times(n, minutes + 1), "when": when, "t": when,
        "side": side, "Side": side, "pnl": rng.normal(0, 50, n), "Profit": rng.normal(size=n),
        "size": rng.integers(1, 9, n), "size_": rng.integers(1, 9, n), "q": rng.integers(1, 9, n),
    })  # fmt: skip


def odd_pairs(columns: str) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Trades and the frame they are looked up in."""
    yield "typical", trades(40), bars(12, columns)
    yield "no trades", trades(0), bars(12, columns)
    yield "no trades, labels out of order", trades(0), bars(12, columns).iloc[::-1].iloc[[3, 1, 2]]
    yield "one trade", trades(1), bars(12, columns)
    yield "one bar", trades(9), bars(1, columns)
    if columns != "none":  # no rows and no columns: the loop looks nothing up, which the proposal assumes not to happen
        yield "no bars", trades(9), bars(0, columns)
    yield "labels out of order", trades(9), bars(12, columns).iloc[[3, 1, 2]]
    yield "labels from last to first", trades(40), bars(12, columns).iloc[::-1]
    yield "labels twice", trades(9), bars(12, columns).iloc[[0, 1, 1, 2]]
    yield (
        "no match at all",
        trades(9).assign(**dict.fromkeys(["when", "t"], START - pd.Timedelta("9D"))),
        bars(3, columns),
    )
    late = trades(9)["when"].where(trades(9)["size"] > 4)
    assert 0 < late.isna().sum() < len(late)
    yield "missing keys", trades(9).assign(**dict.fromkeys(["when", "t", "filled_at"], late)), bars(12, columns)
    yield "own labels repeat", trades(9).set_axis([1, 1, 0, 0, 5, 5, 2, 2, 2]), bars(12, columns)
    yield "columns have a name", trades(9), bars(12, columns).rename_axis(columns="feature")
    yield "missing values", trades(9), bars(12, columns).where(pd.Series(range(12), bars(12).index) % 2 > 0)
    yield "on the label", trades(9).assign(t=START, when=START, filled_at=START), bars(12, columns)


def load(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The function of a fixture, as it was and as it became."""
    found = []
    for version in ("before", "after"):
        path = FIXTURES / f"{name}_{version}.py"
        functions = [f for f in runpy.run_path(str(path)).values() if getattr(f, "__module__", "") == "<run_path>"]
        found.append(functions[0])
    return found[0], found[1]


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    arguments = copy.deepcopy(arguments)
    try:
        return function(*arguments), arguments
    except Exception as error:
        return type(error), arguments


def same(a: Any, b: Any) -> None:
    assert type(a) is type(b)
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True, check_column_type="equiv")
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    else:
        assert a is b or a == b


PAIRS = [
    ("DL301/entry_features", "float"), ("DL301/entry_features", "mixed"), ("DL301/entry_features", "none"),
    ("DL301/skip_unmatched", "float"), ("DL301/skip_unmatched", "none"), ("DL301/tolerance", "named"),
    ("DL301/by_position", "mixed"), ("DL301/by_position", "text"), ("DL301/own_fields", "mixed"),
    ("DL301/own_fields", "text"), ("DL301/bare_rows", "mixed"), ("DL301/bare_rows", "text"),
    ("DL301/computed_table", "float"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "columns"), PAIRS)
def test_positions_are_found_as_in_the_loop(name: str, columns: str) -> None:
    before, after = load(name)
    returned = 0
    for label, own, features in odd_pairs(columns):
        (a, left), (b, right) = outcome(before, (own, features)), outcome(after, (own, features))
        try:
            same(a, b)
            same(left, right)
        except AssertionError as error:
            raise AssertionError(f"{label}: {error}") from None
        returned += isinstance(a, (pd.DataFrame, tuple))
    assert returned >= 9


@pytest.mark.parametrize(
    ("first", "second"), [("float", "mixed"), ("text", "float"), ("none", "mixed"), ("none", "none")]
)
def test_two_frames_keep_their_names_apart(first: str, second: str) -> None:
    before, after = load("DL301/two_frames")
    for n in (0, 1, 30):
        arguments = (trades(n), bars(12, first), bars(5, second))
        same(outcome(before, arguments)[0], outcome(after, arguments)[0])


def test_a_missing_match_never_becomes_the_last_row_where_the_loop_skipped_it() -> None:
    _, after = load("DL301/skip_unmatched")
    early = trades(3).assign(when=[START - pd.Timedelta("1h"), START, START - pd.Timedelta("1D")])
    assert after(early, bars(4))["label"].tolist() == [1]


ORDERS = pd.DataFrame({
    "order_id": [3, 1, 2, 7], "country": ["DE", "XX", "LU", "DE"], "item": ["a", "b", "c", "d"],
    "qty": [2, 0, 3, 1], "price": [2.5, 12.0, float("nan"), 30.0], "unit_price": [1.5, 80.0, 2.0, float("nan")],
    "voucher": [0.0, 5.0, 50.0, 1.0],
})  # fmt: skip


@pytest.mark.parametrize("name", ["DL502/invoice_lines", "DL502/filtered_lines"])
@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [1], [], [0], [3, 3, 2, 2]])
def test_records_become_the_same_columns(name: str, rows: list[int]) -> None:
    before, after = load(name)
    orders = ORDERS.iloc[rows]
    same(outcome(before, (orders,))[0], outcome(after, (orders,))[0])


def test_a_column_without_a_date_differs_in_its_unit_only_as_the_proposal_says() -> None:
    before, after = load("DL301/by_position")
    own = trades(9).assign(t=pd.NaT)
    loop, new = before(own, bars(12, "mixed")), after(own, bars(12, "mixed"))
    assert loop["t"].isna().all()
    pd.testing.assert_series_equal(new["t"], own["t"])
    assert Obligation("plain-columns").broken_by("column:all-missing")


def test_a_loop_without_rounds_makes_a_frame_without_columns() -> None:
    for name in ("DL502/filtered_lines", "DL502/invoice_lines"):
        assert load(name)[1](ORDERS.iloc[:0]).shape == (0, 0)


CATALOG = pd.DataFrame(
    {"sku": ["a", "b", "c", "d"], "price": [1.5, float("nan"), 3.0, 4.0], "kg": [0.5, 1.0, 2.0, 8.0]}
)


@pytest.mark.parametrize(
    ("wanted", "catalog"),
    [
        (["a", "c", "a"], CATALOG),
        (["a", "zz"], CATALOG),
        (["b", None], CATALOG),
        ([], CATALOG),
        ([], CATALOG.iloc[:0]),
        (["a"], CATALOG.iloc[:0]),
        (["d", "b"], CATALOG.iloc[[3, 1, 0]]),
        ([2, 0, 2], CATALOG.assign(sku=range(4))),
        ([2, 9], CATALOG.assign(sku=range(4))),
    ],
)
def test_labels_are_looked_up_as_in_the_loop(wanted: list[Any], catalog: pd.DataFrame) -> None:
    before, after = load("DL302/order_prices")
    orders = pd.DataFrame({"sku": wanted, "qty": np.arange(1, len(wanted) + 1)}, index=[7] * len(wanted))
    orders = orders.astype({"sku": object})
    same(outcome(before, (orders, catalog))[0], outcome(after, (orders, catalog))[0])


RATINGS = pd.DataFrame({"team": ["x", "y", None, "x", "z"], "elo": [1500.0, float("nan"), 1.0, 2.0, 1700.25]})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["object", "str", "category"])
@pytest.mark.parametrize(
    "home", [["x", "z"], ["x", "nobody"], ["x", None], [], ["y"]], ids=["there", "absent", "missing", "none", "nan"]
)
@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], []])
def test_the_first_row_of_a_key_counts_as_in_the_loop(kind: str, home: list[Any], rows: list[int]) -> None:
    before, after = load("DL303/elo_difference")
    games = pd.DataFrame({"home": home, "away": home[::-1], "neutral": [k % 2 > 0 for k in range(len(home))]})
    ratings = RATINGS.astype({"team": kind}).iloc[rows]
    a, b = outcome(before, (games, ratings))[0], outcome(after, (games, ratings))[0]
    if isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b)
    else:
        assert a is b
