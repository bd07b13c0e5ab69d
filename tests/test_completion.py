"""Help on one screen, and completion in shells."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import toy
from typer.main import get_command

from deloop.cli import SHORT, app
from deloop.commands.screen import MORE

COMMANDS = list(get_command(app).commands)  # type: ignore[attr-defined]


def run(variables: dict[str, str], *words: str) -> str:
    """The installed command, as a shell starts it to complete a line."""
    code = "import sys; sys.argv[0] = 'deloop'; from deloop.cli import main; main()"
    environment = os.environ | variables
    done = subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_screen(tmp_path: Path, command: str) -> None:
    done = toy.call([*([command] if command else []), "--help"], tmp_path, env=os.environ | {"COLUMNS": "80"})
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert 5 < len(lines) < 24, "and the prompt below"
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("...") and command == "" and not line.startswith("Usage") for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_is_lost(tmp_path: Path, command: str) -> None:
    environment = os.environ | {"COLUMNS": "80"}
    short, whole = (toy.call([command, f"--help{end}"], tmp_path, env=environment).stdout for end in ("", "-all"))
    known = {name for p in get_command(app).commands[command].params for name in p.opts if name.startswith("--")}  # type: ignore[attr-defined]
    for text in (short, whole):
        assert known <= set(re.findall(r"--[a-z-]+", text))
    assert ("--help-all" in short) == (whole.count("\n") > 23)
    assert set(MORE.get(command, ())) <= known


def test_what_belongs_to_another_program_is_not_ours(tmp_path: Path) -> None:
    done = toy.call(["record", "--", sys.executable, "-c", "print('ran')", "--help-all"], tmp_path, env=os.environ)
    assert "Usage" not in done.stdout


def test_every_command_has_a_line_of_its_own() -> None:
    assert set(COMMANDS) <= set(SHORT)
    assert max(map(len, SHORT.values())) <= 64, "beside the name of the command"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("deloop ch", {"check"}),
        ("deloop check --sel", {"--select"}),
        ("deloop check --severity ", {"high", "medium", "low"}),
        ("deloop check --output-format j", {"json", "junit"}),
        ("deloop explain DL10", {"DL101", "DL102"}),
        ("deloop fix --ignore iterrows-h", {"iterrows-hoist"}),
        ("deloop check --select DL101,DL20", {"DL101,DL201"}),
        ("deloop hook in", {"install"}),
    ],
)
def test_bash(line: str, expected: set[str]) -> None:
    number = str(len(line.split()) - (not line.endswith(" ")))
    answers = run({"_DELOOP_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": number}).split()
    assert expected <= set(answers), answers
    last = "" if line.endswith(" ") else line.split()[-1]
    assert all(answer.startswith(last) for answer in answers)


def test_zsh() -> None:
    answers = run({"_DELOOP_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "deloop ch"})
    assert re.search(r'"check":"Find slow loops', answers)


def test_fish() -> None:
    variables = {"_DELOOP_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": "deloop ch"}
    assert run(variables | {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}).startswith("check")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = run(variables, "--show-completion", shell)
    assert f"_DELOOP_COMPLETE=complete_{shell}" in script
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=script, text=True, check=True)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with the command in it."""
    code = "import sys; sys.argv[0] = 'deloop'; from deloop.cli import main; main()"
    made = tmp_path / "deloop"
    made.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    made.chmod(0o755)
    return tmp_path


def installed(shell: str) -> str:
    """The script that completion is installed with."""
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    return run({"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}, "--show-completion", shell)


def test_a_real_bash(program: Path) -> None:
    script = installed("bash")
    ask = 'COMP_WORDS=(deloop sca); COMP_CWORD=1; _deloop_completion deloop; echo "${COMPREPLY[@]}"'
    environment = os.environ | {"PATH": f"{program}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "scaffold\n"


@pytest.mark.parametrize(("line", "expected"), [("deloop sca", "scaffold"), ("deloop check --severity h", "high")])
def test_a_real_fish(program: Path, line: str, expected: str) -> None:
    (program / "deloop.fish").write_text(installed("fish"))
    environment = os.environ | {"PATH": f"{program}:{os.environ['PATH']}", "HOME": str(program)}
    command = ["fish", "--no-config", "-c", f"source deloop.fish; complete -C '{line}'"]
    done = subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == expected


@pytest.mark.parametrize(("line", "expected"), [("deloop sca", "scaffold"), ("deloop check --severity h", "high")])
def test_a_real_zsh(program: Path, line: str, expected: str) -> None:
    """The tab key on a pseudo-terminal: what zsh completes with exists there only."""
    pexpect = pytest.importorskip("pexpect")
    (program / "_deloop").write_text(installed("zsh"))
    environment = os.environ | {"PATH": f"{program}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(program)}
    shell = pexpect.spawn("zsh", ["-f", "-i"], cwd=str(program), env=environment, encoding="utf-8", timeout=30)
    shell.sendline("autoload -U compinit; compinit -u -D; source ./_deloop; echo rea''dy")
    shell.expect("ready")
    shell.send(f"{line}\t")
    shell.expect(f"{expected} ")
    shell.sendcontrol("u")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
