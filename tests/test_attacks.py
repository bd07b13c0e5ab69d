"""Programs that set out to get a wrong rewrite: aliases, names that are not what they seem, odd state, odd numbers.

Whatever deloop makes of them does the same, or names the assumption that the input breaks.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

sys.path.append(str(ROOT))

from fuzzing.judge import Form, difference, forms, prepare, run
from fuzzing.model import Parameter, Program

CALL = "f(df)"
KINDS = {pd.DataFrame: "frame", pd.Series: "series", np.ndarray: "array", list: "list", dict: "dict"}
X = np.array([3.0, -1.0, 2.0, 5.0])
df = pd.DataFrame({"a": [1.0, -2.0, 3.0, 4.0], "b": [1, 2, 3, 4], "k": ["x", "y", "x", "z"]})


class Attack:
    """A program, how it is called, and with what."""

    def __init__(self, name: str, code: str, entry: str, **given: Any) -> None:
        self.name, self.code, self.entry, self.given = name, code, entry, given


ATTACKS = [
    Attack(
        "view alias inplace",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append(df["a"].iloc[i] * 2)
        df.drop(columns=["b"], inplace=True, errors="ignore")
    return out, df
""",
        CALL,
        df=df,
    ),
    Attack(
        "df2 alias store",
        """
import pandas as pd
def f(df: pd.DataFrame):
    df2 = df
    out = []
    for i in range(len(df)):
        df2.loc[i, "a"] = 7.0
        out.append(df["a"].iloc[i])
    return out, df
""",
        CALL,
        df=df,
    ),
    Attack(
        "df2 alias other column",
        """
import pandas as pd
def f(df: pd.DataFrame):
    df2 = df
    for i in range(1, len(df)):
        df2.at[i, "a"] = df["a"].iloc[i - 1] + 1
    return df
""",
        CALL,
        df=df,
    ),
    Attack(
        "values view alias",
        """
import pandas as pd
import numpy as np
def f(xs: np.ndarray):
    ys = xs[1:]
    out = np.zeros(len(ys))
    for i in range(len(ys)):
        ys[i] = xs[i] + 1
    return xs
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 3.0]),
    ),
    Attack(
        "reshape view",
        """
import numpy as np
def f(xs: np.ndarray):
    ys = xs.reshape(-1)
    for i in range(1, len(ys)):
        xs[i] = ys[i - 1] * 2
    return xs
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 3.0]),
    ),
    Attack(
        "generator iterable",
        """
def f(xs: list):
    g = (x * 2 for x in xs)
    out = []
    for v in g:
        out.append(v + 1)
    return out, list(g)
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "map iterable twice",
        """
def f(xs: list):
    g = map(abs, xs)
    a, b = [], []
    for v in g:
        a.append(v)
        b.append(v * 2)
    return a, b
""",
        "f(xs)",
        xs=[1, -2, 3],
    ),
    Attack(
        "walrus leaks",
        """
def f(xs: list):
    out = []
    for x in xs:
        if (y := x * 2) > 2:
            out.append(y)
    return out, y
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "except as",
        """
def f(xs: list):
    e = 5
    out = []
    for x in xs:
        try:
            int("q")
        except ValueError as e:
            pass
        out.append(x)
    return out
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "del in body",
        """
def f(xs: list):
    out = []
    for x in xs:
        t = x * 2
        out.append(t)
        del t
    try:
        return out, t
    except NameError:
        return out
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "global in body",
        """
count = 0
def f(xs: list):
    global count
    out = []
    for x in xs:
        count += 1
        out.append(x + count)
    return out, count
""",
        "(f(xs), count)",
        xs=[1, 2, 3],
    ),
    Attack(
        "nonlocal",
        """
def f(xs: list):
    n = 0
    def g():
        nonlocal n
        out = []
        for x in xs:
            n += x
            out.append(n)
        return out
    return g(), n
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "helper changes global",
        """
LIMIT = 1
def up(x):
    return x > LIMIT
def f(xs: list):
    global LIMIT
    out = []
    for x in xs:
        out.append(up(x))
        LIMIT = x
    return out
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "property side effect",
        """
class Box:
    n = 0
    @property
    def rate(self):
        self.n += 1
        return self.n
    def run(self, xs):
        out = []
        for x in xs:
            out.append(x * self.rate)
        return out
""",
        "Box().run(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "property np",
        """
import numpy as np
class Box:
    n = 0
    @property
    def rate(self):
        self.n += 1
        return self.n
    def run(self, xs: np.ndarray):
        out = []
        for i in range(len(xs)):
            out.append(xs[i] * self.rate)
        return out
""",
        "Box().run(xs)",
        xs=np.array([1.0, 2.0, 3.0]),
    ),
    Attack(
        "property of other class",
        """
import numpy as np
class Box:
    n = 0
    @property
    def rate(self):
        self.n += 1
        return self.n
def f(xs: np.ndarray):
    box = Box()
    out = []
    for i in range(len(xs)):
        out.append(xs[i] * box.rate)
    return out
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 3.0]),
    ),
    Attack(
        "int8 arithmetic",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(xs[i] * 2 + 100)
    return out
""",
        "f(xs)",
        xs=np.array([100, 27], dtype="int8"),
    ),
    Attack(
        "int8 sum",
        """
import numpy as np
def f(xs: np.ndarray):
    t = 0
    for x in xs:
        t += x
    return t
""",
        "f(xs)",
        xs=np.array([100, 27, 100], dtype="int8"),
    ),
    Attack(
        "short circuit guards raise",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append(df["b"].iloc[i] != 2 and 10 // (df["b"].iloc[i] - 2) > 1)
    return out
""",
        CALL,
        df=df,
    ),
    Attack(
        "short circuit index",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(i > 0 and xs[i] > xs[i - 1])
    return out
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 0.0]),
    ),
    Attack(
        "bool vs np bool",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append({"hit": xs[i] > 1})
    return out
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 0.0]),
    ),
    Attack(
        "print types",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append(df["a"].iloc[i] * 2)
    print(out)
    return f"{out}", repr(out[0]), type(out[0]).__name__
""",
        CALL,
        df=df,
    ),
    Attack(
        "decorated helper",
        """
import functools
import pandas as pd
calls = []
def log(fn):
    @functools.wraps(fn)
    def inner(x):
        calls.append(x)
        return fn(x)
    return inner
@log
def up(x):
    return x * 2
def f(df: pd.DataFrame):
    out = []
    for v in df["a"]:
        out.append(up(v))
    return out, len(calls)
""",
        CALL,
        df=df,
    ),
    Attack(
        "lru cache helper",
        """
import functools
import pandas as pd
@functools.lru_cache(None)
def up(x):
    return x * 2
def f(df: pd.DataFrame):
    out = []
    for v in df["a"]:
        out.append(up(v))
    return out, up.cache_info().misses
""",
        CALL,
        df=df,
    ),
    Attack(
        "try finally around",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    try:
        for v in df["a"]:
            out.append(1 / (v - 3))
    finally:
        print(out)
    return out
""",
        CALL,
        df=df,
    ),
    Attack(
        "return in finally",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    try:
        for v in df["a"]:
            out.append(1 / (v - 3))
    finally:
        return out
""",
        CALL,
        df=df,
    ),
    Attack(
        "star target",
        """
def f(rows: list):
    out = []
    for a, *rest in rows:
        out.append((a, rest))
    return out
""",
        "f(rows)",
        rows=[(1, 2, 3), (4,)],
    ),
    Attack(
        "warnings as errors",
        """
import warnings
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            for i in range(len(df)):
                out.append(1 / df["a"].iloc[i] if df["a"].iloc[i] != 0 else 0.0)
        except RuntimeWarning:
            return "warned", out
    return out
""",
        CALL,
        df=pd.DataFrame({"a": [1.0, 0.0, 2.0]}),
    ),
    Attack(
        "np seterr raise",
        """
import numpy as np
def f(xs: np.ndarray):
    np.seterr(all="raise")
    try:
        out = []
        for i in range(len(xs)):
            out.append(1.0 if xs[i] == 0 else 2.0 / xs[i])
    finally:
        np.seterr(all="ignore")
    return out
""",
        "f(xs)",
        xs=np.array([1.0, 0.0, -2.0]),
    ),
    Attack(
        "attr list alias method",
        """
class C:
    def __init__(self):
        self.out = []
    def size(self):
        return len(self.out)
    def run(self, xs):
        for x in xs:
            self.out.append(x + self.size())
        return self.out
""",
        "C().run(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "async for",
        """
import asyncio
async def gen(xs):
    for x in xs:
        yield x
async def go(xs):
    out = []
    async for x in gen(xs):
        out.append(x * 2)
    return out
def f(xs: list):
    return asyncio.run(go(xs))
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "eval reads",
        """
def f(xs: list):
    out = []
    for x in xs:
        t = x * 2
        out.append(eval("t + 1"))
    return out
""",
        "f(xs)",
        xs=[1, 2, 3],
    ),
    Attack(
        "helper closure variable",
        """
import numpy as np
def make():
    n = [0]
    def up(x):
        n[0] += 1
        return x + n[0]
    return up
up = make()
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(up(xs[i]))
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "helper global reassigned later in module",
        """
import numpy as np
def up(x):
    return x + 1
def up(x):
    return x + 2
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(up(xs[i]))
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "helper conditional def",
        """
import numpy as np
if True:
    def up(x):
        return x + 1
else:
    def up(x):
        return x + 2
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(up(xs[i]))
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "helper shadows builtin name",
        """
import numpy as np
def max(a, b):
    return a
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(max(xs[i], 0))
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "np is something else",
        """
class np:
    @staticmethod
    def sqrt(x):
        return x
def f(xs: list):
    out = []
    for i in range(len(xs)):
        out.append(np.sqrt(xs[i]))
    return out
""",
        "f(xs)",
        xs=[4.0, 9.0],
    ),
    Attack(
        "local range",
        """
import numpy as np
def f(xs: np.ndarray):
    range = lambda n: [0, 0]
    out = []
    for i in range(len(xs)):
        out.append(xs[i] * 2)
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "list element in place",
        """
def f(xs: list):
    out = []
    cur = []
    for x in xs:
        cur += [x]
        out.append(cur)
    return out
""",
        "f(xs)",
        xs=[3, 1, 2],
    ),
    Attack(
        "store next row",
        """
import pandas as pd
def f(df: pd.DataFrame):
    df["c"] = 0.0
    for i in range(len(df) - 1):
        df.loc[i + 1, "c"] = df["a"].iloc[i] * 2
        df.loc[i, "c"] = df["a"].iloc[i]
    return df
""",
        CALL,
        df=df,
    ),
    Attack(
        "two stores same cell",
        """
import numpy as np
def f(xs: np.ndarray):
    out = np.zeros(len(xs))
    for i in range(len(xs)):
        out[i] = xs[i]
        out[i - 1] = xs[i] * 2
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "sum decimals",
        """
import pandas as pd
def f(s: pd.Series):
    t = 0
    for x in s:
        t += x
    return t
""",
        "f(s)",
        s=pd.Series([Decimal("0.1"), Decimal("0.2")]),
    ),
    Attack(
        "groupby nan",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = {}
    for k in df["k"].unique():
        out[k] = df[df["k"] == k]["a"].sum()
    return [(str(a), b) for a, b in out.items()]
""",
        CALL,
        df=pd.DataFrame({"k": ["x", None, "x"], "a": [1.0, 2.0, 3.0]}),
    ),
    Attack(
        "groupby keys changed",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for k in df["k"].unique():
        df.loc[df["k"] == k, "a"] = 0.5
        out.append(df[df["k"] == k]["a"].sum())
    return out, df
""",
        CALL,
        df=df,
    ),
    Attack(
        "lookup big int keys in float rows",
        """
import pandas as pd
def f(df: pd.DataFrame, other: pd.DataFrame):
    out = []
    for _, row in df.iterrows():
        hit = other[other["b"] == row["b"]]
        out.append(hit["v"].iloc[0] if len(hit) else None)
    return out
""",
        "f(df, other)",
        df=pd.DataFrame({"b": [2**53 + 1, 2], "a": [0.5, 1.0]}),
        other=pd.DataFrame({"b": [2**53 + 1, 2**53], "v": [1, 2]}),
    ),
    Attack(
        "dict subclass missing",
        """
import pandas as pd
class D(dict):
    def __missing__(self, key):
        self[key] = len(self)
        return self[key]
def f(df: pd.DataFrame):
    prices = D()
    out = []
    for k in df["k"]:
        out.append(prices[k])
    return out, dict(prices)
""",
        CALL,
        df=df,
    ),
    Attack(
        "defaultdict read creates",
        """
import pandas as pd
from collections import defaultdict
def f(df: pd.DataFrame):
    d = defaultdict(int)
    out = []
    for k in df["k"]:
        out.append(d[k])
    return out, dict(d)
""",
        CALL,
        df=df,
    ),
    Attack(
        "first match raising later",
        """
import pandas as pd
def f(df: pd.DataFrame):
    for i in range(len(df)):
        if df["v"].iloc[i] > 1:
            return i
    return -1
""",
        CALL,
        df=pd.DataFrame({"v": pd.Series([0, 2, "x"], dtype=object)}),
    ),
    Attack(
        "window zero width",
        """
import numpy as np
def f(xs: np.ndarray, w: int):
    out = []
    for i in range(w, len(xs)):
        out.append(xs[i - w:i].mean())
    return out
""",
        "f(xs, w)",
        xs=X,
        w=0,
    ),
    Attack(
        "module level leaks",
        """
import numpy as np
xs = np.array([1.0, 2.0])
out = []
for i in range(len(xs)):
    t = xs[i] * 2
    out.append(t)
def g():
    return t, i
""",
        "(out, g())",
    ),
    Attack(
        "complex numbers",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(abs(xs[i]) * 2)
    return out
""",
        "f(xs)",
        xs=np.array([1 + 2j, 3 - 1j]),
    ),
    Attack(
        "masked array",
        """
import numpy as np
def f(xs):
    out = []
    for i in range(len(xs)):
        out.append(xs[i] * 2)
    return [str(o) for o in out]
""",
        "f(xs)",
        xs=np.ma.masked_array([1.0, 2.0], mask=[0, 1]),
    ),
    Attack(
        "range step",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(0, len(xs), 2):
        out.append(xs[i] + xs[i + 1])
    return out
""",
        "f(xs)",
        xs=np.array([1.0, 2.0, 3.0]),
    ),
    Attack(
        "or price zero",
        """
import pandas as pd
def f(df: pd.DataFrame, base: float):
    out = []
    for i in range(len(df)):
        price = df["a"].iloc[i] or base
        out.append(price * 2)
    return out
""",
        "f(df, base)",
        df=pd.DataFrame({"a": [0.0, np.nan, 2.0]}),
        base=9,
    ),
    Attack(
        "float of or",
        """
import numpy as np
def f(xs: np.ndarray, ys: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(float(xs[i] or ys[i]))
    return out
""",
        "f(xs, ys)",
        xs=np.array([0.0, 2.0]),
        ys=np.array([3.0, np.nan]),
    ),
    Attack(
        "bool minus",
        """
import numpy as np
def f(xs: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append((xs[i] > 0) - (xs[i] > 2))
    return out
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "min of three mixed",
        """
import numpy as np
def f(xs: np.ndarray, ys: np.ndarray):
    out = []
    for i in range(len(xs)):
        out.append(min(xs[i], ys[i], 0))
    return out
""",
        "f(xs, ys)",
        xs=np.array([np.nan, 1.0, -1.0]),
        ys=np.array([2.0, np.nan, -0.0]),
    ),
    Attack(
        "max drawdown nan",
        """
import numpy as np
def f(xs: np.ndarray):
    peak = xs[0]
    worst = 0.0
    for x in xs:
        if x > peak:
            peak = x
        dd = (peak - x) / peak
        if dd > worst:
            worst = dd
    return worst
""",
        "f(xs)",
        xs=np.array([1.0, np.nan, 3.0, 2.0]),
    ),
    Attack(
        "two states",
        """
import numpy as np
def f(xs: np.ndarray):
    a, b = 0.0, 1.0
    out = []
    for x in xs:
        a, b = b, a + x
        out.append(a)
    return out, b
""",
        "f(xs)",
        xs=X,
    ),
    Attack(
        "which error first",
        """
import pandas as pd
def f(df: pd.DataFrame):
    a, b = [], []
    for i in range(len(df)):
        a.append(1 / int(df["b"].iloc[i]))
        b.append(df["c"].iloc[i])
    return a, b
""",
        CALL,
        df=pd.DataFrame({"b": [1, 0]}),
    ),
    Attack(
        "global list partial",
        """
import pandas as pd
OUT = []
def run(df):
    for v in df["a"]:
        OUT.append(1 / (v - 3))
def f(df: pd.DataFrame):
    try:
        run(df)
    except ZeroDivisionError:
        pass
    return list(OUT)
""",
        CALL,
        df=df,
    ),
    Attack(
        "list in closure default",
        """
def f(xs: list):
    out = []
    def peek(o=out):
        return len(o)
    for x in xs:
        out.append(x + peek())
    return out
""",
        "f(xs)",
        xs=[1, 2],
    ),
    Attack(
        "iter over self dict values",
        """
def f(d: dict):
    out = []
    for v in d.values():
        d["n"] = v
        out.append(v)
    return out, d
""",
        "f(d)",
        d={"a": 1, "n": 2},
    ),
    Attack(
        "pop in loop",
        """
def f(xs: list):
    out = []
    for i in range(len(xs)):
        out.append(xs.pop())
    return out, xs
""",
        "f(xs)",
        xs=[1, 2],
    ),
    Attack(
        "dst hours",
        """
import pandas as pd
def f(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append(df["t"].iloc[i] + pd.Timedelta(days=1))
    return pd.Series(out)
""",
        CALL,
        df=pd.DataFrame({"t": pd.to_datetime(["2024-03-30 12:00", "2024-03-31 12:00"]).tz_localize("Europe/Paris")}),
    ),
    Attack(
        "not in series",
        """
import pandas as pd
def f(df: pd.DataFrame, s: pd.Series):
    out = []
    for v in df["b"]:
        if v not in s:
            out.append(v)
    return out
""",
        "f(df, s)",
        df=df,
        s=pd.Series([1, 2, 3]),
    ),
]


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "bare"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_fails(attack: Attack, annotated: bool) -> None:
    attacked(attack, annotated)


def attacked(attack: Attack, annotated: bool) -> list[Form]:
    """Run what deloop makes of it, and return that."""
    prepare()
    code = attack.code.lstrip("\n")
    if not annotated:
        for kind in ("pd.DataFrame", "pd.Series", "np.ndarray", "list", "dict", "float", "int"):
            code = code.replace(f": {kind})", ")").replace(f": {kind},", ",")
    given = tuple(Parameter(k, KINDS.get(type(v), "int"), annotated=annotated) for k, v in attack.given.items())
    program = Program(0, code, given, attack.entry)
    _, found = forms(program.text)
    before = run(program.text, program.entry, attack.given)
    for form in found:
        answer = difference(program, form, attack.given, before)
        assert answer is None or (answer.excused and not form.rewrite.safe), f"{answer.text}\n{form.text}"
    return found
