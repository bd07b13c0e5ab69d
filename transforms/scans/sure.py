"""Where a value that starts at None is surely none: behind `is not None`, and on the other side of `is None`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ...loops.ir import Carried, Const, Expr, Named, Op, strip

#: The name of a scan, and whether its value at the start or at the end of the round is meant.
Key = tuple[str, str]
#: Which value of which scan an expression is, if it is one.
Find = Callable[[Expr], Key | None]
#: The operation around a value that is surely there.
SURE = "sure"


def missing_test(e: Op) -> tuple[Expr, bool] | None:
    """(`x`, True) for `x is None`, (`x`, False) for `x is not None`."""
    if e.name not in ("is", "is not") or len(e.args) != 2:
        return None
    left, right = map(strip, e.args)
    if isinstance(left, Const) and left.value is None:
        left, right = right, left
    return (left, e.name == "is") if isinstance(right, Const) and right.value is None else None


def facts_of(test: Expr | None, holds: bool, find: Find) -> frozenset[Key]:
    """The values that are there where a test holds, or where it does not."""
    inner = strip(test) if test is not None else None
    if not isinstance(inner, Op):
        return frozenset()
    if inner.name == "not":
        return facts_of(inner.args[0], not holds, find)
    if inner.name in ("and", "or"):
        if (inner.name == "and") is not holds:
            return frozenset()
        return frozenset().union(*(facts_of(a, holds, find) for a in inner.args))
    found = missing_test(inner)
    if found is None or found[1] is holds or (key := find(found[0])) is None:
        return frozenset()
    return frozenset({key})


def assured(e: Expr, find: Find, facts: frozenset[Key] = frozenset(), computes: bool = True) -> Expr:
    """The expression with what is surely there marked as such; not what is only handed on, unless it `computes`."""
    inner = strip(e)
    if (key := find(inner)) is not None:
        return Op(SURE, (inner,)) if computes and key in facts else e
    if isinstance(e, Named):
        return replace(e, value=assured(e.value, find, facts, computes))
    if not isinstance(inner, Op) or missing_test(inner) is not None:
        return e
    if inner.name == "if":
        test, yes, no = inner.args
        sides = (
            assured(yes, find, facts | facts_of(test, True, find), computes),
            assured(no, find, facts | facts_of(test, False, find), computes),
        )
        return replace(inner, args=(assured(test, find, facts), *sides))
    args: list[Expr] = []
    for a in inner.args:
        args.append(assured(a, find, facts, computes or inner.name != "tuple"))
        if inner.name in ("and", "or"):  # the next operand is only computed where this one holds, or does not
            facts |= facts_of(a, inner.name == "and", find)
    return replace(inner, args=tuple(args))


def test_given(e: Expr, id_: str, missing: bool) -> Expr | bool:
    """What a test comes down to where a name is None at the start of the round, or where it is not."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return e
    if (found := missing_test(inner)) is not None and strip(found[0]) == Carried(id_):
        return found[1] is missing
    if inner.name == "not":
        below = test_given(inner.args[0], id_, missing)
        return not below if isinstance(below, bool) else replace(inner, args=(below,))
    if inner.name not in ("and", "or"):
        return e
    decides = inner.name == "or"
    parts = [test_given(a, id_, missing) for a in inner.args]
    if any(p is decides for p in parts):
        return decides
    left = tuple(p for p in parts if not isinstance(p, bool))
    return not decides if not left else left[0] if len(left) == 1 else replace(inner, args=left)


def value_given(e: Expr, id_: str, missing: bool) -> Expr:
    """What a choice comes down to where a name is None at the start of the round, or where it is not."""
    inner = strip(e)
    if inner == Carried(id_):
        return Const(None, ast.Constant(None)) if missing else inner
    if not isinstance(inner, Op) or inner.name != "if":
        return inner
    test = test_given(inner.args[0], id_, missing)
    yes, no = (value_given(a, id_, missing) for a in inner.args[1:])
    if isinstance(test, bool):
        return yes if test else no
    return yes if yes == no else replace(inner, args=(test, yes, no))
