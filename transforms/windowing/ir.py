"""Windows recognised: `x[i - w:i]` of an array or a column, and what reduces it to one value."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.access import read_subscript
from ...loops.context import Refused, SiteContext
from ...loops.header_rows import inv
from ...loops.ir import Access, Const, Expr, HeaderForm, Inv, Op, Pos, Raw, Read, Scalar, Sequence_, strip
from ..lanes.arrays import ArrayCode
from ..lanes.linear import POSITION, Linear, linear

#: Reductions that give the same bits for a row of windows as for one window; those that copy all windows.
REDUCTIONS = frozenset({"mean", "sum", "std", "var", "max", "min", "any", "all", "prod", "ptp", "median"})
NUMPY_ONLY = frozenset({"median", "percentile", "quantile", "ptp", "amax", "amin"})
SKIPPING = frozenset({"nanmean", "nansum", "nanstd", "nanvar", "nanmax", "nanmin", "nanmedian"})
EXTREMES = frozenset({"max", "min"})
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


def reduction(e: Op) -> tuple[str, Expr, tuple[Expr, ...]] | None:
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
    begin, end = (bound(site, x, dict(holes)) for x in (lower, upper))
    read = source_of(site, code, base)
    return Window(read, begin, end) if begin is not None and end is not None and read is not None else None


def _is_frame(site: SiteContext, base: Inv) -> bool:
    kind = site.kind(base.node)
    return kind is not None and kind.name == "frame"


def source_of(site: SiteContext, code: ArrayCode, base: ast.expr) -> Read | None:
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


def bound(site: SiteContext, node: ast.expr, holes: dict[str, Expr]) -> Linear | None:
    """Where a slice begins or ends, counted from the position of the round."""
    total = linear(site, node, holes)
    if total is None:
        return None
    factor, rest = total.without(POSITION)
    return rest if factor == 1 else None
