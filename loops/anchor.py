"""Facts about a body as it stands, for rewrites that leave it in place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from .context import SiteContext
from .facts import is_output
from .purity import PURE_METHODS, is_pure
from .scopes import bound_names

JUMPS = (ast.Continue, ast.Break, ast.Return, ast.Raise)


def unconditional(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """Expressions that every round evaluates, as far as that is plain to see."""
    for stmt in body:
        match stmt:
            case (
                ast.Assign(value=value)
                | ast.AugAssign(value=value)
                | ast.Expr(value=value)
                | ast.AnnAssign(value=ast.expr() as value)
            ):
                yield from _leading(value)
            case ast.If(test=test):
                yield from _leading(test)
            case ast.For(iter=iterable):
                yield from _leading(iterable)
        if any(isinstance(n, JUMPS) for n in ast.walk(stmt)):
            return


def _leading(node: ast.expr) -> Iterator[ast.expr]:
    yield node
    match node:
        case ast.BoolOp(values=[first, *_]):
            yield from _leading(first)
        case ast.IfExp(test=test):
            yield from _leading(test)
        case ast.Compare(left=left, comparators=[right, *_]):
            yield from _leading(left)
            yield from _leading(right)
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.keyword):
                    yield from _leading(child.value)
                elif isinstance(child, ast.expr):
                    yield from _leading(child)


def surely_a_number(body: list[ast.stmt], is_read: Callable[[ast.expr], bool]) -> bool:
    """Whether each round does with some read what text and dates can't do: then a frame of those raises either way."""
    for node in unconditional(body):
        match node:
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Pow(), right=right):
                if is_read(left) or is_read(right):
                    other = right if is_read(left) else left
                    if not isinstance(node.op, ast.Mult) or not (
                        isinstance(other, ast.Constant) and isinstance(other.value, (int, str))
                    ):
                        return True
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                if (is_read(left) and _number(right)) or (is_read(right) and _number(left)):
                    return True
            case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE(), *_], comparators=[right, *_]):
                if (is_read(left) and _number(right)) or (is_read(right) and _number(left)):
                    return True
    return False


def _number(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _number(operand)
    return False


def output_share(site: SiteContext) -> tuple[int, int, ast.AST | None]:
    """How many statements of the body show or write something, of how many, and the first of them."""
    shown, total, first = 0, 0, None
    for stmt in ast.walk(site.loop):
        if not isinstance(stmt, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)):
            continue
        if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant):
            continue
        total += 1
        calls = [n for n in ast.walk(stmt) if isinstance(n, ast.Call)]
        if isinstance(stmt, ast.Expr) and any(is_output(site, c) for c in calls):
            shown += 1
            first = first or stmt
    return shown, total, first


def unknown_calls(site: SiteContext) -> Iterator[ast.Call]:
    """Calls in the body that may do anything."""
    for node in ast.walk(site.loop):
        if not isinstance(node, ast.Call):
            continue
        path = site.dotted(node.func)
        if path is not None and is_pure(path):
            continue
        if path is None and isinstance(node.func, ast.Attribute) and node.func.attr in PURE_METHODS:
            continue
        yield node


def rebound_in_body(site: SiteContext, name: str) -> ast.AST | None:
    """A statement of the body that binds a name again, the header left out."""
    for stmt in site.loop.body:
        for n in ast.walk(stmt):
            if isinstance(n, (ast.stmt, ast.NamedExpr, ast.comprehension)) and not isinstance(
                n, (ast.If, ast.While, ast.Try, ast.With)
            ):
                targets = (
                    set(bound_names(n.target))
                    if isinstance(n, (ast.For, ast.comprehension, ast.NamedExpr))
                    else set(bound_names(n))
                )
                if name in targets:
                    return n
    return None
