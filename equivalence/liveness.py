"""Which names may still be read after a statement: live variables over the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .names import captured, loads, stores

Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True)
class _Exits:
    """What is live where a jump out of the block lands."""

    on_break: Names = NONE
    on_continue: Names = NONE
    on_error: Names = NONE


def read_first(body: Sequence[ast.stmt]) -> set[str]:
    """Names that the statements may read before they bind them."""
    return set(Liveness(body).entry) | (captured(body) - stores(body))


class Liveness:
    """Live names after each statement of one scope.

    `always` are names that others may read at any time: globals of a module, `nonlocal` names.
    """

    def __init__(self, body: Sequence[ast.stmt], always: set[str] | None = None) -> None:
        self._after: dict[ast.stmt, Names] = {}
        self._on_error: dict[ast.stmt, Names] = {}
        self._always = frozenset((always or set()) | captured(body))
        self.entry = self._block(body, NONE, _Exits())

    def after(self, stmt: ast.stmt) -> Names:
        """Names that may be read once the statement has ended normally."""
        return self._after.get(stmt, NONE) | self._always

    def on_error(self, stmt: ast.stmt) -> Names:
        """Names that a handler in the same scope may read if the statement raises."""
        return self._on_error.get(stmt, NONE)

    def _block(self, stmts: Sequence[ast.stmt], out: Names, exits: _Exits) -> Names:
        for stmt in reversed(stmts):
            self._after[stmt] = self._after.get(stmt, NONE) | out
            self._on_error[stmt] = self._on_error.get(stmt, NONE) | exits.on_error
            out = self._before(stmt, out, exits) | exits.on_error
        return out

    def _before(self, stmt: ast.stmt, out: Names, exits: _Exits) -> Names:
        match stmt:
            case ast.If():
                return self._block(stmt.body, out, exits) | self._block(stmt.orelse, out, exits) | loads(stmt.test)
            case ast.For() | ast.AsyncFor():
                return self._for(stmt, out, exits)
            case ast.While():
                return self._while(stmt, out, exits)
            case ast.With() | ast.AsyncWith():
                bound = {n for item in stmt.items for n in stores(item.optional_vars)}
                return (self._block(stmt.body, out, exits) - bound) | loads(stmt.items)
            case ast.Try() | ast.TryStar():
                return self._try(stmt, out, exits)
            case ast.Match():
                live = out
                for case in stmt.cases:
                    live |= self._block(case.body, out, exits) - stores(case.pattern)
                    live |= loads(case.guard) | loads(case.pattern)
                return live | loads(stmt.subject)
            case ast.Return() | ast.Raise():
                return frozenset(loads(stmt))
            case ast.Break():
                return exits.on_break
            case ast.Continue():
                return exits.on_continue
            case ast.Delete():
                return out | {n.id for n in ast.walk(stmt) if isinstance(n, ast.Name)}
            case ast.Expr() | ast.Assert():
                return out | loads(stmt)
        return (out - stores(stmt)) | loads(stmt)

    def _for(self, stmt: ast.For | ast.AsyncFor, out: Names, exits: _Exits) -> Names:
        head = done = self._block(stmt.orelse, out, exits)
        targets = stores(stmt.target)
        while True:
            inner = replace(exits, on_break=out, on_continue=head)
            grown = done | (self._block(stmt.body, head, inner) - targets) | loads(stmt.target)
            if grown <= head:
                return head | loads(stmt.iter)
            head |= grown

    def _while(self, stmt: ast.While, out: Names, exits: _Exits) -> Names:
        head = self._block(stmt.orelse, out, exits) | loads(stmt.test)
        while True:
            inner = replace(exits, on_break=out, on_continue=head)
            grown = self._block(stmt.body, head, inner)
            if grown <= head:
                return head
            head |= grown

    def _try(self, stmt: ast.Try | ast.TryStar, out: Names, exits: _Exits) -> Names:
        after = self._block(stmt.finalbody, out, exits)
        guarded = replace(exits, on_error=exits.on_error | (after if stmt.finalbody else NONE))
        handled = NONE
        for handler in stmt.handlers:
            bound = {handler.name} if handler.name else set()
            handled |= (self._block(handler.body, after, guarded) - bound) | loads(handler.type)
        normal = self._block(stmt.orelse, after, guarded)
        return self._block(stmt.body, normal, replace(guarded, on_error=guarded.on_error | handled)) | handled
