"""DL910: `pd.TimeGrouper`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, has_stars

if TYPE_CHECKING:
    from .trees import Found

#: Frequencies that pandas 2.2 has renamed.
RENAMED = {
    "M": "ME",
    "BM": "BME",
    "Q": "QE",
    "BQ": "BQE",
    "A": "YE",
    "Y": "YE",
    "BA": "BYE",
    "H": "h",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
    "Min": "min",
}
#: Frequencies that are called now as they were then.
KEPT = frozenset({"D", "B", "W", "MS", "QS", "BMS", "BQS", "min", "ms", "us", "h", "s", "ns"})


class TimeGrouper(Moderniser):
    """`pd.TimeGrouper("M")` is `pd.Grouper(freq="ME")`.

    It went with pandas 1, and pandas 2.2 has given the frequencies other names: "M", the end of the month, is "ME".
    Those that are known to mean the same are changed along; one that is no literal, or no plain frequency, is left
    alone, as are arguments that `Grouper` takes in another way.
    """

    rule = Rule("DL910", "time-grouper", Severity.MEDIUM)
    names = ("TimeGrouper",)
    until = "pandas 0.25"
    examples = (
        Example(
            before="""
                import pandas as pd

                def monthly(sales: pd.DataFrame):
                    sums = sales["n"].groupby(pd.TimeGrouper("M")).sum()
                    return sums, sales.groupby(pd.TimeGrouper(freq="2H", key="when", closed="left")).size()
            """,
            after="""
                import pandas as pd

                def monthly(sales: pd.DataFrame):
                    sums = sales["n"].groupby(pd.Grouper(freq="ME")).sum()
                    return sums, sales.groupby(pd.Grouper(freq="2h", key="when", closed="left")).size()
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def grouped(sales: pd.DataFrame, step):
                    return sales.groupby(pd.TimeGrouper(step)).sum()
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note='pandas 2.2 takes "ME" for "M"',
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None or use.dotted(use.node) not in ("pandas.TimeGrouper", "pandas.core.resample.TimeGrouper"):
            return None
        names = {k.arg for k in call.keywords}
        if len(call.args) > 1 or has_stars(call) or names - {"freq", "key", "level", "closed", "label"}:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`TimeGrouper` has arguments without a new form")
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "freq")]
        old = given[0].value if len(given) == 1 and isinstance(given[0], ast.Constant) else None
        new = renamed(old) if isinstance(old, str) else None
        if new is None or use.dotted(use.node) != "pandas.TimeGrouper":
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "the frequency is not known, or has no plain new name")

        def edit(found: Found) -> None:
            found.rename("Grouper")
            found.name_first("freq")
            quote = next(a for a in found.arguments if a.keyword == "freq").text[-1]
            if new != old:
                found.set_text("freq", f"{quote}{new}{quote}")

        return Change(edit, '`TimeGrouper("M")` is `Grouper(freq="ME")`')


def renamed(frequency: str) -> str | None:
    """The name of a frequency since pandas 2.2; None for one that is not known."""
    found = re.fullmatch(r"(\d*)([A-Za-z]+)(-[A-Z]{3})?", frequency)
    if found is None or not (found[2] in RENAMED or found[2] in KEPT):
        return None
    return f"{found[1]}{RENAMED.get(found[2], found[2])}{found[3] or ''}"
