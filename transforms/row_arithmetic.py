"""DL101: rows of a frame, one at a time, only to compute with their columns."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays


class RowArithmetic(Transform):
    """A loop over `iterrows` or `itertuples` that collects elementwise results is column arithmetic.

    Branches become `np.where`, `min` and `max` become comparisons (Python's `max` ignores a NaN in second place,
    `np.maximum` does not), temporaries keep their names. The rows of iterrows hold NumPy or Python scalars depending on
    the other columns, those of itertuples hold Python scalars: what differs between them (overflow, division by zero,
    the type of an element) becomes an assumption that the proposal names.
    """

    rule = Rule("DL101", "iterrows-arithmetic", Severity.HIGH)
    examples = (
        Example(
            before="""
                def totals(orders):
                    out = []
                    for _, row in orders.iterrows():
                        net = row['qty'] * row['price']
                        if row['rebate'] > 0:
                            net = net - row['rebate']
                        out.append(net * 1.19)
                    return out
            """,
            after="""
                import numpy as np


                def totals(orders):
                    rebate = orders['rebate'].values
                    net = orders['qty'].values * orders['price'].values
                    net = np.where(rebate > 0, net - rebate, net)
                    out = (net * 1.19).tolist()
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def names(df):
                    out = []
                    for row in df.itertuples():
                        out.append(row.name.upper())
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form not in (HeaderForm.ITERROWS, HeaderForm.ITERTUPLES, HeaderForm.RECORDS):
            return None
        return lists_to_arrays(self.rule, site, loop)
