"""What `choice` picks from, and arrays that positions are drawn for: what is known of them where the loop stands."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.exposure import FUNCTIONS, loops_between
from ...loops.ir import Const, Expr, Inv, strip
from ...loops.kind_words import Kind
from ...loops.literals import literal
from ...loops.names import bound_names

#: Element types of arrays -> those of lanes.
LANES = {"float64": "float", "int64": "int", "int": "int", "bool": "bool"}


def element_kind(site: SiteContext, pool: Expr) -> Kind | None:
    """What is known of what is picked from: by its last binding before the loop, if that is a plain one."""
    inner = strip(pool)
    if isinstance(inner, Const):
        return Kind(type(inner.value).__name__)
    if not isinstance(inner, Inv):
        return None
    kind = (_standing(site, inner.node.id) if isinstance(inner.node, ast.Name) else None) or site.kind(inner.node)
    return None if kind is None or kind.why == "annotation" else kind


def _standing(site: SiteContext, id_: str) -> Kind | None:
    """The kind that the last statement in front of the loop that binds a name gives it."""
    here: ast.AST = site.loop
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        for stmt in reversed(block[: block.index(here)]):
            if id_ not in set(bound_names(stmt)):
                continue
            again = loops_between(site, stmt)
            others = (b for b in site.scope.binders(id_) if b is not stmt)
            rebound = any(again & set(site.file.scopes.ancestors(b)) for b in others)
            plain = isinstance(stmt, ast.Assign) and all(isinstance(t, ast.Name) for t in stmt.targets)
            return site.kind(stmt.value) if plain and not rebound and isinstance(stmt, ast.Assign) else None
        here = site.file.scopes.parent[here]
        if not isinstance(here, ast.stmt) or isinstance(here, FUNCTIONS):
            return None
    return None


def one_dimensional(site: SiteContext, pool: Expr) -> bool:
    """Whether what is picked from surely has one dimension (or is a number, which stands for those below it)."""
    if listed(pool) is not None:
        return True
    kind = element_kind(site, pool)
    return kind is not None and (kind.name in ("int", "series") or (kind.name == "ndarray" and kind.ndim == 1))


def pool_dtype(site: SiteContext, pool: Expr) -> str | None:
    """The element type of what is picked from, if it is known."""
    kind = element_kind(site, pool)
    return listed(pool) or (LANES.get(kind.dtype or kind.name) if kind is not None else None)


def counts(site: SiteContext, pool: Expr) -> bool:
    """Whether `choice` picks one of the numbers below a number: then it gives Python's own."""
    kind = element_kind(site, pool)
    return kind is not None and kind.name == "int"


def listed(pool: Expr) -> str | None:
    """The element type of a list of literal numbers of one type."""
    inner = strip(pool)
    node = inner.node if isinstance(inner, Inv) else None
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    found = {type(literal(e)).__name__ for e in node.elts}
    return found.pop() if len(found) == 1 and found <= {"int", "float"} else None
