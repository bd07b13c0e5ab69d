"""Array code for loops that carry values from one round to the next: each such name is a scan with its own lane."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ...loops.context import SiteContext
from ...loops.ir import Access, Carried, Expr, Inv, Loop, Op, Read, Scalar, Sequence_, strip
from ...loops.remarks import Reason
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane, NotVector
from ..lanes.naming import TESTS, test_name
from ..lanes.rounds import Rounds
from ..shared.build import call, clone, const, item, opposite
from .scan import Scan
from .several import several
from .sure import SURE, Key, missing_test
from .updates import bare, carried_names


@dataclass
class ScanCode(ArrayCode):
    """Builds array code in which carried names are known: `Carried` is the value before the round, `final` after it."""

    scans: dict[str, Scan] = field(default_factory=dict)
    missing: dict[tuple[Key, bool], Lane] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    context: Expr | None = None  # the guard under which the current value is computed
    last_changes: dict[str, ast.expr] = field(default_factory=dict)  # by the mask of the rounds that change something
    computed_with: set[str] = field(default_factory=set)  # names that start at None and are numbers where they are used

    @classmethod
    def build(cls, site: SiteContext, loop: Loop) -> ScanCode:
        return cls(site, loop, Rounds.of(site, loop.header), site.file.alias("numpy") or "np")

    def takes_lists(self) -> bool:
        """Only for one number at the end: a list that is filled would be made of an array that was made of a list."""
        return not self.loop.effects

    def lane(self, e: Expr) -> Lane:
        inner = strip(e)
        if isinstance(inner, Op) and inner.name == SURE and (key := self.kept(inner.args[0])) is not None:
            return self._once(key[0], f"sure_{key[1]}", blends=False)
        if isinstance(inner, Carried) and inner.name in self.scans:
            return self._once(inner.name, "start")
        for id_, scan in self.scans.items():
            if id_ in self.busy or (scan.optional and not scan.change.tests):
                continue  # what each round sets is the value itself
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
        if (missing := missing_test(e)) is not None and (key := self.kept(missing[0])) is not None:
            return self._missing(key, missing[1])
        if (differs := self._differs(e)) is not None:
            return differs
        if e.name == "item" and (picked := self._picked(e)) is not None:
            return picked
        if e.name not in TESTS:
            return super()._op(e)
        if e not in self.memo:
            lane = super()._op(e)
            self.memo[e] = replace(lane, node=self.step(test_name(e), lane.node)) if lane.array else lane
        return self.memo[e]

    def kept(self, e: Expr) -> Key | None:
        """The name that may be None, and holds a value at the start or at the end of the round."""
        inner = strip(e)
        if isinstance(inner, Carried) and inner.name in self.scans and self.scans[inner.name].optional:
            return inner.name, "start"
        sometimes = {n: s for n, s in self.scans.items() if s.optional and s.change.tests and n not in self.busy}
        found = (n for n, s in sometimes.items() if inner == s.final)
        return next(((n, "end") for n in found), None)

    def _missing(self, key: Key, wanted: bool) -> Lane:
        if (key, wanted) not in self.missing:
            lane = self._once(key[0], f"missing_{key[1]}", blends=False)
            lane = lane if wanted else replace(lane, node=opposite(lane.node))
            self.missing[key, wanted] = self.named(lane, f"{'no' if wanted else 'has'}_{key[0]}")
        return self.missing[key, wanted]

    def small(self, e: Expr) -> bool:
        """Whether an integer is surely far from 64 bits, also as the scan of such."""
        inner = strip(e)
        if isinstance(inner, Op) and inner.name == SURE:
            inner = strip(inner.args[0])
        for id_, scan in self.scans.items():
            if inner == Carried(id_) or (scan.change.tests and inner == scan.final):
                return scan.small()
        return super().small(inner)

    def _picked(self, e: Op) -> Lane | None:
        """`x[start]`, where `start` is a position that an earlier round had, of the array that all rounds go along."""
        base, index = map(strip, e.args)
        if not isinstance(base, Inv) or not isinstance(index, Carried) or not self.rounds.is_measured(base):
            return None
        scan = self.scans.get(index.name)
        if scan is None or not scan.holds_positions():
            return None
        array, _, dtype, python = self._source(Read(Sequence_(base), Access.INDEX, scalar=Scalar.NUMPY))
        return Lane(item(array, self.lane(index).node), True, dtype, python)

    def elements(self, e: Expr) -> Lane:
        """What a list is made of: elements of several types are kept as they are."""
        return several(self, e) or super().elements(e)

    def is_final(self, e: Expr) -> bool:
        """Whether an expression is what a scan makes of its name in a round, or has a lane of its own."""
        own = self.extend is not None and isinstance(e, Op) and self.extend(self, e) is not None
        return own or any(e == s.final for s in self.scans.values())

    def _differs(self, e: Op) -> Lane | None:
        """`v != previous`, where the previous value is the one of the row before."""
        if e.name not in ("==", "!=") or len(e.args) != 2:
            return None
        for own, other in (e.args, e.args[::-1]):
            inner = strip(own)
            if isinstance(inner, Carried) and inner.name in self.scans:
                lane = self.scans[inner.name].differs(other)
                if lane is not None and e.name == "==":
                    lane = replace(lane, node=ast.UnaryOp(ast.Invert(), lane.node))
                return lane
        return None

    def _once(self, id_: str, which: str, blends: bool = True) -> Lane:
        if id_ in self.busy:
            raise self.refuse(f"`{id_}` is carried from one round to the next", reason=Reason.CARRIED_STATE)
        self.busy.add(id_)
        depth, self.depth = self.depth, 0
        context, self.context = self.context, None
        try:
            scan = self.scans[id_]
            found: Lane = getattr(scan, which)()
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
