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

    A value that starts at None or text is kept in an array of objects: the list holds the very objects that the loop
    appended, whatever the type of the column. Where the loop asks `is not None` first, it may compute with the value.
    The value of the row before (`previous = x`), the first value, and what a stretch of rounds began with are kept
    alike.
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
        Example(
            before="""
                import pandas as pd


                def fill(ticks: pd.DataFrame):
                    last = None
                    filled = []
                    for t in ticks.itertuples():
                        if not pd.isnull(t.price):
                            last = t.price
                        filled.append(last)
                    return filled
            """,
            after="""
                import numpy as np
                import pandas as pd


                def fill(ticks: pd.DataFrame):
                    last = None
                    changed = ~ticks["price"].isna().values
                    last_change = np.maximum.accumulate(
                        np.where(changed, np.arange(1, len(ticks) + 1), 0)
                    )
                    filled = np.concatenate(([last], ticks["price"].to_numpy(dtype=object)))[
                        last_change
                    ].tolist()
                    return filled
            """,
            note="None before the first price",
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def days_since(days: pd.DataFrame):
                    last = None
                    since = []
                    for i in range(len(days)):
                        if days["rain"].iloc[i] > 0:
                            last = i
                        since.append(i - last if last is not None else -1)
                    return since
            """,
            after="""
                import numpy as np
                import pandas as pd


                def days_since(days: pd.DataFrame):
                    last = None
                    last_last = np.maximum.accumulate(
                        np.where(days["rain"].values > 0, np.arange(len(days)), -1)
                    )
                    since = np.where(last_last >= 0, np.arange(len(days)) - last_last, -1).tolist()
                    return since
            """,
            note="how long ago something was",
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
        Example(
            before="""
                import pandas as pd


                def trades(prices: pd.Series, low, high):
                    bought = None
                    held = []
                    for p in prices:
                        if bought is None:
                            if p < low:
                                bought = p
                        elif p > high:
                            bought = None
                        held.append(bought)
                    return held
            """,
            reason=Reason.CARRIED_STATE,
            note="one test opens, and another one closes",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return scan_loop(self.rule, site, loop)
