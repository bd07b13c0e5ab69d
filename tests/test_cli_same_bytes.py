"""Two runs give the same bytes, and what was written once is not changed again: the real command on many files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import command_help
import harness
import pytest
from command_help import deloop
from conftest import ALL, ROOT, share

#: The example with loops in a loop takes as long to verify as all the others.
LONGEST = "trade_context.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some examples and the shortest fixtures, in one folder: three runs over all of them take minutes."""
    folder = tmp_path_factory.mktemp("files")
    for file in share(sorted((ROOT / "examples").glob("*.py")), 12):
        if file.name != LONGEST:
            shutil.copy(file, folder / file.name)
    fixtures = sorted(harness.FIXTURES.glob("DL*/*_before.py"), key=lambda file: (file.stat().st_size, file))
    for file in fixtures if ALL else fixtures[:4]:
        shutil.copy(file, folder / f"{file.parent.name}_{file.name}")
    return folder


def elsewhere(folder: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    """The command in another process, in which sets have another order."""
    command = [sys.executable, command_help.__file__, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=600)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.mark.parametrize("words", [(), ("--unsafe",)], ids=["safe", "unsafe"])
def test_three_runs_agree(files: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """The diff of one run is what the next one writes, and a third one finds nothing to do."""
    shown, written = tmp_path / "shown", tmp_path / "written"
    for folder in (shown, written):
        shutil.copytree(files, folder)
    diff = elsewhere(shown, "fix", *words)
    assert (diff.returncode, diff.stdout[:4]) == (1, b"--- ")
    assert deloop(written, "fix", "--write", *words).returncode == 0
    subprocess.run(["git", "apply", "-"], cwd=shown, input=diff.stdout, check=True)
    result = contents(written)
    assert contents(shown) == result
    again = deloop(written, "fix", "--write", *words)
    assert (again.returncode, again.stdout) == (0, "")
    assert contents(written) == result


def test_remarks_do_not_depend_on_hashes(tmp_path: Path) -> None:
    """Sets of texts and of nodes have another order in each process."""
    for file in share(sorted(harness.FIXTURES.glob("DL*/*_before.py")), 8):
        shutil.copy(file, tmp_path / f"{file.parent.name}_{file.name}")
    temporaries = "".join(f"        t{k} = x * {k} + len(xs)\n" for k in range(9))
    total = " + ".join(f"t{k}" for k in range(9))
    body = f"{temporaries}        one.append({total})\n        two.append(-({total}))\n"
    text = f"def f(xs):\n    one, two = [], []\n    for x in xs:\n{body}    return one, two\n"
    (tmp_path / "shared.py").write_text(text, encoding="utf-8")
    outputs = set()
    for seed in "123":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "deloop", "check", "--output-format", "json", "."]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=600)
        assert done.returncode == 1
        outputs.add(done.stdout)
    assert len(outputs) == 1
