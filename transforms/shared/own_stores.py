"""Stores into the very elements that they are made of: `x[i] = f(x[i])`, `x[i] += 1`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ...loops.ir import Access, Expr, Inv, Op, Own, Read, Scalar, Sequence_, StoreItem
from .build import name
from .operators import BINARY
from .rebuilt import rebuilt


def own_store(e: StoreItem) -> bool:
    """Whether what is stored depends on what was there."""
    return bool(e.augmented) or any(isinstance(x, Own) for part in parts_of(e) for x in part.walk())


def parts_of(e: StoreItem) -> list[Expr]:
    return [part for part in (e.value, e.guard) if part is not None]


def element_of(array: str) -> Read:
    """The element of an array or list at the position of the round."""
    return Read(Sequence_(Inv(array, name(array))), Access.INDEX, 0, None, Scalar.NUMPY)


def _as_read(e: StoreItem, itself: Expr) -> StoreItem:
    """A store of what is made of the element itself, read like one that stays; those of other arrays are not."""

    def plain(x: Expr) -> Expr | None:
        return itself if isinstance(x, Own) and x.read.source.base.code == e.target else None

    value = rebuilt(e.value, plain)
    if e.augmented:
        node = ast.BinOp(name(e.target), BINARY[e.augmented](), name("value"), lineno=e.line, col_offset=0)
        value = Op(e.augmented, (itself, value), node)
    return replace(e, value=value, guard=None if e.guard is None else rebuilt(e.guard, plain), augmented="")


def one_store(stores: Sequence[StoreItem], itself: Expr) -> StoreItem | None:
    """One store for all that a round makes into one place, of which the last one stays.

    None where one of them adds to what another one has stored before.
    """
    plain = [_as_read(e, itself) for e in stores]
    if (chain := _chain(plain, itself)) is not None:
        return chain
    if any(e.augmented for e in stores[1:]):
        return None
    value = itself
    for e in plain:
        value = e.value if e.guard is None else Op("if", (e.guard, e.value, value))
    return replace(plain[-1], value=value, guard=None)


def _chain(stores: Sequence[StoreItem], itself: Expr) -> StoreItem | None:
    """One store for those of `if`, `elif` and `else`; None for others."""
    first, *others = stores
    if not others:
        return first
    if first.guard is None:
        return None
    left = [_else_of(first.guard, e) for e in others]
    other = _chain([e for e in left if e is not None], itself) if None not in left else None
    if other is None:
        return None
    value = other.value if other.guard is None else Op("if", (other.guard, other.value, itself))
    return replace(first, value=Op("if", (first.guard, first.value, value)), guard=None)


def _else_of(test: Expr, e: StoreItem) -> StoreItem | None:
    """The store as it stands in the other branch of a test; None if it does not stand there."""
    match e.guard:
        case Op(name="not", args=(found,)) if found == test:
            return replace(e, guard=None)
        case Op(name="and", args=(Op(name="not", args=(found,)), more)) if found == test:
            return replace(e, guard=more)
    return None
