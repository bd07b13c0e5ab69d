"""DL602: `s.apply(f)` and `s.map(f)`, a Python function called for each element."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .implicit.code import appended, array_form
from .shared.build import attr, clone


class ApplyElements(Transform):
    """`s.apply(f)` or `s.map(f)` with a function that computes is arithmetic on the column.

    The function sees Python scalars: what that means for overflow and division becomes an assumption. pandas infers the
    type of the result from the values, and over no elements it keeps that of the column.

    A look-up that gives None for a missing key (`lambda k: prices.get(k)`) becomes `prices.get` itself.

    Text methods stay: a call per element is what `.str` does too, and it treats missing values in another way.
    """

    rule = Rule("DL602", "apply-elements", Severity.LOW)
    expressions = True
    examples = (
        Example(
            before="""
                import pandas as pd


                def celsius(log: pd.DataFrame) -> pd.DataFrame:
                    log["c"] = log["f"].apply(lambda f: (f - 32) * 5 / 9)
                    return log
            """,
            after="""
                import pandas as pd


                def celsius(log: pd.DataFrame) -> pd.DataFrame:
                    log["c"] = (log["f"] - 32) * 5 / 9
                    return log
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def signs(moves: pd.Series) -> pd.Series:
                    return moves.map(lambda m: 1 if m > 0 else -1)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def signs(moves: pd.Series) -> pd.Series:
                    return pd.Series(
                        np.where(moves.values > 0, 1, -1), index=moves.index, name=moves.name
                    )
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def price(orders: pd.DataFrame, prices: dict) -> pd.DataFrame:
                    orders["price"] = orders["item"].map(lambda item: prices.get(item))
                    return orders
            """,
            after="""
                import pandas as pd


                def price(orders: pd.DataFrame, prices: dict) -> pd.DataFrame:
                    orders["price"] = orders["item"].map(prices.get)
                    return orders
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def clean(names: pd.Series) -> pd.Series:
                    return names.apply(lambda n: n.strip().lower())
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import pandas as pd


                def clean(names: pd.Series) -> pd.Series:
                    return names.str.strip().str.lower()
            """,
        ),
        Example(
            before="""
                def tax(df, rate):
                    return df['price'].apply(lambda p: p * rate)
            """,
            reason=Reason.UNKNOWN_KIND,
            note="nobody says that df is a frame: df may be grouped, and p a Series",
        ),
        Example(
            before="""
                import pandas as pd


                def table(rows: pd.Series, columns: pd.Series):
                    return rows.apply(lambda v: v * columns)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="each result is a Series, and becomes a row of a frame",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site, ImplicitSite) or site.form is not Form.ELEMENTS or appended(loop) is None:
            return None
        if (bound := _bound_get(site)) is not None:
            return [Rewrite(self.rule, Tier.LOOKUP, (Substitute(bound[0], bound[1]),))]
        answer = array_form(self.rule, site, loop)
        return answer if isinstance(answer, Refusal) else [answer]


def _bound_get(site: ImplicitSite) -> tuple[ast.expr, ast.expr] | None:
    """`lambda k: d.get(k)` of a dict, and `d.get`: the same for every key, and no function of Python's is called."""
    function = site.function
    if not isinstance(function, ast.Lambda) or not isinstance(site.node, ast.Call) or site.node.keywords:
        return None
    match function.args, function.body:
        case (
            ast.arguments(posonlyargs=[], args=[given], vararg=None, kwonlyargs=[], kwarg=None, defaults=[]),
            ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get"), args=[ast.Name(id=key)], keywords=[]),
        ) if key == given.arg != table.id:
            kind = site.kind(table)
            known = kind is not None and kind.name in ("dict", "defaultdict", "Counter")
            return (function, attr(clone(table), "get")) if known else None
    return None
