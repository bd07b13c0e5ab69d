"""Values of those cells of a grid only that a mask lets through, each found by its row and its column."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.ir import Read
from ...loops.walk import walk
from ..shared.build import clone, item
from .functions import ELEMENTWISE
from .grids import GridCode
from .lanes import Lane, is_part
from .vector import none_left_out


@dataclass
class SomeCells:
    """`rows` and `columns` are names of the positions of those cells."""

    code: GridCode
    rows: ast.Name
    columns: ast.Name
    computed: set[int] = field(default_factory=set)

    def values(self, lane: Lane, mask: Lane) -> ast.expr:
        """The values of a lane in those cells; refuses a lane or a mask of which the parts are not understood."""
        node = self._at(lane.node) if lane.array and self._for_each_cell(mask.node) else None
        none_left_out(self.code, self.computed if node is not None else set())
        assert node is not None
        return node

    def found(self, mask: Lane) -> ast.Assign:
        """`rows, columns = np.nonzero(mask)`."""
        names: list[ast.expr] = [ast.Name(n.id, ast.Store()) for n in (self.rows, self.columns)]
        return ast.Assign([ast.Tuple(names, ast.Store())], self.code.numpy("nonzero", mask.node))

    def _for_each_cell(self, node: ast.expr) -> bool:
        """Whether a mask is as large as the grid: a table decides in it, not a row or a column alone."""
        if id(node) in self.code.tables:
            return True
        match node:
            case ast.Name():
                made = self._made(node)
                return made is not None and self._for_each_cell(made)
            case ast.BinOp() | ast.UnaryOp() | ast.Compare():
                return any(self._for_each_cell(n) for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
        return False

    def _made(self, node: ast.Name) -> ast.expr | None:
        return next((s.node for s in self.code.steps if s.symbol == node.id), None)

    def _at(self, node: ast.expr) -> ast.expr | None:
        """An expression on the grid as one on the cells; None for more than arithmetic of arrays and numbers."""
        if id(node) in self.code.tables:
            return item(node, ast.Tuple([clone(self.rows), clone(self.columns)], ast.Load()))
        self.computed.add(id(node))
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._at(left), self._at(right)
                return None if a is None or b is None else ast.BinOp(a, op, b)
            case ast.UnaryOp(op=op, operand=operand):
                inner = self._at(operand)
                return None if inner is None else ast.UnaryOp(op, inner)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=function), args=args, keywords=[]):
                parts = [self._at(a) for a in args]
                if module != self.code.np or function not in ELEMENTWISE or any(p is None for p in parts):
                    return None
                return self.code.numpy(function, *(p for p in parts if p is not None))
        return self._leaf(node)

    def _leaf(self, node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Subscript(value=one_per_row, slice=ast.Tuple(elts=[ast.Slice(), ast.Constant(value=None)])):
                return item(self._whole(one_per_row), clone(self.rows))
            case ast.Subscript(value=ast.Name(id=symbol)) if is_part(node) and symbol.startswith("§"):
                return item(node, clone(self.columns))
            case ast.Subscript(slice=ast.Tuple(elts=[ast.Slice(), ast.Constant() | ast.Name()])):
                return item(node, clone(self.columns))
            case ast.Name(id=symbol) if symbol.startswith("§"):
                return self._of_step(node)
            case ast.Constant() | ast.Name() | ast.Attribute():
                # What is the same on all rounds is a number.
                return None if any(isinstance(n, ast.Name) and n.id.startswith("§") for n in walk(node)) else node
        return None

    def _of_step(self, symbol: ast.Name) -> ast.expr | None:
        """What a step names: a table, or what is read at the positions of the inner loop."""
        made = self._made(symbol)
        if made is not None and id(made) in self.code.tables:
            return item(symbol, ast.Tuple([clone(self.rows), clone(self.columns)], ast.Load()))
        read = any(
            isinstance(lane.node, ast.Name) and lane.node.id == symbol.id
            for e, lane in self.code.memo.items()
            if isinstance(e, Read)
        )
        return item(self._whole(symbol), clone(self.columns)) if read else None

    def _whole(self, node: ast.expr) -> ast.expr:
        """What a part is the beginning of: the positions are inside anyway."""
        made = self._made(node) if isinstance(node, ast.Name) else node
        match made:
            case ast.Subscript(value=whole, slice=ast.Slice(lower=None, step=None)):
                return whole
        return node
