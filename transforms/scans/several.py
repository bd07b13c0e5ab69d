"""Elements of several types, chosen by a condition: an array of objects keeps each as the loop had it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.ir import Const, Expr, Inv, Op, strip
from ...loops.literals import literal
from ..lanes.lanes import Lane
from ..shared.build import attr, call, clone, name
from .seeds import NUMBERS

if TYPE_CHECKING:
    from .code import ScanCode


def several(code: ScanCode, e: Expr) -> Lane | None:
    """`a if test else b` as an array of objects; None where an array of one type holds the same."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name != "if" or code.is_final(inner):
        return None
    outer, code.mixed, code.blended = (code.mixed, code.blended), False, False
    code.depth += 1
    try:
        ends = {x: _end(code, x) for x in _leaves(code, e)}
    finally:
        code.depth -= 1
    spoiled = code.mixed or code.blended  # some were made one type before
    code.mixed, code.blended = code.mixed or outer[0], code.blended or outer[1]
    if spoiled:
        return None
    kinds = {(lane.dtype, lane.python) for lane in ends.values()}
    nothing = any(isinstance(x, Const) and x.value is None for x in ends)
    if len(kinds) == 1 and not nothing and kinds <= {(t, True) for t in ("int", "float", "bool", "text", "any")}:
        return None
    if not all(lane.python is True and (lane.array or _written(code, lane)) for lane in ends.values()):
        return None
    node = _tree(code, inner, ends)
    return None if node is None else Lane(node, True, "any", True)


def _leaves(code: ScanCode, e: Expr) -> list[Expr]:
    """The values at the ends of a choice; what a scan makes is one of them."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name != "if" or code.is_final(inner):
        return [inner]
    return [*_leaves(code, inner.args[1]), *_leaves(code, inner.args[2])]


def _end(code: ScanCode, e: Expr) -> Lane:
    if isinstance(e, Const) and e.value is None:
        return Lane(clone(e.node), False, "any", True)
    if isinstance(e, Inv) and _written(code, Lane(e.node, False, "float")):
        number = literal(e.node)
        return Lane(clone(e.node), False, "float" if number is None else type(number).__name__, True)
    return code.lane(e)


def _written(code: ScanCode, lane: Lane) -> bool:
    """A number that the code shows, maybe with a sign: `-1`, `np.nan`, `float("nan")`."""
    node = lane.node.operand if isinstance(lane.node, ast.UnaryOp) else lane.node
    match node:
        case ast.Constant():
            return True
        case ast.Attribute():
            return code.site.dotted(node) in NUMBERS
        case ast.Call(func=func, args=[ast.Constant(value=str())], keywords=[]):
            return code.site.dotted(func) == "builtins.float"
    return False


def _tree(code: ScanCode, e: Op, ends: dict[Expr, Lane]) -> ast.expr | None:
    """The choice between arrays of objects; None where literals of two types would have to agree on one."""
    test = code.truth(e.args[0])
    if not test.array:
        return None
    code.depth += 1
    try:
        sides = [_side(code, a, ends) for a in e.args[1:]]
    finally:
        code.depth -= 1
    written = [lane.node for lane in ends.values() if not lane.array]
    if None in sides or all(s in written and not _none(s) for s in sides):
        return None
    return code.numpy("where", test.node, *(s for s in sides if s is not None))


def _side(code: ScanCode, e: Expr, ends: dict[Expr, Lane]) -> ast.expr | None:
    inner = strip(e)
    if isinstance(inner, Op) and inner.name == "if" and not code.is_final(inner):
        return _tree(code, inner, ends)
    lane = ends[inner]
    if not lane.array or lane.dtype == "any":
        return lane.node
    return call(attr(lane.node, "astype"), name("object"))


def _none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
