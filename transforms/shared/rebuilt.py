"""Expressions with parts of them replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...loops.ir import Expr, Named, Op, Raw


def rebuilt(e: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with parts of it replaced, outermost first."""
    new = change(e)
    if new is not None:
        return new
    match e:
        case Named(value=value):
            return replace(e, value=rebuilt(value, change))
        case Op(args=args):
            return replace(e, args=tuple(rebuilt(a, change) for a in args))
        case Raw(holes=holes):
            return replace(e, holes=tuple((n, rebuilt(x, change)) for n, x in holes))
    return e
