"""Diffs: `git apply` and unidiff both make the new bytes of the old ones."""

from __future__ import annotations

import random
import subprocess

import pytest

from deloop.sources.diffs import DiffError, check_diff, unified_diff


def git_apply(folder, name: str, diff: bytes, before: bytes) -> bytes:
    """The file after `git apply`, in a folder that is no repository."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(before)
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, input=diff, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + diff.decode("latin-1")
    return path.read_bytes()


NUMBERS = b"".join(b"%d\n" % number for number in range(100))
CASES = [
    (b"a\nb\nc\n", b"a\nB\nc\n"),
    (b"a\r\nb\r\nc", b"a\r\nb\r\nC\r\n"),
    (b"a\nb", b"a\nb\n"),
    (b"a\nb\n", b"a\nb"),
    (b"a\nb", b"x\na\nb"),
    (b"a", b""),
    (b"", b"a\n"),
    (b"x\n", b"y"),
    (b"a\x0bb\x0c\nc\xe2\x80\xa8d\n\x85e\n", b"a\x0bb\x0c\nc\xe2\x80\xa8D\n\x85e\n"),
    (b"a\rb\rc\nd\r\n", b"a\rb\rC\nd\r\n"),
    (b"\r\n\r\r\n\n", b"\r\n\r\n\n"),
    (b"\xff\xfe\x00\n1\n", b"\xff\xfe\x00\n2\n"),
    (b"-- a\n++ b\n@@ -1 +1 @@\n", b"-- a\n--- b\n+++ c\n"),
    (b"\\ No newline at end of file", b"\\ No newline at end of file\n"),
    (NUMBERS, NUMBERS.replace(b"3\n4\n", b"x\n").replace(b"50\n", b"").replace(b"99\n", b"99")),
    (b"same\n" * 30 + b"x\n" + b"same\n" * 30, b"same\n" * 29 + b"y\nz\n" + b"same\n" * 31),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_diffs_apply(tmp_path, before, after):
    diff = unified_diff("pkg/a.py", before, after)
    assert check_diff(diff, before, after) == after
    if b"\x00" not in before and before and after:
        assert git_apply(tmp_path, "pkg/a.py", diff, before) == after


def test_random_diffs_apply(tmp_path):
    rng = random.Random(1)
    pieces = [b"a\n", b"b\n", b"\n", b"c\r\n", b"d\x0c\n", b"e\r", b"    f\n", b"--- \n"]
    for number in range(250):
        lines = [rng.choice(pieces) for _ in range(rng.randint(1, 40))]
        changed = list(lines)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(changed) + 1)
            changed[at : at + rng.randint(0, 2)] = [rng.choice(pieces) for _ in range(rng.randint(0, 2))]
        before, after = b"".join(lines), b"".join(changed)
        diff = unified_diff("a.py", before, after)
        assert check_diff(diff, before, after) == after
        if number % 10 == 0 and before != after and after:
            assert git_apply(tmp_path, "a.py", diff, before) == after


@pytest.mark.parametrize("name", ["a.py", "a space/my file.py", 'quo"te.py', "ünïcode.py", "t\t.py", "back\\slash.py"])
def test_file_names_are_written_as_git_reads_them(tmp_path, name):
    diff = unified_diff(name, b"a\n", b"b\n")
    assert git_apply(tmp_path, name, diff, b"a\n") == b"b\n"
    assert check_diff(diff, b"a\n", b"b\n") == b"b\n"


def test_the_form_of_a_diff():
    assert unified_diff("/x/a.py", b"1\n2\n3\n4\n5\n", b"1\n2\n3\n4\n6") == (
        b"--- a/x/a.py\n+++ b/x/a.py\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+6\n\\ No newline at end of file\n"
    )
    assert unified_diff("a.py", b"1\n", b"1\n") == b""
    assert check_diff(b"", b"1\n", b"1\n") == b"1\n"


def test_a_diff_that_does_not_fit_is_an_error():
    diff = unified_diff("a.py", b"1\n2\n3\n", b"1\n2\n4\n")
    for broken, before, after in [
        (diff, b"1\nx\n3\n", None),
        (diff, b"1\n2\n3\n", b"1\n2\n5\n"),
        (diff[:-3], b"1\n2\n3\n", None),
        (diff + diff.replace(b"a.py", b"b.py"), b"1\n2\n3\n", None),
    ]:
        with pytest.raises(DiffError):
            check_diff(broken, before, after)
