"""The review, driven through a real pseudo-terminal."""

import fcntl
import os
import pty
import re
import signal
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

PROMPT = r"Apply this change\? \[y,n,a,d,s,e,u,q,\?\] "
AGAIN = r"Edit it again\? \[y,n\] "
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
        "\x1b[1mtier      \x1b[0mcomprehension",
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
    child.expect("assumes .*integer results fit")
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


def test_an_assumption_is_explained_once_and_again_when_asked(start: Start, file: Path) -> None:
    file.write_text(
        SOURCE.replace("(xs)", "(xs: np.ndarray)").replace("def first", "import numpy as np\n\n\ndef first")
    )
    child = start("a.py", "--unsafe", "--select", "DL102")
    child.expect(PROMPT)
    long = "integer results fit in 64 bits"
    assert long in (child.before or "") and "explained above" not in (child.before or "")
    child.sendline("n")
    child.expect(PROMPT)
    assert long not in (child.before or "")
    assert re.search(r"as explained above .*no-overflow", child.before or "", re.DOTALL)
    child.sendline("?")
    child.expect(PROMPT)
    assert long in (child.before or "")


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
    tries: tuple[tuple[str, ...], ...] = (
        ("text = text.replace('x * 2', 'wrong')", "not taken over: refuted", "with: xs = \\[1\\]"),
        ("text = text.replace(']', '')", "not taken over: the file does not parse"),
    )
    child = start(EDITOR=editor(tmp_path, "pass"), answers=[["wrong", "refuted", {}]])
    for code, *said in tries:
        editor(tmp_path, code)
        child.expect(PROMPT)
        child.sendline("e")
        for text in said:
            child.expect(text)
        child.expect(AGAIN)
        child.sendline("n")
    for code, what in (("text = ''", "nothing was changed"), ("sys.exit(3)", "ended with status 3")):
        editor(tmp_path, code)
        child.expect(PROMPT)
        child.sendline("e")
        child.expect(what)
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


def test_a_file_changed_by_someone_else_is_looked_at_again_and_not_overwritten(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    changed = "# mine\n" + SOURCE.replace("x * 2", "x * 22")
    file.write_text(changed)
    child.sendline("y")
    child.expect("a.py was changed by someone else meanwhile; it is looked at again")
    child.expect("1 of 3")
    child.expect("a.py:4 first")
    child.expect(PROMPT)
    assert file.read_text() == changed
    child.sendline("y")
    child.expect(PROMPT)
    assert "# mine\n" in file.read_text() and "[x * 22 for x in xs]" in file.read_text()
    child.sendline("q")
    assert child.ended() == 1


def test_a_file_that_is_gone(start: Start, file: Path) -> None:
    child = start()
    child.expect(PROMPT)
    file.unlink()
    child.sendline("y")
    child.expect("a.py: can't be read again: No such file")
    assert child.ended() == 2


def test_the_first_question_does_not_wait_for_all_files(start: Start, file: Path) -> None:
    for name in "bcdefg":
        (file.parent / f"{name}.py").write_text(SOURCE)
    child = start(".", answers=[["x - 4", "unverified", {}]])
    child.expect("1 of 12, 3 more files to look at")
    answered(child, "a")
    child.expect("3 of 12, 3 more files to look at")
    answered(child, "d", "d", "d")
    child.expect("12 of 12, 3 more files to look at")
    answered(child, "d")
    child.expect("15 of 21")
    answered(child, "q")
    child.expect(r"\d+ applied, \d+ left\.")
    assert child.ended() == 1
    child = start(".")
    answered(child, "q")
    child.expect("0 applied, .* left, 3 files not looked at")
    assert child.ended() == 1


# ---- answers that last


def answered(child: Terminal, *answers: str) -> None:
    for answer in answers:
        child.expect(PROMPT)
        child.sendline(answer)


def test_a_later_run_asks_only_what_is_new(start: Start, file: Path) -> None:
    child = start()
    answered(child, "n", "s", "q")
    child.expect("0 applied, 3 left")
    assert child.ended() == 1
    # the declined loop has moved, the skipped one and the one that was not answered are asked
    file.write_text("\n\n# something new\n" + SOURCE)
    child = start()
    child.expect("1 of 2")
    child.expect("a.py:13 second")
    answered(child, "n", "n")
    child.expect("0 applied, 2 left")
    child.expect("1 declined in earlier reviews")
    assert child.ended() == 1
    child = start()
    child.expect("0 applied, 0 left")
    child.expect("3 declined in earlier reviews")
    assert child.ended() == 0
    child = start("--ask-again", "a.py")
    child.expect("1 of 3")
    answered(child, "q")
    assert child.ended() == 1


def test_a_declined_loop_that_was_changed_is_new(start: Start, file: Path) -> None:
    child = start()
    answered(child, "n", "n", "n")
    assert child.ended() == 1
    file.write_text(SOURCE.replace("x + 3", "x + 33").replace("def third", "def fourth"))
    child = start()
    child.expect("1 of 2")
    child.expect("a.py:10 second")
    child.expect(PROMPT)


def test_answers_survive_a_crash(start: Start, file: Path) -> None:
    child = start()
    answered(child, "n", "y")
    child.expect("3 of 3")
    child.expect(PROMPT)
    os.kill(child.child, signal.SIGKILL)
    assert child.ended() == -signal.SIGKILL
    assert applied(file) == [False, True, False]
    child = start()
    child.expect("1 of 1")
    child.expect("third")
    child.expect(PROMPT)


def test_loops_that_are_alike_are_declined_one_by_one(start: Start, file: Path) -> None:
    loop = "    for x in xs:\n        out.append(x * 2)\n"
    twice = f"def f(xs):\n    out = []\n{loop}    a = out\n    out = []\n{loop}    return a, out\n"
    file.write_text(twice)
    child = start()
    answered(child, "n", "s")
    answered(child, "q")
    assert child.ended() == 1
    child = start()
    child.expect("1 of 1")
    child.expect("a.py:7 f")
    child.expect(PROMPT)


def test_the_rest_of_a_file_is_not_asked_again(start: Start, file: Path) -> None:
    child = start()
    answered(child, "d")
    child.expect("3 left as they are in a.py")
    assert child.ended() == 1
    child = start()
    child.expect("3 declined in earlier reviews")
    assert child.ended() == 0


# ---- undo


def test_undo_gives_the_file_back_byte_for_byte(start: Start, file: Path) -> None:
    odd = SOURCE.replace("\n", "\r\n").encode() + b"# \x0c no end"
    file.write_bytes(odd)
    child = start()
    child.expect(PROMPT)
    child.sendline("u")
    child.expect("there is no answer to undo")
    answered(child, "y", "y")
    child.expect("3 of 3")
    child.expect(PROMPT)
    both = file.read_bytes()
    assert both != odd
    child.sendline("u")
    child.expect("a.py: the change is undone")
    child.expect("2 of 3")
    child.expect(PROMPT)
    child.sendline("u")
    child.expect("1 of 3")
    child.expect(PROMPT)
    assert file.read_bytes() == odd
    child.sendline("y")
    answered(child, "y", "q")
    child.expect("2 applied, 1 left")
    assert child.ended() == 1
    assert file.read_bytes() == both


def test_undo_of_no_skip_and_the_rest_of_a_file(start: Start, file: Path) -> None:
    child = start()
    for answer in "nsd":
        child.expect("1 of 3")
        answered(child, answer)
        if answer != "d":
            child.expect("2 of 3")
        answered(child, "u") if answer != "d" else None
        if answer == "d":
            break
        child.expect("the last answer is undone")
    assert child.ended() == 1
    child = start()  # what was undone is forgotten on disk, too; the last answer is not
    child.expect("3 declined in earlier reviews")
    assert child.ended() == 0


def test_undo_of_all_of_a_rule_takes_all_of_them_back(start: Start, file: Path) -> None:
    (file.parent / "b.py").write_text(SOURCE.replace("x - 4", "f(x)"))
    child = start("a.py", "b.py", answers=[["f(x)", "unverified", {}]])
    answered(child, "s", "a")
    child.expect("6 of 6")
    child.expect(PROMPT)
    assert applied(file) == [False, True, True]
    child.sendline("u")
    child.expect("b.py: the change is undone")
    child.expect("a.py: the change is undone")
    child.expect("2 of 6")
    child.expect(PROMPT)
    assert file.read_text() == SOURCE
    child.sendline("q")
    child.expect("0 applied, 6 left")


def test_undo_in_a_file_that_was_changed_since(start: Start, file: Path) -> None:
    child = start()
    answered(child, "y")
    child.expect("2 of 3")
    child.expect(PROMPT)
    file.write_text("# mine\n" + file.read_text())
    child.sendline("u")
    child.expect("a.py: was changed by someone else since; only the lines of the change are undone")
    child.expect("1 of 3")
    child.expect(PROMPT)
    assert file.read_text() == "# mine\n" + SOURCE
    child.sendline("y")
    child.expect(PROMPT)
    mine = file.read_text().replace("x * 2 for x in xs", "x * 3 for x in xs")
    file.write_text(mine)
    child.sendline("u")
    child.expect("a.py:3: was changed since, nothing was undone: the patch expects")
    child.expect(PROMPT)
    assert file.read_text() == mine
    child.sendline("q")
    child.expect("1 applied, 2 left")


# ---- terminals


def test_a_closed_terminal_keeps_what_was_answered(start: Start, file: Path) -> None:
    child = start()
    answered(child, "y")
    child.expect("2 of 3")
    child.expect(PROMPT)
    child.close()
    for _ in range(200):
        ended, _ = os.waitpid(child.child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    assert ended
    assert applied(file) == [True, False, False]


def test_side_by_side_where_there_is_room(start: Start) -> None:
    child = start(COLUMNS="120", NO_COLOR="1")
    child.expect(PROMPT)
    seen = (child.before or "").split("1 of 3", 1)[1]
    lines = seen.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    (row,) = [line for line in lines if "out = [x * 2 for x in xs]" in line]
    assert re.fullmatch(r"2 -     out = \[\] +\| 2 \+     out = \[x \* 2 for x in xs\]", row)
    assert any(re.fullmatch(r"the loop +\| the rewrite", line) for line in lines)
    assert max(map(len, lines)) <= 120


def test_long_lines_are_shown_below_one_another(start: Start, file: Path) -> None:
    file.write_text(SOURCE.replace("x * 2", "x * 2" + " + x" * 20))
    child = start(COLUMNS="120", NO_COLOR="1")
    child.expect(r"-    out = \[\]")
    child.expect(PROMPT)


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1", "TERM": "vt100"}])
def test_plain_terminals(start: Start, environment: dict[str, str]) -> None:
    child = start(**environment)
    child.expect(PROMPT)
    seen = (child.before or "").split("1 of 3", 1)[1]
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", seen), "no colours"
    if environment["TERM"] == "dumb":
        assert "\x1b" not in (child.before or "")
    facts = seen.split("+    out = ", 1)[1].splitlines()
    assert max(map(len, facts)) <= 80


def test_a_file_in_another_encoding_is_shown_as_it_reads(start: Start, file: Path) -> None:
    text = "# coding: latin-1\n" + SOURCE.replace("x * 2", "x * len('\xe4\xf6')")
    file.write_bytes(text.encode("latin-1"))
    child = start()
    child.expect("x \\* len\\('\xe4\xf6'\\)")
    answered(child, "y", "q")
    assert child.ended() == 1
    assert b"len('\xe4\xf6') for x in xs]" in file.read_bytes()


def test_the_editor_shows_the_facts_and_they_do_not_come_back(start: Start, file: Path, tmp_path: Path) -> None:
    code = "open('seen.txt', 'w').write(text); text = text.replace('xs]', 'xs]  # mine')"
    child = start(EDITOR=editor(tmp_path, code))
    answered(child, "e")
    child.expect("edited")
    answered(child, "y", "q")
    assert child.ended() == 1
    seen = (tmp_path / "seen.txt").read_text()
    assert seen.startswith("#| a.py:3 first\n#| DL201 list-comprehension, tier comprehension")
    assert "#| verified on 84 inputs" in seen and "#| speed-up: 1.2x at 50" in seen
    assert "xs]  # mine" in file.read_text() and "#|" not in file.read_text()


def test_an_edit_can_be_edited_again(start: Start, file: Path, tmp_path: Path) -> None:
    code = "open('seen.txt', 'w').write(text); text = text.replace('x * 2', 'wrong')"
    child = start(EDITOR=editor(tmp_path, code), answers=[["wrong", "refuted", {}]])
    answered(child, "e")
    child.expect("not taken over: refuted after 84 inputs")
    child.expect(AGAIN)
    editor(tmp_path, "open('seen.txt', 'w').write(text); text = text.replace('wrong', 'x + x')")
    child.sendline("y")
    child.expect("1 of 3, edited")
    answered(child, "y", "q")
    assert child.ended() == 1
    seen = (tmp_path / "seen.txt").read_text()
    assert "#| not taken over: refuted after 84 inputs" in seen and "out = [wrong for x in xs]" in seen
    assert "[x + x for x in xs]" in file.read_text()


def test_an_edit_is_not_lost_when_the_file_changed_meanwhile(start: Start, file: Path, tmp_path: Path) -> None:
    code = "f = open('a.py', 'a'); f.write('# more\\n'); f.close(); text = text.replace('x * 2', 'x + x')"
    child = start(EDITOR=editor(tmp_path, code))
    answered(child, "e")
    child.expect("1 of 3, edited")
    answered(child, "y")
    child.expect("a.py was changed by someone else meanwhile")
    child.expect("1 of 3")
    editor(tmp_path, "pass")
    answered(child, "e")
    child.expect("1 of 3, edited")
    child.expect("x \\+ x for x in xs")
    answered(child, "y", "q")
    assert child.ended() == 1
    assert "[x + x for x in xs]" in file.read_text() and file.read_text().endswith("# more\n")


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
