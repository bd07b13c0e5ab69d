"""Expressions to array code: each `Expr` of one round becomes one array over all rounds.

Only forms that give the loop's values bit by bit are used; what can't be proved from the code becomes an obligation.
Temporaries keep the author's names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..loops.context import SiteContext
from ..loops.ir import Carried, Const, Expr, Inv, Label, Loop, Named, Op, Pos, Raw, Read, Row, Undefined, strip
from ..loops.remarks import Reason
from .build import clone
from .functions import vector_call
from .lanes import Lane, NotVector
from .logic_lanes import LogicLanes
from .rounds import Rounds
from .scalars import BINARY

#: Lanes that only some idioms know: given the code that is built and an expression, its lane or None.
Extension = Callable[["ArrayCode", Expr], Lane | None]


@dataclass
class ArrayCode(LogicLanes):
    """Builds array code for one loop: steps, obligations, and the lanes of its values."""

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
                return Lane(clone(node), False, _const_dtype(value), None)
            case Inv(node=node):
                self.one_for_all(node)
                return Lane(clone(node), False, self._inv_dtype(node), None)
            case Read():
                return self._read(e)
            case Pos(offset=offset):
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
        raise self.refuse("the body calls something that has no array form", reason=Reason.UNKNOWN_CALL)

    def _named(self, e: Named) -> Lane:
        inner = strip(e)
        if isinstance(inner, Read):
            return self._read(inner, e.name if e.name in self.site.assigned else None)
        if isinstance(inner, (Const, Inv, Pos)):
            return self.lane(inner)
        if e in self.memo:
            return self.memo[e]
        outer, self.wish = self.wish, f"raw_{e.name}"
        lane = self.lane(e.value)
        self.wish = outer
        if not isinstance(lane.node, ast.Name):
            known = e.name in self.site.assigned or self.site.fresh(e.name, e.name + "_") == e.name
            lane = replace(lane, node=self.step(e.name, lane.node, _line_of(inner), authored=known))
        self.memo[e] = self.memo[inner] = lane
        return lane

    def _op(self, e: Op) -> Lane:
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
        if e.name.startswith("call:"):
            lane = vector_call(self, e)
            if not lane.array and isinstance(e.node, ast.expr):
                self.one_for_all(e.node)
            return lane
        if e.name in ("item", "method:get"):
            return self._dictionary(e)
        raise self.refuse(f"`{ast.unparse(e.node) if isinstance(e.node, ast.expr) else e.name}` has no array form", e)


def _const_dtype(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "text"
    raise NotVector(Reason.UNSUPPORTED_SYNTAX, 0, f"`{value!r}` has no place in an array of numbers")


def _line_of(e: Expr) -> int | None:
    return (e.line or None) if isinstance(e, Op) else None
