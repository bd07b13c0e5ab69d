"""Who else may see a container while a loop fills it: other names, handlers of exceptions, inner functions."""

from __future__ import annotations

import ast

from .anchor import unknown_calls
from .context import SiteContext, root_name
from .remarks import Reason, Refusal
from .walk import walk

#: Methods of frames that give a frame with memory of its own.
OWN_FRAMES = frozenset({"sort_values", "sort_index", "dropna", "drop_duplicates", "merge", "query", "sample", "copy"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
#: Calls that look at their argument and keep nothing of it.
LOOKING = frozenset(
    {f"builtins.{f}" for f in ("len", "sum", "any", "all", "str", "repr", "print", "sorted", "list", "tuple", "bool")}
    | {f"numpy.{f}" for f in ("array", "mean", "sum", "median", "std", "max", "min")}
)
#: Methods that hand out nothing that shows the container.
LOOKING_METHODS = frozenset(
    {"append", "extend", "add", "update", "insert", "remove", "sort", "clear", "discard", "count", "index", "copy"}
)
#: Context managers that don't swallow exceptions.
TRANSPARENT = frozenset(
    {
        *("builtins.open", "io.open", "gzip.open", "tarfile.open", "zipfile.ZipFile", "tempfile.TemporaryDirectory"),
        *("numpy.errstate", "warnings.catch_warnings", "pandas.option_context", "contextlib.nullcontext"),
        *("contextlib.closing", "contextlib.redirect_stdout"),
    }
)
#: What can be iterated over without running code of the user's.
PASSIVE = frozenset({"list", "tuple", "dict", "set", "str", "ndarray", "series", "frame", "index", "int", "float"})
KNOWN = ("pandas", "numpy", "builtins")
PASSIVE_CALLS = frozenset({"builtins.range", "builtins.zip", "builtins.enumerate", "builtins.len", "builtins.reversed"})
PASSIVE_METHODS = frozenset(
    {"items", "keys", "values", "iterrows", "itertuples", "tolist", "unique", "split", "splitlines", "to_numpy"}
)


def seen_by_handler(site: SiteContext, name: str, init: ast.stmt) -> Refusal | None:
    """A `try`, or a `with` that may swallow exceptions, around the loop lets others see a half-filled container."""
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, FUNCTIONS):
            return None
        protected = _protected(site, up)
        if protected is None or site.loop not in protected:
            continue
        outside = [n for n in _mentions(site, name) if n not in protected]
        if init not in protected:
            outside = [n for n in outside if n.lineno != init.lineno] + [
                n for n in _mentions(site, name) if n in protected and not _in_loop(site, n)
            ]
        if outside:
            message = f"`{name}` may be used after an exception in the loop was handled"
            return Refusal(Reason.EXCEPTION_HANDLING, getattr(up, "lineno", site.loop.lineno), message)
    return None


def handled(site: SiteContext) -> bool:
    """Whether an exception of the loop may be handled in its function."""
    here = getattr(site, "statement", site.loop)  # the loop of an expression stands nowhere itself
    for up in site.file.scopes.ancestors(here):
        if isinstance(up, FUNCTIONS):
            return False
        protected = _protected(site, up)
        if protected is not None and here in protected:
            return True
    return False


def _protected(site: SiteContext, node: ast.AST) -> set[ast.AST] | None:
    """What stands in a statement from which an exception may not get out; None if it is no such statement."""
    if isinstance(node, (ast.Try, ast.TryStar)):
        return {n for s in node.body for n in walk(s)}
    if isinstance(node, (ast.With, ast.AsyncWith)) and not all(_transparent(site, i.context_expr) for i in node.items):
        return {n for s in node.body for n in walk(s)}
    return None


def _transparent(site: SiteContext, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    opened = isinstance(node.func, ast.Attribute) and node.func.attr == "open"
    return (site.dotted(node.func) or "") in TRANSPARENT or opened


def _mentions(site: SiteContext, name: str) -> list[ast.Name]:
    return site.file.scopes.names_below(site.scope.node).get(name, [])


def _in_loop(site: SiteContext, node: ast.AST) -> bool:
    return node is site.loop or any(up is site.loop for up in site.file.scopes.ancestors(node))


def escapes_before(site: SiteContext, name: str, init: ast.stmt) -> bool:
    """Whether the container is handed out between its making and the loop, or on an earlier round of a loop around."""
    again = loops_between(site, init)
    for n in _mentions(site, name):
        if not isinstance(n.ctx, ast.Load) or n.lineno < init.lineno or _in_loop(site, n):
            continue
        if n.lineno > site.loop.lineno and not any(up in again for up in site.file.scopes.ancestors(n)):
            continue
        parent = site.file.scopes.parent[n]
        called = isinstance(parent, ast.Attribute) and isinstance(site.file.scopes.parent[parent], ast.Call)
        if called and isinstance(parent, ast.Attribute) and parent.attr in LOOKING_METHODS:
            continue
        if isinstance(parent, (ast.Compare, ast.Subscript, ast.BoolOp, ast.If, ast.While, ast.UnaryOp)):
            continue
        if isinstance(parent, ast.Call) and site.dotted(parent.func) in LOOKING:
            continue
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add) and _lists(parent):
            continue  # the sum is another list
        return True
    return False


def _lists(node: ast.BinOp) -> bool:
    """`xs + [x]`, `xs + [x] * n`: what is added to a list is one that is written out."""
    more = node.right.left if isinstance(node.right, ast.BinOp) else node.right
    return isinstance(node.left, ast.Name) and isinstance(more, ast.List)


def loops_between(site: SiteContext, init: ast.stmt) -> set[ast.AST]:
    """The loops that go round with the same container: they stand around the loop, but not around its making."""
    found: set[ast.AST] = set()
    made_in = set(site.file.scopes.ancestors(init))
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, FUNCTIONS):
            break
        if isinstance(up, (ast.For, ast.While)) and up not in made_in:
            found.add(up)
    return found


def closed_over(site: SiteContext, name: str) -> bool:
    """Whether an inner function or generator (any function, for a name of the module) mentions the name."""
    root = site.scope.node if site.scope.is_function else site.file.tree
    for n in site.file.scopes.names_below(root).get(name, []):
        for up in site.file.scopes.ancestors(n):
            if up is site.scope.node:
                break
            if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)):
                return True
    return False


def runs_code(site: SiteContext) -> bool:
    """Whether going from round to round may run code of the user's: a generator, an object of a class of theirs."""
    return isinstance(site.loop, ast.For) and not _passive(site, site.loop.iter)


def _passive(site: SiteContext, node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Constant, ast.ListComp, ast.BinOp, ast.Slice)):
        return True
    kind = site.kind(node)
    if kind is not None and kind.name in PASSIVE:
        return True
    match node:
        case ast.Call(func=func, args=args) if site.dotted(func) in PASSIVE_CALLS:
            return all(_passive(site, a) for a in args)
        case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in PASSIVE_METHODS:
            return _passive(site, base) or isinstance(base, (ast.Name, ast.Attribute, ast.Subscript))
        case ast.Subscript(slice=ast.Slice()):
            return True
        case ast.Attribute(attr="index" | "columns" | "values"):
            return True
    return False


def changed_by_calls(site: SiteContext, base: ast.expr) -> Refusal | None:
    """Whether a call in the body may change a frame that somebody else holds too; None when nobody is known to."""
    inside = {n for stmt in site.loop.body for n in walk(stmt)}
    calls = [c for c in unknown_calls(site) if c in inside and not only_collects(c)]
    if _made_for_the_loop(site, base):
        return None  # nobody else has it
    root = root_name(base)
    pauses = [n for n in inside if isinstance(n, ast.Yield | ast.YieldFrom | ast.Await)]
    if pauses and root is not None and _held_by_others(site, base, root):
        message = f"between two rounds, others may change `{root}`: the loop is left and entered again"
        return Refusal(Reason.SCOPE, min(n.lineno for n in pauses), message)
    if root is None or not calls:
        return None
    line = calls[0].lineno
    message = f"`{ast.unparse(calls[0].func)}` might change `{root}`, which it may know under another name"
    refusal = Refusal(Reason.UNKNOWN_CALL, line, message)
    if site.file.scopes.owner(root, site.scope) is not site.scope or closed_over(site, root):
        return refusal
    if not isinstance(base, ast.Name):
        return refusal
    for binder in site.scope.binders(root):
        value = getattr(binder, "value", None)
        if isinstance(value, ast.Attribute) and root_name(value) in {root_name(c.func) for c in calls}:
            return refusal
    return refusal if _handed_out(site, root) else None


def _made_for_the_loop(site: SiteContext, node: ast.expr) -> bool:
    """`for _, row in df.sort_values("c").iterrows()`: a frame with memory of its own, made once, before the rounds."""
    match node:
        case ast.Call(func=ast.Attribute(attr=made), keywords=keywords):
            if made not in OWN_FRAMES or any(k.arg in ("inplace", "copy") for k in keywords):
                return False
        case _:
            return False
    code = ast.unparse(node)
    inside = (n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s) if isinstance(n, ast.Call))
    return isinstance(site.loop, ast.For) and not any(ast.unparse(n) == code for n in inside)


def _held_by_others(site: SiteContext, base: ast.expr, root: str) -> bool:
    """Whether what is read is given to the function, or can be seen from outside it."""
    given = any(isinstance(b, ast.arg) for b in site.scope.binders(root))
    outside = site.file.scopes.owner(root, site.scope) is not site.scope or closed_over(site, root)
    return given or outside or not isinstance(base, ast.Name) or _handed_out(site, root)


def only_collects(call: ast.Call) -> bool:
    """`out.append(x)` of a plain name: a list or a set, not something that knows the frame."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("append", "add", "extend"):
        return False
    return isinstance(func.value, ast.Name) and func.value.id not in ("self", "cls")


def _handed_out(site: SiteContext, root: str) -> bool:
    """Stored in an object, a container or given to a constructor before the loop."""
    for n in _mentions(site, root):
        parent = site.file.scopes.parent[n]
        if n.lineno > site.loop.lineno or not isinstance(n.ctx, ast.Load):
            continue
        if isinstance(parent, (ast.List, ast.Tuple, ast.Dict, ast.Set)):
            return True
        if isinstance(parent, ast.Assign) and not all(isinstance(t, ast.Subscript) for t in parent.targets):
            return True
        call = site.file.scopes.parent[parent] if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or call.func is n:
            continue
        if (site.dotted(call.func) or "").split(".")[0] not in KNOWN:
            maker = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if maker[:1].isupper():
                return True
    return False
