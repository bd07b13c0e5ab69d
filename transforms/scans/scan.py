"""What every scan is made of: a name that changes from round to round in a known way."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...loops.ir import Expr, Read, Scalar, strip
from ..lanes.lanes import Lane
from ..shared.build import assign, binop, call, const, item
from .seeds import Seed, find_seed
from .updates import Change, carried_names, line_of

if TYPE_CHECKING:
    from .code import ScanCode


@dataclass
class Scan:
    """A name that changes from round to round in a known way.

    `final` is its value at the end of a round. Subclasses give its lane and the statement that it leaves behind.
    """

    code: ScanCode
    id: str
    change: Change
    final: Expr
    blended: bool = False  # the seed among the values is of another type than they are
    _seed: Seed | None = None
    _mask: Lane | None = None
    _end: Lane | None = None
    _start: Lane | None = None
    #: Whether it may be None or text: what the name holds is listed as it is, and computed with where it is a number.
    optional: ClassVar[bool] = False

    def can(self) -> bool:
        """Whether the change has the shape of this scan."""
        raise NotImplementedError

    def make_end(self) -> Lane:
        """The values at the end of each round."""
        raise NotImplementedError

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        """What the name holds after the loop: statements, each under a test (None: always)."""
        raise NotImplementedError

    @property
    def np(self) -> str:
        return self.code.np

    @property
    def seed(self) -> Seed:
        if self._seed is None:
            self._seed = find_seed(self.code.site, self.id)
            if self._seed.assumed:
                self.code.owe("numeric-start", self.id)
            if self._seed.unbound:
                self.code.owe("some-rounds", self.id)
        return self._seed

    @property
    def mask(self) -> Lane | None:
        """The rounds that change the name; None for all."""
        guard = self.change.guard
        if guard is not None and self._mask is None:
            self._mask = self.code.mask(guard, line_of(self.code.loop, self.id))
        return self._mask

    @property
    def known_mask(self) -> Lane | None:
        """The rounds that change the name, if it was asked for them before."""
        return self._mask

    def end(self) -> Lane:
        if self._end is None:
            self._end = self.make_end()
        return self._end

    def start(self) -> Lane:
        if self._start is None:
            self._start = self.make_start()
        return self._start

    def make_start(self) -> Lane:
        """The values before each round: the seed, then those at the end of the round before."""
        end = self.code.temp(self.end(), self.wish)
        self._end = end
        self.mingle(end)
        seeded = self.code.numpy("concatenate", ast.Tuple([self.seeded(), end.node], ast.Load()))
        node = ast.Subscript(seeded, ast.Slice(None, ast.UnaryOp(ast.USub(), const(1))), ast.Load())
        return Lane(self.code.step(f"previous_{self.id}", node), True, self.joint(end), end.python)

    def last_change(self) -> ast.expr:
        """The number of the round that changed the name last, from 1 on; 0 before the first: a name for it."""
        assert self.mask is not None
        key = ast.dump(self.mask.node)
        if key not in self.code.last_changes:
            numbers = self.code.numpy("arange", const(1), binop(self.code.count(), ast.Add(), const(1)))
            changed = self.code.step("changed", self.mask.node, authored=True)
            since = self.code.numpy("maximum.accumulate", self.code.numpy("where", changed, numbers, const(0)))
            self.code.last_changes[key] = self.code.step("last_change", since, authored=True)
        return self.code.last_changes[key]

    def small(self) -> bool:
        """Whether the values are integers surely far from 64 bits."""
        return False

    def holds_positions(self) -> bool:
        """Whether the name holds the position of a round, also before the first round if there is one."""
        return False

    def differs(self, other: Expr) -> Lane | None:
        """Whether a value of the round differs from what the name held at its start, if that is known."""
        return None

    def sure_start(self) -> Lane:
        """The numbers before each round, where there is one."""
        raise NotImplementedError

    def sure_end(self) -> Lane:
        """The numbers at the end of each round, where there is one."""
        raise NotImplementedError

    def missing_start(self) -> Lane:
        """Whether the name is None at the start of a round."""
        raise NotImplementedError

    def missing_end(self) -> Lane:
        """Whether the name is None at the end of a round."""
        raise NotImplementedError

    def becomes(self) -> list[tuple[Expr, Expr]]:
        """What the name becomes under which guard, besides `final`."""
        guard = self.change.guard
        value = strip(self.change.value)
        return [(guard, value)] if guard is not None and carried_names(value) else []

    def shown(self, end: Lane) -> None:
        """The values of all rounds are used: where the first rounds change nothing, the seed is among them."""
        if self.change.guard is not None:
            self.mingle(end)

    def mingle(self, values: Lane) -> None:
        """The seed stands among the values: it takes their type, and loses digits where ints become floats."""
        if self.seed.python is values.python and self.seed.dtype == values.dtype != "number":
            return
        if self.seed.dtype == "bool" and values.dtype != "bool":
            raise self.code.refuse(f"`{self.id}` is a truth value first and a number then")
        self.blended = True
        small = self.seed.value is not None and (
            self.seed.value != self.seed.value or abs(self.seed.value) < 2**53 or self.seed.dtype == "float"
        )
        if not (small and values.dtype == "float") and not {self.seed.dtype, values.dtype} <= {"int", "bool"}:
            self.code.owe("small-integers")

    def seeded(self) -> ast.expr:
        return ast.List([self.seed.node], ast.Load())

    def joint(self, values: Lane) -> str:
        """The element type of the seed and the values together."""
        kinds = {
            self.seed.dtype if self.seed.dtype != "bool" else "int",
            values.dtype if values.dtype != "bool" else "int",
        }
        return kinds.pop() if len(kinds) == 1 else "float" if "float" in kinds else "number"

    @property
    def wish(self) -> str:
        return f"{self.id}_values" if self.id.startswith(("run", "cum")) else f"running_{self.id}"

    def selected(self, lane: Lane) -> ast.expr:
        """The values of the rounds that change the name."""
        return lane.node if self.mask is None else item(lane.node, self.mask.node)

    def any_round(self) -> ast.expr:
        """Whether any round changes the name."""
        if self.mask is not None:
            return call(ast.Attribute(self.mask.node, "any", ast.Load()))
        return self.code.rounds_test()

    def scalar(self, node: ast.expr, lane: Lane) -> ast.expr:
        """An element as the loop had it: Python's own number where it read those."""
        if lane.python is None:
            self.code.owe("element-types")
        if lane.dtype in ("int", "number"):  # a row of integers and floats is one of floats
            for read in (x for x in self.change.value.walk() if isinstance(x, Read) and x.scalar is Scalar.ROW):
                self.code.owe("no-upcast", read.source.base.code)
        return call(ast.Attribute(node, "item", ast.Load())) if lane.python is True else node

    def set(self, value: ast.expr) -> ast.stmt:
        return assign(self.id, value, line_of(self.code.loop, self.id))

    def grow(self, op: ast.operator, value: ast.expr) -> ast.stmt:
        """`name += value`."""
        node = ast.AugAssign(ast.Name(self.id, ast.Store()), op, value)
        node.lineno = line_of(self.code.loop, self.id)
        return node
