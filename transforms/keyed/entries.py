"""The entries of a dict that a loop keeps, one for each key, as arrays over all rounds."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from ...loops.ir import Carried, Const, Expr, Op, Read, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..scans.objects import objects
from ..scans.updates import bare, whole
from ..shared.build import attr, binop, call, clone, const, item, name, shifted
from .first import ENTRY, FIRST, NUMBER, Cases


@dataclass
class Entries:
    """Lanes of what the entry of the key was before a round, and is after it."""

    key: Read
    cases: Cases
    steps: dict[str, ast.expr] = field(default_factory=dict)

    def lane(self, code: ArrayCode, e: Expr) -> Lane | None:
        """The lane of an expression that has to do with entries; None for all others."""
        if e in (FIRST, Op("not", (FIRST,))):
            known = self._once(code, "is_known", attr(call(attr(self._keys(code), "duplicated")), "values"))
            return Lane(ast.UnaryOp(ast.Invert(), known) if e == FIRST else known, True, "bool", True)
        if isinstance(e, Op) and e.name in (ENTRY, NUMBER):
            carried = e.args[0]
            assert isinstance(carried, Carried)
            return self._before(code, carried.name, e.name == NUMBER)
        if (count := self._count_before(code, e)) is not None:
            return count
        id_ = next((n for n in self.cases.finals if e == self.cases.final(n)), None)
        return self._after(code, id_, True) if id_ is not None and isinstance(e, Op) and e.name == "if" else None

    # ------------------------------------------------------------------ the rounds of a key

    def _once(self, code: ArrayCode, wish: str, node: ast.expr) -> ast.expr:
        if wish not in self.steps:
            self.steps[wish] = code.step(wish, node)
        return self.steps[wish]

    def _keys(self, code: ArrayCode) -> ast.expr:
        series = code.series(self.key)
        if series is None:
            raise code.refuse("the key is no column that all rounds go along", reason=Reason.UNKNOWN_KIND)
        code.owe("group-keys", self.key.source.code)
        return series

    def _grouped(self, code: ArrayCode, column: ast.expr | None = None) -> ast.expr:
        """`df.groupby("key", sort=False)`, or one column of it."""
        series = self._keys(code)
        if isinstance(series, ast.Subscript):
            groups = call(attr(series.value, "groupby"), clone(series.slice), sort=const(False))
            return groups if column is None else item(groups, column)
        return call(attr(series, "groupby"), clone(series), sort=const(False))

    def _previous_row(self, code: ArrayCode) -> ast.expr:
        """The number of the row before that has the same key; of a new key any number."""
        code.pd = code.site.file.alias("pandas") or "pd"
        numbers = item(call(attr(name(code.pd), "factorize"), self._keys(code)), const(0))
        order = self._once(code, "order", call(code.numpy("argsort").func, numbers, kind=const("stable")))
        first = ast.Subscript(order, ast.Slice(None, const(1)), ast.Load())
        moved = code.numpy("concatenate", ast.Tuple([first, order], ast.Load()))
        without_last = ast.Subscript(moved, ast.Slice(None, ast.UnaryOp(ast.USub(), const(1))), ast.Load())
        return self._once(code, "previous_row", item(without_last, code.numpy("argsort", order)))

    # ------------------------------------------------------------------ the entries

    def _after(self, code: ArrayCode, id_: str, number: bool) -> Lane:
        """The entry after each round."""
        final = self.cases.finals[id_]
        new, later = self.cases.value(final, True), self.cases.value(final, False)
        if (step := _step(later, id_)) is not None and (first := whole(new)) is not None:
            counted = self._once(code, "earlier", attr(call(attr(self._grouped(code), "cumcount")), "values"))
            counted = counted if step == 1 else binop(counted, ast.Mult(), const(step))
            return Lane(shifted(counted, first), True, "int", True)
        if (added := _added(new, later, id_)) is not None:
            return self._total(code, added)
        if new == later and not _mentions_entry(new):
            if isinstance(new, Const) and new.value is True:
                return Lane(const(True), False, "bool", True)
            return self._stored(code, new, number)
        raise code.refuse("what is kept for each key has no array form", reason=Reason.CARRIED_STATE)

    def _stored(self, code: ArrayCode, value: Expr, number: bool) -> Lane:
        """What each round stores, as it is or as a number."""
        if not number and (kept := objects(code, value)) is not None:
            return kept
        lane = code.number(value)
        return code.temp(lane, "values")

    def _total(self, code: ArrayCode, added: Read) -> Lane:
        """A running total for each key: pandas adds with a correction, skips NaN, and makes NaN of infinity."""
        lane = code.number(added)
        series = code.series(added)
        if lane.python is not True or not isinstance(series, ast.Subscript):
            raise code.refuse("what is added up for each key is no column")
        for owed in ("finite", "float-order", "no-overflow", "signed-zero"):
            code.owe(owed, added.source.code)
        code.tolerance = 1e-10
        total = call(attr(self._grouped(code, clone(series.slice)), "cumsum"))
        return replace(lane, node=self._once(code, f"total_{ast.dump(series.slice)}", attr(total, "values")))

    def _count_before(self, code: ArrayCode, e: Expr) -> Lane | None:
        """`seen.get(k, 0)` where `seen` counts from 1: the number of rows before."""
        if not isinstance(e, Op) or e.name != "if" or e.args[0] != FIRST:
            return None
        start, entry = whole(e.args[1]), strip(e.args[2])
        if start is None or not isinstance(entry, Op) or entry.name not in (ENTRY, NUMBER):
            return None
        carried = entry.args[0]
        assert isinstance(carried, Carried)
        final = self.cases.finals[carried.name]
        step, first = _step(self.cases.value(final, False), carried.name), whole(self.cases.value(final, True))
        if step is None or first is None or first - step != start:
            return None
        return self._before(code, carried.name, True)

    def _before(self, code: ArrayCode, id_: str, number: bool) -> Lane:
        """The entry before each round; of a new key anything."""
        final = self.cases.finals[id_]
        new, later = self.cases.value(final, True), self.cases.value(final, False)
        if (step := _step(later, id_)) is not None and (first := whole(new)) is not None:
            counted = self._once(code, "earlier", attr(call(attr(self._grouped(code), "cumcount")), "values"))
            counted = counted if step == 1 else binop(counted, ast.Mult(), const(step))
            return Lane(shifted(counted, first - step), True, "int", True)
        lane = self._after(code, id_, number)
        if not lane.array:
            raise code.refuse("what is kept for each key is the same for all")
        return replace(lane, node=item(lane.node, self._previous_row(code)))


def _step(later: Expr, id_: str) -> int | None:
    """How far a count goes on: `entry + 1`."""
    inner = strip(later)
    if not isinstance(inner, Op) or inner.name not in ("+", "-") or len(inner.args) != 2:
        return None
    own, step = inner.args
    if strip(own) != Op(NUMBER, (Carried(id_),)) and inner.name == "+":
        own, step = step, own
    k = whole(step)
    if strip(own) != Op(NUMBER, (Carried(id_),)) or k is None:
        return None
    return k if inner.name == "+" else -k


def _added(new: Expr, later: Expr, id_: str) -> Read | None:
    """The column that is added up from zero: `entry + x`, after `x` or `0 + x`."""
    inner, start = strip(later), strip(new)
    if not isinstance(inner, Op) or inner.name != "+" or strip(inner.args[0]) != Op(NUMBER, (Carried(id_),)):
        return None
    what = strip(inner.args[1])
    if isinstance(start, Op) and start.name == "+" and whole(start.args[0]) == 0:
        start = strip(start.args[1])
    return what if isinstance(what, Read) and bare(start) == what else None


def _mentions_entry(e: Expr) -> bool:
    return any(isinstance(x, Carried) for x in e.walk())
