"""`deloop fix` and `deloop verify`: what is printed, what is written, exit statuses; on stand-ins for the engine."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import toy

SOURCE = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""
AFTER = """\
def double(xs):
    out = [x * 2 for x in xs]
    return out
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def test_the_diff_goes_to_stdout_and_applies(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "b.py").write_bytes(SOURCE.replace("\n", "\r\n").encode())
    done = toy.call(["fix"], folder)
    assert done.returncode == 1
    assert (folder / "a.py").read_text() == SOURCE
    assert done.stderr.splitlines() == [
        "a.py:3: DL201 list-comprehension: comprehension, safe, "
        "verified on 84 inputs (4 where both raise), 1.2x at 50, 38x at 20,000",
        "sub/b.py:3: DL201 list-comprehension: comprehension, safe, "
        "verified on 84 inputs (4 where both raise), 1.2x at 50, 38x at 20,000",
        "2 proposals in 2 files. Nothing was written: --write applies them, --diff reviews them one by one, "
        "--branch commits them.",
    ]
    subprocess.run(["git", "apply", "-"], cwd=folder, input=done.out, check=True)
    assert (folder / "a.py").read_text() == AFTER
    assert (folder / "sub" / "b.py").read_bytes() == AFTER.replace("\n", "\r\n").encode()


def test_write_and_a_second_run(folder: Path) -> None:
    done = toy.call(["fix", "--write"], folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 proposal in 1 file, written." in done.stderr
    assert (folder / "a.py").read_text() == AFTER
    again = toy.call(["fix", "--write"], folder)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "No proposals.\n")
    assert (folder / "a.py").read_text() == AFTER


def test_unsafe(folder: Path) -> None:
    done = toy.call(["fix", "--unsafe"], folder)
    assert b"np.asarray(xs) * 2" in done.out
    assert "vector, assumes no-overflow" in done.stderr


def test_assume_in_the_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.deloop]\nassume = ["no-overflow"]\n')
    assert b"np.asarray(xs) * 2" in toy.call(["fix"], folder).out


def test_min_speedup_in_the_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.deloop]\nmin-speedup = 40\n")
    done = toy.call(["fix"], folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "comprehension not offered: measured 38x at 20,000 elements, less than 40x" in done.stderr


def test_what_is_held_back_is_said(folder: Path) -> None:
    done = toy.call(["fix"], folder, answers=[("for x", "unverified", {"reason": "`helper` is not known"})])
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "a.py:3: DL102 iloc-arithmetic: vector assumes no-overflow; apply it with --unsafe",
        "a.py:3: DL201 list-comprehension: comprehension unverified: `helper` is not known; apply it with --unverified",
        "No proposals.",
        "  1 more with an assumption (--unsafe), 1 could not be verified (--unverified).",
    ]


def test_unverified_on_request(folder: Path) -> None:
    done = toy.call(["fix", "--unverified", "--write"], folder, answers=[("for x", "unverified", {})])
    assert done.returncode == 0
    assert "unverified: `helper` is not known" in done.stderr
    assert (folder / "a.py").read_text() == AFTER


def test_refuted_is_called_a_bug_and_never_offered(folder: Path) -> None:
    refuted = [("x", "refuted", {})]
    done = toy.call(["fix", "--unsafe", "--unverified", "--write"], folder, answers=refuted)
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "a.py").read_text() == SOURCE
    assert done.stderr.count("form refuted: a bug of deloop, please report") == 2
    for line in ("    with: xs = [1]", "    the loop gives: [2]", "    the rewrite gives: [3]"):
        assert line in done.stderr.splitlines()


def test_a_file_that_changed_meanwhile_is_not_overwritten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b.py").write_text(SOURCE)

    def answer(self: toy.Verifier, trial: object) -> toy.Evidence:
        (folder / "a.py").write_text("mine = 1\n")
        return toy.evidence(toy.Verdict.VERIFIED)

    monkeypatch.setattr(toy.Verifier, "_answer", answer)
    done = toy.call(["fix", "--write"], folder)
    assert done.returncode == 2
    assert "a.py: was changed by someone else since it was read; not written" in done.stderr
    assert (folder / "a.py").read_text() == "mine = 1\n"
    assert (folder / "b.py").read_text() == AFTER, "the rest is done"


def test_a_read_only_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the system's answer for a file without write permission; root would be allowed all the same
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.py")
    (folder / "b.py").write_text(SOURCE)
    done = toy.call(["fix", "--write"], folder)
    assert done.returncode == 2
    assert "a.py: can't be written: it is read-only" in done.stderr
    assert (folder / "a.py").read_text() == SOURCE
    assert (folder / "b.py").read_text() == AFTER
    assert sorted(p.name for p in folder.iterdir()) == [".deloop", "a.py", "b.py"], "no temporary file is left"


def test_a_disk_that_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = toy.call(["fix", "--write"], folder)
    assert done.returncode == 2
    assert "a.py: can't be written: No space left on device" in done.stderr
    assert (folder / "a.py").read_text() == SOURCE
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["a.py", ".gitignore"], "nor a temporary file"
    assert "what was written can't be undone" in done.stderr


def test_an_interpreter_that_is_not_there(folder: Path) -> None:
    done = toy.call(["fix", "--python", "no-such-python"], folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("deloop: no Python")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_outside_the_current_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    done = toy.call(["fix", str(folder / "a.py")], other)
    assert done.stdout.startswith(f"--- a{folder}/a.py\n")
    assert f"{folder}/a.py:3: DL201" in done.stderr


def test_verify_prints_the_evidence(folder: Path) -> None:
    done = toy.call(["verify"], folder, answers=[("asarray", "refuted", {})])
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "a.py:3: DL102 iloc-arithmetic [medium] in double",
        "  - DL102 vector: refuted after 84 inputs (4 where both raise)",
        "      unsafe, assumes: integer results fit in 64 bits "
        "(a loop over Python ints never overflows): xs [no-overflow]",
        "      inputs: empty, one row",
        "      speed: 1.2x at 50, 38x at 20,000",
        "      not offered: a bug of deloop, please report: its rewrite was refuted",
        "      with: xs = [1]",
        "      the loop gives: [2]",
        "      the rewrite gives: [3]",
        "  * DL201 comprehension: verified on 84 inputs (4 where both raise)",
        "      safe",
        "      inputs: empty, one row",
        "      speed: 1.2x at 50, 38x at 20,000",
    ]
    assert done.stderr == "1 site: 1 verified, 1 refuted.\n"
    assert toy.call(["verify"], folder).returncode == 0


def test_verify_in_json(folder: Path) -> None:
    done = toy.call(["verify", "--output-format", "json"], folder, answers=[("x", "refuted", {})])
    (row,) = json.loads(done.stdout)["findings"]
    assert (row["status"], row["reason"]) == ("refused", "refuted")
    assert "a bug of deloop, please report" in row["message"]
    assert row["evidence"]["counterexample"] == {"inputs": "xs = [1]", "before": "[2]", "after": "[3]"}
    (row,) = json.loads(toy.call(["verify", "--output-format", "json"], folder).stdout)["findings"]
    assert (row["status"], row["tier"], row["safe"]) == ("proposal", "comprehension", True)
    assert row["evidence"]["verdict"] == "verified"
    assert [form["outcome"] for form in row["forms"]] == ["unsafe", "chosen"]
