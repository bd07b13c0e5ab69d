"""DL601: `df.apply(f, axis=1)`, a function called with a Series for each row."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .implicit.called import called_form
from .implicit.code import appended, array_form, comprehension_form


class ApplyRows(Transform):
    """`df.apply(f, axis=1)` makes a Series of each row to call a function with it; it is column arithmetic.

    Lambdas and small functions of the project are taken apart: branches become `np.where`, reads of the row become
    columns. Where the arithmetic has no exact array form, the columns are taken out once and a comprehension calls for
    nothing but their elements, each of the type that the row had. pandas infers the type of the result from the values,
    in both.

    Over a frame of no rows `apply` may hand back the frame itself: that there are rows is an assumption that the
    proposal names, unless `if df.empty: return` or the like says so. Then there is a form that assumes nothing: it
    takes the columns as `apply` does, which gives all elements of a row their common type.
    """

    rule = Rule("DL601", "apply-rows", Severity.HIGH)
    expressions = True
    examples = (
        Example(
            before="""
                def price(orders):
                    orders['net'] = orders.apply(lambda row: row['qty'] * row['price'] - row['rebate'], axis=1)
                    return orders
            """,
            after="""
                def price(orders):
                    orders['net'] = orders['qty'] * orders['price'] - orders['rebate']
                    return orders
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def fee(row):
                    if row['weight'] <= 2:
                        return 4.9
                    return 4.9 + 1.2 * (row['weight'] - 2)


                def fees(parcels):
                    return parcels.apply(fee, axis=1)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def fee(row):
                    if row['weight'] <= 2:
                        return 4.9
                    return 4.9 + 1.2 * (row['weight'] - 2)


                def fees(parcels):
                    weight = parcels['weight'].values
                    return pd.Series(
                        np.where(weight <= 2, 4.9, 4.9 + 1.2 * (weight - 2)), index=parcels.index
                    )
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def label(df: pd.DataFrame):
                    df['label'] = df.apply(lambda r: f"{r['city']} ({r['code']})", axis=1)
                    return df
            """,
            after="""
                import pandas as pd


                def label(df: pd.DataFrame):
                    columns = dict(zip(df.columns, df.values.T))
                    df['label'] = pd.Series(
                        [f'{columns["city"][i]} ({columns["code"][i]})' for i in range(len(df))],
                        index=df.index,
                    )
                    return df
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def code(df):
                    if df.empty:
                        return None
                    return df.apply(lambda r: f"{r['country']}-{r['number']:04d}", axis=1)
            """,
            after="""
                import pandas as pd


                def code(df):
                    if df.empty:
                        return None
                    columns = dict(zip(df.columns, df.values.T))
                    return pd.Series(
                        [f'{columns["country"][i]}-{columns["number"][i]:04d}' for i in range(len(df))],
                        index=df.index,
                    )
            """,
            note="there are rows",
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def split(df):
                    return df.apply(lambda r: pd.Series([r['a'], r['b'] * 2]), axis=1)
            """,
            reason=Reason.UNKNOWN_CALL,
        ),
        Example(
            before="""
                def total(df):
                    return df.apply(lambda r: r.sum(), axis=1)
            """,
            reason=Reason.ROW_ESCAPES,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site, ImplicitSite) or site.form is not Form.ROWS or appended(loop) is None:
            return None
        answers = [
            array_form(self.rule, site, loop),
            comprehension_form(self.rule, site, loop),
            comprehension_form(self.rule, site, loop, exact=True),
            called_form(self.rule, site, loop),
        ]
        return [a for a in answers if isinstance(a, Rewrite)] or answers[0]  # type: ignore[return-value]
