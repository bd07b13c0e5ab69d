"""Windows as lanes: `x[i - w:i].mean()` is one reduction over all windows of an array, taken side by side."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ...loops.ir import Access, Const, Expr, HeaderForm, Inv, Op, Read, StoreItem, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..lanes.linear import POSITION, linear_value
from ..lanes.rounds import Rounds
from ..lanes.spans import assume_positive, ends, lower_end, only_with_rounds, upper_end
from ..shared.build import attr, call, clone, const, slice_
from .ir import COPYING, EXTREMES, FLOATS, NUMPY_ONLY, REDUCTIONS, Window, as_window, reduction, source_of
from .tables import needs_table, table_lane


def window_lane(code: ArrayCode, e: Expr) -> Lane | None:
    """The lane of a reduction of a window, or of an element a number of rounds away; None if it is neither."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return None
    if inner.name == "item" and (lag := _lag(code, inner)) is not None:
        return lag
    found = reduction(inner)
    if found is None:
        return None
    function, of, more = found
    window = next((w for x in of.walk() if (w := as_window(code.site, code, x)) is not None), None)
    if window is None:
        return None
    if inner.name == "call:builtins.len":
        return _length(code, inner, of, window)
    return _reduced(code, inner, window, function, of, more)


def _lag(code: ArrayCode, e: Op) -> Lane | None:
    """`x[i - lag]`."""
    base, index = strip(e.args[0]), e.args[1]
    if not isinstance(base, Inv) or code.loop.header.form is not HeaderForm.POSITIONS:
        return None
    total = linear_value(code.site, index)
    if total is None:
        return None
    factor, shift = total.without(POSITION)
    read = source_of(code.site, code, base.node)
    if factor != 1 or read is None:
        return None
    return _with_rounds(code, replace(code.rounds, lag=shift), lambda: code.lane(read))


def _with_rounds(code: ArrayCode, rounds: Rounds, build: Callable[[], Lane]) -> Lane:
    """A lane as other rounds see it: nothing that was named before belongs to these."""
    kept, memo, masks = code.rounds, code.memo, code.masks
    code.rounds, code.memo, code.masks = rounds, {}, {}
    try:
        return build()
    finally:
        code.rounds, code.memo, code.masks = kept, memo, masks


class Uncut(Rounds):
    """The rounds of whole arrays: what is computed for each element, before windows are taken."""

    def cut(self, array: ast.expr, read: Read, code: object) -> ast.expr:
        return array

    def whole(self, read: Read) -> bool:
        return False


def _length(code: ArrayCode, e: Op, of: Expr, window: Window) -> Lane:
    """`len(window)`: the same on every round, as long as windows are whole."""
    if as_window(code.site, code, of) is None:
        raise code.refuse("the length of what is computed from a window", e)
    _inside(code, window)
    return Lane(window.width.node(), False, "int", True)


def _reduced(code: ArrayCode, e: Op, window: Window, function: str, of: Expr, more: tuple[Expr, ...]) -> Lane:
    if any(k != "ddof" for k in e.keywords) or not all(isinstance(strip(x), (Const, Inv)) for x in more):
        raise code.refuse(f"`{ast.unparse(e.node) if isinstance(e.node, ast.expr) else function}` has arguments", e)
    series = window.read.access is Access.ILOC
    bare = as_window(code.site, code, of) is not None
    if series and not bare:
        raise code.refuse("what is computed from a window of a series is reduced", e)
    builtin = e.name.startswith("call:builtins.")
    if builtin:
        like_builtin(code, function)
    elif series:
        function = _of_series(code, e, function, len(more))
        owe_mean_of_none(code, function)
    rows = _rows(code, window, of)
    if function.removeprefix("nan") in EXTREMES and not builtin and (series or rows.dtype != "float"):
        return replace(rows, node=_extremes(code, function, rows))
    if function in COPYING:
        code.owe("window-memory")
    method = function in REDUCTIONS - NUMPY_ONLY
    target = attr(rows.node, function) if method else attr(ast.Name(code.np, ast.Load()), function)
    arguments = [strip(x) for x in more]
    given = [clone(x.node) for x in arguments if isinstance(x, (Const, Inv))]
    plain = given[: len(given) - len(e.keywords)]
    if plain and function not in ("percentile", "quantile"):
        raise code.refuse("a reduction of a window has arguments", e)
    node = call(target, *([] if method else [rows.node]), *plain)
    node.keywords = [ast.keyword("axis", const(1))]
    node.keywords += [ast.keyword(k, v) for k, v in zip(e.keywords, given[len(plain) :], strict=True)]
    dtype = "bool" if function in ("any", "all") else "float" if function.removeprefix("nan") in FLOATS else rows.dtype
    if function in ("sum", "prod", "nansum") and rows.dtype == "bool":
        dtype = "int"
    return Lane(node, True, dtype, builtin and series)  # a series that is gone through gives Python's numbers


def _extremes(code: ArrayCode, function: str, rows: Lane) -> ast.expr:
    """The highest or lowest value of each window, first of the first elements of all: far faster than one by one."""
    if rows.dtype not in ("int", "bool"):
        code.owe("signed-zero")
    across = attr(rows.node, "T")
    if function.startswith("nan"):
        return code.numpy(f"f{function[3:]}.reduce", across)
    return call(attr(across, function), axis=const(0))


def owe_mean_of_none(code: ArrayCode, function: str) -> None:
    """A series of nothing but NaN has a float of Python's for its mean, which no array tells from NumPy's."""
    if function.removeprefix("nan") == "mean" and not all(isinstance(e, StoreItem) for e in code.loop.effects):
        code.owe("element-types")


def like_builtin(code: ArrayCode, function: str) -> None:
    """Python's max, min and sum look at one element after the other."""
    if function == "sum":
        code.owe("float-order")
        code.owe("no-overflow")
        code.tolerance = 1e-10
    else:
        code.owe("no-missing")
    code.owe("signed-zero")


def _of_series(code: ArrayCode, e: Op, function: str, arguments: int) -> str:
    """A series leaves missing values out."""
    if function in ("median", "percentile", "quantile") and e.name.startswith("call:"):
        return function
    if function not in ("mean", "sum", "std", "var", "max", "min", "median"):
        raise code.refuse(f"`{function}` of a window of a series", e)
    if function in ("std", "var") and not e.keywords and e.name.startswith("method:"):
        raise code.refuse("a series divides by one less than its length", e)
    return f"nan{function}"


def _rows(code: ArrayCode, window: Window, of: Expr) -> Lane:
    """All windows side by side, one a round."""

    def alike(x: Expr) -> Window | None:
        found = as_window(code.site, code, x)
        return found if found is not None and replace(found, read=window.read) == window else None

    def taken(x: Expr) -> Read | None:
        found = alike(x)
        if found is not None and found.read.source.base != window.read.source.base:
            code.owe("equal-lengths", found.read.source.code)
        return found.read if found is not None else None

    def views(x: Expr) -> Lane | None:
        found = alike(x)
        return _side_by_side(code, window, elements(code, x, taken)) if found is not None else None

    key = Op("windows", (of,))
    if key not in code.memo:
        if needs_table(code.site, of, lambda x: alike(x) is not None):
            lane = table_lane(code, of, lambda x: alike(x) is not None, views)
            code.memo[key] = replace(lane, node=code.step("windows", lane.node))
        else:
            code.memo[key] = _side_by_side(code, window, elements(code, of, taken))
    return code.memo[key]


def _side_by_side(code: ArrayCode, window: Window, lane: Lane) -> Lane:
    """The windows of an array, one a round."""
    lower, upper = _inside(code, window)
    side = code.numpy("lib.stride_tricks.sliding_window_view", lane.node, window.width.node())
    return replace(lane, node=code.step("windows", slice_(side, lower, upper)))


def elements(code: ArrayCode, of: Expr, taken: Callable[[Expr], Read | None]) -> Lane:
    """What windows are taken of: computed for the whole array, not only where a window looks.

    `taken` says of which array an expression is the window.
    """
    outer = code.extend
    code.extend = lambda c, x: c.lane(read) if (read := taken(x)) is not None else None
    code.depth += 1
    try:
        lane = _with_rounds(code, Uncut(code.site, code.loop.header, None, None), lambda: code.lane(of))
    finally:
        code.depth -= 1
        code.extend = outer
    if not lane.array:
        raise code.refuse("a window is not known to be an array", reason=Reason.UNKNOWN_KIND)
    return lane


def _inside(code: ArrayCode, window: Window) -> tuple[ast.expr | None, ast.expr | None]:
    """Which of all windows the rounds visit; refuses those that may be cut short at an end."""
    rounds, what = code.rounds, window.read.source.code
    begin, stop = ends(code, rounds)
    least = window.width.least()
    if least is None or least < 1:
        raise code.refuse(f"a window of `{what}` may be empty", reason=Reason.OUT_OF_RANGE)
    lower = lower_end(code, begin.plus(window.begin), what)
    upper = upper_end(code, rounds, stop.shifted(-1).plus(window.end), window.read.source.base.code)
    if upper is not None and not _from_the_end(upper):
        raise code.refuse(f"a window of `{what}` may end behind its last element", reason=Reason.OUT_OF_RANGE)
    assume_positive(code, window.width)
    only_with_rounds(code, rounds)
    return lower, upper


def _from_the_end(node: ast.expr) -> bool:
    """`-1`, `-w - 1`: counted from the end, so the same for the windows as for the elements."""
    while isinstance(node, ast.BinOp):
        node = node.left
    return isinstance(node, ast.UnaryOp) or (isinstance(node, ast.Constant) and int(str(node.value)) < 0)
