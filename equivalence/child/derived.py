"""What the code computes its names and its differences from."""

from __future__ import annotations

import ast
import re


def origins(source: str) -> dict[str, set[str]]:
    """For each name the names that it is computed from."""
    found: dict[str, set[str]] = {}
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                targets = [target]
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                targets = [target]
            case _:
                continue
        for target in targets:
            for name in _names(target):
                found.setdefault(name, set()).update(_names(value))
    return found


def minuends(source: str) -> list[set[str]]:
    """For each difference the names, and literal keys, of what something is taken off."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    found: list[set[str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and not isinstance(node.right, ast.Constant):
            left, right = _words(node.left), _words(node.right)
            found.append(left - right)
    return found


def _words(node: ast.AST) -> set[str]:
    keys = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return _names(node) | {w for key in keys for w in re.findall(r"\w+", key)}


def _names(node: ast.AST) -> set[str]:
    return {
        n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute))
    }
