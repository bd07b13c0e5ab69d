"""Which loops are sites at all, and how much they hurt: decided by how the loop goes round and what it fills."""

from __future__ import annotations

import ast

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.walk import walk
from .array_growth import joins
from .base import Rule, Severity
from .draws.body import surely_draws
from .grouping.masks import find_masks
from .guards.signs import is_test

ROWS = Rule("DL101", "iterrows-arithmetic", Severity.HIGH)
POSITIONS = Rule("DL102", "iloc-arithmetic", Severity.HIGH)
ELEMENTS = Rule("DL103", "element-loop", Severity.LOW)
LISTS = Rule("DL201", "list-comprehension", Severity.MEDIUM)
MASKS = Rule("DL511", "mask-per-key", Severity.HIGH)
GROWTH = Rule("DL501", "frame-growth", Severity.HIGH)
ARRAY_GROWTH = Rule("DL503", "array-growth", Severity.HIGH)
#: The general rule of each kind of expression that is a loop.
IMPLICIT = {
    Form.ROWS: (Rule("DL601", "apply-rows", Severity.HIGH), Severity.HIGH),
    Form.ELEMENTS: (Rule("DL602", "apply-elements", Severity.LOW), Severity.LOW),
    Form.WINDOWS: (Rule("DL603", "rolling-apply", Severity.HIGH), Severity.HIGH),
    Form.CELLS: (Rule("DL606", "apply-cells", Severity.MEDIUM), Severity.MEDIUM),
    Form.VECTORIZED: (Rule("DL605", "np-vectorize", Severity.MEDIUM), Severity.MEDIUM),
    Form.COMPREHENSION: (Rule("DL604", "row-comprehension", Severity.HIGH), Severity.HIGH),
}
INDEXERS = frozenset({"iloc", "loc", "at", "iat"})


def classify(site: SiteContext) -> tuple[Rule, Severity] | None:
    """The general rule and the severity of a loop, or None when it is no data loop."""
    if isinstance(site, ImplicitSite):
        return IMPLICIT[site.form]
    loop = site.loop
    iterates = _iterated(loop.iter) if isinstance(loop, ast.For) else ""
    if iterates == "iterrows":
        return ROWS, Severity.HIGH
    if iterates == "itertuples":
        return ROWS, Severity.LOW if not _appends(site) else Severity.MEDIUM
    if _grows_frame(site):
        return GROWTH, Severity.HIGH
    if joins(site):
        return ARRAY_GROWTH, Severity.HIGH
    if find_masks(site):
        return MASKS, Severity.HIGH
    if _reads_cells(site):
        return POSITIONS, Severity.HIGH
    if _appends(site):
        return LISTS, Severity.MEDIUM
    if _over_data(site) or _fills(site) or surely_draws(site):
        return ELEMENTS, Severity.LOW
    return None


def _iterated(node: ast.expr) -> str:
    for n in walk(node):
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("iterrows", "itertuples"):
            return n.func.attr
    return ""


def _grows_frame(site: SiteContext) -> bool:
    for n in site.nodes:
        match n:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=func, args=[ast.List(elts=[ast.Name(id=first), *_]), *_]),
            ):
                if name == first and site.dotted(func) == "pandas.concat":
                    return True
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr="append"))
            ) if name == base:
                return True
    return False


def _reads_cells(site: SiteContext) -> bool:
    """`.iloc[i]` and its kin with a variable of the loop."""
    targets = site.assigned
    for n in site.nodes:
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Attribute) and n.value.attr in INDEXERS:
            index = n.slice.elts[0] if isinstance(n.slice, ast.Tuple) and n.slice.elts else n.slice
            if isinstance(index, ast.Slice):
                continue
            if any(isinstance(x, ast.Name) and x.id in targets for x in walk(index)) and not isinstance(
                index, (ast.Compare, ast.BoolOp)
            ):
                return True
    return False


def _appends(site: SiteContext) -> bool:
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "append" and len(n.args) == 1
        for n in site.nodes
    )


def _over_data(site: SiteContext) -> bool:
    loop = site.loop
    if not isinstance(loop, ast.For):
        return False
    for n in walk(loop.iter):
        if isinstance(n, ast.expr) and (kind := site.kind(n)) and kind.name in ("frame", "series", "ndarray"):
            return True
    return False


def _fills(site: SiteContext) -> bool:
    """Stores item by item, adds to a set, extends a list, updates a dict, counts, sums or joins."""
    for n in site.nodes:
        match n:
            case ast.Subscript(ctx=ast.Store()):
                return True
            case ast.Call(func=ast.Attribute(attr="add" | "extend" | "setdefault")):
                return True
            case ast.Call(func=ast.Attribute(attr="update"), args=[ast.Dict()], keywords=[]):
                return True
            case ast.AugAssign(target=ast.Name(), op=ast.Add()):
                return True
            case ast.Assign(targets=[ast.Name(id=grown)], value=value) if _first_operand(value) == grown:
                return True
    return False


def _first_operand(node: ast.expr) -> str | None:
    """The name that a sum or a union starts with: `text + a + b`, `found.union(more)`."""
    match node:
        case ast.BinOp(left=ast.Name(id=first), op=ast.Add()):
            return first
        case ast.BinOp(left=left, op=ast.Add()):
            return _first_operand(left)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=first), attr="union")):
            return first
    return None


def _compiled(site: SiteContext) -> str | None:
    """The decorator that has a function around the loop compiled by numba."""
    for up in site.file.scopes.ancestors(getattr(site, "statement", site.loop)):
        for decorator in getattr(up, "decorator_list", ()):
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if (site.dotted(func) or "").startswith("numba."):
                return ast.unparse(func)
    return None


def _kept_for_other_data(site: SiteContext) -> bool:
    """Whether a loop is what is left of itself: it runs where a test keeps its array code from running."""
    statement: ast.stmt = site.statement if isinstance(site, ImplicitSite) else site.loop
    match site.file.scopes.parent.get(statement):
        case ast.If(test=test, orelse=[alone]) if alone is statement:
            return is_test(test)
    return False


def already_fine(site: SiteContext) -> str | None:
    """Why a loop needs nothing: it visits columns, and works on each as a whole."""
    loop = site.loop
    if (compiler := _compiled(site)) is not None:
        return f"`@{compiler}` compiles the function that the loop stands in"
    if _kept_for_other_data(site):
        return "the array code beside it is used where it does the same; this is for all other data"
    if isinstance(site, ImplicitSite) or not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
        return None
    over_names = isinstance(loop.iter, (ast.List, ast.Tuple)) and all(
        isinstance(e, ast.Constant) and isinstance(e.value, str) for e in loop.iter.elts
    )
    over_columns = any(isinstance(n, ast.Attribute) and n.attr in ("columns", "dtypes") for n in walk(loop.iter))
    stores = [n for n in site.nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    whole = [n for n in stores if isinstance(n.slice, ast.Name) and n.slice.id == loop.target.id]
    if stores and len(whole) == len(stores) and isinstance(stores[0].value, ast.Name):
        kind = site.kind(stores[0].value)
        if over_names or over_columns or (kind and kind.name == "frame"):
            return "each round works on a whole column"
    return None
