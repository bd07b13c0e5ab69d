"""Lists and columns that a loop searches for members: which they are, and whether they stay the same meanwhile."""

from __future__ import annotations

import ast

from ...loops.anchor import unknown_calls
from ...loops.context import SiteContext
from ...loops.exposure import closed_over, escapes_before, only_collects, runs_code
from ...loops.header_rows import inv
from ...loops.names import COMPREHENSIONS, bound_names, names_in
from ...loops.purity import MUTATING_METHODS
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..hoists.body import in_nested_scope, unchanged
from ..shared.build import name as build_name

#: Displays of up to that many elements are compared with as fast as they are hashed.
FEW = 4
#: Expressions that make a container of their own.
DISPLAYS = (
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.BinOp,
    ast.Constant,
    ast.JoinedStr,
)
MAKERS = frozenset({"list", "dict", "set", "sorted", "tuple", "str", "int", "float"})


def membership_tests(site: SiteContext) -> list[ast.Compare]:
    """The tests for membership whose left side changes from round to round, and whose right side is searched."""
    found = []
    for node in (n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s)):
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[among]):
                varies = names_in(left) & (site.assigned | _of_comprehensions(site, node))
                if varies and not in_nested_scope(site, node) and searched(site, among):
                    found.append(node)
    return found


def _of_comprehensions(site: SiteContext, node: ast.AST) -> set[str]:
    """The variables of the comprehensions of the body that an expression stands in."""
    found: set[str] = set()
    for up in site.file.scopes.ancestors(node):
        if up is site.loop:
            break
        if isinstance(up, COMPREHENSIONS):
            found |= {n for g in up.generators for n in bound_names(g.target)}
    return found


def searched(site: SiteContext, node: ast.expr) -> bool:
    """Whether it is gone through one by one: a list, a tuple, the values of a column."""
    match node:
        case ast.Name():
            kind = site.kind(node)
            return kind is not None and kind.name in ("list", "tuple") and not _small(site, node)
        case (
            ast.Attribute(value=column, attr="values")
            | ast.Call(func=ast.Attribute(value=column, attr="unique" | "tolist" | "to_list"), args=[], keywords=[])
        ):
            kind = site.kind(column)
            return kind is not None and kind.name == "series"
    return False


def _small(site: SiteContext, node: ast.Name) -> bool:
    """Whether a list is written out, with a few elements."""
    values = [b.value for b in site.scope.binders(node.id) if isinstance(b, (ast.Assign, ast.AnnAssign))]
    return any(isinstance(v, (ast.List, ast.Tuple)) and 0 < len(v.elts) <= FEW for v in values)


def root_of(node: ast.expr) -> ast.expr:
    """The table, column or list that the elements come from."""
    match node:
        case ast.Call(func=ast.Attribute(value=column)) | ast.Attribute(value=column, attr="values"):
            return root_of(column)
        case ast.Subscript(value=table):
            return table
    return node


def stays(site: SiteContext, node: ast.expr) -> Refusal | None:
    """Why what is searched may change while the loop runs."""
    line = node.lineno
    root = root_of(node)
    if not site.invariant(node):
        return Refusal(Reason.READS_OWN_OUTPUT, line, f"`{ast.unparse(node)}` is searched while the loop changes it")
    if not isinstance(node, ast.Name):
        return unchanged(site, inv(root), [None])
    own = _own(site, node)
    for name in sorted(_changed(site)):
        if not own and not _fresh_container(site, name):
            return Refusal(Reason.ALIASED, line, f"`{node.id}` may be `{name}` under another name, which changes")
    inside = {n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s)}
    calls = [c for c in unknown_calls(site) if c in inside and not only_collects(c)]
    if not own and isinstance(site.loop, ast.For) and isinstance(site.loop.iter, ast.Call) and runs_code(site):
        message = f"`{ast.unparse(site.loop.iter)[:40]}` may change `{node.id}` from round to round"
        return Refusal(Reason.UNKNOWN_CALL, site.loop.lineno, message)
    if calls and not own:
        message = f"`{ast.unparse(calls[0].func)}` might change `{node.id}`, which it may know under another name"
        return Refusal(Reason.UNKNOWN_CALL, calls[0].lineno, message)
    return None


def _changed(site: SiteContext) -> set[str]:
    """Names of what the loop changes in place, and what may be a list."""
    found = set(site.mutated)
    for n in (n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s)):
        match n:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in MUTATING_METHODS:
                found.add(name)
            case ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
    kinds = {n: site.kind(build_name(n)) for n in found}
    return {n for n, kind in kinds.items() if kind is None or kind.name == "list"}


def _makes(site: SiteContext, value: ast.expr | None) -> bool:
    match value:
        case ast.Call(func=func):
            return (site.dotted(func) or "").removeprefix("builtins.") in MAKERS
    return isinstance(value, DISPLAYS)


def _fresh_container(site: SiteContext, name: str) -> bool:
    """Whether a name only ever stands for containers that its own assignments make."""
    binders = site.scope.binders(name)
    made = [isinstance(b, (ast.Assign, ast.AnnAssign)) and _makes(site, b.value) for b in binders]
    return bool(made) and all(m or isinstance(b, ast.AugAssign) for m, b in zip(made, binders, strict=True))


def _own(site: SiteContext, node: ast.Name) -> bool:
    """Whether nobody else knows the list: it is made here, and given to nobody before the loop is over."""
    binders = site.scope.binders(node.id)
    if len(binders) != 1 or not _fresh_container(site, node.id) or node.id in site.scope.outer_names:
        return False
    init = binders[0]
    if not isinstance(init, ast.stmt) or closed_over(site, node.id):
        return False
    return not escapes_before(site, node.id, init)
