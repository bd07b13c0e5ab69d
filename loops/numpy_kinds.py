"""What NumPy functions return: an array of which element type and how many dimensions, or a series if they got one."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from .kind_words import Kind, dtype_argument

KindOf = Callable[[ast.expr], Kind | None]

#: Functions that make an array of a given shape, with the position of the element type.
SHAPED = {"zeros": 1, "ones": 1, "empty": 1, "full": 2}
#: Functions that make an array like their argument, with the position of the element type.
LIKE = {"array": 1, "asarray": 1, "zeros_like": 1, "ones_like": 1, "empty_like": 1, "full_like": 2}
#: Other functions that always make an array, with its dimensions.
MAKERS = {
    **dict.fromkeys(("arange", "fromiter", "geomspace", "linspace", "logspace", "unique"), 1),
    **dict.fromkeys(("ascontiguousarray", "concatenate", "diff", "loadtxt", "nan_to_num", "roll", "sort", "tile"), 0),
    "where": 0,
}
FLOAT_MAKERS = frozenset({"zeros", "ones", "empty", "linspace", "logspace", "geomspace"})
#: Functions that give back what they get: an array for an array, a series for a series, a number for a number.
ELEMENTWISE = frozenset(
    {
        *("abs", "argsort", "clip", "cumsum", "exp", "flip", "log", "log10", "log2", "maximum", "minimum", "power"),
        *("repeat", "round", "sqrt", "square"),
    }
)


def numpy_call(name: str, node: ast.Call, kind_of: KindOf, is_float: Callable[[ast.expr], bool]) -> Kind | None:
    """The kind of `np.name(...)`, None if it is unknown or no array."""
    made = Kind("ndarray", why=f"np.{name}", line=node.lineno)
    if name in SHAPED and (shape := _shape(node)) is not None:
        return replace(made, ndim=_ndim(shape, kind_of), dtype=_shaped_dtype(name, node, is_float))
    if name in LIKE and node.args:
        return _like(name, node, made, kind_of(node.args[0]))
    if name in ELEMENTWISE:
        return _elementwise(node, made, kind_of)
    if name not in MAKERS or _returns_tuple(name, node):
        return None
    given, dtype = dtype_argument(node, 1 if name == "fromiter" else 99)
    return replace(made, ndim=MAKERS[name], dtype="float64" if not given and name in FLOAT_MAKERS else dtype)


def _shape(node: ast.Call) -> ast.expr | None:
    """The shape that a call asks for, by position or by name."""
    return node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "shape"), None)


def _returns_tuple(name: str, node: ast.Call) -> bool:
    """Calls that return a tuple, and `np.unique` along an axis."""
    if name == "where":
        return len(node.args) != 3
    words = {k.arg or "" for k in node.keywords}
    return any(w.startswith(("return_", "retstep")) for w in words) or (name == "unique" and "axis" in words)


def _shaped_dtype(name: str, node: ast.Call, is_float: Callable[[ast.expr], bool]) -> str | None:
    given, dtype = dtype_argument(node, SHAPED[name])
    if given or name != "full":
        return dtype if given else "float64"
    return "float64" if len(node.args) > 1 and is_float(node.args[1]) else None


def _ndim(shape: ast.expr, kind_of: KindOf) -> int:
    """The dimensions of a shape, 0 if it may be a number or a tuple."""
    match shape:
        case ast.Tuple(elts=elts) | ast.List(elts=elts) if not any(isinstance(e, ast.Starred) for e in elts):
            return len(elts)
        case ast.Attribute(value=value, attr="shape"):
            kind = kind_of(value)
            return kind.ndim if kind else 0
    return 1 if _is_number(shape, kind_of) else 0


def _is_number(node: ast.expr, kind_of: KindOf) -> bool:
    match node:
        case ast.Attribute(attr="size"):
            return True
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.FloorDiv(), right=right):
            return _is_number(left, kind_of) or _is_number(right, kind_of)
        case ast.BinOp(left=left, right=right):
            return _is_number(left, kind_of) and _is_number(right, kind_of)
    kind = kind_of(node)
    return kind is not None and kind.name == "int"


def _like(name: str, node: ast.Call, made: Kind, source: Kind | None) -> Kind:
    given, dtype = dtype_argument(node, LIKE[name])
    if source and source.name in ("ndarray", "series"):
        ndim = source.ndim or (1 if source.name == "series" else 0)
        return replace(made, ndim=ndim, dtype=dtype if given else source.dtype)
    flat = isinstance(node.args[0], ast.List) and all(isinstance(e, ast.Constant) for e in node.args[0].elts)
    return replace(made, ndim=1 if flat else 0, dtype=dtype)


def _elementwise(node: ast.Call, made: Kind, kind_of: KindOf) -> Kind | None:
    kinds = [kind_of(a) for a in node.args]
    for name in ("frame", "series"):
        if any(k and k.name == name for k in kinds):
            return replace(made, name=name)
    arrays = [k for k in kinds if k and k.name in ("ndarray", "list")]
    if not arrays or not all(k and k.name in ("ndarray", "list", "int", "float", "bool") for k in kinds):
        return None
    return replace(made, ndim=1 if all(k.ndim == 1 for k in arrays) else 0)
