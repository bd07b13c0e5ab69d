"""DL911: `.applymap` of frames."""

from __future__ import annotations

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use


class Applymap(Moderniser):
    """`applymap` of a frame is `map` since pandas 2.1.

    The name was retired with pandas 2.1 and is gone in pandas 3; only the name has changed. Where the function is
    plain arithmetic, rule DL606 has array code for the new form.
    """

    rule = Rule("DL911", "applymap", Severity.MEDIUM)
    names = ("applymap",)
    until = "pandas 2.3"
    examples = (
        Example(
            before="""
                import pandas as pd

                def tidy(path):
                    names = pd.read_csv(path, dtype=str)
                    return names.applymap(str.strip, na_action="ignore")
            """,
            after="""
                import pandas as pd

                def tidy(path):
                    names = pd.read_csv(path, dtype=str)
                    return names.map(str.strip, na_action="ignore")
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def tidy(names):
                    return names.style.applymap(str.strip)
            """,
            reason=Reason.UNKNOWN_KIND,
            note="styles have a method of that name, too",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if not use.is_a(use.receiver, "frame"):  # df.style.applymap: that is a Styler's
            return use.unknown("a frame")
        return Change(lambda found: found.rename("map"), "`applymap` is `map`")
