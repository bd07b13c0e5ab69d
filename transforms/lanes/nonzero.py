"""Divisors that the code has tested before it divides by them: `a / b if b > 0 else 0.0`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.context import SiteContext
from ...loops.implicit import ImplicitSite
from ...loops.ir import Loop, Op
from ...loops.literals import literal
from ...loops.names import names_in
from ...loops.walk import walk
from ..shared.operators import MIRRORED, NAME_OF, NEGATED
from .linear import number_bound
from .tested import known_before, of_helpers

DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)
#: Functions that give the same each time.
CALLED = frozenset(f"builtins.{f}" for f in ("abs", "float", "int", "len", "max", "min", "round", "sum"))


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
    if any(isinstance(n, ast.Call) and site.dotted(n.func) not in CALLED for n in walk(divisor)):
        return False
    if literal(divisor) or (isinstance(divisor, ast.Name) and number_bound(site, divisor.id)):
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
            return any(_apart(a, NAME_OF[type(op)], holds, b, divisor) for a, op, b in pairs)
    return holds and ast.unparse(test) == divisor


def _apart(left: ast.expr, sign: str, holds: bool, right: ast.expr, divisor: str) -> bool:
    """Whether zero is no value of the divisor for which a comparison with a number holds, or does not."""
    if sign not in MIRRORED:
        return False
    sign = sign if holds else NEGATED[sign]
    if ast.unparse(right) == divisor:
        left, right, sign = right, left, MIRRORED[sign]
    number = literal(right)
    if number is None or isinstance(number, bool):
        return False
    match left:
        case ast.Call(func=ast.Name(id="abs"), args=[inner], keywords=[]) if ast.unparse(inner) == divisor:
            return sign == ">" and number >= 0
    excludes = {">": number >= 0, "<": number <= 0, ">=": number > 0, "<=": number < 0}
    return ast.unparse(left) == divisor and excludes.get(sign, (sign == "!=") == (number == 0))
