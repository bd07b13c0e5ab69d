"""Array code under a test of what the data is: safe, since the loop stays for all that fails the test."""

from __future__ import annotations

import ast
import textwrap
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Finding, Status
from deloop.codemods.place import place
from deloop.equivalence.tested import arrays_tested_in
from deloop.sources.files import SourceFile, parse
from deloop.transforms.guards.signs import is_test

HEAD = "import numpy as np\nimport pandas as pd\n\n\n"
GAPS = """
    def f(returns, benchmark):
        up = 0.0
        for i in range(len(returns)):
            # only what goes up
            if returns[i] > benchmark[i]:
                up += returns[i] - benchmark[i]  # by how much
        return up
"""
VALUE = """
    def f(positions: pd.DataFrame, fx=1.0):
        total = 0.0
        for row in positions.itertuples(index=False):
            total += row.shares * row.price * fx
        return total
"""
CANDLES = """
    def f(df):
        types = []
        for i in range(len(df)):
            o = df['Open'][i]
            c = df['Close'][i]
            if c - o > 0.5:
                types.append('up')
            else:
                types.append('other')
        df['type'] = types
        return df
"""
BANDS = """
    def score(p):
        return p * 2 + 1

    def f(df: pd.DataFrame):
        df['score'] = df['points'].map(score)
        return df
"""
PATHS = """
    def f(start, mu, n):
        np.random.seed(3)
        price = start
        for t in range(n):
            price *= np.exp(mu + np.random.normal())
        return price
"""


pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def look(code: str) -> tuple[list[Finding], SourceFile, Any]:
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    return scan(source, Project(), tree=tree), source, tree


@cache
def safe(code: str) -> str:
    """The file with the safe form of its loop in place; empty if there is none."""
    findings, source, tree = look(HEAD + textwrap.dedent(code))
    for form in (form for finding in findings for form in finding.forms if form.safe):
        return place(source.text, tree, form.edits, form.imports).text
    return ""


@cache
def compiled(code: str) -> CodeType:
    return compile(code, "example.py", "exec")


def outcome(code: str, *arguments: Any) -> tuple[Any, ...]:
    module: dict[str, Any] = {}
    exec(compiled(code), module)
    given = [a.copy() if hasattr(a, "copy") else a for a in arguments]
    try:
        result = module["f"](*given)
    except Exception as e:
        return ("raised", type(e))
    return ("returned", type(result), repr(result), repr(given))


def test_the_loop_stays_below_its_array_code() -> None:
    assert safe(GAPS).endswith(
        textwrap.dedent("""
            def f(returns, benchmark):
                up = 0.0
                if (
                    all(
                        type(x) is np.ndarray and x.ndim == 1 and x.dtype in ("float64", "int64")
                        for x in (returns, benchmark)
                    )
                    and len(benchmark) == len(returns)
                ):
                    returns_values = np.asarray(returns)
                    benchmark_values = np.asarray(benchmark)[: len(returns)]
                    holds = returns_values > benchmark_values
                    if holds.any():
                        up = np.cumsum(
                            np.concatenate(([up], (returns_values - benchmark_values)[holds]))
                        )[-1]
                else:
                    for i in range(len(returns)):
                        # only what goes up
                        if returns[i] > benchmark[i]:
                            up += returns[i] - benchmark[i]  # by how much
                return up
        """)
    )


@pytest.mark.parametrize("test", ["w > 0", "type(w) is int and w > 0", "type(x) is np.ndarray and len(x) == len(y)"])
def test_all_tests_are_known_again(test: str) -> None:
    assert is_test(ast.parse(test, mode="eval").body)


@pytest.mark.parametrize("code", [GAPS, VALUE, CANDLES, BANDS, PATHS])
def test_a_second_look_leaves_the_loop_alone(code: str) -> None:
    findings, *_ = look(safe(code))

    assert [f.status for f in findings] == [Status.FINE]


def test_a_lambda_of_one_line_is_kept_beside_one_line_and_not_beside_more() -> None:
    code = HEAD + "def f(df: pd.DataFrame):\n    df['c'] = df['f'].map(lambda f: (f - 32) / 1.8)\n    return df\n"
    assert "df['c'] = (df['f'] - 32) / 1.8" in safe(code.removeprefix(HEAD))
    code = "def f(s: pd.Series):\n    return s.map(lambda x: 'a' if x < 18 else ('b' if x < 65 else 'c'))\n"
    (finding,), *_ = look(HEAD + code)
    assert finding.forms and not any(form.safe for form in finding.forms)


FLOATS, WHOLE = [1.5, -0.0, float("nan"), 2.0], [3, 0, 2**62, -1]
COLUMNS = [
    pd.Series(FLOATS),
    pd.Series(WHOLE),
    pd.Series(FLOATS, dtype=object),
    pd.Series(WHOLE, dtype="Int64"),
    pd.Series(FLOATS, dtype="float32"),
    pd.Series([2**63 + 5, 1, 0, 7], dtype="uint64"),
    pd.Series([True, False, True, True]),
    pd.Series(["a", "b", "", "c"]),
]


@pytest.mark.parametrize("a", COLUMNS)
@pytest.mark.parametrize("b", COLUMNS[:5])
def test_other_data_goes_through_the_loop(a: pd.Series, b: pd.Series) -> None:
    arrays = [(a.to_numpy(), b.to_numpy()), (a.tolist(), b.tolist()), (a, b), (a.to_numpy(), b.to_numpy()[:2])]
    arrays += [(a.to_numpy()[:2], b.to_numpy()), (a.to_numpy().reshape(2, 2), b.to_numpy().reshape(2, 2))]
    for given in arrays:
        assert outcome(safe(GAPS), *given) == outcome(HEAD + textwrap.dedent(GAPS), *given)


@pytest.mark.parametrize("a", COLUMNS)
@pytest.mark.parametrize("fx", [1, 2.5, True, np.float32(0.1), np.float64(0.1), 2**60, "x", np.array([1.0])])
def test_columns_of_another_type_go_through_the_loop(a: pd.Series, fx: Any) -> None:
    frame = pd.DataFrame({"shares": a, "price": [2.5, 0.1, 1e300, -3.0]})
    for given in (frame, frame[:0], frame.astype(object), frame[["price"]], frame[["price"]][:0]):
        assert outcome(safe(VALUE), given, fx) == outcome(HEAD + textwrap.dedent(VALUE), given, fx)


@pytest.mark.parametrize("a", COLUMNS)
@pytest.mark.parametrize("index", [[0, 1, 2, 3], [3, 2, 1, 0], list("wxyz"), [0, 0, 1, 1], [0.0, 1.0, 2.0, 3.0]])
def test_labels_that_are_no_positions_go_through_the_loop(a: pd.Series, index: list[Any]) -> None:
    frame = pd.DataFrame({"Open": a.array, "Close": [2.5, 0.1, 1e300, -3.0]}, index=index)
    records = {"Open": a.tolist(), "Close": [2.5, 0.1, 1.0, -3.0]}
    for given in (frame, frame[:0], frame[1:], records):
        assert outcome(safe(CANDLES), given) == outcome(HEAD + textwrap.dedent(CANDLES), given)


@pytest.mark.parametrize("a", COLUMNS)
def test_elements_of_another_type_go_through_the_function(a: pd.Series) -> None:
    frame = pd.DataFrame({"points": a})
    for given in (frame, frame[:0], pd.DataFrame()):
        assert outcome(safe(BANDS), given) == outcome(HEAD + textwrap.dedent(BANDS), given)


@pytest.mark.parametrize("start", [100.0, 100, True, np.float32(3), None])
@pytest.mark.parametrize("mu", [0.1, 1, np.float64(0.1), np.array([0.1, 0.2]), None])
@pytest.mark.parametrize("n", [0, 1, 5, -2])
def test_numbers_of_another_type_go_through_the_loop(start: Any, mu: Any, n: int) -> None:
    assert outcome(safe(PATHS), start, mu, n) == outcome(HEAD + textwrap.dedent(PATHS), start, mu, n)


@pytest.mark.parametrize(
    "code",
    [
        # the powers of arrays may differ in their last bits
        "def f(a, b):\n    t = 0.0\n    for i in range(len(a)):\n        t += (a[i] - b[i]) ** 3\n    return t\n",
        # b has to be longer than a, or the loop raises
        "def f(a, b):\n    t = 0.0\n    for i in range(len(a)):\n        t += a[i] * b[i + 1]\n    return t\n",
        # what is divided by may be zero
        "def f(a: pd.Series):\n    out = []\n    for v in a:\n        out.append(2.5 / v)\n    return out\n",
    ],
)
def test_what_no_test_of_types_shows_stays_an_assumption(code: str) -> None:
    assert " is np.ndarray" not in safe(code)
    assert ".dtype" not in safe(code)


LABELS = """
    def f(items: pd.DataFrame):
        seen = []
        for idx in items.index:
            if items.loc[idx, 'stock'] <= 0:
                seen.append(str(items.loc[idx, 'name']))
            elif items.loc[idx, 'stock'] < items.loc[idx, 'low']:
                items.loc[idx, 'status'] = 'low'
        return seen
"""


@pytest.mark.parametrize("index", [[0, 1, 2, 3], [3, 2, 1, 0], list("wxyz"), [0, 0, 1, 1]])
def test_a_loop_over_labels_reads_arrays_where_labels_are_unique(index: list[Any]) -> None:
    frame = pd.DataFrame(
        {"stock": [0, 5, 2, 9], "low": [1, 6, 1, 3], "name": list("abcd"), "status": "ok"}, index=index
    )
    for given in (frame, frame[:0], frame[["stock"]]):
        assert outcome(safe(LABELS), given) == outcome(HEAD + textwrap.dedent(LABELS), given)
    assert "is_unique" in safe(LABELS)


def test_arrays_that_are_tested_for_are_found() -> None:
    tree = parse(SourceFile.from_bytes(Path("example.py"), safe(GAPS).encode()))

    assert arrays_tested_in(tree.body) == {"returns", "benchmark"}


LOWEST = """
    def f(df: pd.DataFrame):
        close = df["close"].values
        lowest = close[0]
        out = np.zeros(len(close))
        for i, c in enumerate(close):
            lowest = min(lowest, c)
            out[i] = c - lowest
        return out
"""
STREAK = """
    def f(events):
        streak = np.zeros(len(events), dtype=int)
        count = 0
        for i, ok in enumerate(events["ok"]):
            if ok:
                count = 0
            else:
                count = count + 1
            streak[i] = count
        return streak
"""
HEATER = """
    def f(temps, low=18.0, high=21.0):
        on = np.zeros(len(temps), dtype=bool)
        running = False
        for i, t in enumerate(temps):
            if t < low:
                running = True
            elif t > high:
                running = False
            on[i] = running
        return on
"""
CALLS = """
    def f(calls, agent):
        talk, longest = 0, 0
        for c in calls.itertuples():
            if c.agent != agent:
                continue
            talk += c.seconds
            if c.seconds > longest:
                longest = c.seconds
        return talk, longest
"""
PAID = """
    class Commission:
        floor = 25.0

        def __init__(self, rate=0.5):
            self.rate = rate

        def run(self, deals):
            result = []
            for value, margin in deals[["value", "margin"]].itertuples(index=False):
                c = max(value * self.rate, self.floor)
                if margin < 0.1:
                    c = c / 2
                if margin > 0.4:
                    c -= 10
                result.append(c)
            return result

    def f(deals, rate, floor):
        commission = Commission(rate)
        commission.floor = floor
        return commission.run(deals)
"""
ZEROS = [[0.0, -0.0, 1.0], [-0.0, 0.0, -1.0], [2.0, float("nan"), -0.0], [-0.0], [0.0, 1.0]]


@pytest.mark.parametrize("values", ZEROS)
@pytest.mark.parametrize("dtype", [float, object, "float32"])
def test_zeros_below_zero_go_through_the_loop(values: list[float], dtype: Any) -> None:
    assert "signbit" in safe(LOWEST)
    for given in (pd.DataFrame({"close": v}) for v in (np.array(values, dtype), np.array([3, 1, 2]), [1.0, 2.0])):
        assert outcome(safe(LOWEST), given) == outcome(HEAD + textwrap.dedent(LOWEST), given)


@pytest.mark.parametrize(
    "values", [[True, False, False], [0, 2, 0], ["", "a", ""], [None, 1.0, None], [pd.NA, 1, 0], []]
)
def test_counts_fit_an_array_of_integers(values: list[Any]) -> None:
    assert "dtypes.get" in safe(STREAK)
    for given in (pd.DataFrame({"ok": values}), pd.DataFrame({"ok": values}, dtype=object), {"ok": values}):
        assert outcome(safe(STREAK), given) == outcome(HEAD + textwrap.dedent(STREAK), given)


@pytest.mark.parametrize(
    "temps", [np.array([17.5, 20.0, 22.0, 19.0]), np.array([15, 30]), np.array([]), [17.5, 22], None]
)
@pytest.mark.parametrize("low", [18.0, 18, np.float64(18), float("nan"), np.array([18.0]), 2**60])
def test_truth_values_that_are_held_fit_an_array_of_them(temps: Any, low: Any) -> None:
    assert "type(temps) is np.ndarray" in safe(HEATER)
    assert outcome(safe(HEATER), temps, low) == outcome(HEAD + textwrap.dedent(HEATER), temps, low)


@pytest.mark.parametrize("agent", ["ann", 1, 1.5, None, np.array(["ann"]), ["ann"]])
def test_what_is_only_looked_for_may_be_text(agent: Any) -> None:
    assert "type(agent) in (str, float)" in safe(CALLS)
    calls = pd.DataFrame({"agent": ["ann", "bob", "ann"], "seconds": [30, -0.0, 45.5]})
    for given in (calls, calls.assign(agent=[1, 2, 1]), calls[:0], calls.assign(seconds=[1, 2, 3])):
        assert outcome(safe(CALLS), given, agent) == outcome(HEAD + textwrap.dedent(CALLS), given, agent)


@pytest.mark.parametrize("rate", [0.5, 1, True, np.float64(0.5)])
@pytest.mark.parametrize("floor", [25.0, 25, -0.0, np.float64(2.0)])
def test_floats_that_meet_floats_on_every_round_stay_floats(rate: Any, floor: Any) -> None:
    assert "type(self.rate) is float" in safe(PAID)
    deals = pd.DataFrame({"value": [100.0, 10.0, 2.0], "margin": [0.05, 0.5, float("nan")]})
    for given in (deals, deals.assign(value=[100, 10, 2]), deals[:0]):
        assert outcome(safe(PAID), given, rate, floor) == outcome(HEAD + textwrap.dedent(PAID), given, rate, floor)


OFFERS = """
    class Shop:
        def __init__(self, margin):
            self.margin = margin

        def priced(self, offers, floor):
            found = []
            for offer in offers.itertuples(index=False):
                price = offer.cost * (1 - self.margin)
                if offer.used:
                    price *= 0.5
                found.append(max(price, floor))
            return found

    def f(offers, margin, floor):
        return Shop(margin).priced(offers, floor)
"""
FINALS = """
    def f(n, start, mu, days):
        rng = np.random.default_rng(5)
        finals = np.empty(n)
        for k in range(n):
            steps = rng.normal(mu, 0.2, size=days)
            finals[k] = start * np.prod(1 + steps)
        return finals, rng.random()
"""


@pytest.mark.parametrize("margin", [0.25, 1, True, np.float32(0.5), float("nan"), "x"])
@pytest.mark.parametrize("floor", [1.5, 2, -0.0])
def test_a_number_made_of_a_float_is_one(margin: Any, floor: Any) -> None:
    assert "type(self.margin) is float" in safe(OFFERS)
    offers = pd.DataFrame({"cost": [3.0, -0.0, 8.5, float("nan")], "used": [True, False, True, False]})
    for given in (offers, offers.assign(used=list("ab c")), offers.assign(cost=[1, 2, 3, 4]), offers[:0]):
        given_too = (given, margin, floor)
        assert outcome(safe(OFFERS), *given_too) == outcome(HEAD + textwrap.dedent(OFFERS), *given_too)


@pytest.mark.parametrize("n", [4, 1, 0, -1, True, np.int64(3)])
@pytest.mark.parametrize("days", [3, 0, -1, (2, 2), None])
def test_what_is_drawn_on_no_round_is_not_drawn(n: Any, days: Any) -> None:
    assert "n > 0" in safe(FINALS)
    given = (n, 2.0, 0.1, days)
    assert outcome(safe(FINALS), *given) == outcome(HEAD + textwrap.dedent(FINALS), *given)


def test_what_some_rounds_compute_is_tested_by_no_number_of_rounds() -> None:
    assert "n > 0" not in safe(FINALS.replace("            finals", "            if k:\n                finals"))


def test_a_comprehension_that_gains_nothing_does_not_stand_in_the_way() -> None:
    cells = safe(CANDLES)
    assert "np.where" in cells and "for i in range(len(df)):" in cells  # the form that comes first is array code
    hoisted = safe(
        CANDLES.replace("df['Open'][i]", "df['Open'].iloc[i]").replace("df['Close'][i]", "df['Close'].iloc[i]")
    )
    assert "np.where" not in hoisted and "columns" in hoisted


STATES = """
    CODES = {"start": 1, "stop": 0}

    def f(events):
        codes = []
        before = []
        state = 0
        for word in events["event"]:
            before.append(state)
            if word in CODES:
                state = CODES[word]
            codes.append(state)
        return np.array(before + codes, dtype=int)
"""


@pytest.mark.parametrize("words", [["start", "x", "stop"], ["x", None, "start"], [1, "stop", 2.5], [float("nan")], []])
def test_words_that_are_gone_through_are_those_of_a_frame(words: list[Any]) -> None:
    assert "isinstance(events, pd.DataFrame)" in safe(STATES)
    frame = pd.DataFrame({"event": words})
    for given in (frame, frame.astype("category"), {"event": words}, {"event": tuple(words)}, frame[[]]):
        assert outcome(safe(STATES), given) == outcome(HEAD + textwrap.dedent(STATES), given)


FARES = """
    def f(rides: pd.DataFrame, base=4.0):
        fares = []
        for t, km in zip(rides["t"], rides["km"]):
            if km <= 0.1:
                fares.append(0.0)
                continue
            fare = base + 2 * km
            if t.weekday() == 6:
                fare *= 1.25
            if t.hour >= 22:
                fare += base
            fares.append(fare)
        return fares
"""
SPANS = """
    def f(rides: pd.DataFrame, base=4.0):
        fares = []
        for t, km in zip(rides["t"], rides["km"]):
            if km <= 0.1:
                fares.append(0.0)
                continue
            late = t.days * 0.5
            if late > 3.0:
                late *= 1.25
            if km > 2.0:
                late += base
            fares.append(late)
        return fares
"""
MOMENTS = [
    pd.to_datetime(["2024-01-07 23:00", "2024-01-07 06:00", "2024-01-03 12:30"]),
    pd.to_datetime(["2024-01-07 23:00", "2024-01-07 06:00", "2024-01-03 12:30"]).tz_localize("Europe/Paris"),
    pd.to_datetime(["2024-01-07 23:00", None, "2024-01-03 12:30"]),
    pd.Series(pd.to_datetime(["2024-01-07 23:00", "2024-01-07 06:00", "2024-01-03 12:30"]), dtype=object),
    pd.to_timedelta([1, 10, 5], unit="D"),
    pd.to_timedelta([1, None, 5], unit="D"),
    ["x", "y", "z"],
]


@pytest.mark.parametrize("code", [FARES, SPANS])
@pytest.mark.parametrize("moments", MOMENTS)
@pytest.mark.parametrize("rows", [3, 0])
def test_dates_are_read_as_arrays_where_they_are_dates(code: str, moments: Any, rows: int) -> None:
    assert ('startswith("datetime64")' if code is FARES else "timedelta64") in safe(code)
    for km in ([1.5, 2.5, 3.0], [1, 2, 3], [1.5, float("nan"), 0.0]):
        frame = pd.DataFrame({"t": moments, "km": km})[:rows]
        for given in (frame, frame[["km"]]):
            assert outcome(safe(code), given) == outcome(HEAD + textwrap.dedent(code), given)


def test_text_times_a_number_is_no_number() -> None:
    assert "dtypes" not in safe(FARES.replace("2 * km", 'km + "x" * base'))


DIVIDED = {
    "a column": """
        def f(df: pd.DataFrame):
            total = 0.0
            for r in df.itertuples():
                total += r.a / r.b
            return total
    """,
    "the best that is better than nothing": """
        def f(df: pd.DataFrame):
            worst = 0.0
            for r in df.itertuples():
                if r.a / r.b > worst:
                    worst = r.a / r.b
            return worst
    """,
    "an extreme": """
        def f(df: pd.DataFrame):
            peak = -np.inf
            worst = 0.0
            for value in df["b"]:
                peak = max(peak, value)
                drop = (peak - value) / peak
                if drop > worst:
                    worst = drop
            return worst
    """,
    "the first is the first": """
        def f(df: pd.DataFrame):
            low = float("inf")
            found = 0.0
            for value in df["b"]:
                low = min(low, value)
                found += value / low
            return found
    """,
}


@pytest.mark.parametrize("name", DIVIDED)
@pytest.mark.parametrize(
    "b", [[2.0, 4.0, 1.0], [2.0, 0.0, 1.0], [-0.0, 4.0, 1.0], [np.nan, 2.0, -3.0], [2, 4, 1], [0.0] * 3]
)
def test_zeros_that_are_divided_by_go_through_the_loop(name: str, b: list[float]) -> None:
    after = safe(DIVIDED[name])
    frame = pd.DataFrame({"a": [1.0, -2.0, -0.0], "b": b})
    for rows in (frame, frame.iloc[:1], frame.iloc[:0]):
        assert outcome(HEAD + textwrap.dedent(DIVIDED[name]), rows) == outcome(after, rows)


@pytest.mark.parametrize("between", ["peak -= 1.0", "if len(df) > 2:\n            peak = 0.0", "peak: float = 0.0"])
def test_a_state_that_begins_with_zero_after_all_is_not_tested(between: str) -> None:
    code = f"""
    def f(df: pd.DataFrame):
        peak = 1.0
        {between}
        worst = 0.0
        for value in df["b"]:
            peak = max(peak, value)
            worst += value / peak
        return worst
"""
    found, _, _ = look(textwrap.dedent(code))
    assert found
    assert not [form for site in found for form in site.forms if form.tier.label == "vector" and form.safe]


@pytest.mark.parametrize(
    "line", ["total += r.a / (r.b - 1)", "total += r.a / len(df)", "d = r.b * 2; total += r.a / d"]
)
def test_a_divisor_that_is_computed_is_not_tested(line: str) -> None:
    code = f"""
    def f(df: pd.DataFrame):
        total = 0.0
        for r in df.itertuples():
            {line}
        return total
"""
    found, _, _ = look(textwrap.dedent(code))
    assert found
    assert not [form for site in found for form in site.forms if form.tier.label == "vector" and form.safe]


STORED = {
    "a product": """
        def f(df: pd.DataFrame, k: float):
            df["y"] = 0.0
            for i in range(len(df)):
                df.loc[i, "y"] = df.loc[i, "a"] * k + 1
            return df
    """,
    "branches": """
        def f(df: pd.DataFrame, k: float):
            df["y"] = np.nan
            for idx, row in df.iterrows():
                if row["a"] > 0:
                    df.at[idx, "y"] = row["a"] / 2
                else:
                    df.at[idx, "y"] = 0
            return df
    """,
    "a column that is there": """
        def f(df: pd.DataFrame, k: float):
            for i in df.index:
                df.at[i, "y"] = min(df.at[i, "a"], 5.0)
            return df
    """,
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("index", [[0, 1, 2], [2, 1, 0], [0, 0, 1], list("xyz")])
@pytest.mark.filterwarnings("ignore")
def test_columns_that_cannot_hold_floats_go_through_the_loop(name: str, index: list[Any]) -> None:
    after = safe(STORED[name])
    numbers = (0.5, 2, True, np.float32(2), "x") if "* k" in STORED[name] else (0.5,)  # else nobody reads it
    for a in ([1.5, -2.0, np.nan], [1, 2, 3], [True, False, True], [1.5, None, "x"], np.array([1, 2, 3], "float32")):
        for y in ([0.5, 1.5, 2.5], [1, 2, 3], ["u", "v", "w"], [None, 1.5, 2], pd.array([1, None, 3], "Int64")):
            for k in numbers:
                frame = pd.DataFrame({"a": a, "y": y}, index=index)
                for rows in (frame, frame.iloc[:0], frame[["a"]]):
                    known = outcome(HEAD + textwrap.dedent(STORED[name]), rows, k)
                    assert outcome(after, rows, k)[:3] == known[:3]
