"""Facts about a body as it stands, for rewrites that leave it in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .calls import is_pure_call
from .context import SiteContext
from .facts import is_output
from .names import bound_names
from .walk import walk


def output_share(site: SiteContext) -> tuple[int, int, ast.AST | None]:
    """How many statements of the body show or write something, of how many, and the first of them."""
    shown, total, first = 0, 0, None
    for stmt in site.nodes:
        if not isinstance(stmt, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)):
            continue
        if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant):
            continue
        total += 1
        calls = [n for n in walk(stmt) if isinstance(n, ast.Call)]
        if isinstance(stmt, ast.Expr) and any(is_output(site, c) for c in calls):
            shown += 1
            first = first or stmt
    return shown, total, first


def unknown_calls(site: SiteContext) -> Iterator[ast.Call]:
    """Calls in the body that may do anything."""
    for node in site.nodes:
        if not isinstance(node, ast.Call):
            continue
        if not is_pure_call(site, node):
            yield node


def rebound_in_body(site: SiteContext, name: str) -> ast.AST | None:
    """A statement of the body that binds a name again, the header left out."""
    for stmt in site.loop.body:
        for n in walk(stmt):
            if isinstance(n, (ast.stmt, ast.NamedExpr, ast.comprehension)) and not isinstance(
                n, (ast.If, ast.While, ast.Try, ast.With)
            ):
                targets = (
                    set(bound_names(n.target))
                    if isinstance(n, (ast.For, ast.comprehension, ast.NamedExpr))
                    else set(bound_names(n))
                )
                if name in targets:
                    return n
    return None
