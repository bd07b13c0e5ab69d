"""Look-ups as lanes: the position, cell or value that a round looks up becomes one batched look-up for all rounds."""

from __future__ import annotations

import ast
from dataclasses import replace

from ..loops.ir import Access, Const, Expr, Inv, Op, Read, Scalar, strip
from ..loops.remarks import Reason
from .arrays import ArrayCode, Lane
from .build import attr, call, clone, item
from .lookups_ir import Cell, Position, as_cell, as_position


def lookup_lane(code: ArrayCode, e: Op) -> Lane | None:
    """The lane of an expression that looks something up, or None if it does nothing of the kind; raises NotVector."""
    if e in code.memo:
        return code.memo[e]
    if (position := as_position(e)) is not None:
        return Lane(_found(code, position), True, "int", False)
    if (cell := as_cell(e)) is not None:
        return _cell_lane(code, cell)
    return None


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
    found = call(attr(clone(position.index.node), "get_indexer"), key_column(code, position.key))
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
    if column is None:
        kind = code.site.kind(read.source.base.node)
        return base if kind is not None and kind.name == "series" else None
    if read.access is Access.LABEL:
        code.positions_by_label(read)
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
