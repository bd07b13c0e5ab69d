"""Loops whose obvious array form means something else, each on the very input that shows it.

Every form that deloop makes of them is run on that input: a safe one does the same, an unsafe one does or names the
assumption that the input breaks.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

sys.path.append(str(ROOT))

from fuzzing.judge import difference, forms, prepare, run
from fuzzing.model import Parameter, Program

NAN, INF = float("nan"), float("inf")
HEAD = "import math\nimport numpy as np\nimport pandas as pd\n\n"
KINDS = {pd.DataFrame: "frame", pd.Series: "series", np.ndarray: "array", list: "list", dict: "dict"}


class Trap(NamedTuple):
    name: str
    code: str
    given: dict[str, Any]


def trap(name: str, body: str, **given: Any) -> Trap:
    """A function of what is given, with the body; it leaves `out`."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return Trap(name, f"{lines}\n    return out\n", given)


def column(*values: Any, **options: Any) -> pd.DataFrame:
    return pd.DataFrame({"v": pd.Series(list(values), **options)})


def unsigned(*values: int) -> pd.DataFrame:
    return column(*values, dtype="uint64")


def tiny() -> pd.DataFrame:
    return column(1, 100, dtype="int8")


def day() -> pd.DataFrame:
    return column(pd.Timestamp("2024-01-01 12:00"), pd.Timestamp("2023-12-31"))


EACH = "out = []\nfor v in df['v']:\n    out.append({})"
ROWS = "out = []\nfor i in range(len(df)):\n    out.append({})"
TABLE = "out = []\nfor _, r in df.iterrows():\n    out.append({})"
TUPLES = "out = []\nfor t in df.itertuples():\n    out.append({})"
CELLS = "out = df\nfor i in df.index:\n    df.at[i, 'v'] = {}"
ARRAY = "NAN = float('nan')\nout = np.zeros(len(xs), dtype={})\nfor i in range(len(xs)):\n    out[i] = {}"
LOOKED = (
    "out = []\nfor _, r in df.iterrows():\n    hit = other[other['k'] == r['v']]\n"
    "    out.append(hit['w'].iloc[0] if len(hit) else None)"
)
DRAWN = np.random.default_rng(0).normal(size=1000)
TRAPS = [
    # which scalar the body sees
    trap("python ints don't overflow", EACH.format("v * v"), df=column(2**32, 3)),
    trap("NumPy ints do", ROWS.format("df['v'].iloc[i] * df['v'].iloc[i]"), df=column(2**32, 3)),
    trap("narrow ints widen when gone through", EACH.format("v - 2"), df=column(1, 200, dtype="uint8")),
    trap("float32 widens when gone through", EACH.format("v * 3"), df=column(0.1, 0.2, dtype="float32")),
    trap("NA asked for its truth", ROWS.format("1 if df['v'].iloc[i] > 0 else 2"), df=column(1, None, dtype="Int64")),
    trap("categories have no order", EACH.format("v < 'm'"), df=column("lo", "hi", dtype="category")),
    trap("missing text can't be compared", EACH.format("v > 'a'"), df=column("b", None)),
    trap(
        "zones stay", ROWS.format("df['v'].iloc[i].hour"), df=column(pd.Timestamp("2020-07-01 10:00", tz="Asia/Tokyo"))
    ),
    trap("a year times a thousand", EACH.format("v.year * 100000001"), df=column(pd.Timestamp("2024-02-03"))),
    trap("NaN is true", EACH.format("'y' if v else 'n'"), df=column(NAN, None, 0, "", dtype=object)),
    trap(
        "a row of ints and floats holds floats",
        "out = []\nfor _, r in df.iterrows():\n    out.append(r['v'])",
        df=pd.DataFrame({"v": [1, 2**53 + 1], "w": [0.5, 0.5]}),
    ),
    trap(
        "a row with text holds Python ints",
        "out = []\nfor _, r in df.iterrows():\n    out.append(r['v'] / r['z'])",
        df=pd.DataFrame({"v": [1], "z": [0], "s": ["k"]}),
    ),
    # arithmetic
    trap("division by zero raises", EACH.format("1 / v"), df=column(2.0, 0.0)),
    trap("floor division by zero", ROWS.format("7 // df['v'].iloc[i]"), df=column(0, 2)),
    trap("a power below one of ints", EACH.format("v ** -1"), df=column(1, 2)),
    trap("the root of a negative power", EACH.format("v ** 0.5"), df=column(4.0, -4.0)),
    trap("powers overflow", EACH.format("v ** 2"), df=column(1e200)),
    trap("logarithm of zero", EACH.format("math.log(v)"), df=column(1.0, 0.0)),
    trap("root of a negative number", EACH.format("math.sqrt(v)"), df=column(4.0, -1.0)),
    trap("floor gives an int", EACH.format("math.floor(v)"), df=column(1.5, -1.5)),
    trap("int of NaN raises", EACH.format("int(v)"), df=column(1.0, NAN)),
    trap("cents of Python floats", EACH.format("round(v, 2)"), df=column(0.285, 1.115, 5.015)),
    trap("cents of NumPy floats", ROWS.format("round(df['v'].iloc[i], 2)"), df=column(0.285, 1.115, 5.015)),
    trap("rounding half to even gives ints", EACH.format("round(v)"), df=column(0.5, 1.5, 2.5)),
    trap("max and NaN", EACH.format("max(v, 1.0)"), df=column(NAN, 0.5, 2.0)),
    trap("max and NaN, the other way round", EACH.format("max(1.0, v)"), df=column(NAN, 0.5, 2.0)),
    trap("max of zeros", EACH.format("max(v, -0.0)"), df=column(0.0, -0.0)),
    trap("clamped between crossed bounds", EACH.format("min(max(v, 5), 1)"), df=column(0.0, 3.0, NAN)),
    trap("what `or` gives", EACH.format("v or 9"), df=column(0.0, NAN, 2.0)),
    trap("what `and` gives", ROWS.format("df['v'].iloc[i] and 5"), df=column(0, 3)),
    trap("a test that guards a division", EACH.format("v != 0 and 1 / v > 0.4"), df=column(0.0, 2.0)),
    trap("a test that guards a domain", EACH.format("math.log(v) if v > 0 else 0.0"), df=column(-1.0, 0.0, 2.0)),
    trap("ints beside floats beyond 2**53", EACH.format("v == 9007199254740992.0"), df=column(2**53 + 1)),
    trap(
        "not less is not at least",
        "out = []\nfor v in df['v']:\n    if not v < 0:\n        out.append(v)",
        df=column(1.0, NAN),
    ),
    trap("membership is by identity first", EACH.format("v in (1.0, float('nan'))"), df=column(NAN, 1.0)),
    trap("two types in one list", EACH.format("0 if v < 0 else v * 0.5"), df=column(-1, 3)),
    trap("text and NaN in one list", EACH.format("'a' if v > 0 else float('nan')"), df=column(1, -1)),
    trap(
        "a helper that says nothing",
        "def up(x):\n    if x > 0:\n        return 1.0\n" + EACH.format("up(v)"),
        df=column(1, -1),
    ),
    trap(
        "the last of several ifs wins",
        "out = []\nfor v in df['v']:\n    r = 0\n    if v > 0:\n        r = 1\n    if v > 10:\n"
        "        r = 2\n    out.append(r)",
        df=column(5, 20),
    ),
    # reductions and scans
    trap("a sum is made in order", "out = 0.0\nfor v in xs:\n    out += v", xs=DRAWN),
    trap("a sum starts somewhere", "out = 1000.1\nfor v in xs:\n    out += v", xs=DRAWN),
    trap("a sum of nothing", "out = 0\nfor v in xs:\n    out += v", xs=np.array([])),
    trap("a sum of minus zero", "out = 0.0\nfor v in xs:\n    out += v", xs=np.array([-0.0])),
    trap("a sum with NaN", "out = 0.0\nfor v in s:\n    out += v", s=pd.Series([1.0, NAN])),
    trap("a sum of narrow ints", "out = 0\nfor v in xs:\n    out += v", xs=np.array([100, 100], "int8")),
    trap("a sum of float32", "out = 0.0\nfor v in s:\n    out += v", s=pd.Series(np.full(9, 0.1, "float32"))),
    trap("products are not powers", "out = 0.0\nfor v in xs:\n    out += v * v", xs=DRAWN),
    trap(
        "the best so far and NaN",
        "best = float('-inf')\nout = []\nfor v in xs:\n    if v > best:\n        best = v\n    out.append(best)",
        xs=np.array([1.0, NAN, 3.0]),
    ),
    trap(
        "the best so far, from NaN",
        "best = float('nan')\nout = []\nfor v in xs:\n    if v > best:\n        best = v\n    out.append(best)",
        xs=np.array([2.0, 3.0]),
    ),
    trap(
        "the last of equal maxima",
        "out = None\nbest = float('-inf')\nfor i, v in enumerate(xs):\n    if v >= best:\n"
        "        best = v\n        out = i",
        xs=np.array([1.0, 5.0, 5.0]),
    ),
    trap(
        "the floor of a balance",
        "t = 0.0\nout = []\nfor v in xs:\n    t = max(0.0, t + v)\n    out.append(t)",
        xs=DRAWN,
    ),
    trap(
        "compound interest",
        "t = 100.0\nout = []\nfor v in xs:\n    t = t * (1 + v)\n    out.append(t)",
        xs=DRAWN * 0.01,
    ),
    trap(
        "an average that decays",
        "e = 0.0\nout = []\nfor v in xs:\n    e = 0.1 * v + 0.9 * e\n    out.append(e)",
        xs=DRAWN,
    ),
    trap(
        "the last value seen is NaN",
        "last = 0.0\nout = []\nfor v, c in zip(xs, ys):\n    if c > 0:\n        last = v\n    out.append(last)",
        xs=np.array([1.0, NAN, 3.0]),
        ys=np.array([1, 1, 0]),
    ),
    trap(
        "totals by key are made in order",
        "out = {}\nfor k, v in zip(ks, xs):\n    out[k] = out.get(k, 0.0) + v",
        ks=np.arange(1000) % 3,
        xs=DRAWN,
    ),
    trap(
        "counts keep the order of keys",
        "out = {}\nfor k in ks:\n    out[k] = out.get(k, 0) + 1",
        ks=["b", "a", None, "b"],
    ),
    trap(
        "NaN is counted each time",
        "out = {}\nfor k in s:\n    out[k] = out.get(k, 0) + 1",
        s=pd.Series([NAN, NAN, 1.0]),
    ),
    trap(
        "the last of two keys wins",
        "out = {}\nfor k, v in zip(ks, vs):\n    out[k] = v",
        ks=["a", "b", "a"],
        vs=[1, 2, 3],
    ),
    trap("text is added up", "out = ''\nfor t in ts:\n    out += t + ','", ts=["a", "b"]),
    trap(
        "windows with infinities",
        "out = []\nfor i in range(2, len(xs)):\n    out.append(np.mean(xs[i - 2:i]))",
        xs=np.array([1.0, INF, 1.0, 1.0, 2.0]),
    ),
    trap(
        "windows of a column skip NaN",
        "out = []\nfor i in range(2, len(df)):\n    out.append(df['v'].iloc[i - 2:i].mean())",
        df=column(1.0, NAN, 3.0, 4.0),
    ),
    trap(
        "windows at the start",
        "out = []\nfor i in range(len(xs)):\n    out.append(xs[i - 2:i].sum())",
        xs=np.array([1, 2, 3, 4]),
    ),
    # neighbours, labels, lengths, stores
    trap(
        "the one before the first is the last",
        "out = []\nfor i in range(len(xs)):\n    out.append(xs[i] - xs[i - 1])",
        xs=np.array([1, 3, 6]),
    ),
    trap("no label before the first", ROWS.format("df.loc[i - 1, 'v']"), df=column(1, 2)),
    trap("one past the end", "out = []\nfor i in range(len(xs)):\n    out.append(xs[i + 1])", xs=np.array([1, 2, 3])),
    trap(
        "a lag of zero",
        "out = []\nfor i in range(len(xs) - k):\n    out.append(xs[i] + xs[i + k])",
        xs=np.array([1, 2, 3]),
        k=0,
    ),
    trap(
        "the other list is shorter",
        "out = []\nfor i in range(len(xs)):\n    out.append(xs[i] + ys[i])",
        xs=np.array([1, 2]),
        ys=np.array([1]),
    ),
    trap(
        "zip stops at the shorter",
        "out = []\nfor x, y in zip(xs, ys):\n    out.append(x + y)",
        xs=np.array([1, 2, 3]),
        ys=np.array([1, 2]),
    ),
    trap("labels are not positions", ROWS.format("df['v'][i]"), df=column(10, 20, 30).set_axis([2, 1, 0])),
    trap(
        "labels repeat",
        "out = df\nfor i, r in df.iterrows():\n    df.at[i, 'c'] = r['v'] * 2",
        df=column(1, 2, 3).set_axis([0, 0, 1]),
    ),
    trap("a new column is of floats", "out = df\nfor i in df.index:\n    df.at[i, 'c'] = 1", df=column(1, 2)),
    trap(
        "a column that is filled in part",
        "out = df\nfor i in df.index:\n    if df.at[i, 'v'] > 1:\n        df.at[i, 'c'] = 5.0",
        df=column(1, 2),
    ),
    trap(
        "a float in a column of ints",
        "out = df\nfor i in df.index:\n    df.at[i, 'v'] = df.at[i, 'v'] + 0.5",
        df=column(1, 2),
    ),
    trap(
        "a store that adds rows",
        "out = []\nfor i in range(len(df)):\n    df.at[i, 'c'] = 1\n    out.append(df['v'].iloc[i])",
        df=column(1, 2).set_axis(["a", "b"]),
    ),
    trap(
        "floats cut off in an array of ints",
        "out = np.zeros(len(xs), dtype=int)\nfor i in range(len(xs)):\n    out[i] = xs[i] * 1.7",
        xs=np.array([1.0, -1.0]),
    ),
    trap(
        "an array of objects",
        "out = np.zeros(len(xs), dtype=object)\nfor i in range(len(xs)):\n    out[i] = xs[i]",
        xs=np.array([1.0, 2.0]),
    ),
    trap(
        "an element depends on the one before",
        "out = np.array(xs)\nfor i in range(1, len(out)):\n    out[i] = out[i - 1]",
        xs=np.array([1, 2, 3]),
    ),
    trap(
        "an element depends on the one after",
        "out = np.array(xs)\nfor i in range(len(out) - 1):\n    out[i] = out[i + 1]",
        xs=np.array([1, 2, 3]),
    ),
    trap("one place is hit twice", "out = np.zeros(3)\nfor k in ks:\n    out[k] += 1", ks=np.array([0, 0, 2])),
    trap("a list is doubled in place", "out = xs\nfor i in range(len(xs)):\n    xs[i] = xs[i] * 2", xs=[1, 2]),
    # look-ups
    trap(
        "a key that is not there",
        "t = other.set_index('k')\nout = []\nfor _, r in df.iterrows():\n    out.append(t.loc[r['k'], 'v'])",
        df=pd.DataFrame({"k": ["a", "z"]}),
        other=pd.DataFrame({"k": ["a"], "v": [1]}),
    ),
    trap(
        "a key that is there twice",
        "out = []\nfor _, r in df.iterrows():\n    out.append(other[other['k'] == r['k']]['v'].iloc[0])",
        df=pd.DataFrame({"k": ["a", "b"]}),
        other=pd.DataFrame({"k": ["a", "a", "b"], "v": [1, 2, 3]}),
    ),
    trap("a key of a dict that is not there", EACH.format("d.get(v)"), df=column("a", "z"), d={"a": 1.0}),
    trap(
        "a counter of a loop that stays",
        "out = pd.DataFrame()\ni = 0\nwhile i < len(xs):\n"
        "    out = pd.concat([out, pd.DataFrame({'v': [xs[i]]})])\n    i += 1",
        xs=[1.0, 2.0],
    ),
    # ends, exceptions, empty results
    trap(
        "the first hit",
        "out = None\nfor i in range(len(xs)):\n    if xs[i] > 5:\n        out = i\n        break",
        xs=np.array([1, 2]),
    ),
    trap(
        "up to the first hit",
        "out = []\nfor v in xs:\n    if v > 5:\n        break\n    out.append(v)",
        xs=np.array([1, 2, 9, 3]),
    ),
    trap(
        "a helper that raises",
        "def up(x):\n    if x < 0:\n        raise ValueError(x)\n    return x * 2\n" + EACH.format("up(v)"),
        df=column(1, -1),
    ),
    trap(
        "an array of nothing",
        "out = []\nfor v in xs:\n    out.append(v * 2)\nout = np.array(out)",
        xs=np.array([], dtype="int64"),
    ),
    trap(
        "a frame of nothing",
        "rows = []\nfor _, r in df.iterrows():\n    rows.append({'a': r['v']})\nout = pd.DataFrame(rows)",
        df=column(1, 2).iloc[:0],
    ),
    trap("a trailing zero character", EACH.format("v + '\\x00'"), df=column("a")),
    trap("the text of a missing number", EACH.format("str(v)"), df=column(1.0, NAN)),
    trap("the text of a date", EACH.format("str(v)"), df=column(pd.Timestamp("2020-01-01"))),
    trap(
        "two draws in each round",
        "g = np.random.default_rng(0)\nout = []\nfor v in xs:\n    out.append(g.random() - g.random() + v)",
        xs=np.array([0.0, 0.0]),
    ),
    trap(
        "a draw under a condition",
        "g = np.random.default_rng(0)\nout = []\nfor v in xs:\n    out.append(g.random() if v > 0 else 0.0)",
        xs=np.array([0.0, 1.0, 1.0]),
    ),
    trap(
        "in asks the labels of a series",
        "out = []\nfor x in xs:\n    out.append(x in s)",
        xs=[0, 5, 6],
        s=pd.Series([5, 6]),
    ),
    trap(
        "the first of each, NaN by identity",
        "out = []\nfor x in s:\n    if x not in out:\n        out.append(x)",
        s=pd.Series([NAN, NAN, 1.0]),
    ),
    trap(
        "two kinds of standard deviation",
        "out = []\nfor i in range(2, len(s)):\n    out.append((np.std(s.values[i - 2:i]), s.iloc[i - 2:i].std()))",
        s=pd.Series([1.0, 2.0, 4.0, 9.0]),
    ),
    trap("a count is a Python int", "out = 0\nfor v in xs:\n    if v > 0:\n        out += 1", xs=np.array([1, -1, 2])),
    trap(
        "a new series has fresh labels and no name",
        "out = []\nfor v in s:\n    out.append(v * 2)\nout = pd.Series(out)",
        s=pd.Series([1, 2], index=[5, 6], name="q"),
    ),
    trap(
        "a column made of a list is not aligned",
        "vals = []\nfor v in df['v']:\n    vals.append(v * 2)\ndf['d'] = vals\nout = df",
        df=column(1, 2, 3).set_axis([2, 0, 1]),
    ),
    trap(
        "the nearest of NaN",
        "ix = pd.Index([10.0, 20.0])\nout = []\nfor _, r in df.iterrows():\n"
        "    out.append(ix.get_indexer([r['v']], method='nearest')[0])",
        df=column(12.0, NAN),
    ),
    trap(
        "the first hit in what is not sorted",
        "out = None\nfor i, x in enumerate(xs):\n    if x >= 4:\n        out = i\n        break",
        xs=np.array([5, 1, 9]),
    ),
    trap(
        "a series of nothing",
        "out = []\nfor v in s:\n    out.append(v)\nout = pd.Series(out)",
        s=pd.Series([], dtype="int64"),
    ),
    trap(
        "a hit before what can't be compared",
        "out = None\nfor v in s:\n    if v > 3:\n        out = v\n        break",
        s=pd.Series([1, 5, "x"], dtype=object),
    ),
    trap("what is removed while it is gone through", "out = xs\nfor v in xs:\n    xs.remove(v)", xs=[1, 2, 3]),
    trap("the last element so far", "out = [0]\nfor v in xs:\n    out.append(out[-1] + v)", xs=[1, 2, 3]),
    trap(
        "numbers and text in an array",
        "out = []\nfor v in s:\n    out.append(v)\nout = np.array(out)",
        s=pd.Series([1, "a"], dtype=object),
    ),
    trap(
        "numbers that fit no type of NumPy",
        "out = []\nfor v in s:\n    out.append(v)\nout = np.array(out)",
        s=pd.Series([2**63, -1], dtype=object),
    ),
    trap(
        "sorted the other way round, equal ones in order",
        "out = []\nfor k, v in zip(ks, vs):\n    out.append((k, v))\n"
        "out = sorted(out, key=lambda t: t[0], reverse=True)",
        ks=[1, 1, 0],
        vs=["a", "b", "c"],
    ),
    trap(
        "a frame that grows from ints to None",
        "out = pd.DataFrame()\nfor v in xs:\n    out = pd.concat([out, pd.DataFrame({'a': [v]})], ignore_index=True)",
        xs=[1, None],
    ),
    trap("split by what looks like a pattern", EACH.format("v.split('||')"), df=column("a||b", "c|d")),
    trap(
        "builtins over windows with NaN",
        "out = []\nfor i in range(3, len(xs) + 1):\n    out.append((max(xs[i - 3:i]), np.max(xs[i - 3:i])))",
        xs=np.array([NAN, 1.0, 2.0, NAN]),
    ),
    trap(
        "a mean by hand does not skip NaN",
        "out = []\nfor i in range(2, len(s) + 1):\n    out.append(sum(s.iloc[i - 2:i]) / len(s.iloc[i - 2:i]))",
        s=pd.Series([1.0, NAN, 3.0]),
    ),
    trap(
        "any gives a Python bool",
        "out = False\nfor v in xs:\n    if v > 1:\n        out = True\n        break",
        xs=np.array([1, 2]),
    ),
    trap(
        "NaN counts as true for all",
        "out = True\nfor v in xs:\n    if not v:\n        out = False\n        break",
        xs=np.array([1.0, NAN]),
    ),
    trap(
        "a recurrence that meets infinity",
        "t = 0.0\nout = []\nfor v in xs:\n    t = 0.5 * t + v\n    out.append(t)",
        xs=np.array([1.0, INF, 1.0, 1.0]),
    ),
    trap(
        "the nearest of several, with ties and NaN",
        "out = []\nfor x in xs:\n    best = 0\n    for j in range(len(ys)):\n"
        "        if abs(ys[j] - x) < abs(ys[best] - x):\n            best = j\n    out.append(best)",
        xs=np.array([1.0, 2.0]),
        ys=np.array([NAN, 1.0, 1.0, 3.0]),
    ),
    trap(
        "another name for what is changed in place",
        "out = xs\nys = xs\nfor i in range(len(ys)):\n    ys[i] = ys[i] + 1",
        xs=[1, 2],
    ),
    trap(
        "a helper that counts its calls",
        "def up(x, seen=[]):\n    seen.append(x)\n    return len(seen)\n" + EACH.format("up(v)"),
        df=column(5, 5),
    ),
    # rows and what they are called
    trap("the name of a row is its label", TABLE.format("(r.name, r['v'])"), df=column(1, 2).assign(name=["x", "y"])),
    trap("a column called like a method", TABLE.format("r.size"), df=column(1, 2).assign(size=[7, 8])),
    trap("a column that is no identifier", TUPLES.format("t[1]"), df=pd.DataFrame({"a b": [1], "class": [2]})),
    trap("the first of a tuple is the label", TUPLES.format("(t[0], t[1])"), df=column(5, 6).set_axis([8, 9])),
    trap("going through a frame gives its columns", "out = []\nfor c in df:\n    out.append(c)", df=column(1, 2)),
    trap("None in a column of floats is NaN", EACH.format("v is None"), df=column(1.0, None)),
    trap("labels as numbers", "out = []\nfor i in df.index:\n    out.append(type(i).__name__)", df=column(1, 2)),
    trap("positions as numbers", "out = []\nfor i, v in enumerate(xs):\n    out.append(repr(i))", xs=np.array([3.0])),
    # arithmetic
    trap("an int too large for 64 bits", EACH.format("int(v)"), df=column(1e20)),
    trap("the larger keeps its own type", EACH.format("max(v, 2)"), df=column(1.5, 2.0, 3.0)),
    trap("sums of truth values", ROWS.format("df['v'].iloc[i] + df['v'].iloc[i]"), df=column(True, False)),
    trap("the negative of a truth value", EACH.format("-v"), df=column(True, False)),
    trap("a chain of comparisons", EACH.format("0 < v < 2"), df=column(NAN, 1.0, 3.0)),
    trap("a list times a number", "out = []\nfor x in xs:\n    out.append(x * 2)", xs=[[1], [2]]),
    trap("the representation of a NumPy number", ROWS.format("f\"{df['v'].iloc[i]!r}\""), df=column(1.5)),
    trap("exact decimals", EACH.format("v * 3"), df=column(Decimal("0.1"), Decimal("0.2"))),
    trap("decimals and floats", EACH.format("v * 0.5"), df=column(Decimal("0.1"))),
    trap("the smallest of ints has no positive", ROWS.format("abs(df['v'].iloc[i])"), df=column(-(2**63), 1)),
    trap("differences of unsigned ints", ROWS.format("df['v'].iloc[i] - df['v'].iloc[i - 1]"), df=unsigned(3, 5)),
    trap(
        "a large int in a branch of narrow ones",
        ROWS.format("300 if df['v'].iloc[i] > 1 else df['v'].iloc[i]"),
        df=tiny(),
    ),
    trap(
        "minus one in a branch of unsigned ones",
        ROWS.format("-1 if df['v'].iloc[i] > 4 else df['v'].iloc[i]"),
        df=unsigned(3, 5),
    ),
    trap("floor of a small negative", EACH.format("math.floor(v)"), df=column(-0.5)),
    trap("trunc of a small negative", EACH.format("math.trunc(v)"), df=column(-0.5)),
    trap("equal to None", EACH.format("v == None"), df=column(1, None, dtype=object)),
    trap("asked for its class", EACH.format("isinstance(v, int)"), df=column(1, 2)),
    trap("asked for the class of NumPy's", ROWS.format("isinstance(df['v'].iloc[i], int)"), df=column(1, 2)),
    # text and dates
    trap("a substring, not a pattern", EACH.format("'a.c' in v"), df=column("abc", "a.c")),
    trap("the first letter of nothing", EACH.format("v[0]"), df=column("a", "")),
    trap("the second word of one", EACH.format("v.split()[1]"), df=column("a b", "c")),
    trap("a date before a text", EACH.format("v < '2024-01-02'"), df=column(pd.Timestamp("2024-01-01"))),
    trap("a date equal to a text", EACH.format("v == '2024-01-01'"), df=column(pd.Timestamp("2024-01-01"))),
    trap(
        "whole days round down",
        "out = []\nfor v in df['v']:\n    out.append((v - t0).days)",
        df=day(),
        t0=day()["v"][0],
    ),
    # searches and reductions
    trap(
        "the largest of NaN first",
        "out = xs[0]\nfor v in xs:\n    if v > out:\n        out = v",
        xs=np.array([NAN, 1.0]),
    ),
    trap("the largest of nothing", "out = max(xs)\nfor v in xs:\n    if v > out:\n        out = v", xs=np.array([])),
    trap(
        "products added up", "out = 0.0\nfor i in range(len(xs)):\n    out += xs[i] * ys[i]", xs=DRAWN, ys=DRAWN[::-1]
    ),
    trap("rows added up", "out = []\nfor row in xs:\n    out.append(sum(row))", xs=DRAWN.reshape(25, 40)),
    # stores
    trap("whole floats in a column of ints", CELLS.format("df.at[i, 'v'] + 1.0"), df=column(1, 2)),
    trap("NaN in an array of ints", ARRAY.format("int", "NAN if xs[i] > 1 else xs[i]"), xs=np.array([1.0, 2.0])),
    trap("text cut off in an array", ARRAY.format("'<U1'", "'ab' if xs[i] > 1 else 'c'"), xs=np.array([1.0, 2.0])),
    trap("the argument is changed", "out = 0\nfor i in range(len(xs)):\n    xs[i] = xs[i] * 2", xs=np.array([1.0])),
    # going through
    trap("the loop variable afterwards", "v = 7\nacc = []\nfor v in xs:\n    acc.append(v)\nout = (acc, v)", xs=[1, 2]),
    trap("the loop variable of no rounds", "v = 7\nacc = []\nfor v in xs:\n    acc.append(v)\nout = (acc, v)", xs=[]),
    trap("an iterator is used up", "out = []\nfor v in xs:\n    out.append(v)\nout += list(xs)", xs=iter([1, 2])),
    trap(
        "an iterator has no length",
        "out = np.zeros(2)\nfor i, v in enumerate(xs):\n    out[i] = v * 2",
        xs=iter([1, 2]),
    ),
    trap("a dict that grows", "out = xs\nfor k in xs:\n    xs[k + 1] = 1", xs={1: 1}),
    trap(
        "less than all rounds give an element",
        "out = []\nfor v in xs:\n    if v > 1:\n        continue\n    out.append(v)",
        xs=[1, 2],
    ),
    trap(
        "a bad cell each for itself",
        "out = []\nfor v in df['v']:\n    try:\n        out.append(float(v))\n"
        "    except ValueError:\n        out.append(None)",
        df=column("1", "x", "2"),
    ),
    trap("a key that is NaN", LOOKED, df=column(1.0, NAN), other=pd.DataFrame({"k": [1.0, NAN], "w": [5, 6]})),
    trap(
        "vectorize takes the type of the first",
        "f = np.vectorize(lambda v: 0 if v < 1 else v / 2)\nout = f(xs)",
        xs=np.array([0.0, 3.0]),
    ),
    trap("vectorize of nothing", "f = np.vectorize(lambda v: v * 2)\nout = f(xs)", xs=np.array([])),
]


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "bare"])
@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.name.replace(" ", "-"))
def test_a_rewrite_does_the_same_on_the_input_that_breaks_others(case: Trap, annotated: bool) -> None:
    does_the_same(case, annotated)


def does_the_same(case: Trap, annotated: bool) -> None:
    """Run every form on the input of the case."""
    prepare()
    given = tuple(Parameter(k, KINDS.get(type(v), "int"), annotated=annotated) for k, v in case.given.items())
    names = ", ".join(f"{p.name}: {p.annotation}" if p.annotation else p.name for p in given)
    program = Program(0, f"{HEAD}def work({names}):\n{case.code}", given, f"work({', '.join(case.given)})")
    _, found = forms(program.text)
    before = run(program.text, program.entry, case.given)
    for form in found:
        answer = difference(program, form, case.given, before)
        if answer is not None:
            assert answer.excused, f"{answer.text}\n{[o.name for o in form.rewrite.obligations]}\n{form.text}"
            assert not form.rewrite.safe or form.rewrite.granted
