"""Putting expressions and effects together: conditional values, merged branches, unpacked tuples, shifted positions."""

from __future__ import annotations

import ast
from dataclasses import replace

from .context import Refused
from .ir import Add, Append, Carried, Const, Effect, Expr, Inv, Op, Pos, Raw, Row, Undefined, strip
from .remarks import Reason

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
#: One of the values that something is unpacked into; its keywords say which of how many.
UNPACKED = "unpacked"
UNARY = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert", ast.Not: "not"}


def unless_row(e: Expr) -> Expr:
    """A row without its names; anything else as it is."""
    inner = strip(e)
    return inner if isinstance(inner, Row) else e


def is_pair(e: Expr) -> bool:
    """Whether this is what `for pair in df.iterrows()` hands out: the label and the row."""
    inner = strip(e)
    return isinstance(inner, Op) and inner.name == "tuple" and any(isinstance(a, Row) for a in inner.args)


def pair_part(e: Expr, index: Expr) -> Expr | None:
    """`pair[0]` or `pair[1]`."""
    inner, number = strip(e), strip(index)
    if not is_pair(e) or not isinstance(inner, Op) or not isinstance(number, Const):
        return None
    return inner.args[number.value] if number.value in (0, 1) and type(number.value) is int else None


def surely_new(e: Expr) -> bool:
    """A value that `+=` can't change in place: a number or text, or the fresh result of an operation."""
    inner = strip(e)
    match inner:
        case Const() | Carried() | Pos():
            return True
        case Op(name=op):
            return op in BINARY.values() or op in UNARY.values() or op.startswith(("call:builtins.", "call:math."))
        case Raw(node=ast.JoinedStr()):
            return True
    return False


def offset_by(a: Expr, b: Expr, op: str) -> Expr | None:
    match strip(a), strip(b), op:
        case Pos(offset=k), Const(value=int(c)), "+" if not isinstance(c, bool):
            return Pos(k + c)
        case Pos(offset=k), Const(value=int(c)), "-" if not isinstance(c, bool):
            return Pos(k - c)
        case Const(value=int(c)), Pos(offset=k), "+":
            return Pos(k + c)
    return None


def choose(cond: Expr, a: Expr, b: Expr, node: ast.AST | None = None) -> Expr:
    """`a if cond else b`, distributed over tuples of one length."""
    if a == b:
        return a
    x, y = _tuple_parts(a), _tuple_parts(b)
    if x is not None and y is not None and len(x) == len(y):
        inner = strip(a)
        shown = inner.node if isinstance(inner, Op | Inv) else node
        return Op("tuple", tuple(choose(cond, p, q) for p, q in zip(x, y, strict=True)), shown)
    return Op("if", (cond, a, b), node)


def _tuple_parts(e: Expr) -> tuple[Expr, ...] | None:
    """The parts of a tuple display, also of one that is the same in every round, as in `return 0.5, 0.0`."""
    match strip(e):
        case Op(name="tuple", args=args):
            return args
        case Inv(node=ast.Tuple(elts=elts)) if not any(isinstance(x, ast.Starred) for x in elts):
            return tuple(Const(x.value, x) if isinstance(x, ast.Constant) else Inv(ast.unparse(x), x) for x in elts)
    return None


def unpack(value: Expr, target: ast.Tuple | ast.List, stmt: ast.stmt, whole: bool = False) -> list[Expr]:
    """The parts of an unpacked value. `whole`: of one of unknown length, too, if only names take them."""
    inner = strip(value)
    n = len(target.elts)
    parts = inner.args if isinstance(inner, Op) and inner.name == "list" else _tuple_parts(inner)
    if parts is not None and len(parts) == n:
        return list(parts)
    if whole and not isinstance(inner, Row | Undefined) and all(isinstance(t, ast.Name) for t in target.elts):
        return [Op(UNPACKED, (value,), target, (str(k), str(n))) for k in range(n)]
    hint = "take its items one by one (`value[0]`), or return a tuple that shows how many there are"
    raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "a value of unknown length is unpacked", hint)


def merge_effects(cond: Expr, a: list[Effect], b: list[Effect]) -> list[Effect]:
    """The effects of both branches: pairwise the same becomes one with a conditional value, the rest gets a guard.

    What is appended in both of them, but not always, becomes one effect with a guard of both.
    """
    out: list[Effect] = []
    keys = [_effect_key(e) for e in a] == [_effect_key(e) for e in b]
    if keys and all(x.guard is None and y.guard is None for x, y in zip(a, b, strict=True)):
        return [
            x if x.value == y.value else replace(x, value=choose(cond, x.value, y.value))
            for x, y in zip(a, b, strict=True)
        ]
    if keys and len(a) == 1 and isinstance(a[0], Append | Add) and a[0].value == b[0].value:
        return [replace(a[0], guard=_either(cond, a[0].guard, b[0].guard))]
    for e in a:
        out.append(replace(e, guard=cond if e.guard is None else Op("and", (cond, e.guard))))
    negated = Op("not", (cond,))
    for e in b:
        out.append(replace(e, guard=negated if e.guard is None else Op("and", (negated, e.guard))))
    return out


def _either(cond: Expr, a: Expr | None, b: Expr | None) -> Expr:
    """When something happens in both branches of a condition, in one of them (or in both) under one more."""
    if a is None:
        assert b is not None
        return Op("or", (cond, b))
    return Op("or", (Op("not", (cond,)), a)) if b is None else Op("if", (cond, a, b))


def _effect_key(e: Effect) -> tuple[object, ...]:
    return (
        type(e),
        e.target,
        getattr(e, "index", None),
        getattr(e, "row", None),
        getattr(e, "column", None),
        getattr(e, "augmented", None),
    )
