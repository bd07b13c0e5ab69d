"""What the parts of the walk over a region share."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import Any

from .preamble import ModuleNames
from .shapes import Shape


class Walk(ABC):
    """The state of a walk, and the parts that call one another: each written in a class that adds to it."""

    names: ModuleNames
    env: dict[str, Shape]
    globals: dict[str, Shape]
    constants: dict[str, Any]
    class_name: str
    stack: list[str]
    returned: list[Shape]
    local_functions: dict[str, ast.AST]
    homes: dict[ast.AST, ModuleNames]  # the modules of functions that are not of this file

    @abstractmethod
    def ev(self, node: ast.expr | None) -> Shape: ...

    @abstractmethod
    def block(self, stmts: list[ast.stmt]) -> None: ...

    @abstractmethod
    def bind(self, target: ast.expr, shape: Shape, value: ast.expr | None = None) -> None: ...

    @abstractmethod
    def iterate(self, shape: Shape) -> Shape: ...

    @abstractmethod
    def const(self, node: ast.AST | None) -> Any: ...

    @abstractmethod
    def moments(self, node: ast.expr) -> list[Any]: ...

    @abstractmethod
    def compared(self, shape: Shape, value: Any) -> None: ...

    @abstractmethod
    def attribute(self, base: Shape, name: str) -> Shape: ...

    @abstractmethod
    @abstractmethod
    def defaults(self, function: Any) -> None: ...

    @abstractmethod
    def apply(self, function: ast.expr, element: Shape, second: Shape | None = None) -> Shape: ...

    @abstractmethod
    def column_named_by(self, base: Shape, shape: Shape, key: ast.expr) -> str: ...

    @abstractmethod
    def reach(self, shape: Shape, values: list[Any], depth: int = 4) -> None: ...

    def arguments_of(self, node: ast.Call) -> list[Shape]:
        """The shapes of all arguments given by position; those given by name are looked at too."""
        shapes = [self.ev(a) for a in node.args]
        for keyword in node.keywords:
            self.ev(keyword.value)
        return shapes

    def strings(self, node: ast.expr) -> list[str]:
        """The texts in `"a"` or `["a", "b"]`."""
        value = self.const(node)
        if isinstance(value, str):
            return [value]
        if isinstance(node, (ast.List, ast.Tuple)):
            return [v for e in node.elts if isinstance(v := self.const(e), str)]
        return []


def labelled(table: Shape, column: Shape) -> Shape:
    """A column of a table that has keys for labels has them, too."""
    if "keyed" in table.find().flags and column.index_used is None:
        column.flag("labelled").find()._index = table.index
    return column


def keys_of(table: Shape) -> Shape:
    """What `table[key]` looks the key up in."""
    return table.index if "labelled" in table.find().flags else table.key


def names_of(table: Shape) -> Shape:
    """The names of the columns of a table."""
    name = table.attr("columns")
    if "column of" not in name.flags:
        name.vote("str").flag("column of").sources = [table]
    return name
