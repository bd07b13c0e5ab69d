"""Extremes, values that are held and streaks as scans with an exact array form; and all kinds of scans there are."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.ir import Carried, Const, Expr, Inv, Op, Pos, Read, strip
from ..lanes.lanes import Lane
from ..shared.build import binop, call, clone, const, item, name, same
from .missing import owe_no_nan
from .scan import Scan
from .totals import Count, Total, delta
from .updates import better, both, condition, leaves, mentions, tests_of, whole


@dataclass
class Extreme(Scan):
    """`if v > best: best = v` and `best = max(best, v)`: a NaN is never better, and nothing is better than NaN."""

    what: Expr | None = None
    largest: bool = True
    loose: bool = False  # the later of two equal values wins
    running: ast.expr | None = None
    others: tuple[Expr, ...] = ()

    def can(self) -> bool:
        inner = strip(self.change.value)
        if (
            isinstance(inner, Op)
            and inner.name in ("call:builtins.max", "call:builtins.min")
            and len(inner.args) == 2
            and not inner.keywords
        ):
            own = [k for k, a in enumerate(inner.args) if strip(a) == Carried(self.id)]
            if len(own) != 1 or mentions(self.change.guard, self.id):
                return False
            self.what, self.largest, self.others = inner.args[1 - own[0]], inner.name.endswith("max"), self.change.tests
            if own[0] == 1:
                # max(v, best) takes a NaN, and gives it up for anything.
                self.loose = True
                owe_no_nan(self.code, self.what)
            return not mentions(self.what, self.id)
        return self._compared()

    def _compared(self) -> bool:
        deciding = [t for t in self.change.tests if mentions(t, self.id)]
        if len(deciding) != 1 or mentions(self.change.value, self.id):
            return False
        found = better(strip(deciding[0]), self.id, self.change.value)
        if found is None:
            return False
        self.what, self.largest, self.loose = found[0], found[1][0] == ">", len(found[1]) == 2
        self.others = tuple(t for t in self.change.tests if t is not deciding[0])
        return True

    @property
    def guard(self) -> Expr | None:
        """What has to hold for a value to be compared at all."""
        return both(self.others)

    @property
    def mask(self) -> Lane | None:
        if self.guard is not None and self._mask is None:
            self._mask = self.code.mask(self.guard, self.code.line)
        return self._mask

    def _values(self) -> Lane:
        assert self.what is not None
        return self.code.temp(self.code.under(self.guard, self.what), "values")

    def _owe_zeros(self, values: Lane) -> None:
        if values.dtype not in ("int", "bool"):
            self.code.owe("signed-zero", self._zeros_in)

    @property
    def _beats_zeros(self) -> bool:
        """Whether no zero ever takes the place of the seed: it is none itself, or better than that."""
        value = self.seed.value
        return value is not None and not self.loose and (value if self.largest else -value) >= 0

    @property
    def _zeros_in(self) -> str | None:
        """The column or array in which a -0.0 would have to be, if it is none that was computed."""
        inner = strip(self.what) if self.what is not None else None
        if not isinstance(inner, Read):
            return None
        own = inner.source.code
        return None if self.seed.may_be_minus_zero and self.seed.source != own else own

    def _alike(self, values: Lane) -> bool:
        """The seed is of the type of the values: an element of the same column or array."""
        if self.seed.source is not None:
            assert self.what is not None
            inner = strip(self.what)
            return isinstance(inner, Read) and inner.source.code == self.seed.source and values.python is False
        return (
            self.seed.python is values.python is True and self.seed.dtype == values.dtype and values.dtype != "number"
        )

    def _python_has(self, builtin: str) -> bool:
        return self.code.site.dotted(name(builtin)) == f"builtins.{builtin}"

    def mingle(self, values: Lane) -> None:
        if not self._alike(values):
            super().mingle(values)
            self.code.owe("element-types")

    def _accumulated(self) -> ast.expr:
        """The seed, then the extreme after each round."""
        values = self._values()
        self._owe_zeros(values)
        self.mingle(values)
        node = values.node
        if self.mask is not None:
            node = self.code.numpy("where", self.mask.node, node, self.seed.node)
        seeded = self.code.numpy("concatenate", ast.Tuple([self.seeded(), node], ast.Load()))
        return self.code.numpy("fmax.accumulate" if self.largest else "fmin.accumulate", seeded)

    def make_end(self) -> Lane:
        later = ast.Slice(const(1))
        if not self.seed.may_be_nan:
            self.running = self.running or self.code.step(self.wish, self._accumulated())
            return self._lane(ast.Subscript(self.running, later, ast.Load()))
        stuck = self.code.numpy("full", self.code.count(), self.seed.node)
        moving = ast.UnaryOp(ast.Not(), self.code.numpy("isnan", self.seed.node))
        found = ast.IfExp(moving, ast.Subscript(self._accumulated(), later, ast.Load()), stuck)
        return self._lane(self.code.step(self.wish, found, authored=True))

    def make_start(self) -> Lane:
        if self.seed.may_be_nan:
            return super().make_start()
        self.end()
        assert self.running is not None
        return self._lane(ast.Subscript(self.running, ast.Slice(None, ast.UnaryOp(ast.USub(), const(1))), ast.Load()))

    def _lane(self, node: ast.expr) -> Lane:
        values = self._values()
        return Lane(node, True, self.joint(values), values.python if self.seed.python is values.python else None)

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        values = self._values()
        if self._end is not None and self._alike(values) and not self.loose:
            last = item(self._end.node, ast.UnaryOp(ast.USub(), const(1)))
            return [(self.any_round(), self.set(self.scalar(last, values)))]
        if not self._beats_zeros:
            self._owe_zeros(values)
        best = self.code.numpy("fmax.reduce" if self.largest else "fmin.reduce", self.selected(values))
        scalar = self.scalar(best, values)
        if not self.loose and self._python_has(_builtin(self.largest)):
            return [(self.any_round(), self.set(call(_builtin(self.largest), self.seed.node, scalar)))]
        # Of equal values the later wins, also over the seed; and a variable may have taken the name `max`.
        at_least = ast.GtE() if self.largest else ast.LtE()
        comparison = at_least if self.loose else ast.Gt() if self.largest else ast.Lt()
        better = ast.Compare(self.selected(values), [comparison], [self.seed.node])
        return [(call(ast.Attribute(better, "any", ast.Load())), self.set(scalar))]


@dataclass
class Held(Scan):
    """A value that stays until a condition sets it again, and a temporary that is read after the loop."""

    def can(self) -> bool:
        return not mentions(self.change.guard, self.id) and not mentions(self.change.value, self.id)

    def small(self) -> bool:
        near = self.seed.dtype == "int" and self.seed.value is not None and abs(self.seed.value) < 2**31
        return near and self.code.small(self.change.value)

    def holds_positions(self) -> bool:
        inner, first = strip(self.change.value), self.code.rounds.start
        if not isinstance(inner, Pos) or inner.offset or first is None or self.seed.dtype != "int":
            return False
        return self.seed.value is not None and 0 <= self.seed.value <= first

    def joint(self, values: Lane) -> str:
        """Truth values that are only held stay what they are."""
        return "bool" if values.dtype == self.seed.dtype == "bool" else super().joint(values)

    def _values(self) -> Lane:
        return self.code.guarded(self.change.guard, self.change.value, self.code.lane)

    def make_end(self) -> Lane:
        values = self.code.full(self._values())
        if self.mask is None:
            return values
        if "bool" in (self.seed.dtype, values.dtype) and self.seed.dtype != values.dtype:
            raise self.code.refuse(f"`{self.id}` is a number or a truth value")
        self.mingle(values)
        seeded = self.code.numpy("concatenate", ast.Tuple([self.seeded(), values.node], ast.Load()))
        last = self.last_change()
        python = values.python if self.seed.python is values.python else None
        return Lane(self.code.step(f"held_{self.id}", item(seeded, last)), True, self.joint(values), python)

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        inner = strip(self.change.value)
        if isinstance(inner, Const) or (isinstance(inner, Inv) and isinstance(inner.node, ast.Name)):
            return [(self.any_round(), self.set(clone(inner.node)))]
        values = self._values()
        if not values.array:
            return [(self.any_round(), self.set(values.node))]
        if values.dtype == "text" and not self.optional:
            raise self.code.refuse(f"`{self.id}` is text")
        self.code.blended = False
        return [
            (
                self.any_round(),
                self.set(
                    self.scalar(item(self.selected(self.code.temp(values)), ast.UnaryOp(ast.USub(), const(1))), values)
                ),
            )
        ]


@dataclass
class Streak(Scan):
    """`run = run + 1 if cond else 0`: counts since the last reset."""

    reset_to: int = 0

    def can(self) -> bool:
        ends = leaves(self.change.value)
        resets = {k for e in ends if (k := whole(e)) is not None}
        counts = [e for e in ends if whole(e) is None]
        if len(resets) != 1 or not counts or not all(_one_more(e, self.id) for e in counts):
            return False
        if self.seed.dtype != "int" or self.seed.python is not True:
            return False
        self.reset_to = resets.pop()
        return not any(mentions(t, self.id) for t in (*self.change.tests, *tests_of(self.change.value)))

    def small(self) -> bool:
        return self.seed.value is not None and abs(self.seed.value) < 2**31 and abs(self.reset_to) < 2**31

    def becomes(self) -> list[tuple[Expr, Expr]]:
        grown = next(e for e in leaves(self.change.value) if whole(e) is None)
        return [(self._when(False), grown), *super().becomes()]

    def _when(self, reset: bool) -> Expr:
        found = condition(self.change.value, lambda e: (whole(e) is not None) == reset)
        assert isinstance(found, Expr)
        guard = self.change.guard
        return found if guard is None else Op("and", (guard, found))

    def make_end(self) -> Lane:
        line = self.code.line
        counting = self.code.mask(self._when(False), line)
        if self.change.guard is None and (last := self._last_other(counting)) is not None:
            numbers = self.code.numpy("arange", const(1), binop(self.code.count(), ast.Add(), const(1)))
            since: ast.expr = binop(numbers, ast.Sub(), last)
            if self.reset_to or self.seed.value != 0:
                reset = ast.Compare(last, [ast.Gt()], [const(0)])
                since = binop(since, ast.Add(), self.code.numpy("where", reset, const(self.reset_to), self.seed.node))
            return Lane(self.code.step(self.wish, since, authored=not self.code.loop.effects), True, "int", True)
        off = counting.node if self.change.guard is None else self.code.mask(self._when(True), line).node
        counted = self.code.step(f"{self.id}_count", self.code.numpy("cumsum", counting.node))
        at_reset = (
            self.code.numpy("where", off, const(0), counted)
            if self.change.guard is None
            else self.code.numpy("where", off, counted, const(0))
        )
        node: ast.expr = binop(counted, ast.Sub(), self.code.numpy("maximum.accumulate", at_reset))
        if self.seed.value != 0 or self.reset_to != 0:
            was = self.code.numpy(
                "logical_or.accumulate",
                ast.UnaryOp(ast.Invert(), counting.node) if self.change.guard is None else off,
            )
            node = binop(node, ast.Add(), self.code.numpy("where", was, const(self.reset_to), self.seed.node))
        return Lane(self.code.step(self.wish, node, authored=not self.code.loop.effects), True, "int", True)

    def _last_other(self, counting: Lane) -> ast.expr | None:
        """The number of the last round that did not count, where another name is set in just those rounds."""
        step = next(
            (s for s in self.code.steps if isinstance(counting.node, ast.Name) and s.symbol == counting.node.id), None
        )
        match step.node if step is not None else counting.node:
            case ast.UnaryOp(op=ast.Invert(), operand=others):
                set_there = (s for s in self.code.scans.values() if s.optional and s.known_mask is not None)
                found = (s for s in set_there if s.known_mask is not None and same(s.known_mask.node, others))
                return next((s.last_change() for s in found), None)
        return None

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        last = item(self.code.temp(self.end()).node, ast.UnaryOp(ast.USub(), const(1)))
        return [(self.code.rounds_test(), self.set(call(ast.Attribute(last, "item", ast.Load()))))]


def _builtin(largest: bool) -> str:
    return "max" if largest else "min"


def _one_more(e: Expr, id_: str) -> bool:
    found = delta(e, id_)
    return found is not None and found[0] == "add" and whole(found[1]) == 1


#: In the order in which they are tried.
KINDS: tuple[type[Scan], ...] = (Count, Total, Extreme, Held, Streak)
