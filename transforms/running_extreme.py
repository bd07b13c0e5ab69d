"""DL403: the best value so far, and what is computed from it."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scans.scans import scan_loop


class RunningExtreme(Transform):
    """A running maximum or minimum that a loop uses on every round is `np.fmax.accumulate` or `np.fmin.accumulate`.

    In a loop a NaN is never greater than the maximum so far, so it is skipped: `np.fmax` does that, `np.maximum` and
    `Series.cummax` don't. A NaN at the very start stays for good, because nothing is greater than it.

    What is computed from the extreme (a drawdown, the distance from the peak) is array arithmetic; the worst of it is a
    reduction. Of 0.0 and -0.0 the loop keeps the first, NumPy either: `signed-zero`.
    """

    rule = Rule("DL403", "running-extreme", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import pandas as pd


                def drawdown(equity: pd.Series):
                    peak = equity.iloc[0]
                    worst = 0.0
                    curve = []
                    for i in range(len(equity)):
                        value = equity.iloc[i]
                        if value > peak:
                            peak = value
                        dd = (peak - value) / peak
                        curve.append(dd)
                        if dd > worst:
                            worst = dd
                    return worst, curve
            """,
            after="""
                import numpy as np
                import pandas as pd


                def drawdown(equity: pd.Series):
                    peak = equity.iloc[0]
                    worst = 0.0
                    value = equity.values
                    running_peak = (
                        np.fmax.accumulate(np.concatenate(([peak], value)))[1:]
                        if not np.isnan(peak)
                        else np.full(len(equity), peak)
                    )
                    dd = (running_peak - value) / running_peak
                    curve = list(dd)
                    if len(equity):
                        worst = max(worst, np.fmax.reduce(dd))
                    return worst, curve
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def reset_peaks(x: np.ndarray):
                    out = []
                    peak = 0.0
                    for v in x:
                        peak = max(peak * 0.9, v)
                        out.append(peak)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def reset_peaks(x: np.ndarray):
                    out = list(np.maximum.accumulate(x))
                    return out
            """,
            note="the peak decays",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return scan_loop(self.rule, site, loop)
