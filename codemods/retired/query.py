"""The Bowler queries of the modernisers, run over one text in memory: what comes out are edits of that text."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator, Mapping
from typing import Any

from bowler import Query
from bowler.tool import BowlerTool
from fissix.pgen2.parse import ParseError
from fissix.pgen2.tokenize import TokenError
from fissix.pytree import Leaf, Node

from ...sources.positions import positions
from .base import Change, Moderniser
from .trees import Found, plain

TextEdit = tuple[int, int, str]


class CantParse(Exception):
    """Why Bowler's parser, which knows the syntax of Python 3.7, can't read a text; `line` is where it stops."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class NotPlaced(Exception):
    """A change does not fit the text."""


def edits_for(text: str, wanted: Mapping[int, tuple[type[Moderniser], Change]]) -> dict[int, TextEdit]:
    """The edits that the changes come to, each by the offset of the name that it is for.

    `wanted` has the change for the use whose name starts at an offset of the text, of no two in the same statement.
    Raises CantParse.
    """
    made: dict[int, TextEdit] = {}
    query = Query()
    for moderniser in dict.fromkeys(moderniser for moderniser, _ in wanted.values()):
        _select(query, moderniser, text, wanted, made)
    # `print` and `exec` are names, as they are in Python 3
    tool = BowlerTool(
        query.compile(), interactive=False, write=False, silent=True, options={"print_function": True}, in_process=True
    )
    tool.refactor_tree(_parsed(tool, text), "<text>")
    return made


def _select(
    query: Query,
    moderniser: type[Moderniser],
    text: str,
    wanted: Mapping[int, tuple[type[Moderniser], Change]],
    made: dict[int, TextEdit],
) -> None:
    spots = _Places(text)

    def is_wanted(node: Node, capture: dict[str, Any], filename: str) -> bool:
        at = spots.of(node.children[1])
        return at in wanted and at not in made and wanted[at][0] is moderniser

    def modify(node: Node, capture: dict[str, Any], filename: str) -> None:
        at = spots.of(node.children[1])
        line = spots.text.line(node.children[1].lineno)
        made[at] = _changed(text, spots, Found(node, line[: len(line) - len(line.lstrip())]), wanted[at][1])

    query.select(moderniser.pattern()).filter(is_wanted).modify(modify)


def _changed(text: str, spots: _Places, found: Found, change: Change) -> TextEdit:
    root, holder = found.root, found.root.parent
    index = next(i for i, child in enumerate(holder.children) if child is root)
    start, old = spots.of(next(root.leaves())), plain(root)
    if text[start : start + len(old)] != old:
        raise NotPlaced("Bowler's parser reads this statement in another way than Python does")
    change.edit(found)
    return trimmed(start, old, plain(holder.children[index]))


def trimmed(start: int, old: str, new: str) -> TextEdit:
    """The edit without what old and new text have in common at their ends."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return start + head, start + len(old) - tail, new[head : len(new) - tail]


_BEFORE = re.compile(r"[ \t\f]*\f")


class _Places:
    """Where fissix's leaves stand in a text: it gets the text without form feeds, before which no column counts."""

    def __init__(self, text: str) -> None:
        self.text = positions(text)
        rows = text.split("\n")
        self._shifts = {
            n: found.end() for n, row in enumerate(rows, 1) if "\f" in row and (found := _BEFORE.match(row))
        }

    def of(self, leaf: Leaf) -> int:
        """The characters before a leaf; fissix counts columns in characters."""
        return self.text.line_start(leaf.lineno) + int(leaf.column) + self._shifts.get(leaf.lineno, 0)


def _without_feeds(row: str) -> str:
    found = _BEFORE.match(row)
    return row[found.end() :] if found else row


def _readable(text: str) -> str:
    """The text for fissix, which takes a form feed for indentation, and needs the last line to end."""
    if "\f" in text:
        text = "\n".join(_without_feeds(row) for row in text.split("\n"))
    return text if text.endswith("\n") else text + "\n"


def _parsed(tool: BowlerTool, text: str) -> Node:
    try:
        return tool.driver.parse_string(_readable(text))
    except ParseError as problem:
        line = problem.context[1][0] if problem.context else 1
        raise CantParse(line, _row(text, line)) from None
    except (TokenError, tokenize.TokenError, IndentationError) as problem:
        line = next(_numbers(problem.args), 1)
        raise CantParse(line, _row(text, line)) from None
    except RecursionError:
        raise CantParse(1, "nested too deeply") from None


def _row(text: str, line: int) -> str:
    rows = text.split("\n")
    return rows[line - 1].strip() if 0 < line <= len(rows) else ""


def _numbers(args: tuple[Any, ...]) -> Iterator[int]:
    for one in args:
        if isinstance(one, tuple):
            yield from (n for n in one if isinstance(n, int))
