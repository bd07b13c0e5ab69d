"""What rows are taken from, as an array: a list of rows is made one, where nothing says that it is."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.names import bound_names
from ..lanes.arrays import ArrayCode
from ..shared.build import clone

#: Attributes that arrays have, and lists do not.
OF_ARRAYS = frozenset({"T", "ndim", "shape"})


def as_array(code: ArrayCode, base: ast.expr) -> ast.expr:
    """A matrix; where nothing says that it is an array, it may be a list of rows."""
    if code.site.kind(base) is not None or not isinstance(base, ast.Name) or _is_array(code.site, base.id):
        return clone(base)
    if base.id not in code.wholes:
        made = code.numpy("asarray", clone(base))
        code.wholes[base.id] = code.step(f"{base.id}_values", made, plain=True)
    return code.wholes[base.id]


def _is_array(site: SiteContext, id_: str) -> bool:
    """Whether a name was bound to an array before the loop, or is used like one: by its shape, or by two numbers."""
    for stmt in reversed(site.block[: site.index]):
        if id_ in set(bound_names(stmt)):
            return isinstance(stmt, ast.Assign) and _makes_array(site, stmt.value)
    names = site.file.scopes.names_below(site.scope.node).get(id_, ())
    for parent in (site.file.scopes.parent[n] for n in names):
        if isinstance(parent, ast.Attribute) and parent.attr in OF_ARRAYS:
            return True
        if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Tuple):
            return True
    return False


def _makes_array(site: SiteContext, value: ast.expr) -> bool:
    kind = site.kind(value)
    match value:
        case ast.Attribute(attr="values") | ast.Call(func=ast.Attribute(attr="to_numpy")):
            return kind is None or kind.name == "ndarray"
    return kind is not None and kind.name == "ndarray"
