"""DL914: `.fillna(method=...)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, constant, has_stars, keyword

if TYPE_CHECKING:
    from .trees import Found

NEW = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}


class FillnaMethod(Moderniser):
    """`fillna(method="ffill")` is `ffill()`, and `fillna(method="bfill")` is `bfill()`.

    The argument was retired with pandas 2.1 and is gone in pandas 3. `axis`, `limit` and `inplace` are passed on. A
    method that is a variable is left alone.
    """

    rule = Rule("DL914", "fillna-method", Severity.MEDIUM)
    names = ("fillna",)
    words = ("method",)
    until = "pandas 2.3"
    examples = (
        Example(
            before="""
                import pandas as pd

                def complete(path):
                    prices = pd.read_csv(path)
                    prices["bid"] = prices["bid"].fillna(method="ffill", limit=3)
                    return prices.fillna(method='backfill')
            """,
            after="""
                import pandas as pd

                def complete(path):
                    prices = pd.read_csv(path)
                    prices["bid"] = prices["bid"].ffill(limit=3)
                    return prices.bfill()
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def complete(prices: pd.DataFrame):
                    prices["bid"].fillna(method="ffill", inplace=True)
            """,
            reason=Reason.CHAINED_ASSIGNMENT,
            note="in pandas 3 the frame would stay as it is",
        ),
        Example(
            before="""
                import pandas as pd

                def complete(prices: pd.DataFrame, how):
                    return prices.fillna(method=how)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        method = keyword(call, "method") if call is not None else None
        if call is None or method is None or constant(method.value) is None:
            return None
        if not use.is_table(use.receiver):  # a group of a groupby, an index
            return use.unknown()
        new = NEW.get(str(constant(method.value)))
        if new is None:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`{ast.unparse(method.value)}` may be any method")
        if call.args or has_stars(call) or {k.arg for k in call.keywords} - {"method", "axis", "limit", "inplace"}:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`fillna` is called with a value, or in another way")

        given = keyword(call, "inplace")
        if given is not None and constant(given.value) is not False and use.is_part:
            return use.chained()

        def edit(found: Found) -> None:
            found.remove("method")
            found.rename(new)

        return Change(edit, f"`fillna(method=...)` is `{new}`")
