"""The syntax of tests: of one thing or of several, and which code may stand in one."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.context import SiteContext
from ...loops.walk import walk
from ..shared.build import call, clone, expr, filled

#: What only spans of time have.
OF_SPANS = frozenset({"days", "seconds", "total_seconds"})


class Untestable(Exception):
    """An assumption that no cheap test shows to hold."""


def typed(test: str, dtypes: Sequence[str]) -> ast.expr:
    """A test for one of some element types."""
    several = "dtype in (" + ", ".join(map(repr, dtypes)) + ")"
    return expr(test.replace("== dtype", f"== {dtypes[0]!r}" if len(dtypes) == 1 else several.removeprefix("dtype ")))


def for_each(variable: str, test: ast.expr, of: Sequence[ast.expr]) -> list[ast.expr]:
    """A test of several things: its parts for one of them, `all(...)` for more."""
    if not of:
        return []
    if len(of) == 1:
        one = filled(test, {variable: of[0]})
        return list(one.values) if isinstance(one, ast.BoolOp) and isinstance(one.op, ast.And) else [one]
    target = ast.Name(variable, ast.Store())
    several = ast.Tuple([clone(x) for x in of], ast.Load())
    return [call("all", ast.GeneratorExp(test, [ast.comprehension(target, several, [], 0)]))]


def kind_of_dates(loop: ast.stmt) -> ast.expr:
    """What the types of columns with dates are called, or of those with spans of time where nothing reads dates."""
    nodes = list(walk(loop))
    spans = any(isinstance(n, ast.Attribute) and n.attr in OF_SPANS for n in nodes)
    between = any(isinstance(n, ast.Sub) for n in nodes)
    return ast.Constant("timedelta64" if spans and not between else "datetime64")


def constant_offset(index: ast.expr) -> bool:
    """`i`, `i - 1`, `0`."""
    match index:
        case ast.Name() | ast.Constant():
            return True
        case ast.BinOp(left=ast.Name(), op=ast.Add() | ast.Sub(), right=ast.Constant()):
            return True
    return False


def cheap(node: ast.expr) -> str:
    """The code of a name or an attribute: nothing that takes time or raises."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise Untestable
    return ast.unparse(node)


#: What may have rounds compute less than others.
_CHOOSING = (ast.If, ast.IfExp, ast.BoolOp, ast.Continue, ast.Break, ast.comprehension, ast.Try, ast.Match)


def rounds_of(loop: ast.stmt) -> ast.expr:
    """The name of how many rounds there are, in a loop that computes the same on each."""
    match loop:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Name() as count], keywords=[])):
            if not any(isinstance(n, _CHOOSING) for n in walk(loop)):
                return count
    raise Untestable


def only_compared(site: SiteContext, node: ast.expr) -> bool:
    """Whether something is only looked for: `row["agent"] == agent`."""
    code, scopes = ast.unparse(node), site.file.scopes
    found = [n for n in walk(site.loop) if isinstance(n, ast.expr) and ast.unparse(n) == code]
    tests = [scopes.parent[n] for n in found]
    return bool(tests) and all(
        isinstance(t, ast.Compare) and all(isinstance(op, ast.Eq | ast.NotEq) for op in t.ops) for t in tests
    )
