"""Small constructors of syntax trees, so that idioms read as the code they make."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.walk import copied, walk


def name(id_: str) -> ast.Name:
    return ast.Name(id_, ast.Load())


def store(id_: str) -> ast.Name:
    return ast.Name(id_, ast.Store())


def const(value: object) -> ast.Constant:
    return ast.Constant(value)  # type: ignore[arg-type]


def attr(base: ast.expr, *path: str) -> ast.expr:
    for part in path:
        base = ast.Attribute(base, part, ast.Load())
    return base


def item(base: ast.expr, index: ast.expr) -> ast.Subscript:
    return ast.Subscript(base, index, ast.Load())


def call(func: ast.expr | str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
    fn = expr(func) if isinstance(func, str) else func
    return ast.Call(fn, list(args), [ast.keyword(k, v) for k, v in keywords.items()])


def expr(code: str) -> ast.expr:
    """Parse a constant piece of code; its positions are dropped."""
    return bare(ast.parse(code, mode="eval").body)


def filled(node: ast.expr, parts: dict[str, ast.expr]) -> ast.expr:
    """A piece of code with expressions in the place of names."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, n: ast.Name) -> ast.expr:
            return clone(parts[n.id]) if n.id in parts else n

    out: ast.expr = Fill().visit(node)
    return out


def bare(node: ast.expr) -> ast.expr:
    """The node without positions, so that it is not taken for original code."""
    for n in walk(node):
        for field in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            n.__dict__.pop(field, None)
    return node


def clone(node: ast.expr) -> ast.expr:
    """A copy that may be placed elsewhere; original literals keep their positions, hence their spelling."""
    return copied(node)


def assign(target: ast.expr | str, value: ast.expr, line: int | None = None) -> ast.Assign:
    node = ast.Assign([store(target) if isinstance(target, str) else target], value)
    if line is not None:
        node.lineno = line
    return node


def binop(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, op, right)


def shifted(node: ast.expr, offset: int) -> ast.expr:
    """`node + offset`, as one would write it."""
    return node if not offset else binop(node, ast.Add() if offset > 0 else ast.Sub(), const(abs(offset)))


def slice_(base: ast.expr, lower: ast.expr | None, upper: ast.expr | None) -> ast.expr:
    """`base[lower:upper]`, or the base itself where both are open."""
    if lower is None and upper is None:
        return base
    return ast.Subscript(base, ast.Slice(lower, upper), ast.Load())


def both(tests: Sequence[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), list(tests))


def opposite(test: ast.expr) -> ast.expr:
    """An array of booleans, or a boolean, the other way round; of comparisons only those of numbers that are no NaN."""
    flipped = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt}
    match test:
        case ast.Constant(value=bool(value)):
            return const(not value)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return operand
        case ast.Compare(ops=[op]) if type(op) in flipped:
            return ast.Compare(test.left, [flipped[type(op)]()], test.comparators)
    return ast.UnaryOp(ast.Invert(), test)


def same(a: ast.AST, b: ast.AST) -> bool:
    return ast.dump(a) == ast.dump(b)
