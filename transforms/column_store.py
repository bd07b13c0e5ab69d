"""DL105: a column filled cell by cell."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from ..loops.context import SiteContext, root_name
from ..loops.ir import Access, Const, Inv, Label, Loop, Pos, Read, StoreCell, strip
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .guards.form import under_test
from .lanes.arithmetic import independent
from .lanes.arrays import ArrayCode, Extension
from .lanes.emit import Output, emit
from .lanes.lanes import NotVector
from .lanes.vector import array_rewrite, selected, stored
from .shared.build import attr, bare, call, clone, expr, filled, item
from .shared.stored_columns import columns_owed, read_before_stored, read_late, stored_elsewhere


class By(Enum):
    """How the rows that are stored into are named."""

    MASK = "all rows, or a mask of them"
    LABEL = "their labels, which are their positions"
    POSITION = "their positions"


class ColumnStore(Transform):
    """Cells stored with `df.at[i, c] = value` or `df.loc[i, c] = value` are stored by mask, a whole column at once.

    `df.loc[mask, c] = values` converts the values to the column's type by the rules that the single stores
    followed. Later
    stores win over earlier ones, as in the loop. Labels have to name one row each.
    """

    rule = Rule("DL105", "column-store", Severity.HIGH)
    examples = (
        Example(
            before="""
                def flag(df):
                    df = df.copy()
                    df['late'] = 0
                    for idx in df.index:
                        if df.at[idx, 'days'] > 14:
                            df.at[idx, 'late'] = 1
                    return df
            """,
            after="""
                def flag(df):
                    df = df.copy()
                    df['late'] = 0
                    df.loc[df['days'].values > 14, 'late'] = 1
                    return df
            """,
        ),
        Example(
            before="""
                def discount(orders):
                    orders['rate'] = 0.0
                    for idx, row in orders.iterrows():
                        if row['total'] > 500:
                            orders.at[idx, 'rate'] = 0.1
                    return orders
            """,
            after="""
                def discount(orders):
                    orders['rate'] = 0.0
                    if orders.index.is_unique:
                        orders.loc[orders['total'].values > 500, 'rate'] = 0.1
                    else:
                        for idx, row in orders.iterrows():
                            if row['total'] > 500:
                                orders.at[idx, 'rate'] = 0.1
                    return orders
            """,
            note="a repeated label stands for several rows, and a store reaches them all",
        ),
        Example(
            before="""
                import pandas as pd

                def ups(df: pd.DataFrame):
                    df['up'] = 0.0
                    for i in range(1, len(df)):
                        up = df['c'].iloc[i] - df['c'].iloc[i - 1]
                        df.iloc[i, df.columns.get_loc('up')] = up
                    return df
            """,
            after="""
                import numpy as np
                import pandas as pd

                def ups(df: pd.DataFrame):
                    df['up'] = 0.0
                    c = df['c'].values
                    df.iloc[np.arange(1, len(df)), df.columns.get_loc('up')] = c[1:] - c[:-1]
                    return df
            """,
            note="not all rows, stored by position",
        ),
    )
    refused = (
        Example(
            before="""
                def project(df):
                    df = df.reset_index(drop=True)
                    for i in range(1, len(df)):
                        df.loc[i, 's'] = df.loc[i - 1, 's'] + df.loc[i, 'm']
                    return df
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def project(df):
                    df = df.reset_index(drop=True)
                    df.loc[1:, 's'] = df['s'].shift(1) + df['m']
                    return df
            """,
        ),
        Example(
            before="""
                def clean(df):
                    for i in range(len(df)):
                        df['q'].iloc[i] = 0
            """,
            reason=Reason.CHAINED_ASSIGNMENT,
        ),
    )

    #: Lanes that only look-ups know.
    extend: Extension | None = None

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreCell)]
        if not stores or len(stores) != len(loop.effects):
            return None
        objection = _objection(site, loop)
        if objection:
            return objection
        code = ArrayCode.build(site, loop)
        code.extend = self.extend
        try:
            outputs = [self.store(site, code, e, _late(stores, k)) for k, e in enumerate(stores)]
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        if not code.steps and not any("Subscript" in type(n).__name__ for o in outputs for n in walk(o.stmt)):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, "no column is read")
        if code.raises:
            code.owe("no-exceptions")  # who handles it sees the cells that the loop had stored before
        statements = emit(code, outputs, {root_name(ast.parse(e.target, mode="eval").body) or e.target for e in stores})
        owed = [o for o in code.owed() if o.name != "element-types"]
        edits = [Replace(site.loop, tuple(statements))]
        form = array_rewrite(self.rule, code, statements, edits, [*owed, *columns_owed(stores)])
        kept = for_unique_labels(site, loop, form)
        return kept if isinstance(kept, Refusal) else [kept]

    def store(self, site: SiteContext, code: ArrayCode, e: StoreCell, late: bool = False) -> Output:
        """The statement that stores the cells of all rounds; raises NotVector if it can't be one.

        `late`: statements before it store into what its condition reads.
        """
        frame = ast.parse(e.target, mode="eval").body
        by = rows_stored(code, e)
        column = strip(e.column) if e.column is not None else None
        if isinstance(column, Inv) and isinstance(column.node, ast.Name):
            code.owe("one-column", column.code)  # one column, no list of them
        elif not isinstance(column, Const) or not isinstance(column.value, str):
            raise NotVector(Reason.UNSUPPORTED_SYNTAX, e.line, "the column is not named by a literal")
        lane, mask = selected(code, e.guard, e.value, e.line)
        if mask is not None and late:
            mask = code.before_stores(mask)
        if lane.dtype == "any":
            raise NotVector(Reason.CARRIED_STATE, e.line, "a value that may be None or text is stored into a column")
        if lane.array and lane.dtype == "text":
            # pandas 3 refuses an array of one string here, and takes a list.
            lane = replace(lane, node=call(attr(lane.node, "tolist")))
        rows: ast.expr = mask.node if mask is not None else ast.Slice()
        where: ast.expr = column.node
        if by is not By.MASK:
            rows = code.rounds.positions(code.np, 0) if mask is None else item(_labels(code), mask.node)
        if by is By.POSITION:
            where = call(attr(attr(clone(frame), "columns"), "get_loc"), where)
        target = ast.Subscript(
            attr(clone(frame), "iloc" if by is By.POSITION else "loc"),
            ast.Tuple([rows, where], ast.Load()),
            ast.Store(),
        )
        bare(target.value)
        return Output(*stored(code, target, lane.node, e.line))


def rows_stored(code: ArrayCode, e: StoreCell) -> By:
    """Every round stores into its own row; how these rows are named. Raises NotVector if it does not."""
    row, rounds, site = e.row, code.rounds, code.site
    if rounds.table is None or e.target != rounds.table.code:
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not the frame that the loop goes over")
    kind = site.kind(rounds.table.node)
    counted = kind is not None and kind.range_index
    whole = rounds.span is None or (rounds.start == 0 and rounds.span.delta == 0)
    inside = rounds.span is None or (rounds.start is not None and rounds.span.of is not None)
    if isinstance(row, Label) and row.frame.code == e.target and inside and e.access is Access.LABEL:
        if not counted:
            code.owe("unique-index", f"{e.target}.index")
        return By.MASK if whole else By.POSITION
    if isinstance(row, Pos) and row.offset == 0 and inside and e.access is Access.ILOC:
        return By.MASK if whole else By.POSITION
    if isinstance(row, Pos) and row.offset == 0 and inside and e.access is Access.LABEL:
        if not counted:  # a label that is not there makes a new row
            code.owe("range-index", f"{e.target}.index")
        return By.MASK if whole and counted else By.LABEL
    raise NotVector(Reason.LABEL_READ, e.line, "the row that is stored into is not known to be the row of the round")


def _late(stores: Sequence[StoreCell], k: int) -> bool:
    """Whether the condition of a store reads what earlier ones store into; raises NotVector where its value does."""
    late = read_late(stores, k)
    for part, read in late:
        if part is stores[k].value or strip(part) is read:  # an array of the column's own, which changes with it
            message = f"`{read.source.code}` is read for a store behind one into it"
            raise NotVector(Reason.MUTATES_INPUT, stores[k].line, message)
    return bool(late)


def for_unique_labels(site: SiteContext, loop: Loop, form: Rewrite) -> Rewrite | Refusal:
    """The form under a test where it takes labels to be unique, and the loop can do with others.

    With a repeated label each store reaches several rows, and the loop is fine with that.
    """
    named = next((s for o in form.obligations if o.name == "unique-index" for s in o.subjects), None)
    if named is None or _reads_by_label(loop):
        return form
    test = filled(expr("index.is_unique"), {"index": expr(named)})
    tested = under_test(site, form, "unique-index", test)
    message = f"labels of `{named.removesuffix('.index')}` may repeat, and a store reaches them all"
    return tested if tested is not None else Refusal(Reason.LABEL_READ, site.loop.lineno, message)


def _labels(code: ArrayCode) -> ast.expr:
    """The positions of the rows that are visited, under a name; where these are the labels, too, the labels."""
    key = "labels of the rows"
    if key not in code.wholes:
        code.wholes[key] = code.step("rows", code.rounds.positions(code.np, 0), plain=True)
    return clone(code.wholes[key])


def _reads_by_label(loop: Loop) -> bool:
    """Whether cells are read by label too: with a repeated label that gives a Series, and the loop raises."""
    values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    return any(isinstance(r, Read) and r.access.by_label for x in values for r in x.walk())


def _objection(site: SiteContext, loop: Loop) -> Refusal | None:
    if (objection := independent(site, loop)) is not None:
        return objection
    if (objection := read_before_stored(site, loop)) is not None:
        return objection
    return stored_elsewhere(site, loop)
