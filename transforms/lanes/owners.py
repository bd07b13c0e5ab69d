"""Which table an array was taken out of, and so is as long as."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.header import bound_once, column_source, unchanged_between
from ...loops.header_rows import inv
from ...loops.ir import Inv
from ...loops.walk import walk


def owner_of(site: SiteContext, source: Inv) -> str:
    """The code of the table whose column `x = df["c"].values` or `x = table[:, 0]` holds, if neither has changed since;
    else of `source`."""
    if not isinstance(source.node, ast.Name):
        return source.code
    bound = bound_once(site, source.node.id)
    if bound is None:
        return source.code
    made, value = bound
    if (table := _table_of(site, value)) is not None:
        same = unchanged_between(site, table, made) and unchanged_between(site, source, made)
        return table.code if same else source.code
    column = column_source(site, _unwrapped(site, value))
    if column is None or not unchanged_between(site, column.base, made) or not unchanged_between(site, source, made):
        return source.code
    kind = site.kind(column.base.node)
    return column.base.code if kind is not None and kind.name == "frame" else source.code


def _table_of(site: SiteContext, value: ast.expr) -> Inv | None:
    """The matrix in `matrix[:, 0]`: only arrays are indexed like that."""
    match value:
        case ast.Subscript(
            value=ast.Name() as base,
            slice=ast.Tuple(elts=[ast.Slice(lower=None, upper=None, step=None), ast.Constant(value=int())]),
        ):
            kind = site.kind(base)
            return inv(base) if kind is None or kind.name == "ndarray" else None
    return None


def _unwrapped(site: SiteContext, node: ast.expr) -> ast.expr:
    """The column in `df["c"].values`, `df["c"].to_numpy()` and `np.asarray(df["c"])`."""
    match node:
        case ast.Attribute(value=inner, attr="values"):
            return inner
        case ast.Call(func=ast.Attribute(value=inner, attr="to_numpy")):
            return inner
        case ast.Call(func=func, args=[inner, *_]) if site.dotted(func) in ("numpy.asarray", "numpy.array"):
            return _unwrapped(site, inner)
    return node


def columns_in(node: ast.expr) -> list[str]:
    """The columns that an expression asks for by name, as they are written: `df["c"]` in `df["c"].to_numpy()`."""
    asked = (n for n in walk(node) if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant))
    return [ast.unparse(n) for n in asked if isinstance(n.slice, ast.Constant) and isinstance(n.slice.value, str)]
