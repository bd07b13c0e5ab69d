"""DL908: `pd.rolling_mean` and the other window functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use, has_stars

if TYPE_CHECKING:
    from .trees import Found

_PLAIN = ("sum", "mean", "median", "min", "max", "std", "var", "skew", "kurt", "count", "quantile", "apply")
_WEIGHTED = {"ewma": "mean", "ewmstd": "std", "ewmvol": "std", "ewmvar": "var"}
#: The order of the arguments: those that say which values come after the table.
_ROLLING = ["window", "min_periods", "freq", "center", "how"]
_EXPANDING = ["min_periods", "freq"]
_EWM = ["com", "span", "halflife", "alpha", "min_periods", "freq", "adjust", "how", "ignore_na"]
#: Arguments of the method rather than of the window.
_OWN = {"std": ("ddof",), "var": ("ddof",), "quantile": ("quantile",), "apply": ("func", "args", "kwargs")}


@dataclass(frozen=True)
class _Call:
    """A window function: the method that makes the windows, the one that is called on them, the names of arguments."""

    windows: str
    method: str
    order: tuple[str, ...]


def _functions() -> dict[str, _Call]:
    made = {}
    for name in _PLAIN:
        own = [word for word in _OWN.get(name, ()) if name in ("quantile", "apply") and word in ("quantile", "func")]
        made[f"rolling_{name}"] = _Call("rolling", name, ("window", *own, *_ROLLING[1:]))
        made[f"expanding_{name}"] = _Call("expanding", name, (*own, *_EXPANDING))
    for name, method in _WEIGHTED.items():
        made[name] = _Call("ewm", method, tuple(_EWM))
    return made


FUNCTIONS = _functions()


class WindowFunctions(Moderniser):
    """`pd.rolling_mean(x, n)` is `x.rolling(n).mean()`; so are its sisters, `expanding_...` and `ewm...`.

    They went with pandas 0.23. What they did is said by the methods, with two differences of default that are kept:
    `rolling_count` counts also where fewer than n values are there (`min_periods=0`), and the function of
    `rolling_apply` gets an array (`raw=True`).

    The table has to be known to be a frame or series: for an array the functions gave an array. `freq` and `how`
    resampled first, which is left to you. (Quantiles are interpolated since pandas 0.21, by whatever name.)
    """

    rule = Rule("DL908", "window-functions", Severity.MEDIUM)
    names = tuple(FUNCTIONS)
    until = "pandas 0.22"
    examples = (
        Example(
            before="""
                import pandas as pd

                def bands(path):
                    prices = pd.read_csv(path)["close"]
                    middle = pd.rolling_mean(prices, 20)
                    width = pd.rolling_std(prices, window=20, min_periods=5)
                    return middle - width, middle + width, pd.ewma(prices, span=12)
            """,
            after="""
                import pandas as pd

                def bands(path):
                    prices = pd.read_csv(path)["close"]
                    middle = prices.rolling(20).mean()
                    width = prices.rolling(window=20, min_periods=5).std()
                    return middle - width, middle + width, prices.ewm(span=12).mean()
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def spread(prices: pd.Series):
                    seen = pd.rolling_count(prices, 3)
                    return seen, pd.rolling_apply(prices - 1, 3, lambda w: w.max() - w.min(), min_periods=1)
            """,
            after="""
                import pandas as pd

                def spread(prices: pd.Series):
                    seen = prices.rolling(3, min_periods=0).count()
                    return seen, (prices - 1).rolling(3, min_periods=1).apply(lambda w: w.max() - w.min(), raw=True)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def smooth(values):
                    return pd.rolling_mean(values, 5)
            """,
            reason=Reason.UNKNOWN_KIND,
            note="for an array the result was an array",
        ),
        Example(
            before="""
                import pandas as pd

                def smooth(values: pd.Series):
                    return pd.rolling_mean(values, 5, freq="D")
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        call = use.call
        if call is None or use.dotted(use.node) not in (f"pandas.{use.name}", f"pandas.stats.moments.{use.name}"):
            return None
        table = call.args[0] if call.args else None
        if table is None or has_stars(call):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`{use.name}` is called in another way than with its table")
        if not use.is_table(table):  # np.arange(9): an array comes out
            message = f"it is not known whether `{ast.unparse(table)}` is a frame or series"
            return use.refused(Reason.UNKNOWN_KIND, message)
        function = FUNCTIONS[use.name]
        known = {*function.order, *_OWN.get(function.method, ()), *(("bias",) if function.windows == "ewm" else ())}
        names = {*function.order[: len(call.args) - 1], *(k.arg for k in call.keywords)}
        if len(call.args) - 1 > len(function.order) or names - known or names & {"freq", "how", "args", "kwargs"}:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`{use.name}` has arguments without a new form")
        new = f"{function.windows}(...).{function.method}()"
        return Change(lambda found: _as_methods(found, function), f"`{use.name}` is `{new}`")


def _as_methods(found: Found, function: _Call) -> None:
    from .trees import atom

    table, *given = found.arguments
    windows: list[str] = []
    method: list[str] = []
    own = (*_OWN.get(function.method, ()), *(("bias",) if function.windows == "ewm" else ()))
    names: set[str] = set()
    for position, argument in enumerate(given):
        name = argument.keyword or function.order[position]
        names.add(name)
        if name in own:
            plain = name in ("func", "quantile")
            method.append(argument.text if plain else f"{name}={argument.text}")
        elif argument.keyword or position:
            windows.append(f"{name}={argument.text}")
        else:
            windows.append(argument.text)
    if function.windows == "rolling" and function.method == "count" and "min_periods" not in names:
        windows.append("min_periods=0")
    if function.method == "apply":
        method.append("raw=True")
    text = f"{atom(table.text)}.{function.windows}({', '.join(windows)}).{function.method}({', '.join(method)})"
    found.replace_call(text)
