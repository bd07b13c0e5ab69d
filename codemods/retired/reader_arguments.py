"""DL912: arguments that `read_csv`, `read_table` and `to_datetime` take no more."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, constant, has_stars, keyword

if TYPE_CHECKING:
    from .trees import Found

#: Arguments that say the default: they are left out.
DEFAULTS = {"mangle_dupe_cols": True, "tupleize_cols": False, "squeeze": False, "box": True, "coerce": False}
READERS = frozenset({"read_csv", "read_table"})
RETIRED = (
    *("error_bad_lines", "warn_bad_lines", "squeeze", "infer_datetime_format", "mangle_dupe_cols", "tupleize_cols"),
    *("box", "coerce"),
)
Step = Callable[["Found"], None]


class ReaderArguments(Moderniser):
    """Arguments of `read_csv` and `to_datetime` that are gone say the same in other words.

    `error_bad_lines=False` warned of each line that it left out, unless `warn_bad_lines=False`: that is
    `on_bad_lines="warn"`, or `"skip"`. `squeeze=True` is `.squeeze("columns")` behind the call. `infer_datetime_format`
    has had no effect since pandas 2. `to_datetime(coerce=True)` is `errors="coerce"`; `box=False` gave an array where a
    list, an array or an index was given. What only says the default is left out.
    """

    rule = Rule("DL912", "reader-arguments", Severity.MEDIUM)
    names = ("read_csv", "read_table", "to_datetime")
    words = RETIRED
    until = "pandas 1.5"
    examples = (
        Example(
            before="""
                import pandas as pd

                def load(path):
                    table = pd.read_csv(path, error_bad_lines=False, sep=";")
                    table["when"] = pd.to_datetime(table["when"], infer_datetime_format=True)
                    names = pd.read_csv("names.csv", squeeze=True)
                    return table, names
            """,
            after="""
                import pandas as pd

                def load(path):
                    table = pd.read_csv(path, sep=";", on_bad_lines="warn")
                    table["when"] = pd.to_datetime(table["when"])
                    names = pd.read_csv("names.csv").squeeze("columns")
                    return table, names
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def load(path):
                    lines = pd.read_table(path, error_bad_lines=False, warn_bad_lines=False)
                    return lines, pd.to_datetime(["2020-01-01", "never"], coerce=True, box=False)
            """,
            after="""
                import pandas as pd

                def load(path):
                    lines = pd.read_table(path, on_bad_lines="skip")
                    return lines, pd.to_datetime(["2020-01-01", "never"], errors="coerce").to_numpy()
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def load(path, strict):
                    return pd.read_csv(path, error_bad_lines=strict)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
        Example(
            before="""
                import pandas as pd

                def load(path):
                    return pd.read_csv(path, squeeze=True, chunksize=1000)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="what comes back is a reader, not a frame",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None or use.dotted(use.node) != f"pandas.{use.name}":
            return None
        given = {k.arg: k.value for k in call.keywords if k.arg in RETIRED}
        if not given:
            return None
        if has_stars(call):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "what else is passed is unpacked")
        steps: list[Step] = []
        for name, value in given.items():
            step = _step(use, call, name or "", value)
            if step is None:
                message = f"`{name}={ast.unparse(value)}` has no new form that is known to say the same"
                return use.refused(Reason.UNSUPPORTED_SYNTAX, message)
            steps.append(step)

        def edit(found: Found) -> None:
            for step in steps:
                step(found)

        named = ", ".join(f"`{name}`" for name in given)
        return Change(edit, f"{named} of `{use.name}` in the words of today")


def _step(use: Use, call: ast.Call, name: str, value: ast.expr) -> Step | None:
    said = constant(value)
    if not isinstance(said, bool):
        return None
    if name == "infer_datetime_format" or (name in DEFAULTS and said is DEFAULTS[name]):
        return lambda found: found.remove(name)
    if name in ("error_bad_lines", "warn_bad_lines") and use.name in READERS and keyword(call, "on_bad_lines") is None:
        return _bad_lines(call, name, said)
    if name == "squeeze" and not any(keyword(call, word) for word in ("chunksize", "iterator")):
        return lambda found: _behind(found, name, '.squeeze("columns")')
    if use.name != "to_datetime":
        return None
    if name == "coerce" and keyword(call, "errors") is None:
        return lambda found: _instead(found, name, 'errors="coerce"')
    if name == "box" and call.args and keyword(call, "utc") is None:
        if use.is_a(call.args[0], "series"):  # which came out as a series all the same
            return lambda found: found.remove(name)
        if use.is_a(call.args[0], "list", "ndarray", "index"):
            return lambda found: _behind(found, name, ".to_numpy()")
    return None


def _bad_lines(call: ast.Call, name: str, said: bool) -> Step | None:
    error, warn = (keyword(call, word) for word in ("error_bad_lines", "warn_bad_lines"))
    if name == "warn_bad_lines":  # says something only beside the other
        return lambda found: found.remove(name)
    if said:
        return lambda found: found.remove(name)
    quiet = warn is not None and constant(warn.value) is False
    assert error is not None
    return lambda found: _instead(found, name, f'on_bad_lines="{"skip" if quiet else "warn"}"')


def _instead(found: Found, name: str, text: str) -> None:
    found.remove(name)
    found.add(text)


def _behind(found: Found, name: str, text: str) -> None:
    found.remove(name)
    found.follow(text)
