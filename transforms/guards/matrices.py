"""Whether tables of two dimensions have the columns that a loop reads by number."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.walk import walk
from ..shared.build import const, expr, filled
from .syntax import Untestable


def wide_enough(site: SiteContext, code: str) -> list[ast.expr]:
    """The tests that a table has the rows and columns with a number that is written out.

    Raises Untestable for other numbers; how far the variables of loops go is for other assumptions to say.
    """
    moving = {n.id for n in walk(site.loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    least = [-1, -1]
    for n in walk(site.loop):
        for axis, index in enumerate(_cell(n, code)):
            match index:
                case ast.Constant(value=int(k)) if type(k) is int and k >= 0:
                    least[axis] = max(least[axis], k)
                case ast.Name(id=name) if axis == 0 or name in moving:
                    pass
                case ast.Slice():
                    pass
                case _:
                    raise Untestable
    parts = [(axis, k) for axis, k in enumerate(least) if k >= 0]
    return [filled(expr("x.shape[axis] > k"), {"x": expr(code), "axis": const(a), "k": const(k)}) for a, k in parts]


def _cell(node: ast.AST, code: str) -> list[ast.expr]:
    """The row and the column in `x[i, k]` and `x[i][k]`; none for what is no cell of the table."""
    match node:
        case ast.Subscript(value=table, slice=ast.Tuple(elts=[row, column])) if ast.unparse(table) == code:
            return [row, column]
        case ast.Subscript(value=ast.Subscript(value=table, slice=row), slice=column) if ast.unparse(table) == code:
            return [] if isinstance(row, ast.Slice | ast.Tuple) else [row, column]
    return []
