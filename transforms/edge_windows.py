"""DL703: windows that grow from the first element on, or are cut short at the ends of an array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Expr, HeaderForm, Loop
from ..loops.remarks import Reason, Refusal
from .array_store import ArrayStore
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays
from .lanes.arrays import ArrayCode
from .lanes.lanes import Lane, NotVector
from .windowing.clipped import clipped_lane
from .windowing.windows import window_lane


class EdgeWindows(Transform):
    """A window that grows from the first element on, or is cut short at an end, is computed for all rounds at once.

    The highest value of `x[:i + 1]` is a running maximum, its sum a running sum. Windows that begin at `max(0, i - w)`
    are all equally long once the array is filled up before its first element: with that very element for the highest
    and lowest value, which changes neither; with zeros for sums. Averages of a Series are those of `rolling` with
    `min_periods=1`.

    Highest and lowest values come out bit by bit, NaN included. Sums and means are added in another order.
    """

    rule = Rule("DL703", "edge-windows", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np


                def peaks(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        out[i] = x[:i + 1].max()
                    return out
            """,
            after="""
                import numpy as np


                def peaks(x: np.ndarray):
                    out = np.zeros(len(x))
                    out[:] = np.maximum.accumulate(x)
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def support(df: pd.DataFrame, days: int):
                    low = df['low'].values
                    out = []
                    for i in range(len(low)):
                        start = max(0, i - days)
                        out.append(low[start:i + 1].min())
                    return np.array(out)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def support(df: pd.DataFrame, days: int):
                    low = df['low'].values
                    out = []
                    if len(low) > 0:
                        out = (
                            np.lib.stride_tricks.sliding_window_view(
                                np.pad(low, (days, 0), mode='edge'), days + 1
                            )
                            .T
                            .min(axis=0)
                        )
                    return np.array(out)
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def smooth(df: pd.DataFrame) -> pd.DataFrame:
                    out = []
                    for i in range(len(df)):
                        out.append(df['load'].iloc[max(0, i - 6):i + 1].mean())
                    df['smooth'] = out
                    return df
            """,
            after="""
                import pandas as pd


                def smooth(df: pd.DataFrame) -> pd.DataFrame:
                    out = df['load'].rolling(7, min_periods=1).mean().values
                    df['smooth'] = out
                    return df
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def peaks(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        out[i] = x[:i].max()
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
            note="the highest value of no elements raises",
        ),
        Example(
            before="""
                import numpy as np


                def spread(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        out[i] = x[:i + 1].std()
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="running variances lose digits",
        ),
        Example(
            before="""
                import numpy as np


                def above(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        out[i] = (x[:i + 1] * x[i]).sum()
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import numpy as np


                def above(x: np.ndarray):
                    out = np.zeros(len(x))
                    out[:] = np.cumsum(x * x)
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form is not HeaderForm.POSITIONS:
            return None
        found: list[Expr] = []
        answer = lists_to_arrays(self.rule, site, loop, lambda code, e: _lane(code, e, found))
        if answer is None:
            store = ArrayStore()
            store.extend = lambda code, e: _lane(code, e, found)
            answer = store.rewrite(site, loop)
        if not found or answer is None:
            return None
        if isinstance(answer, Refusal):
            return answer
        return [replace(form, rule=self.rule, summary="reduces all windows at once") for form in answer]


def _lane(code: ArrayCode, e: Expr, found: list[Expr]) -> Lane | None:
    """The lane of any window; those that are cut short are noted."""
    try:
        lane = clipped_lane(code, e)
    except NotVector:
        found.append(e)
        raise
    if lane is not None:
        found.append(e)
    return lane or window_lane(code, e)
