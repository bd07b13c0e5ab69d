"""DL404: a value that stays until a condition changes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scans.scans import scan_loop


class LastSeen(Transform):
    """A value that some rounds set and all rounds use is carried forward from its last change.

    `np.maximum.accumulate` over the numbers of the rounds that change the value gives that position; the value before
    the first change is the one that the name had before the loop. A NaN that was set stays, unlike with `ffill`.
    """

    rule = Rule("DL404", "last-seen", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def positions(signals: pd.Series):
                    held = np.zeros(len(signals))
                    current = 0
                    for t in range(len(signals)):
                        if signals.iloc[t] == "buy":
                            current = 1
                        elif signals.iloc[t] == "sell":
                            current = -1
                        held[t] = current
                    return held
            """,
            after="""
                import numpy as np
                import pandas as pd


                def positions(signals: pd.Series):
                    held = np.zeros(len(signals))
                    current = 0
                    is_buy = (signals == "buy").values
                    changed = is_buy | (signals == "sell").values
                    last_change = np.maximum.accumulate(
                        np.where(changed, np.arange(1, len(signals) + 1), 0)
                    )
                    held[:] = np.concatenate(([current], np.where(is_buy, 1, -1)))[last_change]
                    return held
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def gate(x: np.ndarray):
                    out = np.zeros(len(x))
                    level = 0.0
                    for i in range(len(x)):
                        if x[i] > level:
                            level = x[i] * 0.5
                        out[i] = level
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def gate(x: np.ndarray):
                    out = np.maximum.accumulate(x) * 0.5
                    return out
            """,
            note="whether the value changes depends on the value itself",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return scan_loop(self.rule, site, loop)
