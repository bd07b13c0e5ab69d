"""Look-ups as lanes: the position, cell or value that a round looks up becomes one batched look-up for all rounds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Loop, Op, Read, Scalar, strip
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ..array_store import ArrayStore
from ..base import Rewrite, Rule, Tier
from ..column_store import ColumnStore
from ..lanes.arithmetic import lists_to_arrays
from ..lanes.arrays import ArrayCode, Extension
from ..lanes.lanes import Lane
from ..shared.build import attr, call, clone, item
from .ir import Cell, Position, as_cell, as_position
from .keys import as_label, label_lane
from .picked import PickedRows


def lookup_lane(code: ArrayCode, e: Expr) -> Lane | None:
    """The lane of an expression that looks something up, or None if it does nothing of the kind; raises NotVector."""
    if not isinstance(e, Op):
        return None
    if e in code.memo:
        return code.memo[e]
    if (position := as_position(e)) is not None:
        return Lane(_found(code, position), True, "int", False)
    if (cell := as_cell(e)) is not None:
        return _cell_lane(code, cell)
    if (by_label := as_label(e)) is not None:
        return label_lane(code, e, by_label, key_column(code, by_label.key))
    return None


def lookups(loop: Loop) -> Extension:
    """The lanes of all look-ups of a loop."""
    picked = PickedRows(loop, key_column)

    def lane(code: ArrayCode, e: Expr) -> Lane | None:
        found = lookup_lane(code, e)
        return picked.lane(code, e) if found is None and isinstance(e, Op) else found

    return lane


def arrays_with_lookups(
    rule: Rule, site: SiteContext, loop: Loop, is_lookup: Callable[[Expr], object | None]
) -> Sequence[Rewrite] | Refusal | None:
    """The array form of a loop that computes with what it looks up; None if it looks nothing up in that way."""
    values = [x for e in loop.effects for part in (e.value, e.guard) if part is not None for x in part.walk()]
    if not any(isinstance(x, Op) and is_lookup(x) is not None for x in values):
        return None
    answer = lists_to_arrays(rule, site, loop, lookups(loop))
    for store in (ArrayStore(), ColumnStore()):
        if answer is None:
            store.extend = lookups(loop)
            answer = store.rewrite(site, loop)
    if answer is None or isinstance(answer, Refusal):
        return answer
    # An index that has to be sorted is asked for nothing where the loop makes no round.
    sorted_ = tuple(Obligation("sorted-index", (p.index.code,)) for x in values if (p := as_position(x)) and p.options)
    return [
        replace(
            form,
            rule=rule,
            tier=Tier.LOOKUP,
            obligations=tuple(dict.fromkeys((*form.obligations, *sorted_))),
            summary="one batched look-up for all rows",
        )
        for form in answer
    ]


def position_node(code: ArrayCode, e: Expr) -> ast.expr:
    """The array of positions, as a name."""
    inner = strip(e)
    if inner not in code.memo:
        lane = code.lane(e)
        if not isinstance(lane.node, ast.Name):
            lane = replace(lane, node=code.step("positions", lane.node, inner.line if isinstance(inner, Op) else None))
        code.memo[inner] = lane
    return code.memo[inner].node


def _found(code: ArrayCode, position: Position) -> ast.expr:
    owner = position.index.node.value if isinstance(position.index.node, ast.Attribute) else position.index.node
    kind = code.site.kind(owner)
    if kind is not None and kind.name not in ("frame", "series", "index"):
        raise code.refuse(f"`{ast.unparse(owner)}` is no table: `{position.index.code}` is asked for nothing as yet")
    keys = key_column(code, position.key)
    code.owe("plain-columns", ast.unparse(keys))  # an element is found as an object, a column by its type
    found = call(attr(clone(position.index.node), "get_indexer"), keys)
    found.keywords = [ast.keyword(k, clone(v.node)) for k, v in position.options]  # type: ignore[attr-defined]
    return found


def key_column(code: ArrayCode, key: Expr) -> ast.expr:
    """The keys of all rounds, as they come: any type will do."""
    read = strip(key)
    if not isinstance(read, Read):
        raise code.refuse("what is looked up is computed", key if isinstance(key, Op) else None)
    column = whole_column(code, read)
    if column is None:
        raise code.refuse(f"`{read.source.code}` is not looked up row by row", reason=Reason.UNKNOWN_KIND)
    return column


def whole_column(code: ArrayCode, read: Read) -> ast.expr | None:
    """The column of a read as pandas has it, where its rows are visited from the first to the last."""
    if not code.rounds.whole(read) or read.offset or read.part:
        return None
    base, column = clone(read.source.base.node), read.source.column
    if read.access.by_label:
        base = code.positions_by_label(read) or base
    if column is None:
        kind = code.site.kind(read.source.base.node)
        if kind is None and isinstance(read.source.base.node, ast.Name):
            code.owe("sequence", read.source.code)
        return base if kind is None or kind.name in ("series", "list", "tuple", "ndarray", "index") else None
    inner = strip(column)
    return item(base, clone(inner.node)) if isinstance(inner, (Const, Inv)) else None


def _cell_lane(code: ArrayCode, cell: Cell) -> Lane | None:
    """Cells of one column at the looked-up positions, for arithmetic."""
    if cell.column is not None and not isinstance(cell.column, (Const, Inv)):
        return None
    if cell.column is None:
        kind = code.site.kind(cell.source.node)
        if kind is None or kind.name not in ("series", "ndarray"):
            raise code.refuse(f"`{cell.source.code}` is not known to be a column", reason=Reason.UNKNOWN_KIND)
    positions = position_node(code, cell.position)
    source, subject = cell_source(cell)
    code.owe("numeric-columns", subject)
    code.owe("plain-columns", subject)
    if cell.by_row:
        code.owe("no-upcast", cell.source.code)
    return Lane(item(attr(source, "values"), positions), True, "number", None if cell.by_row else False)


def cell_source(cell: Cell) -> tuple[ast.expr, str]:
    """The series that a cell is taken from, and its code."""
    if cell.column is None:
        return clone(cell.source.node), cell.source.code
    node = item(clone(cell.source.node), clone(cell.column.node))  # type: ignore[attr-defined]
    return node, ast.unparse(node)


def row_reads(e: Expr) -> list[Read]:
    """Reads whose type depends on the other columns of the frame."""
    return [x for x in e.walk() if isinstance(x, Read) and x.scalar is Scalar.ROW]
