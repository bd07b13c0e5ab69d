"""`deloop scaffold` and `deloop verify`: what is said of test files, exit statuses, bad input."""

from pathlib import Path

import pytest
import toy

from deloop.equivalence.scaffold_inputs import edge_cases, labelled, typical_function
from deloop.equivalence.scaffold_mark import is_unedited, sealed
from deloop.proposals.scaffold_run import Run
from deloop.proposals.scaffolds import Written
from deloop.reports.scaffolds_text import line, runs_summary, summary

SOURCE = "def double(xs):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out\n"


def made(state: str = "written", todo: str = "") -> Written:
    return Written("tests/equivalence/test_a.py", state, "DL201 list-comprehension, a.py:3", 1, todo, imported=True)


def test_the_summary_counts_todos() -> None:
    assert summary([made()] * 11 + [made(todo="why")]) == "12 scaffolds written, 1 with a TODO."
    assert summary([made(), made("kept"), made("unchanged")]) == "1 scaffold written; 1 unchanged; 1 kept as edited."
    assert summary([]) == "No proposals, so no scaffolds."


def test_the_lines() -> None:
    assert line(made(todo="no input")) == (
        "tests/equivalence/test_a.py: TODO: no input (DL201 list-comprehension, a.py:3)"
    )
    assert "was edited, so it stays; --force overwrites it" in line(made("kept"))


def test_what_a_run_comes_to() -> None:
    runs = [Run("a", passed=2), Run("b", skipped=1, reasons=["TODO: x"]), Run("c", 1, 0, 1, failures=["test_x: 1"])]
    assert [str(r) for r in runs] == ["a: 2 passed", "b: 1 skipped (TODO: x)", "c: 1 passed, 1 failed: test_x: 1"]
    assert runs_summary([*runs, Run("d")]) == "4 scaffolds run: 1 pass, 2 fail, 1 skipped."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.py"], "nowhere.py: no such file or folder"),
        (["a.py", "--output", "a.py"], "a.py/test_a_double_3.py: can't be read: Not a directory; not written"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    done = toy.call(["scaffold", *words], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [said, "No scaffolds written."]
    assert (tmp_path / "a.py").read_text() == SOURCE


def test_scaffold_and_verify(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    done = toy.call(["scaffold"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "tests/equivalence/test_a_double_3.py: tests your function (DL201 list-comprehension, a.py:3)",
        "1 scaffold written.",
    ]
    assert is_unedited((tmp_path / "tests" / "equivalence" / "test_a_double_3.py").read_text())
    (tmp_path / "a.py").write_text(SOURCE.replace("x * 2", "x * 3"))
    verified = toy.call(["verify", "--scaffolds", "tests/equivalence"], tmp_path)
    assert verified.returncode == 1
    assert "double does not do what _original_double does: returned value" in verified.stderr
    assert verified.stderr.splitlines()[-1] == "1 scaffold run: 0 pass, 1 fail."
    gone = toy.call(["verify", "--scaffolds", "gone"], tmp_path)
    assert gone.returncode == 2 and "gone: no such file or folder" in gone.stderr


def test_the_mark_tells_whether_a_file_was_edited() -> None:
    text = sealed("a = 1\n")
    assert is_unedited(text) and is_unedited(text.replace("\n", "\r\n"))
    assert not is_unedited(text + "b = 2\n") and not is_unedited("a = 1\n")


FRAME = "pd.DataFrame({'a': [1.0, 2.0], 'b c': [3.0, 4.0], 'd': ['x', 'y']})"


def case(name: str, frame: str, limit: str = "5") -> dict[str, object]:
    return {"name": name, "inputs": {"df": frame, "limit": limit}}


def test_cases_are_changes_of_the_first() -> None:
    cases = [
        case("floats", FRAME),
        case("NaN", FRAME.replace("2.0", "np.nan")),
        case("NaN", FRAME.replace("4.0", "np.nan")),
        case("zero", FRAME, "0"),
        case("repeated labels", FRAME.replace("})", "}, index=[1, 1])")),
        case("empty", "pd.DataFrame({'a': pd.array([], dtype='float64'), 'b c': [], 'd': []})"),
        case("NaN", FRAME.replace("2.0", "np.nan"), "np.nan"),
    ]
    text = edge_cases(["df", "limit"], cases)
    for expected in (
        '"NaN in a": lambda: (SMALL_DF.assign(a=[1.0, np.nan]), 5),',
        '"NaN in b c": lambda: (SMALL_DF.assign(**{"b c": [3.0, np.nan]}), 5),',
        '"zero in limit": lambda: (SMALL_DF, 0),',
        '"repeated labels in df": lambda: (SMALL_DF.set_axis([1, 1]), 5),',
        '"empty": lambda: (SMALL_DF.iloc[:0], 5),',
        '"NaN": lambda: (SMALL_DF.assign(a=[1.0, np.nan]), np.nan),',
    ):
        assert expected in text
    assert [name for name, _ in labelled(["df", "limit"], [*cases, cases[1]])][-1] == "NaN in a, 2"


def test_typical_arguments_grow() -> None:
    numbers = {"kind": "float", "free": True, "values": ["1.5", "2.0"], "rising": False}
    keys = {"kind": "str", "free": False, "values": ["'k1'", "'k2'"], "rising": False}
    table = {"is": "table", "code": "..", "form": "frame", "tuple": False, "index": None, "name": None}
    typical = {
        "df": {**table, "columns": [["'a'", numbers], ["'k'", keys]]},
        "n": {"is": "length", "code": "9"},
        "xs": {**table, "form": "list", "tuple": True, "columns": [["''", numbers]]},
    }
    space: dict[str, object] = {}
    exec("import numpy as np, pandas as pd\n" + typical_function(["df", "n", "xs"], typical), space)
    frame, n, xs = space["typical"](5)  # type: ignore[operator]
    assert frame["k"].tolist() == ["k1", "k2", "k1", "k2", "k1"] and frame["a"].between(1.5, 2.02).all()
    assert n == 5 and isinstance(xs, tuple) and len(xs) == 5 and type(xs[0]) is float
    assert len(space["typical"](0)[0]) == 0  # type: ignore[operator]
