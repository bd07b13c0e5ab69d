"""What is computed from a window together with values of its round: all windows as the rows of a table."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Label, Op, Pos, Read, Row, strip
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_scalar
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..shared.build import clone, item
from .ir import reduction

#: Kinds of invariants that are computed with element by element.
ROWS = frozenset({"ndarray", "list", "tuple"})
#: Given an expression, the windows of all rounds as a table, None if it is no window.
Windows = Callable[[Expr], Lane | None]
COLUMN = ast.Tuple([ast.Slice(), ast.Constant(None)], ast.Load())


def needs_table(site: SiteContext, of: Expr, is_window: Callable[[Expr], bool]) -> bool:
    """Whether windows are computed with values of their round, or with a whole array such as weights."""
    inner = strip(of)
    if is_window(inner):
        return False
    match inner:
        case Read() | Pos() | Label() | Row():
            return True
        case Inv(node=node):
            return _row_of_weights(site, node)
        case Op() if _reduces(inner, is_window):
            return True
    return any(needs_table(site, x, is_window) for x in inner.children())


def table_lane(code: ArrayCode, of: Expr, is_window: Callable[[Expr], bool], windows: Windows) -> Lane:
    """An expression of windows for all rounds: one row for each, values of the round as a column beside them."""
    code.owe("window-memory")
    outer = code.extend

    def lane(c: ArrayCode, e: Expr) -> Lane | None:
        inner = strip(e)
        if isinstance(inner, Op) and inner.name == "§column":
            c.extend = outer
            try:
                return _column(c, c.lane(inner.args[0]))
            finally:
                c.extend = lane
        if isinstance(inner, Op) and inner.name == "§weights":
            weights = inner.args[0]
            assert isinstance(weights, Inv)
            c.owe("numeric-arrays", weights.code)
            return Lane(clone(weights.node), True, "number", False)
        return windows(inner)

    code.extend = lane
    code.depth += 1
    try:
        return code.lane(_marked(code, of, is_window))
    finally:
        code.depth -= 1
        code.extend = outer


def _column(code: ArrayCode, lane: Lane) -> Lane:
    if not lane.array:
        return lane
    return replace(lane, node=item(code.temp(lane, "current").node, clone(COLUMN)))


def _marked(code: ArrayCode, e: Expr, is_window: Callable[[Expr], bool]) -> Expr:
    """The expression with its parts that belong to the round marked."""
    inner = strip(e)
    if is_window(inner) or isinstance(inner, Const):
        return inner
    match inner:
        case Inv(node=node):
            return Op("§weights", (inner,), node) if _row_of_weights(code.site, node) else inner
        case Op() if not _reduces(inner, is_window) and any(_contains(x, is_window) for x in inner.args):
            return replace(inner, args=tuple(_marked(code, x, is_window) for x in inner.args))
        case Op() | Read() | Pos():
            return Op("§column", (e,), getattr(inner, "node", None))
    raise code.refuse("the body calls something that has no array form", reason=Reason.UNKNOWN_CALL)


def _contains(e: Expr, is_window: Callable[[Expr], bool]) -> bool:
    return any(is_window(strip(x)) for x in e.walk())


def _reduces(e: Op, is_window: Callable[[Expr], bool]) -> bool:
    """Whether an operation makes one value of a window."""
    found = reduction(e)
    return found is not None and _contains(found[1], is_window)


def _row_of_weights(site: SiteContext, node: ast.expr) -> bool:
    """Whether an invariant is an array, one element for each place in the window."""
    kind = site.kind(node)
    if kind is not None:
        return kind.name in ROWS
    return (
        isinstance(node, ast.Call)
        and (site.dotted(node.func) or "").startswith("numpy.")
        and not surely_scalar(site, node)
    )
