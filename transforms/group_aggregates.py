"""DL512: one aggregate of each group, computed group by group."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Append, Loop, StoreItem
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .grouping.form import GroupForm
from .grouping.headers import groups_of


class GroupAggregates(Transform):
    """A loop that takes means, sums or counts of each group is one `groupby`, with an aggregate for all groups at once.

    The loop makes a frame of each group, by a mask over all rows or by iterating `groupby`, only to take an aggregate
    of one of its columns. `df.groupby("k")["v"].mean()` computes all of them in one pass. What is done with the
    aggregates stays: it becomes a comprehension over their values. Further tests of the rows (`part[part["v"] > 3]`)
    select rows before they are grouped, the first and the last row of each group come out of `drop_duplicates`.

    `groupby` adds floats one by one (with a correction), `Series.sum` pairwise: the last bits may differ. A loop over
    `unique()` visits a missing key as well, for which a mask finds nothing; `groupby` has no such group, so that the
    aggregates are put in the order of the keys, with what no rows give for a missing one.
    """

    rule = Rule("DL512", "group-aggregate", Severity.HIGH)
    examples = (
        Example(
            before="""
                import pandas as pd

                def means(sales: pd.DataFrame):
                    out = {}
                    for shop in sales['shop'].unique():
                        part = sales[sales['shop'] == shop]
                        out[shop] = part['net'].mean()
                    return out
            """,
            after="""
                import pandas as pd

                def means(sales: pd.DataFrame):
                    keys = sales['shop'].unique()
                    out = dict(
                        zip(keys, sales.groupby('shop', sort=False)['net'].mean().reindex(keys).values)
                    )
                    return out
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def spans(sales: pd.DataFrame):
                    out = []
                    for shop, part in sales.groupby('shop'):
                        if len(part) > 2:
                            out.append(part['net'].max() - part['net'].min())
                    return out
            """,
            after="""
                import pandas as pd

                def spans(sales: pd.DataFrame):
                    groups = sales.groupby('shop')
                    out = [
                        net_max - net_min
                        for size, net_max, net_min in zip(
                            groups.size().tolist(),
                            groups['net'].max().values,
                            groups['net'].min().values,
                        )
                        if size > 2
                    ]
                    return out
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def large(sales: pd.DataFrame, shops):
                    counts = []
                    for shop in shops:
                        counts.append(len(sales[(sales['shop'] == shop) & (sales['net'] > 100)]))
                    return counts
            """,
            after="""
                import pandas as pd

                def large(sales: pd.DataFrame, shops):
                    keys = list(shops)
                    counts = (
                        sales[sales['net'] > 100]
                        .groupby('shop', sort=False)
                        .size()
                        .reindex(keys, fill_value=0)
                        .tolist()
                    )
                    return counts
            """,
            note="keys from elsewhere: those that are not there have no rows",
        ),
        Example(
            before="""
                import pandas as pd

                def latest(sales: pd.DataFrame):
                    found = {}
                    for shop, part in sales.groupby('shop'):
                        best = part.loc[part['net'].idxmax(), 'seller']
                        found[shop] = (part['net'].iloc[-1], best)
                    return found
            """,
            after="""
                import pandas as pd

                def latest(sales: pd.DataFrame):
                    groups = sales.groupby('shop')
                    keys = groups.size().index
                    found = {
                        shop: (net_last, best)
                        for shop, net_last, best in zip(
                            keys,
                            sales.drop_duplicates('shop', keep='last')
                            .set_index('shop')['net']
                            .reindex(keys)
                            .array,
                            sales.loc[groups['net'].idxmax(), 'seller'].array,
                        )
                    }
                    return found
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def seconds(sales: pd.DataFrame):
                    out = []
                    for shop, part in sales.groupby('shop'):
                        out.append(part['net'].sum() - part['net'].iloc[1])
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="the second row of a group: there may be none, and the loop raises",
        ),
        Example(
            before="""
                import pandas as pd

                def firsts(sales: pd.DataFrame, shops):
                    out = {}
                    for shop in shops:
                        part = sales[sales['shop'] == shop]
                        out[shop] = (part['net'].mean(), part['seller'].iloc[0])
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="a key that is not there has no first row",
        ),
        Example(
            before="""
                import pandas as pd

                def totals(sales: pd.DataFrame):
                    out = []
                    total = 0.0
                    for shop, part in sales.groupby('shop'):
                        total += part['net'].sum()
                        out.append(total)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        groups = groups_of(site, loop)
        if groups is None or not loop.effects or loop.opaque:
            return None
        if not all(isinstance(e, (Append, StoreItem)) for e in loop.effects):
            return None
        form = GroupForm(site, loop, groups)
        if not form.found():
            return None
        return form.rewrite(self.rule)
