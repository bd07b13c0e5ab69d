"""What the aggregates of groups assume of the frame, beside what the code shows."""

from __future__ import annotations

import ast

from ...loops.obligations import Obligation
from .groups import Aggregate, Groups

ROUNDED = frozenset({"sum", "mean", "std", "var"})
SIGNED = frozenset({"min", "max", "median", "sum", "mean"})
COUNTED = frozenset({"size", "matches", "count", "nunique", "sum"})  # of nothing they are 0, the others NaN
EXTREMES = frozenset({"idxmax", "idxmin"})


def assumptions(groups: Groups, what: Aggregate) -> list[Obligation] | str:
    """What an aggregate of all groups assumes, or why it is not that of the loop."""
    if what.end and (what.column or groups.series) in groups.by:
        return "the key itself is read in the rows of its group"
    if what.where and (what.end or what.method in EXTREMES):
        return "a group without such a row raises an exception"
    frame = ast.unparse(groups.frame)
    owed: list[Obligation] = []
    if groups.masked or what.end or what.where:
        owed += [Obligation("group-keys", (f"{frame}[{by!r}]",)) for by in groups.by]
    elif len(groups.by) != 1 or what.method != "size":
        # Combinations of categories that no row has are groups to pandas 2, though it does not iterate them.
        by = tuple(f"{frame}[{by!r}]" for by in groups.by) or (ast.unparse(groups.grouped),)
        owed.append(Obligation("numpy-columns", by))
    foreign = groups.keys is not None and not groups.own
    if groups.keys is not None and foreign:
        if what.end or what.method in EXTREMES:
            return "a key that is not there has no such row, and raises an exception"
        owed.append(Obligation("matching-keys", (ast.unparse(groups.keys),)))
        owed += [Obligation("columns-exist", (f"{frame}[{by!r}]",)) for by in groups.by]
    if (foreign or what.where) and what.method not in COUNTED:
        owed.append(Obligation("element-types"))  # of no rows pandas makes a float of Python's, whatever the column
        if what.method in ("min", "max"):
            owed.append(Obligation("small-integers"))  # and with it one of every other
    if what.where:
        ordered = "<" in what.where or ">" in what.where
        tested = _tested(what.where, frame)
        owed += [Obligation("numeric-columns" if ordered else "numpy-columns", (column,)) for column in tested]
    return owed + _of_column(what, frame, ast.unparse(groups.grouped))


def _of_column(what: Aggregate, frame: str, grouped: str) -> list[Obligation]:
    """What it assumes of the column that it is taken of."""
    if what.column is None:
        return [Obligation("columns-exist", (f"{frame}[{what.measured!r}]",))] if what.measured else []
    column = (f"{frame}[{what.column!r}]" if what.column else grouped,)
    kept = what.end or what.method in ("count", "nunique")
    owed = [Obligation("columns-exist" if kept else "numeric-columns", column)]
    if what.end:
        owed.append(Obligation("numpy-columns", column))
    if what.by_row:
        owed.append(Obligation("no-upcast", (frame,)))
    if what.method in ROUNDED:
        owed += [Obligation("float-order", column), Obligation("float64", column)]
    if what.method == "mean":
        owed.append(Obligation("element-types"))  # of nothing but NaN it is a float of Python's
    if what.method == "sum":
        owed.append(Obligation("no-overflow", column))
    if what.method in SIGNED:
        owed.append(Obligation("signed-zero", column))
    if what.method in EXTREMES:
        owed.append(Obligation("no-missing", column))
        owed.append(Obligation("unique-index", (f"{frame}.index",)) if what.pick else Obligation("element-types"))
    if what.pick:
        owed.append(Obligation("columns-exist", (f"{frame}[{what.pick!r}]",)))
    return owed


def _tested(where: str, frame: str) -> list[str]:
    """The columns of the frame that a test reads."""
    nodes = [n for n in ast.walk(ast.parse(where, mode="eval")) if isinstance(n, (ast.Subscript, ast.Attribute))]
    return [ast.unparse(n) for n in nodes if ast.unparse(n.value) == frame]
