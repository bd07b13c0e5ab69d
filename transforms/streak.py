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
