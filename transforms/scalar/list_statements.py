"""Statements that make a list, or add to it, from a comprehension."""

from __future__ import annotations

import ast

from ..shared.build import assign, attr, call
from ..shared.targets import Target
from .parts import Comprehension


def list_statement(target: Target, part: Comprehension) -> ast.stmt:
    """The statement that makes the list, or adds to it what the comprehension gives."""
    name, fresh = target.name, target.fresh
    value: ast.expr = ast.ListComp(part.values[0], part.generators)
    if (copied := _copied(part)) is not None:
        value = call("list", copied) if fresh and not _is_list(copied) else copied
    if fresh and target.annotation is not None:
        node: ast.stmt = ast.AnnAssign(ast.Name(name, ast.Store()), target.annotation, value, 1)
    elif fresh:
        node = assign(name, value)
    elif copied is not None:
        node = ast.Expr(call(attr(ast.Name(name, ast.Load()), "extend"), copied))
    else:
        node = ast.AugAssign(ast.Name(name, ast.Store()), ast.Add(), value)
    node.lineno = part.line
    return node


def _is_list(node: ast.expr) -> bool:
    """Whether code of our own makes a list: what the user calls `tolist` may be anything."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "tolist"
        and not hasattr(node, "lineno")
    )


def _copied(part: Comprehension) -> ast.expr | None:
    """What is iterated, if each element is taken as it is."""
    match part.values, part.generators:
        case [ast.Name(id=element)], [ast.comprehension(target=ast.Name(id=target), iter=iterable, ifs=[])]:
            return iterable if element == target else None
    return None
