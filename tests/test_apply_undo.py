"""`deloop apply` and `deloop undo`: what is written, what is refused and why, and that it all can be taken back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import toy

SOURCE = """\
def first(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out


def second(xs):
    out = []
    for x in xs:
        out.append(x + 3)
    return out
"""
AFTER = """\
def first(xs):
    out = [x * 2 for x in xs]
    return out


def second(xs):
    out = [x + 3 for x in xs]
    return out
"""
#: Latin-1 with a cookie, CRLF, a form feed, a tab, no end of the last line.
ODD = ("# coding: latin-1\r\n" + SOURCE.replace("\n", "\r\n") + "\x0c\r\nname = '\xe4'\t# \xf6").encode("latin-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def patch_of(folder: Path, *words: str) -> Path:
    file = folder.parent / f"{folder.name}.patch"
    file.write_bytes(toy.call(["fix", *words], folder).out)
    return file


def apply(folder: Path, *words: object) -> toy.Done:
    return toy.call(["apply", *map(str, words)], folder)


def undo(folder: Path, *words: str) -> toy.Done:
    return toy.call(["undo", *words], folder)


# ---- apply


def test_what_fix_printed_is_applied_and_undone(folder: Path) -> None:
    (folder / "odd.py").write_bytes(ODD)
    patch = patch_of(folder)
    done = apply(folder, patch)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == ["a.py: 1 change, written", "odd.py: 1 change, written", "2 files changed."]
    assert (folder / "a.py").read_text() == AFTER
    new = (folder / "odd.py").read_bytes()
    assert new.endswith(b"\x0c\r\nname = '\xe4'\t# \xf6") and b"[x * 2 for x in xs]\r\n" in new
    assert b"\n" not in new.replace(b"\r\n", b"")
    undone = undo(folder)
    assert undone.returncode == 0
    assert undone.stderr.splitlines()[:2] == ["a.py: is as it was before", "odd.py: is as it was before"]
    assert (folder / "a.py").read_text() == SOURCE
    assert (folder / "odd.py").read_bytes() == ODD


def test_offsets_are_told(folder: Path) -> None:
    patch = patch_of(folder)
    (folder / "a.py").write_text("# one\n# two\n" + SOURCE)
    done = apply(folder, patch)
    assert done.returncode == 0
    assert "    expected at line 2, put at line 4 (2 lines further down)" in done.stderr.splitlines()
    assert (folder / "a.py").read_text() == "# one\n# two\n" + AFTER


def test_a_conflict_is_named_and_the_file_left_whole(folder: Path) -> None:
    (folder / "b.py").write_text(SOURCE)
    patch = patch_of(folder)
    changed = SOURCE.replace("x + 3", "x + 4")
    (folder / "a.py").write_text(changed)
    done = apply(folder, patch)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "a.py:11: conflict: the patch expects `out.append(x + 3)`, the file has `out.append(x + 4)`",
        "b.py: 1 change, written",
        "1 file changed, 1 left as it was.",
    ]
    assert (folder / "a.py").read_text() == changed, "nor its first half"
    assert (folder / "b.py").read_text() == AFTER


def test_applied_twice(folder: Path) -> None:
    patch = patch_of(folder)
    assert apply(folder, patch).returncode == 0
    again = apply(folder, patch)
    assert again.returncode == 1
    assert again.stderr.startswith("a.py:2: conflict: the change is there already")
    assert (folder / "a.py").read_text() == AFTER


def test_check_writes_nothing(folder: Path) -> None:
    patch = patch_of(folder)
    done = apply(folder, "--check", patch)
    assert (done.returncode, done.stderr) == (0, "a.py: 1 change\n1 file would be changed.\n")
    assert (folder / "a.py").read_text() == SOURCE
    assert not (folder / ".deloop").exists()
    assert apply(folder, "--check", patch, patch).returncode == 1


def test_standard_input(folder: Path) -> None:
    patch = patch_of(folder)
    command = [sys.executable, str(Path(toy.__file__)), "apply", "-"]
    done = subprocess.run(command, cwd=folder, input=patch.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"a.py: 1 change, written\n1 file changed.\n")
    assert (folder / "a.py").read_text() == AFTER


@pytest.mark.parametrize(
    "name", ["../outside.py", "sub/../../outside.py", "/etc/outside.py", ".git/hooks/x", "link.py"]
)
def test_nothing_outside_the_project_is_touched(folder: Path, name: str) -> None:
    outside = folder.parent / "outside.py"
    outside.write_text("old\n")
    (folder / "link.py").symlink_to(outside)
    patch = folder.parent / "bad.patch"
    patch.write_text(f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-old\n+new\n")
    done = apply(folder, patch)
    assert done.returncode == 2
    assert "out of the project" in done.stderr or "outside of the project" in done.stderr
    assert outside.read_text() == "old\n"


def test_from_a_folder_of_the_repository(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    patch = patch_of(folder)
    sub = folder / "sub"
    sub.mkdir()
    done = apply(sub, patch)
    assert done.returncode == 0, done.stderr
    assert (folder / "a.py").read_text() == AFTER


def test_a_new_file_is_made_and_undone(folder: Path) -> None:
    patch = folder.parent / "new.patch"
    patch.write_text("--- /dev/null\n+++ b/sub/new.py\n@@ -0,0 +1 @@\n+new = 1\n")
    assert apply(folder, patch).stderr == "sub/new.py: new file, written\n1 file changed.\n"
    assert (folder / "sub" / "new.py").read_text() == "new = 1\n"
    again = apply(folder, patch)
    assert again.returncode == 2
    assert "sub/new.py: is there already" in again.stderr
    assert "sub/new.py: is removed" in undo(folder).stderr
    assert not (folder / "sub" / "new.py").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"no patch\n", "bad.patch: there is no change of a file in it"),
        (b"--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-x\n+y\n", "none.py: no such file"),
    ],
)
def test_what_can_not_be_used(folder: Path, text: bytes, said: str) -> None:
    patch = folder.parent / "bad.patch"
    patch.write_bytes(text)
    done = apply(folder, patch)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_patch_that_is_not_there(folder: Path) -> None:
    done = apply(folder, "none.patch")
    assert (done.returncode, done.stderr) == (2, "deloop: none.patch: No such file or directory\n")


# ---- undo


def test_nothing_to_undo(folder: Path) -> None:
    assert undo(folder).stderr.startswith("Nothing to undo")
    assert undo(folder, "--list").stdout == ""


def test_write_is_undone_byte_for_byte_run_by_run(folder: Path) -> None:
    (folder / "odd.py").write_bytes(ODD)
    assert toy.call(["fix", "--write", "a.py"], folder).returncode == 0
    assert toy.call(["fix", "--write", "odd.py"], folder).returncode == 0
    listed = undo(folder, "--list").stdout.splitlines()
    assert [line.split("deloop ")[1] for line in listed[::2]] == ["fix --write: 1 file"] * 2
    assert listed[1].strip().startswith("odd.py: DL201 list-comprehension, line 4 in first; DL201")
    assert undo(folder).returncode == 0
    assert (folder / "odd.py").read_bytes() == ODD and (folder / "a.py").read_text() == AFTER
    assert undo(folder).returncode == 0
    assert (folder / "a.py").read_text() == SOURCE
    assert undo(folder).stderr.startswith("Nothing to undo")
    assert all("undone" in line for line in undo(folder, "--list").stdout.splitlines()[::2])


def test_undo_from_a_folder_below(folder: Path) -> None:
    toy.call(["fix", "--write"], folder)
    (folder / "sub").mkdir()
    assert undo(folder / "sub").returncode == 0
    assert (folder / "a.py").read_text() == SOURCE


def test_undo_leaves_what_is_around_the_repository_alone(folder: Path) -> None:
    toy.call(["fix", "--write"], folder)
    inner = folder / "other"
    inner.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=inner, check=True)
    assert undo(inner).stderr.startswith("Nothing to undo")
    assert (folder / "a.py").read_text() == AFTER


def test_a_file_that_was_changed_since_keeps_what_was_changed(folder: Path) -> None:
    toy.call(["fix", "--write"], folder)
    (folder / "a.py").write_text("# mine\n" + AFTER + "# more\n")
    done = undo(folder)
    assert done.returncode == 0
    assert "a.py: was changed since; only the lines of the run are undone, at line" in done.stderr
    assert (folder / "a.py").read_text() == "# mine\n" + SOURCE + "# more\n"


def test_what_does_not_fit_is_named_and_can_be_undone_later(folder: Path) -> None:
    (folder / "b.py").write_text(SOURCE)
    toy.call(["fix", "--write"], folder)
    changed = AFTER.replace("x + 3 for", "x + 33 for")
    (folder / "a.py").write_text(changed)
    done = undo(folder)
    assert done.returncode == 1
    assert "a.py:7: was changed since; not undone: the patch expects `out = [x + 3 for x in xs]`" in done.stderr
    assert "b.py: is as it was before" in done.stderr
    assert (folder / "a.py").read_text() == changed and (folder / "b.py").read_text() == SOURCE
    (folder / "a.py").write_text(AFTER)
    assert undo(folder).returncode == 0
    assert (folder / "a.py").read_text() == SOURCE


def test_a_function_that_is_undone_is_no_longer_rewritten(folder: Path) -> None:
    toy.call(["fix", "--write"], folder)
    noted = folder / ".deloop" / "applied.json"
    assert len(json.loads(noted.read_text())["rewritten"]) == 2
    undo(folder)
    assert json.loads(noted.read_text())["rewritten"] == []


def test_a_file_that_is_gone(folder: Path) -> None:
    toy.call(["fix", "--write"], folder)
    (folder / "a.py").unlink()
    done = undo(folder)
    assert done.returncode == 1
    assert "a.py: can't be undone: No such file or directory" in done.stderr


def test_a_write_that_failed_leaves_nothing_to_undo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.py")
    assert toy.call(["fix", "--write"], folder).returncode == 2
    assert undo(folder, "--list").stdout == ""


def test_old_runs_are_forgotten(folder: Path) -> None:
    for number in range(33):
        (folder / "a.py").write_text(SOURCE.replace("x * 2", f"x * {number}"))
        toy.call(["fix", "--write"], folder)
    assert len(undo(folder, "--list").stdout.splitlines()) == 60
