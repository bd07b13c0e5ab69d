"""DL913: NumPy as `pd.np`."""

from __future__ import annotations

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use


class PandasNumpy(Moderniser):
    """`pd.np` was NumPy, by accident: import NumPy itself.

    It went with pandas 2. The file gets `import numpy as np` unless it has NumPy already, under whatever name.
    """

    rule = Rule("DL913", "pandas-numpy", Severity.MEDIUM)
    names = ("np",)
    until = "pandas 1.5"
    examples = (
        Example(
            before="""
                import pandas as pd

                def cleaned(table: pd.DataFrame):
                    return table.replace(-1, pd.np.nan)
            """,
            after="""
                import numpy as np
                import pandas as pd

                def cleaned(table: pd.DataFrame):
                    return table.replace(-1, np.nan)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def cleaned(table: pd.DataFrame, np):
                    return table.replace(-np, pd.np.nan)
            """,
            reason=Reason.SHADOWED_NAME,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if use.dotted(use.node) != "pandas.np":
            return None
        numpy = use.module("numpy", "np")
        if numpy is None:  # def f(np): pd.np.nan
            return use.refused(Reason.SHADOWED_NAME, "`np` is the name of something else here")
        name, imports = numpy
        return Change(lambda found: found.replace_attribute(name), f"`pd.np` is `{name}`", imports)
