"""DL905: `.append` of frames and series."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, constant, has_stars, keyword

if TYPE_CHECKING:
    from .trees import Found

_OPTIONS = ["ignore_index", "verify_integrity", "sort"]
#: Kinds of values of a row that keep their type beside each other in a series.
_KEPT = frozenset({"str", "int", "float", "bool", "datetime", "list", "dict", "tuple"})


class TableAppend(Moderniser):
    """`frame.append(other)` is `pd.concat([frame, other])`; so is `series.append(other)`.

    The method went with pandas 2. It called `concat` itself, as of pandas 1 with the same options. A row, given as a
    dict or series, was made a frame first, by way of a series: numbers of several types became floats there. Where
    the values of a dict can't be of such types, `pd.DataFrame([row])` says the same, and otherwise the way by a series
    is kept.

    Lists have an `append`, too: only what is known to be a frame or series is changed, and only where it is known what
    is appended. A loop that grows a frame gets faster only by the next step, rule DL501, which then knows it.
    """

    rule = Rule("DL905", "table-append", Severity.MEDIUM)
    names = ("append",)
    until = "pandas 1.5"
    examples = (
        Example(
            before="""
                import pandas as pd

                def both(path, other: pd.DataFrame):
                    table = pd.read_csv(path)
                    table = table.append(other, ignore_index=True, sort=False)
                    return table.append([other, other])
            """,
            after="""
                import pandas as pd

                def both(path, other: pd.DataFrame):
                    table = pd.read_csv(path)
                    table = pd.concat([table, other], ignore_index=True, sort=False)
                    return pd.concat([table, other, other])
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def guests(names, prices):
                    table = pd.DataFrame()
                    for name in names:
                        table = table.append({"name": str(name), "seen": 1}, ignore_index=True)
                    return table.append({"name": "all", "price": sum(prices)}, ignore_index=True)
            """,
            after="""
                import pandas as pd

                def guests(names, prices):
                    table = pd.DataFrame()
                    for name in names:
                        table = pd.concat([table, pd.DataFrame([{"name": str(name), "seen": 1}])], ignore_index=True)
                    return pd.concat(
                        [table, pd.Series({"name": "all", "price": sum(prices)}).to_frame().T.infer_objects()],
                        ignore_index=True,
                    )
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def collect(path, part):
                    table = pd.read_csv(path)
                    return table.append(part)
            """,
            reason=Reason.UNKNOWN_KIND,
            note="a frame, a dict and a list of rows are appended in three ways",
        ),
        Example(
            before="""
                import pandas as pd

                def collect(table: pd.DataFrame, part: pd.DataFrame):
                    table.append(part)
                    return table
            """,
            reason=Reason.NO_GAIN,
            note="the result is dropped: the method never changed its frame",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None:
            return None
        if not use.is_table(use.receiver):
            return use.unknown() if use.kind(use.receiver) is None and _surely_no_list(use, call) else None
        if isinstance(use.statement, ast.Expr) and use.statement.value is call:  # table.append(part)
            message = "what `append` returns is dropped: it never changed the frame or series itself"
            return use.refused(Reason.NO_GAIN, message, "bind the result, or delete the line")
        names = {*_OPTIONS[: max(len(call.args) - 1, 0)], *(k.arg for k in call.keywords)} - {"other", "to_append"}
        others = [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("other", "to_append"))]
        if len(others) != 1 or has_stars(call) or names - set(_OPTIONS):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`append` is called in another way than with one table")
        pandas = use.module("pandas", "pd")
        if pandas is None:
            return use.refused(Reason.SHADOWED_NAME, "`pd` is the name of something else here")
        name, imports = pandas
        pieces = _pieces(use, others[0], name, _is_true(call, "ignore_index"))
        if pieces is None:
            said = ast.unparse(others[0])
            message = f"it is not known whether `{said[:40]}` is a frame, a row, or a list of either"
            return use.refused(Reason.UNKNOWN_KIND, message)
        return Change(lambda found: _concat(found, name, pieces), "`append` is `pd.concat`", imports)


def _surely_no_list(use: Use, call: ast.Call) -> bool:
    """Whether it can't be a list's: the result is used, or it is told about labels."""
    if any(k.arg in _OPTIONS for k in call.keywords):
        return True
    return isinstance(use.statement, ast.Assign) and use.statement.value is call


def _is_true(call: ast.Call, name: str) -> bool:
    given = keyword(call, name)
    value = given.value if given is not None else call.args[1] if len(call.args) > 1 else None
    return constant(value) is True


def _pieces(use: Use, other: ast.expr, pandas: str, no_labels: bool) -> str | None:
    """What is joined, as a pattern for the text of what is appended; None if that is not known."""
    series = use.is_a(use.receiver, "series")
    if use.is_a(other, "series") and (series or no_labels):
        return "{}" if series else "{}.to_frame().T.infer_objects()"
    if use.is_a(other, "frame"):
        return "{}" if not series else None
    if (
        isinstance(other, ast.List)
        and other.elts
        and all(use.is_a(e, "series" if series else "frame") for e in other.elts)
    ):
        return "*"
    if use.is_a(other, "dict") and no_labels and not series:
        plain = f"{pandas}.DataFrame([{{}}])"
        return plain if _keeps_types(use, other) else f"{pandas}.Series({{}}).to_frame().T.infer_objects()"
    return None


def _keeps_types(use: Use, row: ast.expr) -> bool:
    """Whether the values of a dict are surely of types that a series of them leaves as they are."""
    if not isinstance(row, ast.Dict) or not all(isinstance(key, ast.Constant) for key in row.keys):
        return False
    kinds = [use.kind(value) for value in row.values]
    names = {kind.name for kind in kinds if kind is not None}
    return None not in kinds and names <= _KEPT and not {"int", "float"} <= names


def _concat(found: Found, pandas: str, pieces: str) -> None:
    first, *options = found.arguments
    inner = first.text[1:-1].strip().rstrip(",") if pieces == "*" else pieces.replace("{}", first.text)
    given = [f"{argument.keyword or _OPTIONS[position]}={argument.text}" for position, argument in enumerate(options)]
    found.replace_call(found.called(f"{pandas}.concat", [f"[{found.receiver}, {inner}]", *given]))
