"""Positions as sums: `i - window + 1` is the position, less a number known by name, plus one.

Enough arithmetic to say where a slice begins and ends, and whether that is surely inside the array.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...loops.context import SiteContext
from ...loops.header import length_of
from ...loops.ir import Const, Expr, Inv, Op, Pos, strip
from ...loops.literals import literal
from ...loops.names import names_in
from ..shared.build import binop, call, clone, const

LENGTH = "len "
POSITION = "position"


@dataclass(frozen=True)
class Linear:
    """`const` plus terms, each a piece of code with a factor."""

    const: int = 0
    terms: tuple[tuple[str, int], ...] = ()
    nodes: dict[str, ast.expr] = field(default_factory=dict, compare=False, hash=False)

    def plus(self, other: Linear, factor: int = 1) -> Linear:
        """The sum, or with factor -1 the difference."""
        found = dict(self.terms)
        for code, k in other.terms:
            found[code] = found.get(code, 0) + factor * k
        terms = tuple(sorted((c, k) for c, k in found.items() if k))
        return Linear(self.const + factor * other.const, terms, {**self.nodes, **other.nodes})

    def shifted(self, by: int) -> Linear:
        return replace(self, const=self.const + by)

    def without(self, code: str) -> tuple[int, Linear]:
        """The factor of one term, and the rest."""
        rest = tuple(t for t in self.terms if t[0] != code)
        return dict(self.terms).get(code, 0), replace(self, terms=rest)

    def least(self) -> int | None:
        """The least value with names at least 1 and lengths at least 0; None if there is none."""
        if any(k < 0 for _, k in self.terms):
            return None
        return self.const + sum(k for code, k in self.terms if not code.startswith(LENGTH))

    def numbers(self) -> Iterator[str]:
        """The code of its terms that are no lengths."""
        return (code for code, _ in self.terms if not code.startswith(LENGTH))

    def node(self) -> ast.expr:
        """The sum as code, what is added before what is taken away."""
        out: ast.expr | None = None
        for code, k in sorted(self.terms, key=lambda t: t[1] < 0):
            part = clone(self.nodes[code])
            if abs(k) > 1:
                part = binop(const(abs(k)), ast.Mult(), part)
            if out is None:
                out = part if k > 0 else ast.UnaryOp(ast.USub(), part)
            else:
                out = binop(out, ast.Add() if k > 0 else ast.Sub(), part)
        if out is None:
            return const(self.const)
        if not self.const:
            return out
        return binop(out, ast.Add() if self.const > 0 else ast.Sub(), const(abs(self.const)))


def linear(site: SiteContext, node: ast.expr, known: Mapping[str, Expr] | None = None) -> Linear | None:
    """A position as a sum of lengths, names and constants. `known`: what names of the loop stand for in this round."""
    match node:
        case ast.Constant(value=int(c)) if not isinstance(c, bool):
            return Linear(c)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = linear(site, operand, known)
            return Linear().plus(inner, -1) if inner is not None else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            a, b = linear(site, left, known), linear(site, right, known)
            return a.plus(b, 1 if isinstance(op, ast.Add) else -1) if a is not None and b is not None else None
        case (
            ast.BinOp(left=ast.Constant(value=int(c)), op=ast.Mult(), right=factor)
            | ast.BinOp(left=factor, op=ast.Mult(), right=ast.Constant(value=int(c)))
        ) if not isinstance(c, bool):
            inner = linear(site, factor, known)
            straight = inner is not None and POSITION not in dict(inner.terms)
            return Linear().plus(inner, c) if inner is not None and straight else None
        case ast.Name(id=name) if known is not None and name in known:
            return linear_value(site, known[name])
    if names_in(node) & (site.assigned | site.mutated):
        return None
    if measured := length_of(site, node):
        of, delta = measured
        code = LENGTH + of.code
        return Linear(delta, ((code, 1),), {code: call("len", clone(of.node))})
    if isinstance(node, (ast.Name, ast.Attribute)):
        code = ast.unparse(node)
        return Linear(0, ((code, 1),), {code: node})
    return None


def linear_value(site: SiteContext, e: Expr) -> Linear | None:
    """A value of the round as a sum; the induction variable is the term POSITION."""
    match strip(e):
        case Pos(offset=offset):
            return Linear(offset, ((POSITION, 1),))
        case Const(node=node) | Inv(node=node):
            return linear(site, node)
        case Op(name="+" | "-" as op, args=(left, right)):
            a, b = linear_value(site, left), linear_value(site, right)
            return a.plus(b, 1 if op == "+" else -1) if a is not None and b is not None else None
    return None


def number_bound(site: SiteContext, id_: str) -> float | None:
    """The number that a name is bound to once, in this module or this function, where it is written out."""
    owner = site.file.scopes.owner(id_, site.scope)
    match owner.binders(id_) if owner is not None else []:
        case [ast.Assign(targets=[ast.Name()], value=value)]:
            return literal(value)
    return None


def surely_positive(site: SiteContext, code: str) -> bool:
    """Whether a name is bound once, to a number above zero, in this module or this function."""
    number = number_bound(site, code) if code.isidentifier() else None
    return isinstance(number, int) and not isinstance(number, bool) and number > 0
