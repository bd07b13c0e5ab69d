"""Sums, extremes, held values, streaks, counters, nested loops: the very objects that the loop gave."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.loops.remarks import Reason
from deloop.sources.files import SourceFile, parse

NAN, INF = float("nan"), float("inf")


def rewrite(code: str, rule: str) -> tuple[str, set[str]]:
    """The code with the form of one rule applied to its first site, and the names of the obligations."""
    source = SourceFile.from_bytes(Path("example.py"), textwrap.dedent(code).encode())
    tree = parse(source)
    for finding in scan(source, Project(), tree=tree):
        for form in finding.forms:
            if form.rule.code == rule:
                edits = place(source.text, tree, form.edits, form.imports).text_edits
                return source.with_text_edits(sorted(edits)).text, {o.name for o in form.obligations}
    raise AssertionError(f"{rule} offers nothing")


def refusal(code: str) -> Reason:
    """Why the first site is left alone."""
    source = SourceFile.from_bytes(Path("example.py"), textwrap.dedent(code).encode())
    finding = scan(source, Project())[0]
    assert not finding.forms, [f.rule.code for f in finding.forms]
    assert finding.refusal is not None
    return finding.refusal.reason


def run(code: str, *args: Any) -> Any:
    space: dict[str, Any] = {}
    exec(compile(textwrap.dedent(code), "example.py", "exec"), space)
    with np.errstate(all="ignore"):
        return space["f"](*args)


def exactly(value: Any) -> Any:
    """A value with all its types, NaN and -0.0 told apart."""
    if isinstance(value, (list, tuple)):
        return type(value), [exactly(v) for v in value]
    if isinstance(value, dict):
        return type(value), [(exactly(k), exactly(v)) for k, v in value.items()]
    if isinstance(value, np.ndarray):
        return value.dtype, [exactly(v) for v in value.tolist()]
    return type(value), repr(value)


def same(code: str, rule: str, *inputs: tuple[Any, ...]) -> set[str]:
    """The rewritten function gives what the loop gives, types included; returns the obligations."""
    after, owed = rewrite(code, rule)
    for args in inputs:
        assert exactly(run(after, *args)) == exactly(run(code, *args)), (after, args)
    return owed


FLOATS = np.array([0.1, 0.7, -3.5, NAN, 1e16, -1e16, 0.3, 5.0, INF, 2.0, 0.2, 0.3])
PLAIN = np.random.default_rng(3).normal(0, 10, 200)
EMPTY = np.array([])


# ---- sums and counts

TOTAL = """
    import numpy as np
    def f(x: np.ndarray):
        total = {seed}
        for v in x:
            total += v
        return total
"""


@pytest.mark.parametrize("seed", ["0", "0.0", "-0.0", "7", "1e16"])
def test_a_sum_keeps_the_order_and_the_object_of_an_empty_loop(seed: str) -> None:
    same(TOTAL.format(seed=seed), "DL401", (PLAIN,), (FLOATS,), (EMPTY,), (np.array([-0.0]),), (np.array([3, 4]),))


def test_a_sum_of_a_series_is_a_number_of_python() -> None:
    code = """
        import pandas as pd
        def f(x: pd.Series):
            total = 0.0
            for v in x:
                if v < 0:
                    continue
                total += v
            return total
    """
    owed = same(code, "DL401", (pd.Series(PLAIN),), (pd.Series(FLOATS),), (pd.Series(EMPTY),), (pd.Series([1, -2, 3]),))
    assert "numeric-columns" in owed


def test_branches_that_add_and_take_away() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            balance = 10.0
            fees = 0
            for v in x:
                if v > 0:
                    balance += v
                elif v < -2:
                    balance -= 2 * v
                    fees += 3
            return balance, fees
    """
    same(code, "DL401", (PLAIN,), (FLOATS,), (EMPTY,))


def test_what_follows_a_continue_is_folded_into_one_test() -> None:
    code = """
        def f(df, key):
            n = big = 0
            for _, row in df.iterrows():
                if row.a == key:
                    v = row.x
                elif row.b == key:
                    v = row.y
                else:
                    continue
                n += 1
                if v > 2:
                    big += 1
            return n, big
    """
    after, _ = rewrite(code, "DL401")
    assert after.count("np.where") == 1 and after.count("count_nonzero") == 2
    df = pd.DataFrame({"a": list("xyzx"), "b": list("zxxz"), "x": [1, 2, 3, 4], "y": [9, 1, 8, 2]})
    for key in "xyzw":
        assert exactly(run(after, df, key)) == exactly(run(code, df, key))


def test_a_number_of_unknown_origin_is_an_assumption() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray, start):
            total = start
            for v in x:
                total += v
            return total
    """
    assert "numeric-start" in same(code, "DL401", (PLAIN, 3), (EMPTY, 3), (PLAIN, 0.5))


# ---- extremes

BEST = """
    import numpy as np
    def f(x: np.ndarray, y: np.ndarray):
        best = {seed}
        where = -1
        for i in range(len(x)):
            if x[i] {op} best:
                best = x[i]
                where = i
        return best, where
"""


@pytest.mark.parametrize("op", [">", ">=", "<", "<="])
@pytest.mark.parametrize("seed", ["-99", "float('inf')", "-np.inf", "0.5", "y[0]"])
def test_an_extreme_skips_nan_and_stays_with_it(op: str, seed: str) -> None:
    code = BEST.format(op=op, seed=seed)
    y = np.array([1.0])
    nans = (np.array([NAN, NAN]), y), (PLAIN, np.array([NAN]))
    same(code, "DL401", (PLAIN, y), (FLOATS, y), (EMPTY, y), *nans, (np.array([2.0, 5.0, 5.0, -9.0, -9.0]), y))


def test_a_variable_called_max() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            max = 0.0
            for v in x:
                if v > max:
                    max = v
            return max
    """
    same(code, "DL401", (PLAIN,), (FLOATS,), (EMPTY,), (np.array([-1.0, NAN]),))
    assert refusal(code.replace("max", "len")) is Reason.SHADOWED_NAME


def test_the_second_argument_of_max_loses_against_nan() -> None:
    code = """
        import pandas as pd
        def f(x: pd.Series):
            top = -1.0
            for v in x:
                top = max(v, top)
            return top
    """
    owed = same(code, "DL401", (pd.Series(PLAIN),), (pd.Series(EMPTY),), (pd.Series([-4.0]),))
    assert "no-missing" in owed


def test_a_drawdown_from_a_first_value_that_is_nan() -> None:
    code = """
        import pandas as pd
        def f(equity: pd.Series):
            peak = equity.iloc[0]
            worst = 0.0
            curve = []
            for i in range(len(equity)):
                value = equity.iloc[i]
                if value > peak:
                    peak = value
                dd = (peak - value) / peak
                curve.append(dd)
                if dd > worst:
                    worst = dd
            return worst, curve, peak
    """
    late = pd.Series([NAN, 3.0, 2.0])
    owed = same(code, "DL403", (pd.Series(np.abs(PLAIN)),), (pd.Series(FLOATS),), (late,), (pd.Series([3, 5, 2]),))
    assert owed == {"numeric-columns", "float64", "signed-zero"}


# ---- running totals


def test_a_running_sum_that_only_some_rounds_change() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            total = 0.0
            every, some = [], []
            for v in x:
                if v > 0:
                    total += v
                    some.append(total)
            return some, total
    """
    same(code, "DL402", (PLAIN,), (FLOATS,), (EMPTY,), (np.array([-1.0]),))


def test_a_running_sum_goes_on_when_a_loop_around_runs_it_again() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            total = 0.0
            path = []
            for turn in range(2):
                for v in x:
                    total += v
                    path.append(total)
            return np.array(path)
    """
    same(code, "DL402", (PLAIN,), (FLOATS,))


def test_a_streak_that_a_loop_around_goes_on_with_is_left_alone() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            run = 0
            runs = []
            for turn in range(2):
                for i in range(len(x)):
                    run = run + 1 if x[i] > 0 else 0
                    runs.append(run)
            return runs
    """
    with pytest.raises(AssertionError, match="DL405 offers nothing"):
        rewrite(code, "DL405")


def test_a_running_product_of_a_series() -> None:
    code = """
        import pandas as pd
        def f(r: pd.Series):
            value = 100.0
            out = []
            for v in r:
                value *= 1 + v
                out.append(value)
            return out, value
    """
    same(code, "DL402", (pd.Series(PLAIN / 500),), (pd.Series(FLOATS),), (pd.Series(EMPTY),))


def test_a_list_is_accumulated_whatever_it_holds() -> None:
    code = """
        def f(start, xs):
            running = start
            out = []
            for x in xs:
                running = running + x
                out.append(running)
            return out, running
    """
    mixed = (1, [1, 0.5, True]), (2**63, [1, -5]), ("a", ["b", "c"]), ([], [[1], [2]]), (0, []), (None, [])
    assert same(code, "DL402", *mixed) == set()
    in_place = code.replace("running = running + x", "running += x")
    assert same(in_place, "DL402", (1, [1, 0.5, True])) == {"plain-values"}


def test_a_list_that_every_round_adds_to_is_left_alone() -> None:
    code = """
        def f(xs: list):
            now, out = [], []
            now = []
            for x in xs:
                now += [x]
                out.append(now)
            return out
    """
    with pytest.raises(AssertionError, match="DL402 offers nothing"):
        rewrite(code, "DL402")


def test_a_total_that_is_nowhere_before_the_loop_is_left_alone() -> None:
    code = """
        def f(xs, flag):
            if flag:
                running = 0
            out = []
            for x in xs:
                running = running + x
                out.append(running)
            return out
    """
    with pytest.raises(AssertionError, match="offers nothing"):
        rewrite(code, "DL402")


# ---- values that are held, streaks


def test_a_value_that_is_held() -> None:
    code = """
        import pandas as pd
        def f(x: pd.Series):
            current = 0.0
            out = []
            for v in x:
                if v > 3:
                    current = v
                elif v < -3:
                    current = -1.0
                out.append(current)
            return out, current
    """
    same(code, "DL404", (pd.Series(PLAIN),), (pd.Series(FLOATS),), (pd.Series(EMPTY),), (pd.Series([0.0, 0.0]),))


@pytest.mark.parametrize("start", ["0", "4"])
@pytest.mark.parametrize("again", ["0", "1"])
def test_a_streak(start: str, again: str) -> None:
    code = f"""
        import numpy as np
        def f(x: np.ndarray):
            run = {start}
            longest = 0
            out = []
            for v in x:
                if v > 0:
                    run += 1
                elif v < -5:
                    run = {again}
                out.append(run)
            return out, run
    """
    same(code, "DL405", (PLAIN,), (FLOATS,), (EMPTY,), (np.array([-9.0]),), (np.array([1.0]),))


def test_the_longest_streak() -> None:
    code = """
        import numpy as np
        def f(x: np.ndarray):
            run = longest = 0
            for v in x:
                run = run + 1 if v > 0 else 0
                if run > longest:
                    longest = run
            return longest
    """
    same(code, "DL401", (PLAIN,), (FLOATS,), (EMPTY,), (np.array([-9.0]),), (np.array([1.0, 2.0]),))


# ---- refused

REFUSED = {
    "a recurrence": ("x: np.ndarray", "level = 0.0", "level = 0.9 * level + v", "level", Reason.CARRIED_STATE),
    "a list of anything": ("x", "level = 0.0", "level += v", "level", Reason.UNKNOWN_KIND),
    "a list that gets two": ("x: np.ndarray", "level = []", "level += [v, 1]", "level", Reason.CARRIED_STATE),
    "the last element": ("x: np.ndarray", "level = 0.0", "level += v", "level, v", Reason.VALUE_READ_LATER),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_left_alone(name: str) -> None:
    argument, start, step, result, reason = REFUSED[name]
    code = (
        f"import numpy as np\ndef f({argument}):\n    {start}\n    for v in x:\n        {step}\n    return {result}\n"
    )
    assert refusal(code) is reason


def test_a_partial_sum_that_a_handler_sees_is_left_alone() -> None:
    code = """
        import pandas as pd
        def f(x: pd.Series):
            total = 0.0
            try:
                for v in x:
                    total += 1 / v
            except ZeroDivisionError:
                pass
            return total
    """
    assert refusal(code) is Reason.EXCEPTION_HANDLING


def test_a_global_counter_is_left_alone() -> None:
    code = """
        import numpy as np
        seen = 0
        def f(x: np.ndarray):
            global seen
            for v in x:
                if v > 0:
                    seen += 1
    """
    assert refusal(code) is Reason.SCOPE


# ---- counters

WAYS = {
    "get": "n[w] = n.get(w, 0) + 1",
    "in": "if w in n:\n                    n[w] += 1\n                else:\n                    n[w] = 1",
    "not in": "if w not in n:\n                    n[w] = 0\n                n[w] += 1",
    "setdefault": "n.setdefault(w, 0)\n                n[w] = n[w] + 1",
}


@pytest.mark.parametrize("way", WAYS)
def test_keys_are_counted_in_the_order_in_which_they_come(way: str) -> None:
    code = f"""
        def f(words):
            n = {{}}
            for w in words:
                {WAYS[way]}
            return n
    """
    mapping = {"x": 5, "y": "no count"}
    assert same(code, "DL206", (["b", "a", "b"],), ([],), ([1, True, 1.0, NAN, NAN],), (mapping,)) == set()


@pytest.mark.parametrize(("maker", "kind"), [("defaultdict(int)", defaultdict), ("Counter()", Counter)])
def test_a_counter_keeps_its_type(maker: str, kind: type) -> None:
    code = f"""
        from collections import Counter, defaultdict
        def f(words):
            n = {maker}
            for w in words:
                if len(w) > 1:
                    n[w[0]] += 1
            return n
    """
    same(code, "DL206", (["bb", "a", "ab", "bc"],), ([],))
    after, _ = rewrite(code, "DL206")
    assert type(run(after, ["bb"])) is kind
    if kind is defaultdict:
        assert run(after, ["bb"])["new"] == 0


@pytest.mark.parametrize(
    "step", ["n[w] = n.get(w, 0) + 2", "n[w] = n.get(w, 1) + 1", "n[w] += 1", "n[w] = n.get(w, 0.0) + 1"]
)
def test_other_sums_by_key_are_no_counts(step: str) -> None:
    code = f"def f(words):\n    n = {{}}\n    for w in words:\n        {step}\n    return n\n"
    with pytest.raises(AssertionError, match="offers nothing"):
        rewrite(code, "DL206")


@pytest.mark.parametrize("seed", ["None", "''", str(2**64)])
def test_a_held_value_that_starts_as_no_number_has_no_array_form(seed: str) -> None:
    # an array of objects would come out where the loop fills one of floats
    code = f"""
        import numpy as np

        def f(x: np.ndarray):
            held = {seed}
            out = np.zeros(len(x))
            for i in range(len(x)):
                if x[i] > 0:
                    held = 0.5
                out[i] = held
            return out
    """
    with pytest.raises(AssertionError, match="offers nothing"):
        rewrite(code, "DL404")


# ---- nested loops


def test_nested_loops_visit_the_same_pairs() -> None:
    code = """
        def f(rows, cols, taken):
            out = ["first"]
            for r in rows:
                if r == 2:
                    continue
                for c in cols:
                    seat = (r, c)
                    if seat not in taken:
                        out.append(seat)
            return out
    """
    assert same(code, "DL207", ([1, 2, 3], "ab", {(1, "a")}), ([], "ab", ()), ([1], "", ())) == set()


@pytest.mark.parametrize(
    ("between", "inner", "result", "reason"),
    [
        ("k = len(row)", "out.append((k, c))", "out", Reason.UNSUPPORTED_SYNTAX),
        ("pass", "out.append(c)", "out, c", Reason.VALUE_READ_LATER),
    ],
)
def test_nested_loops_that_do_more_are_left_alone(between: str, inner: str, result: str, reason: Reason) -> None:
    loops = f"    for row in rows:\n        {between}\n        for c in row:\n            {inner}\n"
    code = f"def f(rows):\n    out = []\n{loops}    return {result}\n"
    with pytest.raises(AssertionError, match="offers nothing"):
        rewrite(code, "DL207")
    assert reason
