"""Array code for loops that carry values from one round to the next: each such name is a scan with its own lane."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ...loops.context import SiteContext
from ...loops.ir import Carried, Expr, Loop, Op, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane, NotVector
from ..lanes.naming import TESTS, test_name
from ..lanes.rounds import Rounds
from ..shared.build import assign, call, clone, const, item
from .seeds import Seed, find_seed
from .updates import Change, bare, carried_names, line_of


@dataclass
class ScanCode(ArrayCode):
    """Builds array code in which carried names are known: `Carried` is the value before the round, `final` after it."""

    scans: dict[str, Scan] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    context: Expr | None = None  # the guard under which the current value is computed

    @classmethod
    def build(cls, site: SiteContext, loop: Loop) -> ScanCode:
        return cls(site, loop, Rounds.of(site, loop.header), site.file.alias("numpy") or "np")

    def takes_lists(self) -> bool:
        """Only for one number at the end: a list that is filled would be made of an array that was made of a list."""
        return not self.loop.effects

    def lane(self, e: Expr) -> Lane:
        inner = strip(e)
        if isinstance(inner, Carried) and inner.name in self.scans:
            return self._once(inner.name, "start")
        for id_, scan in self.scans.items():
            if id_ in self.busy:
                continue
            if self._changed(scan, inner):
                return self._once(id_, "end", blends=False)
            if inner == scan.final:
                return self._once(id_, "end")
        return super().lane(e)

    def _changed(self, scan: Scan, inner: Expr) -> bool:
        """What the name becomes where it changes, seen where it does."""
        if self.context is None:
            return False
        here = bare(self.context)
        return any(inner == value and bare(guard) == here for guard, value in scan.becomes())

    @contextmanager
    def within(self, guard: Expr | None) -> Iterator[None]:
        """Values are computed where the guard holds; what depends on carried names there is forgotten afterwards."""
        if guard is None:
            yield
            return
        outer, before = self.context, dict(self.memo)
        self.context = guard
        try:
            yield
        finally:
            self.context = outer
            found = {e: lane for e, lane in self.memo.items() if not carried_names(e)}
            self.memo = {**before, **found}

    def _op(self, e: Op) -> Lane:
        """Tests are shared: the same one may decide about several names."""
        if e.name not in TESTS:
            return super()._op(e)
        if e not in self.memo:
            lane = super()._op(e)
            self.memo[e] = replace(lane, node=self.step(test_name(e), lane.node)) if lane.array else lane
        return self.memo[e]

    def _once(self, id_: str, which: str, blends: bool = True) -> Lane:
        if id_ in self.busy:
            raise self.refuse(f"`{id_}` is carried from one round to the next", reason=Reason.CARRIED_STATE)
        self.busy.add(id_)
        depth, self.depth = self.depth, 0
        context, self.context = self.context, None
        try:
            scan = self.scans[id_]
            found = scan.start() if which == "start" else scan.end()
            if blends and which == "end":
                scan.shown(found)
        finally:
            self.busy.discard(id_)
            self.depth, self.context = depth, context
        self.blended = self.blended or (blends and scan.blended)
        self.mixed = self.mixed or (blends and scan.blended)
        return found

    def full(self, lane: Lane) -> Lane:
        """One element a round, also where the value is the same on all rounds."""
        if lane.array:
            return lane
        if lane.dtype == "text":
            raise NotVector(Reason.UNSUPPORTED_SYNTAX, self.line, "the elements are text")
        self.owe_a_number(lane)
        return replace(
            lane,
            node=self.numpy("full", self.count(), lane.node),
            array=True,
            python=True if isinstance(lane.node, ast.Constant) else None,
        )

    def under(self, guard: Expr | None, e: Expr) -> Lane:
        """A number that the loop computes where a guard holds, one for each round."""
        return self.full(self.guarded(guard, e, self.number))

    def guarded(self, guard: Expr | None, e: Expr, each: Callable[[Expr], Lane]) -> Lane:
        """The value of an expression that the loop computes where a guard holds."""
        self.mixed = self.blended = False
        if guard is None:
            lane = each(e)
        else:
            self.depth += 1
            try:
                with self.within(guard):
                    lane = each(e)
            finally:
                self.depth -= 1
        if self.mixed or self.blended:  # an int on some rounds, a NumPy scalar on others
            self.owe("element-types")
        return lane

    def rounds_test(self) -> ast.expr:
        """Whether there is any round."""
        span, start = self.rounds.span, self.rounds.start
        if span is None or span.of is None or start is None or start <= span.delta:
            match count := self.count():
                case ast.Call(func=ast.Name(id="max"), args=[number, ast.Constant(value=0)]):
                    return ast.Compare(number, [ast.Gt()], [const(0)])
            return count
        return ast.Compare(call("len", clone(span.of.node)), [ast.Gt()], [const(start - span.delta)])


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
        return call(ast.Attribute(node, "item", ast.Load())) if lane.python is True else node

    def set(self, value: ast.expr) -> ast.stmt:
        return assign(self.id, value, line_of(self.code.loop, self.id))

    def grow(self, op: ast.operator, value: ast.expr) -> ast.stmt:
        """`name += value`."""
        node = ast.AugAssign(ast.Name(self.id, ast.Store()), op, value)
        node.lineno = line_of(self.code.loop, self.id)
        return node
