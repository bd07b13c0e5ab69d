"""That no value is NaN where an extreme is taken: one that came first would stay."""

from __future__ import annotations

import ast

from ...loops.ir import Const, Expr, Op, Read, strip
from ..lanes.lanes import Building

#: Operations that make NaN of zeros.
DIVISIONS = frozenset({"/", "//", "%"})
#: Operations that make NaN of numbers outside their domain.
ROOTS = frozenset(
    {
        "**",
        *(f"call:numpy.{name}" for name in ("sqrt", "log", "log2", "log10", "log1p", "power", "float_power")),
        *(f"call:numpy.{name}" for name in ("arcsin", "arccos", "arccosh", "arctanh", "fmod", "mod", "remainder")),
    }
)


def owe_no_nan(code: Building, value: Expr) -> None:
    """What keeps a value from being NaN: what is computed may be so of infinities, and of zeros."""
    inner = strip(value)
    if isinstance(inner, Read | Const):
        code.owe("no-missing")
        return
    code.owe("finite")
    for x in inner.walk():
        if isinstance(x, Op) and x.name in DIVISIONS and not isinstance(strip(x.args[1]), Const):
            code.owe("no-zero-division", ast.unparse(x.node) if isinstance(x.node, ast.expr) else None)
        if isinstance(x, Op) and x.name in ROOTS:
            code.owe("in-domain", ast.unparse(x.node) if isinstance(x.node, ast.expr) else None)
