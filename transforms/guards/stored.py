"""Whether what a loop stores into a frame fits columns of floats, given what is tested to be a number."""

from __future__ import annotations

import ast
from collections.abc import Collection

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Loop, Op, Read, StoreCell, strip
from ..hoists.floats import EXACT, NUMBERS

ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "neg"})
OF_NUMBERS = frozenset({"call:builtins.abs", "call:builtins.max", "call:builtins.min"})


def stores_numbers(site: SiteContext, loop: Loop, columns: Collection[str], scalars: Collection[str]) -> bool:
    """Whether all that is stored into cells is made of these columns, these names, and numbers that are written out."""

    def number(e: Expr) -> bool:
        match strip(e):
            case Read(source=source):
                return source.code in columns
            case Const(value=value):
                return isinstance(value, float) or (type(value) is int and abs(value) < EXACT)
            case Inv(code=code, node=node):
                return code in scalars or (isinstance(node, ast.Attribute) and site.dotted(node) in NUMBERS)
            case Op(name="if", args=(_, one, other)):
                return number(one) and number(other)
            case Op(name=name, args=args) if name in ARITHMETIC or name in OF_NUMBERS:
                return all(map(number, args))
        return False

    return all(isinstance(effect, StoreCell) and number(effect.value) for effect in loop.effects)
