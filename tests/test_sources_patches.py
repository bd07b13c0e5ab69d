"""Patches of several files: read as git reads them, applied where their lines are now, else refused."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deloop.sources.diffs import DiffError, unified_diff
from deloop.sources.patches import Conflict, applied, read_patch, reversed_changes

TEXT = b"".join(b"line %d\n" % k for k in range(20))
LINES = st.lists(st.sampled_from([b"a\n", b"b\r\n", b"\n", b"\x0c\n", b"\xff\xe9 c\n", b"d\re\n"]), max_size=14)


def one(before: bytes, after: bytes) -> list[object]:
    (patch,) = read_patch(unified_diff("a.py", before, after))
    return list(patch.changes)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_patch_leads_there_and_back(old: list[bytes], new: list[bytes], cut: bool, cut_new: bool) -> None:
    before, after = b"".join(old), b"".join(new)
    before = before.removesuffix(b"\n") if cut else before
    after = after.removesuffix(b"\n") if cut_new else after
    if before == after:
        return
    (patch,) = read_patch(unified_diff("a.py", before, after))
    assert applied(before, patch.changes) == (after, [])
    assert applied(after, reversed_changes(patch.changes)) == (before, [])


def test_lines_that_moved_are_found_and_told() -> None:
    (patch,) = read_patch(unified_diff("a.py", TEXT, TEXT.replace(b"line 9\n", b"new\n").replace(b"line 18\n", b"")))
    data, moved = applied(b"x\ny\n" + TEXT, patch.changes)
    assert data == b"x\ny\n" + TEXT.replace(b"line 9\n", b"new\n").replace(b"line 18\n", b"")
    assert [(one.expected, one.found) for one in moved] == [(10, 12), (19, 21)]
    assert str(moved[0]) == "line 12 (2 lines further down)"


@pytest.mark.parametrize(
    ("changed", "line", "said"),
    [
        (TEXT.replace(b"line 8\n", b"line eight\n"), 9, "the patch expects `line 8`, the file has `line eight`"),
        (TEXT.replace(b"\n", b"\r\n"), 7, "the line ends otherwise than in the patch"),
        (TEXT.replace(b"line 9\n", b"new\n"), 10, "the change is there already"),
        (TEXT[: TEXT.index(b"line 11")], 12, "the file ends where the patch expects `line 11`"),
        (b"", 1, "the file ends where the patch expects `line 6`"),
        (b"x\n" + TEXT * 2, 10, "the change fits in 2 places (lines 8, 28), and not where it says"),
    ],
)
def test_conflicts_are_named(changed: bytes, line: int, said: str) -> None:
    (patch,) = read_patch(unified_diff("a.py", TEXT, TEXT.replace(b"line 9\n", b"new\n")))
    with pytest.raises(Conflict) as found:
        applied(changed, patch.changes)
    assert (found.value.line, str(found.value).startswith(said)) == (line, True), str(found.value)


def test_changes_out_of_order() -> None:
    (patch,) = read_patch(unified_diff("a.py", TEXT, TEXT.replace(b"line 3\n", b"").replace(b"line 17\n", b"")))
    with pytest.raises(Conflict, match="above the one before it") as found:
        applied(TEXT, patch.changes[::-1])
    assert found.value.line == 1


def test_a_change_without_lines_around_it_goes_only_where_it_says() -> None:
    (patch,) = read_patch(b"--- a/a.py\n+++ b/a.py\n@@ -30,0 +31,1 @@\n+new\n")
    with pytest.raises(Conflict, match="no lines around this change"):
        applied(TEXT, patch.changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no change of a file"),
        (b"hello\n", "no change of a file"),
        (b"--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n x\n", "can't be read as a patch"),
        (b"--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", "it deletes a.py"),
        (b"diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n", "it has `rename from"),
        (b"diff --git a/a b/a\nold mode 100644\nnew mode 100755\n", "it has `old mode"),
        (b"diff --git a/a b/a\nGIT binary patch\nliteral 1\n", "it has `GIT binary patch`"),
    ],
)
def test_what_is_not_applied(text: bytes, said: str) -> None:
    with pytest.raises(DiffError) as found:
        read_patch(text)
    assert said in str(found.value)


@pytest.mark.parametrize("name", ["a b.py", "sub/\xe4.py", 'quo"te.py', "tab\t.py", "back\\slash.py"])
def test_names_as_git_and_we_write_them(tmp_path: Path, name: str) -> None:
    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, check=True).stdout

    git("init", "--quiet")
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(TEXT)
    git("add", "--all")
    file.write_bytes(TEXT.replace(b"line 9\n", b"new\n"))
    for diff in (git("diff"), git("-c", "core.quotePath=false", "diff"), unified_diff(name, TEXT, file.read_bytes())):
        (patch,) = read_patch(diff)
        assert (patch.path, patch.is_new) == (name, False)
        assert applied(TEXT, patch.changes)[0] == file.read_bytes()


@settings(max_examples=25)
@given(st.lists(st.sampled_from(range(4, 14)), min_size=1, max_size=4, unique=True), st.integers(0, 3))
def test_as_git_applies_it(tmp_path_factory: pytest.TempPathFactory, changed: list[int], above: int) -> None:
    """Where git applies a patch, we do, with the same result (git wants short hunks at the ends of the file)."""
    folder = tmp_path_factory.mktemp("git")
    lines = [b"line %d\n" % k for k in range(18)]
    new = [b"" if k in changed and k % 3 else b"new\n" if k in changed else line for k, line in enumerate(lines)]
    diff = unified_diff("a.py", b"".join(lines), b"".join(new))
    shifted = b"top\n" * above + b"".join(lines)
    (folder / "a.py").write_bytes(shifted)
    subprocess.run(["git", "apply", "-"], input=diff, cwd=folder, check=True, env={**os.environ, "GIT_DIR": "none"})
    (patch,) = read_patch(diff)
    assert applied(shifted, patch.changes)[0] == (folder / "a.py").read_bytes()
