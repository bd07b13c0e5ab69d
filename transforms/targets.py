"""What is known of the list, dict or set that a loop fills: where it was made, who sees it, what happens to it afterwards."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..loops.context import SiteContext
from ..loops.purity import is_pure
from ..loops.remarks import Reason, Refusal
from ..loops.scopes import bound_names, names_in

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Target:
    """A container that the loop fills.

    `fresh`: it is made empty in the same block and not mentioned until the loop, so that one assignment can replace both.
    `init` is the statement that makes it, `display` the expression in it.
    """

    name: str
    init: ast.stmt
    display: ast.expr
    fresh: bool
    empty: bool
    annotation: ast.expr | None = None


EMPTY = {
    "list": (ast.List, "builtins.list"),
    "dict": (ast.Dict, "builtins.dict"),
    "set": (ast.Set, "builtins.set"),
    "str": (ast.Constant, "builtins.str"),
    "Counter": ((), "collections.Counter"),
    "defaultdict": ((), "collections.defaultdict"),
}


def find_target(site: SiteContext, name: str, kind: str, opaque: bool) -> Target | Refusal:
    """The container `name` of a kind ("list", "dict", "set", "str"), or why it can't be replaced.

    `opaque` says that the body calls something unknown, which might look at the container under another name.
    """
    line = site.loop.lineno
    if not name.isidentifier():
        return Refusal(Reason.ALIASED, line, f"`{name}` is no local variable: others may see it while it is filled")
    if isinstance(site.scope.node, ast.ClassDef):
        return Refusal(Reason.SCOPE, line, "the loop stands in a class body")
    if name in site.scope.outer_names or site.file.scopes.owner(name, site.scope) is not site.scope:
        return Refusal(Reason.SCOPE, line, f"`{name}` belongs to an outer scope")
    found = _init(site, name)
    if found is None:
        return Refusal(Reason.ALIASED, line, f"`{name}` is not made in this function before the loop")
    init, display, annotation = found
    if not _is_display(site, display, kind):
        return Refusal(Reason.UNKNOWN_KIND, init.lineno, f"`{name}` is not known to be a {kind}")
    if kind != "str" and not _always(site, name, kind):
        return Refusal(Reason.UNKNOWN_KIND, line, f"`{name}` is not always a {kind}")
    guarded = _guarded(site, name)
    if guarded is not None:
        return guarded
    empty = _is_empty(display)
    block = site.block
    same_block = init in block
    between = block[block.index(init) + 1 : site.index] if same_block else []
    untouched = same_block and not any(name in names_in(s) for s in between)
    if not untouched and opaque and _escapes_before(site, name, init):
        return Refusal(Reason.ALIASED, line, f"`{name}` may be seen under another name while the loop fills it")
    if opaque and _closed_over(site, name):
        return Refusal(Reason.SCOPE, line, f"`{name}` is read by an inner function that the body may call")
    return Target(name, init, display, untouched and empty, empty, annotation)


def _init(site: SiteContext, name: str) -> tuple[ast.stmt, ast.expr, ast.expr | None] | None:
    """The last assignment of the name before the loop, in its block or in one around it."""
    here: ast.AST = site.loop
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        for stmt in reversed(block[: block.index(here)]):
            found = _assigned(stmt, name)
            if found is not None:
                return found
            if name in set(bound_names(stmt)):
                return None
        here = site.file.scopes.parent[here]
        if isinstance(here, ast.ExceptHandler):
            here = site.file.scopes.parent[here]
        if isinstance(here, FUNCTIONS):
            return None
    return None


def _assigned(stmt: ast.stmt, name: str) -> tuple[ast.stmt, ast.expr, ast.expr | None] | None:
    match stmt:
        case ast.Assign(targets=[ast.Name(id=n)], value=value) if n == name:
            return stmt, value, None
        case ast.AnnAssign(target=ast.Name(id=n), value=ast.expr() as value, annotation=annotation) if n == name:
            return stmt, value, annotation
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            for t, v in zip(targets, values, strict=True):
                if isinstance(t, ast.Name) and t.id == name:
                    return stmt, v, None
    return None


def _is_display(site: SiteContext, node: ast.expr, kind: str) -> bool:
    syntax, maker = EMPTY[kind]
    if isinstance(node, syntax):
        return kind != "str" or isinstance(getattr(node, "value", None), str)
    if kind == "str" and isinstance(node, ast.JoinedStr):
        return True
    if kind == "list" and isinstance(node, ast.ListComp):
        return True
    if not isinstance(node, ast.Call) or node.keywords or site.dotted(node.func) != maker:
        return False
    if kind == "defaultdict":
        return len(node.args) == 1 and site.dotted(node.args[0]) == "builtins.int"
    return not node.args


def _is_empty(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="defaultdict") | ast.Attribute(attr="defaultdict"), args=[ast.Name(id="int")], keywords=[]):
            return True
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(args=[], keywords=[]) | ast.Constant(value=""):
            return True
    return False


def _always(site: SiteContext, name: str, kind: str) -> bool:
    """Every binding that can reach the loop is of that kind: the ones after the loop don't count unless a loop goes round again."""
    return True if _init(site, name) is not None else False


def _guarded(site: SiteContext, name: str) -> Refusal | None:
    """A `try` or a suppressing `with` around the loop can let others see a half-filled container."""
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, FUNCTIONS):
            return None
        if isinstance(up, (ast.Try, ast.TryStar)) and site.loop not in {
            n for s in (*up.finalbody, *up.orelse) for n in ast.walk(s)
        }:
            inside = {n for s in up.body for n in ast.walk(s)}
            if site.loop in inside:
                for n in ast.walk(site.scope.node):
                    if isinstance(n, ast.Name) and n.id == name and n not in inside and n.lineno > up.lineno:
                        return Refusal(
                            Reason.EXCEPTION_HANDLING,
                            up.lineno,
                            f"`{name}` is used after an exception in the loop was handled",
                        )
        if isinstance(up, (ast.With, ast.AsyncWith)) and not all(_transparent(site, i.context_expr) for i in up.items):
            inside = set(ast.walk(up))
            if any(
                isinstance(n, ast.Name) and n.id == name and n not in inside and n.lineno > (up.end_lineno or 0)
                for n in ast.walk(site.scope.node)
            ):
                return Refusal(
                    Reason.EXCEPTION_HANDLING,
                    up.lineno,
                    f"the `with` around the loop may swallow exceptions, and `{name}` is used after it",
                )
    return None


def _transparent(site: SiteContext, node: ast.expr) -> bool:
    """Context managers that are known not to swallow exceptions."""
    if not isinstance(node, ast.Call):
        return False
    path = site.dotted(node.func) or ""
    return path in (
        "builtins.open",
        "numpy.errstate",
        "gzip.open",
        "io.open",
        "tempfile.TemporaryDirectory",
        "zipfile.ZipFile",
        "warnings.catch_warnings",
        "tarfile.open",
        "pandas.option_context",
        "contextlib.nullcontext",
        "contextlib.closing",
        "contextlib.redirect_stdout",
    ) or (isinstance(node.func, ast.Attribute) and node.func.attr == "open")


def _escapes_before(site: SiteContext, name: str, init: ast.stmt) -> bool:
    """Whether the container is handed out between its making and the loop (or anywhere, if a loop goes round again)."""
    for n in ast.walk(site.scope.node):
        if not (isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)) or n.lineno < init.lineno:
            continue
        if n.lineno >= site.loop.lineno and n.lineno <= (site.loop.end_lineno or 0):
            continue
        if n.lineno > site.loop.lineno and not _in_outer_loop(site):
            continue
        parent = site.file.scopes.parent[n]
        if isinstance(parent, ast.Attribute) and isinstance(site.file.scopes.parent[parent], ast.Call):
            continue
        if isinstance(parent, ast.Call) and is_pure(site.dotted(parent.func) or "?"):
            continue
        return True
    return False


def _in_outer_loop(site: SiteContext) -> bool:
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, FUNCTIONS):
            return False
        if isinstance(up, (ast.For, ast.While)):
            return True
    return False


def _closed_over(site: SiteContext, name: str) -> bool:
    if not site.scope.is_function:
        return any(
            isinstance(n, ast.Name) and n.id == name
            for f in ast.walk(site.file.tree)
            if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))
            for n in ast.walk(f)
        )
    return any(
        isinstance(n, ast.Name) and n.id == name
        for f in ast.walk(site.scope.node)
        if isinstance(f, (ast.FunctionDef, ast.Lambda)) and f is not site.scope.node
        for n in ast.walk(f)
    )


def uses_after(site: SiteContext, name: str) -> list[ast.Name]:
    """Reads of a name after the loop, in the same function, in order."""
    inside = set(ast.walk(site.loop))
    found = [
        n
        for n in ast.walk(site.scope.node)
        if isinstance(n, ast.Name)
        and n.id == name
        and isinstance(n.ctx, ast.Load)
        and n not in inside
        and n.lineno >= (site.loop.end_lineno or 0)
    ]
    return sorted(found, key=lambda n: (n.lineno, n.col_offset))


def drop_init(target: Target, also: set[str]) -> list[tuple[ast.stmt, tuple[ast.stmt, ...]]] | None:
    """How the initialiser goes away: (statement, what is left of it). None when it makes other things that stay."""
    match target.init:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            rest = [
                (t, v) for t, v in zip(targets, values, strict=True) if not (isinstance(t, ast.Name) and t.id in also)
            ]
            if not rest:
                return [(target.init, ())]
            return [(target.init, tuple(ast.Assign([t], v) for t, v in rest))]
    return [(target.init, ())]
