"""Searches in a sorted array, one value a round: `searchsorted`, `digitize` and `interp` take all values at once."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Op, strip
from ...loops.literals import folded
from ...loops.remarks import Reason
from ..shared.build import clone
from .lanes import Lane

if TYPE_CHECKING:
    from .arrays import ArrayCode

#: function -> which argument is the value of the round, which one is searched
SEARCHES = {"numpy.searchsorted": (1, 0), "numpy.digitize": (0, 1), "numpy.interp": (0, 1)}
#: Words that say how, the same on every round.
WORDS = {"numpy.searchsorted": {"side"}, "numpy.digitize": {"right"}, "numpy.interp": {"left", "right"}}
MAX_LITERALS = 200


def search_lane(code: ArrayCode, e: Op) -> Lane | None:
    """The lane of a search; None for any other call.

    One search for many values goes on from where the last one ended, so that in an array that is not sorted it may
    end elsewhere; `digitize` tests its bins itself.
    """
    path = e.name.removeprefix("call:")
    if path not in SEARCHES:
        return None
    value_at, table_at = SEARCHES[path]
    plain = len(e.args) - len(e.keywords)
    if plain != (3 if path == "numpy.interp" else 2) or not set(e.keywords) <= WORDS[path]:
        raise code.refuse(f"`{path}` is called in a way that has no array form", e)
    nodes = [_same(code, e, x) if k != value_at else None for k, x in enumerate(e.args)]
    table = nodes[table_at]
    assert table is not None
    if not surely_sorted(code.site, table):
        if path != "numpy.digitize":
            message = f"`{ast.unparse(table)}` is not known to be sorted, and one search for all may end elsewhere"
            raise code.refuse(message, e, Reason.UNKNOWN_KIND)
        code.owe("some-rounds", ast.unparse(table))
    lane = code.number(e.args[value_at])
    if not lane.array:
        raise code.refuse("what is searched for is the same on every round", e)
    found = [lane.node if node is None else node for node in nodes]
    node = code.numpy(path.removeprefix("numpy."), *found[:plain])
    node.keywords = [ast.keyword(k, x) for k, x in zip(e.keywords, found[plain:], strict=True)]
    return Lane(node, True, "float" if path == "numpy.interp" else "int", False)


def _same(code: ArrayCode, e: Op, x: Expr) -> ast.expr:
    inner = strip(x)
    if not isinstance(inner, (Const, Inv)):
        raise code.refuse("what is searched changes from round to round", e)
    code.without_rounds(inner.node)
    return clone(inner.node)


def surely_sorted(site: SiteContext, node: ast.expr) -> bool:
    """Whether an array surely is sorted: it is made so, and nothing stores into it."""
    if isinstance(node, ast.Name):
        owner = site.file.scopes.owner(node.id, site.scope)
        binders = owner.binders(node.id) if owner is not None else []
        if len(binders) != 1 or not isinstance(binders[0], ast.Assign) or not _only_read(site, node.id):
            return False
        made = binders[0]
        return len(made.targets) == 1 and isinstance(made.targets[0], ast.Name) and surely_sorted(site, made.value)
    match node:
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return _ascending(elts)
        case ast.Call(func=func, args=[inner], keywords=[]) if site.dotted(func) in ("numpy.array", "numpy.asarray"):
            return isinstance(inner, ast.List) and _ascending(inner.elts)
        case ast.Call(func=func, args=[_], keywords=[]):
            return site.dotted(func) in ("numpy.sort", "numpy.unique")
        case ast.Call(func=func, args=args, keywords=[]) if site.dotted(func) == "numpy.arange":
            return len(args) < 3 or (isinstance(args[2], ast.Constant) and _positive(args[2]))
        case ast.Call(func=func, args=[first, last, *_]) if site.dotted(func) == "numpy.linspace":
            return _ascending([first, last])
    return False


def _positive(node: ast.Constant) -> bool:
    return type(node.value) in (int, float) and node.value > 0  # type: ignore[operator]


def _ascending(elts: list[ast.expr]) -> bool:
    """Whether literal numbers go up."""
    found = [_number(x) for x in elts[:MAX_LITERALS]]
    if len(found) < len(elts) or not found or any(x is None for x in found):
        return False
    return all(a <= b for a, b in pairwise(found))  # type: ignore[operator]


def _number(node: ast.expr) -> float | None:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return None if inner is None else -inner
        case ast.Constant(value=float(number)):
            return number
    return folded(node)


def _only_read(site: SiteContext, id_: str) -> bool:
    """Whether the name is only handed to functions of NumPy, measured or read from."""
    scopes = site.file.scopes
    for n in scopes.names_below(site.file.tree).get(id_, ()):
        if not isinstance(n.ctx, ast.Load):
            continue
        match up := scopes.parent[n]:
            case ast.Subscript(value=value, ctx=ast.Load()) if value is n and not isinstance(up.slice, ast.Slice):
                continue
            case ast.Call(func=func) if func is not n and (
                (site.dotted(func) or "") in {*SEARCHES, "builtins.len", "numpy.diff"}
            ):
                continue
            case ast.BinOp() | ast.Compare() | ast.Return():
                continue
        return False
    return True
