"""`fix --branch` and `fix --patch-dir`: sizes of commits, hooks, tests beside them, patches, the text of a PR."""

import subprocess
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import toy
from test_proposals_branch import SOURCE, Repo

OTHER = SOURCE.replace("first", "third").replace("second", "fourth")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.write("pkg/a.py", SOURCE)
    made.write("pkg/b.py", OTHER)
    made.commit()
    return made


def run(repo: Repo, command: str, *words: str) -> toy.Done:
    return toy.call([command, *words], repo.folder, repo.env)


def subjects(repo: Repo) -> list[str]:
    return repo.git("log", "--reverse", "--format=%s", "main..faster").splitlines()


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("proposal", ["DL201 list-comprehension in a.py"] * 2 + ["DL201 list-comprehension in b.py"] * 2),
        ("file", ["DL201 list-comprehension: 2 loops in a.py", "DL201 list-comprehension: 2 loops in b.py"]),
        ("rule", ["DL201 list-comprehension: 4 loops in 2 files"]),
        ("all", ["DL201 list-comprehension: 4 loops in 2 files"]),
    ],
)
def test_commit_per(repo: Repo, per: str, expected: list[str]) -> None:
    done = repo.fix("--branch", "faster", "--commit-per", per, ".")
    assert done.returncode == 0, done.stderr
    assert f"4 proposals in 2 files, committed on branch faster ({len(expected)} commit" in done.stderr
    assert subjects(repo) == expected
    text = repo.git("log", "--format=%B", "main..faster")
    assert text.count("Evidence: verified on 84 inputs") == 4
    assert text.count("Where: pkg/") == 4
    assert "[x * 2 for x in xs]" in repo.git("show", "faster:pkg/a.py")


def test_hooks_run_for_every_commit_on_what_is_committed(repo: Repo) -> None:
    log = repo.folder.parent / "hooks.log"
    repo.hook("pre-commit", f"git diff --cached --name-only >> {log}")
    repo.hook("commit-msg", "echo 'Reviewed-by: a hook' >> $1")
    assert repo.fix("--branch", "faster", "--commit-per", "file", ".").returncode == 0
    assert log.read_text().split() == ["pkg/a.py", "pkg/b.py"]
    assert repo.git("log", "--format=%B", "main..faster").count("Reviewed-by: a hook") == 2


def test_a_hook_that_reformats_what_is_committed(repo: Repo) -> None:
    """What a hook adds to one commit does not come back out in the next."""
    repo.hook("pre-commit", "echo '# formatted' >> pkg/a.py; git add pkg/a.py")
    done = repo.fix("--branch", "faster", "pkg/a.py")
    assert done.returncode == 0, done.stderr
    assert repo.git("show", "faster:pkg/a.py").endswith("# formatted\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--commit-per", "file", "."), "--commit-per needs --branch or --patch-dir"),
        (("--with-scaffolds", "--write", "."), "--with-scaffolds needs --branch or --patch-dir"),
        (("--pr-body", "x.md", "."), "--pr-body needs --write, --branch or --patch-dir"),
        (("--patch-dir", "x", "--write", "."), "exclude one another"),
        (("--branch", "faster", "--pr-body", "none/pr.md", "."), "none/pr.md is no file in a folder that is there"),
        (("--write", "--pr-body", ".", "."), "--pr-body: . is no file"),
        (("--patch-dir", "pkg/a.py", "."), "pkg/a.py: is no folder"),
    ],
)
def test_calls_that_can_not_work(repo: Repo, words: tuple[str, ...], said: str) -> None:
    before = repo.state()
    done = repo.fix(*words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert repo.state() == before


# ---- patches


def patches(repo: Repo, *words: str) -> list[Path]:
    folder = repo.folder.parent / "patches"
    done = repo.fix("--patch-dir", str(folder), *words, ".")
    assert done.returncode == 0, done.stderr
    found = sorted(folder.iterdir())
    assert f"{len(found)} patch files in {folder}" in done.stderr
    return found


def test_git_am_takes_the_patches(repo: Repo) -> None:
    repo.write("pkg/b.py", f"import numpy as np\n\n\n{OTHER}")
    repo.commit()
    found = patches(repo, "--unsafe")
    assert repo.git("status", "--porcelain") == "", "nothing is written but the patches"
    assert [path.name for path in found] == [
        "0001-DL102-iloc-arithmetic-2-loops-in-a.py.patch",
        "0002-DL102-iloc-arithmetic-in-b.py.patch",
        "0003-DL102-iloc-arithmetic-in-b.py.patch",
    ]
    mail = message_from_bytes(found[1].read_bytes(), policy=default)
    assert mail["Subject"] == "[PATCH 2/3] DL102 iloc-arithmetic in b.py"
    assert mail["From"] == "Someone <someone@example.org>"
    repo.git("switch", "--quiet", "--create", "mailed")
    repo.git("am", "--quiet", *map(str, found))
    repo.git("switch", "--quiet", "main")
    assert repo.fix("--branch", "direct", "--unsafe", ".").returncode == 0
    assert repo.git("diff", "mailed", "direct") == ""
    assert repo.git("log", "--format=%B", "mailed") == repo.git("log", "--format=%B", "direct")


def test_deloop_apply_takes_them_one_by_one_and_out_of_order(repo: Repo) -> None:
    found = patches(repo)
    for path in reversed(found):
        done = run(repo, "apply", str(path))
        assert done.returncode == 0, done.stderr
    assert repo.git("diff", "--stat").count("|") == 2
    assert "[x + 3 for x in xs]" in (repo.folder / "pkg/a.py").read_text()
    for _ in found:
        assert run(repo, "undo").returncode == 0
    assert repo.git("status", "--porcelain") == ""


def test_patches_of_odd_files_are_applied_byte_for_byte(repo: Repo) -> None:
    odd = ("# coding: latin-1\r\n" + SOURCE.replace("\n", "\r\n") + "# \xe4\x0c no end").encode("latin-1")
    (repo.folder / "pkg/odd \xe4.py").write_bytes(odd)
    repo.commit()
    found = patches(repo)
    repo.git("am", "--quiet", "--keep-cr", *map(str, found))
    by_git = (repo.folder / "pkg/odd \xe4.py").read_bytes()
    repo.git("reset", "--quiet", "--hard", f"HEAD~{len(found)}")
    assert run(repo, "apply", *map(str, found)).returncode == 0
    assert (repo.folder / "pkg/odd \xe4.py").read_bytes() == by_git != odd
    assert by_git.endswith(b"# \xe4\x0c no end") and b"[x * 2 for x in xs]\r\n" in by_git


def test_a_folder_with_patches_is_not_mixed_up(repo: Repo) -> None:
    found = patches(repo)
    done = repo.fix("--patch-dir", str(found[0].parent), ".")
    assert done.returncode == 2
    assert "has patches already" in done.stderr and len(done.stderr.splitlines()) == 1


def test_patches_from_a_folder_below_and_without_git(repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "below"
    done = toy.call(["fix", "--patch-dir", str(target), "a.py"], repo.folder / "pkg", repo.env)
    assert done.returncode == 0, done.stderr
    assert b"+++ b/pkg/a.py\n" in sorted(target.iterdir())[0].read_bytes()
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.py").write_text(SOURCE)
    assert toy.call(["fix", "--patch-dir", "out", "."], plain, repo.env).returncode == 0
    assert toy.call(["apply", *(f"out/{p.name}" for p in sorted((plain / "out").iterdir()))], plain).returncode == 0
    assert "[x + 3 for x in xs]" in (plain / "a.py").read_text()


# ---- the text of a pull request


def test_the_text_of_a_pull_request(repo: Repo) -> None:
    target = repo.folder.parent / "pr.md"
    done = repo.fix("--branch", "faster", "--unsafe", "--pr-body", str(target), ".")
    assert done.returncode == 0, done.stderr
    text = target.read_text()
    assert text.startswith("## Rewrite 4 slow loops in 2 files\n\n0 are safe whatever the data; 4 rest on assumptions")
    rows = [line for line in text.splitlines() if line.startswith("| `pkg/")]
    commit = repo.git("rev-parse", "faster").strip()[:10]
    assert len(rows) == 4
    assert rows[3] == (
        "| `pkg/b.py:10` fourth | DL102 iloc-arithmetic | vector | assumes no-overflow | "
        f"verified on 84 inputs (4 where both raise) | 1.2x at 50, 38x at 20,000 | {commit} |"
    )
    assert text.count("- [ ] `pkg/") == 4
    assert "  - integer results fit in 64 bits (a loop over Python ints never overflows): xs (`no-overflow`)" in text
    assert text.count("```diff\n@@ -") + text.count("```diff\n+++ b/") == 4
    assert "+    out = list(np.asarray(xs) * 2)" in text
    assert "deloop fix --branch faster --unsafe --pr-body" in text
    assert "deloop verify pkg/a.py pkg/b.py" in text


def test_the_text_for_written_files(repo: Repo) -> None:
    done = repo.fix("--write", "--pr-body", "pr.md", ".")
    assert done.returncode == 0, done.stderr
    text = (repo.folder / "pr.md").read_text()
    assert "4 are safe whatever the data." in text and "To check" not in text
    assert "| Commit |" not in text


# ---- tests beside the commits, with the real verifier

LOOPS = '''\
"""Fees."""


def total(prices: list[float]) -> list[float]:
    out = []
    for price in prices:
        out.append(price * 2)
    return out
'''


@pytest.mark.slow
def test_tests_are_committed_beside_and_pass(repo: Repo) -> None:
    repo.write("shop/__init__.py", "")
    repo.write("shop/fees.py", LOOPS)
    repo.commit()
    command = [sys.executable, "-m", "deloop", "fix", "--branch", "faster", "--with-scaffolds", "shop"]
    done = subprocess.run(command, cwd=repo.folder, env=repo.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert subjects(repo)[0] == "Bring what the tests of rewritten loops need to run without deloop"
    names = repo.git("show", "--format=", "--name-only", "faster").split()
    assert names == ["shop/fees.py", "tests/equivalence/test_shop_fees_total_6.py"]
    assert repo.git("status", "--porcelain") == ""
    repo.git("switch", "--quiet", "faster")
    env = {k: v for k, v in repo.env.items() if k != "PYTHONPATH"}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    ran = subprocess.run(tests, cwd=repo.folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "skipped" not in ran.stdout, ran.stdout
    first = repo.git("rev-list", "--reverse", "main..faster").split()[0]
    repo.git("revert", "--no-edit", first)
    ran = subprocess.run([*tests, "-rs"], cwd=repo.folder, env=env, capture_output=True, text=True, check=False)
    assert "1 skipped" in ran.stdout and "which it compares with, is not beside it" in ran.stdout, ran.stdout
    assert "error" not in ran.stdout.lower()
