"""Put the recorder's calls around the loops of a file: one call before the inputs are read, a clock around the loop.

Line numbers stay, names of the program are neither read nor bound, and what a loop does is not changed.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import CodeType
from typing import Any

ENTER, LEAVE, INPUTS, ROUNDS = (f"__deloop_{name}_{{}}__" for name in ("enter", "leave", "inputs", "rounds"))
#: What gives as many rounds as its first argument has elements (`zip`: at most), or as its receiver has.
_AROUND = frozenset({"enumerate", "zip", "reversed", "sorted", "iter", "tqdm"})
_OF_RECEIVER = frozenset({"iterrows", "itertuples", "items", "keys", "values", "tolist"})

Position = tuple[str, int, int, int, int]


def position(node: ast.stmt) -> Position:
    """What finds a statement again in another reading of the same text."""
    return type(node).__name__, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def woven(source: bytes, path: str, sites: Sequence[dict[str, Any]]) -> CodeType:
    """The code of a file with the calls in it. Raises whatever the parser and the compiler raise."""
    tree = ast.parse(source, path)
    clocks: dict[Position, list[int]] = {}
    inputs: dict[Position, list[int]] = {}
    for site in sites:
        if site["clock"]:
            clocks.setdefault(tuple(site["clock"]), []).append(site["id"])
        if site["inputs"]:
            inputs.setdefault(tuple(site["inputs"]), []).append(site["id"])
    for node in list(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, [part for stmt in block for part in _woven(stmt, clocks, inputs)])
    return compile(tree, path, "exec", dont_inherit=True)


def _woven(stmt: ast.stmt, clocks: dict[Position, list[int]], inputs: dict[Position, list[int]]) -> list[ast.stmt]:
    here = position(stmt) if isinstance(stmt, ast.stmt) else None
    if here is None or (here not in clocks and here not in inputs):
        return [stmt]
    before = [_call(INPUTS, site, stmt) for site in inputs.get(here, ())]
    sites = clocks.get(here, ())
    if not sites:
        return [*before, stmt]
    if isinstance(stmt, ast.For):
        stmt.iter = _counted(stmt.iter, sites[0])
    inner: list[ast.stmt] = [stmt]
    for site in sites:
        # The clock's call stands on the loop's first line, which runs in any case: coverage is what it was.
        guarded = ast.Try(inner, [], [], [_call(LEAVE, site, stmt)])
        inner = [_call(ENTER, site, stmt), ast.copy_location(guarded, stmt)]
    return [*before, *inner]


def _call(name: str, site: int, stmt: ast.stmt) -> ast.stmt:
    made = ast.Expr(ast.Call(ast.Name(name.format(site), ast.Load()), [], []))
    for node in ast.walk(made):
        if isinstance(node, ast.expr | ast.stmt):
            node.lineno = node.end_lineno = stmt.lineno
            node.col_offset = node.end_col_offset = stmt.col_offset
    return made


def _counted(node: ast.expr, site: int) -> ast.expr:
    """The expression that is iterated, with what tells the number of rounds handed through the recorder."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and function.id in _AROUND and node.args:
            if not isinstance(node.args[0], ast.Starred):
                node.args[0] = _counted(node.args[0], site)
            return node
        if isinstance(function, ast.Attribute) and function.attr in _OF_RECEIVER:
            function.value = _counted(function.value, site)
            return node
    made = ast.copy_location(ast.Call(ast.Name(ROUNDS.format(site), ast.Load()), [node], []), node)
    ast.copy_location(made.func, node)
    return made
