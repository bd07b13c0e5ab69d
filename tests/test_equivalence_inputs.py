"""Inputs for loops that take more than numbers in columns, and verdicts on what no input reaches."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pandas as pd
import pytest
from equivalence_help import HEAD, body, judge, told_apart, trial

from deloop.equivalence.child.build import Builder
from deloop.equivalence.child.drafts import finish
from deloop.equivalence.child.namespace import Outcome, clone
from deloop.equivalence.child.repair import Repair
from deloop.equivalence.model import Evidence, Trial
from deloop.loops.obligations import Obligation

LOOPS = {
    "a column named by a parameter": (
        "bars, price, volume",
        """
        out = []
        for i in range(len(bars)):
            out.append(bars[price].iloc[i] * bars[volume].iloc[i])
        """,
        ("bars[volume]", "bars[price]"),
    ),
    "objects with nothing but attributes": (
        "people",
        """
        out = []
        for p in people:
            if p.age >= 18:
                out.append(p.name.upper())
        """,
        (">= 18", "> 18"),
    ),
    "one attribute alone": ("people", "out = []\nfor p in people:\n    out.append(p.name)", ("p.name", "[p.name]")),
    "objects with methods": (
        "sites",
        """
        out = []
        for s in sites:
            out.append(s.neighbours(3).mean() + s.weight)
        """,
        ("+ s.weight", "- s.weight"),
    ),
    "labels that are looked for in an object": (
        "people, key, friends, weighted=False",
        """
        out = []
        for label, person in people.set_index(key).home.items():
            if label in friends.near:
                if weighted is True:
                    out.append(friends.counts[label] / person.weight)
                else:
                    out.append(friends.counts[label])
        """,
        ("/ person", "* person"),
    ),
    "a table of tables with keys that are written out": (
        "scores: dict[str, dict], edge",
        """
        out = []
        for orbital in ["s", "p", "d", "f", "total"]:
            out.append(scores[edge][orbital])
        """,
        ("scores[edge][orbital]", "scores[edge]['s']"),
    ),
    "a mask that was made elsewhere": (
        "distances, sites, chosen",
        """
        out = []
        for site, part in pd.Series(distances[~chosen]).groupby(sites[~chosen]):
            out.append((site, part.max()))
        """,
        ("part.max()", "part.min()"),
    ),
    "roots and logarithms": (
        "xs",
        """
        out = []
        for x in xs:
            out.append(math.sqrt(x - 0.5) + math.log(x))
        """,
        ("0.5", "0.25"),
    ),
    "a text that is put together": (
        "rows, taken",
        """
        out = []
        for r in range(rows):
            seat = f"{r}-A"
            if seat not in taken:
                out.append(seat)
        """,
        ("not in", "in"),
    ),
    "seats by number and letter": (
        "rows, per_row, taken",
        """
        out = []
        for r in range(rows):
            for s in range(per_row):
                seat = str(r + 1) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[s % 26]
                if seat not in taken:
                    out.append(seat)
        """,
        ("not in", "in"),
    ),
    "pictures in lists": (
        "df: pd.DataFrame",
        """
        out = []
        for _, row in df.iterrows():
            picture = np.array(row["band"]).reshape(3, 5)
            out.append(picture[0].sum() - picture[1].sum())
        """,
        ("picture[1]", "picture[2]"),
    ),
    "texts that are split": (
        "urls",
        """
        out = []
        for url in urls:
            if "://" not in url:
                continue
            out.append(url.split("/")[2])
        """,
        ("[2]", "[1]"),
    ),
    "lists that may hold a mark": (
        "regions, weights",
        """
        out = []
        for region in regions:
            if -1 not in region:
                out.append(sum(weights[k] for k in region))
            else:
                out.append(None)
        """,
        ("-1 not in", "-1 in"),
    ),
    "objects that are unpacked": (
        "sites",
        """
        out = []
        for s in sites:
            low, high = s.bounds()
            out.append(high - low)
        """,
        ("high - low", "low - high"),
    ),
    "an object whose copy is changed": (
        "feed",
        """
        feed = feed.copy()
        out = []
        for a, b in zip(feed.stops["a"], feed.stops["b"]):
            out.append(a - b)
        """,
        ("a - b", "b - a"),
    ),
    "records whose annotation gives their values": (
        "clients: list[dict[str, str]]",
        """
        out = ""
        for client in clients:
            out += f"{client['number']}  {client['name']}"
        """,
        ("['number']", "['number'][:3]"),
    ),
    "a key of a table that is written out": (
        "df",
        """
        factors = {"low": 1, "medium": 2, "high": 5}
        out = []
        for age, risk, smoker in zip(df.age, df.risk, df.smoker):
            p = (20 + 0.5 * max(age - 30, 0)) * factors[risk]
            if smoker and age > 40:
                p *= 1.5
            out.append(p)
        """,
        ("> 40", ">= 40"),
    ),
    "a key that may be missing": (
        "keys",
        """
        factors = {"low": 1, "medium": 2}
        out = []
        for key in keys:
            out.append(factors[key] if key in factors else 0)
        """,
        ("else 0", "else 1"),
    ),
    "days between moments": (
        "df: pd.DataFrame, today: pd.Timestamp",
        """
        out = []
        for i in range(len(df)):
            row = df.iloc[i]
            days = (today - row["due"]).days
            if row["paid"]:
                out.append("paid")
            elif days > 300:
                out.append("late")
            elif days > 0:
                out.append("due")
            else:
                out.append("open")
        """,
        ("> 0", "> 1"),
    ),
    "texts in lists, some empty": (
        "posts",
        """
        out = []
        for post in posts:
            for tag in post.get("tags", []):
                if tag:
                    out.append(tag.lower())
        """,
        ("if tag:", "if tag is not None:"),
    ),
    "columns that a list names": (
        "df",
        """
        out = []
        for row in df.itertuples():
            for name in ["monday", "tuesday"]:
                if getattr(row, name) == 1:
                    out.append(name)
        """,
        ("== 1", "!= 1"),
    ),
}


def verdict(before: str, after: str) -> Evidence:
    return judge(trial("one", before, after))["one"]


@pytest.mark.parametrize("name", LOOPS)
def test_the_loop_is_run_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    told_apart(body(signature, code), change)


def test_a_branch_that_no_input_reaches_is_named() -> None:
    code = """
    out = []
    for x in xs:
        if x * x < 0:
            out.append(x)
    """
    evidence = verdict(body("xs", code), body("xs", code))
    assert (str(evidence.verdict), evidence.reason) == ("insufficient", "no input makes `x * x < 0` on line 10 true")


def test_a_check_that_raises_need_not_be_reached() -> None:
    code = """
    out = []
    for x in xs:
        if x * x < 0:
            raise ValueError(x)
        out.append(x)
    """
    assert str(verdict(body("xs", code), body("xs", code)).verdict) == "verified"


def test_a_loop_that_raises_whatever_it_gets_shows_nothing() -> None:
    code = "out = []\nfor x in xs:\n    out.append(x)\n    assert not out"
    evidence = verdict(body("xs", code), body("xs", code))
    assert str(evidence.verdict) in ("insufficient", "unverified")


MISSING = """from nowhere import Element, lookup


def f(rows):
    out = []
    for row in rows:
        if isinstance(row.kind, Element):
            out.append(lookup(row.kind).symbol)
    return out
"""


@pytest.mark.parametrize(
    "change", [(".symbol", ".number"), ("isinstance", "not isinstance"), ("(row.kind).", "(row).")]
)
def test_what_a_missing_module_gives_is_an_object_where_a_number_is_not_enough(change: tuple[str, str]) -> None:
    same = verdict(MISSING, MISSING)
    assert str(same.verdict) == "verified", same.reason
    wrong = verdict(MISSING, MISSING.replace(*change))
    assert str(wrong.verdict) == "refuted", wrong.reason


def test_a_branch_that_the_code_before_keeps_out_is_reached_without_it() -> None:
    code = """
    def f(n: int):
        state = {"a": 1.0}
        names = [k for k in state]
        out = []
        for name in names:
            if name == "b":
                out.append(name)
        return out
    """
    before = textwrap.dedent(code)
    assert str(judge(region(before, 5, 7))["one"].verdict) == "verified"
    wrong = before.replace('== "b"', '!= "b"')
    assert str(judge(region(before, 5, 7, wrong))["one"].verdict) == "refuted"


def region(before: str, first: int, last: int, after: str = "") -> Trial:
    """Lines of a file as a trial."""
    return Trial("one", before, after or before, (first, last), (first, last))


def test_an_input_on_which_the_loop_is_random_shows_nothing() -> None:
    code = """
    rng = np.random.RandomState(seed)
    out = []
    for x in xs:
        out.append(x * rng.random_sample())
    """
    before = body("xs: np.ndarray, seed=None", code)
    after = before.replace("x * rng.random_sample()", "rng.random_sample() * x")
    assert str(verdict(before, after).verdict) == "verified"
    assert str(verdict(before, before.replace("x * rng", "1 - x * rng")).verdict) == "refuted"


def test_text_where_numbers_are_assumed_breaks_the_assumption() -> None:
    before = body("xs: np.ndarray", "out = []\nfor x in xs:\n    out.append(x)")
    after = body("xs: np.ndarray", "out = list(xs - 0)")
    assert str(verdict(before, after).verdict) == "refuted"
    excused = judge(trial("one", before, after, ("numeric-arrays", "numeric-columns", "float64", "signed-zero")))["one"]
    assert str(excused.verdict) == "verified", excused.counterexample


def test_what_is_assumed_to_be_an_array_is_one() -> None:
    code = """
    out = np.zeros(len(xs))
    for i in range(len(xs)):
        out[i] = xs[i] * xs[i]
    """
    before = body("xs", code)
    after = body("xs", "out = np.multiply(xs, xs).astype(float)")
    arrays = trial("one", before, after, ("float64", "no-overflow", "element-types", "empty-type"))
    assert str(judge(arrays)["one"].verdict) == "refuted"
    named = (*arrays.obligations, Obligation("numeric-arrays", ("xs",)))
    found = judge(replace(arrays, obligations=named))["one"]
    assert str(found.verdict) == "verified", found.counterexample


def test_a_function_may_import_what_is_not_there() -> None:
    code = """
    from nowhere import rate
    out = []
    for x in xs:
        out.append(x * rate(x))
    """
    before = HEAD + body("xs: np.ndarray", code)
    first = before[: before.index("out = []")].count("\n") + 1
    assert str(judge(region(before, first, first + 2))["one"].verdict) == "verified"
    wrong = before.replace("rate(x)", "rate(-x)")
    assert str(judge(region(before, first, first + 2, wrong))["one"].verdict) == "refuted"


def test_lists_in_the_cells_of_a_table_are_not_shared_between_runs() -> None:
    frame = pd.DataFrame({"a": [[1], [2]], "b": [1.0, 2.0]}, index=["x", "y"])
    other = clone(frame, {})
    column = clone(frame["a"], {})
    other.loc["x", "a"].append(9)
    column["y"].append(9)
    assert frame["a"].tolist() == [[1], [2]]
    assert other["a"].tolist() == [[1, 9], [2]]
    assert column.index.equals(frame.index)
    assert column.name == "a"


@pytest.mark.parametrize(
    "message",
    [
        "None of [Index(['c0', 'c1', 'c0'], dtype='str')] are in the [index]",
        "['c0', 'c1'] not in index",
        "Columns not found: 'c0', 'c1'",
    ],
)
def test_columns_that_a_table_turns_out_to_need_are_added(message: str) -> None:
    table = {"t": "frame", "cols": {"a": {"t": "num"}}}
    error = KeyError(message)
    outcome = Outcome("raised", error=error, part="table.loc[k][names]")
    assert Repair([{"name": "table", "spec": table}]).after(error, outcome)
    assert table == {"t": "frame", "cols": {"a": {"t": "num"}, "c0": {"t": "num"}, "c1": {"t": "num"}}}


FILTERED = """
    kept = []
    for x in xs:
        if x > limit:
            kept.append(x)
    out = np.array(kept).sum()
"""


def test_where_a_filter_keeps_nothing_the_result_may_have_another_type_if_that_is_named() -> None:
    before = body("xs: np.ndarray, limit: float", FILTERED)
    after = body("xs: np.ndarray, limit: float", "kept = xs[xs > limit]\nout = kept.sum()")
    strict = ("numeric-arrays", "float64", "signed-zero", "float-order")
    assert "0.0" in found_on(trial("one", before, after, strict))
    named = (*strict, "empty-type")
    assert found_on(trial("one", before, after, named)) == ""
    assert found_on(trial("one", before, after.replace("> limit", ">= limit"), named))
    assert found_on(trial("one", before, after.replace("kept.sum()", "kept.sum() + (len(kept) == 0)"), named))


def found_on(one: Trial) -> str:
    """What the old version gives on the input that refutes the new one."""
    found = judge(one)["one"]
    return found.counterexample.before if found.counterexample else ""


def test_a_loop_that_a_number_drives_is_timed_over_tables_of_an_ordinary_size() -> None:
    parameters = [
        {"name": "values", "spec": {"t": "array", "elem": {"t": "num"}}},
        {"name": "rounds", "spec": {"t": "int", "flags": ["length"]}},
    ]
    made = {k: finish(v) for k, v in Builder(parameters, 20_000, most=1000).build(parameters).items()}
    assert (len(made["values"]), made["rounds"]) == (1000, 20_000)


def test_a_zero_whose_sign_is_not_kept_may_divide() -> None:
    top = 'xs = prices["close"].values\nout = np.zeros(len(xs))\nif len(xs) > 0:\n    low = xs[0]\n'
    loop = "    for k, x in enumerate(xs):\n        low = min(low, x)\n        out[k] = x / low - 1.0"
    before = body("prices: pd.DataFrame", top + loop)
    least = "np.fmin.accumulate(np.concatenate(([low], xs)))[1:] if not np.isnan(low) else np.full(len(xs), low)"
    after = body("prices: pd.DataFrame", f"{top}    out[:] = xs / ({least}) - 1.0")
    needs = ("numeric-arrays", "float64")
    assert str(judge(trial("strict", before, after, needs))["strict"].verdict) == "refuted"
    found = judge(trial("loose", before, after, (*needs, "signed-zero")))["loose"]
    assert str(found.verdict) == "verified", found.counterexample
    wrong = judge(trial("wrong", before, after.replace("- 1.0", "- 1.5"), (*needs, "signed-zero")))["wrong"]
    assert str(wrong.verdict) == "refuted"


def test_data_that_the_file_draws_is_the_same_for_both_versions() -> None:
    drawn = "WEIGHTS = np.random.normal(5, 1, (9, 3))\n\n\n"
    loop, new = "out = []\nfor x in xs:\n    out.append(x * WEIGHTS[0, 1])", "out = [x * WEIGHTS[0, 1] for x in xs]"
    evidence = verdict(drawn + body("xs: list[float]", loop), drawn + body("xs: list[float]", new))
    assert str(evidence.verdict) == "verified", evidence.reason
