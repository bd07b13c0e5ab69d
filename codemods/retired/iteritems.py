"""DL901: `.iteritems()` of frames and series."""

from __future__ import annotations

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use


class Iteritems(Moderniser):
    """`iteritems` of a frame or series is `items`, under which name it is there since pandas 0.25 and before.

    `DataFrame.iteritems` and `Series.iteritems` went with pandas 2. Both were `items` under another name, so that
    nothing else changes. A dict of Python 2 had the method, too: what is not known to be a frame or series is left
    alone.
    """

    rule = Rule("DL901", "iteritems", Severity.MEDIUM)
    names = ("iteritems",)
    until = "pandas 1.5"
    examples = (
        Example(
            before="""
                import pandas as pd

                def widths(path):
                    table = pd.read_csv(path)
                    found = {}
                    for name, column in table.iteritems():
                        found[name] = column.astype(str).str.len().max()
                    return found
            """,
            after="""
                import pandas as pd

                def widths(path):
                    table = pd.read_csv(path)
                    found = {}
                    for name, column in table.items():
                        found[name] = column.astype(str).str.len().max()
                    return found
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def shown(prices: pd.Series):
                    return [f"{name}: {price}" for name, price in prices.iteritems() if price > 0]
            """,
            after="""
                import pandas as pd

                def shown(prices: pd.Series):
                    return [f"{name}: {price}" for name, price in prices.items() if price > 0]
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def total(counts):
                    return sum(n for word, n in counts.iteritems())
            """,
            reason=Reason.UNKNOWN_KIND,
            note="it may be a dict of Python 2",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if use.is_a(use.receiver, "dict", "defaultdict", "OrderedDict", "Counter"):
            message = "`iteritems` of a dict is Python 2's"
            return use.refused(Reason.UNKNOWN_KIND, message, "call `items()`; in Python 3 it makes no list")
        if not use.is_table(use.receiver):  # d = {"a": 1}; d.iteritems()
            return use.unknown()
        return Change(lambda found: found.rename("items"), "`iteritems` is `items`")
