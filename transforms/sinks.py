"""What happens to a list after the loop, and so which form of the result it may take."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..loops.context import SiteContext
from .targets import Target, uses_after


@dataclass(frozen=True)
class Sink:
    """How the result is wanted.

    "array": the very next use turns the list into an array under the same name; `statement` (which goes) says so.
    "arraylike": every use takes an array just as well; `uses` are the statements with them. "list": somebody wants a
    list.
    """

    form: str
    statement: ast.stmt | None = None
    uses: tuple[ast.stmt, ...] = ()


def find_sink(site: SiteContext, target: Target) -> Sink:
    """The sink of a list that one loop fills from empty."""
    block = site.file.scopes.block[site.loop]
    following = block[block.index(site.loop) + 1 :]
    for stmt in following:
        mentions = [n for n in ast.walk(stmt) if isinstance(n, ast.Name) and n.id == target.name]
        if not mentions:
            if isinstance(stmt, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
                break
            continue
        if _rebinds_as_array(site, stmt, target.name):
            return Sink("array", stmt)
        break
    if not site.scope.is_function:
        return Sink("list")  # whoever imports the module sees it
    uses = uses_after(site, target.name)
    if uses and all(_takes_array(site, n) for n in uses) and not _other_bindings(site, target):
        statements = [_statement_in(site, n, block) for n in uses]
        if all(s is not None for s in statements):
            return Sink("arraylike", None, tuple(dict.fromkeys(s for s in statements if s is not None)))
    return Sink("list")


def _statement_in(site: SiteContext, node: ast.AST, block: list[ast.stmt]) -> ast.stmt | None:
    """The statement of a block that a node belongs to."""
    while node not in block:
        up = site.file.scopes.parent.get(node)
        if up is None:
            return None
        node = up
    return node if isinstance(node, ast.stmt) else None


def _rebinds_as_array(site: SiteContext, stmt: ast.stmt, name: str) -> bool:
    match stmt:
        case ast.Assign(
            targets=[ast.Name(id=target)], value=ast.Call(func=func, args=[ast.Name(id=source)], keywords=[])
        ):
            return target == source == name and site.dotted(func) in ("numpy.array", "numpy.asarray")
    return False


def _takes_array(site: SiteContext, use: ast.Name) -> bool:
    """Column assignment, Series and array constructors, `assign`: they copy what they are given, list or array."""
    parent = site.file.scopes.parent[use]
    match parent:
        case ast.Assign(targets=[ast.Subscript(value=base, slice=ast.Constant(value=str()))], value=value) if (
            value is use
        ):
            kind = site.kind(base)
            return kind is not None and kind.name == "frame"
        case ast.Call(func=func, args=[first, *_]) if first is use:
            return site.dotted(func) in (
                "pandas.Series",
                "numpy.array",
                "numpy.asarray",
                "builtins.len",
                "numpy.sum",
                "numpy.mean",
                "numpy.std",
                "numpy.cumsum",
                "numpy.percentile",
                "numpy.max",
                "numpy.min",
                "numpy.median",
            )
        case ast.keyword():
            call = site.file.scopes.parent[parent]
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "assign":
                kind = site.kind(call.func.value)
                return kind is not None and kind.name == "frame"
            return isinstance(call, ast.Call) and site.dotted(call.func) == "pandas.Series" and parent.arg == "data"
    return False


def _other_bindings(site: SiteContext, target: Target) -> bool:
    return len(site.scope.binders(target.name)) > 1
