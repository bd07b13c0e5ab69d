"""Separators between pieces of text: where `join` does the same, and where it does not."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse


def joined(body: str, before: str = "", head: str = "for i, r in enumerate(rows):") -> str | None:
    """The function with the join in the place of the loop; None where the loop stays."""
    code = f'def f(rows: list):\n    text = ""\n{textwrap.indent(before, "    ")}\n    {head}\n'
    code += textwrap.indent(body, " " * 8) + "\n    return text\n"
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    for finding in scan(source, Project(), tree=tree):
        for form in finding.forms:
            if form.rule.code == "DL204":
                edits = place(source.text, tree, form.edits, form.imports).text_edits
                after = source.with_text_edits(sorted(edits)).text
                _same(code, after)
                return after
    return None


def _same(code: str, after: str) -> None:
    for rows in ([], [0], ["a"], ["", "b", ""], [1, 2.5, None, "x"]):
        assert _run(after, rows) == _run(code, rows)


def _run(code: str, rows: list[Any]) -> str:
    space: dict[str, Any] = {}
    exec(code, space)
    found: str = space["f"](rows)
    return found


@pytest.mark.parametrize(
    "body",
    [
        'if i > 0:\n    text += ", "\ntext += str(r)',
        'if i:\n    text += ", "\ntext += f"{r}"',
        'if i != 0:\n    text += ","\ntext += "<"\ntext += str(r) + ">"',
        'text += str(r)\nif i < len(rows) - 1:\n    text += " and "',
        'text += str(r)\nif i + 1 != len(rows):\n    text += ";"',
        'if text:\n    text += ", "\ntext += f"<{r}>"',
        'if not r:\n    continue\nif text != "":\n    text += ", "\ntext += f"<{r}>"',
        'if r:\n    if len(text) > 0:\n        text += ", "\n    text += "-" + str(r)',
    ],
)
def test_a_separator_joins(body: str) -> None:
    assert ".join" in (joined(body) or "")


def test_a_flag_tells_the_first_piece() -> None:
    told = 'if not first:\n    text += ", "\ntext += str(r)\nfirst = False'
    assert joined(told, "first = True")
    assert joined('if first:\n    first = False\nelse:\n    text += ","\ntext += str(r)', "first = True")
    assert joined(told, "first = False") is None
    assert joined(f"{told}\nif r == 2:\n    first = True", "first = True") is None


@pytest.mark.parametrize(
    "body",
    [
        'if i > 1:\n    text += ", "\ntext += str(r)',  # not behind the first
        'if i > 0:\n    text += ", "\nif r:\n    text += str(r)',  # a piece is left out, its separator is not
        'if not r:\n    continue\nif i > 0:\n    text += ", "\ntext += str(r)',  # the first may be left out
        'if text:\n    text += ", "\ntext += str(r)',  # a piece may be empty
        'i = i - 1\nif i > 0:\n    text += ", "\ntext += str(r)',  # another number than that of the round
        'text += str(r)\ni += 1\nif i < len(rows) - 1:\n    text += ", "',
        "if i > 0:\n    text += str(r)\ntext += str(r)",  # what stands between is another on each round
        'if i > 0:\n    text += ", "\nelse:\n    text += "> "\ntext += str(r)',
        'text += str(r)\nif i < len(rows):\n    text += ", "',
        'text += "a"\nif i > 0:\n    text += ", "\ntext += str(r)',
    ],
)
def test_what_is_no_separator_stays(body: str) -> None:
    after = joined(body)
    assert after is None or '", ".join' not in after
