"""The review, driven through a real pseudo-terminal."""

import fcntl
import os
import pty
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pexpect
import pytest
import toy
from pexpect.fdpexpect import fdspawn

from deloop.cli import main

PROMPT = r"Apply this change\? \[y,n,a,d,s,e,q,\?\] "
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


def third(xs):
    out = []
    for x in xs:
        out.append(x - 4)
    return out
"""
REWRITTEN = ("out = [x * 2 for x in xs]", "out = [x + 3 for x in xs]", "out = [x - 4 for x in xs]")


class Terminal(fdspawn):
    """`deloop fix --diff` at the other end of a pseudo-terminal of 80 columns, in a copy of this process."""

    def __init__(self, words: Sequence[str], folder: Path, answers: Sequence[Any], environment: dict[str, str]) -> None:
        self.child, descriptor = pty.fork()
        if self.child == 0:
            _run(words, folder, answers, environment)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        super().__init__(descriptor, encoding="utf-8", timeout=20)

    def ended(self) -> int:
        """Wait for the end."""
        self.expect(pexpect.EOF)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def _run(words: Sequence[str], folder: Path, answers: Sequence[Any], environment: dict[str, str]) -> None:
    status = 99
    try:
        time.sleep(0.05)  # until the terminal has its size
        os.chdir(folder)
        os.environ.update({"TERM": "xterm", "COLUMNS": "80"} | environment)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        sys.argv = ["deloop", "fix", "--diff", *words]
        toy.install(toy.Verifier(answers), pytest.MonkeyPatch())
        main()
    except SystemExit as end:
        status = int(end.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


Start = Callable[..., Terminal]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.py"
    made.write_text(SOURCE)
    return made


@pytest.fixture
def start(tmp_path: Path, file: Path) -> Iterator[Start]:
    running: list[Terminal] = []

    def begin(*words: str, answers: Sequence[Any] = (), **environment: str) -> Terminal:
        running.append(Terminal(words or ["a.py"], tmp_path, answers, environment))
        return running[-1]

    yield begin
    for terminal in running:
        terminal.close()


def applied(file: Path) -> list[bool]:
    text = file.read_text()
    return [line in text for line in REWRITTEN]


def test_what_a_reviewer_sees(start: Start) -> None:
    child = start()
    child.expect(PROMPT)
    seen = child.before or ""
    for text in (
        "1 of 3",
        "a.py:3 first",
        "DL201 list-comprehension",
        "tier comprehension",
        "safe",
        "verified on 84 inputs",
        "38x at 20,000",
        "-    out = []",
        "+    out = [x * 2 for x in xs]",
    ):
        assert text in seen
    assert "\x1b[32m" in seen, "the diff is coloured"


def test_without_colour_when_that_is_wanted(start: Start) -> None:
    child = start(NO_COLOR="1")
    child.expect(PROMPT)
    assert "\x1b[32m" not in (child.before or "")


def test_an_accepted_change_is_on_disk_before_the_next_question(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    assert applied(file) == [False, False, False]
    child.sendline("y")
    child.expect("2 of 3")
    child.expect(PROMPT)
    assert applied(file) == [True, False, False]
    child.sendline("n")
    child.expect(PROMPT)
    child.sendline("y")
    assert child.ended() == 1
    assert applied(file) == [True, False, True]


def test_y_then_q_keeps_what_was_accepted(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    child.sendline("y")
    child.expect(PROMPT)
    child.sendline("q")
    child.expect("1 applied, 2 left")
    assert child.ended() == 1
    assert applied(file) == [True, False, False]


def test_all_of_a_rule(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    child.sendline("a")
    child.expect("3 applied, 0 left")
    assert child.ended() == 0
    assert applied(file) == [True, True, True]


def test_all_of_a_rule_stops_before_an_unsafe_one(start: Start, file: Path) -> None:
    file.write_text(SOURCE.replace("x + 3", "f(x)").replace("x - 4", "x - 5"))
    child = start(answers=[["f(x)", "unverified", {}], ["x - 5", "verified", {"speedups": [[50, 0.1]]}]])
    child.expect("1 of 3")
    child.expect(PROMPT)
    child.sendline("a")
    child.expect("2 of 3")  # its safe form could not be run, the vector form assumes something
    child.expect("unsafe, assumes: integer results fit")
    child.expect(PROMPT)
    child.sendline("q")
    assert child.ended() == 1


def test_the_rest_of_a_file(start: Start, file: Path) -> None:
    other = file.parent / "b.py"
    other.write_text(SOURCE)
    child = start("a.py", "b.py")
    child.expect("1 of 6")
    child.expect(PROMPT)
    child.sendline("d")
    child.expect("4 of 6")
    child.expect(PROMPT)
    child.sendline("q")
    assert child.ended() == 1
    assert applied(file) == [False, False, False]


def test_a_skipped_one_is_asked_again_at_the_end(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    child.sendline("s")
    child.expect("2 of 3")
    child.expect(PROMPT)
    child.sendline("y")
    child.expect(PROMPT)
    child.sendline("y")
    child.expect(r"1 of 1 \(skipped before\)")
    child.expect(PROMPT)
    assert applied(file) == [False, True, True]
    child.sendline("y")
    assert child.ended() == 0
    assert applied(file) == [True, True, True]


def test_help_and_nonsense(start: Start) -> None:
    child = start()
    child.expect(PROMPT)
    for said in ("?", "x", ""):
        child.sendline(said)
        child.expect("y  apply this change now")
        child.expect(PROMPT)
    child.send("\x04")
    assert child.ended() == 1


def test_ctrl_c_keeps_what_was_accepted(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    child.sendline("y")
    child.expect(PROMPT)
    child.send("\x03")
    child.expect("interrupted")
    assert child.ended() == 130
    assert applied(file) == [True, False, False]


def editor(folder: Path, code: str) -> str:
    """A program to use as $EDITOR: `text` is what it is given, and what it leaves."""
    script = folder / "editor.py"
    script.write_text(f"import sys\np = sys.argv[1]\ntext = open(p).read()\n{code}\nopen(p, 'w').write(text)\n")
    return f"{sys.executable} {script}"


def test_an_edited_change_is_verified_again_and_applied(start: Start, file: Path, tmp_path: Path) -> None:
    child = start(EDITOR=editor(tmp_path, "text = text.replace('x * 2', 'x + x')"))
    child.expect(PROMPT)
    child.sendline("e")
    child.expect("1 of 3, edited")
    child.expect("verified on 84 inputs")
    child.expect(PROMPT)
    assert applied(file) == [False, False, False]
    child.sendline("y")
    child.expect(PROMPT)
    child.sendline("q")
    assert child.ended() == 1
    assert file.read_text() == SOURCE.replace(
        "    out = []\n    for x in xs:\n        out.append(x * 2)\n", "    out = [x + x for x in xs]\n"
    )


def test_an_edit_that_is_no_good_is_asked_about_again(start: Start, file: Path, tmp_path: Path) -> None:
    tries = (
        ("text = text.replace('x * 2', 'wrong')", "not taken over: refuted"),
        ("text = text.replace(']', '')", "does not parse"),
        ("text = ''", "nothing was changed"),
        ("pass", "nothing was changed"),
        ("sys.exit(3)", "ended with status 3"),
    )
    child = start(EDITOR=editor(tmp_path, "pass"), answers=[["wrong", "refuted", {}]])
    for code, said in tries:
        editor(tmp_path, code)
        child.expect(PROMPT)
        child.sendline("e")
        child.expect(said)
    child.expect(PROMPT)
    child.sendline("q")
    assert child.ended() == 1
    assert file.read_text() == SOURCE


def test_no_editor(start: Start) -> None:
    child = start(EDITOR="no-such-editor-here")
    child.expect(PROMPT)
    child.sendline("e")
    child.expect("the editor `no-such-editor-here` failed")
    child.expect(PROMPT)


def test_a_file_changed_by_someone_else_is_left_alone(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    file.write_text("mine = 1\n")
    child.sendline("y")
    child.expect("was changed by someone else")
    assert child.ended() == 2
    assert file.read_text() == "mine = 1\n"


def test_piped_it_is_the_plain_diff(start: Start, file: Path) -> None:
    shown = toy.call(["fix", "--diff", "a.py"], file.parent)
    assert shown.returncode == 1
    assert shown.out.startswith(b"--- a/a.py\n+++ b/a.py\n")
    assert b"\x1b" not in shown.out
    assert applied(file) == [False, False, False]


def test_originals_and_the_flag_in_a_review(start: Start, file: Path) -> None:
    """Each accepted change has its original on disk at once; what was declined stays as it was."""
    child = start("--flag", "FAST", "a.py")
    for place, answer in (("1 of 3", "y"), ("2 of 3", "n"), ("3 of 3", "y")):
        child.expect(place)
        child.expect(PROMPT)
        assert "_original_" in (child.before or ""), "the diff shows what is kept"
        child.sendline(answer)
    assert child.ended() == 1
    text = file.read_text()
    assert applied(file) == [True, False, True]
    assert [text.count(f"return _original_{name}(xs)") for name in ("first", "second", "third")] == [1, 0, 1]
    assert text.count("FAST = os.environ") == 1 and text.count("import os") == 1
    before = SOURCE.split("\n\n\n")
    assert before[0].replace("first", "_original_first") in text
    assert before[1] in text and before[2].replace("third", "_original_third") in text
