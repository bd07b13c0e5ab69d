"""What numbers are looked for in: a range or a tuple of numbers that are written out."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.literals import folded, literal
from ..shared.build import clone

#: No more numbers than it takes a moment to make an array of.
MOST = 100_000


def among_numbers(site: SiteContext, node: ast.expr) -> ast.expr | None:
    """An array-like of the numbers, if they are known; a name stays one where it is bound once to what nobody changes.

    `x in range(8, 20)` is true for 8 and 8.0, false for 8.5 and NaN, as it is for the numbers one by one.
    """
    match node:
        case ast.Name(id=id_):
            owner = site.file.scopes.owner(id_, site.scope)
            binders = owner.binders(id_) if owner is not None else []
            match binders:
                case [ast.Assign(targets=[ast.Name()], value=ast.Tuple() | ast.Call() as value)]:
                    return clone(node) if among_numbers(site, value) is not None else None
            return None
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts) if elts and all(map(_small, elts)):
            return ast.List([clone(e) for e in elts], ast.Load()) if isinstance(node, ast.Set) else clone(node)
        case ast.Call(func=func, args=[*args], keywords=[]) if site.dotted(func) == "builtins.range" and args:
            limits = [folded(a) for a in args]
            known = [x for x in limits if x is not None and abs(x) < 2**53]
            if len(known) != len(limits) or (len(known) == 3 and not known[2]):
                return None
            return clone(node) if len(range(*known)) < MOST else None
    return None


def _small(node: ast.expr) -> bool:
    """Whether a number is written out that no conversion changes."""
    value = literal(node)
    return value is not None and not isinstance(value, bool) and abs(value) < 2**53
