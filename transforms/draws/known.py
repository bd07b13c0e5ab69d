"""What is known of functions that samples are given to."""

from __future__ import annotations

from ...loops.ir import Expr, Op, strip

#: Functions of NumPy that give truth values.
TRUTHS = frozenset(
    {
        *("isnan", "isinf", "isfinite", "signbit", "greater", "greater_equal", "less", "less_equal", "equal"),
        *("not_equal", "logical_and", "logical_or", "logical_not", "logical_xor"),
    }
)
#: Reductions that do not raise where there is nothing to reduce.
OF_NOTHING = frozenset(
    {
        *("sum", "prod", "mean", "std", "var", "median", "any", "all", "count_nonzero"),
        *("nansum", "nanprod", "nanmean", "nanstd", "nanvar", "nanmedian"),
    }
)


def truths(e: Expr) -> bool:
    """Whether an expression of samples surely is an array of truth values."""
    match strip(e):
        case Op(name="<" | "<=" | ">" | ">=" | "==" | "!="):
            return True
        case Op(name="&" | "|" | "^", args=args):
            return all(truths(a) for a in args)
        case Op(name=function):
            return function.removeprefix("call:numpy.") in TRUTHS
    return False
