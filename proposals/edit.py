"""The reviewer's own version of a rewrite: the new lines in an editor, and what came back put in their place."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from ..codemods.place import Placed
from ..sources.files import TextEdit
from .judge import lines


class EditError(Exception):
    """Why the edited text can't be used, in one line."""


def in_editor(text: str) -> str | None:
    """Let the user edit `text` in $VISUAL, $EDITOR or vi. None when it came back as it was, or empty.

    Raises EditError when the editor can't be started or fails.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="deloop-") as folder:
        file = Path(folder) / "rewrite.py"
        file.write_text(text + "\n", encoding="utf-8", newline="\n")
        try:
            done = subprocess.run([*command, str(file)], check=False)
            new = file.read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as problem:
            raise EditError(f"the editor `{shlex.join(command)}` failed: {problem}") from None
    if done.returncode != 0:
        raise EditError(
            f"the editor `{shlex.join(command)}` ended with status {done.returncode}; nothing was taken over"
        )
    return new if new.strip() and new != text else None


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
    start, end = _span(base, placed.before_lines)
    outside = [edit for edit in placed.text_edits if edit.end <= start or edit.start >= end]
    edits = sorted([*outside, TextEdit(start, end, new)], key=lambda edit: (edit.start, edit.end))
    return replace(placed, text=text, text_edits=tuple(edits), after_lines=(first, first + len(new_rows) - 1))


def current(placed: Placed) -> str:
    """The rewritten lines, to be edited."""
    return lines(placed.text, placed.after_lines)


def _span(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Offsets of the first and behind the last character of some lines, the last line end left out."""
    rows = text.split("\n")
    start = sum(len(row) + 1 for row in rows[: span[0] - 1])
    return start, start + len(lines(text, span))
