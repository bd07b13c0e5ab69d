"""Only some of the rows go into a frame: they are picked first, as in the loop, and the rest is made of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ...loops.ir import Expr, Inv, Op, Pos, Read, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane, NotVector
from ..shared.build import clone, item
from .ir import Record, as_position, rebased
from .lanes import position_node

if TYPE_CHECKING:
    from .frame import FrameCode


def kept_rows(made: FrameCode, guard: Expr, record: Record, line: int) -> Record:
    """Keep the rows that the guard lets through: the record is computed for them only, as in the loop."""
    code = made.code
    table = code.rounds.table
    if table is None or (code.rounds.span is not None and not (code.rounds.start == 0 and code.rounds.span.delta == 0)):
        raise NotVector(
            Reason.UNSUPPORTED_SYNTAX, line, "only some of the rows are visited, and only some of those are kept"
        )
    if any(_by_position(x, table.code) for x in record.walk()):
        raise NotVector(
            Reason.UNSUPPORTED_SYNTAX, line, "only some rows are kept, and what goes with them is read by position"
        )
    mask = code.mask(guard, line).node
    kept = code.step("kept", item(clone(table.node), mask))
    made.table = Inv(kept.id, kept)
    found: dict[Expr, Lane] = {}
    for e in positions(record):
        inner = strip(e)
        if inner in found:
            continue
        whole = position_node(code, e)
        wish = next((s.wish for s in code.steps if isinstance(whole, ast.Name) and s.symbol == whole.id), "positions")
        found[rebased(inner, table.code, made.table)] = Lane(code.step(wish, item(whole, mask)), True, "int", False)
    renamed = rebased(record, table.code, made.table)
    assert isinstance(renamed, Record)
    header = replace(
        made.loop.header,
        table=made.table,
        span=replace(made.loop.header.span, of=made.table) if made.loop.header.span else None,
    )
    later = ArrayCode.build(made.site, replace(made.loop, header=header))
    later.steps, later.obligations, later.extend, later.np = code.steps, code.obligations, code.extend, code.np
    later.memo = found
    made.code = later
    return renamed


def _by_position(e: Expr, table: str) -> bool:
    """What the rows of a table that are kept can't tell: their positions, their neighbours, what stands beside them."""
    if isinstance(e, Read):
        return bool(e.offset) or e.source.base.code != table
    return isinstance(e, Pos)


def positions(e: Expr) -> list[Expr]:
    """What is looked up in the index of another table."""
    return [x for x in e.walk() if as_position(x) is not None and isinstance(x, Op)]
