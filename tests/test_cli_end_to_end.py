"""The real command from end to end: engine, verifier, files. Slow, so there is little of it."""

import json
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from command_help import deloop

SOURCE = '''\
"""Order book."""
import numpy as np
import pandas as pd


def mid(quotes: pd.DataFrame):
    out = []
    for i in range(len(quotes)):
        # half way
        out.append((quotes["bid"].iloc[i] + quotes["ask"].iloc[i]) / 2)
    return np.array(out)


def show(quotes: pd.DataFrame):
    for _, row in quotes.iterrows():
        print(row["bid"])
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "book.py").write_text(SOURCE)
    return tmp_path


def test_unsafe_fix_is_array_code_and_a_second_run_changes_nothing(folder: Path) -> None:
    command = [sys.executable, "-m", "deloop", "fix", "--unsafe", "--write"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "verified on" in done.stderr
    after = (folder / "book.py").read_text()
    assert "for i in range" not in after
    assert "# half way" in after
    assert after.endswith(SOURCE[SOURCE.index("def show") :])
    again = deloop(folder, "fix", "--unsafe", "--write")
    assert (again.returncode, again.stdout) == (0, "")
    assert (folder / "book.py").read_text() == after


def test_verify_gives_evidence_for_every_form(folder: Path) -> None:
    done = deloop(folder, "verify", "--output-format", "json", timing=True)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    (row,) = report["findings"]
    assert row["function"] == "mid"
    verified = [form for form in row["forms"] if form["evidence"]["verdict"] == "verified"]
    assert verified
    assert all(form["evidence"]["speedups"] for form in verified)


def test_review_on_a_terminal(folder: Path) -> None:
    words = ["-m", "deloop", "fix", "--diff", "--unsafe"]
    child = pexpect.spawn(sys.executable, words, cwd=str(folder), encoding="utf-8", timeout=60, dimensions=(24, 80))
    child.expect(r"\[y,n,a,d,s,e,u,q,\?\] ")
    child.sendline("y")
    child.expect("1 applied, 0 left")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "for i in range" not in (folder / "book.py").read_text()
