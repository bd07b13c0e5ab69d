"""What new code tests to be arrays before it takes them for some: inputs have to be arrays for it to run at all."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .names import dotted


def arrays_tested_in(statements: Iterable[ast.stmt]) -> set[str]:
    """The code of what is tested, as in `type(x) is np.ndarray`, and `all(... for x in (a, b))`."""
    found: set[str] = set()
    for test in (n.test for s in statements for n in ast.walk(s) if isinstance(n, ast.If)):
        tested = {ast.unparse(x) for n in ast.walk(test) if (x := _array(n)) is not None}
        for n in ast.walk(test):
            match n:
                case ast.comprehension(target=ast.Name(id=id_), iter=ast.Tuple(elts=elts)) if id_ in tested:
                    tested = (tested - {id_}) | {ast.unparse(e) for e in elts}
        found |= tested
    return found


def _array(node: ast.AST) -> ast.expr | None:
    """What a comparison tests to be an array."""
    match node:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[tested]),
            ops=[ast.Is()],
            comparators=[ast.Attribute() as kind],
        ):
            return tested if dotted(kind).endswith(".ndarray") else None
    return None
