"""More loops whose obvious array form means something else, each in several headers, on the input that shows it.

As in `test_trap_loops.py`: a safe form does the same, an unsafe one does or names the assumption that the input breaks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_trap_loops import EACH, INF, NAN, ROWS, TABLE, TUPLES, Trap, column, does_the_same, trap

LIST = "out = []\nfor v in xs:\n    out.append({})"
PLACES = "out = []\nfor i in range(len(xs)):\n    out.append({})"


def everywhere(name: str, element: str, *values: Any, condition: str = "", **options: Any) -> list[Trap]:
    """One element of `v` in a list, an array and a column, and read in four ways of a frame."""
    df = column(*values, **options)
    found = []
    for how, header, read, given in (
        ("of a list", "for v in xs:", "v", {"xs": list(values)}),
        ("of a series", "for v in s:", "v", {"s": df["v"]}),
        ("of an array", "for v in xs:", "v", {"xs": df["v"].to_numpy()}),
        ("by position", "for i in range(len(df)):", "df['v'].iloc[i]", {"df": df}),
        ("of rows", "for _, r in df.iterrows():", "r['v']", {"df": df}),
        ("of rows with text", "for _, r in df.iterrows():", "r['v']", {"df": df.assign(w="x")}),
        ("of tuples", "for t in df.itertuples():", "t.v", {"df": df}),
    ):
        body = f"out = []\n{header}\n    v = {read}\n" if read != "v" else f"out = []\n{header}\n"
        body += f"    if {condition}:\n        out.append({element})" if condition else f"    out.append({element})"
        found.append(trap(f"{name} {how}", body, **given))
    return found


MIXED = pd.DataFrame({"i": [1, 2**53 + 1], "f": [0.5, 0.5]})
DAYS = column(pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-02"), pd.NaT)
TWO = pd.DataFrame({"a": [7, 7, -7], "b": [0, 2, 0]})
TRAPS = [
    # which scalar the body sees
    trap("dates gone through as values", "out = []\nfor v in df['v'].values:\n    out.append(v)", df=DAYS),
    trap("dates gone through", EACH.format("v"), df=DAYS),
    trap("nullable ints without NA", EACH.format("v * 2"), df=column(1, 2, dtype="Int64")),
    trap("categories added to text", EACH.format("v + '!'"), df=column("lo", "hi", "lo", dtype="category")),
    trap("tuples hold Python ints", TUPLES.format("t.v * t.v"), df=column(4_000_000_000, 3)),
    trap("tuples divide by zero", TUPLES.format("t.a / t.b"), df=TWO),
    trap("rows of ints divide by zero", TABLE.format("r['a'] / r['b']"), df=TWO),
    trap("rows with text divide by zero", TABLE.format("r['a'] / r['b']"), df=TWO.assign(s="k")),
    trap("the rest of a division by zero", ROWS.format("df['a'].iloc[i] % df['b'].iloc[i]"), df=TWO),
    trap("floor division by zero in rows", TABLE.format("r['a'] // r['b']"), df=TWO.assign(w=0.5)),
    trap("elements of an array", LIST.format("v"), xs=np.array([1, 2])),
    trap("text of ints that a row made floats", TABLE.format("f\"{r['i']}\""), df=MIXED),
    trap("text keys of such ints", "out = {}\nfor _, r in df.iterrows():\n    out[str(r['i'])] = r['i']", df=MIXED),
    # arithmetic
    *everywhere("zero to a negative power", "v ** -1", 0.0, 2.0),
    *everywhere("exponential of much", "math.exp(v)", 1000.0, 1.0),
    *everywhere("truth values subtracted", "(v > 0) - (v > 1)", 1, 2, 0),
    *everywhere("a float of text", "float(v)", "1e3", " 2 ", "1_0", "inf"),
    *everywhere("a day compared with a date", "v == pd.Timestamp('2020-01-01').date()", pd.Timestamp("2020-01-01")),
    *everywhere("one of two kinds", "0 if v < 0 else v * 0.5", -1, 3),
    *everywhere("a number or text", "1 if v > 0 else 'a'", -1, 3),
    *everywhere("text or NaN", "'a' if v > 0 else nan", -1, 3),
    *everywhere("a truth value or a number", "True if v > 0 else 2", -1, 3),
    *everywhere("text or zero", "'x' if v > 1 else 0", 2, 0),
    *everywhere("the value or text", "v if v > 1 else 'a'", 2, 0),
    *everywhere("bands with an edge", "'lo' if v < 10 else 'mid' if v <= 20 else 'hi'", 9.9, 10.0, 20.0, NAN),
    *everywhere("the smallest int without its sign", "abs(v)", -(2**63), 1),
    *everywhere("quotients of large ints", "v / 3", 2**62 + 1, 2**53 + 1),
    *everywhere("how often a point", "v.count('.')", "a.b", "abc", "..."),
    *everywhere("longer text than the others", "v if v > 'a' else 'longer'", "a", "b"),
    *everywhere("only some ints become floats", "v * 0.5", 1, 3, 2**53 + 1, condition="v > 1"),
    trap(
        "a test guards an index",
        "table = [10, 20]\nout = []\nfor v in xs:\n    out.append(table[v] if v < 2 else -1)",
        xs=[0, 5, -1],
    ),
    trap(
        "a test guards an index of an array",
        "table = np.array([10, 20])\nout = []\nfor v in df['v']:\n    out.append(table[v] if v < 2 else -1)",
        df=column(0, 5, 1),
    ),
    # accumulators
    trap("a sum of large ints", "out = 0\nfor v in df['v']:\n    out += v", df=column(2**62, 2**62, 2**62)),
    trap(
        "a sum of large NumPy ints",
        "out = 0\nfor i in range(len(df)):\n    out += df['v'].iloc[i]",
        df=column(2**62, 2**62, 2**62),
    ),
    trap(
        "where the best is, with NaN",
        "best, out = -1.0, -1\nfor i in range(len(xs)):\n    if xs[i] > best:\n        best = xs[i]\n        out = i",
        xs=np.array([1.0, NAN, 5.0, 5.0]),
    ),
    trap(
        "an average that decays meets NaN",
        "e = xs[0]\nout = []\nfor i in range(len(xs)):\n    e = 0.5 * xs[i] + (1 - 0.5) * e\n    out.append(e)",
        xs=np.array([1.0, NAN, 3.0]),
    ),
    trap(
        "counts with a key that is None",
        "out = {}\nfor v in xs:\n    out[v] = out.get(v, 0) + 1",
        xs=["b", "a", None, "b", NAN, NAN],
    ),
    # neighbours, labels, stores
    trap("text labels are no positions", PLACES.format("xs[i]"), xs=pd.Series([1, 2], index=["a", "b"])),
    trap("the one before, by position", ROWS.format("df['v'].iloc[i - 1]"), df=column(1, 3, 6)),
    trap(
        "repeated labels give series",
        "out = []\nfor i in df.index:\n    out.append(type(df.loc[i, 'v']).__name__)",
        df=column(1, 2, 3).set_axis([0, 0, 1]),
    ),
    *(
        trap(
            f"a new column of {what}",
            "out = df\nfor i in df.index:\n    df.at[i, 'new'] = df.at[i, 'v']",
            df=column(*values),
        )
        for what, values in (("truth values", [True, False]), ("text", ["x", "y"]), ("dates", [pd.Timestamp(0)] * 2))
    ),
    trap("stores into a column of a frame", "out = df\nfor i in range(len(df)):\n    df['v'][i] = 5", df=column(1, 2)),
    trap("stores into a row", "out = df\nfor _, r in df.iterrows():\n    r['v'] = 99", df=column(1, 2)),
    trap(
        "stores into a row that is read",
        "out = []\nfor _, r in df.iterrows():\n    r['v'] = r['v'] + 1\n    out.append(r['v'])",
        df=column(1, 2),
    ),
    trap(
        "two series do not align",
        "out = []\nfor a, b in zip(s, t):\n    out.append(a + b)",
        s=pd.Series([1, 2]),
        t=pd.Series([10, 20], index=[1, 0]),
    ),
    trap(
        "two series of other labels compared",
        "out = []\nfor a, b in zip(s, t):\n    out.append(a > b)",
        s=pd.Series([1, 2]),
        t=pd.Series([0, 3], index=[1, 0]),
    ),
    trap(
        "a default for a missing key",
        "d = {1: 1}\nout = []\nfor v in xs:\n    out.append(d.get(v, 0))",
        xs=[1, 2, None],
    ),
    trap(
        "a default of None", "d = {1: None}\nout = []\nfor v in df['v']:\n    out.append(d.get(v))", df=column(1.0, NAN)
    ),
    trap(
        "no row of that key",
        "out = []\nfor q in xs:\n    out.append(df.loc[df['v'] == q, 'w'].iloc[0])",
        xs=["a", "zz"],
        df=pd.DataFrame({"v": ["a", "b"], "w": [1, 2]}),
    ),
    trap(
        "a flag that is NA",
        "out = []\nfor v, ok in zip(df['v'], df['ok']):\n    if ok:\n        out.append(v)",
        df=pd.DataFrame({"v": [1, 2], "ok": pd.array([True, None], dtype="boolean")}),
    ),
    # what surrounds it
    trap("what is printed in between", LIST.format("v") + "\n    print(v, len(out))", xs=[1, 2]),
    trap("a sum that prints", "out = 0\nfor v in df['v']:\n    print(v)\n    out += v", df=column(1, 2)),
    trap(
        "half of a list",
        "out = []\ntry:\n    for v in xs:\n        out.append(1 / v)\nexcept ZeroDivisionError:\n    pass",
        xs=[1.0, 0.0, 2.0],
    ),
    trap("an array of floats and ints", LIST.format("v") + "\nout = np.array(out)", xs=[1.5, 2]),
    trap("an array of text", LIST.format("v * 2") + "\nout = np.array(out)", xs=["a", "bb"]),
    trap("an array of large ints", LIST.format("v") + "\nout = np.array(out)", xs=[2**63, 1]),
    trap("an array of larger ints", LIST.format("v + 1") + "\nout = np.array(out)", xs=[2**63 - 1, -1]),
    trap("an array of part of them", LIST.format("v") + "\nout = np.array(out[:2])", xs=[1, 2, 3]),
    trap(
        "dates or none",
        "out = []\nfor v, k in zip(df['v'], df['k']):\n    out.append(v if k else pd.NaT)",
        df=pd.DataFrame({"v": DAYS["v"], "k": [1, 0, 1]}),
    ),
    trap(
        "else without a break",
        "out = 0\nfor v in xs:\n    if v > 5:\n        out = v\n        break\nelse:\n    out = 'ok'",
        xs=[1, 2],
    ),
    trap("powers of infinity", LIST.format("v ** 2"), xs=np.array([INF, -INF, NAN, -0.0])),
]


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "bare"])
@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.name.replace(" ", "-"))
def test_a_rewrite_does_the_same_on_the_input_that_breaks_others(case: Trap, annotated: bool) -> None:
    does_the_same(case, annotated)
