"""DL903: `.get_value` and `.set_value` of frames and series."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, has_stars

if TYPE_CHECKING:
    from .trees import Found


class GetValue(Moderniser):
    """`get_value(row, column)` is `at[row, column]`, and `set_value(row, column, value)` a store into it.

    Both went with pandas 1. With `takeable=True` they took positions, as `iat` does. Where labels come several times,
    `get_value` gave an array (or raised) and `at` gives a series: labels have to be unique. `set_value` cut what it
    stored to the type of the column (1.5 became 1 in a column of integers), which `at` does not: the column has to
    hold the value as it is. Both are named, and need `--unsafe`.

    What `set_value` returned, the frame itself, may only be bound to the name of the frame.
    """

    rule = Rule("DL903", "get-set-value", Severity.MEDIUM)
    names = ("get_value", "set_value")
    until = "pandas 0.25"
    examples = (
        Example(
            before="""
                import pandas as pd

                def marked(table: pd.DataFrame, row):
                    price = table.get_value(row, "price")
                    table.set_value(row, "seen", price)
                    table = table.set_value(row, "checked", True)
                    return table
            """,
            after="""
                import pandas as pd

                def marked(table: pd.DataFrame, row):
                    price = table.at[row, "price"]
                    table.at[row, "seen"] = price
                    table.at[row, "checked"] = True
                    return table
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def corner(path):
                    table = pd.read_csv(path)
                    return table.get_value(0, 1, takeable=True)
            """,
            after="""
                import pandas as pd

                def corner(path):
                    table = pd.read_csv(path)
                    return table.iat[0, 1]
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def level(form, name):
                    return form.get_value(name)
            """,
            reason=Reason.UNKNOWN_KIND,
            note="many classes have a `get_value` of their own",
        ),
        Example(
            before="""
                import pandas as pd

                def extended(table: pd.DataFrame, row):
                    return table.set_value(row, "seen", 1)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="a store is no expression",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None:
            return None
        kind = next((name for name in ("frame", "series") if use.is_a(use.receiver, name)), "")
        if not kind:
            return use.unknown()
        if has_stars(call):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"what `{use.name}` is called with is unpacked")
        names = ["index", "col", "value"] if kind == "frame" else ["label", "value"]
        if use.name == "get_value":
            names.remove("value")
        by_position = _takeable(call, len(names))
        if by_position is None or [*names[: len(call.args)], *_keywords(call)] != names:
            return use.refused(
                Reason.UNSUPPORTED_SYNTAX, f"`{use.name}` is called in another way than with its {names}"
            )
        at = "iat" if by_position else "at"
        owed = () if by_position else (Obligation("unique-index"),)
        if use.name == "get_value":
            return Change(lambda found: _read(found, at), f"`get_value` is `{at}`", obligations=owed)
        if use.is_part:  # table["a"].set_value(0, 1)
            return use.chained()
        if not _is_statement(use):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "what `set_value` returns is used", "store with `.at` first")
        stored = (*owed, Obligation("columns-stored"))
        return Change(lambda found: _store(found, at), f"`set_value` is a store into `{at}`", obligations=stored)


def _takeable(call: ast.Call, position: int) -> bool | None:
    """Whether rows and columns are given by position; None if that is not known."""
    given = [k.value for k in call.keywords if k.arg == "takeable"] + call.args[position : position + 1]
    if not given:
        return False
    value = given[0].value if isinstance(given[0], ast.Constant) and len(call.args) <= position else None
    return value if isinstance(value, bool) else None


def _keywords(call: ast.Call) -> list[str | None]:
    return [k.arg for k in call.keywords if k.arg != "takeable"]


def _is_statement(use: Use) -> bool:
    """Whether the call is a statement of its own, or bound to the very name it is called on."""
    match use.statement:
        case ast.Expr(value=value):
            return value is use.call
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            return value is use.call and isinstance(use.receiver, ast.Name) and use.receiver.id == target
    return False


def _read(found: Found, at: str) -> None:
    keys = [a.text for a in found.arguments if a.keyword != "takeable"]
    found.replace_behind(f".{at}[{', '.join(keys)}]")


def _store(found: Found, at: str) -> None:
    *keys, value = [a.text for a in found.arguments if a.keyword != "takeable"]
    found.replace_statement(f"{found.receiver}.{at}[{', '.join(keys)}] = {value}")
