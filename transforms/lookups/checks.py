"""What must hold for records to become columns: tables stay as they are, and no two columns get one name."""

from __future__ import annotations

import ast
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Append, Expr, Inv, Loop
from ...loops.remarks import Refusal
from ..hoists.body import unchanged
from ..shared.build import assign, clone, name
from .ir import Field, OwnRow, Record, Spread, rebased


def changing(site: SiteContext, record: Record, guard: Expr | None) -> Refusal | None:
    """The frames that are looked into must stay as they are."""
    for x in [*record.walk(), *(guard.walk() if guard is not None else ())]:
        frame = x.frame if isinstance(x, Spread) else None
        if frame is not None and (objection := unchanged(site, frame, [])) is not None:
            return objection
    return None


def collide(record: Record) -> bool:
    """Whether two columns might get one name."""
    spreads = [p for p in record.parts if isinstance(p, (Spread, OwnRow))]
    keys = [p.key for p in record.parts if isinstance(p, Field)]
    for k, s in enumerate(spreads):
        if any(_may_be(key, s) for key in keys):
            return True
        if any(not _apart(s, other) for other in spreads[k + 1 :]):
            return True
    return False


def _may_be(key: str, s: Spread | OwnRow) -> bool:
    return isinstance(s, OwnRow) or (key.startswith(s.prefix) and key.endswith(s.suffix))


def _apart(a: Spread | OwnRow, b: Spread | OwnRow) -> bool:
    if isinstance(a, OwnRow) or isinstance(b, OwnRow):
        return False
    prefixes = a.prefix.startswith(b.prefix) or b.prefix.startswith(a.prefix)
    suffixes = a.suffix.endswith(b.suffix) or b.suffix.endswith(a.suffix)
    return not prefixes or not suffixes


def simple_table(
    site: SiteContext, loop: Loop, append: Append, record: Record
) -> tuple[Loop, Append, Record, list[ast.stmt]]:
    """The loop over a plain name: a table that is computed for the loop is computed once, before."""
    table = loop.header.table
    if table is None or isinstance(table.node, (ast.Name, ast.Attribute)):
        return loop, append, record, []
    id_ = site.fresh("table", "visited")
    new = Inv(id_, name(id_))
    span = replace(loop.header.span, of=new) if loop.header.span else None
    guard = rebased(append.guard, table.code, new) if append.guard is not None else None
    renamed = rebased(record, table.code, new)
    assert isinstance(renamed, Record)
    header = replace(loop.header, table=new, span=span)
    return replace(loop, header=header), replace(append, guard=guard), renamed, [assign(id_, clone(table.node))]


def without_inner_loops(site: SiteContext, loop: Loop) -> Loop:
    """The loop without what its inner loops evaluate, which do no more than copy columns."""
    inner = [n for s in site.loop.body for n in ast.walk(s) if isinstance(n, ast.For)]
    lines = {line for n in inner for line in range(n.lineno, (n.end_lineno or 0) + 1)}
    return replace(loop, trace=tuple(event for event in loop.trace if event[1] not in lines))
