"""Loops over the groups of a frame: what a round sees of its group, and the aggregates that it takes of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..loops.context import SiteContext, root_name
from ..loops.header import FRAME_ATTRIBUTES
from ..loops.ir import Const, Expr, Header, HeaderForm, Inv, Loop, Named, Op, Raw, Read, strip
from .build import attr, call, clone, const, item
from .masks import column_of

#: Aggregates of a group that groupby computes too.
METHODS = frozenset({"sum", "mean", "std", "var", "min", "max", "median", "count", "nunique"})
FUNCTIONS = {f"call:numpy.{f}": f for f in ("sum", "mean", "min", "max")} | {
    "call:numpy.amin": "min",
    "call:numpy.amax": "max",
}
#: Keywords of groupby that don't change what a group is.
GROUPBY_KEYWORDS = frozenset({"sort", "dropna", "observed", "group_keys", "by"})


@dataclass(frozen=True)
class Aggregate:
    """An aggregate of a column of each group; of no column: the number of its rows."""

    method: str
    column: str | None = None


@dataclass(frozen=True)
class Groups:
    """The groups that a loop visits, one a round.

    `masked`: each round picks its rows by comparing the column `by` with a key of `keys`. Otherwise `grouped` is the
    groupby that is iterated, and `rows` names the group; `series` if the group is one column.
    """

    frame: ast.expr
    by: str | None
    key: str
    grouped: ast.expr
    masked: bool = False
    rows: str = ""
    series: bool = False

    def has_rows(self, e: Expr) -> bool:
        """Whether an expression is the whole group of the round."""
        inner = strip(e)
        if not self.masked:
            return isinstance(inner, Read) and inner.name == self.rows
        match inner:
            case Op(name="item", args=(Inv(node=base), test)):
                if isinstance(base, ast.Attribute) and base.attr == "loc":
                    base = base.value
                return _same(base, self.frame) and self._picks(test)
        return False

    def column(self, e: Expr) -> str | None:
        """The name of the column of the group that an expression is; "" for a group that is one."""
        if self.series:
            return "" if self.has_rows(e) else None
        match strip(e):
            case Op(name="item", args=(rows, Const(value=str(column)))) if self.has_rows(rows):
                return column
            case Op(name="item", args=(Inv(node=base), Op(name="tuple", args=(test, Const(value=str(column)))))) if (
                self.masked and isinstance(base, ast.Attribute) and base.attr == "loc"
            ):
                return column if _same(base.value, self.frame) and self._picks(test) else None
            case Op(name="item", args=(Inv(node=base), test)) if self.masked and self._picks(test):
                return column_of(base, self.frame)
            case Op(name=name, args=(rows,)) if name.startswith("attr:") and self.has_rows(rows):
                column = name.removeprefix("attr:")
                return column if column not in FRAME_ATTRIBUTES else None
        return None

    def _picks(self, e: Expr) -> bool:
        match strip(e):
            case Op(name="==", args=(a, b)):
                for column, key in ((strip(a), strip(b)), (strip(b), strip(a))):
                    if isinstance(column, Inv) and isinstance(key, Read) and key.name == self.key:
                        return column_of(column.node, self.frame) == self.by
        return False

    def aggregate(self, e: Expr) -> Aggregate | None:
        """The aggregate that an expression is, if it is one."""
        match strip(e):
            case Op(name=name, args=(column,), keywords=()) if name in FUNCTIONS or name.startswith("method:"):
                method = FUNCTIONS.get(name, name.removeprefix("method:"))
                found = self.column(column)
                return Aggregate(method, found) if found is not None and method in METHODS else None
            case Op(name="call:builtins.len" | "attr:size" as name, args=(rows,)):
                whole = name == "call:builtins.len" and self.has_rows(rows)
                return Aggregate("size") if whole or self.column(rows) is not None else None
            case Op(name="item", args=(Op(name="attr:shape", args=(rows,)), Const(value=0))):
                return Aggregate("size") if self.has_rows(rows) or self.column(rows) is not None else None
            case Op(name="item", args=(Op(name="attr:iloc" | "attr:values", args=(column,)), Const(value=0))):
                found = self.column(column)
                return Aggregate("first", found) if found and self.masked else None
        return None

    def code(self, what: Aggregate, grouped: ast.expr) -> ast.expr:
        """The series with the aggregate of every group."""
        if what.method == "first":
            rows = call(attr(clone(self.frame), "drop_duplicates"), const(self.by))
            return item(rows, const(what.column))
        if what.column:
            grouped = item(grouped, const(what.column))
        return call(attr(grouped, what.method))


def _same(a: ast.expr, b: ast.expr) -> bool:
    return ast.unparse(a) == ast.unparse(b)


def groups_of(site: SiteContext, loop: Loop) -> Groups | None:
    """The groups that a loop visits, if its frame stays the same."""
    header = loop.header
    if header.form is not HeaderForm.ELEMENTS or not isinstance(site.loop, ast.For):
        return None
    found = _by_key(header) or _grouped(header)
    if found is None:
        return None
    kind = site.kind(found.frame)
    if kind is None or kind.name != "frame" or root_name(found.frame) in site.assigned | site.mutated:
        return None
    return found


def _by_key(header: Header) -> Groups | None:
    """`for k in df["k"].unique():`."""
    match header.node.target, header.node.iter:
        case ast.Name(id=key), ast.Call(
            func=ast.Attribute(
                value=ast.Subscript(value=frame, slice=ast.Constant(value=str(by)))
                | ast.Attribute(value=frame, attr=by),
                attr="unique",
            ),
            args=[],
            keywords=[],
        ) if isinstance(frame, (ast.Name, ast.Attribute)):
            grouped = call(attr(clone(frame), "groupby"), const(by), sort=const(False))
            return Groups(frame, by, key, grouped, masked=True)
    return None


def _grouped(header: Header) -> Groups | None:
    """`for key, group in df.groupby("k"):`, a column of it taken or not."""
    iterable, series = header.node.iter, False
    match iterable:
        case ast.Subscript(value=ast.Call() as made, slice=ast.Constant(value=str())):
            series = True
        case ast.Call() as made:
            pass
        case _:
            return None
    match header.node.target, made:
        case ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=rows)]), ast.Call(
            func=ast.Attribute(value=frame, attr="groupby"), args=args, keywords=keywords
        ) if key != rows and isinstance(frame, (ast.Name, ast.Attribute)):
            if len(args) > 1 or not {k.arg for k in keywords} <= GROUPBY_KEYWORDS:
                return None
            by = next(iter([*args, *(k.value for k in keywords if k.arg == "by")]), None)
            name = by.value if isinstance(by, ast.Constant) and isinstance(by.value, str) else None
            return Groups(frame, name, key, iterable, rows=rows, series=series)
    return None


def rebuilt(e: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with parts of it replaced, outermost first."""
    new = change(e)
    if new is not None:
        return new
    match e:
        case Named(value=value):
            return replace(e, value=rebuilt(value, change))
        case Op(args=args):
            return replace(e, args=tuple(rebuilt(a, change) for a in args))
        case Raw(holes=holes):
            return replace(e, holes=tuple((n, rebuilt(x, change)) for n, x in holes))
    return e


def values_of(series: ast.expr, what: Aggregate) -> ast.expr:
    """The elements as the loop got them: NumPy scalars, but a plain int for a number of rows or of different values."""
    if what.method in ("size", "nunique"):
        return call(attr(series, "tolist"))
    return attr(series, "values")
