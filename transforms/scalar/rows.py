"""What a row of itertuples or of records hands out, written as in the loop: the header of a comprehension stays."""

from __future__ import annotations

import ast

from ...loops.ir import Access, Const, HeaderForm, Inv, Label, Read, Row
from ...loops.names import names_in
from ..hoists.reads import Hoist
from ..shared.build import attr, clone, const, name


def written_label(hoist: Hoist | None, row_name: str | None, label: Label) -> ast.expr | None:
    """`row.Index`, `row[0]` or the name that the header gives to the label."""
    binds = hoist.header.binds if hoist is not None else {}
    if row_name is not None:
        row = binds.get(row_name)
        if isinstance(row, Row) and not row.names:
            return ast.Subscript(name(row_name), const(0), ast.Load())
        return attr(name(row_name), "Index")
    return next((name(bound) for bound, what in binds.items() if what == label), None)


def written_item(row_name: str, read: Read) -> ast.expr | None:
    """`row.c`, `row["c"]` or `row[2]`, None for what is no item of the row."""
    column = read.source.column
    if read.number is not None:
        return ast.Subscript(name(row_name), const(read.number), ast.Load())
    if read.access is Access.RECORD and isinstance(column, (Const, Inv)):
        return ast.Subscript(name(row_name), clone(column.node), ast.Load())
    if read.access is Access.TUPLE and isinstance(column, Const):
        return attr(name(row_name), str(column.value))
    return None


def as_written(hoist: Hoist, node: ast.expr) -> bool:
    """Whether syntax of the body means the same in a comprehension: it names no temporary."""
    if hoist.header.form not in (HeaderForm.POSITIONS, HeaderForm.STRIDES):
        return False
    return not (names_in(node) & hoist.site.assigned) - set(hoist.header.binds)
