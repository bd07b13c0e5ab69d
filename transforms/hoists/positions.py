"""Which reads of a loop over positions may be pulled out of it, and why others may not."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...loops.access import read_item, read_subscript
from ...loops.anchor import rebound_in_body
from ...loops.context import Refused, SiteContext
from ...loops.facts import stored_numbers
from ...loops.header_rows import inv
from ...loops.ir import Access, Const, Expr, Header, HeaderForm, Inv, Label, Loop, Op, Pos, Read, Row
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..scalar.moved_reads import may_lie_outside
from .body import allowed, column_names, column_number, in_nested_scope, rows_stored, stores_into, unchanged
from .reads import Hoist, has_row, inside

Found = list[tuple[ast.expr, Read]]


@dataclass(frozen=True)
class Pulled:
    """Reads that may be pulled out, and the statements that only take a row (and go)."""

    header: Header
    reads: Found
    rows: Sequence[ast.stmt]
    labels: Sequence[str]  # the names of the labels, where the loop visits labels

    @property
    def bases(self) -> list[Inv]:
        """What is read from, each once."""
        return list({r.source.base.code: r.source.base for _, r in self.reads}.values())

    def owe(self, site: SiteContext, hoist: Hoist) -> None:
        """What any form takes for granted that reads them from arrays."""
        for base in self.bases:
            kind = site.kind(base.node)
            rows = any(r.access.of_row and r.source.base == base for _, r in self.reads)
            if rows and stores_into(site, base):
                # Beside a column of floats, an integer of `df.iloc[i]["c"]` is one.
                hoist.owe(Obligation("element-types"))
                hoist.owe(Obligation("small-integers", (base.code,)))
            if any(rows_stored(site, base, self.labels)) and not (kind and kind.range_index):
                hoist.owe(Obligation("range-index", (f"{base.code}.index",)))
        for read in (r for _, r in self.reads if r.access.of_row and self._may_lie_outside(r)):
            # `df.iloc[i + 1]["c"]` looks for the row first, `columns["c"][i + 1]` for the column.
            hoist.owe(Obligation("columns-exist", (read.source.code,)))
        if not self.labels:
            self._owe_labels(site, hoist)

    def needs_labels(self, site: SiteContext) -> bool:
        """Whether anything but the reads that are pulled out looks at the labels, which the loop visits."""
        gone = {id(n) for part in (*(node for node, _ in self.reads), *self.rows) for n in walk(part)}
        body = [n for stmt in site.loop.body for n in walk(stmt) if isinstance(n, ast.Name) and id(n) not in gone]
        if any(n.id in self.labels for n in body):
            return True
        return any(site.file.scopes.read_after(label, site.loop, site.scope) is not None for label in self.labels)

    def _may_lie_outside(self, read: Read) -> bool:
        if not read.access.by_label:
            return may_lie_outside(self.header, read)
        return not self.labels and not has_row(self.header, read.source.base.code, read.offset)

    def _owe_labels(self, site: SiteContext, hoist: Hoist) -> None:
        """What is read by label at the positions of a range has to count from zero."""
        for read in (r for _, r in self.reads if r.access.by_label):
            base = read.source.base
            kind = site.kind(base.node)
            if not (kind and kind.range_index):
                hoist.owe(Obligation("range-index", (f"{base.code}.index",)))
            if not has_row(self.header, base.code, read.offset):  # a label that is missing is another error
                hoist.owe(Obligation("long-enough", (read.source.code,)))


def pulled_out(site: SiteContext, loop: Loop, side_effects: bool) -> Pulled | Refusal | None:
    """The reads by position of a loop; why they have to stay; None where there are none."""
    header = counted(site, loop.header)
    if header.form not in (HeaderForm.POSITIONS, HeaderForm.STRIDES, HeaderForm.LABELS, HeaderForm.ELEMENTS):
        return None
    names = [n for n, what in header.binds.items() if isinstance(what, (Pos, Label))]
    if not names:
        return None
    found, rows, blocked = find_reads(site, header)
    if header is not loop.header:  # the range may go past the labels
        found = [(node, read) for node, read in found if not read.access.by_label]
    found = [(node, read) for node, read in found if not _stored_by_number(site, read)]
    if not found:
        return blocked
    objection = allowed(site, side_effects)
    if objection:
        return objection
    for n in names:
        again = rebound_in_body(site, n)
        if again is not None and not (isinstance(site.loop, ast.While) and again is site.loop.body[-1]):
            return Refusal(
                Reason.CARRIED_STATE, getattr(again, "lineno", site.loop.lineno), f"`{n}` is changed in the body"
            )
    labels = names if header.form is HeaderForm.LABELS else []
    for base in {r.source.base.code: r.source.base for _, r in found}.values():
        mine = [r for _, r in found if r.source.base.code == base.code]
        if objection := unchanged(site, base, column_names(mine), [column_number(r) for r in mine]):
            return objection
        if row := next((r for r in rows_stored(site, base, labels) if not _surely_there(site, header, base, r)), None):
            message = f"a store at `{ast.unparse(row)}` may add a row to `{base.code}`, whose columns are read"
            return Refusal(Reason.MUTATES_INPUT, row.lineno, message)
    if header.form is not HeaderForm.LABELS and (label := _label_read(site, header, found)) is not None:
        return label
    if any(in_nested_scope(site, n) for n, _ in found):
        return Refusal(Reason.SCOPE, site.loop.lineno, "a function made in the body reads the table")
    return Pulled(header, found, rows, labels)


def _surely_there(site: SiteContext, header: Header, frame: Inv, row: ast.expr) -> bool:
    """Whether a label that is stored at is one of the frame's, if these count from zero."""
    what = _index(site, header, row)
    return isinstance(what, Pos) and has_row(header, frame.code, what.offset)


def _stored_by_number(site: SiteContext, read: Read) -> bool:
    """`df.iloc[i, 5]` in a loop that stores into that column, and into others by number: it is read as it changes."""
    number = column_number(read)
    stored = stored_numbers(site.loop, read.source.base.code) if number is not None else None
    return stored is not None and number in stored


def counted(site: SiteContext, header: Header) -> Header:
    """The header, with the variable of a range that is zipped with something for the position."""
    match header.node.target, header.node.iter:
        case ast.Tuple(elts=targets), ast.Call(func=func, args=given) if (
            header.form is HeaderForm.ELEMENTS
            and header.position_name is None
            and site.dotted(func) == "builtins.zip"
            and len(targets) == len(given)
        ):
            for target, what in zip(targets, given, strict=True):
                match target, what:
                    case ast.Name(id=name), ast.Call(func=func, args=[_]) if site.dotted(func) == "builtins.range":
                        return replace(header, binds={**header.binds, name: Pos()}, position_name=name)
    return header


def find_reads(site: SiteContext, header: Header) -> tuple[Found, list[ast.stmt], Refusal | None]:
    """Reads worth pulling out, the statements that only take a row (and go), and what stood in the way of others."""
    found: Found = []
    blocked: Refusal | None = None
    rows: dict[str, tuple[ast.stmt, Row]] = {}
    still = _Still(site)
    for stmt in site.loop.body:
        taken = _rows_taken(still, header, stmt)
        if all(_only_columns(site, row, stmt) for row in taken):
            rows |= {row: (stmt, what) for row, what in taken.items()}
    for node in [n for s in site.loop.body for n in walk(s)]:
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        try:
            what = _read_with_rows(still, header, node, rows)
        except Refused as e:
            blocked = blocked or e.refusal
            continue
        if isinstance(what, Read) and what.access in (
            Access.ILOC,
            Access.IAT,
            Access.VALUES,
            Access.ROW_ILOC,
            Access.LABEL,
            Access.ROW_LABEL,
        ):
            found.append((node, what))
    inner = {id(x) for n, _ in found for x in walk(n) if x is not n}
    statements = list(dict.fromkeys(stmt for stmt, _ in rows.values()))
    return [(n, r) for n, r in found if id(n) not in inner], statements, blocked


def _rows_taken(site: SiteContext, header: Header, stmt: ast.stmt) -> dict[str, Row]:
    """The names that a statement binds to rows, if it does nothing else: `row = df.iloc[i]`, `a, b = ..., ...`."""
    match stmt:
        case ast.Assign(targets=[ast.Name() as one], value=value):
            pairs: list[tuple[ast.expr, ast.expr]] = [(one, value)]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            pairs = list(zip(targets, values, strict=True))
        case _:
            return {}
    found: dict[str, Row] = {}
    for target, value in pairs:
        try:
            what = _read(site, header, value) if isinstance(value, ast.Subscript) else None
        except Refused:
            return {}
        if not isinstance(target, ast.Name) or not isinstance(what, Row) or not what.access.of_row:
            return {}
        found[target.id] = what
    return found


class _Still(SiteContext):
    """The site as if the loop stored nothing: what a read reads, whether or not it may be pulled out."""

    def __init__(self, site: SiteContext) -> None:
        super().__init__(site.file, site.loop, site.scope, site.assigned, set())


def _read_with_rows(
    site: SiteContext, header: Header, node: ast.Subscript, rows: dict[str, tuple[ast.stmt, Row]]
) -> Expr | None:
    match node.value:
        case ast.Name(id=row) if row in rows:
            return read_item(rows[row][1], node, _key(site, node.slice))
        case ast.Subscript() as inner:
            what = _read(site, header, inner)
            if isinstance(what, Row):
                return read_item(what, node, _key(site, node.slice))
    return _read(site, header, node)


def _key(site: SiteContext, node: ast.expr) -> Expr:
    if isinstance(node, ast.Constant):
        return Const(node.value, node)
    return inv(node) if isinstance(node, ast.Name) and site.invariant(node) else Op("key", ())


def _read(site: SiteContext, header: Header, node: ast.Subscript) -> Expr | None:
    index = _index(site, header, node.slice)
    return None if index is None else read_subscript(site, header, node, index)


def _index(site: SiteContext, header: Header, node: ast.expr) -> Expr | None:
    match node:
        case ast.Name(id=name):
            what = header.binds.get(name)
            return what if isinstance(what, (Pos, Label)) else None
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(c))):
            what = header.binds.get(name)
            return Pos(what.offset + (c if isinstance(op, ast.Add) else -c)) if isinstance(what, Pos) else None
        case ast.Tuple(elts=[row, column]):
            first = _index(site, header, row)
            if first is None or not (isinstance(column, ast.Constant) or site.invariant(column)):
                return None
            return Op("tuple", (first, _key(site, column)), node)
    return None


def _only_columns(site: SiteContext, row: str, stmt: ast.stmt) -> bool:
    """The row is bound once and read by constant column names, later in the body, and in no other way."""
    if site.file.scopes.read_after(row, site.loop, site.scope) is not None:
        return False
    bindings = reads = 0
    for n in [n for s in site.loop.body for n in walk(s) if isinstance(n, ast.Name) and n.id == row]:
        if isinstance(n.ctx, ast.Store):
            bindings += 1
            continue
        up = site.file.scopes.parent[n]
        if not (
            isinstance(up, ast.Subscript)
            and up.value is n
            and isinstance(up.ctx, ast.Load)
            and isinstance(up.slice, ast.Constant)
            and isinstance(up.slice.value, str)
        ):
            return False
        if n.lineno <= stmt.lineno or in_nested_scope(site, n):
            return False
        reads += 1
    return bindings == 1 and reads > 0


def _label_read(site: SiteContext, header: Header, found: Found) -> Refusal | None:
    """`df["c"][i]` and `df.loc[i, "c"]` read labels, which are positions only where the index counts from zero."""
    for node, read in found:
        if read.access.by_label and not inside(header, read):
            message = f"`{ast.unparse(node)}` is read by label, and labels are not known to be positions"
            return Refusal(Reason.LABEL_READ, node.lineno, message)
    return None
