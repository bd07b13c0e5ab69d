"""DL115: itertuples makes a tuple of each row, of all columns, only to read a few of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop
from ..loops.lift import live_out
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Edit, Example, InsertBefore, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .hoists.body import allowed, unchanged
from .hoists.tuples import TupleReads, tuple_reads
from .shared.build import assign, clone, name


class TupleHoist(Transform):
    """`itertuples` makes a named tuple of each row; a loop that only reads columns of it can go through lists of these.

    The header visits the columns side by side, `row.c` becomes `c`, and the body stays as it is, side effects and all.
    `tolist()` hands out what the rows held: numbers and text of Python's own, Timestamps, and what a column of objects
    holds. Only integers and floats of nullable columns came as NumPy's. Each column is asked for before the loop, and
    one that is missing raises there: that they exist is the other half of the assumption.

    Loops that mainly print, plot or write are left alone unless side effects are allowed.
    """

    rule = Rule("DL115", "itertuples-hoist", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                def latest(log):
                    weights = {}
                    dates = {}
                    for row in log.itertuples():
                        if row.status != 'ok':
                            continue
                        weights[row.tag] = row.weight
                        dates[row.tag] = row.Index
                    return weights, dates
            """,
            after="""
                def latest(log):
                    weights = {}
                    dates = {}
                    for label, status, tag, weight in zip(
                        log.index, log['status'].tolist(), log['tag'].tolist(), log['weight'].tolist()
                    ):
                        if status != 'ok':
                            continue
                        weights[tag] = weight
                        dates[tag] = label
                    return weights, dates
            """,
        ),
        Example(
            before="""
                def level(moves, start):
                    for n, row in enumerate(moves.itertuples(index=False)):
                        start = max(start + row.amount, 0)
                        if start > 100:
                            return n
            """,
            after="""
                def level(moves, start):
                    for n, amount in enumerate(moves["amount"].tolist()):
                        start = max(start + amount, 0)
                        if start > 100:
                            return n
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def ship(orders, send):
                    for row in orders.itertuples():
                        send(row)
            """,
            reason=Reason.ROW_ESCAPES,
        ),
        Example(
            before="""
                def spend(accounts, used):
                    for row in accounts.itertuples():
                        if row.name in used:
                            accounts.at[row.Index, 'name'] = used[row.name]
            """,
            reason=Reason.MUTATES_INPUT,
        ),
        Example(
            before="""
                def show(df):
                    for row in df.itertuples():
                        print(row.a, row.b)
            """,
            reason=Reason.SIDE_EFFECT,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        header = loop.header
        if header.form is not HeaderForm.ITERTUPLES or header.table is None:
            return None
        if (objection := allowed(site, self.side_effects)) is not None:
            return objection
        found = tuple_reads(site, header)
        if not isinstance(found, TupleReads):
            return found
        if (objection := self._row_stays(site, found)) is not None:
            return objection
        if (objection := unchanged(site, found.table, [*found.columns])) is not None:
            return objection
        table: ast.expr = found.table.node
        before: list[ast.stmt] = []
        if not isinstance(table, ast.Name):
            id_ = site.fresh("rows", "table", "frame")
            before, table = [assign(id_, clone(table))], name(id_)
        target, rows = found.header(table)
        edits: list[Edit] = [Substitute(node, new) for node, new in found.replaced()]
        edits += [Substitute(found.target, target), Substitute(found.rows, rows)]
        edits += [InsertBefore(header.node, tuple(before))] if before else []
        owed = Obligation("numpy-columns", tuple(f"{ast.unparse(table)}[{c!r}]" for c in found.columns))
        return [Rewrite(self.rule, Tier.HOIST, tuple(edits), (owed,) if found.columns else ())]

    def _row_stays(self, site: SiteContext, found: TupleReads) -> Refusal | None:
        row, line = found.row, site.loop.lineno
        if row in site.scope.outer_names:
            return Refusal(Reason.SCOPE, line, f"`{row}` belongs to an outer scope")
        if (live := live_out(site, [row])) != {}:
            return Refusal(Reason.VALUE_READ_LATER, live[row], f"the row `{row}` is read after the loop")
        return None
