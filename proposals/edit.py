"""The reviewer's own version of a rewrite: the new lines in an editor, and what came back put in their place."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

from ..codemods.place import Placed, TextEdit
from .judge import lines
from .model import Proposal, evidence_text, safety_text, speedup_text, tier_text


class EditError(Exception):
    """Why the edited text can't be used, in one line."""


#: Starts the lines above the code that say what it is about; they are not taken over.
REMARK = "#| "

_HOW = (
    "Below is the new code. It is verified against the loop when you leave the",
    "editor; an empty file leaves it as it was. Lines at the top that start",
    "with #| are not taken over.",
)


def facts(proposal: Proposal) -> list[str]:
    """What the reviewer should know while editing."""
    finding, form = proposal.finding, proposal.form
    said = [
        f"{finding.where} {finding.function}",
        f"{form.rule.code} {form.rule.name}, tier {tier_text(form.tier)}",
        safety_text(form),
        evidence_text(proposal.evidence),
    ]
    if measured := speedup_text(proposal.evidence):
        said.append(f"speed-up: {measured}")
    wrapped = [line for one in said for line in textwrap.wrap(one, 76, subsequent_indent="  ")]
    return [*wrapped, "", *_HOW]


def in_editor(text: str, remarks: Sequence[str] = ()) -> str | None:
    """Let the user edit `text` in $VISUAL, $EDITOR or vi, below some remarks. None when it came back empty.

    Raises EditError when the editor can't be started or fails.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    head = "".join(f"{REMARK}{remark}".rstrip() + "\n" for remark in remarks)
    with tempfile.TemporaryDirectory(prefix="deloop-") as folder:
        file = Path(folder) / "rewrite.py"
        file.write_text(f"{head}{text}\n", encoding="utf-8", newline="\n")
        try:
            done = subprocess.run([*command, str(file)], check=False)
            new = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise EditError(f"the editor `{shlex.join(command)}` failed: {problem}") from None
    if done.returncode != 0:
        raise EditError(
            f"the editor `{shlex.join(command)}` ended with status {done.returncode}; nothing was taken over"
        )
    new = _below_remarks(new)
    return new if new.strip() else None


def _below_remarks(text: str) -> str:
    rows = text.split("\n")
    start = next((k for k, row in enumerate(rows) if not row.startswith(REMARK.rstrip())), len(rows))
    return "\n".join(rows[start:]).rstrip("\n")


def replaced(base: str, placed: Placed, new: str) -> Placed:
    """The placement with the rewritten lines exchanged for `new`. Raises EditError when the file no longer parses."""
    first, last = placed.after_lines
    rows = placed.text.split("\n")
    new_rows = new.split("\n")
    text = "\n".join([*rows[: first - 1], *new_rows, *rows[last:]])
    try:
        ast.parse(text)
    except SyntaxError as problem:
        raise EditError(f"the file does not parse with that: {problem.msg} in its line {problem.lineno}") from None
    except (ValueError, RecursionError, MemoryError) as problem:
        raise EditError(f"the file does not parse with that: {problem}") from None
    return replace(
        placed, text=text, text_edits=tuple(_line_edits(base, text)), after_lines=(first, first + len(new_rows) - 1)
    )


def current(placed: Placed) -> str:
    """The rewritten lines, to be edited."""
    return lines(placed.text, placed.after_lines)


def _line_edits(old: str, new: str) -> Iterator[TextEdit]:
    """The lines that differ, as (start, end, new text) in characters of the old text."""
    before, after = _rows(old), _rows(new)
    starts = list(accumulate(map(len, before), initial=0))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield starts[i1], starts[i2], "".join(after[j1:j2])


def _rows(text: str) -> list[str]:
    """Lines with their ends; only "\\n" ends one."""
    *rows, rest = text.split("\n")
    return [row + "\n" for row in rows] + ([rest] if rest else [])
