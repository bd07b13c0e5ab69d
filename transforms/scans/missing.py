"""That no value is NaN where an extreme is taken: one that came first would stay."""

from __future__ import annotations

import ast

from ...loops.ir import Const, Expr, Op, Read, strip
from ..lanes.lanes import Building

#: Operations that make NaN of zeros.
DIVISIONS = frozenset({"/", "//", "%"})


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
