"""What parameters and attributes most likely are, by the calls of the file: forms that rely on it owe it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Status
from deloop.codemods.place import place
from deloop.loops.context import FileContext
from deloop.loops.kinds import Kinds
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite, Tier

HEAD = "import numpy as np\nimport pandas as pd\n\n\n"
PAIRS = """
    def f(x, y):
        out = []
        for a, b in zip(x, y):
            out.append(a * 2.5 + b)
        return out


    {calls}
"""
KEPT = """
    class Curve:
        def __init__(self, values{annotation}):
            self.values_ = values

        def f(self):
            {before}
            out = np.zeros(len(self.values_))
            for i in range(len(self.values_)):
                out[i] = self.values_[i] * 2.5
            return out


    def use(df: pd.DataFrame):
        return Curve({argument}).f()
"""


def forms(code: str) -> list[tuple[Rewrite, str]]:
    source = SourceFile.from_bytes(Path("example.py"), (HEAD + textwrap.dedent(code)).encode())
    tree = parse(source)
    found = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms]
    return [(form, place(source.text, tree, form.edits, form.imports).text) for form in found]


def owed(code: str) -> set[str]:
    """What the array code owes, nothing where there is none."""
    return {o.name for form, _ in forms(code) if form.tier is Tier.VECTOR for o in form.obligations}


@pytest.mark.parametrize(
    "calls",
    [
        "f(np.zeros(3), y=np.ones(3))",
        "def use(df: pd.DataFrame):\n        return f(df['a'].values, df['b'].to_numpy())",
        "def use(df: pd.DataFrame):\n        return f(df['a'], df['b'])",
        "def use(a: np.ndarray):\n        b = a * 2\n        return f(a, b), f(b, a)",
    ],
)
def test_all_calls_of_the_file_pass_arrays_or_series(calls: str) -> None:
    assert "likely-types" in owed(PAIRS.format(calls=calls))


@pytest.mark.parametrize(
    "calls",
    [
        "pass",
        "f([1, 2], [3, 4])",
        "f(*z)",
        "f(np.zeros(3), **more)",
        "f(np.zeros(3), [1, 2])\nf(np.zeros(3), np.zeros(3))",
        "f(np.zeros(3), other(3))",
        "other.f(np.zeros(3), np.zeros(3))",
    ],
)
def test_a_call_that_does_not_say(calls: str) -> None:
    assert not owed(PAIRS.format(calls=textwrap.indent(calls, "    ").strip()))


def test_the_form_that_needs_no_guess_stays_safe() -> None:
    found = forms(PAIRS.format(calls="f(np.zeros(3), np.zeros(3))"))
    assert any(form.safe and form.tier is Tier.COMPREHENSION for form, _ in found)


def test_lists_are_taken_all_the_same() -> None:
    _, text = next((f, t) for f, t in forms(PAIRS.format(calls="f(np.zeros(2), np.zeros(2))")) if f.tier is Tier.VECTOR)
    names: dict[str, Any] = {}
    exec(compile(text, "example.py", "exec"), names)
    assert list(names["f"]([1, 2], [3.0, 4.0])) == [5.5, 9.0]


@pytest.mark.parametrize("argument", ["df['a'].values", "np.zeros(3)"])
def test_what_a_class_keeps(argument: str) -> None:
    assert "likely-types" in owed(KEPT.format(annotation="", before="pass", argument=argument))


def test_what_a_class_keeps_is_annotated() -> None:
    assert "likely-types" in owed(KEPT.format(annotation=": np.ndarray", before="pass", argument="make()"))


@pytest.mark.parametrize(
    ("argument", "before"), [("[1, 2]", "pass"), ("make()", "pass"), ("np.zeros(3)", "self.values_ = [1, 2]")]
)
def test_what_a_class_keeps_is_something_else(argument: str, before: str) -> None:
    assert not owed(KEPT.format(annotation="", before=before, argument=argument))


ELEMENTS = """
    def f(s):
        out = np.zeros(len(s))
        for i in range(1, len(s)):
            out[i] = s.iloc[i] - s.iloc[i - 1]
        return out
"""


def test_what_is_read_by_position_alone_is_a_series() -> None:
    assert "likely-types" in owed(ELEMENTS)


@pytest.mark.parametrize("more", ["s['a']", "s.columns"])
def test_what_has_columns_is_none(more: str) -> None:
    assert not owed(ELEMENTS.replace("return out", f"return out, {more}"))


# ---------------------------------------------------------------- methods that read attributes of their object

METHOD = """
    class Fees:
        def __init__(self, rate, least):
            self.rate = rate
            self.least = least

        def fee(self, amount):
            {extra}
            return max(amount * self.rate, self.least)

        def f(self, df: pd.DataFrame):
            out = []
            for row in df.itertuples():
                {change}
                out.append(self.fee(row.amount))
            return out
"""


def test_a_method_that_reads_attributes_is_executed() -> None:
    code = METHOD.format(extra="pass", change="pass")
    assert {"no-override", "scalars"} <= owed(code)
    _, text = next((form, text) for form, text in forms(code) if form.tier is Tier.VECTOR)
    before, after = {}, {}
    exec(HEAD + textwrap.dedent(code), before)
    exec(text, after)
    df = pd.DataFrame({"amount": [1.0, np.nan, 200.0, -3.0]})
    assert np.array_equal(before["Fees"](0.5, 2.0).f(df), after["Fees"](0.5, 2.0).f(df), equal_nan=True)


@pytest.mark.parametrize(
    ("extra", "change"),
    [
        ("self.rate += 1", "pass"),
        ("self.seen.append(amount)", "pass"),
        ("note(self)", "pass"),
        ("self.by_amount[amount] = 1", "pass"),
        ("pass", "self.rate = row.amount"),
        ("pass", "self.least += 1"),
    ],
)
def test_a_method_that_does_more_is_not(extra: str, change: str) -> None:
    assert not owed(METHOD.format(extra=extra, change=change))


def test_calls_in_lambdas_and_decorators_say_nothing_of_what_a_function_is_given() -> None:
    text = """
import pandas as pd

bars = pd.read_csv("bars.csv")
later = lambda t: f(t)

@keep(f(bars))
def g(t):
    return [f(bars) for _ in range(3)] + [f"{f(bars)}"]

def f(table):
    return table
"""
    file = FileContext.build("example.py", text, parse(SourceFile.from_bytes(Path("example.py"), text.encode())))
    kinds = Kinds(file.scopes, guessing=True)
    function = file.tree.body[-1]
    kind = kinds.of(function.body[0].value, file.scopes.by_node[function])
    assert kind is not None and kind.name == "frame"


def test_a_call_in_a_function_of_a_function_that_has_no_loop() -> None:
    text = """
import pandas as pd

def f(table):
    out = []
    for x in table["a"]:
        out.append(round(x, 2))
    return out

def outer():
    def inner(rows):
        return f(pd.DataFrame(rows))

    return inner
"""
    source = SourceFile.from_bytes(Path("example.py"), text.encode())
    (finding,) = scan(source, Project())
    assert finding.function == "f"


RECURRENCE = """
    def smooth(prices, k):
        out = np.zeros(len(prices))
        out[0] = prices.iloc[0]
        for i in range(1, len(prices)):
            out[i] = prices.iloc[i] * k + out[i - 1] * (1 - k)
        return out
"""


def test_what_a_recurrence_reads_is_pulled_out_if_it_is_what_it_looks_like() -> None:
    found = [form for form, _ in forms(RECURRENCE)]
    assert found
    assert all("likely-types" in {o.name for o in form.obligations} for form in found)


@pytest.mark.parametrize(
    ("rounds", "few"), [("(a, b)", True), ("[a, *b]", False), ("range(3)", True), ("range(300)", False)]
)
def test_a_loop_of_a_few_rounds_is_fine(rounds: str, few: bool) -> None:
    text = f"""
import numpy as np

def f(a, b):
    out = np.zeros(0)
    for x in {rounds}:
        out = np.append(out, x)
    return out
"""
    (finding,) = scan(SourceFile.from_bytes(Path("example.py"), text.encode()), Project())
    assert (finding.status is Status.FINE) is few


@pytest.mark.parametrize(("piece", "ways"), [("xs[xs > t]", 1), ("xs[:2]", 1), ("len(xs) * t", 2)])
def test_parts_of_arrays_are_no_numbers_that_are_added(piece: str, ways: int) -> None:
    text = f"""
import numpy as np

def f(xs, ts):
    u = np.zeros(0)
    for t in ts:
        u = np.append(u, {piece})
    return u
"""
    (finding,) = scan(SourceFile.from_bytes(Path("example.py"), text.encode()), Project())
    assert len([form for form in finding.forms if form.rule.code == "DL503"]) == ways


STREAK = """
    def f(events):
        {before}
        count = 0
        for i, ok in enumerate(events["success"]):
            count = 0 if ok else count + 1
            streak[i] = count
        return streak
"""


@pytest.mark.parametrize(
    "before",
    ["n = len(events)\n        streak = np.zeros(n, dtype=int)", "streak = np.zeros(len(events), dtype=int)"],
)
def test_what_has_columns_and_as_many_elements_as_they_is_a_frame(before: str) -> None:
    assert "frame-columns" in owed(STREAK.format(before=before))


@pytest.mark.parametrize(
    "before",
    [
        "streak = np.zeros(len(events['success']), dtype=int)",
        "streak = np.zeros(9, dtype=int)",
        "n = len(events)\n        events.pop('x')\n        streak = np.zeros(n, dtype=int)",
    ],
)
def test_a_dict_of_lists_is_none(before: str) -> None:
    assert "frame-columns" not in owed(STREAK.format(before=before))


def test_columns_named_by_a_variable_of_what_has_as_many_rows() -> None:
    code = """
        def f(df, col="members"):
            rate = np.full(len(df), np.nan)
            for i in range(1, len(df)):
                rate[i] = df[col].iloc[i] - df[col].iloc[i - 1]
            return rate
    """
    assert "frame-columns" in owed(code)
    frames = """
        def f(frames, tickers):
            out = []
            for i in range(len(tickers)):
                out.append(frames[tickers[i]].iloc[-1] + frames[first].iloc[i])
            return out
    """
    assert "frame-columns" not in owed(frames)


BY_ATTRIBUTE = """
def f(deliveries):
    out = []
    for i in range({rounds}):
        out.append(deliveries.fat.iloc[i] * 2.0)
    return out
"""


@pytest.mark.parametrize("rounds", ["deliveries.shape[0]", "len(deliveries)"])
def test_what_has_as_many_rounds_as_its_attributes_elements_is_a_frame(rounds: str) -> None:
    found = [form for form, text in forms(BY_ATTRIBUTE.format(rounds=rounds)) if "deliveries.fat.iloc" not in text]
    assert found
    assert all(
        {"likely-types", "frame-columns"} & {o.name for o in form.obligations} for form in found if not form.safe
    )
    for form, text in forms(BY_ATTRIBUTE.format(rounds=rounds)):  # the program tests for what is guessed
        tested = "isinstance(deliveries, pd.DataFrame)" in text or "deliveries.fat.iloc" in text
        assert tested or not form.safe


def test_what_only_holds_a_series_is_no_frame() -> None:
    for form, text in forms(BY_ATTRIBUTE.format(rounds="len(deliveries.fat)")):
        assert "deliveries.items()" not in text and "deliveries['fat']" not in text, form
