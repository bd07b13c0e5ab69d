"""Parts of dates and of time spans as arrays: `row["t"].hour`, `t.weekday()`, `(end - start).days`.

What pandas' `.dt` accessor gives are the values of `Timestamp` and `Timedelta`, in the column's own time zone; its
integers are 32 bits wide, those of the loop Python's own, so they are made 64 bits wide where they are computed with.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...loops.ir import Access, Const, Expr, Inv, Label, Loop, Op, Read, Scalar, Sequence_, strip
from ..shared.build import attr, binop, call, clone, const, item
from ..shared.syntax import stem
from .lanes import Lane
from .thin import for_arithmetic

if TYPE_CHECKING:
    from .columns import ColumnLanes

#: Attribute of a `Timestamp` -> what the accessor calls it.
PARTS = {
    **{p: p for p in ("year", "quarter", "month", "day", "hour", "minute", "second", "microsecond", "nanosecond")},
    "dayofweek": "day_of_week",
    "day_of_week": "day_of_week",
    "dayofyear": "day_of_year",
    "day_of_year": "day_of_year",
    "daysinmonth": "days_in_month",
    "days_in_month": "days_in_month",
}
TESTS = frozenset(f"is_{p}_{end}" for p in ("month", "quarter", "year") for end in ("start", "end"))
SPANS = frozenset({"days", "seconds"})
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in", "not in"})
#: What is read like this is a date of NumPy's or of Python's.
PLAIN = frozenset({Access.RECORD, Access.VALUES})
COLLECTIONS = frozenset({"set", "frozenset", "list", "tuple"})


@dataclass(frozen=True)
class _Moments:
    """Dates or time spans of all rounds: a Series, an index or one of pandas' arrays. `cut`: the read to cut it by."""

    owner: ast.expr
    holder: str  # "series", "index" or "array"
    cut: Read | None
    text: str

    @property
    def series(self) -> bool:
        return self.holder == "series"

    def part(self, name: str) -> ast.expr:
        return attr(self.owner, "dt", name) if self.series else attr(self.owner, name)

    def total(self) -> ast.expr:
        return call(self.part("total_seconds"))


def date_lane(code: ColumnLanes, e: Op) -> Lane | None:
    """The lane of a part of a date; None where it is none."""
    if e in code.memo:
        return code.memo[e]
    lane = _part(code, e)
    if lane is not None:
        code.memo[e] = lane
    return lane


def _part(code: ColumnLanes, e: Op) -> Lane | None:
    inner = strip(e.args[0]) if len(e.args) == 1 and not e.keywords else None
    kind, _, name = e.name.partition(":")
    if inner is None or kind not in ("attr", "method"):
        return None
    if (kind == "attr" and name in SPANS) or (kind, name) == ("method", "total_seconds"):
        return _span(code, e, inner, name)
    found = name in PARTS or name in TESTS if kind == "attr" else name in ("weekday", "isoweekday")
    moments = _moments(code, inner) if found else None
    if moments is None:
        return None
    if name in TESTS and not moments.series:  # those of an index go by its frequency
        return None
    if name in TESTS:
        return _taken(code, moments, moments.part(name), "bool", name)
    lane = _number(code, e, moments, moments.part(PARTS.get(name, "day_of_week")), name)
    return Lane(binop(lane.node, ast.Add(), const(1)), True, "int", True) if name == "isoweekday" else lane


def date_among(code: ColumnLanes, e: Op) -> Lane | None:
    """`t.date() in holidays`, by the hashes of dates in either case."""
    day, among = strip(e.args[0]), strip(e.args[1])
    if not isinstance(day, Op) or day.name != "method:date" or len(day.args) != 1 or not isinstance(among, Inv):
        return None
    kind = code.site.kind(among.node)
    moments = _moments(code, strip(day.args[0])) if kind is not None and kind.name in COLLECTIONS else None
    if moments is None or not moments.series:
        return None
    code.owe("no-missing", moments.text)
    code.without_rounds(among.node)
    found = call(attr(moments.part("date"), "isin"), clone(among.node))
    lane = _taken(code, moments, found, "bool", "among")
    return lane if e.name == "in" else Lane(ast.UnaryOp(ast.Invert(), lane.node), True, "bool", True)


def _span(code: ColumnLanes, e: Op, inner: Expr, name: str) -> Lane | None:
    """A part of the time between two moments, or of a column of time spans."""
    spans = _between(code, inner) if isinstance(inner, Op) and inner.name == "-" else _moments(code, inner)
    if spans is None:
        return None
    if name == "total_seconds":
        code.owe("last-bits")
        code.tolerance = 1e-10
        return _taken(code, spans, spans.total(), "float", "seconds")
    return _number(code, e, spans, spans.part(name), name)


def _between(code: ColumnLanes, e: Op) -> _Moments | None:
    """`end - start`: of one row, of neighbours, or from a moment that is the same for all."""
    left, right = strip(e.args[0]), strip(e.args[1])
    if isinstance(left, Read) and isinstance(right, Read):
        one, other = _moments(code, left), _moments(code, right)
        if one is None or other is None:
            return None
        if left.source.base == right.source.base and left.offset == right.offset and one.series and other.series:
            return _Moments(binop(one.owner, ast.Sub(), other.owner), "series", one.cut, f"{one.text} - {other.text}")
        parts = [code.rounds.cut(attr(m.owner, "array"), r, code) for m, r in ((one, left), (other, right))]
        return _Moments(binop(parts[0], ast.Sub(), parts[1]), "array", None, f"{one.text} - {other.text}")
    fixed, moving = (left, right) if isinstance(left, Inv) else (right, left)
    moments = _moments(code, moving) if isinstance(fixed, Inv) else None
    if moments is None or not isinstance(fixed, Inv):
        return None
    code.one_for_all(fixed.node)
    start, end = (moments.owner, clone(fixed.node)) if fixed is left else (clone(fixed.node), moments.owner)
    return _Moments(binop(end, ast.Sub(), start), moments.holder, moments.cut, moments.text)


def _moments(code: ColumnLanes, e: Expr) -> _Moments | None:
    """The column (or the labels) that an element is read from; None where it is no column of pandas."""
    match e:
        case Label(frame=frame):
            index = attr(clone(frame.node), "index")
            text = f"{frame.code}.index"
            read = Read(Sequence_(frame, Inv(text, index)), Access.ROW, 0, None, Scalar.ITEM)
            code.owe("date-columns", text)
            return _Moments(index, "index", read, text)
        case Read(access=access, part=part) as read if access not in PLAIN and not part:
            base, column = clone(read.source.base.node), read.source.column
            if access.by_label:
                base = code.positions_by_label(read) or base
            inner = strip(column) if column is not None else None
            kind = code.site.kind(read.source.base.node)
            if inner is None and (kind is None or kind.name != "series"):
                return None
            if inner is not None and not isinstance(inner, (Const, Inv)):
                return None
            code.owe("date-columns", read.source.code)
            owner = item(base, clone(inner.node)) if inner is not None else base
            return _Moments(owner, "series", read, read.source.code)
    return None


def _number(code: ColumnLanes, e: Op, moments: _Moments, part: ast.expr, wish: str) -> Lane:
    """A part that is an integer: where it is only compared, a missing date's NaN compares as in the loop."""
    if only_compared(code.loop, e):
        return _taken(code, moments, part, "int", wish)
    code.owe("no-missing", moments.text)  # of a missing date it is NaN, and the others become floats beside it
    if wish != "days":  # 64 bits wide, or floats
        part = for_arithmetic(code.numpy("array", call(attr(part, "tolist"))))
        return _taken(code, replace(moments, holder="array"), part, "int", wish)
    return _taken(code, moments, part, "int", wish)


def _taken(code: ColumnLanes, moments: _Moments, values: ast.expr, dtype: str, wish: str) -> Lane:
    """The values as an array, cut to the rounds."""
    array = values if moments.holder == "array" else attr(values, "values")
    node = array if moments.cut is None else code.rounds.cut(array, moments.cut, code)
    name = f"{stem(moments.owner, 'date')}_{wish}" if wish in code.site.assigned else wish
    return Lane(code.step(name, node, plain=True), True, dtype, True)


def only_compared(loop: Loop, e: Op) -> bool:
    """Whether each place in the loop where a value stands compares it; not if it stands in none that is known."""
    values = [x for effect in loop.effects for x in (effect.value, effect.guard) if x is not None]
    places = [place for x in (*values, *loop.finals.values()) for place in _places(x, e)]
    return bool(places) and all(places)


def _places(x: Expr, e: Op, compared: bool = False) -> Iterator[bool]:
    """For each place where a value stands in an expression, whether it is an operand of a comparison there."""
    inner = strip(x)
    if inner == e:
        yield compared
        return
    compares = isinstance(inner, Op) and inner.name in COMPARISONS
    for child in inner.children():
        yield from _places(child, e, compares)
