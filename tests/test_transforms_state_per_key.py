"""What a loop keeps for each key in a dict: counts, totals, the row before of the same key, which keys are new."""

from __future__ import annotations

import textwrap

import pandas as pd
import pytest
from kept_help import HEAD, forms, frames, run

LOOPS = {
    "counts": """
        def f(df: pd.DataFrame):
            seen = {}
            out = []
            for k in df["s"]:
                seen[k] = seen.get(k, 0) + 1
                out.append(seen[k])
            return out
    """,
    "counts from zero": """
        def f(df: pd.DataFrame):
            seen = {}
            out = []
            for row in df.itertuples():
                n = seen.get(row.n, 0)
                out.append(n)
                seen[row.n] = n + 1
            return out
    """,
    "counts of a defaultdict": """
        from collections import defaultdict

        def f(df: pd.DataFrame):
            seen = defaultdict(int)
            out = []
            for k, flag in zip(df["s"], df["flag"]):
                seen[k] += 2
                if flag:
                    out.append((k, seen[k]))
            return out
    """,
    "counts into a column": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            seen = {}
            df["nth"] = 0
            for i in range(len(df)):
                k = df.at[i, "s"]
                if k not in seen:
                    seen[k] = 0
                seen[k] += 1
                df.at[i, "nth"] = seen[k]
            return df
    """,
    "last values": """
        def f(df: pd.DataFrame):
            last = {}
            out = []
            for k, v in zip(df["s"], df["x"]):
                out.append(last.get(k))
                last[k] = v
            return out
    """,
    "gaps": """
        def f(df: pd.DataFrame):
            last = {}
            gaps = []
            for row in df.itertuples():
                if row.s in last:
                    gaps.append(row.n - last[row.s])
                else:
                    gaps.append(None)
                last[row.s] = row.n
            return gaps
    """,
    "totals": """
        def f(df: pd.DataFrame):
            total = {}
            out = []
            for row in df.itertuples():
                total[row.s] = total.get(row.s, 0) + row.n
                out.append(total[row.s])
            return out
    """,
    "new keys": """
        def f(df: pd.DataFrame):
            seen = set()
            out = []
            for k in df["n"]:
                out.append(k not in seen)
                seen.add(k)
            return out
    """,
    "first rows": """
        def f(df: pd.DataFrame):
            known = set()
            rows = []
            for row in df.itertuples():
                if row.s in known:
                    continue
                known.add(row.s)
                rows.append((row.s, row.x))
            return rows
    """,
    "two entries": """
        def f(df: pd.DataFrame):
            times = {}
            last = {}
            out = []
            for row in df.itertuples():
                times[row.s] = times.get(row.s, 0) + 1
                if times[row.s] > 1:
                    out.append((times[row.s], last[row.s]))
                last[row.s] = row.flag
            return out
    """,
}


@pytest.mark.parametrize("name", LOOPS)
def test_each_key_has_a_state_of_its_own(name: str) -> None:
    made = [after for after, rule, _ in forms(LOOPS[name]) if rule == "DL410"]
    assert made
    for frame in frames():
        if frame["x"].isna().any() and name in ("totals",):
            continue
        for after in made:
            assert run(after, frame) == run(HEAD + textwrap.dedent(LOOPS[name]), frame), after


LEFT = {
    "a key that may not be there": """
        def f(df: pd.DataFrame):
            last = {}
            out = []
            for row in df.itertuples():
                out.append(last[row.s])
                last[row.s] = row.x
            return out
    """,
    "stored on a condition": """
        def f(df: pd.DataFrame):
            last = {}
            out = []
            for row in df.itertuples():
                if row.flag:
                    last[row.s] = row.x
                out.append(last.get(row.s))
            return out
    """,
    "another key is read": """
        def f(df: pd.DataFrame):
            last = {}
            out = []
            for row in df.itertuples():
                out.append(last.get(row.n))
                last[row.s] = row.x
            return out
    """,
    "the dict is returned": """
        def f(df: pd.DataFrame):
            seen = {}
            out = []
            for k in df["s"]:
                seen[k] = seen.get(k, 0) + 1
                out.append(seen[k])
            return out, seen
    """,
    "an inner function reads the dict": """
        def f(df: pd.DataFrame):
            def known():
                return len(seen)
            seen = {}
            out = []
            for k in df["s"]:
                seen[k] = seen.get(k, 0) + 1
                out.append(seen[k])
            return out, known()
    """,
    "it starts with something": """
        def f(df: pd.DataFrame):
            seen = {"a": 3}
            out = []
            for k in df["s"]:
                seen[k] = seen.get(k, 0) + 1
                out.append(seen[k])
            return out
    """,
    "it is emptied": """
        def f(df: pd.DataFrame):
            seen = {}
            out = []
            for row in df.itertuples():
                if row.flag:
                    seen = {}
                seen[row.s] = seen.get(row.s, 0) + 1
                out.append(seen[row.s])
            return out
    """,
    "keys are counted": """
        def f(df: pd.DataFrame):
            seen = {}
            out = []
            for row in df.itertuples():
                seen[row.s] = seen.get(row.s, 0) + 1
                out.append(len(seen))
            return out
    """,
}


@pytest.mark.parametrize("name", LEFT)
def test_other_states_are_left_alone(name: str) -> None:
    assert not [rule for _, rule, _ in forms(LEFT[name]) if rule == "DL410"]


def test_a_missing_key_is_assumed_not_to_be_there() -> None:
    # each NaN of a column of floats is a key of its own
    assert all("group-keys" in owed for _, rule, owed in forms(LOOPS["counts"]) if rule == "DL410")
    frame = pd.DataFrame({"s": [float("nan"), float("nan"), 1.0]})
    assert run(HEAD + textwrap.dedent(LOOPS["counts"]), frame) == (list, [(int, "1")] * 3)
