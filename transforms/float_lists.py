"""DL113: floats that are only computed with cost half as much as Python floats of a list."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Access, Loop, Pos
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, InsertBefore, Rewrite, Rule, Severity, Tier, Transform
from .hoists.float_lists import read_lists, surely_there, written_lists
from .hoists.floats import Flow, Told
from .hoists.positions import Pulled, pulled_out
from .hoists.reads import Hoist
from .hoists.zipped import column_of

#: Reads of columns that hold what `.tolist()` of them holds, but for the type.
PLAIN = frozenset({Access.ILOC, Access.IAT, Access.LABEL})


class FloatLists(Transform):
    """A loop that only computes with the floats of its columns, and stores them as floats, can read lists.

    `.iloc[i]` gives a NumPy float, and each operation on one costs two to three times what it costs with a Python
    float. `+ - *`, comparisons, `abs`, `min`, `max` and the functions of `math` give the same bits for both, and
    raise alike. Where nothing else becomes of the elements, until they are stored into an array of floats, nothing
    tells the two apart. An array of floats that the loop fills by position, and that nobody else sees meanwhile, is
    filled from a list in the same way.

    Whether the columns hold floats is seen when the code runs; where they hold something else, the loop reads the very
    elements that it read before. What is the same on every round, and not known to be one of Python's own numbers, is
    an assumption: a `float32` would round what is compared with it.
    """

    rule = Rule("DL113", "float-lists", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def leaky(df):
                    level = 0.0
                    out = np.zeros(len(df))
                    for i in range(len(df)):
                        level = 0.9 * level + df['rain'].iloc[i]
                        out[i] = level if level > 0.5 else 0.0
                    return out
            """,
            after="""
                import numpy as np


                def leaky(df):
                    level = 0.0
                    out = np.zeros(len(df))
                    columns = {name: column for name, column in df.items() if name == 'rain'}
                    floats = all(column.dtype == 'float64' for column in columns.values())
                    columns = {
                        name: column.tolist() if floats else column.array
                        for name, column in columns.items()
                    }
                    out_values = out.tolist() if floats else out
                    for i in range(len(df)):
                        level = 0.9 * level + columns['rain'][i]
                        out_values[i] = level if level > 0.5 else 0.0
                    out[:] = out_values
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def changes(prices: pd.Series):
                    out = np.zeros(len(prices))
                    last = 0.0
                    for i in range(len(prices)):
                        if prices.iloc[i] > last + 1.5:
                            last = prices.iloc[i]
                        out[i] = last
                    return out
            """,
            after="""
                import numpy as np
                import pandas as pd


                def changes(prices: pd.Series):
                    out = np.zeros(len(prices))
                    last = 0.0
                    floats = prices.dtype == "float64"
                    prices_values = prices.tolist() if floats else prices.array
                    out_values = out.tolist() if floats else out
                    for i in range(len(prices)):
                        if prices_values[i] > last + 1.5:
                            last = prices_values[i]
                        out_values[i] = last
                    out[:] = out_values
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def shares(df):
                    out = np.zeros(len(df))
                    level = 1.0
                    for i in range(len(df)):
                        level = 0.5 * level + 1.0 / df['x'].iloc[i]
                        out[i] = level
                    return out
            """,
            reason=Reason.UNKNOWN_KIND,
            naive="""
                import numpy as np


                def shares(df):
                    out = np.zeros(len(df))
                    level = 1.0
                    values = df['x'].tolist()
                    for i in range(len(df)):
                        level = 0.5 * level + 1.0 / values[i]
                        out[i] = level
                    return out
            """,
            note="Python raises ZeroDivisionError where NumPy gives inf",
        ),
        Example(
            before="""
                def decayed(df, a):
                    out = [0.0]
                    for i in range(1, len(df)):
                        out.append(a * df['x'].iloc[i] + (1 - a) * out[i - 1])
                    return out
            """,
            reason=Reason.UNKNOWN_KIND,
            note="the list keeps NumPy floats, and whoever gets it may tell",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        pulled = pulled_out(site, loop, self.side_effects)
        if not isinstance(pulled, Pulled):
            return None  # DL112 says why
        columns = _columns(pulled)
        if columns is None:
            return None
        positions = frozenset(n for n, what in pulled.header.binds.items() if isinstance(what, Pos))
        flow = Flow(site, {node: read.source.code for node, read in pulled.reads}, positions)
        try:
            flow.check()
        except Told:
            message = "something may tell the NumPy floats that are read from Python floats"
            return Refusal(Reason.UNKNOWN_KIND, flow.line, message)
        hoist = Hoist(site, pulled.header)
        pulled.owe(site, hoist)
        for kind, subjects in (("scalars", flow.scalars), ("small-integers", flow.compared)):
            if subjects:
                hoist.owe(Obligation(kind, tuple(subjects)))
        edits = read_lists(hoist, pulled.bases[0], columns, pulled.reads)
        edits += written_lists(site, flow, hoist)
        edits.append(InsertBefore(site.loop, tuple(hoist.prelude)))
        base = pulled.bases[0]
        known = bool(columns) and all(surely_there(site, base, column) for column in columns)
        granted = (Obligation("columns-exist", (base.code,)),) if known else ()
        return [Rewrite(self.rule, Tier.HOIST, tuple(edits), tuple(hoist.obligations), granted=granted)]


def _columns(pulled: Pulled) -> list[str] | None:
    """The columns of the one frame that is read, none for a series; None where the reads are of another kind."""
    if pulled.rows or pulled.labels or len(pulled.bases) != 1:
        return None
    if any(read.access not in PLAIN for _, read in pulled.reads):
        return None
    ordered = sorted(pulled.reads, key=lambda pair: (pair[0].lineno, pair[0].col_offset))
    columns = dict.fromkeys(column_of(read) for _, read in ordered)
    if None not in columns:
        return [c for c in columns if c is not None]
    series = all(read.source.column is None for _, read in pulled.reads)
    return [] if series else None
