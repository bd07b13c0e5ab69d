"""Ranges in other steps, `reversed`, `np.arange`, and `while i < len(x)` with one increment."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .anchor import unknown_calls
from .context import Refused, SiteContext
from .exposure import changed_by_calls, only_collects
from .header_rows import inv
from .ir import Header, HeaderForm, Pos
from .names import bound_names
from .remarks import Reason
from .walk import walk

#: Statements with a block in which `continue` belongs to another loop, or to none.
INNER = (ast.For, ast.While, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def lift_strides(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    """A loop over positions in another order, or over some of them only: `i` is a position, the rounds are no slice."""
    if not isinstance(loop.target, ast.Name):
        return None
    match iterable:
        case ast.Call(func=func, args=[ast.Call(func=inner)], keywords=[]) if (
            site.dotted(func) == "builtins.reversed" and site.dotted(inner) == "builtins.range"
        ):
            pass
        case ast.Call(func=func, args=[_, _, step], keywords=[]) if site.dotted(func) == "builtins.range":
            if isinstance(step, ast.Constant) and step.value == 1:
                return None
        case ast.Call(func=func, args=args, keywords=[]) if (
            site.dotted(func) == "numpy.arange" and args and all(_integral(site, a) for a in args)
        ):
            pass
        case _:
            return None
    i = loop.target.id
    return Header(HeaderForm.STRIDES, loop, {i: Pos()}, elements=(inv(iterable),), position_name=i)


def _integral(site: SiteContext, node: ast.expr) -> bool:
    """Whether an expression is surely an integer."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _integral(site, operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv(), right=right):
            return _integral(site, left) and _integral(site, right)
        case ast.Call(func=func, args=[_], keywords=[]) if site.dotted(func) in ("builtins.len", "builtins.int"):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=int())):
            return True
    kind = site.kind(node)
    return kind is not None and kind.name == "int"


def as_for(site: SiteContext, loop: ast.While) -> ast.For:
    """`while i < len(x): ...; i += 1` as the `for` loop that it is; raises Refused for any other.

    The new node is no part of the file, its statements are.
    """
    match loop.test, loop.body[-1]:
        case (
            ast.Compare(left=ast.Name(id=i), ops=[ast.Lt()], comparators=[stop]),
            ast.AugAssign(target=ast.Name(id=counter), op=ast.Add(), value=ast.Constant(value=1)),
        ) if i == counter:
            pass
        case _:
            raise _other(loop, "its condition is no `i < n`, or it does not end with `i += 1`")
    body = loop.body[:-1]
    if not body or any(i in set(bound_names(s)) for s in body):
        raise _other(loop, f"`{i}` is bound in another way too")
    if any(isinstance(n, ast.Continue) for s in body for n in _own(s)):
        raise _other(loop, f"`continue` goes round without `{i} += 1`")
    if not site.invariant(stop) or not _integral(site, stop):
        raise _other(loop, f"`{ast.unparse(stop)}` is not known to be one integer for all rounds")
    if _may_change(site, stop):
        raise _other(loop, f"a call in the body might change `{ast.unparse(stop)}`")
    made = first_value(site, i)
    start = made.value if made is not None else None
    if not isinstance(start, ast.Constant):
        raise _other(loop, f"the first value of `{i}` is no integer that stands before the loop")
    iterable = ast.Call(ast.Name("range", ast.Load()), [start, stop] if start.value else [stop], [])
    return ast.copy_location(ast.For(ast.Name(i, ast.Store()), iterable, body, loop.orelse), loop)


def _other(loop: ast.While, why: str) -> Refused:
    message = f"a while loop that does not count its rounds: {why}"
    return Refused(Reason.UNSUPPORTED_SYNTAX, loop, message, "write it as `for i in range(n)`, if it is one")


def _may_change(site: SiteContext, stop: ast.expr) -> bool:
    """Whether a call in the body may change what the condition measures."""
    for name in (n for n in walk(stop) if isinstance(n, ast.Name) and site.dotted(n) is None):
        calls = (c for c in unknown_calls(site) if not only_collects(c))
        given = [a for c in calls for a in (*c.args, *(k.value for k in c.keywords)) if isinstance(a, ast.Name)]
        if any(a.id == name.id for a in given) or changed_by_calls(site, name) is not None:
            return True
    return False


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, inner loops and functions left out."""
    yield node
    if not isinstance(node, INNER):
        for child in ast.iter_child_nodes(node):
            yield from _own(child)


def first_value(site: SiteContext, i: str) -> ast.Assign | None:
    """The statement `i = 0` that gives a counter its value, somewhere before the loop in its block."""
    for stmt in reversed(site.block[: site.index]):
        match stmt:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)) if name == i:
                return stmt if type(value) is int and value >= 0 else None
        if i in set(bound_names(stmt)):
            return None
    return None
