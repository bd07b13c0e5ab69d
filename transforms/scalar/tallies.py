"""The statements by which a loop counts a key in a dict."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..shared.build import attr, name, same

#: A name that no program has: the list that gets the keys instead.
KEYS = "keys of the tally"


@dataclass(frozen=True)
class Tally:
    """The statements that count one key: the first `stop` of a block."""

    target: str
    key: ast.expr
    stop: int
    once: bool  # the key is evaluated once
    creates: bool  # a new key is made without the help of the dict's type


def with_appends(body: list[ast.stmt]) -> tuple[Tally, list[ast.stmt]] | None:
    """The one tally in a body, and the body with an append of the key in its place."""
    for k, stmt in enumerate(body):
        tally = _tally(body[k:])
        if tally is not None:
            put = ast.copy_location(ast.Expr(ast.Call(attr(name(KEYS), "append"), [tally.key], [])), stmt)
            return tally, [*body[:k], ast.fix_missing_locations(put), *body[k + tally.stop :]]
        match stmt:
            case ast.If(test=test, body=inner, orelse=[]) if found := with_appends(inner):
                changed = ast.copy_location(ast.If(test, found[1], []), stmt)
                return found[0], [*body[:k], changed, *body[k + 1 :]]
    return None


def _tally(block: list[ast.stmt]) -> Tally | None:
    """The ways of counting a key, at the start of a block."""
    match block:
        # if k in d: d[k] += 1, else: d[k] = 1 (or the other way round)
        case [
            ast.If(
                test=ast.Compare(left=key, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Name(id=d)]),
                body=[one],
                orelse=[other],
            ),
            *_,
        ]:
            more, first = (one, other) if isinstance(op, ast.In) else (other, one)
            if _grows(more, d, key) and _sets(first, d, key, 1):
                return Tally(d, key, 1, False, True)
        # if k not in d: d[k] = 0, then d[k] += 1
        case [
            ast.If(
                test=ast.Compare(left=key, ops=[ast.NotIn()], comparators=[ast.Name(id=d)]), body=[first], orelse=[]
            ),
            more,
            *_,
        ]:
            if _grows(more, d, key) and _sets(first, d, key, 0):
                return Tally(d, key, 2, False, True)
        # d.setdefault(k, 0), then d[k] += 1
        case [
            ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=d), attr="setdefault"),
                    args=[key, ast.Constant(value=0) as zero],
                    keywords=[],
                )
            ),
            more,
            *_,
        ]:
            if type(zero.value) is int and _grows(more, d, key):
                return Tally(d, key, 2, False, True)
        # d[k] = d.get(k, 0) + 1
        case [
            ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=d), slice=key)],
                value=ast.BinOp(left=left, op=ast.Add(), right=right),
            ),
            *_,
        ]:
            found, step = (left, right) if isinstance(right, ast.Constant) else (right, left)
            if _is_int(step, 1) and _gets(found, d, key):
                return Tally(d, key, 1, False, True)
        # d[k] += 1 in a defaultdict or a Counter
        case [ast.AugAssign(target=ast.Subscript(value=ast.Name(id=d), slice=key)) as more, *_] if _grows(more, d, key):
            return Tally(d, key, 1, True, False)
    return None


def _is_int(node: ast.expr, value: int) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == value


def _grows(stmt: ast.stmt, d: str, key: ast.expr) -> bool:
    match stmt:
        case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=n), slice=k), op=ast.Add(), value=step):
            return n == d and same(k, key) and _is_int(step, 1)
        case ast.Assign(
            targets=[ast.Subscript(value=ast.Name(id=n), slice=k)],
            value=ast.BinOp(left=ast.Subscript(value=ast.Name(id=m), slice=j), op=ast.Add(), right=step),
        ):
            return n == m == d and same(k, key) and same(j, key) and _is_int(step, 1)
    return False


def _sets(stmt: ast.stmt, d: str, key: ast.expr, value: int) -> bool:
    match stmt:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=n), slice=k)], value=v):
            return n == d and same(k, key) and _is_int(v, value)
    return False


def _gets(node: ast.expr, d: str, key: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=n), attr="get"), args=[k, zero], keywords=[]):
            return n == d and same(k, key) and _is_int(zero, 0)
    return False
