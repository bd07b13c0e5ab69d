"""Arrays that are surely new memory: made before the loop, and shown to nobody until it is done."""

from __future__ import annotations

import ast
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.exposure import FUNCTIONS, LOOKING, loops_between
from ...loops.kind_words import Kind
from ...loops.names import bound_names
from ...loops.scalar_facts import surely_scalar

FRESH = frozenset({"zeros", "ones", "empty", "full", "zeros_like", "ones_like", "full_like", "empty_like"})


def fresh_array(site: SiteContext, target: str) -> ast.Assign | None:
    """The statement that makes the array, by a NumPy function that gives new memory."""
    made = _making(site, target) if target.isidentifier() else None
    if made is None or _seen_before(site, target, made) or _seen_again(site, target, made):
        return None
    return made


def _making(site: SiteContext, target: str) -> ast.Assign | None:
    """The last statement before the loop that binds a name, if that makes a new array."""
    binders = site.scope.binders(target)
    here: ast.AST = site.loop
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        for stmt in reversed(block[: block.index(here)]):
            if target in set(bound_names(stmt)):
                again = loops_between(site, stmt)
                rebound = any(again & set(site.file.scopes.ancestors(b)) for b in binders if b is not stmt)
                return stmt if isinstance(stmt, ast.Assign) and not rebound and _new_array(site, stmt.value) else None
        here = site.file.scopes.parent[here]
        if not isinstance(here, ast.stmt) or isinstance(here, FUNCTIONS):
            return None
    return None


def _new_array(site: SiteContext, value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="astype" | "flatten")):
            return _new_array(site, inner)
        case ast.Call(func=ast.Attribute(value=array, attr="copy"), args=[], keywords=[]):
            kind = site.kind(array)
            return kind is not None and kind.name == "ndarray"
        case ast.Call(func=func):
            path = site.dotted(func) or ""
            return path.startswith("numpy.") and path.removeprefix("numpy.") in FRESH
        case ast.BinOp(left=left, right=right):  # `-1 * np.ones(n)`
            return _new_array(site, left) or _new_array(site, right)
    return False


def made_kind(site: SiteContext, made: ast.Assign) -> Kind | None:
    """The kind of a new array; a float array times a number is one of floats."""
    kind = site.kind(made.value)
    match made.value:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right) if kind is not None:
            array, other = (left, right) if _new_array(site, left) else (right, left)
            number = surely_scalar(site, other) or (isinstance(other, ast.BinOp) and isinstance(other.op, ast.Div))
            inner = site.kind(array)
            small = isinstance(other, ast.Constant) and type(other.value) is int and 0 <= other.value < 128
            if inner is None or not (number or small):
                return kind
            keeps = inner.dtype in ("float64", "float32") or (small and not isinstance(made.value.op, ast.Div))
            return replace(kind, dtype=inner.dtype, ndim=inner.ndim) if keeps else kind
    return kind


def _seen_before(site: SiteContext, target: str, made: ast.Assign) -> bool:
    """Whether anything but `len` and `shape` looks at the array before or in the loop: it may be a view of its
    memory."""
    kind = site.kind(made.value)
    flat = kind is not None and kind.ndim == 1
    for n in site.file.scopes.names_below(site.scope.node).get(target, ()):
        if not isinstance(n.ctx, ast.Load) or not made.lineno <= n.lineno <= (site.loop.end_lineno or 0):
            continue
        parent = site.file.scopes.parent[n]
        if isinstance(parent, ast.Expr) or (flat and _element(parent, n)):
            continue  # a notebook shows it; an element of it is no part of its memory
        if isinstance(parent, ast.Subscript) and not isinstance(parent.slice, ast.Slice):
            # `out[i][j] = v` stores as well.
            above = site.file.scopes.parent[parent]
            parent = above if isinstance(above, ast.Subscript) and above.value is parent else parent
        stored = isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)
        measured = isinstance(parent, ast.Call) and site.dotted(parent.func) == "builtins.len"
        if not stored and not measured and not (isinstance(parent, ast.Attribute) and parent.attr in ("shape", "size")):
            return True
    return False


def _element(parent: ast.AST, array: ast.Name) -> bool:
    """Whether an element of an array of one dimension is read (or several, which are copied)."""
    return isinstance(parent, ast.Subscript) and parent.value is array and not isinstance(parent.slice, ast.Slice)


def _seen_again(site: SiteContext, target: str, made: ast.Assign) -> bool:
    """Whether a loop around hands the array out behind this loop: on its next round others may show its memory."""
    again = loops_between(site, made)
    for n in site.file.scopes.names_below(site.scope.node).get(target, ()):
        parent = site.file.scopes.parent[n]
        if not isinstance(n.ctx, ast.Load) or not any(up in again for up in site.file.scopes.ancestors(n)):
            continue
        if isinstance(parent, ast.Subscript) and parent.value is n and isinstance(parent.slice, ast.Slice):
            parent = site.file.scopes.parent[parent]
        held = isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.List, ast.Tuple, ast.Dict, ast.Set))
        given = isinstance(parent, (ast.Call, ast.keyword)) and n is not getattr(parent, "func", None)
        if held or (given and site.dotted(getattr(parent, "func", n)) not in LOOKING):
            return True
    return False


def length_as_named(site: SiteContext, made: ast.Assign) -> ast.expr | None:
    """What an array is as long as, if it has one dimension: `n` of `np.zeros(n)` may be a shape, but hardly is."""
    match made.value:
        case ast.Call(func=func, args=[ast.Name() | ast.Attribute() as shape, *_]):
            several = isinstance(shape, ast.Attribute) and shape.attr == "shape"
            return None if several or (site.dotted(func) or "").endswith("_like") else shape
    return None


def shaped_like(site: SiteContext, made: ast.Assign) -> ast.Name | None:
    """The array whose shape a new one has: `np.zeros(x.shape)`, `np.zeros_like(x)`, `x.copy()`."""
    match made.value:
        case ast.Call(func=ast.Attribute(value=ast.Name() as x, attr="copy"), args=[], keywords=[]):
            return x
        case ast.Call(func=func, args=[ast.Name() as x, *_]) if (site.dotted(func) or "").endswith("_like"):
            return x
        case ast.Call(args=[ast.Attribute(value=ast.Name() as x, attr="shape"), *_]):
            return x
    return None
