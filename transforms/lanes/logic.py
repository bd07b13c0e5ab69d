"""Truth and choice over all rounds: `and`, `or`, `not`, `if` as masks, np.where and np.select."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ...loops.ir import Const, Expr, Inv, Label, Op, Pos, Read, strip
from ...loops.remarks import Reason
from ..shared.build import attr, call, clone, const, name
from .lanes import Lane, NotVector
from .numbers import NumberLanes
from .thin import spread

#: Operations that give True or False.
_TRUTHS = frozenset({"not", "<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not"}) | {
    f"call:pandas.{test}" for test in ("isna", "isnull", "notna", "notnull")
}


class LogicLanes(NumberLanes):
    """The lanes of conditions and of values chosen by them."""

    def truth(self, e: Expr) -> Lane:
        """A lane of booleans, by Python's truth test."""
        inner = strip(e)
        if isinstance(inner, Read) and self.rounds.whole(inner):
            lane = self._truth_of_column(inner)
            if lane is not None:
                return lane
        if isinstance(inner, Inv) and self.fixed(inner):
            # Asked for its truth once or on every round, an array raises either way.
            self.without_rounds(inner.node)
            return Lane(clone(inner.node), False, self._inv_dtype(inner.node), True)
        if isinstance(inner, Op) and inner.name in ("and", "or") and not self._boolean(inner):
            return self._connected(inner, self.truth)
        lane = self.lane(e)
        if lane.dtype == "bool" and lane.array:
            return lane
        if lane.dtype == "any":
            raise self.refuse("a value that may be None or text decides", e if isinstance(e, Op) else None)
        if not lane.array:
            return self.settled(e, lane)
        return replace(lane, node=ast.Compare(lane.node, [ast.NotEq()], [const(0)]), dtype="bool")

    def settled(self, e: Expr, lane: Lane) -> Lane:
        """A scalar that Python's own operations may take: not `column if flag else 1.0`, which may be an array."""
        for x in e.walk():
            if isinstance(x, Op) and x.name == "if":
                test, yes, no = (any(isinstance(y, Read | Pos | Label) for y in a.walk()) for a in x.args)
                if not test and yes != no:
                    raise self.refuse("one value or an element, as something decides that is the same on every round")
        return lane

    def _truth_of_column(self, read: Read) -> Lane | None:
        series = self.series(read)
        if series is None:
            return None
        if read.dtype not in ("bool", "int", "float"):
            self.owe("truth-of-dates", read.source.code)
        return Lane(call(attr(series, "values", "astype"), name("bool")), True, "bool", None)

    def _boolean(self, e: Expr) -> bool:
        """Whether a value is surely True or False, not just true or false."""
        inner = strip(e)
        if isinstance(inner, Op):
            if inner.name in ("and", "or"):
                return all(self._boolean(a) for a in inner.args)
            return inner.name in _TRUTHS
        if isinstance(inner, Const):
            return isinstance(inner.value, bool)
        return isinstance(inner, Read) and inner.dtype == "bool"

    def _logic(self, e: Op) -> Lane:
        """As a value `x and y` is one of the two, not whether both are true."""
        return self._connected(e, self.lane)

    def _connected(self, e: Op, each: Callable[[Expr], Lane]) -> Lane:
        args = _flat(e)
        lanes = [each(args[0])]
        self.depth += 1
        try:
            lanes += [each(a) for a in args[1:]]
        finally:
            self.depth -= 1
        if not all(x.dtype == "bool" for x in lanes):
            raise self.refuse("`and`/`or` of values that are no booleans", e)
        if not any(x.array for x in lanes):
            return Lane(
                ast.BoolOp(ast.And() if e.name == "and" else ast.Or(), [x.node for x in lanes]), False, "bool", None
            )
        for inner in map(strip, args):
            if isinstance(inner, Inv):
                self.one_for_all(inner.node)
        node = lanes[0].node
        for x in lanes[1:]:
            node = ast.BinOp(node, ast.BitAnd() if e.name == "and" else ast.BitOr(), x.node)
        return Lane(node, True, "bool", None)

    def _not(self, e: Op) -> Lane:
        inner = strip(e.args[0])
        if isinstance(inner, Op) and inner.name in ("==", "!=", "in", "not in", "not"):
            # NumPy's == and != are each other's negation, NaN included; < and >= are not.
            if inner.name == "not":
                return replace(self.truth(inner.args[0]), python=True)
            flipped = {"==": "!=", "!=": "==", "in": "not in", "not in": "in"}[inner.name]
            return replace(self.lane(replace(inner, name=flipped)), python=True)
        a = self.truth(e.args[0])
        return replace(a, node=ast.UnaryOp(ast.Invert() if a.array else ast.Not(), a.node), dtype="bool", python=True)

    def either(self, *lanes: Lane) -> bool | None:
        """What a choice between values hands on: some rounds may have a Python scalar, others one of NumPy."""
        found = {x.python for x in lanes}
        return found.pop() if len(found) == 1 else None

    def chosen(self, e: Op, a: Lane, b: Lane, take_b: ast.expr) -> Lane:
        """`b if take_b else a` of two lanes that were computed anyway (min, max)."""
        dtype = self._common(a, b)
        return Lane(self.numpy("where", take_b, b.node, a.node), True, dtype, self.either(a, b))

    def _if(self, e: Op) -> Lane:
        test = self.truth(e.args[0])
        if not test.array:
            a, b = self.conditional(e.args[1]), self.conditional(e.args[2])
            dtype = a.dtype if a.dtype == b.dtype else "number"
            if "any" in (a.dtype, b.dtype) and a.dtype != b.dtype:
                raise self.refuse("a value that may be None or text is mixed with others", e)
            several = a.array or b.array  # whichever is chosen, there is one for each round
            one, other = (self._on_each_round(x) if several else x.node for x in (a, b))
            return Lane(ast.IfExp(test.node, one, other), several, dtype, self.either(a, b) if several else None)
        if (chain := _chain(e)) is not None:
            return self._select(chain, test)
        a, b = self.conditional(e.args[1]), self.conditional(e.args[2])
        if "text" in (a.dtype, b.dtype) and a.dtype != b.dtype:
            raise self.refuse("text and numbers are mixed", e)
        dtype = self._common(a, b)
        return Lane(self.numpy("where", test.node, a.node, b.node), True, dtype, self.either(a, b))

    def _on_each_round(self, lane: Lane) -> ast.expr:
        return lane.node if lane.array else spread(self.numpy("full", self.count(), lane.node))

    def _select(self, chain: list[Expr], first: Lane) -> Lane:
        """if/elif/elif/else as np.select: the first condition that holds wins, as in the loop."""
        tests, values = chain[:-1:2], [*chain[1::2], chain[-1]]
        conditions = [first.node]
        self.depth += 1
        try:
            for t in tests[1:]:
                lane = self.truth(t)
                if not lane.array:
                    raise self.refuse("a condition is the same on every round")
                conditions.append(lane.node)
            lanes = [self.lane(v) for v in values]
        finally:
            self.depth -= 1
        dtypes = {x.dtype for x in lanes}
        if "text" in dtypes and len(dtypes) > 1:
            raise self.refuse("text and numbers are mixed")
        dtype = self._common(*lanes)
        node = self.numpy(
            "select",
            ast.List(conditions, ast.Load()),
            ast.List([x.node for x in lanes[:-1]], ast.Load()),
            lanes[-1].node,
        )
        return Lane(node, True, dtype, self.either(*lanes))

    def mask(self, guard: Expr, line: int) -> Lane:
        """The rounds that a guard lets through, as a named array of booleans; refuses one that no column decides."""
        if guard not in self.masks:
            test = self.truth(guard)
            if not test.array:
                raise NotVector(Reason.UNSUPPORTED_SYNTAX, line, "the guard is the same on every round")
            self.masks[guard] = self.temp(test, "selected")
        return self.masks[guard]


def _chain(e: Op) -> list[Expr] | None:
    """test, value, test, value, ..., default of an if/elif chain with at least three tests."""
    out: list[Expr] = []
    inner: Expr = e
    while isinstance(inner, Op) and inner.name == "if":
        test, value, rest = inner.args
        out += [test, value]
        below = strip(rest)
        inner = below if isinstance(below, Op) and below.name == "if" else rest
    out.append(inner)
    return out if len(out) >= 7 else None


def _flat(e: Op) -> list[Expr]:
    """`a and (b and c)` as one list of operands."""
    out: list[Expr] = []
    for a in e.args:
        out += _flat(a) if isinstance(a, Op) and a.name == e.name and "chain" not in a.keywords else [a]
    return out
