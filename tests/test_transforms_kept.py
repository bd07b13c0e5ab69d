"""Values that are kept from round to round: the very objects that the loop gave, on every input that it can meet."""

from __future__ import annotations

import textwrap

import pandas as pd
import pytest
from kept_help import HEAD, NAN, forms, frames, run

KEPT = {
    "carried forward": """
        def f(df: pd.DataFrame):
            last = None
            out = []
            for t in df.itertuples():
                if not pd.isnull(t.x):
                    last = t.x
                out.append(last)
            df["filled"] = out
            return df
    """,
    "text carried forward": """
        def f(df: pd.DataFrame):
            seen = "none yet"
            names = []
            for s in df["s"]:
                if s != "":
                    seen = s
                names.append(seen)
            return names, seen
    """,
    "since the last event": """
        def f(df: pd.DataFrame):
            last = None
            since = []
            for i in range(len(df)):
                if df["flag"].iloc[i]:
                    last = i
                since.append(i - last if last is not None else np.nan)
            df["since"] = since
            return df
    """,
    "since the last event, by number": """
        def f(df: pd.DataFrame):
            where = None
            out = []
            for row in df.itertuples():
                if where is None:
                    out.append(None)
                else:
                    out.append(row.n - where)
                if row.flag:
                    where = row.n
            return out
    """,
    "state by name": """
        def f(df: pd.DataFrame):
            mode = None
            modes = []
            for x in df["x"]:
                if x > 1:
                    mode = "high"
                elif x < 0:
                    mode = "low"
                modes.append(mode)
            return modes, mode
    """,
    "two events": """
        def f(df: pd.DataFrame):
            up = None
            down = None
            out = []
            for i in range(len(df)):
                if df["n"].iloc[i] > 0:
                    up = i
                elif df["n"].iloc[i] < 0:
                    down = i
                if up is None or down is None:
                    out.append(-1)
                else:
                    out.append(abs(up - down))
            return out
    """,
    "first value": """
        def f(df: pd.DataFrame):
            base = None
            out = []
            for x in df["x"]:
                if base is None:
                    base = x
                out.append(x - base)
            return out
    """,
    "first of some, then those of others": """
        def f(df: pd.DataFrame):
            base = None
            out = []
            for row in df.itertuples():
                if (base is None and row.n > 0) or row.flag:
                    base = row.x
                if base is not None:
                    out.append(row.x + base)
            return out
    """,
    "row before": """
        def f(df: pd.DataFrame):
            prev = None
            gaps = []
            for x in df["x"]:
                gaps.append(0 if prev is None else x - prev)
                prev = x
            return gaps
    """,
    "row before, only where there is one": """
        def f(df: pd.DataFrame):
            out = []
            before = None
            for v in df["n"].values:
                if before is not None:
                    out.append(v - before)
                before = v
            return out
    """,
    "changes": """
        def f(df: pd.DataFrame):
            prev = None
            number = 0
            out = []
            for row in df.itertuples():
                if row.s != prev:
                    number += 1
                    prev = row.s
                out.append(number)
            return out
    """,
    "runs": """
        def f(df: pd.DataFrame):
            runs = []
            current = None
            length = 0
            for rec in df.itertuples(index=False):
                if rec.x == current:
                    length += 1
                else:
                    if current is not None:
                        runs.append((current, length))
                    current = rec.x
                    length = 1
            if current is not None:
                runs.append((current, length))
            return runs
    """,
    "runs with what they start with": """
        def f(df: pd.DataFrame):
            out = []
            kind, size, first = None, 0, None
            for s, n in zip(df["s"], df["n"]):
                if s != kind:
                    if kind is not None:
                        out.append((kind, first, size))
                    kind, size, first = s, 0, n
                size += 1
            return out, kind, size, first
    """,
    "runs by position": """
        def f(df: pd.DataFrame):
            runs = []
            start = 0
            values = df["n"].values
            for i in range(1, len(values)):
                if values[i] != values[i - 1]:
                    runs.append((values[start], i - start))
                    start = i
            if len(values) > 0:
                runs.append((values[start], len(values) - start))
            return runs
    """,
    "stored into a column": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            df["mode"] = 0
            mode = 0
            for i in range(len(df)):
                if df.at[i, "x"] > 1:
                    mode = 1
                elif df.at[i, "x"] < -1:
                    mode = -1
                df.at[i, "mode"] = mode
            return df
    """,
    "carried forward in a column": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            df["filled"] = np.nan
            last = None
            for i in range(len(df)):
                if pd.notna(df.loc[i, "x"]):
                    last = df.loc[i, "x"]
                df.loc[i, "filled"] = last
            return df
    """,
    "total in a column": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            df["sum"] = 0.0
            total = 0.0
            for i in range(len(df)):
                if df.at[i, "flag"]:
                    total += df.at[i, "n"]
                df.at[i, "sum"] = total
            return df
    """,
    "stretches": """
        def f(df: pd.DataFrame):
            begin = None
            spans = []
            for i in range(len(df)):
                if df["x"].iloc[i] > 0:
                    if begin is None:
                        begin = i
                else:
                    if begin is not None:
                        spans.append((begin, i))
                        begin = None
            if begin is not None:
                spans.append((begin, len(df)))
            return spans
    """,
    "stretches by their first value": """
        def f(df: pd.DataFrame):
            start = None
            out = []
            for row in df.itertuples():
                if row.flag and start is None:
                    start = row.n
                elif not row.flag and start is not None:
                    out.append(row.n - start)
                    start = None
            return out
    """,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_is_what_the_loop_kept(name: str) -> None:
    made = forms(KEPT[name])
    assert made
    for after, _, _ in made:
        for frame in frames():
            assert run(after, frame) == run(HEAD + textwrap.dedent(KEPT[name]), frame), after


REFUSED = {
    "memory that the stores may change": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            v = df["x"].values
            level = 0
            for i in range(1, len(df)):
                if v[i - 1] > 1:
                    level = 1
                df.at[i, "x"] = level
            return df
    """,
    "memory that the stores may change, without a state": """
        def f(df: pd.DataFrame):
            df = df.reset_index(drop=True)
            v = df["x"].values
            for i in range(1, len(df)):
                df.at[i, "x"] = v[i - 1] + 2
            return df
    """,
    "opened and closed by tests of their own": """
        def f(df: pd.DataFrame):
            start = None
            out = []
            for x in df["x"]:
                if start is None:
                    if x > 2:
                        start = x
                elif x < 0:
                    start = None
                out.append(start)
            return out
    """,
    "decided by the value itself": """
        def f(df: pd.DataFrame):
            last = None
            out = []
            for x in df["x"]:
                if last is None or x > last * 1.1:
                    last = x
                out.append(last)
            return out
    """,
    "computed with where it may be None": """
        def f(df: pd.DataFrame):
            last = None
            out = []
            for row in df.itertuples():
                if row.flag:
                    last = row.n
                out.append(row.n - last)
            return out
    """,
    "text that is computed with": """
        def f(df: pd.DataFrame):
            last = "none"
            out = []
            for x in df["x"]:
                out.append(x - last if last is not None else 0)
                last = x
            return out
    """,
    "truth of what may be None": """
        def f(df: pd.DataFrame):
            last = None
            out = []
            for row in df.itertuples():
                if row.flag:
                    last = row.n
                out.append(1 if last else 0)
            return out
    """,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_depends_on_itself_is_left_alone(name: str) -> None:
    assert not forms(REFUSED[name])


def test_an_int_to_start_from_is_not_handed_on_as_a_float() -> None:
    code = """
        def f(df: pd.DataFrame):
            last = 0
            out = []
            for row in df.itertuples():
                if row.n > 1:
                    continue
                if row.flag:
                    last = row.x
                out.append(last)
            return out
    """
    frame = pd.DataFrame({"x": [1.5, 2.5], "n": [0, 1], "flag": [False, True]})
    for after, _, owed in forms(code):
        assert "element-types" in owed or run(after, frame) == run(HEAD + textwrap.dedent(code), frame)


def test_a_column_of_any_type_is_carried_forward_as_it_is() -> None:
    code = KEPT["carried forward"]
    stamps = pd.Series([pd.NaT, pd.Timestamp("2024-01-01"), pd.NaT])
    for values in ([None, "a", None, "b"], [None, 2**70, None], [True, None, 1, 1.0], stamps, [NAN, (1, 2), None]):
        frame = pd.DataFrame({"x": pd.Series(values, dtype=None if values is stamps else object)})
        for after, _, owed in forms(code):
            if not owed or values is not stamps:
                assert run(after, frame) == run(HEAD + textwrap.dedent(code), frame)
