"""What a value that is computed once a round surely is: a number of Python's own, text, a display of several."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Op, Raw, strip
from ...loops.scalar_facts import TEXT_METHODS

#: Functions that return a number of Python's own.
NUMBERS = frozenset({"float", "int", "len", "ord"})
#: Methods that return text where they are methods of text.
TEXTS = frozenset(f"method:{m}" for m in TEXT_METHODS)


def composed(value: Expr) -> bool:
    """Whether a value is, on some rounds, a display of several."""
    match strip(value):
        case Op(name="tuple" | "list" | "dict" | "set"):
            return True
        case Op(name="if", args=(_, one, other)):
            return composed(one) or composed(other)
    return False


def surely_average(site: SiteContext, e: Expr) -> bool:
    """One number, or an error: `np.median(draws)`, `x[i - w:i].std()` of an array."""
    match strip(e):
        case Op(name="call:numpy.mean" | "call:numpy.median", args=(_,), keywords=()):
            return True
        case Op(name="method:mean" | "method:std" | "method:var", args=(_,), keywords=(), node=ast.Call(func=func)):
            part = func.value if isinstance(func, ast.Attribute) else None
            return isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice) and _is_array(site, part.value)
    return False


def _is_array(site: SiteContext, node: ast.expr) -> bool:
    kind = site.kind(node)
    return kind is not None and kind.name == "ndarray" and kind.proven


def surely_number(e: Expr) -> bool:
    """An int or a float of Python's own."""
    match strip(e):
        case Const(value=value):
            return type(value) in (int, float)
        case Op(name=function) if function.startswith("call:builtins."):
            return function.removeprefix("call:builtins.") in NUMBERS
        case Op(name=function) if function.startswith("call:math."):
            return True
        case Op(name="+" | "-" | "*" | "/" | "//", args=(a, b)) | Op(name="if", args=(_, a, b)):
            return surely_number(a) and surely_number(b)
        case Op(name="neg", args=(a,)):
            return surely_number(a)
    return False


def surely_text(e: Expr) -> bool:
    """Text of Python's own: a literal, an f-string, what methods of text return."""
    match strip(e):
        case Const(value=str()) | Raw(node=ast.JoinedStr()) | Op(name="call:builtins.str"):
            return True
        case Op(name="if", args=(_, one, other)):
            return surely_text(one) and surely_text(other)
        case Op(name=method):
            return method in TEXTS
    return False
