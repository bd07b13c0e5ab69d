"""Windows that are cut short at an end of an array: from its first element on, up to its last, or `max(0, i - w)`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.context import SiteContext
from ...loops.ir import Access, Const, Expr, HeaderForm, Inv, Op, Raw, Read, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..lanes.linear import LENGTH, POSITION, Linear, linear, linear_value
from ..lanes.spans import assume_positive, lower_end, only_with_rounds
from ..shared.build import attr, binop, call, clone, const, item, name, shifted
from .ir import bound, reduction, source_of
from .tables import needs_table
from .windows import elements, like_builtin, owe_mean_of_none

REVERSED = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
EXTREMES = {"max": "maximum", "min": "minimum"}
SUMS = frozenset({"sum", "mean"})


@dataclass(frozen=True)
class Clipped:
    """`base[i + begin:i + end]`, cut short at the ends of the array; None: from its first, up to its last element."""

    read: Read
    begin: Linear | None
    end: Linear | None

    @property
    def shift(self) -> int:
        """How far beside the position of the round an element lies that is surely in the window."""
        begin, end = self.begin, self.end
        if end is None or (begin is not None and not begin.terms and begin.const > 0):
            return begin.const if begin is not None else 0
        return end.const - 1 if begin is None or (not end.terms and end.const < 1) else 0

    @property
    def before(self) -> Linear:
        """How many elements before that one the window has."""
        assert self.begin is not None
        return Linear(self.shift).plus(self.begin, -1)

    @property
    def behind(self) -> Linear:
        """How many elements behind that one the window has."""
        assert self.end is not None
        return self.end.shifted(-1 - self.shift)


def clipped_lane(code: ArrayCode, e: Expr) -> Lane | None:
    """The lane of a reduction of a window that is cut short at an end; None if it is none."""
    inner = strip(e)
    found = reduction(inner) if isinstance(inner, Op) else None
    if found is None or not isinstance(inner, Op):
        return None
    function, of, more = found
    window = next((w for x in of.walk() if (w := as_clipped(code.site, code, x)) is not None), None)
    if window is None:
        return None
    if function not in EXTREMES and function not in SUMS:
        raise code.refuse(f"`{function}` of windows of several lengths has no array form", inner)
    if more:
        raise code.refuse("a reduction of a window has arguments", inner)
    series = window.read.access is Access.ILOC

    def alike(x: Expr) -> Clipped | None:
        other = as_clipped(code.site, code, x)
        return other if other is not None and replace(other, read=window.read) == window else None

    def taken(x: Expr) -> Read | None:
        other = alike(x)
        if other is not None and other.read.source.base != window.read.source.base:
            code.owe("equal-lengths", other.read.source.code)
        return other.read if other is not None else None

    if needs_table(code.site, of, lambda x: alike(x) is not None):
        raise code.refuse("windows of several lengths are computed with values of their round", inner)
    if series and as_clipped(code.site, code, of) is None:
        raise code.refuse("what is computed from a window of a series is reduced", inner)
    if inner.name.startswith("call:builtins."):
        like_builtin(code, function)
    if series and function == "mean":
        _owe_order(code, function, "float")
        owe_mean_of_none(code, function)
        means = code.step("means", _mean_of_series(code, window))
        return Lane(_cut(code, window, means), True, "float", False)
    values = elements(code, of, taken)
    _owe_order(code, function, values.dtype)
    values = code.temp(values, "values")
    whole = _whole(code, window, function, values, series)
    dtype = "float" if function == "mean" else "int" if (function, values.dtype) == ("sum", "bool") else values.dtype
    builtin = inner.name.startswith("call:builtins.")
    python = (True if series else values.python) if builtin else False  # a series that is gone through
    return Lane(_cut(code, window, whole), True, dtype, python)


def _owe_order(code: ArrayCode, function: str, dtype: str) -> None:
    """Sums are added in another order, which makes a difference for floats, as do zeros of both signs."""
    if function in SUMS and (dtype not in ("bool", "int") or function == "mean"):
        code.owe("float-order")
        code.owe("no-overflow")
        code.tolerance = 1e-10
    if dtype not in ("bool", "int"):
        code.owe("signed-zero")


def _cut(code: ArrayCode, window: Clipped, whole: ast.expr) -> ast.expr:
    """Of one value for each element of the array, those that the rounds ask for."""
    begin = code.rounds.first
    if begin is None:
        raise code.refuse("where the range begins is not understood", reason=Reason.OUT_OF_RANGE)
    lower_end(code, begin.shifted(window.shift), window.read.source.code)  # `x[:i]` at 0 has no elements
    return code.rounds.cut(whole, replace(window.read, offset=window.shift), code)


def as_clipped(site: SiteContext, code: ArrayCode, e: Expr) -> Clipped | None:
    """The window that an expression takes, if it may be cut short at an end of its array."""
    match strip(e):
        case Raw(node=ast.Subscript(value=base, slice=ast.Slice(lower=lower, upper=upper, step=None)), holes=holes):
            pass
        case _:
            return None
    if code.loop.header.form is not HeaderForm.POSITIONS or not site.invariant(base):
        return None
    read = source_of(site, code, base)
    if read is None:
        return None
    known = dict(holes)
    from_first = lower is None or (isinstance(lower, ast.Constant) and lower.value == 0)
    begin = None if from_first or lower is None else _inner(site, lower, known, "max")
    end = None if upper is None else _inner(site, upper, known, "min", read.source.base.code)
    if from_first:
        # `x[:i + 1]`: `x[:i]` is empty at 0, and counted from the end before that.
        return Clipped(read, None, end) if end is not None and not end.terms else None
    if begin is None or (upper is not None and end is None):
        return None
    surely_inside = not begin.terms and begin.const >= 0
    cut = lower is not None and _cut_at(site, lower, known) is not None
    if end is None:
        return Clipped(read, begin, None) if surely_inside and not cut else None
    window = Clipped(read, begin, end)
    least = (window.before.least(), window.behind.least())
    if not (cut or surely_inside) or any(x is None or x < 0 for x in least):
        return None
    return window


def _cut_at(site: SiteContext, node: ast.expr, known: dict[str, Expr]) -> tuple[str, list[Linear | None]] | None:
    """The builtin that cuts a bound (`max(0, i - w)`), with its arguments as sums, also where the bound has a name."""
    match node:
        case ast.Call(func=func, args=[_, _] as args, keywords=[]):
            path = site.dotted(func)
            if path in ("builtins.max", "builtins.min"):
                return path.removeprefix("builtins."), [linear(site, a, known) for a in args]
        case ast.Name(id=id_) if id_ in known:
            value = strip(known[id_])
            if isinstance(value, Op) and value.name in ("call:builtins.max", "call:builtins.min"):
                return value.name.removeprefix("call:builtins."), [linear_value(site, a) for a in value.args]
    return None


def _inner(site: SiteContext, node: ast.expr, known: dict[str, Expr], cut: str, of: str = "") -> Linear | None:
    """Where a window begins or ends, counted from the position of the round, before `max` or `min` cuts it."""
    called = _cut_at(site, node, known)
    if called is None:
        return bound(site, node, known)
    function, sums = called
    stop = Linear(0, ((LENGTH + of, 1),)) if of else Linear()
    inside = [x for x in sums if x is not None and x != stop]
    if function != cut or len(sums) != 2 or len(inside) != 1 or stop not in sums:
        return None
    factor, rest = inside[0].without(POSITION)
    return rest if factor == 1 else None


def _whole(code: ArrayCode, window: Clipped, function: str, lane: Lane, series: bool) -> ast.expr:
    """The reduction of the window around each element of the whole array."""
    values = lane.node
    if window.begin is None or window.end is None:
        return _running(code, window, function, values, series)
    for x in (window.before, window.behind):
        assume_positive(code, x)
    only_with_rounds(code, code.rounds)
    sides = [window.before.node(), window.behind.node()]
    views = _side_by_side(code, window, values, sides, function)
    if function in EXTREMES and series:
        return code.numpy(f"f{function}.reduce", attr(views, "T"))
    if function in EXTREMES:
        return call(attr(views, "T", function), axis=const(0))
    if series:
        code.owe("window-memory")
        total = code.numpy("nansum", views)
        total.keywords = [ast.keyword("axis", const(1))]
        return total
    if function == "sum" and lane.dtype in ("bool", "int"):
        return call(attr(views, "T", "sum"), axis=const(0))  # in any order
    total = call(attr(views, "sum"), axis=const(1))
    return total if function == "sum" else binop(total, ast.Div(), _counts(code, window, values))


def _side_by_side(code: ArrayCode, window: Clipped, values: ast.expr, sides: list[ast.expr], function: str) -> ast.expr:
    """All windows, those at the ends filled up with what changes no result."""
    width = window.before.plus(window.behind).shifted(1)
    fill = {} if function in SUMS else {"mode": const("edge")}
    padded = call(attr(name(code.np), "pad"), clone(values), ast.Tuple(sides, ast.Load()), **fill)
    return code.numpy("lib.stride_tricks.sliding_window_view", padded, width.node())


def _counts(code: ArrayCode, window: Clipped, values: ast.expr) -> ast.expr:
    """How many elements each window has."""
    length = call("len", clone(values))
    before, behind = window.before, window.behind
    if not behind.terms and not behind.const:
        grown = code.numpy("arange", const(1), shifted(length, 1))
        return code.numpy("minimum", grown, before.shifted(1).node())
    positions = code.step("positions", code.numpy("arange", length))
    end = code.numpy("minimum", binop(positions, ast.Add(), behind.shifted(1).node()), clone(length))
    if not before.terms and not before.const:
        return binop(end, ast.Sub(), clone(positions))
    begin = code.numpy("maximum", binop(clone(positions), ast.Sub(), before.node()), const(0))
    return binop(end, ast.Sub(), begin)


def _mean_of_series(code: ArrayCode, window: Clipped) -> ast.expr:
    """Windows of a series leave missing values out, and so do those of pandas."""
    source = window.read.source
    if window.end is None or window.behind != Linear():
        raise code.refuse(f"windows of `{source.code}` that go on behind the round are cut short")
    code.owe("numeric-columns", source.code)
    code.owe("float64")
    series = clone(source.base.node)
    if isinstance(source.column, (Const, Inv)):
        series = item(series, clone(source.column.node))
    if window.begin is None:
        return attr(call(attr(call(attr(series, "expanding")), "mean")), "values")
    assume_positive(code, window.before)
    rolling = call(attr(series, "rolling"), window.before.shifted(1).node(), min_periods=const(1))
    return attr(call(attr(rolling, "mean")), "values")


def _running(code: ArrayCode, window: Clipped, function: str, values: ast.expr, series: bool) -> ast.expr:
    """The reduction from the first element to each, or from each to the last."""
    backwards = window.end is None
    array = item(clone(values), REVERSED) if backwards else clone(values)
    if function in EXTREMES:
        ufunc = f"f{function}" if series else EXTREMES[function]
        out: ast.expr = code.numpy(f"{ufunc}.accumulate", array)
    else:
        out = code.numpy("nancumsum" if series else "cumsum", array)
    if function == "mean":
        out = binop(out, ast.Div(), code.numpy("arange", const(1), shifted(call("len", clone(values)), 1)))
    return item(out, REVERSED) if backwards else out
