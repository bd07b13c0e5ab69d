"""DL902: `.as_matrix()` of frames and series."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, has_stars

if TYPE_CHECKING:
    from .trees import Found


class AsMatrix(Moderniser):
    """`as_matrix()` is `to_numpy()`; with columns, the frame is brought to those columns first.

    `as_matrix` went with pandas 1. `as_matrix(columns)` gave a column of missing values for a name that the frame does
    not have, where `df[columns]` raises: so does `reindex(columns=...)`, which is what it becomes.
    """

    rule = Rule("DL902", "as-matrix", Severity.MEDIUM)
    names = ("as_matrix",)
    until = "pandas 0.25"
    examples = (
        Example(
            before="""
                import pandas as pd

                def design(path):
                    data = pd.read_csv(path)
                    return data.as_matrix()
            """,
            after="""
                import pandas as pd

                def design(path):
                    data = pd.read_csv(path)
                    return data.to_numpy()
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def design(data: pd.DataFrame):
                    x = data.as_matrix(columns=["height", "weight"])
                    y = data["age"].as_matrix()
                    return x, y
            """,
            after="""
                import pandas as pd

                def design(data: pd.DataFrame):
                    x = data.reindex(columns=["height", "weight"]).to_numpy()
                    y = data["age"].to_numpy()
                    return x, y
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def design(reader):
                    return reader.load().as_matrix()
            """,
            reason=Reason.UNKNOWN_KIND,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None:
            return None
        if not use.is_table(use.receiver):  # sympy's matrices have the method, too
            return use.unknown()
        if not call.args and not call.keywords:
            return Change(lambda found: found.rename("to_numpy"), "`as_matrix` is `to_numpy`")
        columns = _columns(call)
        if columns is None or has_stars(call) or not use.is_a(use.receiver, "frame"):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`as_matrix` is called with other arguments than columns")
        if isinstance(columns, ast.Constant) and columns.value is None:
            return Change(lambda found: found.replace_behind(".to_numpy()"), "`as_matrix` is `to_numpy`")
        return Change(_with_columns, "`as_matrix(columns)` is `reindex(columns=...).to_numpy()`")


def _columns(call: ast.Call) -> ast.expr | None:
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "columns")]
    return given[0] if len(given) == 1 == len(call.args) + len(call.keywords) else None


def _with_columns(found: Found) -> None:
    found.name_first("columns")
    found.rename("reindex")
    found.follow(".to_numpy()")
