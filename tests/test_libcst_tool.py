"""deloop's transforms as LibCST codemods, run by the real tool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_help import deloop

LOOP = """\
import numpy as np


def doubled(xs: list):
    out = []
    for x in xs:
        out.append(x * 2)  # twice
    return np.array(out)
"""
OLD = "import numpy as np\n\n\ndef blank(n):\n    return np.zeros(n, dtype=np.float)\n"


def tool(folder: Path, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "libcst.tool", "codemod", "--no-format", "-x", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=180, input=text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "loop.py").write_bytes(LOOP.replace("\n", "\r\n").encode())
        (tmp_path / name / "old.py").write_text(OLD)
    return tmp_path


def test_does_what_fix_does(folder: Path) -> None:
    deloop(folder, "fix", "--write", "one")
    done = tool(folder, "deloop.codemod.DeloopCommand", "two", "-j", "1")
    assert done.returncode == 0, done.stderr
    after = (folder / "one" / "loop.py").read_bytes()
    assert after != LOOP.replace("\n", "\r\n").encode()
    assert (folder / "two" / "loop.py").read_bytes() == after
    assert (folder / "two" / "old.py").read_text() == OLD
    assert "verified on" in done.stderr, "each rewrite is told with its evidence"


def test_modernizes(folder: Path) -> None:
    done = tool(folder, "deloop.codemod.ModernizeCommand", "one/old.py", "one/loop.py", "-j", "1")
    assert done.returncode == 0, done.stderr
    assert (folder / "one" / "old.py").read_text() == OLD.replace("np.float", "float")


def test_takes_options_and_shows_a_diff(folder: Path) -> None:
    done = tool(folder, "deloop.codemod.DeloopCommand", "one/loop.py", "-j", "1", "-u", "--select", "DL201")
    assert done.returncode == 0, done.stderr
    assert "-    for x in xs:" in done.stdout and (folder / "one" / "loop.py").read_bytes().count(b"for x in xs:") == 1
    done = tool(folder, "deloop.codemod.DeloopCommand", "one/loop.py", "-j", "1", "--ignore", "DL201,DL103,DL2")
    assert (folder / "one" / "loop.py").read_bytes() == LOOP.replace("\n", "\r\n").encode()


def test_reads_standard_input(folder: Path) -> None:
    done = tool(folder, "deloop.codemod.ModernizeCommand", "-", text=OLD)
    assert done.returncode == 0 and "dtype=float" in done.stdout


def test_what_does_not_parse_is_the_tool_s_to_tell(folder: Path) -> None:
    (folder / "one" / "bad.py").write_text("def (\n")
    done = tool(folder, "deloop.codemod.DeloopCommand", "one/bad.py", "-j", "1")
    assert done.returncode != 0
