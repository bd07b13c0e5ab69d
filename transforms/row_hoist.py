"""DL111: iterrows builds a Series for each row only to read a few columns of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..loops.access import read_attribute, read_item
from ..loops.anchor import rebound_in_body
from ..loops.combine import is_pair
from ..loops.context import Refused, SiteContext
from ..loops.header_rows import inv
from ..loops.ir import Access, Const, Header, HeaderForm, Inv, Label, Loop, Read, Row
from ..loops.lift import live_out
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Edit, Example, InsertBefore, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .hoists.body import allowed, column_names, in_nested_scope, unchanged
from .hoists.keys import owed_for_keys
from .hoists.reads import Hoist, converts
from .hoists.zipped import MOST, column_of, numbered_header, target_names, zipped_header
from .shared.build import assign, clone, name


@dataclass
class _Uses:
    """What the body does with the row: reads to replace, and whether the label is used."""

    reads: list[tuple[ast.expr, Read]]
    labels: list[ast.expr]


class RowHoist(Transform):
    """`iterrows` makes a Series of each row; a loop that only reads columns of it can read arrays instead.

    The header visits the columns side by side, `row["c"]` becomes `c`, and the body stays as it is, side effects and
    all. `frame.values` is what iterrows takes its rows from, so that each element arrives as the row had it: in a frame
    of integers and floats the integers are floats, beside a text column they are Python numbers. That asks for each
    column before the loop, and raises where one is missing that no round would have read: an assumption. The forms
    without it visit positions, and `row["c"]` becomes `columns["c"][i]`.

    iterrows converts each row that holds nothing but text, dates or durations, and missing values, as a whole: None
    beside text becomes NaN (pandas 3), None or NaN beside a date becomes NaT. That there are no such rows is an
    assumption; the form that does without it converts just those rows, as iterrows does. There `row.c` becomes
    `fields.c[i]`, which raises what `row.c` raised where there is no such column.

    Loops that mainly print, plot or write are left alone unless side effects are allowed.
    """

    rule = Rule("DL111", "iterrows-hoist", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                def pay(book, staff):
                    for _, row in staff.iterrows():
                        gross = row['hours'] * row['rate']
                        book.enter(row['name'], gross)
            """,
            after="""
                def pay(book, staff):
                    columns = dict(zip(staff.columns, staff.values.T))
                    for hours, rate, name in zip(columns['hours'], columns['rate'], columns['name']):
                        gross = hours * rate
                        book.enter(name, gross)
            """,
        ),
        Example(
            before="""
                def hot(readings, alarms):
                    for when, row in readings.iterrows():
                        if row.temp > 30.5:
                            alarms[when] = row.temp
            """,
            after="""
                def hot(readings, alarms):
                    columns = dict(zip(readings.columns, readings.values.T))
                    for when, temp in zip(readings.index, columns["temp"]):
                        if temp > 30.5:
                            alarms[when] = temp
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def ship(orders, send):
                    for _, row in orders.iterrows():
                        send(row)
            """,
            reason=Reason.ROW_ESCAPES,
        ),
        Example(
            before="""
                def lower(df):
                    for idx, row in df.iterrows():
                        df.at[idx, 'qty'] = row['qty'] - 1
            """,
            reason=Reason.MUTATES_INPUT,
            naive="""
                def lower(df):
                    df['qty'] = df['qty'] - 1
            """,
        ),
        Example(
            before="""
                def show(df):
                    for _, row in df.iterrows():
                        print(row['a'], row['b'])
            """,
            reason=Reason.SIDE_EFFECT,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        header = loop.header
        if header.form is not HeaderForm.ITERROWS or header.table is None:
            return None
        objection = allowed(site, self.side_effects) or _row_stays(site, header)
        if objection:
            return objection
        uses = _uses(site, header)
        if isinstance(uses, Refusal):
            return uses
        if not uses.reads and not uses.labels and not _row_name(header):
            return Refusal(Reason.NO_GAIN, header.node.lineno, "the row is not read")
        objection = unchanged(site, header.table, column_names(r for _, r in uses.reads))
        if objection:
            return objection
        forms = [self._rewrite(site, header, uses, exact=False)]
        if not forms[0].safe and converts(site):
            forms.append(self._rewrite(site, header, uses, exact=True))
        columns = dict.fromkeys(column_of(read) for _, read in uses.reads)
        if 0 < len(columns) <= MOST and None not in columns and header.position_name is None:
            forms.insert(0, self._zipped(site, header, uses, [c for c in columns if c is not None]))
        return forms

    def _zipped(self, site: SiteContext, header: Header, uses: _Uses, columns: Sequence[str]) -> Rewrite:
        """The fastest form: no dict and no position on any round, but each column is asked for before the first."""
        hoist, table, before = _hoist(site, header, uses, exact=False)
        names = target_names(columns, hoist.fresh)
        header_parts = zipped_header(hoist, table, names, hoist.label)
        new = [(node, name(names[column_of(read) or ""])) for node, read in uses.reads]
        owed = [Obligation(what, (table.code,)) for what in ("plain-rows", "columns-exist")]
        owed += owed_for_keys(site, uses.reads)
        edits = _edits(header, uses, hoist, new, header_parts, before)
        return Rewrite(self.rule, Tier.HOIST, edits, tuple(owed), hoist.imports)

    def _rewrite(self, site: SiteContext, header: Header, uses: _Uses, *, exact: bool) -> Rewrite:
        hoist, table, before = _hoist(site, header, uses, exact=exact)
        new = [(node, hoist.read(_on(read, table))) for node, read in uses.reads]
        edits = _edits(header, uses, hoist, new, hoist.header_iter(), before)
        owed = (*(() if exact else _owed(header, uses)), *owed_for_keys(site, uses.reads))
        return Rewrite(self.rule, Tier.HOIST, edits, owed, hoist.imports)


def _hoist(site: SiteContext, header: Header, uses: _Uses, *, exact: bool) -> tuple[Hoist, Inv, list[ast.stmt]]:
    """What collects the statements before the loop, the frame as a name, and the statement that makes that name."""
    table, before = _simple_table(site, header)
    hoist = Hoist(site, replace(header, table=table), exact=exact, taken={table.code})
    index = header_index(header)
    if uses.labels or (index and _used(site, index)):
        hoist.label = index if index and (index != "_" or live_out(site, ["_"])) else None
        hoist.label_read(Label(table))
    return hoist, table, before


def _edits(
    header: Header,
    uses: _Uses,
    hoist: Hoist,
    reads: Sequence[tuple[ast.expr, ast.expr]],
    header_parts: tuple[ast.expr, ast.expr],
    before: Sequence[ast.stmt],
) -> tuple[Edit, ...]:
    edits: list[Edit] = [Substitute(node, new) for node, new in reads]
    edits += [Substitute(node, name(hoist.label or "")) for node in uses.labels]
    target, iterable = numbered_header(header, *header_parts)
    edits += [Substitute(header.node.target, target), Substitute(header.node.iter, iterable)]
    edits.append(InsertBefore(header.node, (*before, *hoist.prelude)))
    return tuple(edits)


def _owed(header: Header, uses: _Uses) -> tuple[Obligation, ...]:
    """What the plain columns of the frame take for granted; the rows as they are read leave nothing open."""
    assert header.table is not None
    owed = [Obligation("plain-rows", (header.table.code,))] if uses.reads else []
    if any(read.source.by_attribute for _, read in uses.reads):
        # row.c of a missing column raises AttributeError, columns["c"] KeyError
        owed.append(Obligation("columns-exist", (header.table.code,)))
    return tuple(owed)


def _row_name(header: Header) -> str:
    return next((n for n, what in header.binds.items() if isinstance(what, Row) or is_pair(what)), "")


def header_index(header: Header) -> str | None:
    """The name that the header gives to the label."""
    return next((n for n, what in header.binds.items() if isinstance(what, Label)), None)


def _used(site: SiteContext, id_: str) -> bool:
    inside = any(
        isinstance(n, ast.Name) and n.id == id_ and n is not t
        for s in (*site.loop.body, *site.loop.orelse)
        for n in walk(s)
        for t in [None]
    )
    return inside or bool(live_out(site, [id_]))


def _row_stays(site: SiteContext, header: Header) -> Refusal | None:
    row = _row_name(header)
    if row in site.scope.outer_names:
        return Refusal(Reason.SCOPE, site.loop.lineno, f"`{row}` belongs to an outer scope")
    for n in (row, header_index(header) or ""):
        again = rebound_in_body(site, n) if n else None
        if again is not None and n == row:
            return Refusal(
                Reason.ROW_ESCAPES, getattr(again, "lineno", site.loop.lineno), f"`{row}` is bound again in the body"
            )
    live = live_out(site, [row])
    if live:
        return Refusal(Reason.VALUE_READ_LATER, live[row], f"the row `{row}` is read after the loop")
    return None


def _uses(site: SiteContext, header: Header) -> _Uses | Refusal:
    row = _row_name(header)
    assert header.table is not None
    what = Row(header.table, Access.ROW)
    parent = site.file.scopes.parent
    uses = _Uses([], [])
    paired = not isinstance(header.binds[row], Row)
    body = [n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s)]
    for n in [n for n in body if isinstance(n, ast.Name) and n.id == row]:
        if in_nested_scope(site, n):
            return Refusal(Reason.SCOPE, n.lineno, f"a function made in the body keeps the row `{row}`")
        try:
            found = _of_pair(site, n, what, parent) if paired else _one_use(site, n, parent[n], what, parent)
        except Refused as e:
            return e.refusal
        if found is None:
            return Refusal(Reason.ROW_ESCAPES, n.lineno, f"the row `{row}` itself is used, not only its columns")
        node, read = found
        if isinstance(read, Label):
            uses.labels.append(node)
        else:
            uses.reads.append((node, read))
    return uses


def _of_pair(
    site: SiteContext, n: ast.Name, what: Row, parent: dict[ast.AST, ast.AST]
) -> tuple[ast.expr, Read | Label] | None:
    """`pair[0]` and `pair[1]["c"]`, where one name is bound to the label and the row."""
    match parent[n]:
        case ast.Subscript(slice=ast.Constant(value=0), ctx=ast.Load()) as label:
            return label, Label(what.frame)
        case ast.Subscript(slice=ast.Constant(value=1), ctx=ast.Load()) as row:
            return _one_use(site, row, parent[row], what, parent)
    return None


def _one_use(
    site: SiteContext, n: ast.expr, up: ast.AST, what: Row, parent: dict[ast.AST, ast.AST]
) -> tuple[ast.expr, Read | Label] | None:
    match up:
        case ast.Subscript(value=value, slice=key, ctx=ast.Load()) if value is n:
            if isinstance(key, ast.Constant):
                expr = read_item(what, up, Const(key.value, key))
            elif isinstance(key, ast.Name) and site.invariant(key):
                expr = read_item(what, up, inv(key))
            else:
                return None
        case ast.Attribute(value=value, ctx=ast.Load()) if value is n:
            call = parent[up]
            if isinstance(call, ast.Call) and call.func is up:
                return None
            expr = read_attribute(what, up)
        case _:
            return None
    return (up, expr) if isinstance(expr, (Read, Label)) else None


def _simple_table(site: SiteContext, header: Header) -> tuple[Inv, list[ast.stmt]]:
    """The frame as a plain name: anything longer is computed once, before."""
    table = header.table
    assert table is not None
    if isinstance(table.node, ast.Name):
        return table, []
    id_ = site.fresh("rows", "table", "frame")
    return Inv(id_, name(id_)), [assign(id_, clone(table.node))]


def _on(read: Read, table: Inv) -> Read:
    return replace(read, source=replace(read.source, base=table))
