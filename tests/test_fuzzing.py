"""The differential fuzzer: a slice of its programs, and that it would notice a wrong rewrite."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

sys.path.append(str(ROOT))  # the fuzzer is no part of the package

from fuzzing.__main__ import main, report, summary
from fuzzing.catalogue import IDIOMS
from fuzzing.compiled import ASKED, compile_too
from fuzzing.inputs import PLANS, inputs
from fuzzing.judge import difference, examine, forms, prepare, run
from fuzzing.model import Parameter, Program, Tally
from fuzzing.oddities import oddities
from fuzzing.programs import program
from fuzzing.shrink import shrunk

SEED, COUNT = 20240608, 60
DOUBLED = """
import pandas as pd

def work(df: pd.DataFrame, limit: float):
    steps = 3
    out = []
    for i in range(len(df)):
        t = df["open"].iloc[i] * 2
        if t > limit:
            out.append(t + 1)
    return out
"""


@pytest.fixture(autouse=True)
def _prepared() -> None:
    prepare()


def doubled() -> Program:
    df = Parameter("df", "frame", columns={"open"})
    return Program(0, DOUBLED, (df, Parameter("limit", "num")), "work(df, limit)")


@pytest.mark.slow
def test_random_loops_and_their_rewrites_do_the_same() -> None:
    tally = Tally()
    for number in range(COUNT):
        examine(program(SEED, number), tally, str(SEED))
    assert not tally.failures, "\n\n".join(report(shrunk(failure)) for failure in tally.failures[:2])
    assert not tally.crashes
    assert tally.rewritten >= COUNT / 4, f"a fuzzer that rewrites nothing finds nothing\n{summary(tally)}"
    assert codes(tally) >= {"DL111", "DL201", "DL202"}, summary(tally)


def codes(tally: Tally) -> set[str]:
    return {label.split(" ")[0] for label in tally.forms}


@pytest.mark.slow
@pytest.mark.parametrize("idiom", IDIOMS)
def test_loops_in_the_manner_of_an_idiom_and_their_rewrites_do_the_same(idiom: str) -> None:
    tally = Tally()
    for number in range(40):
        if number >= 4 and codes(tally) >= set(IDIOMS[idiom]):
            break
        examine(program(SEED, number, idiom), tally, str(SEED))
    assert not tally.failures, "\n\n".join(report(shrunk(failure)) for failure in tally.failures[:2])
    assert not tally.crashes and codes(tally) >= set(IDIOMS[idiom]), summary(tally)


def test_programs_are_the_same_for_the_same_seed() -> None:
    assert program(3, 7) == program(3, 7)
    assert len({program(3, number).text for number in range(30)}) == 30


def test_inputs_are_the_same_for_the_same_seed() -> None:
    p = (Parameter("df", "frame", columns={"open", "day"}), Parameter("xs", "list", "text", annotated=False))
    for plan in PLANS:
        one, other = (inputs(p, Random("seed"), plan) for _ in range(2))
        assert one["df"].equals(other["df"]) and repr(one["xs"])[:12] == repr(other["xs"])[:12]


def test_a_wrong_form_is_noticed_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With deloop's own code damaged: every `>` becomes `>=`, and the report shows where that matters."""

    def wrong(text: str) -> tuple[list[object], list[object]]:
        findings, found = forms(text)
        return findings, [replace(form, text=form.text.replace(" > ", " >= ").replace("+ 1", "+ 2")) for form in found]

    for module in ("judge", "shrink"):
        monkeypatch.setattr(f"fuzzing.{module}.forms", wrong)
    tally = Tally()
    examine(doubled(), tally, "1")
    assert tally.failures
    small = shrunk(tally.failures[0])
    assert "steps" not in small.program.text and "if " not in small.program.text
    assert "+ 1" in small.program.text and "+ 2" in small.after
    assert "df = pd.DataFrame" in report(small)


def test_a_named_assumption_excuses_only_what_it_is_about() -> None:
    p = Parameter("df", "frame", columns={"open", "close"})
    given = inputs((p,), Random(1), "typical")
    given["df"]["close"] = given["df"]["close"].astype("Int64" if len(given["df"]) == 0 else "float32")
    odd = oddities(given, (p,))
    assert "dtype:float32" in odd.about(('df["close"]',))
    assert "dtype:float32" not in odd.about(('df["open"].values',))
    assert "dtype:float32" in odd.about(("something[other]",))


def test_exceptions_and_what_was_done_before_count() -> None:
    text = "def work(xs: list):\n    xs.append(1)\n    raise ValueError('x')\n"
    given = {"xs": [0]}
    one = run(text, "work(xs)", given)
    other = run(text.replace("append(1)", "append(2)"), "work(xs)", given)
    assert one.status == other.status == "raised" and given == {"xs": [0]}
    assert one.arguments == {"xs": [0, 1]} and other.arguments == {"xs": [0, 2]}


def test_a_difference_says_whether_it_is_excused() -> None:
    _, found = forms(DOUBLED)
    (vector,) = [form for form in found if form.rewrite.tier.label == "vector"]
    broken = replace(vector, text=vector.text.replace("* 2", "* 3"))
    for plan, excused in (("typical", False),):
        given = inputs(doubled().parameters, Random(5), plan)
        answer = difference(doubled(), broken, given, run(DOUBLED, "work(df, limit)", given))
        assert answer is not None and answer.excused is excused


HANDLED = """
import numpy as np

def work(xs: np.ndarray):
    out = np.zeros(len(xs))
    try:
        for i, x in enumerate(xs):
            out[i] = x if i else i / i
    except ZeroDivisionError:
        pass
    return out
"""


def test_what_a_program_raises_and_handles_breaks_assumptions_as_well() -> None:
    program = Program(0, HANDLED, (Parameter("xs", "array"),), "work(xs)")
    given = {"xs": np.array([1.5, 2.5])}
    (form,) = [f for f in forms(HANDLED)[1] if f.rewrite.tier.label == "vector" and not f.rewrite.safe]
    answer = difference(program, form, given, run(HANDLED, program.entry, given))
    assert answer is not None and answer.excused and "value:zero" in answer.tags
    plain = replace(program, text=HANDLED.replace("i / i", "1.0"))
    (form,) = [f for f in forms(plain.text)[1] if f.rewrite.tier.label == "vector" and not f.rewrite.safe]
    wrong = replace(form, text=form.text.replace("return out", "return out + 1"))
    answer = difference(plain, wrong, given, run(plain.text, program.entry, given))
    assert answer is not None and not answer.excused and "raises" not in answer.tags


FILTERED = """
import numpy as np

def work(xs: np.ndarray, firsts: np.ndarray):
    kept = []
    for x in xs:
        if x > 100:
            kept.append(VALUE)
    return np.array(kept).sum()
"""


@pytest.mark.parametrize(
    ("value", "change", "excused"),
    [
        ("x", ("", ""), {True}),
        ("x - firsts[0]", ("", ""), {True}),
        ("x", (".sum()", ".sum() + 1"), {False}),
        ("x", ("xs[xs > 100]", "xs[xs > 'x']"), {False}),
    ],
)
def test_nothing_gathered_excuses_a_type_or_an_exception_where_that_is_named(
    value: str, change: tuple[str, str], excused: set[bool]
) -> None:
    parameters = (Parameter("xs", "array"), Parameter("firsts", "array"))
    program = Program(0, FILTERED.replace("VALUE", value), parameters, "work(xs, firsts)")
    given = {"xs": np.array([3, 50, 7, 8]), "firsts": np.ones(4) if value == "x" else np.array(list("abcd"))}
    before = run(program.text, program.entry, given)
    _, found = forms(program.text)
    vectors = [form for form in found if form.rewrite.tier.label == "vector"]
    answers = [difference(program, replace(f, text=f.text.replace(*change)), given, before) for f in vectors]
    assert {answer.excused for answer in answers if answer is not None} == excused


def test_compiled_loops_are_asked_for_and_alike_ones_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    made: list[str] = []
    monkeypatch.setattr(ASKED, "options", ASKED.options)
    monkeypatch.setattr(ASKED, "seconds", ASKED.seconds)
    monkeypatch.setattr(numba, "njit", lambda **_: lambda function: made.append(function.__name__) or function)
    compile_too()
    text = """
import numpy as np

def work(xs: np.ndarray):
    out = np.zeros(len(xs))
    for i in range(1, len(xs)):
        out[i] = out[i - 1] * 0.9 + xs[i]
    return out
"""
    (kernel,) = [form for form in forms(text)[1] if form.rewrite.rule.code == "DL114"]
    given = {"xs": np.array([1.5, -2.0, 4.0])}
    for _ in range(2):
        assert run(kernel.text, "work(xs)", given).value.tolist() == run(text, "work(xs)", given).value.tolist()
    assert made == ["work_kernel"]


def test_the_command_reports_and_ends_with_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "20", "--seed", str(SEED)]) == 0
    assert "20 programs" in capsys.readouterr().out


ROLLED = """
import pandas as pd

def work(df: pd.DataFrame):
    df["made"] = df["size_"].rolling(3).apply(sum, raw=True)
"""


@pytest.mark.parametrize(("large", "excused"), [(2.0**53, True), (20.0, False)])
def test_a_sum_beside_a_large_number_is_only_as_exact_as_that(large: float, excused: bool) -> None:
    program = Program(0, ROLLED, (Parameter("df", "frame"),), "work(df)")
    given = {"df": pd.DataFrame({"size_": [7.098, large, -1.0, 5.0, 1.5]})}
    (form,) = [f for f in forms(ROLLED)[1] if not f.rewrite.safe and "float-order" in str(f.rewrite.obligations)]
    wrong = replace(form, text=form.text.replace(".sum()", ".sum() + 1"))
    answer = difference(program, wrong, given, run(ROLLED, "work(df)", given))
    assert answer is not None and answer.excused is excused


GROWING = """
import pandas as pd

def work(df: pd.DataFrame, start: int):
    out = []
    total = start
    for turn in range(2):
        for row in df.itertuples():
            out.append(total)
            total *= row.x
    return out
"""


@pytest.mark.parametrize(("factor", "excused"), [(40, True), (2, False)])
def test_what_a_loop_makes_may_outgrow_an_integer_of_an_array(factor: int, excused: bool) -> None:
    program = Program(0, GROWING, (Parameter("df", "frame"), Parameter("start", "int")), "work(df, start)")
    given = {"df": pd.DataFrame({"x": [factor] * 10}), "start": -3}
    (form,) = [f for f in forms(GROWING)[1] if "no-overflow" in str(f.rewrite.obligations)]
    wrong = replace(form, text=form.text.replace("[:-1]", "[1:]"))
    answer = difference(program, wrong, given, run(GROWING, program.entry, given))
    assert answer is not None and answer.excused is excused


AHEAD = """
import numpy as np

def work(xs: np.ndarray, limit):
    out = []
    for i in range(min(len(xs), 4)):
        if limit < xs[i]:
            out.append(xs[i + 1])
    return out
"""
EMPTIED = """
import pandas as pd

def work(df: pd.DataFrame):
    try:
        for i in df.index:
            df.at[i, "lots"] = df.loc[i, "size_"] - df.loc[i, "size_"]
    except Exception:
        pass
"""


@pytest.mark.parametrize(
    ("code", "parameter", "given", "owed"),
    [
        (AHEAD, Parameter("xs", "array"), {"xs": np.array([1.5]), "limit": 3}, "long-enough"),
        (EMPTIED, Parameter("df", "frame"), {"df": pd.DataFrame({"size_": [np.inf], "lots": [4]})}, "columns-stored"),
    ],
)
def test_what_a_named_assumption_is_about_is_no_failure(
    code: str, parameter: Parameter, given: dict[str, object], owed: str
) -> None:
    parameters = (parameter, *(Parameter(name, "num") for name in [*given][1:]))
    program = Program(0, code, parameters, f"work({', '.join(given)})")
    before = run(code, program.entry, given)
    found = [form for form in forms(code)[1] if owed in str(form.rewrite.obligations)]
    answers = [difference(program, form, given, before) for form in found]
    assert [answer.excused for answer in answers if answer is not None] == [True] * len(answers) != []
