"""The best value so far, of none at first: `if best is None or v > best: best = v`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.ir import Expr, strip
from ...loops.trace import conjuncts
from ..lanes.lanes import Lane
from ..shared.build import attr, const, item, name
from .missing import owe_no_nan
from .objects import row, truth, without_last
from .recalled import Recalled
from .seeds import other_start
from .sure import test_given
from .updates import better, both, line_of, mentions


@dataclass
class Best(Recalled):
    """A value that is taken where there is none yet, or where it is better: nothing is better than a NaN at first."""

    what: Expr | None = None
    largest: bool = True
    _values_lane: Lane | None = None

    def can(self) -> bool:
        self.start_node = other_start(self.code.site, self.id)
        deciding = [t for t in self._tests() if mentions(t, self.id)]
        if not self.starts_missing or len(deciding) != 1 or mentions(self.change.value, self.id):
            return False
        if test_given(deciding[0], self.id, True) is not True:
            return False
        known = test_given(deciding[0], self.id, False)
        found = better(strip(known), self.id, self.change.value) if isinstance(known, Expr) else None
        if found is None:
            return False
        self.what, self.largest = found[0], found[1][0] == ">"
        self.opens = True if len(self._tests()) == 1 else None
        return True

    def _tests(self) -> list[Expr]:
        return [part for t in self.change.tests for part in conjuncts(strip(t))]

    @property
    def guard(self) -> Expr | None:
        """What has to hold for a value to be looked at at all."""
        return both(tuple(t for t in self._tests() if not mentions(t, self.id)))

    @property
    def always(self) -> bool:
        return self.guard is None

    @property
    def mask(self) -> Lane | None:
        """The rounds that look at a value."""
        if self.guard is not None and self._mask is None:
            self._mask = self.code.mask(self.guard, line_of(self.code.loop, self.id))
        return self._mask

    def _numbers_of(self) -> Lane:
        if self._values_lane is None:
            assert self.what is not None
            values = self.code.under(self.guard, self.what)
            if values.dtype == "bool":
                raise self.code.refuse(f"`{self.id}` is None or a truth value")
            if values.dtype != "int":
                self.code.owe("signed-zero")
            self._values_lane = self.code.temp(values, f"{self.id}_values")
        return self._values_lane

    # ------------------------------------------------------------------ from round to round

    def make_end(self) -> Lane:
        raise self.code.refuse(f"`{self.id}` is None or a number, and is used as either")

    def make_start(self) -> Lane:
        return self.make_end()

    def _numbers(self) -> Lane:
        """The best at the end of each round, where there is one."""
        values = self._numbers_of()
        owe_no_nan(self.code, self.change.value)
        node = values.node
        if self.mask is not None:
            worst = attr(name(self.np), "inf")
            node = self.code.numpy(
                "where", self.mask.node, node, ast.UnaryOp(ast.USub(), worst) if self.largest else worst
            )
            self.code.owe("small-integers")
            self.code.owe("element-types")
            values = replace(values, dtype="float" if values.dtype == "float" else "number")
        running = self.code.numpy("fmax.accumulate" if self.largest else "fmin.accumulate", node)
        return replace(values, node=self.code.step(self.wish, running))

    def _seen(self) -> ast.expr:
        """Whether there was a value up to the end of each round."""
        assert self.mask is not None
        return self.code.numpy("logical_or.accumulate", self.mask.node)

    def missing_end(self) -> Lane:
        return (
            Lane(const(False), False, "bool", True) if self.always else truth(ast.UnaryOp(ast.Invert(), self._seen()))
        )

    def missing_start(self) -> Lane:
        if self.always:
            return truth(ast.Compare(self.code.numpy("arange", self.code.count()), [ast.Eq()], [const(0)]))
        before = self.code.numpy("concatenate", row(ast.List([const(False)], ast.Load()), self._seen()))
        return truth(ast.UnaryOp(ast.Invert(), without_last(before)))

    # ------------------------------------------------------------------ after the loop

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        values = self._numbers_of()
        chosen = values if self.mask is None else replace(values, node=item(values.node, self.mask.node))
        chosen = self.code.temp(chosen, f"chosen_{self.id}")
        best: ast.expr = self.code.numpy("fmax.reduce" if self.largest else "fmin.reduce", chosen.node)
        if values.dtype != "int":
            first = item(chosen.node, const(0))
            best = ast.IfExp(ast.Compare(first, [ast.NotEq()], [first]), first, best)
        return [(self.any_round(), self.set(self.scalar(best, values)))]
