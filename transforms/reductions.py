"""DL401: sums, counts, extremes and flags that are read after the loop."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scans.scans import scan_loop


class Accumulate(Transform):
    """A loop that adds up, counts or looks for the best value of columns or arrays is a reduction.

    A sum keeps the loop's order: `np.cumsum` with the start value inside gives the same float bit by bit, `np.sum` and
    `Series.sum` add in another order (and the latter skips NaN). The largest value is `np.fmax.reduce` compared with
    the start, so that a NaN is never the best; a count is `np.count_nonzero`. A loop of zero rounds leaves what was
    there, its type included.

    Several names may change in one loop, under conditions and with `continue`. A temporary that is read after the loop
    is taken from the last round.
    """

    rule = Rule("DL401", "accumulate", Severity.LOW)
    examples = (
        Example(
            before="""
                import numpy as np


                def basket(prices: np.ndarray, weights: np.ndarray, strike):
                    total = 0.0
                    winners = 0
                    for p, w in zip(prices, weights):
                        total += p * w
                        if p > strike:
                            winners += 1
                    return total, winners
            """,
            after="""
                import numpy as np


                def basket(prices: np.ndarray, weights: np.ndarray, strike):
                    total = 0.0
                    winners = 0
                    if len(prices):
                        total = np.cumsum(np.concatenate(([total], prices * weights)))[-1]
                    winners += int(np.count_nonzero(prices > strike))
                    return total, winners
            """,
        ),
        Example(
            before="""
                def league(matches, team):
                    played = 0
                    best = -99
                    for _, m in matches.iterrows():
                        if m.home != team:
                            continue
                        played += 1
                        margin = m.goals - m.conceded
                        if margin > best:
                            best = margin
                    return played, best
            """,
            after="""
                import numpy as np


                def league(matches, team):
                    played = 0
                    best = -99
                    holds = (matches["home"] == team).values
                    margin = matches["goals"].values - matches["conceded"].values
                    played += int(np.count_nonzero(holds))
                    if holds.any():
                        best = max(best, np.fmax.reduce(margin[holds]))
                    return played, best
            """,
        ),
        Example(
            before="""
                def any_late(orders):
                    late = False
                    for i in range(len(orders)):
                        if orders["days"].iloc[i] > 14:
                            late = True
                    return late
            """,
            after="""
                def any_late(orders):
                    late = False
                    if (orders["days"].values > 14).any():
                        late = True
                    return late
            """,
        ),
        Example(
            before="""
                import numpy as np


                def area(xs, ys):
                    corners = np.zeros((len(xs), 2))
                    corners[:, 0] = xs
                    corners[:, 1] = ys
                    twice = 0.0
                    for i in range(1, len(corners)):
                        twice += corners[i - 1][0] * corners[i][1] - corners[i, 0] * corners[i - 1, 1]
                    return twice / 2
            """,
            after="""
                import numpy as np


                def area(xs, ys):
                    corners = np.zeros((len(xs), 2))
                    corners[:, 0] = xs
                    corners[:, 1] = ys
                    twice = 0.0
                    if len(corners) > 1:
                        twice = np.cumsum(
                            np.concatenate(
                                (
                                    [twice],
                                    corners[:, 0][:-1] * corners[:, 1][1:]
                                    - corners[:, 0][1:] * corners[:, 1][:-1],
                                )
                            )
                        )[-1]
                    return twice / 2
            """,
            note="columns of a table",
        ),
    )
    refused = (
        Example(
            before="""
                def total(amounts):
                    s = 0
                    for a in amounts:
                        s += a
                    return s
            """,
            reason=Reason.UNKNOWN_KIND,
            naive="""
                import numpy as np


                def total(amounts):
                    s = np.sum(amounts)
                    return s
            """,
            note="a list of unknown elements: sum() adds floats in another way since Python 3.12",
        ),
        Example(
            before="""
                import pandas as pd


                def smooth(x: pd.Series, alpha):
                    level = 0.0
                    for v in x:
                        level = alpha * v + (1 - alpha) * level
                    return level
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import pandas as pd


                def smooth(x: pd.Series, alpha):
                    level = x.ewm(alpha=alpha, adjust=False).mean().iloc[-1]
                    return level
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return scan_loop(self.rule, site, loop)
