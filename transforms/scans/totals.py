"""Counts, sums, differences and products as scans: added up in the order of the loop."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.ir import Carried, Expr, Op, strip
from ..lanes.lanes import Lane
from ..shared.build import binop, call, const, item
from .scan import Scan
from .updates import mentions, merged, whole


@dataclass
class Count(Scan):
    """`n += 1`, where n is surely an int."""

    step: int = 0

    def can(self) -> bool:
        found = delta(self.change.value, self.id)
        k = None if found is None else whole(found[1])
        if (
            found is None
            or k is None
            or found[0] == "multiply"
            or self.seed.dtype != "int"
            or self.seed.python is not True
        ):
            return False
        self.step = k if found[0] == "add" else -k
        return not mentions(self.change.guard, self.id)

    def make_end(self) -> Lane:
        if self.mask is None:
            counted: ast.expr = self.code.numpy("arange", const(1), binop(self.code.count(), ast.Add(), const(1)))
        else:
            counted = self.code.numpy("cumsum", self.mask.node)
        if self.step != 1:
            counted = binop(counted, ast.Mult(), const(self.step))
        if self.seed.value != 0:
            counted = binop(self.seed.node, ast.Add(), counted)
        return Lane(self.code.step(self.wish, counted), True, "int", True)

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        times: ast.expr = self.code.count()
        if self.mask is not None:
            times = call("int", self.code.numpy("count_nonzero", self.mask.node))
        if abs(self.step) != 1:
            times = binop(times, ast.Mult(), const(abs(self.step)))
        return [(None, self.grow(ast.Add() if self.step > 0 else ast.Sub(), times))]


@dataclass
class Total(Scan):
    """`total += x`, `total -= x`, `total *= x`, in the order of the loop."""

    values: Lane | None = None
    running: ast.expr | None = None

    def can(self) -> bool:
        found = delta(self.change.value, self.id)
        return found is not None and not mentions(self.change.guard, self.id)

    def _values(self) -> tuple[str, Lane]:
        found = delta(self.change.value, self.id)
        assert found is not None
        self.values = self.values or self.code.under(self.change.guard, found[1])
        self._owe(self.values)
        if found[0] == "multiply" and self.seed.dtype != "float" and self.code.mixed:
            self.code.owe("signed-zero")  # 0 * -1 is 0 of ints, and -0.0 where ints stand in an array of floats
        return found[0], self.values

    def _owe(self, values: Lane) -> None:
        python = self.python(values)
        sure = "float" in (self.seed.dtype, values.dtype)
        if not sure and not (python is False and values.dtype == "int"):
            self.code.owe("no-overflow")
        narrow = self.seed.python is None and self.seed.dtype != "int" and values.python is not False
        if narrow or (values.dtype == "number" and values.python is not True):
            self.code.owe("float64")

    def python(self, values: Lane) -> bool | None:
        """Which scalars the sum is made of, once something was added."""
        if False in (self.seed.python, values.python):
            return False
        return True if self.seed.python and values.python else None

    def _accumulated(self, function: str, values: ast.expr) -> ast.expr:
        seeded = self.code.numpy("concatenate", ast.Tuple([self.seeded(), values], ast.Load()))
        short = {"add": "cumsum", "multiply": "cumprod"}.get(function)
        return self.code.numpy(short or "subtract.accumulate", seeded)

    def _all(self) -> ast.expr:
        """The seed, then the total after each round."""
        if self.running is None:
            function, values = self._values()
            node = values.node
            if self.mask is not None and self.seed.may_be_minus_zero and function != "multiply":
                self.code.owe("signed-zero")
            if self.mask is None:
                whole_ = self._accumulated(function, node)
            else:
                whole_ = self._accumulated(
                    function, self.code.numpy("where", self.mask.node, node, const(1 if function == "multiply" else 0))
                )
            self.running = self.code.step(self.wish, whole_, authored=self.mask is not None)
        return self.running

    def make_end(self) -> Lane:
        node = ast.Subscript(self._all(), ast.Slice(const(1)), ast.Load())
        values = self._values()[1]
        return Lane(node, True, self.joint(values), self.python(values))

    def make_start(self) -> Lane:
        end = self.end()
        self.mingle(end)
        return Lane(ast.Subscript(self._all(), ast.Slice(None, const(-1)), ast.Load()), True, end.dtype, end.python)

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        function, values = self._values()
        sums = self.running or self._accumulated(function, self.selected(values))
        value = self.scalar(item(sums, const(-1)), Lane(sums, True, self.joint(values), self.python(values)))
        stable = self.python(values) is True and self.seed.dtype == "float"
        return [(None if stable else self.any_round(), self.set(value))]


def delta(value: Expr, id_: str) -> tuple[str, Expr] | None:
    """("add", x) for `total + x`; the same for subtraction and multiplication, and for branches that agree."""
    inner = strip(value)
    match inner:
        case Op(name="if", args=(test, yes, no)):
            a, b = delta(yes, id_), delta(no, id_)
            if a is None or b is None or mentions(test, id_):
                return None
            if a[0] == b[0]:
                return a[0], merged(test, a[1], b[1])
            if "multiply" in (a[0], b[0]):
                return None
            x, y = (e if f == "add" else Op("neg", (e,)) for f, e in (a, b))
            return "add", Op("if", (test, x, y))
        case Op(name="+" | "-" | "*" as sign, args=(left, right)):
            if strip(left) != Carried(id_) and sign != "-":
                left, right = right, left
            if strip(left) == Carried(id_) and not mentions(right, id_):
                return {"+": "add", "-": "subtract", "*": "multiply"}[sign], right
    return None
