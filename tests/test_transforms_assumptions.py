"""What array code assumes: each form of a loop is asked for its obligations, and run on inputs that break none."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

IMPORTS = "import math\nimport numpy as np\nimport pandas as pd\n\n\n"


def forms_of(code: str) -> list[tuple[set[str], str]]:
    """The forms of all sites: what each owes (subjects behind the name) and the file with it in place."""
    source = SourceFile.from_bytes(Path("example.py"), (IMPORTS + textwrap.dedent(code)).encode())
    tree = parse(source)
    found = []
    for finding in scan(source, Project(), tree=tree):
        for form in finding.forms:
            owed = {name for o in form.obligations for name in (o.name, *(f"{o.name}:{s}" for s in o.subjects))}
            found.append((owed, place(source.text, tree, form.edits, form.imports).text))
    return found


def run(text: str, *args: Any) -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "example.py", "exec"), names)
    return names["f"](*args)


def vector_form(code: str) -> tuple[set[str], str]:
    """The first form that has no loop and no comprehension left."""
    return next((owed, text) for owed, text in forms_of(code) if " for " not in text)


# ---------------------------------------------------------------- one value for all rounds


ELEMENTWISE = """
    def f(x: np.ndarray, k{annotation}):
        {before}
        out = []
        for v in x:
            {test}
            out.append({value})
        return out
"""


def owed_by(value: str, before: str = "pass", annotation: str = "", test: str = "pass") -> set[str]:
    code = ELEMENTWISE.format(value=value, before=before, annotation=annotation, test=test)
    return vector_form(code)[0]


@pytest.mark.parametrize(
    ("value", "before", "annotation", "test"),
    [
        ("v * k", "pass", "", "pass"),
        # Neither an annotation nor a default nor a test proves anything.
        ("v * k", "pass", ": float", "pass"),
        ("v * k", "pass", "=1.0", "pass"),
        ("v * k", "if k > 0: print(k)", "", "pass"),
        ("v + 1 if v > k else v", "pass", "", "pass"),
        ("min(v, k)", "pass", "", "pass"),
        ("v * k[0]", "pass", "", "pass"),
        ("v * k.rate", "pass", "", "pass"),
        ("v * c", "c = k * 2", "", "pass"),
        ("v * c", "c = 1; c += k", "", "pass"),
        ("np.maximum(v, k)", "pass", "", "pass"),
    ],
)
def test_an_invariant_that_may_be_an_array(value: str, before: str, annotation: str, test: str) -> None:
    assert any(name.startswith("scalars:") for name in owed_by(value, before, annotation, test))


@pytest.mark.parametrize(
    ("value", "before"),
    [
        ("v * 2", "pass"),
        ("v * c", "c = 2"),
        ("v * c", "c = len(x) - 1; c += 1"),
        ("v * c", "c = float(k)"),
        ("v * math.pi * np.pi", "pass"),
        ("v * c", "c = np.arange(5).mean()"),
        ("v * math.sqrt(2)", "pass"),
        ("v * 2 if k else v", "pass"),
        ("v * len(x)", "pass"),
    ],
)
def test_an_invariant_that_is_a_scalar(value: str, before: str) -> None:
    assert "scalars" not in owed_by(value, before)


@pytest.mark.parametrize(("value", "owes"), [("v * k**-1", True), ("v * k**2", True), ("v * 10**-3", False)])
def test_a_power_that_is_computed_without_rounds_too(value: str, owes: bool) -> None:
    assert ("in-domain" in owed_by(value)) is owes


def test_a_power_of_zero_that_raises_without_rounds_too() -> None:
    forms = forms_of(ELEMENTWISE.format(value="v * 0.0**-1", before="pass", annotation="", test="pass"))
    assert all(" for " in text for _, text in forms)


def test_a_column_compared_with_what_may_be_another() -> None:
    owed, _ = vector_form("""
        def f(df: pd.DataFrame, k):
            out = []
            for _, row in df.iterrows():
                out.append(row['b'] if row['a'] == k else 2.0)
            return out
    """)
    assert "scalars:k" in owed


def test_a_property_is_computed_anew_on_every_read() -> None:
    code = """
        class Rates:
            def __init__(self):
                self.read = 0

            @property
            def rate(self):
                self.read += 1
                return self.read

        def f(x: np.ndarray):
            rates = Rates()
            out = []
            for v in x:
                out.append(v * rates.rate)
            return out
    """
    for _, text in forms_of(code):
        assert run(text, np.ones(3)) == [1.0, 2.0, 3.0]


# ---------------------------------------------------------------- where a range ends


@pytest.mark.parametrize("stop", ["hi", "hi - 1", "hi + 2", "len(y) - 3", "-2"])
@pytest.mark.parametrize("start", ["", "1, ", "2, "])
@pytest.mark.parametrize("offset", ["", " + 1", " - 1"])
def test_a_range_that_ends_before_it_starts(start: str, stop: str, offset: str) -> None:
    code = f"""
        def f(x: np.ndarray, y: np.ndarray, hi):
            out = []
            for i in range({start}{stop}):
                out.append(x[i{offset}] * 2)
            return out
    """
    x = np.arange(8.0)
    for owed, text in forms_of(code):
        for hi in (-4, -1, 0, 1, 2, 5):
            for n in (0, 1, 2, 4):
                if "equal-lengths" in owed and n != len(x) and "len(y)" in stop:
                    continue
                args = (x, np.zeros(n), hi)
                try:
                    expected = run(IMPORTS + textwrap.dedent(code), *args)
                except IndexError:
                    assert "long-enough" in owed or "for i in" in text
                    continue
                assert run(text, *args) == expected, (text, hi, n)


def test_a_number_that_an_array_was_made_with_is_not_negative() -> None:
    code = """
        def f(x: np.ndarray, n):
            y = np.zeros({shape})
            {between}
            out = []
            for i in range(n):
                out.append(x[i] * 2)
            return out, y
    """
    for shape in ("n", "(n, 3)"):
        assert "x[:n]" in vector_form(code.format(shape=shape, between="pass"))[1]
        assert "max(n, 0)" in vector_form(code.format(shape=shape, between="n = n - 1"))[1]


def test_an_array_as_long_as_something_was_before() -> None:
    for change in ("x = x[1:]", "x = np.delete(x, 0)"):
        code = f"""
            def f(x: np.ndarray):
                out = np.zeros(len(x))
                {change}
                for i in range(len(x)):
                    out[i] = x[i] * 2
                return out
        """
        for _, text in forms_of(code):
            assert list(run(text, np.arange(4.0))) == [2.0, 4.0, 6.0, 0.0]


def test_an_array_as_long_as_a_number_was_before() -> None:
    code = """
        def f(x: np.ndarray, n: int):
            out = np.zeros(n)
            n = n - 1
            for i in range(n):
                out[i] = x[i] * 2
            return out
    """
    for _, text in forms_of(code):
        assert list(run(text, np.arange(4.0), 4)) == [0.0, 2.0, 4.0, 0.0]


# ---------------------------------------------------------------- sequences read together


def test_all_sequences_of_a_zip_have_to_be_equally_long() -> None:
    owed, _ = vector_form("""
        def f(x: np.ndarray, y: np.ndarray, z):
            out = []
            for a, b, c in zip(x, y, z):
                out.append(a * b)
            return out
    """)
    assert {"equal-lengths:x", "equal-lengths:y", "equal-lengths:z"} <= owed


def test_a_column_read_whole_beside_something_shorter() -> None:
    code = """
        def f(df: pd.DataFrame, z):
            out = []
            for a, c in zip(df['a'], z):
                if a == 'x':
                    out.append(1.0)
            return out
    """
    args = (pd.DataFrame({"a": ["x", "y", "x"]}), [1])
    for owed, text in forms_of(code):
        assert {"equal-lengths:z", "equal-lengths:df['a']"} <= owed or run(text, *args) == [1.0]


def test_columns_of_one_frame_are_equally_long() -> None:
    owed, _ = vector_form("""
        def f(df: pd.DataFrame):
            out = []
            for a, b, c in zip(df['a'], df['b'], df['c']):
                out.append(a * b)
            return out
    """)
    assert "equal-lengths" not in owed


def test_an_array_beside_the_elements_of_another_may_be_longer() -> None:
    code = """
        def f(x: np.ndarray, y: np.ndarray):
            out = []
            for i, v in enumerate(x):
                out.append(v * y[i])
            return out
    """
    owed, text = vector_form(code)
    assert "long-enough:y" in owed and "equal-lengths" not in owed
    assert run(text, np.arange(3.0), np.arange(5.0)) == [0.0, 1.0, 4.0]


# ---------------------------------------------------------------- how wide numbers are


def test_a_function_of_numpy_makes_64_bits_of_a_python_number() -> None:
    code = """
        def f(df: pd.DataFrame):
            out = []
            for row in df.itertuples():
                out.append(np.sqrt(row.a))
            return out
    """
    owed, text = vector_form(code)
    narrow = pd.DataFrame({"a": np.array([200, 100], dtype=np.uint8)})
    assert "no-overflow" in owed and run(text, narrow)[0].dtype == np.float16


def test_np_where_of_scalars_is_an_array_of_no_dimension() -> None:
    owed, _ = vector_form("""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append(np.where(df['a'].iloc[i] > 1, df['a'].iloc[i], 0))
            return out
    """)
    assert "element-types" in owed


@pytest.mark.parametrize("number", ["2 ** 63", "2 ** 64 - 1", "9223372036854775808", "-(1 << 70)"])
def test_a_number_that_no_array_holds(number: str) -> None:
    code = f"""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append(df['a'].iloc[i] + {number})
            return out
    """
    empty = pd.DataFrame({"a": np.array([], dtype=np.int64)})
    forms = forms_of(code)
    assert forms and all(run(text, empty) == [] for _, text in forms)


def test_a_root_of_minus_zero() -> None:
    owed, _ = vector_form("""
        def f(x: np.ndarray):
            out = []
            for v in x:
                out.append(v ** 0.5)
            return out
    """)
    assert "signed-zero" in owed


# ---------------------------------------------------------------- found by the fuzzer


def test_the_larger_of_an_int_and_a_float_in_a_tuple_changes_its_type() -> None:
    owed, _ = vector_form("""
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                out.append((max(df["size"].iloc[i], df["lots"].iloc[i]),))
            return out
    """)
    assert "element-types" in owed


def test_a_test_that_is_the_same_on_every_round_is_computed_without_rounds_too() -> None:
    owed, _ = vector_form("""
        def f(x: np.ndarray, ks: list):
            out = []
            for i in range(len(x)):
                out.append(1.0 if ks[0] else x[i])
            return out
    """)
    assert "some-rounds:ks[0]" in owed


def test_what_a_branch_never_taken_would_raise_is_not_raised() -> None:
    code = """
        def f(x: np.ndarray, limit: float):
            out = []
            for i in range(len(x)):
                out.append(x[i] * 2 if limit > 2 else math.log(x[i]))
            return out
    """
    for owed, text in forms_of(code):
        assert "in-domain" in owed or run(text, np.array([-1.0]), 3.0) == [-2.0]


def test_integers_to_a_negative_power_under_a_condition() -> None:
    code = """
        def f(x: np.ndarray):
            out = []
            for i in range(len(x)):
                if x[i] < 0:
                    out.append(x[i] ** -1)
            return out
    """
    for _, text in forms_of(code):
        assert run(text, np.array([1, 2])) == []


@pytest.mark.parametrize("body", ["t = noisy(row.a); t = 3", "if noisy(row.a): pass"])
def test_a_call_whose_value_nobody_reads_is_made_all_the_same(body: str) -> None:
    code = f"""
        seen = []
        def noisy(x):
            seen.append(x)
        def f(df: pd.DataFrame):
            total = 0
            for i, row in df.iterrows():
                {body}
                total += row.b
            return len(seen)
    """
    for _, text in forms_of(code):
        assert run(text, pd.DataFrame({"a": [1, 2], "b": [3, 4]})) == 2


def test_a_text_joined_of_whole_rows_owes_what_rows_do() -> None:
    code = """
        def f(df: pd.DataFrame):
            text = ""
            for i, row in df.iterrows():
                text += f"{row.a}-{row.b}"
            return text
    """
    joined = [owed for owed, text in forms_of(code) if ".join(" in text]
    assert joined and all({"plain-rows", "columns-exist"} <= owed for owed in joined)


def test_a_temporary_that_a_test_may_not_reach_is_bound_by_none() -> None:
    code = """
        def f(x: np.ndarray, y: np.ndarray):
            out = []
            for i in range(len(x)):
                t = x[i] * 2 + y[i]
                if y[i] > 1 and (t > 3 or x[i] > 7):
                    continue
                if t == 2 or y[i] == 0:
                    out.append(x[i])
            return out
    """
    for _, text in forms_of(code):
        assert run(text, np.array([1.0, 2.0, 9.0]), np.array([0.0, 5.0, 0.0])) == [1.0, 9.0]


def test_the_branches_of_a_cell_by_the_row_it_is_in() -> None:
    code = """
        def f(x: np.ndarray, y: np.ndarray):
            grid = np.zeros((len(x), len(y)))
            for i in range(len(x)):
                for j in range(len(y)):
                    grid[i, j] = y[j] if x[i] > 0 else x[i] * x[i]
            return grid
    """
    _, text = vector_form(code)
    assert run(text, np.array([1.0, -3.0]), np.array([5.0, 6.0])).tolist() == [[5.0, 6.0], [9.0, 9.0]]


def test_a_call_between_two_loops_is_made_all_the_same() -> None:
    code = """
        seen = []
        def noisy(x):
            seen.append(x)
        def f(x: np.ndarray, y: np.ndarray):
            grid = np.zeros((len(x), len(y)))
            for i in range(len(x)):
                t = noisy(x[i])
                for j in range(len(y)):
                    grid[i, j] = x[i] * y[j]
            return len(seen)
    """
    for _, text in forms_of(code):
        assert run(text, np.array([1.0, 2.0]), np.array([3.0])) == 2


def test_not_makes_truth_values_of_python() -> None:
    code = """
        def f(x: np.ndarray):
            out = []
            for i in range(len(x)):
                out.append(not x[i] == 1)
            return out
    """
    _, text = vector_form(code)
    assert [type(v) for v in run(text, np.array([1.0, 2.0]))] == [bool, bool]


def test_a_value_that_is_of_python_on_some_rounds_may_not_be_zero() -> None:
    code = """
        def f(x: np.ndarray, y: np.ndarray):
            out = []
            for i in range(len(x)):
                t = float(x[i]) if y[i] > 0 else y[i]
                out.append(t / t)
            return out
    """
    owed, _ = vector_form(code)
    assert "no-zero-division" in owed


def test_what_the_inner_of_two_loops_reads_for_nothing_may_raise() -> None:
    code = """
        def f(xs: list, ys: list):
            out = []
            for turn in range(2):
                for i in range(len(xs)):
                    t = ys[i + 1]
                    out.append(turn)
            return out
    """
    assert all("no-exceptions" in owed for owed, text in forms_of(code) if "t = " not in text)


def test_builtins_get_numbers_of_python_from_a_series() -> None:
    code = """
        def f(s: pd.Series):
            out = []
            for i in range(3, len(s) + 1):
                out.append(sum(s.iloc[i - 3 : i]))
            return out
    """
    _, text = vector_form(code)
    assert [type(v) for v in run(text, pd.Series([1.0, 2.0, 3.0, 4.0]))] == [float, float]


@pytest.mark.parametrize(
    ("use", "owes"), [("pd.Series(out)", True), ('pd.DataFrame({"v": out})', True), ("np.array(out)", False)]
)
def test_an_empty_list_is_one_of_objects_to_pandas(use: str, owes: bool) -> None:
    code = f"""
        def f(x: np.ndarray):
            out = []
            for i in range(len(x)):
                out.append(1 / x[i])
            return {use}
    """
    assert ("empty-type" in vector_form(code)[0]) is owes


def test_a_named_temporary_of_a_row_read_by_its_label() -> None:
    code = """
        def f(df, limit):
            out = []
            for i in df.index:
                t = len(df.at[i, "name"])
                if 10 < limit:
                    continue
                out.append(int(t) + t)
            return out
    """
    for _, text in forms_of(code):
        assert run(text, pd.DataFrame({"name": ["a", "bcd"]}), 3) == [2, 6]


def test_a_text_joined_of_rows_of_a_frame_that_a_call_may_change() -> None:
    code = """
        def f(df: pd.DataFrame, change):
            text = ""
            for i, row in df.iterrows():
                text += str(change(df)) + str(row["a"])
            return text
    """
    assert not any(".join(" in text for _, text in forms_of(code))


def test_what_is_annotated_as_a_float_may_be_an_int() -> None:
    code = """
        def f(x: np.ndarray, k: float):
            out = []
            for i in range(len(x)):
                out.append(k - x[i])
            return np.array(out)
    """
    assert "empty-type" in vector_form(code)[0]


@pytest.mark.parametrize("value", ["x[i] if x[i] > 2 else k", "max(x[i], k)"])
def test_a_truth_value_among_numbers_would_become_one(value: str) -> None:
    assert "numeric-start:k" in owed_by(value.replace("x[i]", "v"), annotation=": float")


@pytest.mark.parametrize(("held", "owes"), [("k", True), ("2.5", False)])
def test_a_truth_value_that_is_held_would_become_one(held: str, owes: bool) -> None:
    code = f"""
        def f(x: np.ndarray, k):
            last = 0.0
            out = []
            for i in range(len(x)):
                if x[i] > 2:
                    last = {held}
                out.append(last)
            return out
    """
    assert ("numeric-start:k" in vector_form(code)[0]) is owes


def test_a_truth_value_held_beside_numbers_is_left_alone() -> None:
    code = """
        def f(x: np.ndarray):
            last = 0.0
            out = []
            for i in range(len(x)):
                if x[i] > 2:
                    last = True
                out.append(last)
            return out
    """
    assert all(" for " in text for _, text in forms_of(code))


@pytest.mark.parametrize("result", ["np.array(out)", "pd.Series(out)"])
def test_integers_of_rows_that_hold_floats_too(result: str) -> None:
    owed, _ = vector_form(f"""
        def f(df: pd.DataFrame):
            out = []
            for _, row in df.iterrows():
                out.append(row["lots"] * 2)
            return {result}
    """)
    assert "no-upcast:df" in owed


def test_assumptions_speak_of_the_code_as_it_is_written() -> None:
    for value in ("max(v, k * 2 + 1)", "v if v > 2 else k.rate * 3", "min(v, max(k, 2))"):
        assert not any("§" in owed for owed in owed_by(value))


def test_the_first_of_january_1970_is_true() -> None:
    code = """
        def f(s: pd.Series):
            out = []
            for x in s:
                if x:
                    out.append(1.0)
            return len(out)
    """
    assert all("truth-of-dates" in owed or " if x" in text for owed, text in forms_of(code))


def test_what_rows_of_a_frame_compute_for_nothing_may_raise() -> None:
    owed, _ = next(
        (owed, text)
        for owed, text in forms_of("""
            def f(df: pd.DataFrame):
                rows = []
                for i in range(len(df)):
                    t = round(df["open"][i] // 1, 1)
                    rows.append({"f0": df["size"].iloc[i] * 2})
                return pd.DataFrame(rows)
        """)
        if " for " not in text
    )
    assert "no-exceptions" in owed


def test_what_is_computed_beside_a_count_may_raise() -> None:
    code = """
        def f(df: pd.DataFrame):
            counts = {}
            for _, row in df.iterrows():
                t = 1 / row["x"]
                counts[row["k"]] = counts.get(row["k"], 0) + 1
            return counts
    """
    assert any("Counter(" in text for _, text in forms_of(code))
    assert all("no-exceptions" in owed for owed, text in forms_of(code) if "Counter(" in text)


def test_a_column_that_a_zip_takes_for_nothing_has_to_be_there() -> None:
    code = """
        def f(df: pd.DataFrame):
            out = []
            for a, b in zip(df["a"], df["b"]):
                out.append(a * 2)
            return out
    """
    assert "columns-exist:df['b']" in vector_form(code)[0]


def test_the_floor_of_integers_may_be_an_integer() -> None:
    code = """
        def f(df: pd.DataFrame):
            out = []
            for _, row in df.iterrows():
                out.append(np.floor(row["lots"]))
            return np.array(out)
    """
    assert "no-upcast:df" in vector_form(code)[0]


def test_an_iterator_is_not_gone_through_twice() -> None:
    code = """
        def f(xs: list):
            g = map(abs, xs)
            a, b = [], []
            for v in g:
                a.append(v)
                b.append(v * 2)
            return a, b
    """
    for _, text in forms_of(code):
        assert run(text, [1, -2]) == ([1, 2], [2, 4])


def test_what_a_zip_takes_and_nobody_reads_may_be_an_iterator() -> None:
    code = """
        def f(xs, df: pd.DataFrame):
            out = []
            for x, a in zip(xs, df["a"]):
                out.append(a * 2)
            return out
    """
    assert "sequence:xs" in vector_form(code)[0]


def test_a_temporary_of_one_branch_is_not_computed_for_the_other() -> None:
    code = """
        def label(x):
            if x:
                return "high"
            return x
        def f(df: pd.DataFrame, limit: float):
            result = [0]
            for _, row in df.iterrows():
                u = limit - row["close"]
                if row["side"]:
                    result.append(label(row["open"] % limit))
                else:
                    result.append(u)
            return result
    """
    table = pd.DataFrame({"close": [1.5], "open": [2.5], "side": [""]})
    for _, text in forms_of(code):
        assert run(text, table, 0) == [0, -1.5]


def test_an_element_made_of_several_values() -> None:
    code = """
        def f(xs: list):
            filled = np.zeros(len(xs), dtype=bool)
            for i, x in enumerate(xs):
                filled[i] = (abs(x), f"{x}") if x > 1 else x
            return filled
    """
    assert all("filled[:]" not in text for _, text in forms_of(code))


def test_an_int_of_one_value_or_another() -> None:
    code = """
        def f(x: np.ndarray, y: np.ndarray):
            out = []
            for i in range(len(x)):
                out.append(int(x[i] or y[i]))
            return out
    """
    for _, text in forms_of(code):
        assert run(text, np.array([81.5, 0.0]), np.array([3.0, 4.5])) == [81, 4]


@pytest.mark.parametrize(
    ("read", "owes"), [("ys[i]", True), ("xs[i + 1]", True), ("xs[i]", False), ("xs[i - 1]", False)]
)
def test_what_is_read_before_a_test_may_lie_outside(read: str, owes: bool) -> None:
    code = f"""
        def f(xs: list, ys: list, ns: list):
            out = []
            for i in range(len(xs)):
                t = {read}
                if xs[i] > 0:
                    out.append(1 - t)
            return out
    """
    for owed, text in forms_of(code):
        if "t = " not in text:
            assert ("long-enough" in owed) is owes


# ---------------------------------------------------------------- columns that are not there


MISSING = {
    "behind a test": """
        def f(df: pd.DataFrame):
            out = []
            for _, row in df.iterrows():
                p = row["gone"]
                if row["q"] > 0:
                    out.append(str(p))
            return out
    """,
    "bound again": """
        def f(df: pd.DataFrame):
            out = []
            for _, row in df.iterrows():
                t = row["gone"]
                t = row["q"]
                out.append(f"{t}")
            return out
    """,
    "row not there either": """
        def f(df: pd.DataFrame):
            t = 0
            for i in range(0, len(df)):
                t = t * 2 + df.iloc[i + 1]["gone"]
            return t
    """,
}


@pytest.mark.parametrize("code", MISSING.values(), ids=MISSING.keys())
def test_safe_forms_raise_what_the_loop_raises_for_a_missing_column(code: str) -> None:
    forms = forms_of(code)
    assert forms
    for frame in (pd.DataFrame({"q": [-1.0]}), pd.DataFrame({"q": [2, 3]})):
        with pytest.raises((KeyError, IndexError)) as expected:
            run(IMPORTS + textwrap.dedent(code), frame)
        for owed, text in forms:
            if owed & {"columns-exist", "no-exceptions", "numeric-columns"}:
                continue
            with pytest.raises((KeyError, IndexError)) as found:
                run(text, frame)
            assert found.type is expected.type


def test_a_handler_around_apply_is_told() -> None:
    body = "out = df['x'].map(lambda v: 1 / v)"
    plain = f"def f(df: pd.DataFrame):\n    {body}\n    return out\n"
    caught = plain.replace(f"    {body}", f"    try:\n        {body}\n    except Exception:\n        out = None")
    assert "no-exceptions" not in forms_of(plain)[0][0]
    assert "no-exceptions" in forms_of(caught)[0][0]


# ---------------------------------------------------------------- divisors that were tested before


DIVIDES = """
    RATE = 1.8
    ZERO = 0

    def share(a, b):
        {helper}

    def f(df: pd.DataFrame, k: float):
        out = []
        for row in df.itertuples():
            {body}
        return out
"""


def divides(body: str, helper: str = "return a") -> set[str]:
    made = textwrap.indent(textwrap.dedent(body), " " * 12).strip()
    help_ = textwrap.indent(textwrap.dedent(helper), " " * 8).strip()
    return vector_form(DIVIDES.format(body=made, helper=help_))[0]


@pytest.mark.parametrize(
    "body",
    [
        "out.append(row.a / row.b if row.b > 0 else 0.0)",
        "out.append(row.a / row.b if row.b else 0.0)",
        "out.append(0.0 if row.b == 0 else row.a / row.b)",
        "out.append(0.0 if row.b <= 0 or row.a < 0 else row.a / row.b)",
        "out.append(row.a / row.b if 0 < row.b < 5 else 0.0)",
        "out.append(row.a / row.b if abs(row.b) > 1e-9 else 0.0)",
        "d = row.b - row.a\nif d != 0:\n    out.append(row.a / d)\nelse:\n    out.append(0.0)",
        "if row.b == 0:\n    continue\nout.append(row.a / row.b)",
        "if row.b == 0:\n    x = 0.0\nelif row.b < 0:\n    x = 1.0\nelse:\n    x = row.a / row.b\nout.append(x)",
        "out.append(row.a / RATE)",
        "out.append(row.a / RATE if row.a > 0 else row.a % 3)",
    ],
)
def test_a_divisor_that_was_tested_is_not_zero(body: str) -> None:
    assert "no-zero-division" not in divides(body)


@pytest.mark.parametrize(
    "body",
    [
        "out.append(row.a / row.b)",
        "out.append(row.a / row.b if row.b >= 0 else 0.0)",
        "out.append(row.a / row.b if row.b < 5 else 0.0)",
        "out.append(0.0 if row.b > 0 else row.a / row.b)",
        "out.append(0.0 if row.b <= 0 and row.a < 0 else row.a / row.b)",
        "out.append(row.a / row.b if row.a > 0 else 0.0)",
        "out.append(row.a / row.b if row.b > k else 0.0)",
        "out.append(row.a / row.b if not row.b > 0 else 0.0)",
        "r = row.a / row.b\nout.append(r if row.b > 0 else 0.0)",
        "out.append((row.a / row.b if row.b > 0 else 0.0) + row.a / row.b)",
        "d = row.b\nif d > 0:\n    d = d - 1\n    out.append(row.a / d)\nelse:\n    out.append(0.0)",
        "if row.b == 0:\n    out.append(1.0)\n    continue\nout.append(row.a / (row.b - 1))",
        "out.append(row.a / ZERO if row.b > 0 else 0.0)",
    ],
)
def test_a_divisor_that_may_be_zero_is_an_assumption(body: str) -> None:
    made = textwrap.indent(textwrap.dedent(body), " " * 12).strip()
    found = forms_of(DIVIDES.format(body=made, helper="return a"))
    vectors = [owed for owed, text in found if " for " not in text]
    assert vectors and all("no-zero-division" in owed for owed in vectors)


def test_a_helper_that_tests_its_divisor() -> None:
    tested = "if b == 0:\n    return 0.0\nreturn a / b"
    assert "no-zero-division" not in divides("out.append(share(row.a, row.b))", tested)
    twice = "if b == 0:\n    return 0.0\nreturn 1 / a / b"
    assert "no-zero-division" in divides("out.append(share(row.a, row.b))", twice)
    in_vain = "r = a / b\nif b == 0:\n    return 0.0\nreturn a / b"
    assert "no-zero-division" in divides("out.append(share(row.a, row.b))", in_vain)


def test_a_name_of_a_comprehension_is_not_the_one_that_was_tested() -> None:
    code = """
        def f(df: pd.DataFrame, row):
            if row["b"] > 0:
                return [1 / row["b"] for _, row in df.iterrows()]
            return []
    """
    vectors = [owed for owed, text in forms_of(code) if " for " not in text]
    assert vectors and all("no-zero-division" in owed for owed in vectors)


# ---------------------------------------------------------------- lengths and types that are known


def test_several_names_bound_at_once_are_the_lengths_of_what_they_measure() -> None:
    code = """
        def f(a: np.ndarray, b: np.ndarray):
            n, m = len(a), b.shape[0]
            out = np.empty((n, m))
            for i in range(n):
                for j in range(m):
                    out[i, j] = a[i] - b[j]
            return out
    """
    assert not {"long-enough", "equal-lengths"} & vector_form(code)[0]
    swapped = code.replace("n, m = len(a)", "a, n, m = b, len(a)").replace("n, m = b", "a, n, m = b")
    assert {"long-enough", "equal-lengths"} & vector_form(swapped.replace(", b.shape[0]", ", len(b)"))[0]


@pytest.mark.parametrize(
    ("dtype", "value", "fits"),
    [
        ("bool", "x > 0", True),
        ("bool", "x", False),
        ("int", "1 if x > 0 else -1", True),
        ("int", "k if x > 0 else -1", False),
        ("int", "2**40 if x > 0 else -1", False),
        ("int", "x", False),
        ("float32", "x > 0", False),
    ],
)
def test_what_surely_fits_an_array_owes_nothing(dtype: str, value: str, fits: bool) -> None:
    code = f"""
        def f(xs: np.ndarray, k: int):
            out = np.zeros(len(xs), dtype="{dtype}")
            for i, x in enumerate(xs):
                out[i] = {value}
            return out
    """
    assert ("fitting-values" not in vector_form(code)[0]) == fits


@pytest.mark.parametrize(
    ("start", "low", "fits"),
    [
        ("0", "low", True),
        ("1 if on else 0", "low", True),
        ("start", "low", False),
        ("0 if on else start", "low", False),
        (str(2**40), "low", False),
    ],
)
def test_small_integers_that_are_held_fit_an_array_of_them(start: str, low: str, fits: bool) -> None:
    code = f"""
        def f(temps: np.ndarray, low, high, start, on):
            state = np.zeros(len(temps), dtype=int)
            heating = {start}
            for i, t in enumerate(temps):
                if t < {low}:
                    heating = 1
                elif t > high:
                    heating = 0
                state[i] = heating
            return state
    """
    assert ("fitting-values" not in vector_form(code)[0]) == fits


@pytest.mark.parametrize(
    ("among", "shown"),
    [
        ("(1, 2)", "np.isin(xs, (1, 2))"),
        ("{1, 2.5}", "np.isin(xs, [1, 2.5])"),
        ("range(8, 20)", "np.isin(xs, range(8, 20))"),
        ("HOURS", "np.isin(xs, HOURS)"),
        ("range(k)", ""),
        ("(1, k)", ""),
        ("(1, float('nan'))", ""),
        ("range(0, 10**9)", ""),
        ("(1, 2**60)", ""),
    ],
)
def test_numbers_that_are_written_out_are_looked_for_at_once(among: str, shown: str) -> None:
    code = f"""
        HOURS = (7, 17)

        def f(xs: np.ndarray, k):
            out = []
            for x in xs:
                out.append(1 if x in {among} else 0)
            return out
    """
    texts = [text for _, text in forms_of(code)]
    assert any(shown in text for text in texts) if shown else not any("np.isin" in text for text in texts)


# ---------------------------------------------------------------- the order in which a round evaluates


@pytest.mark.parametrize(
    "body",
    [
        "out.append({names[~mask][group.idxmin()]: 1.0})",
        "out.append(names[~mask][group.size])",
        "out.append((lambda: 1) if group is None else names[mask][len(group)])",
    ],
)
def test_what_is_indexed_comes_before_the_index(body: str) -> None:
    code = f"""
        def f(grouped, names, mask):
            out = []
            for _, group in grouped:
                {body}
            return out
    """
    assert "no-exceptions" not in forms_of(code)[0][0]


@pytest.mark.parametrize(
    ("first", "safe"), [("'<b>' + name", True), ("str(name)", True), ("f'<b>{name}'", True), ("name", False)]
)
def test_several_pieces_of_text_are_one_piece(first: str, safe: bool) -> None:
    code = f"""
        def f(names: list):
            html = ""
            for name in names:
                html += {first}
                html += "-" + str(name["x"])
            return html
    """
    owed, text = forms_of(code)[0]
    assert ".join(" in text and ("no-exceptions" not in owed) == safe


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("i in range(len(df))", "df['a'].iloc[i]"),
        ("_, row in df.iterrows()", "row['a']"),
        ("row in df.itertuples()", "row.a"),
    ],
)
def test_others_may_change_a_table_while_a_generator_waits(header: str, value: str) -> None:
    code = f"""
        def f(df: pd.DataFrame, step):
            for {header}:
                step = max(step, {value})
                yield step
    """
    assert forms_of(code) == []
    own = code.replace(f"for {header}", f"df = pd.DataFrame({{'a': [1, 2]}})\n            for {header}").replace(
        "df: pd.DataFrame, ", ""
    )
    assert forms_of(own) != []
