"""`deloop scaffold` from end to end: what is written, that it runs, and that it fails when the new version is wrong."""

import os
import re
import subprocess
import sys
import unittest
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from deloop import testing
from deloop.proposals import judge, scaffolds
from deloop.proposals.gather import Job, find_files
from deloop.proposals.journal import Journal
from deloop.proposals.model import Policy
from deloop.proposals.propose import Draft
from deloop.proposals.scaffold_run import run_scaffolds
from deloop.proposals.scaffolds import Wanted, Written, write_scaffolds
from deloop.proposals.standalone import PACKAGE, support
from deloop.proposals.workflow import fixed, write_all

CALC = '''\
"""Prices."""

import numpy as np
import pandas as pd

RATE = 0.25  # a share


def _split(high, low, close):
    # no range: half of it
    if high == low:
        return 0.5
    return (close - low) / (high - low)


class Tape:
    """Reads bars."""

    def __init__(self, scale):
        self.scale = scale

    def unrelated(self):
        return "never copied"

    def parts(self, bars: pd.DataFrame) -> list:
        found = []
        for i in range(len(bars)):
            # one bar
            found.append(_split(bars["high"].iloc[i], bars["low"].iloc[i], bars["close"].iloc[i]) * self.scale)
        return found


def fees(orders: pd.DataFrame, *, factor: float = 2.0) -> np.ndarray:
    out = []
    for i in range(len(orders)):
        out.append(orders["size"].iloc[i] * factor + RATE)
    return np.array(out)
'''
SCRIPT = """\
import pandas as pd

orders = pd.read_csv("orders.csv")
sizes = []
for i in range(len(orders)):
    # in dollars
    sizes.append(orders["size"].iloc[i] * 1.1)
print(sizes)
"""
WEIRD = """\
def typical(x):
    global last
    last = x
    return x * 2


def weird(xs):
    out = []
    for x in xs:
        out.append(typical(x))
    return out
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "calc.py").write_text(CALC)
    (folder / "script.py").write_bytes(SCRIPT.replace("\n", "\r\n").encode())
    (folder / "weird.py").write_text(WEIRD)
    return folder


def job(folder: Path) -> Job:
    return Job([folder], root=folder, policy=Policy(unsafe=True))


@pytest.fixture(scope="module")
def proposals(project: Path) -> Iterator[tuple[list[Draft], judge.Judge]]:
    """What `fix` proposes, found out once and without timing, which is most of the verifier's work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "verify", partial(judge.verify, timing=False))
        found = fixed(job(project), lambda *_: None)
        patch.setattr(scaffolds, "fixed", lambda *_: found)
        yield found


def scaffold(folder: Path, force: bool = False) -> dict[str, Written]:
    written, problems = write_scaffolds(job(folder), Wanted(folder / "tests", force), lambda *_: None)
    assert problems == []
    return {Path(w.name).name: w for w in written}


@pytest.fixture(scope="module")
def written(project: Path, proposals: object) -> dict[str, Written]:
    return scaffold(project)


def text_of(project: Path, name: str) -> str:
    return (project / "tests" / name).read_text()


PARTS, FEES = "test_shop_calc_Tape_parts_27.py", "test_shop_calc_fees_35.py"
LOOP, TAKEN = "test_script_module_5.py", "test_weird_weird_9.py"


def test_one_file_for_each_proposal(project: Path, written: dict[str, Written]) -> None:
    assert sorted(written) == sorted([PARTS, FEES, LOOP, TAKEN])
    assert {name: w.imported for name, w in written.items()} == {PARTS: True, FEES: True, LOOP: False, TAKEN: False}
    assert {name: bool(w.todo) for name, w in written.items()} == {PARTS: False, FEES: False, LOOP: False, TAKEN: True}
    assert (project / "tests" / "conftest.py").is_file()


def test_the_original_is_kept_with_what_it_needs_and_its_comments(project: Path, written: dict[str, Written]) -> None:
    text = text_of(project, FEES)
    assert "RATE = 0.25  # a share\n\n\ndef _original_fees(orders: pd.DataFrame, *, factor: float = 2.0)" in text
    text = text_of(project, PARTS)
    assert "    # no range: half of it\n" in text and "            # one bar\n" in text
    assert "_original_parts = Tape.parts" in text and "def unrelated" not in text
    assert "module.Tape.parts" in text and 'testing.load("../shop/calc.py", __file__)' in text


def test_a_script_is_not_imported(project: Path, written: dict[str, Written]) -> None:
    text = text_of(project, LOOP)
    assert "testing.load" not in text and "read_csv" not in text
    assert "def _original_loop(" in text and "def _rewritten_loop(" in text and "        # in dollars\n" in text


def test_the_docstring_names_rule_place_versions_and_assumptions(project: Path, written: dict[str, Written]) -> None:
    text = text_of(project, FEES)
    plain = " ".join(text.split())
    assert "DL102 iloc-arithmetic" in plain and "(shop/calc.py, line 35)" in plain
    assert re.search(r"verified it with pandas \S+, NumPy \S+, Python \S+ on \S.*?\.", plain)
    assert "the tests pass trivially; from then on they compare" in plain
    assert "- numeric-columns:" in plain


def test_what_cannot_be_made_is_a_skipped_test_with_a_todo(project: Path, written: dict[str, Written]) -> None:
    text = text_of(project, TAKEN)
    assert "# TODO: make inputs" in text and 'pytest.skip("TODO: the code has its own typical")' in text


def test_the_same_bytes_again_and_edits_stay(project: Path, written: dict[str, Written]) -> None:
    before = {name: text_of(project, name) for name in written}
    (project / "tests" / FEES).write_text(before[FEES] + "# mine\n")
    (project / "tests" / LOOP).write_text(before[LOOP].replace("\n", "\r\n"), newline="")
    (project / "tests" / PARTS).unlink()
    again = scaffold(project)
    assert {n: w.state for n, w in again.items()} == {
        FEES: "kept", LOOP: "written", PARTS: "written", TAKEN: "unchanged",
    }  # fmt: skip
    states = {n: w.state for n, w in scaffold(project).items()}
    assert states == {FEES: "kept", LOOP: "unchanged", PARTS: "unchanged", TAKEN: "unchanged"}
    assert text_of(project, FEES).endswith("# mine\n")
    assert {n: w.state for n, w in scaffold(project, force=True).items()}[FEES] == "written"
    for name in written:
        assert unmeasured(text_of(project, name)) == unmeasured(before[name])


def unmeasured(text: str) -> str:
    """What another run may measure differently, and the hash over it."""
    return re.sub(r",\s*at_least=\d+|\A.*\n", "", text)


def test_scaffolds_are_not_looked_at_themselves(project: Path, written: dict[str, Written]) -> None:
    files, problems = find_files(job(project))
    assert not problems and not [name for name, _ in files if Path(name).name in written]


def test_standalone_tests_need_no_deloop(project: Path, proposals: object, tmp_path: Path) -> None:
    tests = project / "alone"
    written, problems = write_scaffolds(job(project), Wanted(tests, standalone=True), lambda *_: None)
    assert problems == [] and len(written) == 4
    assert not [f for f in tests.glob("*.py") if re.search(r"^(from|import) deloop\b", f.read_text(), re.MULTILINE)]
    assert {str(f.relative_to(tests)) for f in (tests / PACKAGE).rglob("*.py")} == set(support())
    assert not [name for name, _ in find_files(job(project))[0] if PACKAGE in name]
    done = subprocess.run(
        [sys.executable, "-S", "-c", WITHOUT_DELOOP, str(tests)],
        cwd=project, capture_output=True, text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout) and "failed" not in done.stdout


#: Runs pytest where no import finds deloop.
WITHOUT_DELOOP = """
import sys
sys.modules["deloop"] = None
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-m", "not benchmark", sys.argv[1]]))
"""


def run(project: Path, names: str = "test_*.py") -> dict[str, str]:
    files = sorted((project / "tests").glob(names))
    return {Path(r.name).name: str(r).split(": ", 1)[1] for r in run_scaffolds(files, job(project))}


def test_they_pass_before_and_after_and_fail_when_the_new_version_is_wrong(
    project: Path, written: dict[str, Written], proposals: tuple[list[Draft], judge.Judge]
) -> None:
    before = run(project)
    write_all(*proposals, Journal(job(project), "fix --write"))
    calc = project / "shop" / "calc.py"
    assert calc.read_text() != CALC
    after = run(project)
    assert before == after
    assert all(re.fullmatch(r"\d+ passed", after[name]) for name in (PARTS, FEES, LOOP))
    assert after[TAKEN] == "1 skipped (TODO: the code has its own typical)"
    calc.write_text(calc.read_text().replace("* factor + RATE", "* factor - RATE"))
    wrong = run(project, FEES)
    assert re.match(
        r"\d+ passed, \d+ failed: test_typical\[1\]: fees does not do what _original_fees does", wrong[FEES]
    )


def test_the_benchmark_prints_ratios(project: Path, written: dict[str, Written]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-m", "benchmark", f"tests/{LOOP}"],
        cwd=project, capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"50 rows: [\d.]+x\n +1,000 rows: [\d.]+x", done.stdout)
    assert "warning" not in done.stdout


def test_slower_than_expected_fails() -> None:
    def slow(n: int) -> int:
        return sum(range(n * 200))

    def fast(n: int) -> int:
        return n

    testing.assert_faster(slow, fast, lambda n: (n,), at_least=2)
    with pytest.raises(AssertionError, match=r"slow is \S+x as fast as it was at [0-9,]+ rows, not 2x"):
        testing.assert_faster(fast, slow, lambda n: (n,), at_least=2)
    with pytest.raises(unittest.SkipTest, match="not applied yet"):
        testing.assert_faster(fast, fast, lambda n: (n,), at_least=2)


def test_what_is_asked_for_is_asked_of_many_rows_also_where_they_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(n: int) -> int:
        return n

    def fast(n: int) -> int:
        return n + 1 - 1

    seconds = {(slow, 50): 0.5, (fast, 50): 0.3, (slow, 1_000): 10.0, (fast, 1_000): 0.3}
    monkeypatch.setattr(testing, "_median", lambda function, given, keywords: seconds[function, given[0]])
    testing.assert_faster(slow, fast, lambda n: (n,), at_least=30)
    with pytest.raises(AssertionError, match=r"33\.3x as fast as it was at 1,000 rows, not 40x"):
        testing.assert_faster(slow, fast, lambda n: (n,), at_least=40)
