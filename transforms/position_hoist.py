"""DL112: `.iloc[i]` and its kin cost a thousand times an array read."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop, Read
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Edit, Example, InsertBefore, Replace, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .hoists.positions import Pulled, pulled_out
from .hoists.reads import Hoist

Found = list[tuple[ast.expr, Read]]


class PositionHoist(Transform):
    """A loop over positions that reads cells with `.iloc[i]`, `.values[i]`, `.at[i, c]` can read arrays taken out once.

    The body stays as it is: `df["c"].iloc[i]` becomes `columns["c"][i]`, `series.iloc[i]` becomes `series_values[i]`.
    `.array` hands out the very scalars that `.iloc` does, for any dtype: NumPy scalars, Timestamps, NA. For numbers
    `.values` does so too, at twice the speed. A row taken with `df.iloc[i]` converts its numbers to one type, so the
    frame is converted in the same way first. Reads by label are positions only where the index is known to count from
    zero; otherwise that is an assumption the proposal names.
    """

    rule = Rule("DL112", "iloc-hoist", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                def smooth(df, a):
                    out = [df['x'].iloc[0]]
                    for i in range(1, len(df)):
                        out.append(a * df['x'].iloc[i] + (1 - a) * out[i - 1])
                    return out
            """,
            after="""
                def smooth(df, a):
                    out = [df['x'].iloc[0]]
                    columns = {
                        name: column.values if column.dtype.kind in 'biuf' else column.array
                        for name, column in df.items()
                    }
                    for i in range(1, len(df)):
                        out.append(a * columns['x'][i] + (1 - a) * out[i - 1])
                    return out
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def first_drop(prices: pd.Series):
                    for i in range(1, len(prices)):
                        if prices.iloc[i] < prices.iloc[i - 1]:
                            return i
                    return None
            """,
            after="""
                import pandas as pd


                def first_drop(prices: pd.Series):
                    prices_values = prices.values if prices.dtype.kind in "biuf" else prices.array
                    for i in range(1, len(prices)):
                        if prices_values[i] < prices_values[i - 1]:
                            return i
                    return None
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def fill(df):
                    for i in range(1, len(df)):
                        if df['x'].iloc[i] < 0:
                            df.iloc[i, 0] = df['x'].iloc[i - 1]
            """,
            reason=Reason.MUTATES_INPUT,
        ),
        Example(
            before="""
                def odd(x, test):
                    for i in range(len(x)):
                        row = x.iloc[i]
                        if test(row):
                            return i
            """,
            reason=Reason.UNKNOWN_KIND,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        pulled = pulled_out(site, loop, self.side_effects)
        if not isinstance(pulled, Pulled):
            return pulled
        header, labels = pulled.header, pulled.labels
        hoist = Hoist(site, header)
        pulled.owe(site, hoist)
        if several := _looked_into(site, pulled.reads):
            hoist.owe(Obligation("single-columns", several))
        edits: list[Edit] = [Substitute(node, hoist.read(read)) for node, read in pulled.reads]
        edits += [Replace(stmt, ()) for stmt in pulled.rows]
        if labels:
            hoist.label = labels[0] if pulled.needs_labels(site) else None
            target, iterable = hoist.header_iter()
            edits += [Substitute(header.node.target, target), Substitute(header.node.iter, iterable)]
        edits.append(InsertBefore(site.loop, tuple(hoist.prelude)))
        return [Rewrite(self.rule, Tier.HOIST, tuple(edits), tuple(hoist.obligations), imports=hoist.imports)]


def _looked_into(site: SiteContext, reads: Found) -> tuple[str, ...]:
    """Columns whose cells have elements: `df['x'].values[i][0]`, as of a name that stands for several columns."""
    inner = {id(node.value) for node in ast.walk(site.loop) if isinstance(node, ast.Subscript)}
    cells = (read.source for node, read in reads if id(node) in inner and read.source.column is not None)
    return tuple(dict.fromkeys(cell.code for cell in cells))
