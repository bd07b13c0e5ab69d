"""Arrays of the very objects that a column hands out, and what is known of None among them."""

from __future__ import annotations

import ast

from ...loops.ir import Const, Expr, Op, Read, Scalar, strip
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..shared.build import attr, call, const, name
from .updates import bare


def objects_of(read: Read) -> bool:
    """Whether an array of objects holds what the loop was handed out by going through a column."""
    return read.scalar is Scalar.PYTHON and not read.part and read.offset == 0


def objects(code: ArrayCode, e: Expr) -> Lane | None:
    """What a column hands out, whatever its type: an array of those very objects; None for anything else."""
    read = strip(e)
    if not isinstance(read, Read) or not objects_of(read):
        return None
    key = Op("objects", (read,))
    if key not in code.memo:
        series = code.series(read)
        if series is None:
            return None
        taken = call(attr(series, "to_numpy"), dtype=name("object"))
        code.memo[key] = Lane(code.step(_called(read), taken, plain=True), True, "any", True)
    return code.memo[key]


def _called(read: Read) -> str:
    column = strip(read.source.column) if read.source.column is not None else None
    word = column.value if isinstance(column, Const) else read.name
    return word if isinstance(word, str) and word.isidentifier() else "values"


def never_none(test: Expr, value: Expr) -> bool:
    """Whether a value for which a test holds is surely not None: it was compared by order, or found to be there."""
    inner = strip(test)
    if not isinstance(inner, Op):
        return False
    if inner.name == "and":
        return any(never_none(a, value) for a in inner.args)
    if inner.name == "not":
        below = strip(inner.args[0])
        missing = isinstance(below, Op) and below.name in ("call:pandas.isna", "call:pandas.isnull")
        return missing and isinstance(below, Op) and bare(below.args[0]) == bare(value)
    if inner.name in ("call:pandas.notna", "call:pandas.notnull"):
        return bare(inner.args[0]) == bare(value)
    return inner.name in ("<", "<=", ">", ">=") and any(bare(a) == bare(value) for a in inner.args)


def row(*parts: ast.expr) -> ast.Tuple:
    """What is joined, in order."""
    return ast.Tuple([*parts], ast.Load())


def without_last(node: ast.expr) -> ast.expr:
    """All but the last element."""
    return ast.Subscript(node, ast.Slice(None, ast.UnaryOp(ast.USub(), const(1))), ast.Load())


def truth(node: ast.expr) -> Lane:
    """A lane of truth values."""
    return Lane(node, True, "bool", True)
