"""A list of records that only becomes a frame: the frame, column by column."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.ir import Append, Const, Expr, HeaderForm, Inv, Label, Loop, Op, Read, Scalar, strip
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ..base import Edit, Replace, Rewrite, Rule, Tier
from ..lanes.arithmetic import plain_loop
from ..lanes.arrays import ArrayCode
from ..lanes.emit import Output, emit
from ..lanes.lanes import NotVector
from ..lanes.vector import assume_lifted, numpy_import, tidy
from ..shared.build import assign, attr, call, clone, const, item, name
from ..shared.targets import drop_init, find_target
from .checks import changing, collide, simple_table, without_inner_loops
from .ir import Field, OwnRow, Record, Spread, as_cell, as_position
from .kept import kept_rows, positions
from .lanes import cell_source, lookup_lane, position_node, row_reads, whole_column
from .sink import columns_of, find_frame

#: A value for each round, or one for all.
Value = tuple[ast.expr, bool]


@dataclass
class FrameCode:
    """Builds the frame of one loop's records."""

    site: SiteContext
    loop: Loop
    code: ArrayCode
    pd: str
    table: Inv | None = None  # the rows that a guard lets through, where there is one
    chunks: list[ast.expr] = field(default_factory=list)
    fields: list[tuple[str, Value]] = field(default_factory=list)

    def frame(self, record: Record) -> ast.expr:
        """The expression for the frame, one row a round."""
        for part in record.parts:
            match part:
                case Field(key=key, value=value):
                    self.fields.append((key, self.value(value)))
                case Spread():
                    self._close()
                    self.chunks.append(self._spread(part))
                case OwnRow(frame=frame):
                    self._close()
                    self.code.owe("no-upcast", frame.code)
                    self.code.owe("plain-columns", frame.code)
                    self.chunks.append(_renumbered(clone(frame.node)))
        own = bool(self.fields) or any(isinstance(p, Field) for p in record.parts)
        self._close()
        joined = self.chunks[0] if len(self.chunks) == 1 else self._concat()
        return joined if own else call(attr(joined, "rename_axis"), columns=const(None))

    def _concat(self) -> ast.expr:
        return call(attr(name(self.pd), "concat"), ast.List(self.chunks, ast.Load()), axis=const(1))

    def _close(self) -> None:
        """The fields met so far become a frame of their own."""
        if not self.fields:
            return
        table = ast.Dict([const(k) for k, _ in self.fields], [node for _, (node, _) in self.fields])
        made = call(attr(name(self.pd), "DataFrame"), table)
        if not any(array for _, (_, array) in self.fields):
            made.keywords = [ast.keyword("index", call("range", self.count()))]
        self.chunks.append(made)
        self.fields = []

    def count(self) -> ast.expr:
        return call("len", clone(self.table.node)) if self.table is not None else self.code.count()

    def _spread(self, part: Spread) -> ast.expr:
        positions = position_node(self.code, part.position)
        frame = clone(part.frame.node)
        if part.columns is not None:
            frame = item(frame, clone(part.columns.node))
        if part.floated:
            self.code.owe("numeric-columns", part.frame.code)
            rows: ast.expr = call(attr(item(attr(frame, "iloc"), positions), "astype"), name("float"))
        elif part.by_row:
            # A row has one type for all columns, and so have `.values`; a frame of records finds the types again.
            self.code.owe("plain-columns", part.frame.code)
            made = call(
                attr(name(self.pd), "DataFrame"),
                item(attr(frame, "values"), positions),
                columns=attr(clone(frame), "columns"),
            )
            rows = call(attr(made, "infer_objects"))
        else:
            self.code.owe("plain-columns", part.frame.code)
            rows = item(attr(frame, "iloc"), positions)
        if part.joined:
            self.code.owe("text-names", part.frame.code)
        if part.prefix:
            rows = call(attr(rows, "add_prefix"), const(part.prefix))
        if part.suffix:
            rows = call(attr(rows, "add_suffix"), const(part.suffix))
        return rows if part.by_row and not part.floated else _renumbered(rows)

    # ------------------------------------------------------------------ values

    def value(self, e: Expr) -> Value:
        """One column: a list of the very scalars, or an array."""
        inner = strip(e)
        match inner:
            case Const(value=str() | int() | float() | bool() | None, node=node):
                return clone(node), False
            case Inv(node=node):
                return ast.BinOp(ast.List([clone(node)], ast.Load()), ast.Mult(), self.count()), True
            case Label(frame=frame):
                return call(attr(clone(frame.node), "index", "tolist")), True
            case Read():
                return self._copied(inner)
        if (column := self._floated(inner)) is not None:
            return column, True
        if isinstance(inner, Op) and as_position(inner) is None and (cell := as_cell(inner)) is not None:
            if cell.by_row:
                self.code.owe("no-upcast", cell.source.code)
            self.code.owe("plain-columns", cell_source(cell)[1])
            positions = position_node(self.code, cell.position)
            return call(attr(item(attr(cell_source(cell)[0], "iloc"), positions), "tolist")), True
        return self._computed(e)

    def _floated(self, e: Expr) -> ast.expr | None:
        """`float(row["c"])`: any column of numbers, whatever the row made of it."""
        read = strip(e.args[0]) if isinstance(e, Op) and e.name == "call:builtins.float" and len(e.args) == 1 else None
        column = whole_column(self.code, read) if isinstance(read, Read) else None
        if column is None or not isinstance(read, Read):
            return None
        self.code.owe("numeric-columns", read.source.code)
        return attr(call(attr(column, "astype"), name("float")), "values")

    def _copied(self, read: Read) -> Value:
        column = whole_column(self.code, read)
        if column is None:
            lane = self.code.lane(read)
            return call(attr(lane.node, "tolist")), True
        if read.scalar is Scalar.ROW:
            self.code.owe("no-upcast", read.source.base.code)
        if read.access.of_row:
            self.code.owe("numpy-rows", read.source.base.code)
        if read.scalar is Scalar.PYTHON:
            # A missing attribute is no missing key; a nullable truth value is NumPy's in a tuple, Python's in a list.
            if self.loop.header.form is HeaderForm.ITERTUPLES:
                self.code.owe("numpy-columns", read.source.code)
            elif (
                self.loop.header.form is HeaderForm.RECORDS
            ):  # pandas makes None of NA, and Python's numbers of NumPy's
                self.code.owe("plain-columns", read.source.code)
            return call(attr(column, "tolist")), True
        self.code.owe("plain-columns", read.source.code)  # a NumPy scalar of 32 bits stays one
        if self.table is not None:  # what a guard leaves of a column may be its missing values alone
            return call(attr(column, "tolist")), True
        return attr(column, "array"), True

    def _computed(self, e: Expr) -> Value:
        self.code.mixed = self.code.blended = False
        lane = self.code.lane(e)
        if self.code.mixed or self.code.blended:
            self.code.owe(
                "element-types"
            )  # 1 and 2.5 under a condition: a column of the ones alone is a column of integers
        if not lane.array:
            return ast.BinOp(ast.List([lane.node], ast.Load()), ast.Mult(), self.count()), True
        if lane.dtype not in ("float", "bool", "text"):
            for r in _sources(e):
                self.code.owe("plain-columns", r.source.code)
            for r in row_reads(e):
                self.code.owe("no-upcast", r.source.base.code)
        return lane.node, True


def _sources(e: Expr) -> list[Read]:
    return [x for x in e.walk() if isinstance(x, Read)]


def _renumbered(rows: ast.expr) -> ast.expr:
    return call(attr(rows, "reset_index"), drop=const(True))


def records_to_frame(
    rule: Rule, tier: Tier, site: SiteContext, loop: Loop, append: Append, record: Record
) -> Rewrite | Refusal:
    """The rewrite of a loop that appends one record a round to a list that only becomes a frame."""
    objection = plain_loop(site, loop) or changing(site, record, append.guard)
    if objection:
        return objection
    target = find_target(site, append.target, "list", False)
    if isinstance(target, Refusal):
        return target
    if not target.fresh or not _total(loop):
        return Refusal(
            Reason.UNSUPPORTED_SYNTAX,
            loop.header.node.lineno,
            f"`{target.name}` is not made just before the loop, or the rounds can't be counted",
        )
    sink = find_frame(site, target)
    if isinstance(sink, Refusal):
        return sink
    keys = [part.key if isinstance(part, Field) else None for part in record.parts]
    if sink.columns is not None and (None in keys or columns_of(site, sink.columns) != keys):
        message = f"the records are not known to have the columns `{ast.unparse(sink.columns)}`, in that order"
        return Refusal(Reason.UNSUPPORTED_SYNTAX, sink.columns.lineno, message)
    rest = drop_init(target, {target.name})
    pd = site.file.alias("pandas")
    loop, append, record, before = simple_table(site, loop, append, record)
    code = ArrayCode.build(site, loop)
    assume_lifted(code, site, without_inner_loops(site, loop))
    code.extend = lookup_lane
    made = FrameCode(site, loop, code, pd or "pd")
    try:
        statements = _statements(made, append, record, sink.name)
    except NotVector as e:
        return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
    if loop.header.form is HeaderForm.ITERROWS and loop.header.table is not None:
        code.owe("plain-rows", loop.header.table.code)
    if collide(record):
        code.owe("distinct-names")
    block = ast.If(code.count(), statements, [])
    block.lineno = site.loop.lineno
    frame = call(attr(name(made.pd), "DataFrame"))
    if sink.columns is not None:
        frame = call(frame.func, ast.List([], ast.Load()), columns=_columns_there(site, sink.columns, keys))
    empty = assign(sink.name, frame, target.init.lineno)
    kept = [left for _, left in rest or []]
    edits: list[Edit] = [
        Replace(target.init, (*(kept[0] if kept else ()), empty)),
        Replace(site.loop, (*before, block)),
        *sink.edits,
    ]
    imports = ("import pandas as pd",) if pd is None else ()
    return Rewrite(
        rule,
        tier,
        tuple(edits),
        tidy(_named(code.owed(), made, loop)),
        (*imports, *numpy_import(code, statements)),
        made.code.tolerance or code.tolerance,
        _summary(record, append),
    )


def _columns_there(site: SiteContext, columns: ast.expr, names: Sequence[object]) -> ast.expr:
    """The names of the columns as they can be said before the loop: a local list may be made behind it."""
    local = isinstance(columns, ast.Name) and site.file.scopes.owner(columns.id, site.scope) is site.scope
    return ast.List([const(n) for n in names], ast.Load()) if local else clone(columns)


def _statements(made: FrameCode, append: Append, record: Record, target: str) -> list[ast.stmt]:
    if append.guard is not None:
        record = kept_rows(made, append.guard, record, append.line)
    stmt: ast.stmt = assign(target, made.frame(record), append.line)
    if made.table is not None:
        stmt = ast.If(call("len", clone(made.table.node)), [stmt], [])
    return emit(made.code, [Output(stmt)], {target})


def _named(owed: Sequence[Obligation], made: FrameCode, loop: Loop) -> list[Obligation]:
    """Obligations about the rows that are kept are about the table."""
    if made.table is None or loop.header.table is None:
        return list(owed)
    old, new = made.table.code, loop.header.table.code
    return [Obligation(o.name, tuple(dict.fromkeys(s.replace(old, new) for s in o.subjects))) for o in owed]


def _total(loop: Loop) -> bool:
    return loop.header.form is not HeaderForm.ELEMENTS and loop.header.table is not None


def _summary(record: Record, append: Append) -> str:
    lookups = {strip(e) for e in positions(record)}
    if not lookups:
        return "the frame is built column by column, not from a dict a row"
    text = f"{'one batched look-up' if len(lookups) == 1 else f'{len(lookups)} batched look-ups'} for all rows"
    tested = append.guard is not None and any(as_position(x) is not None for x in append.guard.walk())
    return text if tested else f"{text}; a key without a match takes the last row, as in the loop"
