"""What the parts of the walk over a region share."""

from __future__ import annotations

import ast
from typing import Any

from .preamble import ModuleNames
from .shapes import Shape


class Walk:
    """The state of a walk, and the parts that call one another."""

    names: ModuleNames
    env: dict[str, Shape]
    globals: dict[str, Shape]
    constants: dict[str, Any]
    class_name: str
    stack: list[str]
    returned: list[Shape]
    local_functions: dict[str, ast.AST]

    def ev(self, node: ast.expr | None) -> Shape:
        raise NotImplementedError

    def block(self, stmts: list[ast.stmt]) -> None:
        raise NotImplementedError

    def bind(self, target: ast.expr, shape: Shape, value: ast.expr | None = None) -> None:
        raise NotImplementedError

    def iterate(self, shape: Shape) -> Shape:
        raise NotImplementedError

    def const(self, node: ast.AST | None) -> Any:
        raise NotImplementedError

    def compared(self, shape: Shape, value: Any) -> None:
        raise NotImplementedError

    def attribute(self, base: Shape, name: str) -> Shape:
        raise NotImplementedError

    def delta(self, base: Shape) -> Shape:
        raise NotImplementedError

    def defaults(self, function: Any) -> None:
        raise NotImplementedError

    def apply(self, function: ast.expr, element: Shape, second: Shape | None = None) -> Shape:
        raise NotImplementedError

    def reach(self, shape: Shape, values: list[Any], depth: int = 4) -> None:
        raise NotImplementedError

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
