"""The body of a loop with what it keeps for the key of the row as a plain name: `seen[k] = seen.get(k, 0) + 1`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.names import bound_names, names_in
from ...loops.walk import copied, walk
from ..shared.build import same

#: What is read where the key is not there: nothing gives it a value.
ABSENT = "absent_entry_"
#: The key of the round.
KEY = "key_of_the_round_"


@dataclass(frozen=True)
class Slots:
    """The names that stand for the entries of the key (name -> dict or set), the key, and the body with them."""

    names: dict[str, str]
    key: ast.expr
    body: list[ast.stmt]


class NoSlots(Exception):
    """The body does something else with the dict."""


def with_slots(site: SiteContext, kinds: dict[str, str]) -> Slots | None:
    """The body with names for the entries of some dicts ("dict", "defaultdict") and sets; None if it does more."""
    put = _Put(kinds)
    try:
        body = put.block(site.loop.body)
    except NoSlots:
        return None
    own = (ABSENT, KEY, *map(slot, put.found))
    if put.key is None or any(site.fresh(n) != n for n in own):
        return None
    if any(isinstance(n, ast.Name) and n.id in kinds for s in body for n in walk(s)):
        return None
    at = next(k for k, s in enumerate(site.loop.body) if names_in(s) & set(kinds))
    bound = {n for s in site.loop.body[at:] for n in bound_names(s)}
    if names_in(put.key) & bound or any(isinstance(n, ast.Call | ast.NamedExpr) for n in walk(put.key)):
        return None
    first = ast.Assign([ast.Name(KEY, ast.Store())], copied(put.key))
    ast.copy_location(first, site.loop.body[at])
    body = [ast.fix_missing_locations(s) for s in (*body[:at], first, *body[at:])]
    return Slots({slot(d): d for d in put.found}, put.key, body)


def slot(kept: str) -> str:
    """The name for the entry of the key in a dict."""
    return f"entry_of_{kept}_"


@dataclass
class _Put(ast.NodeTransformer):
    """Puts the names in the place of the entries."""

    kinds: dict[str, str]
    key: ast.expr | None = None
    found: dict[str, None] = field(default_factory=dict)

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(copied(s)) for s in body]

    def _entry(self, d: str, key: ast.expr) -> ast.Name:
        if self.key is not None and not same(self.key, key):
            raise NoSlots
        self.key = self.key or key
        self.found[d] = None
        return ast.Name(slot(d), ast.Load())

    def _missing(self, d: str, key: ast.expr, negated: bool = False) -> ast.expr:
        op = ast.IsNot() if negated else ast.Is()
        return ast.Compare(self._entry(d, key), [op], [ast.Constant(None)])

    def _read(self, d: str, key: ast.expr) -> ast.expr:
        """`d[k]`: a zero where a defaultdict has nothing, an exception where a dict has nothing."""
        nothing: ast.expr = ast.Constant(0) if self.kinds[d] == "defaultdict" else ast.Name(ABSENT, ast.Load())
        return ast.IfExp(self._missing(d, key), nothing, self._entry(d, key))

    def _of(self, node: ast.expr, *kinds: str) -> str | None:
        return node.id if isinstance(node, ast.Name) and self.kinds.get(node.id) in kinds else None

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        d = self._of(node.value, "dict", "defaultdict")
        if d is None:
            return self.generic_visit(node)
        if isinstance(node.ctx, ast.Del):
            raise NoSlots
        if isinstance(node.ctx, ast.Store):
            made: ast.expr = ast.Name(self._entry(d, node.slice).id, ast.Store())
        else:
            made = self._read(d, node.slice)
        return ast.copy_location(made, node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        match node.target:
            case ast.Subscript(value=base, slice=key) if (d := self._of(base, "dict", "defaultdict")) is not None:
                grown = ast.BinOp(self._read(d, key), node.op, self.visit(node.value))
                return ast.copy_location(ast.Assign([ast.Name(slot(d), ast.Store())], grown), node)
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        match node:
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn() as op], comparators=[base]):
                if (d := self._of(base, "dict", "set")) is not None:
                    return ast.copy_location(self._missing(d, key, isinstance(op, ast.In)), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *default], keywords=[]) if (
                d := self._of(base, "dict")
            ) is not None and len(default) < 2:
                entry = self._entry(d, key)
                if not default or (isinstance(default[0], ast.Constant) and default[0].value is None):
                    return ast.copy_location(entry, node)
                other = self.visit(default[0])
                return ast.copy_location(ast.IfExp(self._missing(d, key), other, entry), node)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        match node.value:
            case ast.Call(func=ast.Attribute(value=base, attr="add"), args=[key], keywords=[]) if (
                d := self._of(base, "set")
            ) is not None:
                self._entry(d, key)
                return ast.copy_location(ast.Assign([ast.Name(slot(d), ast.Store())], ast.Constant(True)), node)
            case ast.Call(func=ast.Attribute(value=base, attr="setdefault"), args=[key, value], keywords=[]) if (
                d := self._of(base, "dict")
            ) is not None:
                stored = ast.Assign([ast.Name(slot(d), ast.Store())], self.visit(value))
                return ast.copy_location(ast.If(self._missing(d, key), [stored], []), node)
        return self.generic_visit(node)
