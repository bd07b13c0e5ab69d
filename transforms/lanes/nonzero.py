"""Divisors that the code has tested before it divides by them: `a / b if b > 0 else 0.0`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.context import SiteContext
from ...loops.implicit import ImplicitSite
from ...loops.ir import Loop, Op
from ...loops.scopes import names_in
from ...loops.walk import walk
from ..shared.build import literal
from .tested import known_before, of_helpers

DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)
#: Functions that give the same each time.
CALLED = frozenset({"abs", "float", "int", "len", "max", "min", "round", "sum"})
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.Lt,
    ast.Lt: ast.Gt,
    ast.GtE: ast.LtE,
    ast.LtE: ast.GtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


def surely_nonzero(site: SiteContext, loop: Loop, division: Op) -> bool:
    """Whether all that the loop divides by was tested before, so that zero is left out, or is a number written out.

    Of what is not a number (NaN) a test says nothing, and a division by it raises nothing either. All divisions of the
    loop have to be so, since one that is computed in vain raises as well.
    """
    return _sure(site, division.node) and all(_sure(site, node) for node in _divisions(site, loop))


def _divisions(site: SiteContext, loop: Loop) -> Iterator[ast.AST | None]:
    """The divisions of the loop and of the helpers that it calls; None for one that is not seen."""
    places: list[ast.AST] = [site.node if isinstance(site, ImplicitSite) else site.loop]
    if isinstance(site, ImplicitSite):
        if isinstance(site.function, ast.Name):
            places += site.scope.binders(site.function.id) or [ast.Pass()]
        if site.inlined or not isinstance(site.function, ast.Lambda | ast.Name | None):
            yield None
    for place in places:
        yield from (n for n in walk(place) if isinstance(n, ast.BinOp | ast.AugAssign) and isinstance(n.op, DIVISIONS))
    if site.inlined:
        for found in of_helpers(site, loop, ast.BinOp, ast.AugAssign):
            divides = isinstance(found, ast.BinOp | ast.AugAssign) and isinstance(found.op, DIVISIONS)
            yield from [found] if found is None or divides else []


def _sure(site: SiteContext, node: ast.AST | None) -> bool:
    """Whether a division is only reached with a divisor that is not zero."""
    if not isinstance(node, ast.BinOp) or node not in site.file.scopes.parent:
        return False
    divisor = node.right
    if any(isinstance(n, ast.Call) and ast.unparse(n.func) not in CALLED for n in walk(divisor)):
        return False
    if literal(divisor) or _bound_to_number(site, divisor):
        return True
    return any(
        _excludes(test, holds, ast.unparse(divisor)) for test, holds in known_before(site, node, names_in(divisor))
    )


def _excludes(test: ast.expr, holds: bool, divisor: str) -> bool:
    """Whether the divisor is not zero where a test holds, or where it does not."""
    match test:
        case ast.BoolOp(op=op, values=values):
            return holds == isinstance(op, ast.And) and any(_excludes(v, holds, divisor) for v in values)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _excludes(inner, not holds, divisor)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            if not holds and len(ops) > 1:
                return False
            pairs = zip((left, *rights), ops, rights, strict=False)
            return any(_apart(a, type(op) if holds else OPPOSITE.get(type(op)), b, divisor) for a, op, b in pairs)
    return holds and ast.unparse(test) == divisor


def _apart(left: ast.expr, op: type[ast.cmpop] | None, right: ast.expr, divisor: str) -> bool:
    """Whether zero is no value of the divisor for which a comparison with a number holds."""
    if op not in MIRRORED:
        return False
    if ast.unparse(right) == divisor:
        left, right, op = right, left, MIRRORED[op]
    number = literal(right)
    if number is None or isinstance(number, bool):
        return False
    match left:
        case ast.Call(func=ast.Name(id="abs"), args=[inner], keywords=[]) if ast.unparse(inner) == divisor:
            return op is ast.Gt and number >= 0
    excluded = {
        ast.Gt: number >= 0,
        ast.Lt: number <= 0,
        ast.GtE: number > 0,
        ast.LtE: number < 0,
        ast.NotEq: number == 0,
        ast.Eq: number != 0,
    }
    return ast.unparse(left) == divisor and excluded.get(op, False)


def _bound_to_number(site: SiteContext, node: ast.expr) -> bool:
    """Whether a name is bound once, to a number that is written out and not zero."""
    if not isinstance(node, ast.Name):
        return False
    owner = site.file.scopes.owner(node.id, site.scope)
    match owner.binders(node.id) if owner is not None else []:
        case [ast.Assign(targets=[ast.Name()], value=value)]:
            return bool(literal(value))
    return False
