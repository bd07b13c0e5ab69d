"""Calls with an exact array form: builtins, math and NumPy (TRAPS 2.2 B, 2.3)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...loops.ir import Const, Expr, Op, Read, strip
from ...loops.remarks import Reason
from ..shared.build import attr, call, const, name
from .lanes import Lane
from .searching import search_lane

if TYPE_CHECKING:
    from .arrays import ArrayCode

#: math function -> (NumPy function, exact bit by bit, domain to keep)
MATH = {
    "sqrt": ("sqrt", True, True),
    "fabs": ("fabs", True, False),
    "degrees": ("degrees", True, False),
    "radians": ("radians", True, False),
    "sin": ("sin", False, True),
    "cos": ("cos", False, True),
    "tan": ("tan", False, True),
    "asin": ("arcsin", False, True),
    "acos": ("arccos", False, True),
    "atan": ("arctan", False, False),
    "atan2": ("arctan2", False, False),
    "exp": ("exp", False, True),
    "log": ("log", False, True),
    "log10": ("log10", False, True),
    "log2": ("log2", False, True),
    "log1p": ("log1p", False, True),
    "expm1": ("expm1", False, True),
    "sinh": ("sinh", False, True),
    "cosh": ("cosh", False, True),
    "tanh": ("tanh", False, False),
    "hypot": ("hypot", False, False),
    "isnan": ("isnan", True, False),
    "isinf": ("isinf", True, False),
    "isfinite": ("isfinite", True, False),
}
#: Where math raises and NumPy does not: cheap enough to test for.
GUARDS: dict[str, tuple[type[ast.cmpop], str]] = {
    "sqrt": (ast.Lt, "math domain error"),
    "log": (ast.LtE, "math domain error"),
    "log10": (ast.LtE, "math domain error"),
    "log2": (ast.LtE, "math domain error"),
}
#: NumPy functions that do to an array what they do to each of its elements.
ELEMENTWISE = frozenset(
    {
        *("sqrt", "fabs", "abs", "absolute", "exp", "log", "log10", "log2", "log1p", "expm1", "sin", "cos", "tan"),
        *("arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "hypot", "sign", "floor", "ceil"),
        *("trunc", "rint", "isnan", "isinf", "isfinite", "maximum", "minimum", "fmax", "fmin", "degrees", "radians"),
        *("deg2rad", "rad2deg", "square", "power", "float_power", "mod", "remainder", "floor_divide", "add"),
        *("subtract", "multiply", "divide", "true_divide", "negative", "positive", "cbrt", "exp2", "clip"),
        *("logical_and", "logical_or", "logical_not", "logical_xor", "greater", "less", "equal", "not_equal"),
        "where",
    }
)
BOOLEAN = frozenset(
    {"isnan", "isinf", "isfinite", "logical_and", "logical_or", "logical_not", "greater", "less", "equal", "not_equal"}
)
#: Functions that give integers for integers, or may: floor, ceil and trunc by the version of NumPy.
KEEPING = frozenset(
    {
        *("abs", "absolute", "maximum", "minimum", "fmax", "fmin", "sign", "clip", "add", "subtract", "multiply"),
        *("negative", "where", "mod", "remainder", "floor_divide", "floor", "ceil", "trunc", "square", "positive"),
        "power",
    }
)
WARNING = frozenset(
    {
        "sqrt",
        "log",
        "log10",
        "log2",
        "log1p",
        "arcsin",
        "arccos",
        "power",
        "float_power",
        "divide",
        "true_divide",
        "mod",
        "remainder",
        "floor_divide",
        "exp",
    }
)


def vector_call(code: ArrayCode, e: Op) -> Lane:
    """The array form of a call of a known function; raises NotVector."""
    path = e.name.removeprefix("call:")
    module, _, function = path.rpartition(".")
    if (found := search_lane(code, e)) is not None:
        return found
    if e.keywords:
        raise code.refuse(f"`{path}` is called with keywords", e)
    if module == "builtins" and (handler := BUILTINS.get(function)):
        return handler(code, e)
    if module == "math" and function in MATH:
        return _math(code, e, function)
    if module == "numpy" and function in ELEMENTWISE:
        return _numpy(code, e, function)
    if path in ("pandas.isna", "pandas.isnull", "pandas.notna", "pandas.notnull"):
        return _missing(code, e, function)
    raise code.refuse(f"`{path}` has no known array form", e, Reason.UNKNOWN_CALL)


def _lanes(code: ArrayCode, e: Op) -> list[Lane]:
    return [code.number(a) for a in e.args]


def _math(code: ArrayCode, e: Op, function: str) -> Lane:
    target, exact, domain = MATH[function]
    lanes = _lanes(code, e)
    if not any(x.array for x in lanes):
        raise code.refuse(f"math.{function} of a value that may not be an array", e)
    if function == "log" and len(lanes) != 1:
        raise code.refuse("math.log with a base", e)
    if function == "hypot" and len(lanes) != 2:
        raise code.refuse("math.hypot of one or several values", e)
    if any(x.array and x.dtype != "float" for x in lanes):
        code.owe("float64")
        code.owe("no-overflow")
    if not exact:
        code.owe("last-bits")
        code.tolerance = 1e-10
    if domain and function in GUARDS and not code.depth:
        lanes = [code.temp(x) for x in lanes]
        test, message = GUARDS[function]
        code.raise_if(ast.Compare(lanes[0].node, [test()], [const(0)]), "ValueError", message)
    elif domain:
        code.owe("in-domain", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        code.note_risk()

    boolean = function in ("isnan", "isinf", "isfinite")
    # math hands out Python numbers whatever it gets.
    return Lane(code.numpy(target, *(x.node for x in lanes)), True, "bool" if boolean else "float", True)


def _numpy(code: ArrayCode, e: Op, function: str) -> Lane:
    lanes = _lanes(code, e)
    if not any(x.array for x in lanes):
        raise code.refuse(f"np.{function} of a value that may not be an array", e)
    if any(x.array and x.python is not False and x.dtype != "float" for x in lanes):
        # NumPy makes 64 bits of a Python number; of an array of uint8 it makes float16.
        code.owe("no-overflow")
    if function == "where":
        code.owe("element-types")  # of scalars it makes an array of no dimension
    if function in WARNING:
        code.note_risk()
    if function in ("power", "float_power", "square"):
        code.owe("last-bits")
        code.tolerance = 1e-10
    dtype = "bool" if function in BOOLEAN else "number" if function in KEEPING else "float"
    if all(x.dtype == "float" for x in lanes) and dtype == "number":
        dtype = "float"

    return Lane(code.numpy(function, *(x.node for x in lanes)), True, dtype, False)


def _missing(code: ArrayCode, e: Op, function: str) -> Lane:

    read = strip(e.args[0])
    wanted = "isna" if function in ("isna", "isnull") else "notna"
    if isinstance(read, Read) and (series := code.series(read)) is not None:
        return Lane(attr(call(attr(series, wanted)), "values"), True, "bool", None)
    lane = code.number(e.args[0])
    if not lane.array:
        raise code.refuse("a missing value is looked for in what may not be an array", e)
    test = code.numpy("isnan", lane.node)
    return Lane(test if wanted == "isna" else ast.UnaryOp(ast.Invert(), test), True, "bool", None)


def _abs(code: ArrayCode, e: Op) -> Lane:
    lane = code.number(e.args[0])
    if not lane.array:
        return replace(lane, node=call("abs", lane.node))
    if lane.python is not False and lane.dtype != "float" and not code.small(e.args[0]):
        code.owe("no-overflow")
    return replace(lane, node=code.numpy("abs", lane.node), dtype="int" if lane.dtype == "bool" else lane.dtype)


def _extreme(code: ArrayCode, e: Op) -> Lane:
    """Python's max(a, b) is `b if b > a else a`: not np.maximum, which spreads NaN."""
    largest = e.name.endswith("max")
    if len(e.args) < 2:
        raise code.refuse(f"`{e.name.removeprefix('call:builtins.')}` of one iterable", e)
    best = code.number(e.args[0])
    for other in e.args[1:]:
        lane = code.number(other)
        if not best.array and not lane.array:
            best = replace(best, node=call("max" if largest else "min", best.node, lane.node))
            continue
        best, lane = code.temp(best), code.temp(lane)
        # Constants read better on the right: `x < 0` for `0 > x`.
        if isinstance(lane.node, ast.Constant) and not isinstance(best.node, ast.Constant):
            test = ast.Compare(best.node, [ast.Lt() if largest else ast.Gt()], [lane.node])
        else:
            test = ast.Compare(lane.node, [ast.Gt() if largest else ast.Lt()], [best.node])
        best = code.chosen(e, best, lane, test)
    return best


def _float(code: ArrayCode, e: Op) -> Lane:
    lane = code.number(e.args[0])
    if not lane.array:
        return replace(lane, node=call("float", lane.node), dtype="float")
    return replace(lane, node=call(attr(lane.node, "astype"), name("float")), dtype="float", python=True)


def _bool(code: ArrayCode, e: Op) -> Lane:
    return replace(code.truth(e.args[0]), python=True)


def _int(code: ArrayCode, e: Op) -> Lane:
    lane = code.truth(e.args[0]) if _is_test(e.args[0]) else code.number(e.args[0])
    if not lane.array:
        return replace(lane, node=call("int", lane.node), dtype="int")
    if lane.dtype not in ("bool", "int"):
        if code.depth:
            raise code.refuse("int() under a condition", e)
        code.owe("no-overflow")
        code.owe("in-domain", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
    return replace(lane, node=call(attr(lane.node, "astype"), name("int")), dtype="int", python=True)


def _is_test(e: Expr) -> bool:
    """Whether a value is True or False: `x or y` is one of the two, whatever that is."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return False
    if inner.name in ("and", "or"):
        return all(_is_test(a) for a in inner.args)
    return inner.name in ("<", "<=", ">", ">=", "==", "!=", "not", "in", "not in")


def _round(code: ArrayCode, e: Op) -> Lane:
    lane = code.number(e.args[0])
    digits = strip(e.args[1]) if len(e.args) == 2 else None
    if not lane.array or lane.python is None or not isinstance(digits, Const) or type(digits.value) is not int:
        raise code.refuse("round() of Python numbers is not NumPy's", e)
    if lane.python and sum(isinstance(x, Op) for x in e.walk()) < 4:
        raise code.refuse("round() of Python numbers is not NumPy's", e)  # a comprehension says as much
    if lane.python:  # correctly rounded, as np.round is not: 2.675 is 2.67
        rounded = call("round", name("value"), const(digits.value))
        numbers = call(attr(lane.node, "tolist"))
        listed = ast.ListComp(rounded, [ast.comprehension(ast.Name("value", ast.Store()), numbers, [], 0)])
        return replace(lane, node=code.numpy("array", listed))
    return replace(lane, node=code.numpy("round", lane.node, const(digits.value)))


BUILTINS: dict[str, Callable[[ArrayCode, Op], Lane]] = {
    "abs": _abs,
    "max": _extreme,
    "min": _extreme,
    "float": _float,
    "int": _int,
    "bool": _bool,
    "round": _round,
}
