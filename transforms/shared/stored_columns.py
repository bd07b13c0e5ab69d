"""Columns that a loop stores into, and reads: when what is read is what the column held before the loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ...loops.context import SiteContext
from ...loops.ir import Access, Const, Expr, HeaderForm, Inv, Loop, Read, Row, StoreCell, strip
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk

INDEXERS = frozenset({"at", "iat", "iloc", "loc"})


def stored_elsewhere(site: SiteContext, loop: Loop) -> Refusal | None:
    """An objection where the body reads an array that was made of a column that it changes: they may share memory."""
    stored = {(e.target, name_of(e.column)) for e in loop.effects if isinstance(e, StoreCell)}
    values = [*(x for e in loop.effects for x in (e.value, e.guard) if x is not None), *loop.finals.values()]
    taken = {r.source.base.code for x in values for r in x.walk() if isinstance(r, Read) and r.source.column is None}
    for code in sorted(taken):
        for made in site.scope.binders(code):
            if isinstance(made, ast.Assign) and any(_taken_from(made.value, *place) for place in stored):
                message = f"`{code}` may share its memory with a column that the body changes"
                return Refusal(Reason.MUTATES_INPUT, site.loop.lineno, message)
    return None


def _taken_from(node: ast.expr, frame: str, column: object) -> bool:
    """Whether an expression takes that column out of a frame, or one that is not named."""
    for n in walk(node):
        if isinstance(n, ast.Name) and n.id == frame:
            parts = (s for s in walk(node) if isinstance(s, ast.Subscript) and s.value is n)
            named = [s.slice.value for s in parts if isinstance(s.slice, ast.Constant)]
            if not named or column is None or column in named:
                return True
    return False


def read_and_stored(site: SiteContext, loop: Loop) -> Refusal | None:
    """An objection where the body changes a column that it also reads."""
    if _both(loop):
        return Refusal(Reason.MUTATES_INPUT, site.loop.lineno, "the body changes a column that it also reads")
    return None


def read_before_stored(site: SiteContext, loop: Loop) -> Refusal | None:
    """An objection where a cell may be read of an `iterrows` row after the round stored into it.

    The row may be a view of the frame, or a copy. Other rows don't see the store.
    """
    both = _both(loop)
    if not both or loop.header.form is not HeaderForm.ITERROWS:
        return None
    row = next((n for n, what in loop.header.binds.items() if isinstance(what, Row)), None)
    values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    of_columns = (r for x in values for r in x.walk() if isinstance(r, Read) and r.source.column is not None)
    if row is None or site.inlined or any(r.access is not Access.ROW for r in of_columns):
        return read_and_stored(site, loop)
    stores = list(_stores(site))
    for column, read in _reads(site, row):
        same = (s for c, s in stores if None in (c, column) or c == column)
        after = next((s for s in same if _may_follow(site, read, s)), None)
        if after is not None:
            message = f"`{ast.unparse(read)}` may be read after its cell was stored in line {after.lineno}"
            return Refusal(Reason.MUTATES_INPUT, read.lineno, message)
    return None


def _both(loop: Loop) -> set[object]:
    """Names of the columns that the body reads and stores into."""
    stored = {name_of(e.column) for e in loop.effects if isinstance(e, StoreCell)}
    values = [*(x for e in loop.effects for x in (e.value, e.guard) if x is not None), *loop.finals.values()]
    columns = [r.source.column for x in values for r in x.walk() if isinstance(r, Read) and r.source.column is not None]
    read = {name_of(column) for column in columns}
    if None in stored or None in read:  # a column that is named by a variable may be any
        return stored if read else set()
    return stored & read


def _stores(site: SiteContext) -> Iterator[tuple[object, ast.Subscript]]:
    """Where cells are stored, with the column of each; None where it may be any."""
    for n in site.nodes:
        match n:
            case ast.Subscript(slice=ast.Tuple(elts=[_, ast.Constant(value=column)]), ctx=ast.Store() | ast.Del()):
                yield column, n
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield None, n


def _reads(site: SiteContext, row: str) -> Iterator[tuple[object, ast.expr]]:
    """The reads of a row with the column of each; None where it may be any."""
    parent = site.file.scopes.parent
    for n in site.nodes:
        if not isinstance(n, ast.Name) or n.id != row or not isinstance(n.ctx, ast.Load):
            continue
        match parent.get(n):
            case ast.Subscript(value=base, slice=ast.Constant(value=column)) as read if base is n:
                yield column, read
            case ast.Attribute(value=base, attr=column) as read if base is n:
                yield (None if column in INDEXERS or column == "get" else column), read
            case _:
                yield None, n


def _may_follow(site: SiteContext, read: ast.expr, store: ast.Subscript) -> bool:
    """Whether a read may be evaluated after a store of the same round."""
    above = [read, *_inside(site, read)]
    around = list(_inside(site, store))
    if any(isinstance(up, (ast.For, ast.While)) for up in around):
        return True
    statement = next(up for up in around if isinstance(up, ast.stmt))
    if statement in above:  # the value is evaluated first
        return False
    if (read.lineno, read.col_offset) < (store.lineno, store.col_offset):
        return False
    shared = next((up for up in around if up in above), None)
    if not isinstance(shared, ast.If):
        return True
    inner = next(up for up in [store, *around] if up in shared.body or up in shared.orelse)
    return inner not in shared.body or not any(up in shared.orelse for up in above)


def _inside(site: SiteContext, node: ast.AST) -> Iterator[ast.AST]:
    """What stands around a node, up to the loop."""
    for up in site.file.scopes.ancestors(node):
        if up is site.loop:
            return
        yield up


def read_late(stores: Sequence[StoreCell], k: int) -> list[tuple[Expr, Read]]:
    """What the k-th store takes from columns that earlier ones store into: its value or condition, and the read."""
    before = {name_of(e.column) for e in stores[:k]}
    parts = [part for part in (stores[k].value, stores[k].guard) if part is not None]
    every = [(part, r) for part in parts for r in part.walk() if isinstance(r, Read) and r.source.column is not None]
    any_of = None in before
    return [(part, r) for part, r in every if before and (any_of or name_of(r.source.column) in {None, *before})]


def columns_owed(stores: Sequence[StoreCell]) -> list[Obligation]:
    """A column that can't hold a value is converted at the first such store, and one of no rows not at all."""
    columns = [f"{e.target}[{ast.unparse(e.column.node)}]" for e in stores if isinstance(e.column, (Const, Inv))]
    return [Obligation("columns-stored", tuple(dict.fromkeys(columns))), Obligation("empty-type")]


def name_of(column: Expr | None) -> object:
    """The literal name of a column; None where it is none."""
    inner = strip(column) if column is not None else None
    return inner.value if isinstance(inner, Const) else None
