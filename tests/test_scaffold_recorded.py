"""Scaffolds on recorded inputs, and on the inputs that refuted other forms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from recording_help import FLOW, deloop, files

from deloop.commands.app import job_of
from deloop.equivalence.model import Counterexample, Evidence, Trial, Verdict
from deloop.equivalence.scaffold_inputs import smallest_cases
from deloop.proposals import judge
from deloop.proposals.scaffolds import Wanted, write_scaffolds

MAIN = """\
import pandas as pd
from flow import Book, total

print(Book([1.5, 2.5]).costs(2), total(pd.DataFrame({"a": [1, 2]})))
"""


def run_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was recorded, with tests on what was."""
    folder = files(tmp_path_factory.mktemp("shop"), {"flow.py": FLOW, "main.py": MAIN})
    assert deloop("record", "--", sys.executable, "main.py", cwd=folder).returncode == 0
    written = deloop("scaffold", "--unsafe", "--output", "tests", cwd=folder)
    assert "tests/test_flow_total_20_recorded.py: runs the outlined loop on what was recorded" in written.stderr
    for test in (folder / "tests").glob("test_*.py"):
        if not test.stem.endswith("_recorded"):
            test.unlink()
    return folder


def test_the_tests_run_on_what_was_recorded_before_and_after_the_rewrite(recorded: Path) -> None:
    assert "2 passed" in run_tests(recorded).stdout
    assert deloop("fix", "--write", "--unsafe", cwd=recorded).returncode == 0
    assert ".iloc" not in (recorded / "flow.py").read_text()
    assert "2 passed" in run_tests(recorded).stdout


def test_the_data_is_not_in_the_tests_and_a_wrong_version_is_found_by_it(recorded: Path) -> None:
    test = recorded / "tests" / "test_flow_total_20_recorded.py"
    text = test.read_text()
    assert "pickle" not in text and "DataFrame(" not in text
    test.write_text(text.replace(".values * 2 + 1", ".values * 2 + 2"))
    assert "_rewritten_total does not do what _original_total does" in run_tests(recorded).stdout
    (recorded / ".deloop").rename(recorded / "elsewhere")
    assert "2 skipped" in run_tests(recorded).stdout
    (recorded / "elsewhere").rename(recorded / ".deloop")
    test.write_text(text)


def test_the_inputs_that_refute_other_forms_become_cases() -> None:
    found = [
        ("DL101 vector", "df = pd.DataFrame({'a': [1.5]})\nlimit = 3"),
        ("DL103 vector", "df = pd.DataFrame({'a': [1.5"),
        ("DL104 vector", "row = 3"),
    ]
    cases = smallest_cases(("limit", "df"), found)
    assert cases == {"DL101 vector": "(3, pd.DataFrame({'a': [1.5]}))"}


def test_a_form_that_was_refuted_leaves_its_input_in_the_tests_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Counterexample("frame = pd.DataFrame({'a': [1.5, np.nan]})", "", "", ("value:nan",))
    real = judge.verify

    def refuting(trials: Sequence[Trial], python: str | None = None) -> Iterator[tuple[str, Evidence]]:
        for (key, evidence), trial in zip(real(trials, python=python), trials, strict=True):
            wrong = "values * 2" in trial.after
            yield key, Evidence(Verdict.REFUTED, counterexample=found) if wrong else evidence

    monkeypatch.setattr(judge, "verify", refuting)
    folder = files(tmp_path, {"flow.py": FLOW})
    monkeypatch.chdir(folder)
    written, _ = write_scaffolds(job_of([Path("flow.py")], {"unsafe": True}), Wanted(Path("tests")), lambda *_: None)
    (name,) = [w.name for w in written if "total" in w.name]
    text = (folder / name).read_text()
    assert '"DL102 vector": lambda: (pd.DataFrame({"a": [1.5, np.nan]}),),' in text
    assert "test_smallest" in text and "passed" in run_tests(folder).stdout
