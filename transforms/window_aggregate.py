"""DL701: the mean, sum, highest value... of a window, computed anew on every round."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .array_store import ArrayStore
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays
from .windowing.windows import window_lane


class WindowAggregate(Transform):
    """A reduction of `x[i - w:i]` on every round is one reduction over all windows.

    `sliding_window_view` lays the windows of an array side by side without copying them, and the reduction runs along
    each: with the same bits as for one window at a time, also for mean, sum and standard deviation (`rolling` keeps a
    running sum, and its last digits differ). An element some rounds away, `x[i - lag]`, becomes a slice.

    The first window has to begin inside the array, and the last one to end there: a loop that starts at 0 sees shorter
    windows first. A range of no rounds asks for no window, and neither does the new code.
    """

    rule = Rule("DL701", "window-aggregate", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def baseline(df: pd.DataFrame, window):
                    load = df['load'].values
                    expected = np.zeros(len(load))
                    for i in range(window, len(load)):
                        past = load[i - window:i]
                        expected[i] = past.mean()
                    return expected
            """,
            after="""
                import numpy as np
                import pandas as pd


                def baseline(df: pd.DataFrame, window):
                    load = df['load'].values
                    expected = np.zeros(len(load))
                    if len(load) > window:
                        expected[window:] = np.lib.stride_tricks.sliding_window_view(load, window)[
                            :-1
                        ].mean(axis=1)
                    return expected
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def momentum(df: pd.DataFrame, lag):
                    close = df['close'].values
                    out = []
                    for i in range(lag, len(close)):
                        out.append(close[i] / close[i - lag] - 1)
                    return out
            """,
            after="""
                import pandas as pd


                def momentum(df: pd.DataFrame, lag):
                    close = df['close'].values
                    out = list(close[lag:] / close[:-lag] - 1)
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def rank(x: np.ndarray, w: int):
                    out = np.zeros(len(x))
                    for i in range(w, len(x)):
                        out[i] = (x[i - w:i] < x[i]).mean()
                    return out
            """,
            after="""
                import numpy as np


                def rank(x: np.ndarray, w: int):
                    out = np.zeros(len(x))
                    if len(x) > w:
                        out[w:] = (
                            np.lib.stride_tricks.sliding_window_view(x, w)[:-1] < x[w:][:, None]
                        ).mean(axis=1)
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def smooth(df, w):
                    x = df['x'].values
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        out[i] = x[i - w:i].mean()
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
            naive="""
                import numpy as np


                def smooth(df, w):
                    x = df['x']
                    out = x.rolling(w).mean().shift(1).fillna(0.0).values
                    return out
            """,
            note="the first windows begin before the array, which a slice takes for the end",
        ),
        Example(
            before="""
                import numpy as np


                def smooth(df, w):
                    x = df['x'].values
                    out = np.zeros(len(x))
                    for i in range(w, len(x)):
                        out[i] = out[i - w:i].mean() + x[i]
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form is not HeaderForm.POSITIONS or not _looks_around(site, loop.header.position_name):
            return None
        answer = lists_to_arrays(self.rule, site, loop, window_lane)
        if answer is None:
            store = ArrayStore()
            store.extend = window_lane
            answer = store.rewrite(site, loop)
        if answer is None or isinstance(answer, Refusal):
            return answer
        return [replace(form, rule=self.rule, summary="reduces all windows at once") for form in answer]


def _looks_around(site: SiteContext, position: str | None) -> bool:
    """Whether the body slices something, or reads it at a distance that is no constant."""
    for n in site.nodes:
        match n:
            case ast.Subscript(slice=ast.Slice()):
                return True
            case ast.Subscript(slice=ast.BinOp(right=ast.Constant())):
                continue
            case ast.Subscript(slice=ast.BinOp(left=left, right=right)):
                names = {x.id for side in (left, right) for x in walk(side) if isinstance(x, ast.Name)}
                if position in names:
                    return True
    return False
