"""Frames that a round makes for itself: what is added to a growing frame is surely a table, and nobody else's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.anchor import unknown_calls
from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.kind_words import FRAME_METHODS, MASK_METHODS
from ...loops.names import bound_names, names_in
from ...loops.walk import walk
from .build import same
from .growth import COPIED, Growth, assigned

LOOPS = (ast.For, ast.AsyncFor, ast.While)
#: Functions that return a new frame.
READERS = frozenset(f"pandas.read_{kind}" for kind in ("csv", "table", "parquet", "feather"))
#: Methods of a table that return a new one. Others may have them, too: a session has `query` and `merge`.
COPYING = frozenset(
    {"astype", "dropna", "drop_duplicates", "fillna", "merge", "query", "sort_values"},
)
#: Words for which these return something else, or something that shares memory.
OTHERWISE = frozenset({"chunksize", "iterator", "inplace", "copy", "deep", None})
#: What may be read of a piece before it is added: nothing of it changes the piece or keeps it.
READ = FRAME_METHODS | MASK_METHODS | {"empty", "shape", "columns", "index", "loc", "iloc", "at", "iat", "groupby"}
#: Attributes that an array has.
OF_ARRAYS = frozenset({"T", "data", "dtype", "flat", "imag", "mask", "ndim", "real", "shape", "size"})
#: What surely hands out no part of it.
SIZES = frozenset({"empty", "shape"})


def begins_empty(site: SiteContext, frame: str) -> bool:
    """Whether the frame is a new `pd.DataFrame()` when the loop begins, and has no other name."""
    for stmt in reversed(site.block[: site.index]):
        match stmt:
            case (
                ast.Assign(targets=[ast.Name(id=id_)], value=value)
                | ast.AnnAssign(target=ast.Name(id=id_), value=ast.expr() as value)
            ) if id_ == frame:
                nothing = isinstance(value, ast.Call) and not value.args and not value.keywords
                return nothing and isinstance(value, ast.Call) and site.dotted(value.func) == "pandas.DataFrame"
        if frame in names_in(stmt) or frame in set(bound_names(stmt)):
            return False
    return False


def own_frames(site: SiteContext, g: Growth) -> bool:
    """Whether each round adds one table, made in that round, that nothing changes or keeps once it is added."""
    if len(g.pieces) != 1 or any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in walk(site.loop)):
        return False
    if _has_guests(site) and any(isinstance(n, ast.Lambda) for n in walk(site.loop)):
        return False  # `assign` hands the new frame to it
    if any(isinstance(up, ast.Try | ast.TryStar | ast.With) for up in _inside(site, g.stmt)):
        return False  # whoever handles an exception there could tell when the pieces are joined
    piece = g.pieces[0]
    if isinstance(piece, ast.Name):
        values = _bound_in_round(site, g, piece.id)
        if values is None or not all(_new_table(site, g, v) for v in values):
            return False
        return _let_be(site, g, piece.id, values[-1].lineno if values else 0)
    return _new_table(site, g, piece)


def _inside(site: SiteContext, stmt: ast.AST) -> Iterator[ast.AST]:
    """What stands around a statement in the loop, the loop left out."""
    for up in site.file.scopes.ancestors(stmt):
        if up is site.loop:
            return
        yield up


# ---------------------------------------------------------------------- is it new, and a table


def _new_table(site: SiteContext, g: Growth, node: ast.expr) -> bool:
    """Whether an expression makes a frame with memory of its own."""
    match node:
        case ast.Call(keywords=keywords) if any(k.arg in OTHERWISE for k in keywords):
            return False
        case ast.Call(func=func) if site.dotted(func) in READERS:
            return True
        case ast.Call(func=func) if site.dotted(func) == "pandas.DataFrame":
            return _copies(site, node)
        case (
            ast.Call(func=ast.Attribute(attr="reset_index"))
            | ast.Call(func=ast.Attribute(attr="assign"), args=[], keywords=[_, *_])
        ):
            return True  # only tables are told so
        case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[]):
            return _is_table(site, g, base)
        case ast.Call(func=ast.Attribute(value=base, attr=attr), args=args) if attr in COPYING and len(args) < 2:
            return _is_table(site, g, base)
        case ast.Subscript(slice=key) if _picks(key) or _lists(site, key):
            return _by_own_columns(node.value, key) or _lists(site, key) or _is_table(site, g, node.value)
    return False


def _copies(site: SiteContext, made: ast.Call) -> bool:
    """Whether `pd.DataFrame(...)` is given literals and lists only, of which it copies the elements."""
    for value in (*made.args, *(k.value for k in made.keywords)):
        if isinstance(value, ast.List | ast.Dict | ast.ListComp | ast.DictComp | ast.Constant):
            continue
        kind = site.kind(value)
        if kind is None or not kind.proven or kind.name not in COPIED:
            return False
    return True


def _is_table(site: SiteContext, g: Growth, node: ast.expr) -> bool:
    """Whether an expression is a frame, or the program would have failed before."""
    kind = site.kind(node)
    if kind is not None and kind.proven:
        return kind.name == "frame"
    if _new_table(site, g, node):
        return True
    if not isinstance(node, ast.Name):
        return False
    values = _bound_in_round(site, g, node.id)
    return bool(values) and all(node.id not in names_in(v) and _is_table(site, g, v) for v in values or ())


def _lists(site: SiteContext, key: ast.expr) -> bool:
    """`frame[["a", "b"]]`: several columns, which are copied; only tables are asked so."""
    if isinstance(key, ast.Name):
        owner = site.file.scopes.owner(key.id, site.scope)
        match owner.binders(key.id) if owner is not None else []:
            case [ast.Assign(targets=[ast.Name()], value=value)]:
                key = value
    return isinstance(key, ast.List) and all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in key.elts)


def _picks(key: ast.expr) -> bool:
    """An index that picks rows, which are copied."""
    match key:
        case ast.Compare() | ast.UnaryOp(op=ast.Invert()) | ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return True
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in MASK_METHODS
        case ast.Subscript(slice=ast.Constant(value=str())):
            return True
    return False


def _by_own_columns(base: ast.expr, key: ast.expr) -> bool:
    """`wave[wave["consent"]]`: of what is not a table, nothing can be picked like that."""
    called = {id(n.func) for n in walk(key) if isinstance(n, ast.Call)}  # an array has `sum`, too
    for n in walk(key):
        match n:
            case ast.Subscript(value=of, slice=ast.Constant(value=str())) if same(of, base):
                return True
            case ast.Attribute(value=of, attr=attr) if same(of, base) and attr not in OF_ARRAYS and id(n) not in called:
                return True
    return False


# ---------------------------------------------------------------------- is it left alone


def _bound_in_round(site: SiteContext, g: Growth, id_: str) -> list[ast.expr] | None:
    """What a name may be bound to in the round before the piece is added; None if nothing surely binds it.

    What `groupby` hands out is new on every round, and is none of the values.
    """
    found: list[ast.expr] = []
    for stmt in _before(site, g.stmt):
        match stmt:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == id_:
                return [*found, value]
            case ast.For(target=target, iter=iterated) if stmt in site.file.scopes.ancestors(g.stmt):
                return found if id_ in set(bound_names(target)) and _hands_out_new(site, iterated) else None
            case ast.If() if id_ in set(bound_names(stmt)):
                values = assigned(stmt, id_)
                if values is None:
                    return None
                found += values
            case _ if id_ in set(bound_names(stmt)):
                return None
    return None


def _before(site: SiteContext, stmt: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that surely come before one in the innermost round, nearest first, and the loop of that round."""
    here: ast.AST = stmt
    while isinstance(here, ast.stmt) and here is not site.loop:
        block = site.file.scopes.block.get(here, [])
        if here not in block:
            return
        yield from reversed(block[: block.index(here)])
        here = site.file.scopes.parent[here]
        if isinstance(here, LOOPS):
            if block is here.body:
                yield here
            return


def _hands_out_new(site: SiteContext, node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="groupby") as func):
            return site.dotted(func) is None  # and not that of itertools
        case ast.Call(func=func, keywords=keywords) if site.dotted(func) in READERS:
            return any(k.arg == "chunksize" and isinstance(k.value, ast.Constant) and k.value.value for k in keywords)
    return False


def _let_be(site: SiteContext, g: Growth, id_: str, begins: int) -> bool:
    """Whether a piece, bound in line `begins`, is only read and filled before it is added, and not named afterwards."""
    scopes = site.file.scopes
    if id_ in site.scope.outer_names or closed_over(site, id_) or not _changes_nothing_else(site, id_):
        return False
    guests = _has_guests(site)
    if guests and not site.scope.is_function:
        return False
    around = next(up for up in scopes.ancestors(g.stmt) if isinstance(up, LOOPS))
    given = isinstance(around, ast.For) and id_ in set(bound_names(around.target))
    for n in walk(site.loop):
        if not isinstance(n, ast.Name) or n.id != id_ or n is g.pieces[0]:
            continue
        if isinstance(n.ctx, ast.Store) and isinstance(scopes.parent[n], ast.Assign | ast.For | ast.Tuple):
            continue
        if n.lineno > g.stmt.lineno or (n.lineno < begins and not given) or not _reads_or_fills(site, n, guests):
            return False
    return True


def _changes_nothing_else(site: SiteContext, id_: str) -> bool:
    """Nothing but the piece is changed in place, which might share memory with it: no view of it, say."""
    for other in site.mutated - {id_}:
        kind = site.kind(ast.Name(other, ast.Load(), lineno=site.loop.lineno))
        if kind is None or kind.name not in COPIED:
            return False
    for n in walk(site.loop):
        match n:
            case ast.AugAssign(target=ast.Name(id=summed)) if summed != id_:
                kind = site.kind(ast.Name(summed, ast.Load(), lineno=n.lineno))
                if kind is None or kind.name not in COPIED:
                    return False
    return True


def _has_guests(site: SiteContext) -> bool:
    """Whether the loop calls what may do anything."""
    return any(not _known_method(call) and site.dotted(call.func) not in READERS for call in unknown_calls(site))


def _known_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in READ | {"append"}


def _reads_or_fills(site: SiteContext, n: ast.Name, guests: bool) -> bool:
    """Whether a mention of a piece reads it or stores into it, so that nobody else gets hold of it."""
    parent = site.file.scopes.parent[n]
    match parent:
        case ast.Subscript(value=value, ctx=ctx) if value is n:
            return not guests or isinstance(ctx, ast.Store)
        case ast.Attribute(attr=attr):
            return attr in (SIZES if guests else READ)
        case ast.Call(func=func):
            return site.dotted(func) == "builtins.len"
    return False
