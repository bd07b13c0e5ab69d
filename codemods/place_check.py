"""What the statements of a region must be after some edits, so that the text can be held against it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..transforms.base import Edit, InsertBefore, Replace, Substitute


class Expected:
    """Applies edits to syntax trees, copying what changes. New statements are taken as they are; where they hold an
    original one that is kept, the edits inside that one apply."""

    def __init__(self, edits: Sequence[Edit], kept: Collection[int]) -> None:
        self.kept = kept
        self.inserted: dict[int, list[ast.stmt]] = {}
        self.replaced: Mapping[int, Sequence[ast.stmt]] = {id(e.old): e.new for e in edits if isinstance(e, Replace)}
        self.swapped: Mapping[int, ast.expr] = {id(e.old): e.new for e in edits if isinstance(e, Substitute)}
        for edit in edits:
            if isinstance(edit, InsertBefore):
                self.inserted.setdefault(id(edit.anchor), []).extend(edit.new)

    def block(self, stmts: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements that a block holds after the edits."""
        out: list[ast.stmt] = []
        for stmt in stmts:
            out += self.inserted.get(id(stmt), [])
            if id(stmt) in self.replaced:
                out += [self._new(new) for new in self.replaced[id(stmt)]]
            else:
                out.append(self._old(stmt))
        return out

    def _old(self, node: Any) -> Any:
        """A node of the original tree with the edits inside it."""
        if isinstance(node, list):
            if node and isinstance(node[0], ast.stmt):
                return self.block(node)
            return [self._old(item) for item in node]
        if not isinstance(node, ast.AST):
            return node
        if id(node) in self.swapped:
            return self.swapped[id(node)]
        return self._copy(node, self._old)

    def _new(self, node: Any) -> Any:
        """A new node, whose original parts may hold edits."""
        if isinstance(node, list):
            return [self._new(item) for item in node]
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            return node
        return self._copy(node, self._old if id(node) in self.kept else self._new)

    @staticmethod
    def _copy(node: ast.AST, convert: Any) -> ast.AST:
        copy = type(node).__new__(type(node))
        for name, value in ast.iter_fields(node):
            setattr(copy, name, convert(value))
        return copy
