"""More programs that set out to get a wrong rewrite: rows as read, types of the results, arrays that hold less.

As in `test_attacks.py`: whatever deloop makes of them does the same, or names the assumption that the input breaks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_attacks import CALL, Attack, attacked

from deloop.loops.remarks import Reason
from fuzzing.judge import forms

NAN = float("nan")

ATTACKS = [
    Attack(
        "a row of a table that has none is filled by no round",
        """
import numpy as np
def f(obs: np.ndarray, pi: np.ndarray):
    alpha = np.zeros((len(obs), len(pi)))
    for k in range(len(pi)):
        alpha[0, k] = pi[k] * 2.0
    return alpha
""",
        "f(obs, pi)",
        obs=np.array([]),
        pi=np.array([]),
    ),
    Attack(
        "a column of a table that has none is filled by no round",
        """
import numpy as np
def f(texts: list, names: list):
    table = np.zeros((len(texts), len(names)))
    for k in range(len(texts)):
        table[k, 1] = float(texts[k].strip())
    return table
""",
        "f(texts, names)",
        texts=[],
        names=["a"],
    ),
    Attack(
        "a list of placeholders is read for another one",
        """
def f(xs: list):
    a = [0] * len(xs)
    b = [1] * len(xs)
    for i in range(len(xs)):
        b[i] = a[i] + 2
        a[i] = xs[i]
    return a, b
""",
        "f(xs)",
        xs=[5, 6, 7],
    ),
    Attack(
        "text is stored into an array that no element asks for",
        """
import numpy as np
def f(x: np.ndarray):
    for i in range(len(x)):
        if x[i] > 100:
            x[i] = "b"
    return x
""",
        "f(x)",
        x=np.array([1.5, -2.0, 3.0]),
    ),
    Attack(
        "a frame that is sorted anew on every round, and changed by a call",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    left = [0, 1, 2]
    def take(v):
        df.loc[left.pop(), "x"] = 9.0
        return v
    for i in range(len(df)):
        out.append(take(df.sort_values("x")["x"].iloc[i]))
    return out
""",
        CALL,
        df=pd.DataFrame({"x": [1.5, -2.0, 3.0]}),
    ),
    Attack(
        "a name that a condition may bind to another list",
        """
def f(xs: list, kept: list):
    out = []
    if (out := kept):
        out = out + [0]
    for x in xs:
        out.append(x + 1)
    return out, kept
""",
        "f(xs, kept)",
        xs=[1, 2],
        kept=[],
    ),
    Attack(
        "rows of a frame that is an attribute",
        """
import pandas as pd

class Log:
    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def texts(self):
        out = []
        for _, row in self.frame.iterrows():
            out.append(str(row["at"]) + "|" + row["at"].strftime("%H"))
        return out

def f(df: pd.DataFrame):
    return Log(df).texts()
""",
        CALL,
        df=pd.DataFrame({"at": pd.date_range("2024-03-31", periods=3, freq="h", tz="Europe/Paris")}),
    ),
    Attack(
        "a NaN that is read again is another one",
        """
import pandas as pd
def f(df: pd.DataFrame):
    counts = {}
    for i in range(len(df)):
        if df["k"].iloc[i] not in counts:
            counts[df["k"].iloc[i]] = 0
        counts[df["k"].iloc[i]] += 1
    return counts
""",
        CALL,
        df=pd.DataFrame({"k": [1.0, NAN, 1.0]}),
    ),
    Attack(
        "a NaN of a row that is read again",
        """
import pandas as pd
def f(df: pd.DataFrame):
    counts = {}
    for _, row in df.iterrows():
        if row["k"] not in counts:
            counts[row["k"]] = 0
        counts[row["k"]] += 1
    return counts
""",
        CALL,
        df=pd.DataFrame({"k": [1.0, NAN, 1.0]}),
    ),
    Attack(
        "a NaN that is computed again",
        """
def f(xs: list):
    counts = {}
    for x in xs:
        counts[x * 2] = counts.get(x * 2, 0) + 1
        if x * 2 in counts:
            counts[x * 2] += 0
    return counts
""",
        "f(xs)",
        xs=[1.0, NAN],
    ),
    Attack(
        "an array of narrow integers",
        """
import numpy as np
def f(xs: list):
    out = np.zeros(len(xs), dtype=np.uint8)
    for i in range(len(xs)):
        out[i] = xs[i] + 1
    return out
""",
        "f(xs)",
        xs=[1.5, -2.5, 0.5],
    ),
    Attack(
        "NaN into integers",
        """
import numpy as np
def f(xs: list):
    out = np.zeros(len(xs), dtype=int)
    for i in range(len(xs)):
        out[i] = xs[i] * 1.5
    return out
""",
        "f(xs)",
        xs=[1.0, NAN],
    ),
    Attack(
        "the mean of a window of nothing but NaN",
        """
import pandas as pd
def f(df: pd.DataFrame, w=2):
    out = []
    for i in range(w, len(df) + 1):
        out.append(df["x"].iloc[i - w:i].mean())
    return out
""",
        CALL,
        df=pd.DataFrame({"x": [NAN, NAN, NAN, 1.0]}),
    ),
    Attack(
        "the mean of a growing window of nothing but NaN",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(1, len(df) + 1):
        out.append(df["x"].iloc[:i].mean())
    return out
""",
        CALL,
        df=pd.DataFrame({"x": [NAN, NAN, NAN, 1.0]}),
    ),
    Attack(
        "the mean of a group of nothing but NaN",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = {}
    for k in df["k"].unique():
        out[k] = df[df["k"] == k]["v"].mean()
    return out
""",
        CALL,
        df=pd.DataFrame({"k": ["a", "b", "a"], "v": [1.0, NAN, 2.0]}),
    ),
]

#: What each form of the last ones has to name.
NAMED = [
    ("an array of narrow integers", "DL104", "fitting-values"),
    ("NaN into integers", "DL104", "fitting-values"),
    ("the mean of a window of nothing but NaN", "DL701", "element-types"),
    ("the mean of a growing window of nothing but NaN", "DL703", "element-types"),
    ("the mean of a group of nothing but NaN", "DL512", "element-types"),
    ("a NaN that is read again is another one", "DL206", "no-missing"),
    ("a NaN of a row that is read again", "DL206", "no-missing"),
]

DATES = pd.DataFrame({"t": pd.to_datetime(["2020-01-01", "2020-01-02", None]), "ok": [True, False, True]})
#: Elements that no array of numbers can stand for: forms of array arithmetic would be wrong on every input.
NO_NUMBERS = [
    Attack(
        what,
        f"""
import datetime
import decimal
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append({element})
    return out
""",
        CALL,
        df=DATES,
    )
    for what, element in [
        ("a day more", 'df["t"].iloc[i] + pd.Timedelta(days=1)'),
        ("a date of Python's", 'df["t"].iloc[i] - datetime.datetime(2020, 1, 1)'),
        ("a missing date", 'df["t"].iloc[i] if df["ok"].iloc[i] else pd.NaT'),
        ("a missing value", 'df["ok"].iloc[i] if df["ok"].iloc[i] else pd.NA'),
        ("an exact number", 'df["ok"].iloc[i] * decimal.Decimal("1.5")'),
    ]
]


@pytest.mark.parametrize("attack", NO_NUMBERS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_what_is_no_number_meets_no_array(attack: Attack) -> None:
    found = attacked(attack, annotated=True)
    assert found and not any(form.rewrite.tier.label == "vector" for form in found)


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "bare"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_fails(attack: Attack, annotated: bool) -> None:
    attacked(attack, annotated)


@pytest.mark.parametrize(("attack", "rule", "assumption"), NAMED)
def test_what_the_input_breaks_is_named(attack: str, rule: str, assumption: str) -> None:
    found = attacked(next(a for a in ATTACKS if a.name == attack), annotated=False)
    forms = [form.rewrite for form in found if form.rewrite.rule.code == rule and not form.rewrite.safe]
    assert forms and all(assumption in {o.name for o in form.obligations} for form in forms)


TWICE = pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"])
SUMS_OF_CELLS = {
    "comprehension over rows": "    return [row['a'].sum() for _, row in df.iterrows()]\n",
    "loop over rows": (
        "    out = []\n    for _, row in df.iterrows():\n        out.append(row['a'].sum())\n    return out\n"
    ),
    "loop over positions": (
        "    out = []\n    for i in range(len(df)):\n        out.append(df['a'].iloc[i].max())\n    return out\n"
    ),
    "row by position": (
        "    out = 0\n    for i in range(len(df)):\n        out += df.iloc[i]['a'].sum() * i\n    return out\n"
    ),
    "apply": "    return df.apply(lambda row: row['a'].max() - row['a'].min(), axis=1)\n",
}


@pytest.mark.parametrize("body", SUMS_OF_CELLS.values(), ids=SUMS_OF_CELLS)
@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "bare"])
def test_a_cell_that_is_added_up_may_be_of_two_columns(body: str, annotated: bool) -> None:
    code = f"import pandas as pd\n\n\ndef f(df: pd.DataFrame):\n{body}"
    attacked(Attack("two columns of one name", code, CALL, df=TWICE), annotated)


DRAWN = """
import numpy as np

def f(w, df):
    out = []
    rng = np.random.RandomState(3)
    for k in range(1, w):
        part = rng.choice(df, size=1)
        out.append(np.percentile(part, 40) + part.max())
    return out
"""


def test_truth_values_are_no_numbers_to_draw_from() -> None:
    given = {"w": 1, "df": np.array([True, True])}
    found = attacked(Attack("truth values drawn", DRAWN, "f(w, df)", **given), annotated=True)
    assert any("numeric-pool" in {o.name for o in form.rewrite.obligations} for form in found)


CHANGED_ARRAY = """
import numpy as np

def f(cells: list, sizes: np.ndarray):
    out = []
    for c in cells:
        x = c + np.array([1, 2, 3])
        x /= sizes
        out.append(x)
    return out
"""


def test_an_array_that_is_changed_in_place_keeps_its_type() -> None:
    findings, found = forms(CHANGED_ARRAY)
    assert not found
    assert [f.refusal.reason for f in findings if f.refusal is not None] == [Reason.MUTATES_INPUT]
    _, found = forms(CHANGED_ARRAY.replace("x /= sizes", "x = x / sizes"))
    assert found


SEVERAL_COLUMNS = """
import pandas as pd

def f(agg: pd.DataFrame):
    out = []
    for i in range(len(agg.index.values)):
        out.append(agg['b'].values[i][0])
    return out
"""


def test_cells_with_elements_may_be_those_of_several_columns() -> None:
    _, found = forms(SEVERAL_COLUMNS)
    named = [{o.name for o in form.rewrite.obligations} for form in found if form.rewrite.rule.code == "DL112"]
    assert named and all("single-columns" in names for names in named)
    _, found = forms(SEVERAL_COLUMNS.replace("[i][0]", "[i]"))
    assert any(form.rewrite.safe for form in found if form.rewrite.rule.code == "DL112")


COUNTED_COLUMN = """
import pandas as pd

def f(df: pd.DataFrame):
    total = 0
    for i, x in enumerate(df.size_):
        if i == 0:
            total -= i
    return total
"""


@pytest.mark.parametrize("read", ["df.size_", "df['size_']"])
def test_a_column_that_is_only_counted_is_named_as_the_loop_names_it(read: str) -> None:
    """What it raises where the column is missing is told by how it is read, and nothing is assumed of that."""
    df = pd.DataFrame({"lots": [1.0, 2.0]})
    found = attacked(Attack("a missing column", COUNTED_COLUMN.replace("df.size_", read), CALL, df=df), annotated=True)
    assert any({"columns-exist"}.isdisjoint(o.name for o in form.rewrite.obligations) for form in found)


STEPWISE_SUM = """
import numpy as np

def f(m: np.ndarray, xs: np.ndarray, limit: float):
    total = 0
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            if m[i, j] > limit:
                total = total + m[i, j] * xs[i] + j
    return total
"""


def test_a_sum_of_two_steps_a_round_is_another_in_the_last_bits() -> None:
    given = {
        "m": np.array([[0.0, -2.0, 0.5983957844193268], [-3.652407729161701, 0.0, 9.0]]),
        "xs": np.array([2.0, 1.5]),
    }
    found = attacked(Attack("two steps", STEPWISE_SUM, "f(m, xs, limit)", **given, limit=-2.0), annotated=True)
    owed = [{o.name for o in form.rewrite.obligations} for form in found if form.rewrite.rule.code == "DL705"]
    assert owed and all("float-order" in names for names in owed)
    _, found = forms(STEPWISE_SUM.replace("total + m[i, j] * xs[i] + j", "total + (m[i, j] * xs[i] + j)"))
    owed = [{o.name for o in form.rewrite.obligations} for form in found if form.rewrite.rule.code == "DL705"]
    assert owed and not any("float-order" in names for names in owed)


WHOLE_STEPS = """
import numpy as np

def f(n: int):
    m = np.ones((3, 4), dtype=int)
    total = 0
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            if m[i, j] > 0:
                total = total + m[i, j] * 3 + j
    return total
"""


@pytest.mark.parametrize(("start", "owed"), [("0", False), ("0.1", True)])
def test_whole_steps_are_the_same_in_any_order_unless_the_sum_begins_with_a_fraction(start: str, owed: bool) -> None:
    _, found = forms(WHOLE_STEPS.replace("total = 0\n", f"total = {start}\n"))
    named = [{o.name for o in form.rewrite.obligations} for form in found if form.rewrite.rule.code == "DL705"]
    assert named and all(("float-order" in names) == owed for names in named)
