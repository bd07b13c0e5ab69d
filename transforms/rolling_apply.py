"""DL603: `s.rolling(w).apply(f)`, a Python function called for each window."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Loop
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, InsertBefore, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .implicit.place import first_evaluated
from .lanes.linear import Linear, linear
from .shared.build import assign, attr, call, clone, name, slice_
from .windowing.rolling_body import Body, Uncompiled, compiled, function_body, own_method

#: Methods of windows that go another way than the function does: in another order.
REORDERED = frozenset({"sum", "mean"})


class RollingApply(Transform):
    """`s.rolling(w).apply(f)` calls Python for each window, and pandas has most such functions itself.

    The highest, lowest and middle value, the rank of the last one, sum and mean are methods of the windows. Sum and
    mean are kept up from one window to the next there, and differ in their last digits. Anything else that is put
    together from the elements of a window is computed for all windows at once, side by side.

    pandas takes infinities in windows for missing values, and gives no result for a window with a missing one.
    """

    rule = Rule("DL603", "rolling-apply", Severity.HIGH)
    expressions = True
    examples = (
        Example(
            before="""
                import pandas as pd


                def standing(df: pd.DataFrame) -> pd.DataFrame:
                    df['rank'] = df['close'].rolling(20).apply(lambda w: pd.Series(w).rank(pct=True).iloc[-1])
                    return df
            """,
            after="""
                import pandas as pd


                def standing(df: pd.DataFrame) -> pd.DataFrame:
                    df['rank'] = df['close'].rolling(20).rank(pct=True)
                    return df
            """,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def highs(close: pd.Series, days: int) -> pd.Series:
                    return close.rolling(days).apply(np.max, raw=True)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def highs(close: pd.Series, days: int) -> pd.Series:
                    return close.rolling(days).max()
            """,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def share(close: pd.Series) -> pd.Series:
                    return close.rolling(10).apply(lambda w: (w <= w[-1]).mean(), raw=True)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def share(close: pd.Series) -> pd.Series:
                    result = np.full(len(close), np.nan)
                    if len(close) >= 10:
                        windows = np.lib.stride_tricks.sliding_window_view(close.to_numpy(float), 10)
                        result[9:] = (windows <= windows[:, -1][:, None]).mean(axis=1)
                    return pd.Series(result, index=close.index, name=close.name)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def trend(close: pd.Series, fit):
                    return close.rolling(10).apply(lambda w: fit(w))
            """,
            reason=Reason.UNKNOWN_CALL,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def last(close: pd.Series):
                    return close.rolling(3, min_periods=1).apply(lambda w: w[-1] - w[0], raw=True)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import numpy as np
                import pandas as pd


                def last(close: pd.Series):
                    return close - close.shift(2)
            """,
            note="the first windows are shorter",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site, ImplicitSite) or site.form is not Form.WINDOWS:
            return None
        node = site.node
        assert isinstance(node, ast.Call) and isinstance(site.over, ast.Call)
        line = node.lineno
        if site.file.alias("pandas") is None:
            return Refusal(Reason.UNKNOWN_KIND, line, "the file does not import pandas: `rolling` may be anything")
        raw = _raw(node)
        if raw is None:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, line, "options of `apply` change what the function gets")
        try:
            body = function_body(site, raw)
            if (method := own_method(site, body)) is not None:
                return [_method(self.rule, site, body, method)]
            return [_side_by_side(self.rule, site, body)]
        except Uncompiled as e:
            return Refusal(e.reason, line, e.message)


def _raw(node: ast.Call) -> bool | None:
    """Whether the function gets arrays; None if there are other options."""
    raw = False
    for k in node.keywords:
        match k:
            case ast.keyword(arg="raw", value=ast.Constant(value=bool(given))):
                raw = given
            case ast.keyword(arg="engine", value=ast.Constant(value=None)):
                pass
            case _:
                return None
    return raw if len(node.args) == 1 else None


def _window(over: ast.Call) -> ast.expr | None:
    """The number of elements of all windows; None where they are of several lengths, or a duration."""
    if not isinstance(over.func, ast.Attribute) or over.func.attr != "rolling":
        return None
    given = [*over.args, *(k.value for k in over.keywords if k.arg == "window")]
    if len(given) != 1 or len(over.args) + len(over.keywords) != 1:
        return None
    number = given[0]
    if isinstance(number, ast.Constant):
        return number if type(number.value) is int and number.value > 0 else None
    return number if isinstance(number, ast.Name) else None


def _method(rule: Rule, site: ImplicitSite, body: Body, method: ast.Call) -> Rewrite:
    """A method of the windows in place of `apply`."""
    assert isinstance(site.over, ast.Call) and isinstance(method.func, ast.Attribute)
    function = method.func.attr
    owed = [Obligation("signed-zero")]
    tolerance = None
    if function == "rank":
        owed = []
    elif function in REORDERED:
        owed, tolerance = [*owed, Obligation("float-order")], 1e-10
    whole = _window(site.over)
    number = isinstance(whole, ast.Constant) or (whole is not None and _whole_number(site, whole))
    if function != "rank" and not number and (body.raw or body.skips_nothing):
        owed.append(Obligation("finite"))
    widths = [*site.over.args[:1], *(k.value for k in site.over.keywords if k.arg in ("window", "min_periods"))]
    owed += [
        Obligation("positive-offsets", (ast.unparse(n),))
        for n in widths
        if not (isinstance(n, ast.Constant) and (type(n.value) is not int or n.value > 0))
    ]
    new = call(attr(clone(site.over), function), *method.args)
    new.keywords = method.keywords
    edits = (Substitute(site.node, new),)
    return Rewrite(rule, Tier.VECTOR, edits, tuple(owed), (), tolerance, "uses the window's own method")


def _whole_number(site: ImplicitSite, node: ast.expr) -> bool:
    kind = site.kind(node)
    return kind is not None and kind.name == "int"


def _side_by_side(rule: Rule, site: ImplicitSite, body: Body) -> Rewrite:
    """The function computed for all windows at once."""
    assert isinstance(site.over, ast.Call) and isinstance(site.over.func, ast.Attribute)
    series, width = site.over.func.value, _window(site.over)
    kind = site.kind(series)
    if kind is None or kind.name != "series" or any(isinstance(n, ast.Call) for n in walk(series)):
        raise Uncompiled(f"`{ast.unparse(series)[:60]}` is not known to be a series with a name", Reason.UNKNOWN_KIND)
    if width is None:
        raise Uncompiled("the windows are of several lengths")
    if not first_evaluated(site):
        raise Uncompiled("the new code needs statements of its own, and others are evaluated before")
    np = site.file.alias("numpy") or "np"
    windows, result = site.fresh("windows"), site.fresh("result", "rolled")
    made = compiled(site, body, windows, width, np)
    view = attr(name(np), "lib", "stride_tricks", "sliding_window_view")
    values = call(attr(clone(series), "to_numpy"), name("float"))
    begin = Linear(-1).plus(linear(site, width) or Linear()).node()
    place = slice_(name(result), begin, None)
    assert isinstance(place, ast.Subscript)
    store = ast.Subscript(place.value, place.slice, ast.Store())
    filled = [assign(windows, call(view, values, clone(width))), assign(store, made.node)]
    length = call("len", clone(series))
    before: list[ast.stmt] = [
        assign(result, call(attr(name(np), "full"), length, attr(name(np), "nan"))),
        ast.If(ast.Compare(clone(length), [ast.GtE()], [clone(width)]), list(filled), []),
    ]
    title = series.slice if isinstance(series, ast.Subscript) else attr(clone(series), "name")
    pd = name(site.file.alias("pandas") or "pd")
    new = call(attr(pd, "Series"), name(result), index=attr(clone(series), "index"), name=clone(title))
    owed = [Obligation("numeric-columns", (ast.unparse(series),)), Obligation("finite"), Obligation("window-memory")]
    if not isinstance(width, ast.Constant):
        owed.append(Obligation("positive-offsets", (ast.unparse(width),)))
    owed += [Obligation("scalars", (n,)) for n in made.names]
    if made.reordered:
        owed.append(Obligation("float-order"))
    imports = () if site.file.alias("numpy") else ("import numpy as np",)
    edits = (InsertBefore(site.statement, tuple(before)), Substitute(site.node, new))
    tolerance = 1e-10 if made.reordered else None
    return Rewrite(rule, Tier.VECTOR, edits, tuple(owed), imports, tolerance, "computes all windows at once")
