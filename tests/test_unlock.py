"""Retired API that hides a loop is brought up to date by `fix` itself, before the loop is rewritten."""

import subprocess
import sys
from pathlib import Path

import command_help
import pytest
from command_help import deloop

GROWING = """\
import pandas as pd


def table(names):
    found = pd.DataFrame()
    for name in names:
        found = found.append({"name": str(name)}, ignore_index=True)
    return found


def doubled(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""
#: Retired API outside of loops, and in a loop that stays a loop whatever it says.
ELSEWHERE = """\
import pandas as pd


def first(table: pd.DataFrame):
    return table.as_matrix()


def told(table: pd.DataFrame):
    for name, column in table.iteritems():
        print(name, column.sum())
"""


def git(folder: Path, *words: str) -> str:
    mine = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(["git", *mine, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "loop.py").write_text(GROWING)
    git(made, "init", "-q", "-b", "main")
    git(made, "config", "user.name", "a")
    git(made, "config", "user.email", "a@b")
    git(made, "add", ".")
    git(made, "commit", "-qm", "first")
    return made


def test_both_are_written(folder: Path) -> None:
    done = deloop(folder, "fix", "--write", "--unsafe", "loop.py")
    assert done.returncode == 0, done.stderr
    text = (folder / "loop.py").read_text()
    assert "for name in names:\n" not in text and text.count("pd.concat") == 1, "once, not once in each round"
    assert "loop.py:7: DL905 table-append: edit, " in done.stderr
    assert "loop.py:6: DL501 " in done.stderr


def test_the_diff_goes_all_the_way(folder: Path) -> None:
    done = deloop(folder, "fix", "--unsafe", "loop.py")
    assert "-    for name in names:" in done.stdout and done.stdout.count("concat") == 1


def test_on_a_branch_they_are_one_commit(folder: Path) -> None:
    done = deloop(folder, "fix", "--branch", "new", "--unsafe", "--with-scaffolds", ".")
    assert done.returncode == 0, done.stderr
    (one,) = git(folder, "log", "--format=%H", "--grep=DL501", "main..new").split()
    assert "DL905" in git(folder, "log", "-1", "--format=%B", one)
    git(folder, "switch", "-q", "new")
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    ran = subprocess.run(tests, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "skipped" not in ran.stdout, ran.stdout
    git(folder, "revert", "--no-edit", one)
    assert git(folder, "show", "HEAD:loop.py").startswith(GROWING[: GROWING.index("def doubled")])


def test_the_review_asks_for_the_edit_first(folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    words = [command_help.__file__, "fix", "--diff", "loop.py"]
    child = pexpect.spawn(sys.executable, words, cwd=str(folder), timeout=60, encoding="utf-8")
    for rule, answer in (("DL905", "y"), ("DL501", "y"), ("DL201", "q")):
        child.expect(rule)
        child.expect(r"\?\] ")
        child.sendline(answer)
    child.expect(pexpect.EOF)
    text = (folder / "loop.py").read_text()
    assert "found = found.append" not in text and "pd.concat([found, *pieces]" in text


def test_what_unlocks_nothing_is_left_to_modernize(folder: Path) -> None:
    (folder / "loop.py").write_text(ELSEWHERE)
    done = deloop(folder, "fix", "--write", "--unsafe", "loop.py")
    assert (done.returncode, (folder / "loop.py").read_text()) == (0, ELSEWHERE)
    assert "DL9" not in done.stderr


def test_rules_that_are_not_wanted_unlock_nothing(folder: Path) -> None:
    done = deloop(folder, "fix", "--unsafe", "--ignore", "DL9", "loop.py")
    assert "found.append" not in done.stdout and "[x * 2 for x in xs]" in done.stdout
