"""DL405: a counter that a condition resets."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scans.scans import scan_loop


class Streak(Transform):
    """The length of a streak is the count so far minus the count at the last reset.

    Both come from the array of conditions: `np.cumsum` counts, `np.maximum.accumulate` holds the count of the last
    reset. The counter has to start from an int and grow by one; the result holds Python ints, as the loop's did.

    Runs of equal values are streaks as well: `current` holds the value of the run, and a row that differs from the one
    before resets the counter. A NaN differs from itself.
    """

    rule = Rule("DL405", "streak", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                def dry_spells(daily, threshold):
                    run = 0
                    spells = []
                    for i in range(len(daily)):
                        if daily["rain"].iloc[i] < threshold:
                            run += 1
                        else:
                            run = 0
                        spells.append(run)
                    daily["dry"] = spells
                    return max(spells)
            """,
            after="""
                import numpy as np


                def dry_spells(daily, threshold):
                    run = 0
                    rain_below = daily["rain"].values < threshold
                    run_count = np.cumsum(rain_below)
                    spells = (
                        run_count - np.maximum.accumulate(np.where(rain_below, 0, run_count))
                    ).tolist()
                    daily["dry"] = spells
                    return max(spells)
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def runs(log: pd.DataFrame):
                    state = None
                    length = 0
                    lengths = []
                    for row in log.itertuples():
                        if row.state == state:
                            length += 1
                        else:
                            lengths.append(length)
                            state = row.state
                            length = 1
                    lengths.append(length)
                    return lengths
            """,
            after="""
                import numpy as np
                import pandas as pd


                def runs(log: pd.DataFrame):
                    state = None
                    length = 0
                    state_values = log["state"].to_numpy(dtype=object)
                    changed = state_values != np.concatenate(([state], state_values))[:-1]
                    last_change = np.maximum.accumulate(
                        np.where(changed, np.arange(1, len(log) + 1), 0)
                    )
                    running_length = (
                        np.arange(1, len(log) + 1) - last_change + np.where(last_change > 0, 1, length)
                    )
                    lengths = np.concatenate(([length], running_length))[:-1][changed].tolist()
                    if len(log):
                        length = running_length[-1].item()
                    lengths.append(length)
                    return lengths
            """,
            note="the lengths of runs of equal values, after a 0",
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def limited(x: np.ndarray):
                    run = 0
                    out = []
                    for v in x:
                        run = run + 1 if v > 0 and run < 5 else 0
                        out.append(run)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def limited(x: np.ndarray):
                    up = np.cumsum(x > 0)
                    out = np.minimum(up - np.maximum.accumulate(np.where(x > 0, 0, up)), 5).tolist()
                    return out
            """,
            note="the reset depends on the counter",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return scan_loop(self.rule, site, loop)
