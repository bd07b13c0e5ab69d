"""DL103: the elements of columns or arrays, one at a time, only to compute with them."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop, Read, Scalar
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays


class ElementArithmetic(Transform):
    """A loop over the elements of a Series, of an array, or of several zipped columns is array arithmetic.

    Iterating over a Series gives Python scalars, over an array NumPy scalars; the result has the elements that the loop
    gave.
    """

    rule = Rule("DL103", "element-arithmetic", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np


                def levels(pressure: np.ndarray):
                    out = []
                    for p in pressure:
                        out.append(20 * np.log10(p / 2e-5))
                    return np.array(out)
            """,
            after="""
                import numpy as np


                def levels(pressure: np.ndarray):
                    out = 20 * np.log10(pressure / 2e-5)
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def cents(prices: pd.Series):
                    out = []
                    for p in prices:
                        out.append(round(p, 2))
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import numpy as np
                import pandas as pd


                def cents(prices: pd.Series):
                    out = np.round(prices.values, 2).tolist()
                    return out
            """,
            note="round() of a Python float is not np.round",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form is not HeaderForm.ELEMENTS:
            return None
        if not any(isinstance(e, Read) and (e.scalar is not Scalar.ITEM or e.part) for e in loop.header.elements):
            return None  # a list may hold anything
        return lists_to_arrays(self.rule, site, loop)
