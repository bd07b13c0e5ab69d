"""One number for all rounds where broadcasting makes one for each of them: `x if flag else np.full(n, 1.0)`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.walk import walk
from .lanes import Building, Step

#: What a filled array is marked with that may be thinned.
SPREAD = "spread"
#: What an array of a list is marked with that a list may stand for.
ARITHMETIC = "arithmetic"


def spread(filled: ast.Call) -> ast.Call:
    """Mark an array that holds one number on every round."""
    setattr(filled, SPREAD, True)
    return filled


def thin(code: Building, steps: Sequence[Step], statements: Sequence[ast.stmt]) -> None:
    """Put the number itself where each array that it becomes part of is as long as the loop anyway.

    A number also keeps the width of an array beside it, as it did that of a scalar in the loop: `np.full(n, 1.0)`
    would make float64 of float32.
    """
    roots: list[ast.AST] = [*(s.node for s in steps), *statements]
    choices = [n for r in roots for n in walk(r) if isinstance(n, ast.IfExp) and (_marked(n.body) or _marked(n.orelse))]
    if not choices:
        return
    uses = _Uses(code, steps, roots)
    for choice in choices:
        if uses.broadcasts(choice):
            choice.body, choice.orelse = (n.args[1] if _marked(n) else n for n in (choice.body, choice.orelse))  # type: ignore[attr-defined]


def for_arithmetic(made: ast.Call) -> ast.Call:
    """Mark an array of a list that is only made to be computed with."""
    setattr(made, ARITHMETIC, True)
    return made


class _Lists(ast.NodeTransformer):
    """`np.array(x.tolist()).tolist()`: the array is made for nothing."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(args=[listed]) as made, attr="tolist"), args=[]):
                return listed if hasattr(made, ARITHMETIC) else node
        return node


def without_arrays_for_lists(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements without arrays that are made of a list only to become one again."""
    return [_Lists().visit(stmt) for stmt in statements]


def _marked(node: ast.expr) -> bool:
    return hasattr(node, SPREAD)


class _Uses:
    """Where each value of the new code goes. Parts of it are shared: one node may stand in several places."""

    def __init__(self, code: Building, steps: Sequence[Step], roots: Sequence[ast.AST]) -> None:
        self.numpy = code.np
        self.arrays = set(code.arrays)
        self.steps = {id(s.node): s.symbol for s in steps}
        self.parents: dict[int, dict[int, ast.AST]] = {}
        self.names: dict[str, dict[int, ast.Name]] = {}
        self.seen: set[int] = set()
        for root in roots:
            self._enter(root)

    def _enter(self, node: ast.AST) -> None:
        if id(node) in self.seen:
            return
        self.seen.add(id(node))
        if isinstance(node, ast.Name):
            self.names.setdefault(node.id, {})[id(node)] = node
        for child in ast.iter_child_nodes(node):
            self.parents.setdefault(id(child), {})[id(node)] = node
            self._enter(child)

    def broadcasts(self, node: ast.expr) -> bool:
        """Whether a value is only computed with beside arrays of one element a round, wherever it stands."""
        symbol, places = self.steps.get(id(node)), list(self.parents.get(id(node), {}).values())
        uses = list(self.names.get(symbol, {}).values()) if symbol is not None else []
        if symbol is not None:
            self.arrays.discard(symbol)  # it is what may be one number
        known = bool(uses or places)
        return known and all(map(self.broadcasts, uses)) and all(self._beside_arrays(node, p) for p in places)

    def _beside_arrays(self, node: ast.expr, place: ast.AST) -> bool:
        match place:
            case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
                return self._array(right if node is left else left) or self.broadcasts(place)
            case ast.UnaryOp(op=ast.USub()):
                return self.broadcasts(place)
            case ast.Call(args=[test, *branches]) if self._numpy(place, "where") and node in branches:
                return test is not node and self._array(test)
        return False

    def _array(self, node: ast.expr) -> bool:
        """Whether a value surely has one element a round."""
        match node:
            case ast.Name(id=symbol):
                return symbol in self.arrays
            case ast.Subscript(value=ast.Name(id=symbol), slice=ast.Slice()):
                return symbol in self.arrays
            case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
                return self._array(left) or self._array(right)
            case ast.Call(args=[test, _, _]) if self._numpy(node, "where"):
                return self._array(test)
        return False

    def _numpy(self, node: ast.Call, function: str) -> bool:
        match node.func:
            case ast.Attribute(value=ast.Name(id=module), attr=attr):
                return module == self.numpy and attr == function
        return False
