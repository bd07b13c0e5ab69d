"""The rows of a table that a round picks by comparing columns with keys of its own, and what it takes of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.header import FRAME_ATTRIBUTES
from ...loops.ir import Const, Expr, Inv, Op, Read, strip
from ..grouping.groups import ENDS, FUNCTIONS, METHODS, number_in
from ..grouping.masks import column_of
from ..shared.build import clone

#: What hands out all elements of a column, for `in`.
ELEMENTS = frozenset({"unique", "tolist", "to_list", "to_numpy"})


@dataclass(frozen=True)
class Picked:
    """The rows of `table` where each column of `by` is equal to its key, and the test `where` holds.

    `held`: the test is `key in column.values`, which finds a missing value in columns of some types.
    """

    table: Inv
    by: tuple[str, ...]
    keys: tuple[Expr, ...]
    where: str = ""
    held: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Taken:
    """What is taken of the rows: an aggregate of a column ("size": how many there are), or the value of one row.

    `by_row`: out of a whole row, which has one type for all columns. `python`: a Python scalar, as of `tolist()[0]`.
    `measured`: the column whose rows are counted, if the loop takes one out first.
    """

    rows: Picked
    method: str
    column: str = ""
    by_row: bool = False
    python: bool = False
    measured: str = ""

    @property
    def single(self) -> bool:
        """Whether one row is read, so that there has to be one."""
        return self.method in ("first", "last", "item")


def picked_rows(e: Expr) -> tuple[Picked, str] | None:
    """The rows that an expression is, and the column of them; "" for whole rows."""
    match strip(e):
        case Op(name="item", args=(Inv(node=base), test)) if (found := _of_table(base, test)) is not None:
            return found
        case Op(name="item", args=(rows, Const(value=str(column)))):
            found = picked_rows(rows)
            return (found[0], column) if found is not None and not found[1] else None
        case Op(name="method:copy", args=(rows,)):
            return picked_rows(rows)
        case Op(name=name, args=(rows,)) if (
            name.startswith("attr:") and name.removeprefix("attr:") not in FRAME_ATTRIBUTES
        ):
            found = picked_rows(rows)
            return (found[0], name.removeprefix("attr:")) if found is not None and not found[1] else None
    return None


def _of_table(base: ast.expr, test: Expr) -> tuple[Picked, str] | None:
    """`table[test]`, `table.loc[test]`, `table.loc[test, "v"]`, `table["v"][test]`, `table.v[test]`."""
    match base, strip(test):
        case ast.Attribute(value=table, attr="loc"), Op(name="tuple", args=(inner, Const(value=str(column)))):
            return _with(table, inner, column)
        case ast.Attribute(value=table, attr="loc"), inner:
            return _with(table, inner, "")
    found = _with(base, test, "")
    if found is not None:
        return found
    match base:
        case (
            ast.Subscript(value=table, slice=ast.Constant(value=str(column))) | ast.Attribute(value=table, attr=column)
        ) if column not in FRAME_ATTRIBUTES:
            return _with(table, test, column)
    return None


def _with(table: ast.expr, test: Expr, column: str) -> tuple[Picked, str] | None:
    rows = compared(test)
    return (rows, column) if rows is not None and rows.table.code == ast.unparse(table) else None


def compared(test: Expr) -> Picked | None:
    """The rows that a test picks: `table["k"] == key`, several of these, and tests that are the same on every round."""
    table: str | None = None
    by: dict[str, Expr] = {}
    where: list[str] = []
    owner: ast.expr | None = None
    for part in _conjuncts(test):
        found = _equal(part)
        if found is None:
            if not isinstance(part, Inv):
                return None
            where.append(f"({part.code})" if len(_conjuncts(test)) > 2 else part.code)
            continue
        frame, column, key = found
        if column in by or table not in (None, ast.unparse(frame)):
            return None
        table, owner, by[column] = ast.unparse(frame), frame, key
    if owner is None or table is None or not all(_of_frame(w, owner) for w in where):
        return None
    return Picked(Inv(table, owner), tuple(by), tuple(by.values()), " & ".join(where))


def _conjuncts(e: Expr) -> list[Expr]:
    inner = strip(e)
    if isinstance(inner, Op) and inner.name == "&":
        return [x for a in inner.args for x in _conjuncts(a)]
    return [inner]


def _equal(e: Expr) -> tuple[ast.expr, str, Expr] | None:
    """The table, the column and the key of a comparison."""
    if not isinstance(e, Op) or e.name != "==":
        return None
    for side, key in (e.args, e.args[::-1]):
        column = strip(side)
        if not isinstance(column, Inv) or not isinstance(strip(key), Read):
            continue
        match column.node:
            case (
                ast.Subscript(value=table, slice=ast.Constant(value=str(name))) | ast.Attribute(value=table, attr=name)
            ) if name not in FRAME_ATTRIBUTES and column_of(column.node, table) == name:
                return clone(table), name, key
    return None


def _of_frame(where: str, table: ast.expr) -> bool:
    """Whether a test compares a column of the table with a literal."""
    match ast.parse(where, mode="eval").body:
        case ast.Compare(left=left, ops=[_], comparators=[ast.Constant()]):
            return column_of(left, table) is not None
    return False


def taken(e: Expr) -> Taken | None:
    """What an expression takes of rows that it picks, if it does."""
    match strip(e):
        case Op(name=name, args=(inner,), keywords=()) if name in FUNCTIONS or name.startswith("method:"):
            return _aggregate(FUNCTIONS.get(name, name.removeprefix("method:")), inner)
        case Op(name="call:builtins.len" | "attr:size" as name, args=(inner,)):
            found = picked_rows(inner)
            sized = found is not None and (found[1] or name != "attr:size")
            return Taken(found[0], "size", measured=found[1]) if found and sized else None
        case Op(name="item", args=(Op(name="attr:shape", args=(inner,)), Const(value=0))):
            found = picked_rows(inner)
            return Taken(found[0], "size", measured=found[1]) if found else None
        case Op(name="item", args=(place, at)) if (end := ENDS.get(number_in(at))) is not None:
            return _one_row(strip(place), end)
        case Op(name="item", args=(row, Const(value=str(column)))):
            return _of_row(row, column)
        case Op(name=name, args=(row,)) if name.startswith("attr:"):
            column = name.removeprefix("attr:")
            return _of_row(row, column) if column not in FRAME_ATTRIBUTES else None
    return None


def _aggregate(method: str, inner: Expr) -> Taken | None:
    if method == "sum" and (rows := compared(inner)) is not None:
        return Taken(rows, "matches")
    found = picked_rows(inner)
    if found is None or not found[1]:
        return None
    known = method == "item" or (method in METHODS and not method.startswith("idx"))
    return Taken(found[0], method, found[1], python=method == "item") if known else None


def _one_row(place: Expr, end: str) -> Taken | None:
    """`rows["v"].iloc[0]` and its other spellings."""
    match place:
        case Op(name="attr:iloc" | "attr:values" | "method:to_numpy", args=(column,)):
            found = picked_rows(column)
            return Taken(found[0], end, found[1]) if found and found[1] else None
        case Op(name="method:tolist" | "method:to_list" | "call:builtins.list", args=(column,)):
            found = picked_rows(column)
            return Taken(found[0], end, found[1], python=True) if found and found[1] else None
    return None


def _of_row(row: Expr, column: str) -> Taken | None:
    """`rows.iloc[0]["v"]`."""
    match strip(row):
        case Op(name="item", args=(place, at)) if (end := ENDS.get(number_in(at))) is not None:
            inner = strip(place)
            if isinstance(inner, Op) and inner.name == "attr:iloc":
                found = picked_rows(inner.args[0])
                return Taken(found[0], end, column, by_row=True) if found and not found[1] else None
    return None


def presence(e: Expr) -> tuple[Picked, bool] | None:
    """The rows of which a test says that there are some, or (False) that there are none."""
    match strip(e):
        case Op(name="not", args=(inner,)):
            found = presence(inner) or _counted(inner)
            return (found[0], not found[1]) if found is not None else None
        case Op(name="attr:empty", args=(rows,)):
            picked = picked_rows(rows)
            return (picked[0], False) if picked is not None else None
        case Op(name="method:any", args=(test,)):
            rows_of = compared(test)
            return (rows_of, True) if rows_of is not None else None
        case Op(name=name, args=(count, Const(value=int(limit)))) if (found := _counted(count)) is not None:
            match name, limit:
                case ("==", 0) | ("<", 1) | ("<=", 0):
                    return found[0], False
                case (">", 0) | (">=", 1) | ("!=", 0):
                    return found[0], True
        case Op(name="in" | "not in" as name, args=(key, Inv(node=among))) if isinstance(strip(key), Read):
            column = _all_elements(among)
            if column is not None:
                table, by = column
                return Picked(Inv(ast.unparse(table), table), (by,), (key,), held=True), name == "in"
    return None


def _counted(e: Expr) -> tuple[Picked, bool] | None:
    """How many rows there are, taken for a truth value."""
    found = taken(e)
    return (found.rows, True) if found is not None and found.method in ("size", "matches") else None


def _all_elements(node: ast.expr) -> tuple[ast.expr, str] | None:
    """The table and the column of `table["k"].values`, `table["k"].unique()`."""
    match node:
        case ast.Attribute(value=column, attr="values"):
            pass
        case ast.Call(func=ast.Attribute(value=column, attr=attr), args=[], keywords=[]) if attr in ELEMENTS:
            pass
        case _:
            return None
    match column:
        case ast.Subscript(value=table, slice=ast.Constant(value=str(name))):
            return table, name
    return None


def implied(test: Expr, holds: bool = True) -> set[Picked]:
    """The rows that are there for sure where a test holds, or where it does not."""
    inner = strip(test)
    if isinstance(inner, Op) and inner.name == "not":
        return implied(inner.args[0], not holds)
    if isinstance(inner, Op) and inner.name == ("and" if holds else "or"):
        return {rows for a in inner.args for rows in implied(a, holds)}
    found = presence(test) or _counted(test)
    if found is not None:
        return {found[0]} if found[1] == holds else set()
    match inner:
        case Op(name="==" | ">" | ">=", args=(count, Const(value=int(limit)))) if holds and limit > 0:
            some = _counted(count)
            return {some[0]} if some is not None else set()
    return set()
