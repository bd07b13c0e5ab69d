"""The guides: every command that they show is run, in a project made of their code, and prints what they say."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from command_help import deloop

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def told(line: str) -> str:
    """A line without what was measured. Line numbers, counts and codes of rules stay."""
    line = re.sub(r"verified on \d+ inputs", "verified on N inputs", line)
    line = re.sub(r"\d[\d,.]*x at [\d,]+", "N", line)
    line = re.sub(r"^(Speed-up: ).*", r"\1N", line)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE", line)


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines are those shown; `...` at the end of one stands for its rest, alone for any lines."""
    if not shown:
        return not printed
    first, *rest = shown
    if first == "...":
        return any(matches(rest, printed[k:]) for k in range(len(printed) + 1))
    if not printed:
        return False
    want, got = told(first), told(printed[0])
    fits = got.startswith(want[:-3].rstrip()) if want.endswith("...") else got.rstrip() == want.rstrip()
    if "..." in want[:-3]:
        head, tail = want.split("...", 1)
        fits = got.startswith(head) and got.endswith(tail)
    return fits and matches(rest, printed[1:])


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a guide in order, each with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in (body for language, body in BLOCK.findall(text) if language == "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("guide", ["apply.md", "first-branch.md"])
def test_what_a_guide_shows_is_what_happens(guide: str, tmp_path: Path) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    (code,) = [body for language, body in BLOCK.findall(text) if language == "python"]
    (tmp_path / "shop.py").write_text(code, encoding="utf-8")
    env = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "-m", "Start"]):
        subprocess.run(["git", *words], cwd=tmp_path, env=os.environ | env, check=True)
    commands = sessions(text)
    assert len(commands) > 4
    for command, shown in commands:
        words = shlex.split(command)
        if words[0] == "deloop":
            done = deloop(tmp_path, *words[1:], env=env, timing=True)
        else:
            done = subprocess.run(
                words, cwd=tmp_path, env=os.environ | env, capture_output=True, text=True, check=False
            )
        printed = (done.stdout + done.stderr).rstrip("\n").split("\n")
        assert matches(shown, printed), f"$ {command}\n" + "\n".join(printed)


def test_the_keys_of_the_review_are_all_in_its_guide() -> None:
    from deloop.proposals.review import HELP, Answer

    text = (DOCS / "review.md").read_text(encoding="utf-8")
    for answer in Answer:
        assert f"| `{answer.value}` |" in text
        assert re.search(rf"^{re.escape(answer.value)}  ", HELP, re.MULTILINE)
    assert max(map(len, HELP.splitlines())) < 80


@pytest.mark.parametrize("guide", ["apply.md", "first-branch.md", "review.md"])
def test_links_and_options_exist(guide: str) -> None:
    from typer.main import get_command

    from deloop.cli import app

    text = (DOCS / guide).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([\w.-]+\.md)\)", text):
        assert (DOCS / link).is_file(), link
    commands = get_command(app).commands  # type: ignore[attr-defined]
    known = {option for one in commands.values() for parameter in one.params for option in parameter.opts}
    for words in re.findall(r"deloop ((?:fix|apply|undo|check|modernize)\b[^\n`|;,()]*)", text):
        for option in re.findall(r"(?<!\S)--[a-z-]+", words):
            assert option in known, option
