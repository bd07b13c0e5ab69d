"""DL909: `.sort` and `.order`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, constant, has_stars, keyword

if TYPE_CHECKING:
    from .trees import Found

_FRAME = ["columns", "axis", "ascending", "inplace", "kind", "na_position"]
_SERIES = ["axis", "ascending", "kind", "na_position", "inplace"]
_ORDER = ["na_last", "ascending", "kind", "na_position", "inplace"]


class Sort(Moderniser):
    """`sort(columns)` of a frame is `sort_values(columns)`, and without columns `sort_index()`.

    `order()` of a series is `sort_values()`. All went with pandas 0.20. `Series.sort` sorted in place by default, which
    `sort_values(inplace=True)` does; where the series is no variable (a column of a frame), that would sort a copy, and
    it is left alone. Lists have a `sort`, too: they are none of its business.
    """

    rule = Rule("DL909", "sort", Severity.MEDIUM)
    names = ("sort", "order")
    until = "pandas 0.19"
    examples = (
        Example(
            before="""
                import pandas as pd

                def ranking(path):
                    table = pd.read_csv(path)
                    table = table.sort(columns=["points", "name"], ascending=[False, True])
                    by_label = table.sort()
                    return table, by_label, table["points"].order(ascending=False)
            """,
            after="""
                import pandas as pd

                def ranking(path):
                    table = pd.read_csv(path)
                    table = table.sort_values(by=["points", "name"], ascending=[False, True])
                    by_label = table.sort_index()
                    return table, by_label, table["points"].sort_values(ascending=False)
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def smallest(points: pd.Series):
                    points = points.copy()
                    points.sort()
                    return points.head(3)
            """,
            after="""
                import pandas as pd

                def smallest(points: pd.Series):
                    points = points.copy()
                    points.sort_values(inplace=True)
                    return points.head(3)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def ranking(table):
                    return table.sort(columns=["points"])
            """,
            reason=Reason.UNKNOWN_KIND,
        ),
        Example(
            before="""
                import pandas as pd

                def ranking(table: pd.DataFrame):
                    table["points"].sort()
                    return table
            """,
            reason=Reason.CHAINED_ASSIGNMENT,
            note="a column that is sorted in place is a copy in pandas 3",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None:
            return None
        kind = next((name for name in ("frame", "series") if use.is_a(use.receiver, name)), "")
        if not kind:
            return use.unknown() if use.kind(use.receiver) is None and _surely_no_list(call) else None
        order = _ORDER if use.name == "order" else _FRAME if kind == "frame" else _SERIES
        if use.name == "order" and kind == "frame":
            return None
        names = {*order[: len(call.args)], *(k.arg for k in call.keywords)}
        if has_stars(call) or len(call.args) > len(order) or names - set(order) or "na_last" in names:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`{use.name}` has arguments without a new form")
        if kind == "frame":
            return _frame(use, call)
        if len(call.args) > 0:
            return use.refused(
                Reason.UNSUPPORTED_SYNTAX, f"`{use.name}` of a series is called with arguments by position"
            )
        return _series(use, call)


def _surely_no_list(call: ast.Call) -> bool:
    """Whether it can't be the `sort` of a list or array: it is told what to sort by."""
    return any(k.arg in ("columns", "na_last", "na_position", "ascending") for k in call.keywords)


def _frame(use: Use, call: ast.Call) -> Change | Refusal:
    if len(call.args) > 1:
        return use.refused(Reason.UNSUPPORTED_SYNTAX, "`sort` is called with several arguments by position")
    columns = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "columns"), None)
    if columns is None:
        return Change(lambda found: found.rename("sort_index"), "`sort()` is `sort_index()`")
    if not isinstance(columns, ast.Constant | ast.List) or constant(columns) is None:
        return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`{ast.unparse(columns)}` may be None, which sorts by label")
    return Change(_by_values, "`sort(columns)` is `sort_values`")


def _by_values(found: Found) -> None:
    found.rename("sort_values")
    found.rename_keyword("columns", "by")


def _series(use: Use, call: ast.Call) -> Change | Refusal:
    if use.name == "order":
        return Change(lambda found: found.rename("sort_values"), "`order()` is `sort_values()`")
    given = keyword(call, "inplace")
    in_place = True if given is None else constant(given.value)
    if not isinstance(in_place, bool):
        return use.refused(Reason.UNSUPPORTED_SYNTAX, "`inplace` is not known")
    if in_place and use.is_part:
        return use.chained()
    if in_place and not (isinstance(use.receiver, ast.Name) and isinstance(use.statement, ast.Expr)):
        return use.refused(Reason.UNSUPPORTED_SYNTAX, "what is sorted in place is no variable, or its result is used")

    def edit(found: Found) -> None:
        found.rename("sort_values")
        if given is None:
            found.add("inplace=True")

    return Change(edit, "`sort()` of a series is `sort_values(inplace=True)`")
