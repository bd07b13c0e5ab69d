"""Windows as lanes: `x[i - w:i].mean()` is one reduction over all windows of an array, taken side by side."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..loops.access import read_subscript
from ..loops.context import Refused, SiteContext
from ..loops.header_rows import inv
from ..loops.ir import Access, Const, Expr, HeaderForm, Inv, Op, Pos, Raw, Read, Scalar, Sequence_, strip
from ..loops.remarks import Reason
from .arrays import ArrayCode
from .build import attr, call, clone, const, slice_
from .lanes import Lane
from .linear import POSITION, Linear, linear, linear_value
from .rounds import Rounds
from .spans import assume_positive, ends, lower_end, only_with_rounds, upper_end

#: Reductions that give the same bits for a row of windows as for one window; those that copy all windows.
REDUCTIONS = frozenset({"mean", "sum", "std", "var", "max", "min", "any", "all", "prod", "ptp", "median"})
NUMPY_ONLY = frozenset({"median", "percentile", "quantile", "ptp", "amax", "amin"})
SKIPPING = frozenset({"nanmean", "nansum", "nanstd", "nanvar", "nanmax", "nanmin", "nanmedian"})
COPYING = frozenset({"std", "var", "median", "percentile", "quantile", *SKIPPING})
FLOATS = frozenset({"mean", "std", "var", "median", "percentile", "quantile"})


@dataclass(frozen=True)
class Window:
    """`base[i + begin:i + end]`, of an array or of a column."""

    read: Read
    begin: Linear
    end: Linear

    @property
    def width(self) -> Linear:
        return self.end.plus(self.begin, -1)


def window_lane(code: ArrayCode, e: Expr) -> Lane | None:
    """The lane of a reduction of a window, or of an element a number of rounds away; None if it is neither."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return None
    if inner.name == "item" and (lag := _lag(code, inner)) is not None:
        return lag
    found = _reduction(inner)
    if found is None:
        return None
    function, of, more = found
    window = next((w for x in of.walk() if (w := as_window(code.site, code, x)) is not None), None)
    if window is None:
        return None
    if inner.name == "call:builtins.len":
        return _length(code, inner, of, window)
    return _reduced(code, inner, window, function, of, more)


def _reduction(e: Op) -> tuple[str, Expr, tuple[Expr, ...]] | None:
    """The reduction, what is reduced, and its other arguments."""
    kind, _, path = e.name.partition(":")
    module, _, function = path.rpartition(".")
    if not e.args:
        return None
    if kind == "method" and function in REDUCTIONS - NUMPY_ONLY:
        return function, e.args[0], e.args[1:]
    if kind == "call" and module == "numpy" and function in REDUCTIONS | NUMPY_ONLY | SKIPPING:
        return {"amax": "max", "amin": "min"}.get(function, function), e.args[0], e.args[1:]
    if kind == "call" and module == "builtins" and function in ("max", "min", "sum", "len") and len(e.args) == 1:
        return function, e.args[0], ()
    return None


def as_window(site: SiteContext, code: ArrayCode, e: Expr) -> Window | None:
    """The window that an expression takes, if it takes one."""
    inner = strip(e)
    match inner:
        case Op(name="item", args=(rows, Const(value=str()) as key)):
            row = as_window(site, code, rows)
            if row is None or row.read.source.column is not None or not _is_frame(site, row.read.source.base):
                return None
            return replace(row, read=replace(row.read, source=Sequence_(row.read.source.base, key)))
        case Raw(node=ast.Subscript(value=base, slice=ast.Slice(lower=lower, upper=upper, step=None)), holes=holes):
            pass
        case _:
            return None
    header = code.loop.header
    if header.form is not HeaderForm.POSITIONS or lower is None or upper is None or not site.invariant(base):
        return None
    begin, end = (_bound(site, x, dict(holes)) for x in (lower, upper))
    read = _source(site, code, base)
    return Window(read, begin, end) if begin is not None and end is not None and read is not None else None


def _is_frame(site: SiteContext, base: Inv) -> bool:
    kind = site.kind(base.node)
    return kind is not None and kind.name == "frame"


def _source(site: SiteContext, code: ArrayCode, base: ast.expr) -> Read | None:
    """What a slice is taken from, as a read of its element at the position."""
    if isinstance(base, ast.Attribute) and base.attr == "iloc":
        kind = site.kind(base.value)
        if kind is not None and kind.name == "frame":
            return Read(Sequence_(inv(base.value)), Access.ILOC, 0, None, Scalar.NUMPY)
    probe = ast.copy_location(ast.Subscript(base, ast.Name(code.loop.header.position_name or "", ast.Load())), base)
    try:
        found = read_subscript(site, code.loop.header, probe, Pos())
    except Refused:
        return None
    if not isinstance(found, Read) or found.access not in (Access.INDEX, Access.VALUES, Access.ILOC):
        return None
    return found


def _bound(site: SiteContext, node: ast.expr, holes: dict[str, Expr]) -> Linear | None:
    """Where a slice begins or ends, counted from the position of the round."""
    total = linear(site, node, holes)
    if total is None:
        return None
    factor, rest = total.without(POSITION)
    return rest if factor == 1 else None


def _lag(code: ArrayCode, e: Op) -> Lane | None:
    """`x[i - lag]`."""
    base, index = strip(e.args[0]), e.args[1]
    if not isinstance(base, Inv) or code.loop.header.form is not HeaderForm.POSITIONS:
        return None
    total = linear_value(code.site, index)
    if total is None:
        return None
    factor, shift = total.without(POSITION)
    read = _source(code.site, code, base.node)
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
        _like_builtin(code, function)
    elif series:
        function = _of_series(code, e, function, len(more))
    if function in COPYING:
        code.owe("window-memory")
    rows = _rows(code, window, of)
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


def _like_builtin(code: ArrayCode, function: str) -> None:
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
    lower, upper = _inside(code, window)
    key = Op("windows", (of,))
    if key not in code.memo:
        lane = _elements(code, window, of)
        side = code.numpy("lib.stride_tricks.sliding_window_view", lane.node, window.width.node())
        code.memo[key] = replace(lane, node=code.step("windows", slice_(side, lower, upper)))
    return code.memo[key]


def _elements(code: ArrayCode, window: Window, of: Expr) -> Lane:
    """What windows are taken of: computed for the whole array, not only where a window looks."""
    outer = code.extend
    code.extend = lambda c, x: c.lane(w.read) if (w := as_window(c.site, c, x)) and w == window else None
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
