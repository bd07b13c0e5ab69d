"""Loops of which the fuzzer found a wrong rewrite, made small: forms do the same, or name what the input breaks."""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

sys.path.append(str(ROOT))

from deloop.transforms.base import Tier
from fuzzing.judge import difference, forms, prepare, run
from fuzzing.model import Parameter, Program

HEAD = "import math\nimport numpy as np\nimport pandas as pd\n\n"
KINDS = {pd.DataFrame: "frame", pd.Series: "series", np.ndarray: "array", list: "list", dict: "dict", str: "text"}
NUMBERS = pd.DataFrame({"a": [1.5, -2.0, 3.0, 0.5], "b": [1, 2, 3, 4], "k": list("xyxz")})


@dataclass(frozen=True)
class Case:
    """A program, how it is called, and with what."""

    name: str
    code: str
    given: dict[str, Any] = field(default_factory=lambda: {"df": NUMBERS})

    @property
    def program(self) -> Program:
        parameters = tuple(
            Parameter(
                k,
                KINDS.get(type(v) if getattr(v, "ndim", 1) else float, "num"),
                columns={"gone"} & {*re.findall(r"\w+", self.code)},
            )
            for k, v in self.given.items()
        )
        return Program(0, HEAD + textwrap.dedent(self.code).lstrip("\n"), parameters, f"f({', '.join(self.given)})")


CASES = [
    Case(
        "the mean of a column is a number of NumPy's",
        """
        def f(df: pd.DataFrame):
            mean = df["a"].mean()
            out = []
            for row in df.itertuples():
                out.append(row.b / mean)
            return out
        """,
    ),
    Case(
        "text that is put together is repeated",
        """
        def f(df: pd.DataFrame):
            out = []
            for row in df.itertuples():
                out.append(row.b * ("a" + "b"))
            return out
        """,
    ),
    Case(
        "text that nobody announces is repeated",
        """
        def f(df: pd.DataFrame, tag):
            out = []
            for row in df.itertuples():
                out.append(row.b * tag)
            return out
        """,
        {"df": NUMBERS, "tag": "ab"},
    ),
    Case(
        "text that nobody announces is filled in",
        """
        def f(df: pd.DataFrame, tag):
            out = []
            for row in df.itertuples():
                out.append(tag % row.b)
            return out
        """,
        {"df": NUMBERS, "tag": "no. %d"},
    ),
    Case(
        "a short list before a missing key",
        """
        def f(df: pd.DataFrame, xs: list):
            found = {}
            for i in range(len(df)):
                found[df["gone"].iloc[i]] = xs[i]
            return found
        """,
        {"df": NUMBERS, "xs": []},
    ),
    Case(
        "a division before a missing key",
        """
        def f(df: pd.DataFrame):
            found = {}
            for row in df.itertuples():
                found[row.gone] = 1 / row.b
            return found
        """,
        {"df": pd.DataFrame({"b": [0, 1]})},
    ),
    Case(
        "the key of a label that is there twice",
        """
        def f(df: pd.DataFrame, orders: pd.DataFrame):
            out = []
            for i in orders.index:
                part = df[df["k"] == orders.loc[i, "k"]]
                out.append(part["a"].sum())
            return out
        """,
        {"df": NUMBERS, "orders": pd.DataFrame({"k": list("xyxz")}, index=[0, 0, 1, 2])},
    ),
    Case(
        "the key of a label that is there twice, under a name",
        """
        def f(df: pd.DataFrame, keys: pd.Series):
            out = []
            for i in range(len(keys)):
                key = keys[i]
                out.append(len(df[df["k"] == key]))
            return out
        """,
        {"df": NUMBERS, "keys": pd.Series(list("xyxz"), index=[0, 0, 1, 2])},
    ),
    Case(
        "rows of a part of a frame, which needs a name",
        """
        def f(df: pd.DataFrame):
            out = []
            for i, row in df.iloc[1:].iterrows():
                out.append((i, row["b"]))
                print(i)
            return out
        """,
    ),
    Case(
        "a position in an index of an extension type",
        """
        def f(df: pd.DataFrame, by: pd.DataFrame):
            out = []
            for row in df.itertuples():
                out.append(by.index.get_indexer([row.a], method="pad")[0])
            return out
        """,
        {
            "df": pd.DataFrame({"a": pd.Series([7.0, -2.0], dtype=object)}),
            "by": pd.DataFrame({"b": [1, 2]}, index=pd.Index([0.0, 3.0], dtype="Float64")),
        },
    ),
    Case(
        "an item that is one of Python's numbers",
        """
        def f(df: pd.DataFrame, table: pd.DataFrame):
            out = []
            for k in df["k"]:
                out.append(table[table["k"] == k]["a"].item())
            return out
        """,
        {"df": NUMBERS, "table": pd.DataFrame({"k": list("zyx"), "a": [0.5, 1.5, 2.5]})},
    ),
    Case(
        "infinity in a window that need not be full",
        """
        def f(df: pd.DataFrame):
            return df["a"].rolling(2, min_periods=1).apply(lambda w: w.max(), raw=True)
        """,
        {"df": pd.DataFrame({"a": [1.0, np.inf, 2.0]})},
    ),
    Case(
        "how long a missing column of a group is",
        """
        def f(df: pd.DataFrame):
            out = []
            for k in df["k"].unique():
                part = df[df["k"] == k]
                out.append(part["gone"].size)
            return out
        """,
    ),
    Case(
        "how long a missing column of some rows is",
        """
        def f(df: pd.DataFrame, keys: list):
            out = []
            for k in keys:
                out.append(len(df[df["k"] == k]["gone"]))
            return out
        """,
        {"df": NUMBERS, "keys": ["x", "y"]},
    ),
    Case(
        "missing values in rows of text, in a set",
        """
        def f(df: pd.DataFrame):
            seen = set()
            for i, row in df.iterrows():
                seen.add(row["a"])
            return len(seen)
        """,
        {"df": pd.DataFrame({"a": [np.nan, 38.5, np.nan], "k": ["x", "y", "z"]})},
    ),
    Case(
        "a state that nobody reads, in a comprehension",
        """
        def f(df: pd.DataFrame):
            level = 0
            out = []
            for i in range(len(df)):
                level = level + df["b"].iloc[i]
                out.append(2 + 100)
            return out
        """,
    ),
    Case(
        "a zero among what np.vectorize divides by",
        """
        def f(df: pd.DataFrame):
            return np.vectorize(lambda a, b: a // b, otypes=[float])(df["b"], df["c"].values)
        """,
        {"df": pd.DataFrame({"b": [1, 2], "c": [3, 0]})},
    ),
    Case(
        "nothing, held in an array of floats",
        """
        def f(df: pd.DataFrame):
            held = None
            out = np.zeros(len(df))
            for i in range(len(df)):
                if df["a"].iloc[i] > 2:
                    held = 0.5
                out[i] = held
            return out
        """,
    ),
    Case(
        "the order of a set that an inner loop fills",
        """
        def f(xs: np.ndarray, ys: list):
            out = set()
            for x in xs:
                for y in ys:
                    out.add((x, y))
            return list(out)
        """,
        {"xs": np.linspace(7.5, 88.5, 9), "ys": [3.9, 23.1, 65.76, 66.85, 5.76, 62.49, 1.24, 49.04, 63.85]},
    ),
    Case(
        "infinity modulo two, counted",
        """
        def f(xs: list):
            found = {}
            for x in xs:
                if x % 2 not in found:
                    found[x % 2] = 0
                found[x % 2] += 1
            return found
        """,
        {"xs": [1.5, np.inf]},
    ),
    Case(
        "the largest of an empty sample that no round asks for",
        """
        def f(xs: np.ndarray, w: int):
            rng = np.random.RandomState(3)
            out = []
            for i in range(len(xs)):
                part = rng.exponential(size=w)
                if np.median(part) > 0.5:
                    out.append(1 + part.max())
            return out
        """,
        {"xs": np.ones(3), "w": 0},
    ),
    Case(
        "the largest of an empty sample in no round",
        """
        def f(xs: np.ndarray, w: int):
            rng = np.random.RandomState(3)
            out = []
            for x in xs:
                part = rng.exponential(size=w)
                out.append(part.mean() + part.max())
            return out
        """,
        {"xs": np.ones(0), "w": 0},
    ),
    Case(
        "the largest of a sample as long as nothing",
        """
        def f(xs: np.ndarray):
            rng = np.random.RandomState(3)
            out = []
            for k in range(1, 1 - len(xs)):
                part = rng.choice(xs, size=len(xs))
                if part.mean() > 0.5:
                    out.append(part.mean() + part.max())
            return out
        """,
        {"xs": np.array([])},
    ),
    Case(
        "the place of the largest of no rows of a group",
        """
        def f(df: pd.DataFrame):
            out = []
            for k in df["k"].unique():
                part = df.loc[(df["k"] == k) & (df["b"] > 1)]
                out.append((k, part["b"].idxmax()))
            return out
        """,
        {"df": NUMBERS.head(2)},
    ),
    Case(
        "the root of a negative number that is written out",
        """
        def f(df: pd.DataFrame):
            best = 0
            for row in df.itertuples():
                t = -1
                if t ** 0.5 <= row.a:
                    best = 1
            return best
        """,
        {"df": pd.DataFrame({"a": [1.5, 3.0]})},
    ),
    Case(
        "the root of a number by NumPy is one of NumPy's",
        """
        def f(df: pd.DataFrame, limit: float):
            out = []
            for t in df[["a", "k"]].itertuples(index=False):
                out.append(np.sqrt(limit) * t[0])
            return out
        """,
        {"df": NUMBERS, "limit": 2.5},
    ),
    Case(
        "the root of a number by NumPy, under a name",
        """
        def f(df: pd.DataFrame, limit: float):
            root = np.sqrt(limit)
            out = []
            for row in df.itertuples():
                out.append(row.a + root)
            return out
        """,
        {"df": NUMBERS, "limit": 2.5},
    ),
    Case(
        "a missing column of rows that become a frame",
        """
        def f(df: pd.DataFrame):
            rows = []
            for row in df.itertuples():
                rows.append({"first": row.a, "second": row.gone})
            return pd.DataFrame(rows)
        """,
    ),
    Case(
        "the first letter of no text, which no round asks for",
        """
        def f(xs: pd.Series):
            out = []
            for x in xs:
                if x > 0:
                    out.append("buy")
                else:
                    out.append(""[0])
            return out
        """,
        {"xs": pd.Series([1.5, 2.5])},
    ),
    Case(
        "a temporary in the last part of a chained comparison",
        """
        def f(xs: pd.Series, low):
            out = []
            for i in range(len(xs)):
                t = math.log(low)
                if 0 < xs.iloc[i] <= max(t, xs.iloc[i]):
                    out.append(xs.iloc[i])
            return out
        """,
        {"xs": pd.Series([-1.5, -2.5]), "low": -1.0},
    ),
    Case(
        "the first number of an empty sample, which nobody reads",
        """
        def f(xs: np.ndarray, w: int):
            rng = np.random.default_rng(7)
            out = []
            n = 0
            for x in xs:
                part = rng.exponential(size=w)
                out.append(np.mean(part))
                n += part[0]
            return np.array(out)
        """,
        {"xs": np.ones(3), "w": 0},
    ),
    Case(
        "tuples of numbers of NumPy's",
        """
        def f(df: pd.DataFrame):
            rows = []
            for i in range(len(df)):
                rows.append((df.loc[i, "b"],))
            return rows
        """,
    ),
    Case(
        "rows without columns, of which nothing is read",
        """
        def f(df: pd.DataFrame):
            return df.apply(lambda row: 10, axis=1)
        """,
        {"df": pd.DataFrame(index=range(3))},
    ),
    Case(
        "the largest of large integers of a group, where another key has none",
        """
        def f(df: pd.DataFrame, keys: pd.DataFrame):
            out = []
            for k in keys["k"]:
                match = df.loc[df["k"] == k]
                if match.empty:
                    continue
                out.append(match["b"].max())
            return out
        """,
        {"df": pd.DataFrame({"k": list("xy"), "b": [2**63 - 1, 2]}), "keys": pd.DataFrame({"k": list("xz")})},
    ),
    Case(
        "an array that nobody reads, changed in place under another name",
        """
        def f(df: pd.DataFrame, limit):
            level = limit
            out = np.ones(len(df))
            for i in range(len(df)):
                level += 1
                out[i] = df["a"].values[i]
            return out
        """,
        {"df": NUMBERS, "limit": np.array(2.5)},
    ),
    Case(
        "a nullable truth value is NumPy's in a tuple",
        """
        def f(df: pd.DataFrame):
            rows = []
            for row in df.itertuples():
                rows.append({"v": row.flag})
            return pd.DataFrame(rows)
        """,
        {"df": pd.DataFrame({"flag": pd.array([None, True, False], dtype="boolean")})},
    ),
    *(
        Case(
            f"a row beside nullable numbers has NA for NaN, {value}",
            f"""
            def f(df: pd.DataFrame):
                out = []
                for i in range(len(df)):
                    out.append({value})
                return out
            """,
            {"df": pd.DataFrame({"a": [np.nan, 1.5], "q": pd.array([7, 12], dtype="Int64")})},
        )
        for value in ("df.iloc[i]['a'] + 1", "2.5 if df.iloc[i]['a'] else 3.5", "df.iloc[i]['a'] > 1")
    ),
    Case(
        "a number of the outer loop, or a constant, by something that is the same on every round",
        """
        def f(xs: np.ndarray, ys: np.ndarray):
            grid = np.zeros((len(xs), len(ys)))
            for i in range(len(xs)):
                for j in range(len(ys)):
                    grid[i, j] = xs[i] if 2 else 2
            return grid
        """,
        {"xs": np.array([1.5, 2.5, 3.5]), "ys": np.array([4.0, 5.0, 6.0])},
    ),
    *(
        Case(
            f"a number a round, or one for all, by something that is the same on every round: {what}",
            f"""
            def f(df: pd.DataFrame, xs: np.ndarray, narrow: np.ndarray, flag):
                out, n = [], 0
                for i in range(len(xs)):
                    {code}
                return {result}
            """,
            {
                "df": NUMBERS,
                "xs": np.array([1.5, 0.0, 3.5, 2.0]),
                "narrow": np.array([1.1, 2.2, 3.3, 4.4], dtype=np.float32),
                "flag": flag,
            },
        )
        for flag in (True, False)
        for what, code, result in (
            ("a frame", "out.append({'v': df['a'].iloc[i] * 2 if flag else 0})", "pd.DataFrame(out)"),
            ("a function", "out.append(math.floor(xs[i] if flag else 0.5))", "out"),
            ("a test", "n += 1 if (xs[i] if flag else 0) else 2", "n"),
            ("a comparison", "n += (xs[i] if flag else 1.5) > 1", "n"),
            ("a list", "out.append(xs[i] if flag else 0)", "out"),
            ("computed with beside an array", "out.append((xs[i] if flag else 1.0) * 2 - narrow[i])", "np.array(out)"),
            ("kept and computed with", "v = xs[i] if flag else 2.0; out.append(v * narrow[i]); n += v > 1", "out, n"),
        )
    ),
    Case(
        "a value that can't be computed, under a key that is not there",
        """
        def f(df: pd.DataFrame, ns: np.ndarray):
            by_key = {}
            for turn in range(2):
                for i in range(len(df)):
                    by_key[ns[9]] = "b" - 10
            return by_key
        """,
        {"df": NUMBERS, "ns": np.array([7])},
    ),
    Case(
        "an integer that is held among floats, times an integer that no float holds",
        """
        def f(df: pd.DataFrame):
            held, out = 0.0, []
            for i in range(len(df)):
                if df["lots"].iloc[i] > 3:
                    held = 1
                elif df["lots"].iloc[i]:
                    held = 0.5
                out.append(held * df["lots"].iloc[i])
            return out
        """,
        {"df": pd.DataFrame({"lots": [2**63 - 1, 0, 10]})},
    ),
    *(
        Case(
            "one number or an array, as something decides that is the same on every round: a mask is made of it, too",
            """
            def f(xs: np.ndarray, ys: np.ndarray, flag):
                out, sure = [], []
                for i in range(len(xs)):
                    a = xs[i] if flag else 1.0
                    if a > 0.5:
                        out.append(a * ys[i])
                    sure.append(a * ys[i])
                return out, sure
            """,
            {"xs": np.array([1.5, 0.0, 3.5]), "ys": np.array([1.0, 2.0, 4.0]), "flag": flag},
        )
        for flag in (True, False)
    ),
    *(
        Case(
            "one number or an array, as something decides that is the same on every round: only some rounds append",
            """
            def f(xs: np.ndarray, ys: np.ndarray, flag):
                out = []
                for i in range(len(xs)):
                    a = xs[i] if flag else 1.0
                    if a > 0.5:
                        out.append(a * ys[i])
                return out
            """,
            {"xs": np.array([1.5, 0.0, 3.5]), "ys": np.array([1.0, 2.0, 4.0]), "flag": flag},
        )
        for flag in (True, False)
    ),
    Case(
        "a column that is picked and not read",
        """
        def f(df: pd.DataFrame):
            count = 0
            for t in df[["gone", "a"]].itertuples(name=None):
                count += t[2]
            return count
        """,
        {"df": NUMBERS[["a"]].iloc[:0]},
    ),
    *(
        Case(
            f"rows that are kept beside {value}",
            f"""
            def f(df: pd.DataFrame, ys: np.ndarray):
                rows = []
                for i in range(len(df)):
                    if df["b"].iloc[i] % 2:
                        rows.append({{"v": {value}}})
                return pd.DataFrame(rows)
            """,
            {"df": NUMBERS, "ys": np.array([7.0, 8.0, 9.0, 6.0])},
        )
        for value in ("i", "ys[i]", "df['a'].iloc[i - 1]", "df['a'].iloc[i] + ys[i]")
    ),
    Case(
        "arithmetic with an invariant that nobody uses",
        """
        def f(df: pd.DataFrame, first):
            out = []
            for x in df["a"].to_numpy():
                t = 0.5 - first
                out.append(round(1))
            return out
        """,
        {"df": NUMBERS, "first": "7"},
    ),
    Case(
        "a text that has no index, which nobody asks for while there are no rows",
        """
        def f(df: pd.DataFrame):
            out = []
            by = "open"
            for i, row in df.iterrows():
                out.append(by.index.get_indexer([row["a"]], method="pad")[0])
            return out
        """,
        {"df": NUMBERS.iloc[:0]},
    ),
    Case(
        "categories give numbers of NumPy's to a function of rows",
        """
        def f(df: pd.DataFrame):
            df["made"] = df.apply(lambda r: 1 / r["a"], axis=1)
            return df
        """,
        {"df": pd.DataFrame({"a": pd.Series([1.5, 0.0, -2.0]).astype("category")})},
    ),
    Case(
        "integers that are divided where they stand among floats",
        """
        def f(ns: np.ndarray):
            vals = []
            for x in ns:
                t = x
                if x:
                    t = x / x
                vals.append(x // t)
            return vals
        """,
        {"ns": np.array([0, 3, 5])},
    ),
    Case(
        "a row of floats and nullable integers has NA for NaN",
        """
        def f(df: pd.DataFrame):
            df["made"] = df.apply(lambda r: r.a * 1, axis=1)
            return df
        """,
        {"df": pd.DataFrame({"a": [1.5, np.nan], "b": pd.array([1, 2], dtype="Int64")})},
    ),
    Case(
        "an element of a shorter series that nobody uses",
        """
        def f(xs: pd.Series, ns: pd.Series):
            table = {}
            for i in range(2, len(xs)):
                t = ns.iloc[i]
                table[i] = ns.iloc[i - 2]
            return table
        """,
        {"xs": pd.Series([1.5, 2.0, 3.0, 4.0]), "ns": pd.Series([1, 2, 3])},
    ),
    Case(
        "a row by label that nobody uses",
        """
        def f(df: pd.DataFrame):
            out = [None]
            i = 1
            while i < len(df):
                out.append(2.5 - df["a"].iat[i])
                row = df.loc[i]
                i += 1
            return out
        """,
        {"df": NUMBERS.set_axis([0, 2, 4, 6])},
    ),
    Case(
        "a cell by label that nobody uses",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(1, len(df.index)):
                t = df["a"][i]
                out.append(2.5 % df.iloc[i]["a"])
            return out
        """,
        {"df": NUMBERS.set_axis([0, 2, 4, 6])},
    ),
    Case(
        "a condition by label with the same on both sides",
        """
        def f(df: pd.DataFrame):
            total = 0
            for i in range(len(df)):
                t = df["a"].iloc[i] if df["b"][i] else df["a"].iloc[i]
                total += t
            return total
        """,
        {"df": NUMBERS.set_axis([0, 2, 4, 6])},
    ),
    Case(
        "a condition by label under which nothing is done",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                if df["a"][i] > 1:
                    pass
                out.append(df["a"].iloc[i] * 2)
            return out
        """,
        {"df": NUMBERS.set_axis([0, 2, 4, 6])},
    ),
    Case(
        "a store at the label before the first makes a new row",
        """
        def f(df: pd.DataFrame):
            for i in range(-1, len(df)):
                t = df["a"].iloc[i + 1]
                df.at[i, "made"] = 1
        """,
        {"df": NUMBERS[["a", "b"]]},
    ),
    Case(
        "a fraction as the power of a number that is drawn",
        """
        def f(xs: np.ndarray):
            out = []
            rng = np.random.RandomState(3)
            for x in xs:
                g = rng.normal(0, 1)
                out.append(g ** 0.5)
            return out
        """,
        {"xs": np.arange(1.0, 6.0)},
    ),
    Case(
        "an integer zero keeps no sign in a product with ints among floats",
        """
        def f(xs: pd.Series, limit):
            total = 0
            out = np.zeros(len(xs))
            for i in range(len(xs)):
                total *= min(limit, xs.iloc[i])
                out[i] = total
            return out
        """,
        {"xs": pd.Series([3.5, -6.5, 0.0, -9.0, 1.5]), "limit": -2},
    ),
    Case(
        "a total that nothing starts is not read without rounds",
        """
        def f(xs: pd.Series, limit):
            out = np.zeros(len(xs))
            for i in range(len(xs)):
                total = limit
            for i in range(len(xs)):
                total *= limit
                out[i] = total
            return out
        """,
        {"xs": pd.Series([], dtype="float64"), "limit": 3},
    ),
    Case(
        "a row makes a float of an integer that a column keeps",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(2, df.shape[0] - 1):
                out.append(df.iloc[i]["b"] + df["b"].iat[i])
            return sorted(out)
        """,
        {"df": NUMBERS[["a", "b"]]},
    ),
    Case(
        "a total that a narrow number starts stays narrow",
        """
        def f(xs: np.ndarray, limit: float):
            acc = limit
            for turn in range(2):
                for i, x in enumerate(xs):
                    t = i
                    if t < i:
                        continue
                    acc += t
            return acc
        """,
        {"xs": np.array([0.5, -6.0, 2.25]), "limit": np.float32(0.1)},
    ),
    Case(
        "a large integer at the edge of a list of floats keeps its digits",
        """
        def f(xs: np.ndarray):
            out = []
            for i in range(len(xs)):
                if i == 0:
                    out.append(xs[i])
                else:
                    out.append(xs[i] / 2)
            return out
        """,
        {"xs": np.array([2**63 - 1] * 4)},
    ),
    Case(
        "the sum of a list of NumPy's integers overflows",
        """
        def f(df: pd.DataFrame):
            out = [0]
            for x in df["b"].to_numpy():
                out.append(-max(x, x))
            return sum(out)
        """,
        {"df": pd.DataFrame({"b": [-(2**62)] * 2})},
    ),
    Case(
        "text and a cell that a label finds twice make a series",
        """
        def f(df: pd.DataFrame):
            line = ""
            for i in range(1, len(df) - 1):
                line += df.loc[i, "k"] + "x"
            return line
        """,
        {"df": NUMBERS.set_axis([1, 1, 2, 2])},
    ),
    Case(
        "what is read for nothing is not only read on a condition",
        """
        def f(xs, ns):
            out = []
            for i in range(1, len(xs)):
                t = ns[i]
                out.append(int(xs[1] or ns[i]))
            return out
        """,
        {"xs": np.arange(1.0, 6.0), "ns": 3},
    ),
    Case(
        "an integer zero of a dict keeps no sign beside floats",
        """
        def f(df: pd.DataFrame, prices: dict):
            return df.apply(lambda r: -prices.get(r.k, 0), axis=1).tolist()
        """,
        {"df": NUMBERS[["k"]], "prices": {"x": 1.5, "y": 0}},
    ),
    Case(
        "which of two exceptions comes first where positions are out of range",
        """
        def f(ns: np.ndarray, xs: np.ndarray):
            out = np.zeros(4)
            for k, x in zip(ns.tolist(), xs):
                out[k] -= math.sqrt(x)
            return out
        """,
        {"ns": np.array([1, 8, 2]), "xs": np.array([1.5, 2.0, -3.0])},
    ),
    Case(
        "a column that is read as an attribute and missing is a missing attribute",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append(str(df.missing.iloc[i]))
                print(df.a.iloc[i])
            return out
        """,
        {"df": NUMBERS},
    ),
    Case(
        "infinity less infinity is no number that was missing",
        """
        def f(df: pd.DataFrame):
            best = None
            out = []
            for row in df.itertuples():
                if best is None or row.a - row.a >= best:
                    best = row.a - row.a
                out.append(best - 1)
            return out
        """,
        {"df": pd.DataFrame({"a": [-np.inf, 4.0, 10.0]})},
    ),
    Case(
        "a label that is missing comes before what is no date",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                t = df.loc[i - 1, "close"]
                if df.loc[i, "day"].day < t:
                    continue
                out.append(True)
            return out
        """,
        {"df": pd.DataFrame({"close": [1.5, 2.5], "day": [3, 4]})},
    ),
    Case(
        "no text at all is a list of numbers for NumPy",
        """
        def f(xs: pd.Series):
            out = []
            for x in xs:
                if x > 9:
                    out.append("mid" if x > 10 else "low")
            return np.sum(out)
        """,
        {"xs": pd.Series([1.5, 2.0])},
    ),
    Case(
        "a part of a date in a table is 64 bits wide",
        """
        def f(df: pd.DataFrame):
            rows = []
            for i in range(len(df)):
                if df["b"].iloc[i]:
                    continue
                record = {"a": df["a"].iloc[i]}
                record["month"] = df["day"].iloc[i].month
                rows.append(record)
            return pd.DataFrame(rows).set_index("a")
        """,
        {"df": pd.DataFrame({"a": [1.5, 2.5], "b": [0.5, 0.0], "day": pd.to_datetime(["2024-01-09", "2024-02-06"])})},
    ),
    Case(
        "what is read for nothing is not only read where something is appended",
        """
        def f(xs, ns):
            out = []
            for i in range(1, len(xs)):
                t = ns[i]
                if xs[i] > 0:
                    out.append(ns[i])
            return out
        """,
        {"xs": [1.0, -1.0, -2.0], "ns": [5]},
    ),
    Case(
        "truth values and integers of rows that are added",
        """
        def f(df: pd.DataFrame):
            grown = pd.DataFrame(columns=["v"])
            for row in df.itertuples(index=False):
                if row.k == "x":
                    grown.loc[len(grown)] = [int(row.b)]
                else:
                    grown.loc[len(grown)] = [1 == row.b]
            return grown
        """,
    ),
    Case(
        "the size of a number alone is no method of it",
        """
        def f(df: pd.DataFrame, limit: float):
            df["made"] = df.apply(lambda r: np.abs(limit) * r["a"], axis=1)
        """,
        {"df": NUMBERS[["a"]], "limit": 3},
    ),
    Case(
        "an element that does not fit comes before one that can't be computed",
        """
        def f(df: pd.DataFrame):
            res = np.zeros(len(df), dtype=int)
            for i in range(0, len(df)):
                if df.iloc[i + 1]["a"]:
                    res[i] = 1
                else:
                    res[i] = df["b"][i] // df.iloc[i - 1]["a"]
        """,
        {"df": pd.DataFrame({"a": [0, 2, 0, 7], "b": [54.75, 90.43, 38.38, 37.77]})},
    ),
    Case(
        "a number below zero beside an unsigned one raises where the loop computes it",
        """
        def f(xs: np.ndarray):
            last = xs[1]
            vals = []
            for i in range(len(xs)):
                t = -1 * last
                vals.append(1 > 0 or t > 0)
            return vals
        """,
        {"xs": np.array([1, 1], dtype="uint8")},
    ),
    Case(
        "None in a column of numbers stays None or not, as they come",
        """
        def f(df: pd.DataFrame):
            grown = pd.DataFrame(columns=["v"])
            for row in df.itertuples(index=False):
                if row.a > 1:
                    grown.loc[len(grown)] = [row.a / 2]
                else:
                    grown.loc[len(grown)] = [None]
            return grown
        """,
        {"df": pd.DataFrame({"a": [0.5, 3.0, 0.25]})},
    ),
    Case(
        "numbers so small that pandas takes them for integers beside integers",
        """
        def f(ns: list):
            grown = pd.DataFrame(columns=["v"])
            for x in ns:
                grown.loc[len(grown)] = [x]
            return grown
        """,
        {"ns": [4, 2, 5e-324]},
    ),
    Case(
        "an index of an extension type knows no nearest label",
        """
        def f(df: pd.DataFrame, table: pd.DataFrame):
            out = []
            by = table.drop_duplicates("a").set_index("a").sort_index()
            for i, row in df.iterrows():
                at = by.index.get_indexer([row["b"]], method="ffill")[0]
                out.append(at)
            return out
        """,
        {
            "df": pd.DataFrame({"b": [-2.25, -4.0, -3.5], "k": ["x", "y", "z"]}),
            "table": pd.DataFrame({"a": pd.array([-7.0, 0.5, 0.0], dtype="Float64"), "k": [1, 2, 3]}),
        },
    ),
    Case(
        "an integer that a scan starts from stays one among floats",
        """
        def f(df: pd.DataFrame):
            last = 0
            lasts = []
            for row in df.itertuples():
                if row.b > 3:
                    continue
                if 0 <= row.a:
                    last = row.c
                lasts.append(last)
            return lasts
        """,
        {"df": pd.DataFrame({"a": [-1.5, 2.0], "b": [1, 2], "c": [0.25, 0.5]})},
    ),
    Case(
        "an array of text is as wide as the longest text in it",
        """
        def f(xs):
            return np.array(["" if xs[i] else "x y" for i in range(len(xs))])
        """,
        {"xs": np.array([50.5, 33.0])},
    ),
    Case(
        "cells of a state stored before an exception stay stored",
        """
        def f(df: pd.DataFrame):
            last = 0.0
            for i in range(len(df)):
                if df["a"].iloc[i] > 1:
                    last = df["b"].iloc[i]
                df.iloc[i, df.columns.get_loc("c")] = last + math.sqrt(df["b"].iloc[i])
        """,
        {"df": pd.DataFrame({"a": [1.5, 2.0, 3.0], "b": [6.0, -8.0, 3.0], "c": [0.5, 1.5, 2.5]})},
    ),
    Case(
        "cells stored before an exception stay stored",
        """
        def f(df: pd.DataFrame):
            for i in df.index:
                df.at[i, "b"] = math.log(df.loc[i, "a"])
        """,
        {"df": pd.DataFrame({"a": [6, -8, 3], "b": [0.5, 1.5, 2.5]})},
    ),
    Case(
        "a row of integers can't be divided in place",
        """
        def f(m):
            out = []
            for i in range(1, len(m)):
                r = m[i] * 2
                r /= sum(r)
                if sum(r) > 0.5:
                    out.append(np.exp(r - np.max(r)))
            return np.vstack(out)
        """,
        {"m": np.array([[6, 11, 9], [17, 7, 20], [7, 14, 14]])},
    ),
    Case(
        "a column that is gone through beside another has to be there",
        """
        def f(df: pd.DataFrame):
            total = 0
            path = []
            for a, b in zip(df["a"].values, df["gone"]):
                total += 0
                path.append(total)
            return path
        """,
    ),
    Case(
        "a column that is stored changes what the elements of a row become",
        """
        def f(df: pd.DataFrame):
            table = {}
            for i in range(len(df)):
                table[i] = df.iloc[i]["a"]
                df.loc[i, "made"] = 0.5
            return table
        """,
        {"df": pd.DataFrame({"a": [6, 8, 4], "b": [8, 4, 9]})},
    ),
    Case(
        "the size of an integer in a row of floats is a float",
        """
        def f(df: pd.DataFrame, limit):
            total = limit
            for i, row in df.iterrows():
                total -= np.abs(row["b"])
            return total
        """,
        {"df": NUMBERS[["a", "b"]], "limit": -2},
    ),
    Case(
        "what is stored behind the round comes after what is stored at it",
        """
        def f(df: pd.DataFrame):
            res = np.full(len(df), np.nan)
            for i in range(1, len(df)):
                if df["a"].iat[i] > 0:
                    res[i - 1] = 10
                else:
                    res[i] = 1
            return res
        """,
    ),
    Case(
        "what is stored ahead of the round comes before what is stored at it",
        """
        def f(x: np.ndarray):
            out = np.zeros(len(x))
            top = 0.0
            for i in range(len(x) - 1):
                top = max(top, x[i])
                out[i] = top
                if x[i] > 1:
                    out[i + 1] = x[i] * 2.0
            return out
        """,
        {"x": np.array([1.5, -2.0, 3.0, 0.5, 2.0])},
    ),
    Case(
        "a cell that is stored ahead of the round comes before what is stored at it",
        """
        def f(x: np.ndarray):
            out = np.zeros((len(x) + 1, 2))
            for i in range(len(x)):
                out[i, 0] = x[i]
                out[i + 1, 0] = 2 * x[i]
            return out
        """,
        {"x": np.array([1.5, -2.0, 3.0])},
    ),
    Case(
        "a key that is looked up before it is asked for has to be there",
        """
        def f(df: pd.DataFrame):
            table = {"x": 1.5, "y": 2.5}
            out = []
            for row in df.itertuples():
                v = table[row.k]
                w = v if row.k in table else 0.0
                v = 1
                out.append(w * row.a)
            return out
        """,
    ),
    Case(
        "a helper that looks a key up before it asks for it",
        """
        def rate(table, k):
            r = table[k]
            if k in table:
                return r
            return 0.0

        def f(df: pd.DataFrame):
            table = {"x": 1.5, "y": 2.5}
            out = []
            for row in df.itertuples():
                out.append(rate(table, row.k) * row.a)
            return out
        """,
    ),
    Case(
        "rows that are too short and that no round stores",
        """
        def f(m):
            out = np.zeros((len(m), 3))
            for i in range(1, len(m)):
                if np.argmin(m[i]) > 1.5:
                    out[i] = np.diff(m[i]) * np.argmin(m[i])
            return out
        """,
        {"m": np.array([[16, 9, 5], [1, 4, 13], [7, 12, 7]])},
    ),
    Case(
        "a dict that is filled under another name",
        """
        def f(df: pd.DataFrame):
            table = {"x": 1, "y": 2}
            other = table
            other["z"] = 2.5
            out = []
            for row in df.itertuples():
                out.append((table[row.k] if row.k in table else 0) * row.a)
            return out
        """,
    ),
    Case(
        "a dict that is filled by a function",
        """
        def fill(given):
            given["z"] = 2.5

        def f(df: pd.DataFrame):
            table = {"x": 1, "y": 2}
            fill(table)
            out = []
            for row in df.itertuples():
                out.append((table[row.k] if row.k in table else 0) * row.a)
            return out
        """,
    ),
    Case(
        "a neighbour that is missing before what is computed first",
        """
        def f(xs: list, ys: list):
            path = []
            for i in range(2, len(xs)):
                t = 1 // ys[i]
                if max(ys[i + 1], t):
                    continue
                path.append(t)
            return path
        """,
        {"xs": [6.0, 1.5, 1.5], "ys": [0.0, 4.5, 0.0]},
    ),
    Case(
        "rows as dicts hold None where a nullable column has NA",
        """
        def f(df: pd.DataFrame):
            rows = []
            for row in df.to_dict("records"):
                rows.append({"flag": row["flag"], "one": 1})
            return pd.DataFrame(rows)
        """,
        {"df": pd.DataFrame({"flag": pd.array([True, None, False], dtype="boolean")})},
    ),
    Case(
        "rows that are too short and that no round chooses",
        """
        def f(m: np.ndarray):
            out = np.zeros(m.shape)
            for i in range(m.shape[0]):
                r = m[i] * 2
                if r.min() > 100:
                    out[i] = np.diff(r) * r.min()
                else:
                    out[i] = 0
            return out
        """,
        {"m": np.array([[16, 9, 5], [1, 4, 13], [7, 12, 7]])},
    ),
    Case(
        "differences of rows of two beside the rows",
        """
        def f(m: np.ndarray):
            out = []
            for i in range(m.shape[0]):
                r = m[i] * 2
                out.append(np.diff(r) if r.min() > 3 else r)
            return out
        """,
        {"m": np.array([[16.0, 9.0], [1.0, 4.0], [7.0, 12.0]])},
    ),
    Case(
        "an element with a name is no row",
        """
        def f(given, other, limit):
            xs = np.array(given)
            ns = np.array(other)
            out = []
            for i in range(3, len(xs)):
                t = xs[i]
                if ns[0] <= limit:
                    out.append(t)
                else:
                    out.append(ns[i - 2] // t)
            return out
        """,
        {"given": [1.5, 2.5, 0.5, 3.5, 4.5], "other": [0, 3, 4, 5, 6], "limit": 2.5},
    ),
    Case(
        "truth values beside numbers are of another type",
        """
        def f(df: pd.DataFrame):
            grown = pd.DataFrame(columns=["v"])
            for i in range(len(df.index)):
                grown.loc[len(grown)] = [max(df["a"].values[i], df["b"].values[i])]
            return grown
        """,
        {"df": pd.DataFrame({"a": [True, False, True, True], "b": [3, 1, 0, 2]})},
    ),
    Case(
        "a dict of texts with a number where there is none",
        """
        def f(df: pd.DataFrame):
            CODES = {"x": "a", "y": "b"}
            out = []
            for k in df["k"]:
                t = CODES.get(k, 0)
                out.append(t)
            return out
        """,
    ),
    Case(
        "a dict of texts and numbers",
        """
        def f(df: pd.DataFrame):
            CODES = {"x": "a", "y": 1, "z": 2}
            out = []
            for row in df.itertuples():
                t = CODES[row.k]
                out.append(t * 2)
            return out
        """,
    ),
    Case(
        "a dict of truth values with a number where there is none",
        """
        def f(df: pd.DataFrame):
            CODES = {"x": True}
            out = []
            for i in range(len(df)):
                t = CODES.get(df["k"].iloc[i], 2)
                out.append(t)
            return out
        """,
    ),
    Case(
        "what a dict holds that is passed in",
        """
        def f(df: pd.DataFrame, codes: dict):
            out = []
            for k in df["k"]:
                t = codes.get(k, 0)
                out.append(t)
            return out
        """,
        {"df": NUMBERS, "codes": {"x": "a", "y": 2}},
    ),
    Case(
        "a key that a round without it does not ask for",
        """
        def f(df: pd.DataFrame):
            CODES = {"x": 1, "y": 2}
            state = 0
            out = []
            for k in df["k"]:
                if k in CODES:
                    state = CODES[k]
                out.append(state)
            out.append(CODES[k])
            return out
        """,
    ),
    Case(
        "a column that is zipped and not looked at",
        """
        def f(df: pd.DataFrame):
            count = 1
            for a, gone in zip(df["a"].to_numpy(), df["gone"].to_numpy()):
                count *= a
            return count
        """,
    ),
    Case(
        "a count that starts as a truth value",
        """
        def f(df: pd.DataFrame):
            n = True
            out = []
            for row in df.itertuples():
                out.append(n)
                n += 1
            return out
        """,
    ),
    Case(
        "a root that is missing comes first and stays the best",
        """
        def f(xs: pd.Series):
            best = None
            out = []
            for i in range(len(xs)):
                if best is None or np.sqrt(xs.iloc[i]) >= best:
                    best = np.sqrt(xs.iloc[i])
                out.append(best - 1)
            return out
        """,
        {"xs": pd.Series([-2.25, 0.752, 4.0])},
    ),
    Case(
        "a count that starts as a truth value, in the first of two turns",
        """
        def f(df: pd.DataFrame):
            n = True
            out = []
            for turn in range(2):
                for row in df.itertuples():
                    out.append(n)
                    n += 1
            return out
        """,
    ),
    Case(
        "labels that are met twice hand out several rows, which are added up in place",
        """
        def f(df: pd.DataFrame):
            total = 0
            path = []
            for i in range(len(df)):
                total += df["b"][i]
                path.append(total)
            return path
        """,
        {"df": pd.DataFrame({"b": pd.array([0, 8, 10, 3, 9], dtype="Int64")}, index=[2, 1, 0, 2, 1])},
    ),
    Case(
        "truth values of `and` go into a column of numbers",
        """
        def f(df: pd.DataFrame):
            grown = pd.DataFrame(columns=["v"])
            for x in df["b"]:
                if x < 4:
                    grown.loc[len(grown)] = [1.5]
                else:
                    grown.loc[len(grown)] = [x < x and x > x]
            return grown
        """,
    ),
    Case(
        "positions that are read of rows of floats are none",
        """
        def f(df: pd.DataFrame):
            filled = np.zeros(len(df.index))
            for i in range(len(df.index)):
                filled[df.iloc[i]["p"]] += 1
            return filled
        """,
        {"df": pd.DataFrame({"a": [1.5, 2.5, 0.5], "p": [1, 0, 2]})},
    ),
    Case(
        "a handler sees the cells that were stored before one raised",
        """
        def f(xs: np.ndarray, ys):
            grid = np.zeros((len(xs), len(ys)))
            filled = np.zeros(len(xs))
            try:
                for i in range(len(xs)):
                    for j in range(len(ys)):
                        grid[i, j] = math.log(xs[i])
            except ValueError:
                pass
            try:
                for i in range(len(xs)):
                    filled[i] = math.log(xs[i])
            except ValueError:
                pass
            return grid, filled
        """,
        {"xs": np.array([1.5, 2.5, -1.0]), "ys": [1, 2]},
    ),
    Case(
        "a column is read as it was before the round stored into it",
        """
        def f(df: pd.DataFrame):
            for row in df.itertuples():
                t = row.b
                if row.b > 1:
                    df.at[row.Index, "b"] = -1
                if row.b > 2:
                    df.at[row.Index, "a"] = 0.0
                df.at[row.Index, "c"] = t
            return df
        """,
        {"df": NUMBERS.assign(c=0)},
    ),
    Case(
        "a row may be a view that shows what was stored",
        """
        def f(df: pd.DataFrame):
            for i, row in df.iterrows():
                df.at[i, "b"] = 5
                if row["b"] > 4:
                    df.at[i, "c"] = 1
            return df
        """,
        {"df": pd.DataFrame({"b": [1, 2, 9], "c": [0, 0, 0]})},
    ),
    Case(
        "an array that is announced may have rows, which are divided in place",
        """
        def f(m: np.ndarray):
            out = []
            for i in range(1, len(m)):
                r = 1 - m[i]
                r /= r
                out.append(r / 1)
            return out
        """,
        {"m": np.array([[11, 11, 2], [5, 2, 14], [8, 15, 20]])},
    ),
    Case(
        "the truth of what is missing is asked for in vain",
        """
        def f(df: pd.DataFrame):
            out = []
            for i in range(1, df.shape[0]):
                ok = not df["flag"].values[i]
                out.append(df["flag"].values[i])
            return out
        """,
        {"df": pd.DataFrame({"flag": pd.array([True, False, None], dtype="boolean")})},
    ),
    Case(
        "integers among floats are divided by the first position",
        """
        def f(df: pd.DataFrame, limit):
            total = limit
            for i, x in enumerate(df["b"].to_numpy()):
                t = 2 + x
                if x >= t:
                    t = np.sqrt(i)
                total += t // i
            return total
        """,
        {"df": NUMBERS, "limit": 1},
    ),
    Case(
        "no round counts, and so none makes the entry of a counter",
        """
        from collections import Counter

        def f(df: pd.DataFrame):
            table = Counter()
            for k in df["k"]:
                if k == "none":
                    table["k"] += 1
            return table
        """,
    ),
    Case(
        "the state is an array that the function was given",
        """
        def f(df: pd.DataFrame, limit: float):
            total = limit
            out = []
            for row in df.itertuples():
                total += 1
                out.append(total)
            return limit
        """,
        {"df": NUMBERS, "limit": np.array(2.5)},
    ),
    Case(
        "text is stored into an array of numbers on no round",
        """
        def f(xs: pd.Series, ns: pd.Series):
            total = 1.0
            path = []
            out = np.full(len(xs), np.nan)
            for i in range(2, len(xs)):
                total += ns.iloc[i]
                path.append(total)
                out[i] = "b"
            return path
        """,
        {"xs": pd.Series([], dtype="float64"), "ns": pd.Series([], dtype="float64")},
    ),
    Case(
        "an array of objects is multiplied in place",
        """
        def f(df: pd.DataFrame):
            ns = df["b"].to_numpy()
            out = np.zeros(len(ns), dtype=object)
            for i in range(1, len(ns)):
                out[i] *= ns[i]
            return out
        """,
    ),
    Case(
        "a category of floats makes floats of the integers beside it",
        """
        def f(df: pd.DataFrame):
            rows = []
            for i, row in df.iterrows():
                rows.append({"b": row["b"]})
            return pd.DataFrame(rows)
        """,
        {"df": NUMBERS[["b"]].assign(c=pd.array([1.0, 2.0, 1.0, 3.0], dtype="category"))},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_what_the_fuzzer_found_stays_mended(case: Case) -> None:
    prepare()
    program = case.program
    _, found = forms(program.text)
    before = run(program.text, program.entry, case.given)
    for form in found:
        answer = difference(program, form, case.given, before)
        assert answer is None or (answer.excused and not form.rewrite.safe), f"{answer.text}\n{form.text}"


def test_a_divisor_of_literals_may_be_zero_whatever_the_data_is() -> None:
    code = """
        def f(df: pd.DataFrame):
            out = []
            for v in df["b"]:
                out.append(v % 2 // round(0.001))
            return out
    """
    _, found = forms(HEAD + textwrap.dedent(code))
    assert found and not any(form.rewrite.tier is Tier.VECTOR for form in found)


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("pos = 0", "if row['a'] > 1:\n    pos = row['b']\ndf.at[i, 'c'] = pos"),
        ("seen = {}", "k = row['k']\nseen[k] = seen.get(k, 0) + 1\ndf.at[i, 'c'] = seen[k]"),
    ],
    ids=["held", "counted"],
)
def test_what_is_stored_under_repeated_labels_is_left_to_the_loop(before: str, body: str) -> None:
    """Each store reaches all rows of the label, and the last one wins."""
    prepare()
    loop = f"for i, row in df.iterrows():\n{textwrap.indent(body, '    ')}"
    code = "def f(df: pd.DataFrame):\n" + textwrap.indent(f"{before}\n{loop}\nreturn df\n", "    ")
    case = Case("repeated labels", code, {"df": NUMBERS.assign(c=0).set_axis([3, 1, 3, 3])})
    _, found = forms(case.program.text)
    made = [form for form in found if form.rewrite.tier is Tier.VECTOR]
    assert made and all("is_unique" in form.text for form in made)
    known = run(case.program.text, case.program.entry, case.given)
    assert [difference(case.program, form, case.given, known) for form in made] == [None] * len(made)


@pytest.mark.parametrize("number", ["2", "0 + 2", "2**1", "-(1 - 3)"])
def test_whole_numbers_that_are_computed_are_whole(number: str) -> None:
    """Where all rows give one, the column is of integers."""
    code = f"""
        def f(df: pd.DataFrame):
            return df.apply(lambda r: {number} if r.b else r.b, axis=1)
    """
    _, found = forms(HEAD + textwrap.dedent(code))
    assert found and not any(form.rewrite.safe for form in found)
