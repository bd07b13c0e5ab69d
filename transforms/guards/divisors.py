"""What a loop divides by, down to the elements and numbers that it is one of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.context import SiteContext
from ...loops.ir import Carried, Const, Expr, Inv, Loop, Op, Read, strip
from ...loops.literals import literal
from ...loops.names import bound_names
from ...loops.walk import walk
from .syntax import Untestable

DIVISIONS = frozenset({"/", "//", "%"})
#: Operations whose value is one of their arguments, or is zero only where one of them is.
CHOOSING = frozenset(
    {
        *(f"call:builtins.{name}" for name in ("abs", "max", "min", "float")),
        *(f"call:numpy.{name}" for name in ("abs", "absolute", "maximum", "minimum")),
    }
)
INFINITE = frozenset({"numpy.inf", "math.inf"})


def divided_by(site: SiteContext, loop: Loop, division: str) -> list[Read | Inv]:
    """What must not be zero for a division, as it is written, to have no divisor that is zero.

    Raises Untestable where the divisor is computed.
    """
    values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    values += [*loop.finals.values(), *loop.carried.values()]
    found = [
        x for v in values for x in v.walk() if isinstance(x, Op) and x.name in DIVISIONS and _written(x) == division
    ]
    if not found:
        raise Untestable
    parts = [part for x in found for part in _parts(site, loop, x.args[1], set())]
    return list(dict.fromkeys(parts))


def _written(e: Op) -> str:
    return ast.unparse(e.node) if isinstance(e.node, ast.expr) else ""


def _parts(site: SiteContext, loop: Loop, e: Expr, seen: set[str]) -> Iterator[Read | Inv]:
    match strip(e):
        case Const(value=int() | float() as value) if value:
            return
        case (Read() | Inv()) as part:
            yield part
        case Carried(name=id_) if id_ in seen:
            return
        case Carried(name=id_) if id_ in loop.carried:
            seen.add(id_)
            after = list(_parts(site, loop, loop.carried[id_], seen))
            yield from after
            _check_begin(site, id_, {part.source.code for part in after if isinstance(part, Read)})
        case Op(name="if", args=(_, one, other)):
            yield from _parts(site, loop, one, seen)
            yield from _parts(site, loop, other, seen)
        case Op(name=called, args=args) if called in CHOOSING and args:
            for arg in args:
                yield from _parts(site, loop, arg, seen)
        case _:
            raise Untestable


def _check_begin(site: SiteContext, id_: str, elements: set[str]) -> None:
    """A state has to begin with a number that is not zero, or with the first of the elements that it becomes."""
    binding = (s for s in reversed(site.block[: site.index]) if any(id_ in set(bound_names(n)) for n in _statements(s)))
    match next(binding, None):
        case ast.Assign(targets=[ast.Name()], value=ast.UnaryOp(op=ast.USub(), operand=value) | value):
            pass
        case _:
            raise Untestable
    match value:
        case ast.Subscript(
            value=ast.Attribute(value=of, attr="iloc" | "iat" | "values") | of, slice=ast.Constant(value=0)
        ):
            if ast.unparse(of) in elements:
                return
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value="inf" | "-inf")]):
            return
    if site.dotted(value) in INFINITE or literal(value):
        return
    raise Untestable


def _statements(stmt: ast.stmt) -> list[ast.stmt]:
    """A statement and those in it."""
    return [n for n in walk(stmt) if isinstance(n, ast.stmt)]
