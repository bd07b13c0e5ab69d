"""The nodes of a file by kind: collected when first asked for, and kept."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TypeVar

from .walk import children, walk

Node = TypeVar("Node", bound=ast.AST)


@dataclass
class Index:
    """The nodes of one file's syntax tree."""

    tree: ast.Module
    text: str = ""
    _everything: list[ast.AST] = field(default_factory=list)
    _each: dict[type[ast.AST], list[ast.AST]] = field(default_factory=dict)

    def everything(self) -> list[ast.AST]:
        """All nodes of the file, level by level."""
        if not self._everything:
            self._everything = walk(self.tree)
        return self._everything

    def each(self, kind: type[Node]) -> list[Node]:
        """All nodes of one kind in the file, level by level."""
        if not self._each:
            for node in self.everything():
                self._each.setdefault(node.__class__, []).append(node)
        return self._each.get(kind, [])  # type: ignore[return-value]

    def calls(self, name: str) -> list[ast.Call]:
        """All calls in the file that may be calls of a name: with a text, only what stands on the lines it is on."""
        if not self.text.isascii() or not self.text:  # other letters are normalised: a name is written in several ways
            return self.each(ast.Call)
        return _calls_on(self.tree, _lines_with(self.text, name))

    def release(self) -> None:
        """Forget everything."""
        self._everything.clear()
        self._each.clear()


def _lines_with(text: str, word: str) -> list[int]:
    """The lines, from 1, on which a word stands."""
    found: list[int] = []
    line, at = 1, 0
    for match in re.finditer(rf"{re.escape(word)}(?<!\w{re.escape(word)})\b", text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.append(line)
    return found


def _calls_on(tree: ast.Module, lines: list[int]) -> list[ast.Call]:
    """The calls that reach over one of these lines."""
    found: list[ast.Call] = []
    stack: list[ast.AST] = [tree]
    while stack:
        for child in children(stack.pop()):
            last = getattr(child, "end_lineno", None)
            if last is not None and not _holds(lines, _first_line(child), last):
                continue
            if isinstance(child, ast.Call):
                found.append(child)
            stack.append(child)
    return found


def _first_line(node: ast.AST) -> int:
    """Where a node begins, with its decorators."""
    line: int = node.lineno  # type: ignore[attr-defined]
    return min((d.lineno for d in getattr(node, "decorator_list", ())), default=line)


def _holds(lines: list[int], first: int, last: int) -> bool:
    """Whether one of the lines, which are in order, is among some."""
    k = bisect_left(lines, first)
    return k < len(lines) and lines[k] <= last
