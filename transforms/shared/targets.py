"""What is known of the list, dict or set that a loop fills: where it was made, who sees it, what becomes of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.exposure import closed_over, escapes_before, handled, loops_between, runs_code, seen_by_handler
from ...loops.names import bound_names, names_in
from ...loops.remarks import Reason, Refusal
from ...loops.scalar_facts import surely_number, surely_text
from ...loops.walk import walk

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Target:
    """A container that the loop fills.

    `fresh`: it is made empty in the same block and not mentioned until the loop, so that one assignment can replace
    both.
    `init` is the statement that makes it, `display` the expression in it.
    """

    name: str
    init: ast.stmt
    display: ast.expr
    fresh: bool
    empty: bool
    annotation: ast.expr | None = None


EMPTY: dict[str, tuple[type[ast.expr] | tuple[()], str]] = {
    "list": (ast.List, "builtins.list"),
    "dict": (ast.Dict, "builtins.dict"),
    "set": (ast.Set, "builtins.set"),
    "str": (ast.Constant, "builtins.str"),
    "int": (ast.Constant, "builtins.int"),
    "Counter": ((), "collections.Counter"),
    "defaultdict": ((), "collections.defaultdict"),
}
#: Kinds that a call of their name makes of what it is given.
COPIED = ("list", "dict", "set")
#: Kinds of which everybody has a value of their own.
PLAIN = ("str", "int")


def find_target(site: SiteContext, name: str, kind: str, opaque: bool) -> Target | Refusal:
    """The container `name` of a kind ("list", "dict", "set", "str", "int"), or why it can't be replaced.

    `opaque` says that the body calls something unknown, which might look at the container under another name.
    """
    line = site.loop.lineno
    if not name.isidentifier():
        return Refusal(Reason.ALIASED, line, f"`{name}` is no local variable: others may see it while it is filled")
    if isinstance(site.scope.node, ast.ClassDef):
        return Refusal(Reason.SCOPE, line, "the loop stands in a class body")
    if name in site.scope.outer_names or site.file.scopes.owner(name, site.scope) is not site.scope:
        return Refusal(Reason.SCOPE, line, f"`{name}` belongs to an outer scope")
    found = _init(site, name, kind)
    if found is None:
        return Refusal(Reason.ALIASED, line, f"`{name}` is not made in this function before the loop")
    init, display, annotation = found
    if not _is_display(site, display, kind):
        return Refusal(Reason.UNKNOWN_KIND, init.lineno, f"`{name}` is not known to be a {kind}")
    if (seen := seen_by_handler(site, name, init)) is not None:
        return seen
    again = loops_between(site, init)
    for other in site.scope.binders(name):
        around = set(site.file.scopes.ancestors(other))
        if not isinstance(other, ast.AugAssign) and again & around and site.loop not in around:
            message = f"`{name}` is bound again in a loop around this one"
            return Refusal(Reason.ALIASED, getattr(other, "lineno", line), message)
    empty = _is_empty(display)
    block = site.block
    same_block = init in block
    between = block[block.index(init) + 1 : site.index] if same_block else []
    untouched = same_block and not any(name in names_in(s) for s in between)
    if not untouched and kind not in PLAIN and escapes_before(site, name, init):
        # Whoever holds it sees what was filled before an exception.
        return Refusal(Reason.ALIASED, line, f"`{name}` may be seen under another name while the loop fills it")
    if (opaque or runs_code(site) or handled(site)) and closed_over(site, name):
        return Refusal(Reason.SCOPE, line, f"`{name}` is read by an inner function that may run during the loop")
    return Target(name, init, display, untouched and empty, empty, annotation)


def _init(site: SiteContext, name: str, kind: str) -> tuple[ast.stmt, ast.expr, ast.expr | None] | None:
    """The last assignment of the name before the loop, in its block or in one around it.

    Text and numbers that grow with `+=` in between are what they were.
    """
    here: ast.AST = site.loop
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        for stmt in reversed(block[: block.index(here)]):
            found = _assigned(stmt, name)
            if found is not None:
                return found
            if name not in site.file.scopes.bound_by(stmt):
                continue
            grown = (kind in PLAIN and _only_augments(stmt, name)) or (kind == "list" and _only_longer(stmt, name))
            if not grown:
                return None
        here = site.file.scopes.parent[here]
        if isinstance(here, ast.ExceptHandler):
            here = site.file.scopes.parent[here]
        if isinstance(here, FUNCTIONS):
            return None
    return None


def _only_augments(stmt: ast.stmt, name: str) -> bool:
    """Whether a statement binds a name by `+=` and its kin only."""
    stores = [n for n in ast.walk(stmt) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]
    grown = [n.target for n in ast.walk(stmt) if isinstance(n, ast.AugAssign)]
    return bool(stores) and all(any(n is t for t in grown) for n in stores)


def _only_longer(stmt: ast.stmt, name: str) -> bool:
    """Whether a statement binds the name of a list by `xs = xs + [...]` only: that makes another list, of its own."""
    for n in ast.walk(stmt):
        match n:
            case ast.Assign(targets=[ast.Name(id=id_)], value=value) if id_ == name:
                if not _longer(value, name):
                    return False
            case ast.stmt() if name in set(bound_names(n)) and not isinstance(n, (ast.For, ast.While, ast.If)):
                return False
            case ast.For(target=target) | ast.NamedExpr(target=target) if name in set(bound_names(target)):
                return False
    return True


def _longer(value: ast.expr, name: str) -> bool:
    """`xs + [x] * n`, `xs + [x]`."""
    match value:
        case ast.BinOp(left=ast.Name(id=id_), op=ast.Add(), right=more) if id_ == name:
            return isinstance(more.left if isinstance(more, ast.BinOp) else more, ast.List)
    return False


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
        return not isinstance(node, ast.Constant) or type(node.value).__name__ == kind
    if kind == "str" and surely_text(site, node):
        return True
    if kind == "list" and (isinstance(node, ast.ListComp) or _repeated(site, node)):
        return True
    if kind == "list" and isinstance(node, ast.Call) and site.dotted(node.func) == "builtins.sorted":
        return True
    if not isinstance(node, ast.Call) or node.keywords or site.dotted(node.func) != maker:
        return False
    if kind == "defaultdict":
        return len(node.args) == 1 and site.dotted(node.args[0]) == "builtins.int"
    return not node.args or kind in COPIED


def _repeated(site: SiteContext, node: ast.expr) -> bool:
    """`[None] * n`: a list where `n` is a number, as what the loop gives `range` is; times an array it is an array."""
    match node:
        case (
            ast.BinOp(left=ast.List(), op=ast.Mult(), right=times)
            | ast.BinOp(left=times, op=ast.Mult(), right=ast.List())
        ):
            if not surely_number(site, times):
                site.assumed |= {"scalars"} if ast.unparse(times) in _limits(site) else set()
                return ast.unparse(times) in _limits(site)
            return True
    return False


def _limits(site: SiteContext) -> set[str]:
    """What the loop's own `range` is given: whole numbers, or arrays of no dimension."""
    match site.loop:
        case ast.For(iter=ast.Call(func=func, args=args)) if site.dotted(func) == "builtins.range":
            return {ast.unparse(a) for a in args if isinstance(a, ast.Name)}
    return set()


def _is_empty(node: ast.expr) -> bool:
    match node:
        case ast.Call(
            func=ast.Name(id="defaultdict") | ast.Attribute(attr="defaultdict"), args=[ast.Name(id="int")], keywords=[]
        ):
            return True
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(args=[], keywords=[]) | ast.Constant(value="" | 0):
            return True
    return False


def plain_statement(target: Target, value: ast.expr, line: int) -> ast.stmt:
    """The statement that gives a name its text or number, or adds it to what is there."""
    if not target.fresh:
        stmt: ast.stmt = ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), value)
    elif target.annotation is not None:
        stmt = ast.AnnAssign(ast.Name(target.name, ast.Store()), target.annotation, value, 1)
    else:
        stmt = ast.Assign([ast.Name(target.name, ast.Store())], value)
    stmt.lineno = line
    return stmt


def uses_after(site: SiteContext, name: str) -> list[ast.Name]:
    """Reads of a name after the loop, in the same function, in order."""
    inside = set(site.nodes)
    found = [
        n
        for n in walk(site.scope.node)
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
