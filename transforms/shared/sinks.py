"""What happens to a list after the loop, and so which form of the result it may take."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.walk import walk
from .targets import Target, uses_after

ARRAYS = ("numpy.array", "numpy.asarray")


@dataclass(frozen=True)
class Sink:
    """How the result is wanted.

    "array": the very next use turns the list into an array under the same name; `statement` (which goes) says so.
    "arraylike": every use takes an array just as well; `uses` are the statements with them; `copy` is the only call
    that makes an array of the list, if there is one; `keeps` says that a use may go on with the very memory that it is
    given; `pandas` that pandas takes it, to which an empty list is one of objects. "list": somebody wants a list.
    """

    form: str
    statement: ast.stmt | None = None
    uses: tuple[ast.stmt, ...] = ()
    copy: ast.Call | None = None
    keeps: bool = False
    pandas: bool = False


def find_sink(site: SiteContext, target: Target) -> Sink:
    """The sink of a list that one loop fills from empty."""
    block = site.file.scopes.block[site.loop]
    following = block[block.index(site.loop) + 1 :]
    for stmt in following:
        mentions = [n for n in walk(stmt) if isinstance(n, ast.Name) and n.id == target.name]
        if not mentions:
            if isinstance(stmt, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
                break
            continue
        if _rebinds_as_array(site, stmt, target.name):
            return Sink("array", stmt)
        break
    if not site.scope.is_function or closed_over(site, target.name):
        return Sink("list")  # whoever imports the module sees it, or an inner function
    uses = uses_after(site, target.name)
    if uses and all(_takes_array(site, n) for n in uses) and not _other_bindings(site, target):
        statements = [_statement_in(site, n, block) for n in uses]
        if all(s is not None for s in statements):
            used = tuple(dict.fromkeys(s for s in statements if s is not None))
            keeps = any(_called(site, n) in ("pandas.Series", "numpy.asarray") for n in uses)
            pandas = any(not _to_numpy(_called(site, n)) for n in uses)
            return Sink("arraylike", None, used, _only_copy(site, uses), keeps, pandas)
    return Sink("list")


def _called_with(site: SiteContext, node: ast.expr) -> str | None:
    """The function whose first argument an expression is."""
    call = site.file.scopes.parent[node]
    first = isinstance(call, ast.Call) and bool(call.args) and call.args[0] is node
    return site.dotted(call.func) if first and isinstance(call, ast.Call) else None


def _called(site: SiteContext, use: ast.Name) -> str | None:
    """The function that is called with a name as its first argument, or with `data=`."""
    parent = site.file.scopes.parent[use]
    if isinstance(parent, ast.keyword):
        parent = site.file.scopes.parent[parent]
    return site.dotted(parent.func) if isinstance(parent, ast.Call) else None


def _to_numpy(path: str | None) -> bool:
    return path is not None and (path == "builtins.len" or path.startswith("numpy."))


def _only_copy(site: SiteContext, uses: list[ast.Name]) -> ast.Call | None:
    """The one `np.array(name)` beside which the list is only measured: an array needs no copy there."""
    made = [n for n in uses if _called(site, n) != "builtins.len"]
    if len(made) != 1 or _called(site, made[0]) not in ARRAYS:
        return None
    call = site.file.scopes.parent[made[0]]
    return call if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords else None


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
            return target == source == name and site.dotted(func) in ARRAYS
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
        case ast.Dict() if use in parent.values:
            return _called_with(site, parent) == "pandas.DataFrame"
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
