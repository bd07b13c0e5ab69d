"""`deloop compare`: wrong rewrites are refuted with an input that can be pasted, right ones are accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import toy

FLOW = """\
import pandas as pd


def bar_pressure(open, high, low, close, volume):
    if high == low:
        return volume / 2
    return volume * (close - low) / (high - low)


def order_flow(bars: pd.DataFrame) -> pd.Series:
    out = []
    for i in range(len(bars)):
        bar = bars.iloc[i]
        out.append(bar_pressure(bar["open"], bar["high"], bar["low"], bar["close"], bar["volume"]))
    return pd.Series(out, index=bars.index, dtype=float)
"""
FAST = """\
import numpy as np
from pandas import DataFrame, Series


def wrong(bars: DataFrame) -> Series:
    buy = (bars["high"] - bars["open"]) * bars["volume"]
    return buy.astype(float).rename(None)


def right(frame: DataFrame) -> Series:
    spread = frame["high"] - frame["low"]
    with np.errstate(all="ignore"):
        share = frame["volume"] * (frame["close"] - frame["low"]) / spread
    buy = np.where(frame["high"] == frame["low"], frame["volume"] / 2, share)
    return Series(buy, index=frame.index, dtype=float)


def without_the_flat_bars(frame: DataFrame) -> Series:
    spread = frame["high"] - frame["low"]
    with np.errstate(all="ignore"):
        return (frame["volume"] * (frame["close"] - frame["low"]) / spread).astype(float).rename(None)
"""
STREAK = """\
import numpy as np


def streak(xs: list[float]):
    out = []
    n = 0
    for x in xs:
        if x > 0:
            n = n + 1 if n > 0 else 1
        elif x < 0:
            n = n - 1 if n < 0 else -1
        else:
            n = 0
        out.append(n)
    return out


def zero_counts_as_down(xs: list[float]):
    out = []
    for k, x in enumerate(xs):
        up = x > 0
        same = k > 0 and (xs[k - 1] > 0) == up
        out.append((out[-1] if same else 0) + (1 if up else -1))
    return out


def first_is_missed(xs: list[float]):
    out = [0] * len(xs)
    for i in range(1, len(xs)):
        sign = (xs[i] > 0) - (xs[i] < 0)
        out[i] = out[i - 1] + sign if sign and (xs[i - 1] > 0) - (xs[i - 1] < 0) == sign else sign
    return out


def right(values: list[float]):
    out = []
    for x in values:
        sign = (x > 0) - (x < 0)
        last = out[-1] if out else 0
        out.append(last + sign if last * sign > 0 else sign)
    return out
"""
BOOK = """\
import math as m


class Book:
    def __init__(self, limit: float, fee: float):
        self.limit = limit
        self.fee = fee

    def costs(self, amounts: list[float]):
        out = []
        for a in amounts:
            if a > self.limit:
                out.append(self.limit * self.fee)
            else:
                out.append(a * self.fee)
        return out

    def costs_listed(self, amounts: list[float]):
        return [(self.limit if a > self.limit else a) * self.fee for a in amounts]

    @classmethod
    def doubled(cls, amounts: list[float]):
        return [a * 2 for a in amounts]

    def costs_wrong(self, amounts: list[float]):
        return [(a if a > self.limit else self.limit) * self.fee for a in amounts]


class OtherBook:
    def charges(self, values: list[float]):
        return [self._one(v) for v in values]

    def _one(self, v):
        return (self.limit if v > self.limit else v) * self.fee
"""
SMALL = """\
import json
import not_there

TABLE = {}


def total(xs: list[float], start=0.0):
    for x in xs:
        start += x
    return start


def total_of(xs: list[float]):
    return sum(xs, 0.0)


def remembered(xs: list[float]):
    TABLE["last"] = sum(xs, 0.0)
    return TABLE["last"]


def mean(xs: list[float]):
    return float(__import__("numpy").mean(xs))


def elsewhere(xs: list[float]):
    return not_there.total(xs)


def never(xs: list[float]):
    if len(xs) == 12_345_678:
        return None
    return sum(xs, 0.0)


def refuses(xs: list[float]):
    raise ValueError("no")


def joined(a, b):
    return a + b


def joined_back(a, b):
    return b + a


async def later(xs):
    return xs


def hangs(xs: list[float]):
    while True:
        pass


def doubled(amounts: list[float]):
    return [a * 2 for a in amounts]


def counted(words):
    return [len(word) for word in words if word == "buy"]


def counted_sell(words):
    return [len(word) for word in words if word == "sell"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compare")
    for name, text in {"flow": FLOW, "fast": FAST, "streak": STREAK, "book": BOOK, "small": SMALL}.items():
        (made / f"{name}.py").write_text(text)
    (made / "broken.py").write_text("x = 1\ndef f(a):\n    return (a\n")
    return made


def compare(folder: Path, old: str, new: str, *words: str) -> dict[str, object]:
    """The comparison as JSON, with the exit status."""
    done = toy.call(["compare", old, new, *words, "--output-format", "json"], folder)
    assert done.stderr == ""
    data = json.loads(done.stdout)
    assert data["version"] == 1
    (found,) = data["comparisons"]
    assert done.returncode == {"equivalent": 0, "refuted": 1, "unknown": 2}[found["verdict"]]
    return found  # type: ignore[no-any-return]


def pasted(found: dict[str, object], folder: Path, *calls: str) -> list[str]:
    """Run the counterexample as a reader would, in the folder of the files; what the calls give."""
    example = found["counterexample"]
    assert isinstance(example, dict)
    code = "import numpy as np, pandas as pd\nimport flow, fast, streak\n" + example["inputs"]
    code += "".join(f"\nprint(repr(list({call})))" for call in calls)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


# ---- the order flow


def test_a_class_method_may_become_a_function_of_another_file(folder: Path) -> None:
    assert compare(folder, "book.py:Book.doubled", "small.py:doubled")["verdict"] == "equivalent"


def test_the_wrong_order_flow_is_refuted_with_a_frame_to_paste(folder: Path) -> None:
    done = toy.call(["compare", "flow.py:order_flow", "fast.py:wrong"], folder)
    assert done.returncode == 1
    text = done.stdout
    assert text.startswith("flow.py:order_flow -> fast.py:wrong: refuted: returned value[0]: ")
    assert "import pandas as pd\n    bars = pd.DataFrame({" in text
    assert "old: order_flow(bars) returns pd.Series([" in text and "new: wrong(bars) returns pd.Series([" in text
    assert "x at 50, " in text and "x at 1,000" in text


def test_the_counterexample_is_small_and_shows_the_difference_when_pasted(folder: Path) -> None:
    found = compare(folder, "flow.py:order_flow", "fast.py:wrong")
    assert found["conditions"] == [] and found["differ_on_ordinary"]
    old, new = pasted(found, folder, "flow.order_flow(bars)", "fast.wrong(bars)")
    assert old != new and len(old.split(",")) == 1, "one row is enough"


def test_the_right_order_flow_is_accepted_on_numbers(folder: Path) -> None:
    found = compare(folder, "flow.py:order_flow", "fast.py:right", "--map", "bars=frame", "--assume", "numeric-columns")
    assert found["verdict"] == "equivalent"
    assert found["returned"] > 80 and found["excused"] and found["assumed"] == ["numeric-columns"]  # type: ignore[operator]
    assert {n for n, _ in found["speedups"]} >= {50, 1000}  # type: ignore[attr-defined]


def test_what_differs_only_on_odd_types_says_so(folder: Path) -> None:
    found = compare(folder, "flow.py:order_flow", "fast.py:right", "--map", "bars=frame")
    assert found["verdict"] == "refuted" and not found["differ_on_ordinary"]
    conditions = found["conditions"]
    assert isinstance(conditions, list)
    assert all(c["tag"].startswith(("dtype:", "columns:", "value:none")) for c in conditions)
    assert all("numeric-columns" in c["assume"] for c in conditions)


def test_bars_without_a_range_are_not_forgotten(folder: Path) -> None:
    found = compare(
        folder,
        *("flow.py:order_flow", "fast.py:without_the_flat_bars", "--map", "bars=frame"),
        *("--assume", "numeric-columns"),
    )
    assert found["verdict"] == "refuted"
    old, new = pasted(found, folder, "flow.order_flow(bars)", "fast.without_the_flat_bars(bars)")
    assert old != new


# ---- the streaks


@pytest.mark.parametrize("wrong", ["zero_counts_as_down", "first_is_missed"])
def test_wrong_streaks_are_refuted(folder: Path, wrong: str) -> None:
    found = compare(folder, "streak.py:streak", f"streak.py:{wrong}")
    assert found["verdict"] == "refuted"
    old, new = pasted(found, folder, "streak.streak(xs)", f"streak.{wrong}(xs)")
    assert old != new and len(old.split(",")) <= 2


def test_a_condition_is_named_and_can_be_set_aside(folder: Path) -> None:
    found = compare(folder, "streak.py:streak", "streak.py:zero_counts_as_down")
    tags = {c["tag"]: c for c in found["conditions"]}  # type: ignore[attr-defined]
    assert "value:zero" in tags and tags["value:zero"]["text"].startswith("zero")
    assert "no-zero-division" in tags["value:zero"]["assume"]
    words = ("--assume", "no-zero-division", "--assume", "no-missing", "--assume", "numeric-arrays")
    found = compare(folder, "streak.py:streak", "streak.py:zero_counts_as_down", *words)
    assert found["verdict"] == "equivalent"
    assert found["notes"] == ["only inputs that are ruled out make `x < 0` on line 10 false"]


def test_other_names_of_parameters_are_mapped(folder: Path) -> None:
    found = compare(folder, "streak.py:streak", "streak.py:right", "--map", "xs=values")
    assert found["verdict"] == "equivalent"
    assert found["parameters"] == [{"input": "xs", "old": "xs", "new": "values"}]


# ---- what is given


GIVEN = """\
import numpy as np
import pandas as pd


def lagged(x: list, k: int):
    return [x[i] for i in range(len(x) - k)]


def sliced(x: list, k: int):
    return x[:len(x) - k]


def less(s: pd.Series):
    return [v - 2 for v in s]


def less_wide(s: pd.Series):
    return (s.to_numpy().astype("int64") - 2).tolist()


def integers(frame: pd.DataFrame):
    return [row["n"] for _, row in frame.iterrows()]


def floats(frame: pd.DataFrame):
    return list(frame["n"].to_numpy().astype(float))


def best(values, last=False):
    where, top = None, -float("inf")
    for k, value in enumerate(values):
        if value >= top if last else value > top:
            where, top = k, value
    return where


def last_best(values: list[float]):
    return best(values, True)


def reversed_best(values: list[float]):
    return len(values) - 1 - int(np.argmax(np.array(values)[::-1]))


def total(values: list, start):
    for value in values:
        start = start + value
    return start


def start_only(values: list, start):
    return start
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("given")
    (made / "pairs.py").write_text(GIVEN)
    return made


@pytest.mark.parametrize(
    ("old", "new", "condition"),
    [
        ("lagged", "sliced", "0 <= k <= len(x)"),
        ("less", "less_wide", "s.dtype == 'uint8'"),
        ("integers", "floats", "set(map(str, frame.dtypes)) == {'int64', 'float64'} and frame['n'].dtype == int"),
        ("last_best", "reversed_best", "len(values) > 0 and all(type(v) is float and v == v for v in values)"),
        ("total", "start_only", "len(values) == 0"),
    ],
)
def test_what_is_given_makes_a_right_form_equivalent(given: Path, old: str, new: str, condition: str) -> None:
    assert compare(given, f"pairs.py:{old}", f"pairs.py:{new}")["verdict"] == "refuted"
    found = compare(given, f"pairs.py:{old}", f"pairs.py:{new}", "--given", condition)
    assert found["verdict"] == "equivalent" and found["given"] == [condition]


def test_what_is_given_excuses_nothing_else(given: Path) -> None:
    found = compare(given, "pairs.py:lagged", "pairs.py:sliced", "--given", "k < 100")
    assert found["verdict"] == "refuted"
    found = compare(given, "pairs.py:less", "pairs.py:less_wide", "--given", "s.dtype == 'float32'")
    assert found["verdict"] == "refuted" and "dtype='float32'" in found["counterexample"]["inputs"]  # type: ignore[index]


def test_a_condition_that_no_input_fulfils_is_no_verdict(given: Path) -> None:
    found = compare(given, "pairs.py:less", "pairs.py:less_wide", "--given", "s.nonsense")
    assert found["verdict"] == "unknown"
    assert "no input could be made of which holds what is given (AttributeError" in found["reason"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("condition", "told"),
    [("len(s", "an expression is expected"), ("len(x) > 1", "has no parameter `x`; its parameters: s")],
)
def test_a_condition_that_can_not_be_asked(given: Path, condition: str, told: str) -> None:
    done = toy.call(["compare", "pairs.py:less", "pairs.py:less_wide", "--given", condition], given)
    assert done.returncode == 2 and told in done.stderr


def test_what_is_given_is_said_with_the_verdict(given: Path) -> None:
    done = toy.call(["compare", "pairs.py:lagged", "pairs.py:sliced"], given)
    assert "ruled out by --given with an expression" in done.stdout
    done = toy.call(["compare", "pairs.py:lagged", "pairs.py:sliced", "--given", "0 <= k <= len(x)"], given)
    assert ", given `0 <= k <= len(x)`\n" in done.stdout


# ---- what is made, and what is shown of it


NUMBERS = ("--assume", "no-missing", "--assume", "numeric-columns")
SHOWN = """\
import numpy as np
import pandas as pd

RATES = {"EUR": 1.0, "USD": 0.9}


def totalled(rows: list):
    total = 0.0
    for row in rows:
        total += row["amount"]
    rows.append({"amount": total})


def not_totalled(rows: list):
    rows = rows + [{"amount": sum(row["amount"] for row in rows)}]


def converted(df: pd.DataFrame):
    out = []
    for currency, amount in zip(df["currency"], df["amount"]):
        out.append(amount * RATES[currency])
    return out


def mapped(df: pd.DataFrame):
    rates = df["currency"].map(RATES)
    if rates.isna().any():
        raise KeyError(df["currency"][rates.isna()].iloc[0])
    return (df["amount"] * rates).tolist()


def by_position(a: pd.Series, b: pd.Series):
    return pd.Series([x - y for x, y in zip(a, b)], index=a.index)


def by_label(a: pd.Series, b: pd.Series):
    return a - b
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shown")
    (made / "pairs.py").write_text(SHOWN)
    return made


def test_a_list_of_rows_is_one_whatever_its_annotation(shown: Path) -> None:
    found = compare(shown, "pairs.py:totalled", "pairs.py:not_totalled")
    assert found["verdict"] == "refuted" and found["differ_on_ordinary"]
    assert found["counterexample"]["inputs"] == "rows = [{'amount': 1.0}]"  # type: ignore[index]


def test_a_mask_takes_values_of_the_column(shown: Path) -> None:
    found = compare(shown, "pairs.py:converted", "pairs.py:mapped", *NUMBERS)
    assert found["verdict"] == "equivalent"


def test_another_value_is_shown_before_another_type(shown: Path) -> None:
    found = compare(shown, "pairs.py:by_position", "pairs.py:by_label")
    example = found["counterexample"]
    assert example["inputs"].startswith("a = pd.Series([1.0], index=[") and "nan" in example["new"]  # type: ignore[index]
    tags = [c["tag"] for c in found["conditions"]]  # type: ignore[attr-defined]
    assert "only:element-types" in tags and "index:shifted" in tags


def test_conditions_with_one_remedy_go_together(shown: Path) -> None:
    lines = toy.call(["compare", "pairs.py:by_position", "pairs.py:by_label"], shown).stdout.split("\n")
    (labels,) = [line for line in lines if "--assume range-index or numeric-arrays" in line]
    (named,) = [line for line in lines if line.startswith("    - row labels that start at 5; shuffled row labels; ")]
    assert lines.index(labels) - lines.index(named) <= 1
    assert "more, see below" in lines[0] or lines[0].count(";") <= 4


# ---- methods


def test_each_name_is_told_in_words_where_it_is_offered_and_where_it_is_assumed(shown: Path) -> None:
    done = toy.call(["compare", "pairs.py:converted", "pairs.py:mapped"], shown)
    assert "\n  if that never happens: --assume " in done.stdout
    lines = done.stdout.split("\n")
    (offered,) = [line for line in lines if line.startswith("  if that never happens: ")]
    names = [word for word in offered.split() if word.startswith(tuple("abcdefghijklmnopqrstuvwxyz")) and "-" in word]
    assert names and all(any(line.startswith(f"    {name}: ") for line in lines) for name in names)
    assert "numeric-columns: the columns read exist" in done.stdout and "the loop" not in done.stdout
    assumed = toy.call(["compare", "pairs.py:converted", "pairs.py:mapped", *NUMBERS], shown).stdout
    assert ", assuming " in assumed and "\n    numeric-columns: the columns read exist" in assumed
    (row,) = json.loads(
        toy.call(["compare", "pairs.py:converted", "pairs.py:mapped", "--output-format", "json"], shown).stdout
    )["comparisons"]
    assert row["meanings"]["numeric-columns"].startswith("the columns read exist")


def test_methods_read_the_attributes_of_their_object(folder: Path) -> None:
    assert compare(folder, "book.py:Book.costs", "book.py:Book.costs_listed")["verdict"] == "equivalent"
    found = compare(folder, "book.py:Book.costs", "book.py:Book.costs_wrong")
    assert found["verdict"] == "refuted"
    inputs = found["counterexample"]["inputs"]  # type: ignore[index]
    assert inputs.startswith("self = object.__new__(Book)\nself.") and "self.limit = " in inputs


def test_a_method_of_another_class(folder: Path) -> None:
    found = compare(folder, "book.py:Book.costs", "book.py:OtherBook.charges", "--map", "amounts=values")
    assert found["verdict"] == "equivalent"


# ---- what counts as a difference


def test_the_last_bits_count_unless_a_tolerance_is_given(folder: Path) -> None:
    (folder / "mean.py").write_text(
        "def mean(xs: list[float]):\n    total = 0.0\n    for x in xs:\n        total += x\n"
        "    return total / max(len(xs), 1)\n\n\n"
        "def numpy_mean(xs: list[float]):\n    import numpy\n    return float(numpy.sum(xs)) / max(len(xs), 1)\n"
    )
    found = compare(folder, "mean.py:mean", "mean.py:numpy_mean", "--assume", "numeric-arrays")
    assert [c["tag"] for c in found["conditions"]] == ["only:last-bits"]  # type: ignore[attr-defined]
    near = compare(folder, "mean.py:mean", "mean.py:numpy_mean", "--assume", "numeric-arrays", "--rtol", "1e-9")
    assert near["verdict"] == "equivalent" and near["max_ulp"] > 0  # type: ignore[operator]


def test_changes_of_globals_are_compared(folder: Path) -> None:
    found = compare(folder, "small.py:remembered", "small.py:total_of")
    assert found["verdict"] == "refuted"
    assert found["reason"] == "TABLE is changed, but only by the old function"
    found = compare(folder, "small.py:total_of", "small.py:remembered")
    assert found["reason"] == "TABLE is changed, but only by the new function"


def test_text_is_tried_where_nothing_says_number(folder: Path) -> None:
    found = compare(folder, "small.py:joined", "small.py:joined_back")
    assert [c["tag"] for c in found["conditions"]] == ["dtype:str"]  # type: ignore[attr-defined]


def test_literals_of_both_functions_are_tried(folder: Path) -> None:
    found = compare(folder, "small.py:counted", "small.py:counted_sell")
    assert found["verdict"] == "refuted"


def test_a_default_that_only_one_has_is_left_alone_and_noted(folder: Path) -> None:
    found = compare(folder, "small.py:total", "small.py:total_of", "--assume", "numeric-arrays")
    assert found["verdict"] == "equivalent"
    assert found["notes"] == ["`start` of small.py:total is left at its default"]


def test_a_new_function_that_never_returns_is_refuted(folder: Path) -> None:
    found = compare(folder, "small.py:total_of", "small.py:hangs")
    assert found["verdict"] == "refuted"
    assert found["counterexample"]["new"] == "does not return in time"  # type: ignore[index]


def test_a_merge_that_repeats_rows_is_refuted_on_repeated_keys(tmp_path: Path) -> None:
    (tmp_path / "merged.py").write_text(
        "import numpy as np\nimport pandas as pd\n\n\n"
        "def looked_up(trades: pd.DataFrame, rates: pd.DataFrame):\n    out = []\n"
        "    for _, trade in trades.iterrows():\n        found = rates[rates['ccy'] == trade['ccy']]\n"
        "        if len(found):\n            out.append(found['rate'].iloc[0] * trade['qty'])\n"
        "        else:\n            out.append(np.nan)\n    return pd.Series(out, dtype=float)\n\n\n"
        "def merged(trades: pd.DataFrame, rates: pd.DataFrame):\n"
        "    m = trades.merge(rates, on='ccy', how='left')\n    return (m['rate'] * m['qty']).astype(float)\n"
    )
    found = compare(tmp_path, "merged.py:looked_up", "merged.py:merged")
    assert found["verdict"] == "refuted"
    inputs = found["counterexample"]["inputs"]  # type: ignore[index]
    assert "KeyError" not in str(found["reason"])
    assert any("unique-keys" in c["assume"] for c in found["conditions"])  # type: ignore[attr-defined]
    assert "'qty'" in inputs and "'rate'" in inputs.split("\n")[1] and "'rate'" not in inputs.split("\n")[0]


# ---- can't tell


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("never", "total_of", "no input makes `len(xs) == 12345678` on line"),
        ("refuses", "refuses", "no input could be made that the old function accepts: ValueError: no"),
        ("later", "total_of", "small.py:later is a coroutine"),
        ("total_of", "elsewhere", "they differ, but with a stand-in for not_there.total"),
    ],
)
def test_what_can_not_be_told_says_why(folder: Path, old: str, new: str, reason: str) -> None:
    found = compare(folder, f"small.py:{old}", f"small.py:{new}")
    assert found["verdict"] == "unknown"
    assert reason in str(found["reason"])
    assert found["counterexample"] is None


# ---- wrong calls


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.py:f", "small.py:total"), "nowhere.py: no such file; give its path"),
        (("small.py:totl", "small.py:total"), "small.py: has no function `totl`"),
        (("book.py:costs", "small.py:total"), "did you mean `Book.costs`?"),
        (("broken.py:f", "small.py:total"), "broken.py:3: syntax error: "),
        (("small.py", "book.py"), "have no function of the same name"),
        (("small", "small.py:total"), "`small`: a side is FILE.py:FUNCTION"),
        (("git:HEAD", "small.py:total"), "`git:HEAD`: a revision and a file are expected"),
        (("git:HEAD:small.py:total", "small.py:total"), "not in a git repository"),
        (("streak.py:streak", "streak.py:right"), "name the pair, as with --map xs=values"),
        (("streak.py:streak", "streak.py:right", "--map", "xs"), "--map xs: two names of parameters are expected"),
        (("streak.py:streak", "streak.py:right", "--map", "ys=values"), "streak.py:streak has no parameter `ys`"),
        (("small.py:total", "small.py:total", "--assume", "nomissing"), "did you mean `no-missing`?"),
        (("small.py:total", "small.py:total", "--rtol", "-1"), "--rtol -1: a number from 0 up to 1"),
    ],
)
def test_a_wrong_call_is_one_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = toy.call(["compare", *words], folder)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("deloop: ") and said in line


def test_the_interpreter_of_the_configuration_is_used(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(SMALL)
    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\npython = "no-such-python"\n')
    done = toy.call(["compare", "small.py:total", "small.py:total_of"], tmp_path)
    assert done.returncode == 2 and "no-such-python: not found" in done.stderr


# ---- git


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A revision of a package, and a function of it rewritten since."""
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "rates.py").write_text("RATE = 2.0\n\n\ndef rated(x):\n    return x * RATE\n")
    head = "from .rates import rated\n\n\ndef same(a):\n    return a\n\n\n"
    loop = "def total(xs: list[float]):\n    t = 0.0\n    for x in xs:\n        t += rated(x)\n    return t\n"
    (package / "sums.py").write_text(head + loop)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    (package / "sums.py").write_text(
        head + "def total(xs: list[float]):\n    return sum([rated(x) for x in xs], 0.0)\n"
    )
    return tmp_path


def test_a_function_of_a_revision_runs_with_the_modules_of_that_revision(repository: Path) -> None:
    words = ("git:HEAD:pkg/sums.py:total", "pkg/sums.py:total", "--assume", "numeric-arrays")
    assert compare(repository, *words)["verdict"] == "equivalent"
    (repository / "pkg" / "rates.py").write_text("def rated(x):\n    return x * 3.0\n")
    assert compare(repository, *words)["verdict"] == "refuted"


def test_of_two_versions_of_a_file_what_differs_is_compared(repository: Path) -> None:
    done = toy.call(["compare", "git:HEAD:pkg/sums.py", "pkg/sums.py", "--assume", "numeric-arrays"], repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("git:HEAD:pkg/sums.py:total -> pkg/sums.py:total: equivalent on ")
    assert done.stderr == "1 of 2 functions are the same in both, with all they call\n"


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("git:nowhere:pkg/sums.py:total", "git:nowhere: no such revision"),
        ("git:--all:pkg/sums.py:total", "git:--all: no such revision"),
        ("git:HEAD:pkg/other.py:total", "the revision has no such file"),
    ],
)
def test_a_wrong_revision_is_one_line(repository: Path, side: str, said: str) -> None:
    done = toy.call(["compare", side, "pkg/sums.py:total"], repository)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("deloop: ") and said in line


# ---- the real process


def test_the_command_itself(folder: Path) -> None:
    words = [sys.executable, "-m", "deloop", "compare", "streak.py:streak", "streak.py:first_is_missed"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1 and done.stderr == ""
    assert "new: first_is_missed(xs) returns [" in done.stdout
