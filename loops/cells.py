"""Cells that are used as if a column name stood for several columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .walk import walk

#: Methods of what a cell is when two columns have its name; a number of NumPy's has them too, and they do nothing.
OF_SEVERAL = frozenset({
    "all", "any", "count", "cumsum", "dropna", "fillna", "idxmax", "idxmin", "max", "mean", "median", "min", "nunique",
    "prod", "std", "sum", "to_list", "to_numpy", "tolist", "unique", "value_counts", "var",
})  # fmt: skip


def cell_of_several(site: ast.AST) -> ast.expr | None:
    """The first cell of a row that a method of Series is called on: `row["a"].sum()`, `df["a"].iloc[i].mean()`."""
    called = [
        n.func.value
        for n in walk(site)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in OF_SEVERAL
    ]
    if not called:
        return None
    rows, positions = set(_rows(site)), set(_positions(site))
    return next((cell for cell in called if _is_cell(cell, rows, positions)), None)


def _is_cell(node: ast.expr, rows: set[str], positions: set[str]) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=row)) | ast.Attribute(value=ast.Name(id=row)) if row in rows:
            return True
        case ast.Subscript(value=ast.Attribute(attr="iloc" | "iat"), slice=ast.Name(id=position)):
            return position in positions
        case ast.Subscript(value=ast.Subscript() as row, slice=ast.Constant(value=str())):
            return _is_cell(row, rows, positions)
    return False


def _headers(site: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What each header binds, and the name of the function or method that it calls."""
    for node in walk(site):
        match node:
            case (
                ast.For(target=target, iter=ast.Call(func=called))
                | ast.comprehension(target=target, iter=ast.Call(func=called))
            ):
                match called:
                    case ast.Attribute(attr=name) | ast.Name(id=name):
                        yield target, name


def _rows(site: ast.AST) -> Iterator[str]:
    for target, called in _headers(site):
        if called == "iterrows" and isinstance(target, ast.Tuple) and isinstance(target.elts[-1], ast.Name):
            yield target.elts[-1].id
    for node in walk(site):
        match node:
            case ast.Call(func=ast.Attribute(attr="apply"), args=[ast.Lambda(args=parameters), *_]):
                yield from (a.arg for a in parameters.args[:1])


def _positions(site: ast.AST) -> Iterator[str]:
    return (target.id for target, called in _headers(site) if called == "range" and isinstance(target, ast.Name))
