"""Originals that deloop kept beside the functions it rewrote: how they are marked, and whose they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ..sources.positions import Positions, first_line, positions

Function = ast.FunctionDef | ast.AsyncFunctionDef

PREFIX = "_original_"
MARK = "# deloop: original of "
_MARKED = re.compile(r"\s*# deloop: original of (\w+)")


def mark(name: str) -> str:
    """The comment above the original of a function."""
    return f"{MARK}{name}, before its loops were rewritten"


def kept_for(spots: Positions, node: ast.AST) -> str | None:
    """The function whose original this is; None when deloop did not keep it."""
    if not isinstance(node, Function) or not node.name.startswith(PREFIX):
        return None
    line = first_line(node) - 1
    while line > 0 and not spots.line(line).strip():
        line -= 1
    found = _MARKED.match(spots.line(line)) if line > 0 else None
    return found[1] if found else None


def original_of(spots: Positions, block: Sequence[ast.stmt], function: Function) -> Function | None:
    """The kept original of a function of this block: the nearest one above it."""
    for stmt in reversed(block[: block.index(function)]):
        if isinstance(stmt, Function) and stmt.name == function.name:
            return None
        if isinstance(stmt, Function) and kept_for(spots, stmt) == function.name:
            return stmt
    return None


def inside_kept(text: str, functions: Sequence[ast.AST]) -> str | None:
    """The function whose kept original one of these is, as a remark; None when none is."""
    if MARK not in text:
        return None
    name = next((name for f in functions if (name := kept_for(positions(text), f)) is not None), None)
    return f"stands in the original of `{name}`, which deloop kept beside the rewritten one" if name else None
