"""`deloop run`: codemods of the user's own, with the real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_help import deloop

#: Beside the others, since to load libCST and Bowler takes a second.
TEXTS = """\
import os

print("loaded")


def louder(source):
    print("hello")
    return source.replace("hello", "HELLO")


def renamed(source, old="", new=""):
    return source.replace(old, new)


def grows(source):
    return source + "# once more\\n"


def broken(source):
    return "def ("


def no_text(source):
    return None


def fails(source):
    raise KeyError("here")


def writes(source):
    with open("loot.txt", "w") as file:
        file.write(source)
    return source


def deletes(source):
    os.remove("a.py")
    return source


def leaves(source):
    os._exit(3)


class Nothing:
    pass
"""
CODEMODS = """\
import libcst as cst
from bowler import Query
from libcst.codemod import CodemodContext, SkipFile, VisitorBasedCodemodCommand

print("loaded")


def query():
    return Query().select_var("hello").rename("goodbye")


def given_query(query):
    return query.select_var("hello").rename("goodbye")


def for_paths(paths):
    return Query(paths).select_var("hello").rename("goodbye")


ready = Query().select_var("hello").rename("goodbye")


class Rename(VisitorBasedCodemodCommand):
    DESCRIPTION = "hello becomes what is asked for"

    def __init__(self, context: CodemodContext, to: str = "goodbye") -> None:
        super().__init__(context)
        self.to = to

    def leave_Name(self, original_node, updated_node):
        return updated_node.with_changes(value=self.to) if original_node.value == "hello" else updated_node


class Skips(VisitorBasedCodemodCommand):
    def leave_Name(self, original_node, updated_node):
        raise SkipFile("not this one")


class Plain(cst.CSTTransformer):
    def leave_Name(self, original_node, updated_node):
        return updated_node.with_changes(value="goodbye") if original_node.value == "hello" else updated_node
"""
SOURCE = b"\xef\xbb\xbfhello = 1\r\n\r\n\r\ndef f():\r\n    return hello + 2  # hello\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mods.py").write_text(CODEMODS)
    (tmp_path / "texts.py").write_text(TEXTS)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_bytes(SOURCE)
    (tmp_path / "src" / "b.py").write_text("x = 1\n")
    return tmp_path


def after(folder: Path) -> bytes:
    return (folder / "src" / "a.py").read_bytes()


RENAMED = SOURCE.replace(b"hello", b"goodbye", 1).replace(b"return hello", b"return goodbye")


@pytest.mark.parametrize("name", ["query", "given_query", "for_paths", "ready", "Rename", "Plain"])
def test_every_kind_of_codemod(folder: Path, name: str) -> None:
    done = deloop(folder, "run", f"mods.py:{name}", "src", "--write")
    assert (done.returncode, done.stdout) == (0, "")
    assert after(folder) == RENAMED
    assert f"src/a.py:1: RUN mods.py:{name}: edit, " in done.stderr


def test_shows_a_diff_and_writes_nothing(folder: Path) -> None:
    done = deloop(folder, "run", "mods:query", "src")
    assert (done.returncode, after(folder)) == (1, SOURCE), done.stderr
    assert "-    return hello + 2" in done.stdout and "+    return goodbye + 2" in done.stdout
    assert "src/a.py:1: RUN mods:query: edit, assumes own-codemod, unverified: a codemod of your own" in done.stderr


def test_a_function_from_text_to_text(folder: Path) -> None:
    done = deloop(folder, "run", "texts:louder", "src", "--write")
    assert done.returncode == 0
    assert after(folder) == SOURCE.replace(b"hello", b"HELLO")
    assert "hello" in done.stderr, "what it prints is shown, and is no answer"


def test_arguments_by_name(folder: Path) -> None:
    assert (
        deloop(folder, "run", "texts:renamed", "src", "--write", "--arg", "old=hello", "--arg", "new=a").returncode == 0
    )
    assert after(folder) == SOURCE.replace(b"hello", b"a")
    (folder / "src" / "a.py").write_bytes(SOURCE)
    assert deloop(folder, "run", "mods:Rename", "src", "--write", "--arg", "to=bye").returncode == 0
    assert b"bye = 1" in after(folder)
    assert deloop(folder, "run", "mods:Rename", "src", "--arg", "to").returncode == 2


def test_a_codemod_from_a_package(folder: Path) -> None:
    words = ("--arg", "old_name=os.remove", "--arg", "new_name=os.unlink")
    (folder / "src" / "b.py").write_text("import os\n\nos.remove('x')\n")
    done = deloop(folder, "run", "libcst.codemod.commands.rename:RenameCommand", "src/b.py", "--write", *words)
    assert done.returncode == 0, done.stderr
    assert (folder / "src" / "b.py").read_text() == "import os\n\nos.unlink('x')\n"


def test_one_that_changes_its_own_result_runs_once(folder: Path) -> None:
    assert deloop(folder, "run", "texts:grows", "src/b.py", "--write").returncode == 0
    assert (folder / "src" / "b.py").read_text() == "x = 1\n# once more\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "what texts:broken made of it does not parse"),
        ("no_text", "the function returned a NoneType and no text"),
        ("fails", "KeyError: 'here'"),
        ("writes", "was refused: it writes a file"),
        ("deletes", "was refused: it calls os.remove"),
        ("leaves", "ended the process"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_happens(folder: Path, name: str, said: str) -> None:
    done = deloop(folder, "run", f"texts:{name}", "src", "--write")
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "src/a.py: " in done.stderr and "src/b.py: " in done.stderr, "every file is tried"
    assert after(folder) == SOURCE and not (folder / "loot.txt").exists()


@pytest.mark.parametrize(
    ("codemod", "said"),
    [
        ("texts", "named as `module:name` or `file.py:name`"),
        ("texts:absent", "`texts` has no `absent`"),
        ("absent:name", "No module named 'absent'"),
        ("absent.py:name", "no such file"),
        ("texts:Nothing", "derived from neither"),
        ("texts:CODEMODS", "`texts` has no"),
    ],
)
def test_what_is_no_codemod(folder: Path, codemod: str, said: str) -> None:
    done = deloop(folder, "run", codemod, "src")
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_skipped_and_one_that_does_not_parse(folder: Path) -> None:
    (folder / "src" / "c.py").write_text("def (\n")
    done = deloop(folder, "run", "mods:Skips", "src")
    assert done.returncode == 2 and done.stdout == ""
    assert "src/c.py:1: syntax error" in done.stderr


def test_bowler_says_what_it_cannot_read(folder: Path) -> None:
    (folder / "src" / "b.py").write_text("x = 1\nmatch x:\n    case 1:\n        pass\n")
    done = deloop(folder, "run", "mods:query", "src", "--write")
    assert done.returncode == 2 and "line 2, `match x:`" in done.stderr
    assert after(folder) == RENAMED


def test_review_takes_stretch_by_stretch(folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    words = ["-m", "deloop", "run", "mods:Rename", "--diff", "src"]
    child = pexpect.spawn(sys.executable, words, cwd=str(folder), timeout=60)
    for answer in ("n", "y"):
        child.expect("RUN mods:Rename")
        child.expect(r"\?\] ")
        child.sendline(answer)
    child.expect(pexpect.EOF)
    assert after(folder) == SOURCE.replace(b"return hello", b"return goodbye")


def test_undo_takes_it_back(folder: Path) -> None:
    assert deloop(folder, "run", "texts:louder", "src", "--write").returncode == 0
    assert deloop(folder, "undo").returncode == 0
    assert after(folder) == SOURCE


def test_commits_patches_and_the_text_of_a_pull_request(folder: Path) -> None:
    def git(*words: str) -> str:
        mine = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(["git", *mine, *words], cwd=folder, capture_output=True, check=True).stdout.decode()

    git("init", "-q", "-b", "main")
    git("config", "user.name", "a")
    git("config", "user.email", "a@b")
    git("add", ".")
    git("commit", "-qm", "first")
    call = ["run", "texts.py:louder"]
    done = deloop(folder, *call, "--branch", "loud", "--commit-per", "all", "--pr-body", "pr.md", "src")
    assert done.returncode == 0, done.stderr
    assert git("rev-list", "--count", "main..loud") == "1\n"
    text = (folder / "pr.md").read_text()
    assert text.startswith("## Run texts.py:louder: 2 changes in 1 file\n")
    assert "the codemod `texts.py:louder` makes of these files" in text
    assert "retired" not in text and "deloop verify" not in text
    done = deloop(folder, *call, "--patch-dir", "out", "src")
    assert done.returncode == 0, done.stderr
    assert deloop(folder, "apply", *(str(p) for p in sorted((folder / "out").iterdir()))).returncode == 0
    assert after(folder) == git("show", "loud:src/a.py").encode()
