"""What is written in a code that is to be tried."""

from __future__ import annotations

import ast


def constants_of(source: str) -> tuple[float, ...]:
    """The numbers that a code holds, without those that are in every code."""
    try:
        nodes = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)]
    except (SyntaxError, RecursionError):
        return ()
    found = {abs(v) for v in nodes if isinstance(v, (int, float)) and not isinstance(v, bool) and 0 < abs(v) < 1e6}
    return tuple(sorted(found - {1})[:6])


def keeps_a_loop(source: str) -> bool:
    """Whether a code asks for types, and has a loop for the others."""
    choices = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.If) and n.orelse)
    asked = (n for n in choices if "type" in ast.unparse(n.test))
    return any(isinstance(n, (ast.For, ast.While)) for test in asked for stmt in test.orelse for n in ast.walk(stmt))
