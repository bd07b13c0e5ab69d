"""What a round over the groups of a frame sees of its group, and the aggregates that it takes of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.header import FRAME_ATTRIBUTES
from ...loops.ir import Access, Const, Expr, Inv, Op, Read, strip
from ..shared.build import attr, call, clone, const, expr, item
from .masks import column_of

#: Aggregates of a group that groupby computes too.
METHODS = frozenset({"sum", "mean", "std", "var", "min", "max", "median", "count", "nunique", "idxmax", "idxmin"})
FUNCTIONS = {f"call:numpy.{f}": f for f in ("sum", "mean", "min", "max")} | {
    "call:numpy.amin": "min",
    "call:numpy.amax": "max",
}
#: The one row of a group that is taken by its place in it.
ENDS = {0: "first", -1: "last"}
TESTS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
}
MISSING = frozenset({"isna", "isnull", "notna", "notnull"})


@dataclass(frozen=True)
class Aggregate:
    """An aggregate of a column of each group; of no column: the number of its rows.

    `where` is the code of a test on the whole frame: only rows that meet it count. `pick` is the column that is read in
    the row that `idxmax` finds. `by_row`: the value is taken out of a whole row, which has one type for all columns.
    `measured`: the column whose rows are counted, if the loop takes one out first.
    """

    method: str
    column: str | None = None
    where: str = ""
    pick: str = ""
    by_row: bool = False
    measured: str = ""

    @property
    def end(self) -> bool:
        """Whether it is the value of the first or the last row."""
        return self.method in ("first", "last")


@dataclass(frozen=True)
class Groups:
    """The groups that a loop visits, one a round.

    `masked`: each round picks its rows by comparing the column `by` with a key of `keys`; `own` if these are the
    different values of that column. Otherwise `grouped` is the groupby that is iterated, and `rows` names the group;
    `series` is the name of the column if the group is one. `target` is what a key is called; `read` the list that it
    is read from by number, if it is. `place` names the number of the round.
    """

    frame: ast.expr
    by: tuple[str, ...]
    target: ast.expr
    grouped: ast.expr
    keys: ast.expr | None = None
    own: bool = False
    rows: str = ""
    series: str = ""
    read: str | None = None
    place: str | None = None

    @property
    def masked(self) -> bool:
        return self.keys is not None

    @property
    def names(self) -> set[str]:
        """The names of the key, or of its parts."""
        return {n.id for n in ast.walk(self.target) if isinstance(n, ast.Name)}

    def is_key(self, e: Expr) -> bool:
        """Whether an expression is the key of the round, or a part of it."""
        inner = strip(e)
        if not isinstance(inner, Read) or self.read is None:
            return isinstance(inner, Read) and inner.name in self.names
        return inner.access is Access.INDEX and inner.source.code == self.read and not inner.offset and not inner.part

    def selected(self, e: Expr) -> str | None:
        """The test on the frame that picks an expression out of the group: "" for the whole group."""
        inner = strip(e)
        if not self.masked and isinstance(inner, Read):
            return "" if inner.name == self.rows else None
        match inner:
            case Op(name="item", args=(Inv(node=base), test)) if self.masked:
                if isinstance(base, ast.Attribute) and base.attr == "loc":
                    base = base.value
                return self._picks(test) if _same(base, self.frame) else None
            case Op(name="item", args=(rows, test)) if not self.series and self.selected(rows) == "":
                found = self.test(test)
                return ast.unparse(found) if found is not None else None
            case Op(name="method:copy", args=(rows,)):
                return self.selected(rows)
        return None

    def column(self, e: Expr) -> tuple[str, str] | None:
        """The test and the name of the column of the group that an expression is; "" for a group that is one."""
        if self.series:
            return ("", "") if self.selected(e) == "" else None
        match strip(e):
            case Op(name="item", args=(rows, Const(value=str(column)))) if (where := self.selected(rows)) is not None:
                return where, column
            case Op(name="item", args=(Inv(node=base), Op(name="tuple", args=(test, Const(value=str(column)))))) if (
                self.masked and isinstance(base, ast.Attribute) and base.attr == "loc"
            ):
                where = self._picks(test) if _same(base.value, self.frame) else None
                return (where, column) if where is not None else None
            case Op(name="item", args=(Inv(node=base), test)) if (
                self.masked and (where := self._picks(test)) is not None
            ):
                found = column_of(base, self.frame)
                return (where, found) if found is not None else None
            case Op(name="item", args=(inner, test)) if (whole := self.column(inner)) is not None and not whole[0]:
                code = self.test(test)
                return (ast.unparse(code), whole[1]) if code is not None else None
            case Op(name=name, args=(rows,)) if (
                name.startswith("attr:")
                and name.removeprefix("attr:") not in FRAME_ATTRIBUTES
                and (where := self.selected(rows)) is not None
            ):
                return where, name.removeprefix("attr:")
        return None

    def _picks(self, e: Expr) -> str | None:
        """The rest of a test that picks the rows of the key; "" where nothing else is asked for."""
        match strip(e):
            case Op(name="==", args=(a, b)):
                for column, key in ((strip(a), strip(b)), (strip(b), strip(a))):
                    if isinstance(column, Inv) and self.is_key(key):
                        return "" if (column_of(column.node, self.frame),) == self.by else None
            case Op(name="&", args=(a, b)):
                for one, other in ((a, b), (b, a)):
                    if self._picks(one) == "" and (found := self.test(other)) is not None:
                        return ast.unparse(found)
        return None

    def test(self, e: Expr) -> ast.expr | None:
        """A test of the rows of a group as a test on the rows of the frame."""
        match strip(e):
            case Inv(node=ast.Compare(left=left, ops=[_], comparators=[ast.Constant()]) as node) if (
                column_of(left, self.frame) is not None
            ):
                return clone(node)
            case Op(name="&" | "|" as name, args=(a, b)):
                sides = [self.test(a), self.test(b)]
                op = ast.BitAnd() if name == "&" else ast.BitOr()
                return ast.BinOp(sides[0], op, sides[1]) if sides[0] is not None and sides[1] is not None else None
            case Op(name=name, args=(column, Const(node=other))) if name in TESTS:
                tested = self._of_frame(column)
                return ast.Compare(tested, [TESTS[name]()], [clone(other)]) if tested is not None else None
            case Op(name=name, args=(column,)) if name.removeprefix("method:") in MISSING:
                tested = self._of_frame(column)
                return call(attr(tested, name.removeprefix("method:"))) if tested is not None else None
        return None

    def _of_frame(self, column: Expr) -> ast.expr | None:
        found = self.column(column)
        return item(clone(self.frame), const(found[1])) if found is not None and found[0] == "" and found[1] else None

    def aggregate(self, e: Expr) -> Aggregate | None:
        """The aggregate that an expression is, if it is one."""
        match strip(e):
            case Op(name=name, args=(column,), keywords=()) if name in FUNCTIONS or name.startswith("method:"):
                method = FUNCTIONS.get(name, name.removeprefix("method:"))
                if method == "sum" and (where := self._picks(column)) is not None:
                    return Aggregate("matches", None, where)
                if method == "sum" and self._counts(column):
                    test = self.test(column)
                    return Aggregate("matches", None, ast.unparse(test)) if test is not None else None
                found = self.column(column)
                return Aggregate(method, found[1], found[0]) if found is not None and method in METHODS else None
            case Op(name="call:builtins.len" | "attr:size" | "attr:empty" as name, args=(rows,)):
                return self._size(rows, name != "attr:size")
            case Op(name="item", args=(Op(name="attr:shape", args=(rows,)), Const(value=0))):
                return self._size(rows, True)
            case Op(name="item", args=(place, at)):
                return self._end(place, at) or self._extreme(place, at)
        return None

    def _counts(self, e: Expr) -> bool:
        """Whether an expression is a test of a column of the group, and no number."""
        inner = strip(e)
        return isinstance(inner, Op) and inner.name in {*TESTS, "&", "|", *(f"method:{m}" for m in MISSING)}

    def _size(self, e: Expr, whole: bool) -> Aggregate | None:
        """How many rows an expression has that is some rows of the group, or a column of them."""
        where = self.selected(e) if whole else None
        if where is not None:
            return Aggregate("size", None, where)
        found = self.column(e)
        return Aggregate("size", None, found[0], measured=found[1]) if found is not None else None

    def _end(self, place: Expr, at: Expr) -> Aggregate | None:
        """`rows["v"].iloc[0]`, `rows["v"].values[-1]`, `rows.iloc[0]["v"]`."""
        match strip(place), strip(at):
            case Op(name="attr:iloc" | "attr:values", args=(column,)), number if number_in(number) in ENDS:
                found = self.column(column)
                return Aggregate(ENDS[number_in(number)], found[1]) if found and not found[0] else None
            case (
                Op(name="item", args=(Op(name="attr:iloc", args=(rows,)), number)),
                Const(value=str(column)),
            ) if number_in(number) in ENDS and self.selected(rows) == "" and not self.series:
                return Aggregate(ENDS[number_in(number)], column, by_row=True)
        return None

    def _extreme(self, place: Expr, at: Expr) -> Aggregate | None:
        """`rows.loc[rows["v"].idxmax(), "name"]`."""
        match strip(place), strip(at):
            case Op(name="attr:loc", args=(rows,)), Op(name="tuple", args=(label, Const(value=str(pick)))) if (
                self.selected(rows) == ""
            ):
                found = self.aggregate(label)
                if found is not None and found.method in ("idxmax", "idxmin") and not found.where:
                    return replace(found, pick=pick)
        return None

    def code(self, what: Aggregate, grouped: ast.expr) -> ast.expr:
        """The series with the aggregate of every group."""
        if what.where:
            grouped = self._filtered(expr(what.where))
        if what.column:
            grouped = item(grouped, const(what.column))
        return call(attr(grouped, "size" if what.method == "matches" else what.method))

    def _filtered(self, test: ast.expr) -> ast.expr:
        """The same groupby of the rows that meet a test."""
        grouped = clone(self.grouped)
        assert isinstance(grouped, ast.Call) and isinstance(grouped.func, ast.Attribute)
        grouped.func.value = item(grouped.func.value, test)
        return grouped

    def ends(self, what: Aggregate, keys: ast.expr | None) -> ast.expr:
        """The value of the first or the last row of each group; without keys: in the order of the first rows."""
        single = const(self.by[0]) if len(self.by) == 1 else None
        by = single or ast.List([const(b) for b in self.by], ast.Load())
        rows = call(attr(clone(self.frame), "drop_duplicates"), by)
        if what.method == "last":
            rows.keywords.append(ast.keyword("keep", const("last")))
        column = const(what.column or self.series)
        if keys is None:
            return item(rows, column)
        return call(attr(item(call(attr(rows, "set_index"), clone(by)), column), "reindex"), keys)


def number_in(e: Expr) -> int:
    """The literal integer that an expression is; 99 for anything else."""
    inner = strip(e)
    match inner:
        case Const(value=int(n)) if not isinstance(n, bool):
            return n
        case Inv(node=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(n)))):
            return -n
        case Op(name="neg", args=(Const(value=int(n)),)):
            return -n
    return 99


def _same(a: ast.expr, b: ast.expr) -> bool:
    return ast.unparse(a) == ast.unparse(b)


def values_of(series: ast.expr, what: Aggregate) -> ast.expr:
    """The elements as the loop got them: NumPy scalars, but a plain int for a number of rows or of different values.

    What is taken out of a row as it is may be anything: `array` hands out what `iloc` does.
    """
    if what.method in ("size", "nunique"):
        return call(attr(series, "tolist"))
    return attr(series, "array" if what.end or what.pick else "values")
