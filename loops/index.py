"""The nodes of a file by kind: collected when first asked for, and kept."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeVar

from .walk import walk

Node = TypeVar("Node", bound=ast.AST)


@dataclass
class Index:
    """The nodes of one file's syntax tree."""

    tree: ast.Module
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

    def release(self) -> None:
        """Forget everything."""
        self._everything.clear()
        self._each.clear()
