"""Values that are kept from earlier rounds as they were: they start at None or text."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import ClassVar

from ...loops.ir import Expr, Pos, Read, strip
from ..lanes.lanes import Lane
from ..shared.build import attr, binop, call, const, item, name
from .kinds import Held
from .objects import never_none, objects, objects_of, row, truth, without_last
from .seeds import other_start
from .sure import test_given
from .updates import bare, line_of, mentions


@dataclass
class Recalled(Held):
    """A value that stays until a condition sets it again, and that is None or text before the first time."""

    optional: ClassVar[bool] = True
    start_node: ast.Constant | None = None
    objects: Lane | None = None
    _sure_end: Lane | None = None
    _latest: ast.expr | None = None

    #: When the name is set where it is None, and where it is not, if that decides: a test, always or never.
    opens: Expr | bool | None = None
    renews: Expr | bool | None = None

    def can(self) -> bool:
        self.start_node = other_start(self.code.site, self.id)
        if self.start_node is None or mentions(self.change.value, self.id):
            return False
        if not any(mentions(t, self.id) for t in self.change.tests):
            return True
        return self.starts_missing and self._asks_itself()

    def _asks_itself(self) -> bool:
        """`if first is None: first = x`: whether there is a value already is all that it asks."""
        guard = self.change.guard
        assert guard is not None
        self.opens, self.renews = (test_given(guard, self.id, missing) for missing in (True, False))
        return not any(isinstance(t, Expr) and mentions(t, self.id) for t in (self.opens, self.renews))

    @property
    def always(self) -> bool:
        """Whether there is a value at the end of each round."""
        return self.opens is True or (self.starts_missing and not self.change.tests and self._number())

    @property
    def mask(self) -> Lane | None:
        if self.opens is None or self._mask is not None:
            return super().mask
        if not self._number():
            raise self.code.refuse(f"`{self.id}` may be set to None, and is asked for")
        node = self._when_set()
        self._mask = self.code.named(truth(node), "changed")
        return self._mask

    def _when_set(self) -> ast.expr:
        first = ast.Compare(self.code.numpy("arange", self.code.count()), [ast.Eq()], [const(0)])
        if self.opens is True:
            return first if self.renews is False else binop(first, ast.BitOr(), self._test(self.renews))
        opens = self._test(self.opens)
        seen = self.code.numpy("logical_or.accumulate", opens)
        before = without_last(self.code.numpy("concatenate", row(ast.List([const(False)], ast.Load()), seen)))
        if self.renews is False:
            return binop(opens, ast.BitAnd(), ast.UnaryOp(ast.Invert(), before))
        return self.code.numpy("where", before, self._test(self.renews), opens)

    def _test(self, test: Expr | bool | None) -> ast.expr:
        if isinstance(test, Expr):
            return self.code.mask(test, line_of(self.code.loop, self.id)).node
        return const(bool(test))

    @property
    def starts_missing(self) -> bool:
        return self.start_node is not None and self.start_node.value is None

    def small(self) -> bool:
        return self.code.small(self.change.value)

    def shown(self, end: Lane) -> None:
        """Nothing is mingled: what is kept keeps its type."""

    # ------------------------------------------------------------------ the very objects

    def _values(self) -> Lane:
        """The values as the loop had them, one for each round; only those of rounds that change the name count."""
        if self.objects is None:
            found = objects(self.code, self.change.value)
            if found is None:
                found = self.code.guarded(self.change.guard, self.change.value, self.code.lane)
                if found.python is None and found.dtype != "text" and found.array:
                    self.code.owe("element-types")
            self.objects = found
        return self.objects

    def _each(self) -> Lane:
        lane = self._values()
        if lane.array:
            return lane
        if isinstance(lane.node, ast.Constant):
            return replace(lane, node=self.code.numpy("full", self.code.count(), lane.node), array=True)
        raise self.code.refuse(f"`{self.id}` is the same on all rounds that set it")

    def _after_start(self, values: Lane) -> ast.expr:
        """What the name held before the loop, then the values, as an array of objects."""
        if values.python is not False and (self.starts_missing or values.dtype in ("any", "text")):
            return self.code.numpy("concatenate", row(ast.List([name(self.id)], ast.Load()), values.node))
        listed = values.node if values.python is False else call(attr(values.node, "tolist"))
        every = ast.List([name(self.id), ast.Starred(listed, ast.Load())], ast.Load())
        return call(self.code.numpy("array").func, every, dtype=name("object"))

    def make_end(self) -> Lane:
        values = self._each()
        if self.mask is None:
            return values
        if (latest := self._positions()) is not None and self.starts_missing:
            there = ast.Compare(latest, [ast.GtE()], [const(0)])
            node: ast.expr = self.code.numpy("where", there, latest, const(None))
            return self._any(self.code.step(f"held_{self.id}", node))
        node = item(self._after_start(values), self.last_change())
        return self._any(self.code.step(f"held_{self.id}", node))

    def make_start(self) -> Lane:
        end = self.end()
        if self.mask is None:
            end = self.code.temp(end, f"{self.id}_values")
        seeded = self._after_start(end)
        return self._any(self.code.step(f"previous_{self.id}", without_last(seeded)))

    def _any(self, node: ast.expr) -> Lane:
        text = not self.starts_missing and self._values().dtype == "text"
        return Lane(node, True, "text" if text else "any", True)

    # ------------------------------------------------------------------ where there surely is a number

    def _positions(self) -> ast.expr | None:
        """The last position that set the name, -1 before the first: a name for it."""
        inner = strip(self.change.value)
        if not isinstance(inner, Pos) or (self.code.rounds.start or 0) + inner.offset < 0 or self.mask is None:
            return None
        if self.code.rounds.start is None:
            return None
        if self._latest is None:
            numbers = self.code.lane(inner).node
            chosen = self.code.numpy("where", self.mask.node, numbers, const(-1))
            self._latest = self.code.step(f"last_{self.id}", self.code.numpy("maximum.accumulate", chosen))
        return self._latest

    def sure_end(self) -> Lane:
        """The numbers at the end of each round, where there is one."""
        if self._sure_end is None:
            self._sure_end = self._numbers()
        return self._sure_end

    def _numbers(self) -> Lane:
        if not self.starts_missing:
            raise self.code.refuse(f"`{self.id}` is text, and is computed with")
        if (latest := self._positions()) is not None:
            return Lane(latest, True, "int", True)
        values = self.code.temp(self.code.under(self.change.guard, self.change.value), f"{self.id}_values")
        if self.mask is None:
            return values
        if values.dtype == "bool":
            raise self.code.refuse(f"`{self.id}` is a truth value that is computed with")
        filled = self._with_first(values.node)
        return replace(values, node=self.code.step(f"known_{self.id}", item(filled, self.last_change())))

    def sure_start(self) -> Lane:
        end = self.code.temp(self.sure_end(), f"{self.id}_values")
        node = without_last(self._with_first(end.node))
        return replace(end, node=self.code.step(f"previous_{self.id}", node))

    def _with_first(self, values: ast.expr) -> ast.expr:
        """The values, and one of them in front that stands where nobody looks."""
        first = ast.Subscript(values, ast.Slice(None, const(1)), ast.Load())
        return self.code.numpy("concatenate", row(first, values))

    def missing_end(self) -> Lane:
        """Whether the name is None at the end of a round."""
        if not self._number() or not self.starts_missing:
            return self._none_among(self.end())
        if self.always:
            return Lane(const(False), False, "bool", True)
        if (latest := self._positions()) is not None:
            return truth(ast.Compare(latest, [ast.Lt()], [const(0)]))
        return truth(ast.Compare(self.last_change(), [ast.Eq()], [const(0)]))

    def missing_start(self) -> Lane:
        if not self._number() or not self.starts_missing:
            return self._none_among(self.start())
        if self.always:
            return truth(ast.Compare(self.code.numpy("arange", self.code.count()), [ast.Eq()], [const(0)]))
        end = self.code.temp(self.missing_end(), f"{self.id}_missing")
        seeded = self.code.numpy("concatenate", row(ast.List([const(True)], ast.Load()), end.node))
        return truth(without_last(seeded))

    def _number(self) -> bool:
        """The values are numbers, or what the loop computes with: no None among them."""
        if self.id in self.code.computed_with:
            return True
        inner = strip(self.change.value)
        if not isinstance(inner, Read) or not objects_of(inner):
            return self._values().dtype != "any"
        return any(never_none(t, inner) for t in self.change.tests)

    def _none_among(self, lane: Lane) -> Lane:
        if lane.dtype == "text":
            return Lane(const(False), False, "bool", True)
        test = ast.Compare(name("value"), [ast.Is()], [const(None)])
        listed = ast.ListComp(test, [ast.comprehension(ast.Name("value", ast.Store()), lane.node, [], 0)])
        return truth(call(self.code.numpy("array").func, listed, dtype=name("bool")))

    # ------------------------------------------------------------------ comparing, and what is left

    def differs(self, other: Expr) -> Lane | None:
        """Whether the value of the round is another one than that of the round before; None for any other value."""
        if self.change.tests or bare(other) != bare(self.change.value):
            return None
        return changes(self, self.change.value)

    def scalar(self, node: ast.expr, lane: Lane) -> ast.expr:
        if lane.dtype == "text":
            return call(attr(node, "item"))
        return node if lane.dtype == "any" else super().scalar(node, lane)


def changes(scan: Recalled, what: Expr) -> Lane:
    """Whether a value differs from that of the round before, and on the first round from what the name held."""
    code = scan.code
    values = objects(code, what) or code.full(code.lane(what))
    values = code.temp(values, f"{scan.id}_values")
    if values.dtype == "any":
        previous = code.numpy("concatenate", row(ast.List([name(scan.id)], ast.Load()), values.node))
        earlier: ast.expr = without_last(previous)
        return truth(ast.Compare(values.node, [ast.NotEq()], [earlier]))
    if not scan.starts_missing:
        raise code.refuse(f"`{scan.id}` starts as text, and is compared with numbers")
    later = ast.Subscript(values.node, ast.Slice(const(1)), ast.Load())
    earlier = without_last(values.node)
    test = ast.Compare(later, [ast.NotEq()], [earlier])
    every = code.numpy("concatenate", row(ast.List([const(True)], ast.Load()), test))
    found = truth(ast.Subscript(every, ast.Slice(None, code.count()), ast.Load()))
    return replace(found, python=values.python if values.python is True else None)  # the first is Python's own True
