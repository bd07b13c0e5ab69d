"""What makes one number of a row: for all rows at once, along an axis."""

from __future__ import annotations

import ast

from ...loops.ir import Const, Expr, Inv, Op, strip
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..shared.build import attr, call, clone, const, item
from ..windowing.ir import EXTREMES, FLOATS, NUMPY_ONLY, REDUCTIONS
from .ir import BUILTIN, PLACES

#: Reductions in which the order of adding up shows; a matrix that is no C array is added up in another one.
ADDING = frozenset({"sum", "mean", "std", "var", "nansum", "nanmean", "nanstd", "nanvar", "prod", "norm", "dot"})
#: What names are given to the numbers that a reduction gives.
TITLES = {
    "max": "highest",
    "min": "lowest",
    "norm": "lengths",
    "argmax": "places",
    "argmin": "places",
    "sum": "sums",
    "mean": "means",
    "median": "medians",
    "dot": "products",
}


def title(function: str) -> str:
    """A name for what a reduction gives on all rounds."""
    return TITLES.get(function.removeprefix("nan"), "reduced")


def along_rows(code: ArrayCode, e: Op, function: str, lane: Lane, more: tuple[Expr, ...], keep: bool = False) -> Lane:
    """One number for each row of a table; `keep` it beside its row."""
    shown = ast.unparse(e.node)[:60] if isinstance(e.node, ast.expr) else function
    given = [strip(x) for x in more]
    plain = given[: len(given) - len(e.keywords)]
    if any(k != "ddof" for k in e.keywords) or not all(isinstance(x, (Const, Inv)) for x in given):
        raise code.refuse(f"`{shown}` has arguments", e)
    if plain and function not in ("percentile", "quantile"):
        raise code.refuse(f"`{shown}` has arguments", e)
    if e.name == BUILTIN + "len":
        return Lane(item(attr(lane.node, "shape"), const(1)), False, "int", True)
    _owe_order(code, e, function, lane)
    arguments = [clone(x.node) for x in plain if isinstance(x, (Const, Inv))]
    if function == "norm":
        node = code.numpy("linalg.norm", lane.node)
    elif function in (REDUCTIONS - NUMPY_ONLY) | PLACES:
        node = call(attr(lane.node, function), *arguments)
    else:
        node = code.numpy(function, lane.node, *arguments)
    node.keywords = [ast.keyword("axis", const(1))]
    words = zip(e.keywords, given[len(plain) :], strict=True)
    node.keywords += [ast.keyword(k, clone(x.node)) for k, x in words if isinstance(x, (Const, Inv))]
    if keep:
        node.keywords.append(ast.keyword("keepdims", const(True)))
    return Lane(node, True, _result(function, lane.dtype), False)


def _owe_order(code: ArrayCode, e: Op, function: str, lane: Lane) -> None:
    """Name what depends on the order in which the elements of a row are looked at."""
    if e.name.startswith(BUILTIN):
        code.owe("float-order" if function == "sum" else "no-missing")
        code.owe("signed-zero")
    elif function in ADDING and lane.dtype not in ("int", "bool"):
        code.owe("float-order")
    elif function.removeprefix("nan") in EXTREMES and lane.dtype not in ("int", "bool"):
        code.owe("signed-zero")
    if "float-order" in code.obligations:
        code.tolerance = 1e-10


def _result(function: str, dtype: str) -> str:
    if function in ("any", "all"):
        return "bool"
    if function in PLACES:
        return "int"
    if function.removeprefix("nan") in FLOATS or function == "norm":
        return "float"
    return "int" if dtype == "bool" and function not in EXTREMES else dtype
