"""Expressions to array code: each `Expr` of one round becomes one array over all rounds.

Only forms that give the loop's values bit by bit are used; what can't be proved from the code becomes an obligation.
Temporaries keep the author's names.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.ir import Carried, Const, Expr, Inv, Label, Loop, Named, Op, Own, Pos, Raw, Read, Row, Undefined, strip
from ...loops.literals import folded
from ...loops.remarks import Reason
from ..shared.build import clone
from ..shared.operators import BINARY
from .dates import date_lane
from .functions import vector_call
from .lanes import Lane, NotVector
from .logic import LogicLanes
from .naming import RESULTS, TESTS, value_name
from .rounds import Rounds

#: Operations that are worth a name.
NAMED = frozenset(RESULTS) | TESTS - {"not"}
#: Lanes that only some idioms know: given the code that is built and an expression, its lane or None.
Extension = Callable[["ArrayCode", Expr], Lane | None]


@dataclass
class ArrayCode(LogicLanes):
    """Builds array code for one loop: steps, obligations, and the lanes of its values."""

    repeated: frozenset[Expr] | None = None
    titled: Expr | None = None  # what is computed next has a name of its own

    @classmethod
    def build(cls, site: SiteContext, loop: Loop) -> ArrayCode:
        return cls(site, loop, Rounds.of(site, loop.header), site.file.alias("numpy") or "np")

    def lane(self, e: Expr) -> Lane:
        """The array form of an expression."""
        if isinstance(e, Named):
            return self._named(e)
        if self.extend is not None and isinstance(e, (Op, Raw)) and (lane := self.extend(self, e)) is not None:
            return lane
        match e:
            case Const(value=value, node=node):
                return Lane(clone(node), False, _const_dtype(value), True)
            case Inv(node=node):
                if abs(folded(node) or 0) >= 2**63:
                    raise self.refuse(f"`{ast.unparse(node)}` does not fit in 64 bits")
                return self.fixed_lane(node)
            case Read():
                return self._read(e)
            case Own(read=read):
                raise self.refuse(
                    f"`{read.source.code}` is read while the loop changes it", reason=Reason.READS_OWN_OUTPUT
                )
            case Pos(offset=offset):
                self.count()
                return Lane(self.rounds.positions(self.np, offset), True, "int", True)
            case Op():
                return self._op(e)
            case Carried(name=id_):
                raise self.refuse(f"`{id_}` is carried from one round to the next", reason=Reason.CARRIED_STATE)
            case Undefined(name=id_):
                raise self.refuse(f"`{id_}` is not bound on every path", reason=Reason.CARRIED_STATE)
            case Row():
                raise self.refuse("the row itself is used", reason=Reason.ROW_ESCAPES)
            case Label():
                raise self.refuse("the label of the row is computed with")
        shown = " ".join(ast.unparse(e.node).split())[:60] if isinstance(e, Raw) else "the value"
        raise self.refuse(f"`{shown}` has no array form", reason=Reason.UNKNOWN_CALL)

    def _named(self, e: Named) -> Lane:
        inner = strip(e)
        if isinstance(inner, Read):
            return self._read(inner, e.name if e.name in self.site.assigned else None)
        if isinstance(inner, (Const, Inv, Pos)):
            return self.lane(inner)
        lane = self.once(e, lambda: self._authored(e))
        self.memo[inner], self.marks[inner] = lane, self.marks.get(e, (False, False))
        return lane

    def _authored(self, e: Named) -> Lane:
        """A temporary under its author's name."""
        outer, self.wish = self.wish, f"raw_{e.name}"
        self.titled = e.value
        lane = self.lane(e.value)
        self.wish = outer
        if isinstance(lane.node, ast.Name):
            return lane
        known = e.name in self.site.assigned or self.site.fresh(e.name, e.name + "_") == e.name
        return self.named(lane, e.name, _line_of(strip(e)), authored=known)

    def _op(self, e: Op) -> Lane:
        """An operation; what the loop computes in several places is computed once."""
        if e is self.titled or e not in self._repeated():
            return self.computed(e)
        return self.once(e, lambda: self._shared(e))

    def _shared(self, e: Op) -> Lane:
        lane = self.computed(e)
        if not lane.array or isinstance(lane.node, ast.Name):
            return lane
        return self.named(lane, value_name(e) or self.wish)

    def _repeated(self) -> frozenset[Expr]:
        """Operations that stand in the loop more than once, and don't depend on the round before."""
        if self.repeated is None:
            found = _operations(x for e in self.loop.effects for x in (e.guard, e.value) if x is not None)
            self.repeated = frozenset(
                e for e, n in found.items() if n > 1 and not any(isinstance(x, Carried) for x in e.walk())
            )
        return self.repeated

    def computed(self, e: Op) -> Lane:
        """The lane of an operation, of its operands' lanes."""
        handler: dict[str, Callable[[Op], Lane]] = {
            "if": self._if,
            "and": self._logic,
            "or": self._logic,
            "not": self._not,
            "neg": self._sign,
            "pos": self._sign,
        }
        if e.name in handler:
            return handler[e.name](e)
        if e.name in BINARY and e.name not in ("@", "<<", ">>"):
            return self._arithmetic(e)
        if e.name in ("<", "<=", ">", ">=", "==", "!="):
            return self._comparison(e)
        if e.name in ("in", "not in"):
            return self._membership(e)
        if (dated := date_lane(self, e)) is not None:
            return dated
        if e.name.startswith("call:"):
            lane = vector_call(self, e)
            if not lane.array and isinstance(e.node, ast.expr):
                self.one_for_all(e.node)
            return lane if lane.array or e.name == "call:builtins.abs" else self.settled(e, lane)
        if e.name in ("item", "method:get"):
            return self._dictionary(e)
        raise self.refuse(f"`{ast.unparse(e.node) if isinstance(e.node, ast.expr) else e.name}` has no array form", e)


def _const_dtype(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() if abs(value) < 2**63:
            return "int"
        case float():
            return "float"
        case str():
            return "text"
    raise NotVector(Reason.UNSUPPORTED_SYNTAX, 0, f"`{value!r}` has no place in an array of numbers")


def _operations(values: Iterable[Expr]) -> Counter[Expr]:
    """How often each operation stands in the code; what a repeated operation or a temporary is made of counts once."""
    found: Counter[Expr] = Counter()
    seen: set[Expr] = set()
    left = list(values)
    while left:
        e = left.pop()
        if isinstance(e, Op) and e.name in NAMED:
            found[e] += 1
        if e not in seen:
            left += e.children()
        if isinstance(e, (Op, Named)):
            seen.add(e)
    return found


def _line_of(e: Expr) -> int | None:
    return (e.line or None) if isinstance(e, Op) else None
