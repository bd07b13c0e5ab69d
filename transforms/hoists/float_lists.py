"""Columns of floats as lists of Python floats, and arrays of floats that are filled from lists."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.context import SiteContext
from ...loops.exposure import KNOWN, closed_over, handled
from ...loops.ir import Inv, Read
from ...loops.names import COMPREHENSIONS
from ...loops.walk import walk
from ..base import Edit, InsertBefore, Substitute
from ..shared.build import assign, attr, call, clone, const, expr, filled, item, name
from ..shared.syntax import stem
from .floats import Flow, Number
from .reads import Hoist
from .zipped import column_of

#: Functions that make an array that nobody else sees.
FRESH = frozenset({"numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full"})
FOUND = "{name: column for name, column in frame.items() if wanted}"
ARE_FLOATS = 'all(column.dtype == "float64" for column in columns.values())'
COLUMNS = "{name: column.tolist() if floats else column.array for name, column in columns.items()}"


def read_lists(hoist: Hoist, base: Inv, columns: Sequence[str], found: Sequence[tuple[ast.expr, Read]]) -> list[Edit]:
    """Make the lists before the loop, and read from them."""
    if not columns:
        return _series_lists(hoist, {"": base.node}, found)
    if all(surely_there(hoist.site, base, column) for column in columns):
        return _series_lists(hoist, {c: item(clone(base.node), const(c)) for c in columns}, found)
    table = hoist.fresh("columns", f"{stem(base.node, 'column')}_columns")
    hoist.floats = hoist.fresh("floats", "are_floats")
    several = len(columns) > 1
    those = ast.Tuple([const(c) for c in columns], ast.Load()) if several else const(columns[0])
    wanted = ast.Compare(name("name"), [ast.In() if several else ast.Eq()], [those])
    parts = {"frame": base.node, "wanted": wanted, "columns": name(table), "floats": name(hoist.floats)}
    hoist.prelude += [
        assign(table, filled(expr(FOUND), parts)),
        assign(hoist.floats, filled(expr(ARE_FLOATS), parts)),
        assign(table, filled(expr(COLUMNS), parts)),
    ]
    edits: list[Edit] = []
    for node, read in found:
        column = item(name(table), const(column_of(read)))
        edits.append(Substitute(node, item(column, hoist.at(read.offset))))
    return edits


def _series_lists(hoist: Hoist, series: dict[str, ast.expr], found: Sequence[tuple[ast.expr, Read]]) -> list[Edit]:
    """A list for each column that is surely there, or for the one series."""
    names = {}
    for column, node in series.items():
        wish = stem(node, "column")
        names[column] = hoist.fresh(*([wish] if column else []), f"{wish}_values", "element_values")
    hoist.floats = hoist.fresh("floats", "are_floats")
    first, *rest = [attr(clone(node), "dtype") for node in series.values()]
    is_float = ast.Compare(first, [ast.Eq()] * len(series), [*rest, const("float64")])
    hoist.prelude.append(assign(hoist.floats, is_float))
    for column, node in series.items():
        listed = ast.IfExp(name(hoist.floats), call(attr(clone(node), "tolist")), attr(clone(node), "array"))
        hoist.prelude.append(assign(names[column], listed))
    return [Substitute(node, item(name(names[column_of(read) or ""]), hoist.at(read.offset))) for node, read in found]


def surely_there(site: SiteContext, frame: Inv, column: str) -> bool:
    """Whether a statement before the loop has read the column, so that it is there even if there is no round."""
    if not isinstance(frame.node, ast.Name):
        return False
    wanted = f"{frame.code}[{column!r}]"
    for stmt in reversed(site.block[: site.index]):
        if not isinstance(stmt, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)):
            return False
        mentions = [n for n in walk(stmt) if isinstance(n, ast.Name) and n.id == frame.code]
        ups = [site.file.scopes.parent[n] for n in mentions]
        if any(ast.unparse(up) == wanted and _always(site, up, stmt) for up in ups):
            return all(_only_read(n, up) for n, up in zip(mentions, ups, strict=True))
        if not all(_only_read(n, up) for n, up in zip(mentions, ups, strict=True)) or _unknown(site, stmt):
            return False
    return False


def _only_read(mention: ast.Name, up: ast.AST) -> bool:
    """`df["c"]`, `len(df)`."""
    match up:
        case ast.Subscript(value=value, slice=ast.Constant(value=str()), ctx=ast.Load()):
            return value is mention
        case ast.Call(func=ast.Name(id="len")):
            return True
    return False


def _always(site: SiteContext, node: ast.AST, stmt: ast.stmt) -> bool:
    """Whether a statement evaluates an expression whatever comes."""
    for up in site.file.scopes.ancestors(node):
        if up is stmt:
            return True
        if isinstance(up, (ast.IfExp, ast.BoolOp, ast.Compare, ast.Lambda, *COMPREHENSIONS)):
            return False
    return False


def _unknown(site: SiteContext, stmt: ast.stmt) -> bool:
    """Whether a statement calls something that may change a frame."""
    calls = [n for n in walk(stmt) if isinstance(n, ast.Call)]
    return any((site.dotted(c.func) or "").split(".")[0] not in KNOWN for c in calls)


def written_lists(site: SiteContext, flow: Flow, hoist: Hoist) -> list[Edit]:
    """Fill lists, too, where an array of floats is filled, and the array from the list afterwards."""
    edits: list[Edit] = []
    after = site.block[site.index + 1 : site.index + 2]
    for id_, kinds in flow.stored.items():
        if not after or kinds != {Number.FLOAT} or not _only_here(site, flow, id_):
            continue
        values = hoist.fresh(f"{id_}_values", "filled_values")
        listed = ast.IfExp(name(hoist.floats), call(attr(name(id_), "tolist")), name(id_))
        hoist.prelude.append(assign(values, listed))
        mentions = (n for n in walk(site.loop) if isinstance(n, ast.Name) and n.id == id_)
        edits += [Substitute(n, name(values)) for n in mentions]
        whole = ast.Subscript(name(id_), ast.Slice(None, None), ast.Store())
        edits.append(InsertBefore(after[0], (assign(whole, name(values)),)))
    return edits


def _only_here(site: SiteContext, flow: Flow, id_: str) -> bool:
    """Whether nobody sees the array while the loop fills it: made in this block, and read by position alone."""
    scopes, scope = site.file.scopes, site.scope
    if not scope.is_function or scopes.owner(id_, scope) is not scope or handled(site) or closed_over(site, id_):
        return False
    if any(isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) for n in walk(site.loop)):
        return False
    match scope.binders(id_):
        case [ast.Assign(targets=[ast.Name()], value=ast.Call(func=func)) as init] if site.dotted(func) in FRESH:
            pass
        case _:
            return False
    kind = site.kind(ast.Name(id_, ast.Load()))
    if init not in site.block or kind is None or (kind.dtype, kind.ndim) != ("float64", 1):
        return False
    between = [n for s in site.block[site.block.index(init) + 1 : site.index] for n in walk(s)]
    own = (n for n in walk(site.loop))
    return all(_by_position(site, flow, n) for n in (*between, *own) if isinstance(n, ast.Name) and n.id == id_)


def _by_position(site: SiteContext, flow: Flow, mention: ast.Name) -> bool:
    """`out[i]`, `out[i - 1]`, `out[0]`: no view of several elements."""
    up = site.file.scopes.parent[mention]
    if not isinstance(up, ast.Subscript) or up.value is not mention:
        return False
    if any(a is site.loop for a in site.file.scopes.ancestors(mention)):
        return up in flow.elements or (isinstance(up.ctx, ast.Store) and flow.position(up.slice) is not None)
    return isinstance(up.slice, ast.Constant) and isinstance(up.slice.value, int)
