"""DL102: cells of a frame, one position at a time, only to compute with them."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays


class PositionArithmetic(Transform):
    """A loop over positions that collects elementwise results is `.values` array arithmetic.

    `.iloc[i]` hands out NumPy scalars, so the arrays compute exactly what the loop did. Neighbours become slices:
    `range(1, n)` with `x[i] - x[i - 1]` is `x[1:] - x[:-1]`. Small pure helpers are inlined, their branches become
    `np.where`, and where a branch protected a division the warning stays off. A list that only becomes an array is
    never made.
    """

    rule = Rule("DL102", "iloc-arithmetic", Severity.HIGH)
    examples = (
        Example(
            before="""
                def notional(trades):
                    out = []
                    for i in range(len(trades)):
                        out.append(trades['price'].iloc[i] * trades['qty'].iloc[i])
                    return out
            """,
            after="""
                def notional(trades):
                    out = list(trades['price'].values * trades['qty'].values)
                    return out
            """,
        ),
        Example(
            before="""
                def steps(df):
                    out = []
                    for i in range(1, len(df)):
                        out.append(df['x'].iloc[i] - df['x'].iloc[i - 1])
                    return out
            """,
            after="""
                def steps(df):
                    x = df['x'].values
                    out = list(x[1:] - x[:-1])
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def ahead(df):
                    out = []
                    for i in range(len(df)):
                        out.append(df['x'].iloc[i + 1] - df['x'].iloc[i])
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
        ),
        Example(
            before="""
                def balance(df, total):
                    out = []
                    for i in range(len(df)):
                        total = max(total + df['x'].iloc[i], 0)
                        out.append(total)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def balance(df, total):
                    out = list(np.maximum(total + df['x'].cumsum(), 0))
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form not in (HeaderForm.POSITIONS, HeaderForm.LABELS):
            return None
        return lists_to_arrays(self.rule, site, loop)
