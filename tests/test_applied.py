"""What is remembered of applied rewrites, and which of them the scaffolds test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import toy

from deloop.equivalence.scaffold_mark import about, about_line, is_unedited, sealed, with_result
from deloop.proposals.applied import Coverage, Rewritten, coverage
from deloop.proposals.gather import Job
from deloop.reports.scaffolds_text import coverage_lines

LOOP = "    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out\n"
SOURCE = f"def double(xs):\n{LOOP}\n\ndef again(xs):\n{LOOP}"


def test_the_first_line_says_what_a_run_showed() -> None:
    text = sealed(about_line("src/flow.py", "Flow.total") + "x = 1\n")
    assert about(text) == ("src/flow.py", "Flow.total") and about("x = 1\n") is None
    shown = with_result(with_result(text, "3 failed with pandas 2"), "3 passed with pandas 3")
    assert shown.startswith(text.split("\n")[0] + "; 3 passed with pandas 3\n# about")
    assert is_unedited(shown) and about(shown) == about(text)
    windows = with_result(text.replace("\n", "\r\n"), "1 passed")
    assert windows.split("\r\n")[0].endswith("; 1 passed") and is_unedited(windows) and about(windows) == about(text)


def test_coverage_names_what_has_no_test() -> None:
    one, other = Rewritten("a.py", "f"), Rewritten("a.py", "g")
    assert list(coverage_lines(Coverage(frozenset({one, other}), frozenset({one})))) == [
        "2 rewritten functions, 1 with a scaffold among these files; 1 without:",
        "  a.py:g",
    ]
    assert list(coverage_lines(Coverage(frozenset({one}), frozenset({one})))) == [
        "1 rewritten function, 1 with a scaffold among these files; 0 without."
    ]
    assert list(coverage_lines(Coverage(frozenset(), frozenset()))) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2}', '{"version": 1, "rewritten": [1]}'])
def test_a_damaged_note_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".deloop").mkdir()
    (tmp_path / ".deloop" / "applied.json").write_text(text)
    assert coverage(Job([tmp_path], root=tmp_path), []).rewritten == frozenset()


def test_verify_runs_scaffolds_keeps_what_they_showed_and_tells_what_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    tests = tmp_path / "tests" / "equivalence"
    assert toy.call(["scaffold"], tmp_path).returncode == 0
    (kept, gone) = sorted(tests.glob("test_*.py"))
    gone.unlink()
    assert "passed" not in kept.read_text().split("\n")[0]
    assert toy.call(["fix", "--write"], tmp_path).returncode == 0
    assert (tmp_path / ".deloop" / ".gitignore").read_text() == "*\n"
    done = toy.call(["verify"], tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert "2 rewritten functions, 1 with a scaffold among these files; 1 without:" in lines
    assert lines[-1] == f"  a.py:{'double' if 'again' in kept.name else 'again'}"
    first = kept.read_text().split("\n")[0]
    assert "; " in first and "passed" in first and "pandas" in first and is_unedited(kept.read_text())
    before = kept.read_bytes()
    data = json.loads(toy.call(["verify", "--output-format", "json"], tmp_path).stdout)
    assert [(row["failed"], row["passed"] > 3) for row in data["scaffolds"]] == [(0, True)]
    assert sorted((row["function"], row["tested"]) for row in data["rewritten"])[0][0] == "again"
    assert kept.read_bytes() == before  # the same run again changes nothing
