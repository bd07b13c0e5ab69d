"""Whether a frame surely has rows (and columns) where an expression stands: what was tested before, and still holds."""

from __future__ import annotations

import ast

from .exposure import KNOWN, closed_over
from .implicit import ImplicitSite
from .walk import walk

LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def has_rows(site: ImplicitSite) -> bool:
    """Whether `if df.empty: return` before it, or `if not df.empty:` around it, says that there is something."""
    frame = site.over
    scopes = site.file.scopes
    if not isinstance(frame, ast.Name) or not isinstance(site.scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if scopes.owner(frame.id, site.scope) is not site.scope or closed_over(site, frame.id):
        return False
    here: ast.stmt = site.statement
    while True:
        block = scopes.block[here]
        for earlier in reversed(block[: block.index(here)]):
            leaves = isinstance(earlier, ast.If) and isinstance(earlier.body[-1], LEAVING) and not earlier.orelse
            passed = earlier.test if isinstance(earlier, ast.If) and leaves else earlier
            if _touched(site, passed, frame.id):
                return False
            if isinstance(passed, ast.expr) and _holds_if_not(passed, frame.id):
                return True
        around = scopes.parent[here]
        if not isinstance(around, ast.If) or _touched(site, around.test, frame.id):
            return False
        if (_holds_if if here in around.body else _holds_if_not)(around.test, frame.id):
            return True
        here = around


def _holds_if(test: ast.expr, id_: str) -> bool:
    """Whether the test, found true, says that the frame is not empty."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _holds_if_not(operand, id_)
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_holds_if(v, id_) for v in values)
    return False


def _holds_if_not(test: ast.expr, id_: str) -> bool:
    """Whether the test, found false, says that the frame is not empty."""
    match test:
        case ast.Attribute(value=ast.Name(id=name), attr="empty"):
            return name == id_
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _holds_if(operand, id_)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_holds_if_not(v, id_) for v in values)
    return False


def _touched(site: ImplicitSite, node: ast.AST, id_: str) -> bool:
    """Whether code may change the frame, under this name or another, or bind the name to another one."""
    nodes = walk(node)
    mentions = sum(isinstance(n, ast.Name) and n.id == id_ for n in nodes)
    if mentions > sum(_harmless(n, id_) for n in nodes):
        return True
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    return any(not _known(site, c) for c in calls) or any(isinstance(n, ast.Delete | ast.Await) for n in nodes)


def _known(site: ImplicitSite, call: ast.Call) -> bool:
    """A function of Python, NumPy or pandas, that changes nothing."""
    path = site.dotted(call.func) or ""
    return path.split(".")[0] in KNOWN and path not in ("builtins.exec", "builtins.eval", "builtins.setattr")


def _harmless(node: ast.AST, id_: str) -> bool:
    """`df.empty`, a column that is read or stored."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="empty", ctx=ast.Load()):
            return name == id_
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str()), ctx=ast.Load() | ast.Store()):
            return name == id_
    return False
