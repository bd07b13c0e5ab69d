"""Facts about a body as it stands: the columns that it stores into, and calls that show or write something."""

from __future__ import annotations

import ast

from .context import SiteContext, root_name
from .purity import OUTPUT_BUILTINS, OUTPUT_METHODS, OUTPUT_ROOTS, is_pure
from .walk import walk


def stored_columns(loop: ast.AST, frame: str) -> set[str] | None:
    """Columns of a frame that the body stores into cell by cell; None when that can't be told."""
    found: set[str] = set()
    for node in walk(loop):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and root_name(node) == frame:
            match node:
                case ast.Subscript(
                    value=ast.Attribute(value=ast.Name(), attr="at" | "loc"),
                    slice=ast.Tuple(elts=[_, ast.Constant(value=str(column))]),
                ):
                    found.add(column)
                case ast.Subscript() if (named := column_at(node)) is not None:
                    found.add(named)
                case _:
                    return None
    return found


def column_at(node: ast.Subscript) -> str | None:
    """The column that `df.iloc[i, df.columns.get_loc("c")]` names; None where it is another expression."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(value=frame, attr="iloc" | "iat"),
            slice=ast.Tuple(
                elts=[
                    _,
                    ast.Call(
                        func=ast.Attribute(value=ast.Attribute(value=asked, attr="columns"), attr="get_loc"),
                        args=[ast.Constant(value=str(column))],
                        keywords=[],
                    ),
                ]
            ),
        ) if ast.unparse(frame) == ast.unparse(asked):
            return column
    return None


def stored_numbers(loop: ast.AST, frame: str) -> set[int] | None:
    """Numbers of the columns that the body stores into, where it only does `df.iloc[row, 5] = ...`; else None."""
    found: set[int] = set()
    for node in walk(loop):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            if root_name(node) != frame:
                continue
            match node:
                case ast.Subscript(
                    value=ast.Attribute(value=ast.Name(), attr="iloc" | "iat"),
                    slice=ast.Tuple(elts=[_, ast.Constant(value=int(number))]),
                    ctx=ast.Store(),
                ):
                    found.add(number)
                case _:
                    return None
    return found or None


def is_output(site: SiteContext, call: ast.Call) -> bool:
    """Printing, plotting, logging, writing."""
    path = site.dotted(call.func) or ""
    if path.startswith("builtins."):
        return path.removeprefix("builtins.") in OUTPUT_BUILTINS
    root = path.split(".")[0] if path else (root_name(call.func) or "")
    if root in OUTPUT_ROOTS and not is_pure(path):
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr in OUTPUT_METHODS


def own_place(site: SiteContext, array: str, position: str | None) -> bool:
    """Whether all that the body does with an array or list is to read and store `array[position]`, each round its own.

    Its length may be asked for, which no store into an element changes.
    """
    if position is None or array in site.assigned:
        return False
    parent = site.file.scopes.parent
    body = [n for s in site.loop.body for n in walk(s) if isinstance(n, ast.Name)]
    if any(n.id == position and not isinstance(n.ctx, ast.Load) for n in body):
        return False
    return all(_at_own_place(parent[n], n, position) or _measured(site, parent[n]) for n in body if n.id == array)


def _at_own_place(parent: ast.AST, array: ast.Name, position: str) -> bool:
    match parent:
        case ast.Subscript(value=value, slice=ast.Name(id=at), ctx=ast.Load() | ast.Store()):
            return value is array and at == position
    return False


def _measured(site: SiteContext, parent: ast.AST) -> bool:
    match parent:
        case ast.Call(func=func):
            return site.dotted(func) == "builtins.len"
        case ast.Attribute(attr="shape" | "size"):
            return True
    return False
