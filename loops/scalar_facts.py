"""Which values are surely one scalar: arithmetic with an array would go element by element in array code."""

from __future__ import annotations

import ast

from .context import SiteContext
from .scopes import Scope
from .walk import walk

MAX_DEPTH = 8
#: Functions that return one number or text, or raise.
MAKERS = frozenset(f"builtins.{f}" for f in ("bool", "float", "hash", "id", "int", "len", "ord", "str"))
#: Functions of scalars that return a scalar.
KEEPERS = frozenset(f"builtins.{f}" for f in ("abs", "max", "min", "pow", "round"))
#: Methods of text that give text.
TEXT_METHODS = frozenset(
    {
        *("capitalize", "casefold", "center", "expandtabs", "format", "join", "ljust", "lower", "lstrip", "replace"),
        *("rjust", "rstrip", "strip", "swapcase", "title", "translate", "upper", "zfill"),
    }
)
CONSTANTS = frozenset(
    {f"{m}.{c}" for m in ("math", "numpy") for c in ("e", "inf", "nan", "pi")} | {"math.tau", "numpy.newaxis"}
)
#: Reductions of a series, or of an array when no axis is named.
REDUCTIONS = frozenset({"max", "mean", "median", "min", "prod", "std", "sum", "var", "count", "nunique", "skew"})


def surely_scalar(site: SiteContext, node: ast.expr, scope: Scope | None = None, depth: int = 0) -> bool:
    """Whether an expression is a number, a truth value or text, whatever is passed in.

    An annotation is no proof of that, and neither is the default of a parameter or a test in the body: an array of one
    element passes `if x > k`.
    """
    scope = scope or site.scope

    def inner(x: ast.expr) -> bool:
        return surely_scalar(site, x, scope, depth + 1)

    if depth > MAX_DEPTH:
        return False
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return _bound_to_scalars(site, name, scope, depth)
        case ast.BinOp(left=left, right=right):
            return inner(left) and inner(right)
        case ast.UnaryOp(operand=operand):
            return inner(operand)
        case ast.IfExp(body=body, orelse=orelse):
            return inner(body) and inner(orelse)
        case ast.Compare(left=left, comparators=others):
            return inner(left) and all(inner(x) for x in others)
        case ast.BoolOp(values=values):
            return all(inner(x) for x in values)
        case ast.Call():
            return _call(site, node, scope, depth)
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=int())):
            return True
        case ast.Attribute():
            return site.file.scopes.dotted(node, scope) in CONSTANTS
    return False


def python_scalar(site: SiteContext, node: ast.expr) -> bool:
    """Whether what is surely a scalar is surely one of Python's own: statistics of a column are NumPy's, or either."""
    if surely_scalar(site, node):
        return not any(_of_numpy(site, n, 0) for n in walk(node))
    return _element_of(site, node, 0) is None and not any(_by_numpy(site, n, 0) for n in walk(node))


def surely_number(site: SiteContext, node: ast.expr) -> bool:
    """Whether an expression is a number or a truth value: not text, which `*` and `%` take too."""
    kind = site.kind(node)
    if kind is not None:
        return kind.name in ("int", "float", "bool")
    if not surely_scalar(site, node):
        return _element_of(site, node, 0) is not None
    return not any(_may_be_text(site, n, 0) for n in walk(node))


def _of_numpy(site: SiteContext, node: ast.AST, depth: int) -> bool:
    """Whether a part of a scalar expression may bring in a scalar of NumPy's."""
    match node:
        case ast.Call(func=func):
            path = site.dotted(func) or ""
            return not (path in MAKERS | KEEPERS or path.startswith("math."))
        case ast.Name(id=id_):
            return any(_of_numpy(site, n, depth + 1) for v in _values(site, id_, depth) for n in walk(v))
    return False


def _by_numpy(site: SiteContext, node: ast.AST, depth: int) -> bool:
    """Whether a part of an expression is what a function of NumPy gives: `np.sqrt(k)` is no number of Python's own."""
    match node:
        case ast.Call(func=func):
            return (site.dotted(func) or "").startswith("numpy.")
        case ast.Name(id=id_):
            return any(_by_numpy(site, n, depth + 1) for v in _values(site, id_, depth) for n in walk(v))
    return False


def _may_be_text(site: SiteContext, node: ast.AST, depth: int) -> bool:
    """Whether a part of a scalar expression may make it text: a literal, or what is taken out of a column."""
    match node:
        case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
            return True
        case ast.Call(func=func):
            path = site.dotted(func) or ""
            named = func.attr if isinstance(func, ast.Attribute) else ""
            return path == "builtins.str" or (not path.startswith("math.") and named in ("max", "min", "sum"))
        case ast.Name(id=id_):
            return any(_may_be_text(site, n, depth + 1) for v in _values(site, id_, depth) for n in walk(v))
    return False


def _element_of(site: SiteContext, node: ast.expr, depth: int) -> ast.expr | None:
    """The column or array that an expression takes one element of: `s.iloc[0]`, `a[-1]`, `df["c"].values[0]`."""
    match node:
        case ast.Name(id=id_):
            found = [_element_of(site, v, depth + 1) for v in _values(site, id_, depth)]
            return next((x for x in found if x is not None), None)
        case ast.BinOp(left=left, right=right):
            found = [_element_of(site, x, depth + 1) for x in (left, right)]
            return next((x for x in found if x is not None), None)
        case ast.UnaryOp(operand=operand):
            return _element_of(site, operand, depth + 1)
        case (
            ast.Subscript(value=ast.Attribute(value=base, attr="iloc" | "iat" | "loc" | "at"))
            | ast.Subscript(value=base)
        ) if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            kind = site.kind(base)
            return base if kind is not None and kind.name in ("series", "ndarray", "frame") else None
    return None


def _values(site: SiteContext, id_: str, depth: int) -> list[ast.expr]:
    """What a name is bound to, as far as that is written."""
    owner = site.file.scopes.owner(id_, site.scope) if depth <= MAX_DEPTH else None
    if owner is None:
        return []
    values = [getattr(b, "value", None) for b in owner.binders(id_) if isinstance(b, ast.Assign | ast.AnnAssign)]
    return [v for v in values if isinstance(v, ast.expr)]


def surely_text(site: SiteContext, node: ast.expr, depth: int = 0) -> bool:
    """Whether an expression is text of Python's own: `"%s" % x`, `TEMPLATE.format(x)`, a name bound to text alone."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Mod()):  # `%` of text is text, whatever is put into it
            return surely_text(site, left, depth)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return surely_text(site, left, depth) and surely_text(site, right, depth)
        case ast.Call(func=ast.Attribute(value=base, attr=method)) if method in TEXT_METHODS:
            return surely_text(site, base, depth)
        case ast.Call(func=func):
            return site.dotted(func) == "builtins.str"
        case ast.Name(id=id_):
            owner = site.file.scopes.owner(id_, site.scope) if depth <= MAX_DEPTH else None
            binders = owner.binders(id_) if owner is not None else []
            return bool(binders) and all(_binds_text(site, b, depth) for b in binders)
    return False


def _binds_text(site: SiteContext, binder: ast.AST, depth: int) -> bool:
    match binder:
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(t, ast.Name) for t in targets) and surely_text(site, value, depth + 1)
    return False


def property_read(site: SiteContext, node: ast.expr) -> str | None:
    """The code of an attribute that runs a method of a class of the file; None where there is none."""
    attributes = [n for n in walk(node) if isinstance(n, ast.Attribute)]
    if not attributes:
        return None
    computed = {n.name for n in site.file.scopes.index.each(ast.FunctionDef) if n.decorator_list}
    return next((ast.unparse(n) for n in attributes if n.attr in computed), None)


def _call(site: SiteContext, node: ast.Call, scope: Scope, depth: int) -> bool:
    path = site.file.scopes.dotted(node.func, scope) or ""
    if path in MAKERS or path.startswith("math."):
        return True
    if path in KEEPERS and not node.keywords:
        plain = not any(isinstance(a, ast.Starred) for a in node.args)
        return plain and all(surely_scalar(site, a, scope, depth + 1) for a in node.args)
    if path.startswith("numpy.") and path.removeprefix("numpy.") in REDUCTIONS and not node.keywords:
        return len(node.args) == 1 and _one_dimensional(site, node.args[0], scope)
    if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS and not node.args and not node.keywords:
        return _one_dimensional(site, node.func.value, scope)
    return False


def _one_dimensional(site: SiteContext, node: ast.expr, scope: Scope) -> bool:
    kind = site.file.kinds.of(node, scope)
    return kind is not None and kind.why != "annotation" and kind.name in ("ndarray", "series")


def _bound_to_scalars(site: SiteContext, name: str, scope: Scope, depth: int) -> bool:
    """Whether all that a name is ever bound to is a scalar."""
    scopes = site.file.scopes
    owner = scopes.owner(name, scope)
    if scopes.resolve_module(name, scope) in CONSTANTS:
        return True
    if owner is None:
        return False
    binders = owner.binders(name)
    return bool(binders) and all(_scalar_binding(site, b, scopes.scope_of.get(b, owner), depth) for b in binders)


def _scalar_binding(site: SiteContext, binder: ast.AST, owner: Scope, depth: int) -> bool:
    match binder:
        case (
            ast.Assign(targets=[ast.Name()], value=value)
            | ast.AugAssign(target=ast.Name(), value=value)
            | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            return surely_scalar(site, value, owner, depth + 1)
        case ast.For(target=ast.Name(), iter=iterated):
            return _is_range(site, iterated, owner)
    return False


def _is_range(site: SiteContext, node: ast.expr, scope: Scope) -> bool:
    """`range(n)`, `range(n)[::-1]`, `reversed(range(n))`."""
    match node:
        case ast.Subscript(value=inner, slice=ast.Slice()):
            return _is_range(site, inner, scope)
        case ast.Call(func=func, args=[inner], keywords=[]) if (
            site.file.scopes.dotted(func, scope) == "builtins.reversed"
        ):
            return _is_range(site, inner, scope)
        case ast.Call(func=func):
            return site.file.scopes.dotted(func, scope) == "builtins.range"
    return False
