"""Find helpers of the same project that can be inlined: functions, static methods, methods that don't touch `self`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .context import FileContext, SiteContext
from .names import bound_names
from .rebinding import may_be_hidden, may_be_replaced
from .scopes import Scope, scope_for
from .walk import walk

MAX_STATEMENTS = 25


@dataclass
class Helper:
    """A helper with the scope that its body is read in."""

    function: ast.FunctionDef
    site: SiteContext
    skip_first: bool
    receiver: str = ""  # what the method is called on, where it reads attributes of that

    @property
    def body(self) -> list[ast.stmt]:
        first = self.function.body[0]
        has_docstring = (
            isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        )
        return self.function.body[1:] if has_docstring else self.function.body

    @property
    def local_names(self) -> set[str]:
        a = self.function.args
        return {x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)} | {
            n for s in self.function.body for n in bound_names(s)
        }

    def bind(self, call: ast.Call) -> dict[str, tuple[ast.expr, bool]] | None:
        """Parameter -> (argument, whether it comes from the caller). None when the call does not fit."""
        a = self.function.args
        names = [x.arg for x in (*a.posonlyargs, *a.args)][1 if self.skip_first else 0 :]
        bound: dict[str, tuple[ast.expr, bool]] = {}
        if self.receiver:
            bound[a.args[0].arg] = (ast.Name(self.receiver, ast.Load()), True)
        if len(call.args) > len(names):
            return None
        for name, value in zip(names, call.args, strict=False):
            bound[name] = (value, True)
        for k in call.keywords:
            if k.arg in bound or k.arg not in {*names, *(x.arg for x in a.kwonlyargs)}:
                return None
            bound[k.arg] = (k.value, True)
        defaults = dict(zip(names[::-1], a.defaults[::-1], strict=False))
        defaults |= {x.arg: d for x, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
        for name in [*names, *(x.arg for x in a.kwonlyargs)]:
            if name in bound:
                continue
            default = defaults.get(name)
            if not isinstance(default, ast.Constant):
                return None
            bound[name] = (default, False)
        return bound


def find_helper(site: SiteContext, call: ast.Call) -> Helper | None:
    """The helper that a call names, if it is one function, known and small."""
    match call.func:
        case ast.Name(id=name):
            return _function(site, name)
        case ast.Attribute(value=ast.Name(id=owner), attr=method):
            return _method(site, owner, method)
    return None


def _usable(fn: ast.AST, static: bool = False) -> bool:
    if not isinstance(fn, ast.FunctionDef):
        return False
    decorators = [ast.unparse(d) for d in fn.decorator_list]
    if decorators not in ([], ["staticmethod"]) or (decorators and not static):
        return False
    a = fn.args
    if a.vararg or a.kwarg or sum(isinstance(n, ast.stmt) for n in walk(fn)) > MAX_STATEMENTS:
        return False
    return not any(
        isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, ast.Lambda)) for n in walk(fn)
    )


def _function(site: SiteContext, name: str) -> Helper | None:
    owner = site.file.scopes.owner(name, site.scope)
    if owner is None or owner.parent is not None or name in site.assigned:
        return None
    binders = owner.binders(name)
    if len(binders) != 1:
        return None
    fn = binders[0]
    if may_be_hidden(site.file, fn):
        return None
    if isinstance(fn, ast.ImportFrom) and site.file.resolve_project is not None:
        return _imported(site, fn, name)
    if not isinstance(fn, ast.FunctionDef) or not _usable(fn) or not _means_the_same(site, fn):
        return None
    if may_be_replaced(site.file, name):
        return None
    return Helper(fn, _site_in(site.file, fn, site), False)


def _means_the_same(site: SiteContext, fn: ast.FunctionDef) -> bool:
    """Whether each free name of a helper is the same thing where it is called: nothing of the caller's captures it."""
    scopes = site.file.scopes
    inner = scope_for(scopes, fn)
    for n in walk(fn):
        if not isinstance(n, ast.Name) or not isinstance(n.ctx, ast.Load) or n.id in inner.bindings:
            continue
        if n.id in site.assigned or scopes.owner(n.id, inner) is not scopes.owner(n.id, site.scope):
            return False
    return True


def _imported(site: SiteContext, node: ast.ImportFrom, name: str) -> Helper | None:
    resolve = site.file.resolve_project
    original = next((a.name for a in node.names if (a.asname or a.name) == name), name)
    module = "." * node.level + (node.module or "")
    found = resolve(module, original) if resolve else None
    if found is None or not _usable(found[1]) or may_be_replaced(found[0], original):
        return None
    if may_be_replaced(site.file, original):
        return None
    file, fn = found
    # Names of the other module are unknown here, so the helper may need only what is the same in both.
    local = {x.arg for x in (*fn.args.posonlyargs, *fn.args.args, *fn.args.kwonlyargs)} | {
        n for s in fn.body for n in bound_names(s)
    }
    for n in walk(fn):
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in local:
            there = file.scopes.resolve_module(n.id, file.scopes.module)
            if there is None or site.file.scopes.resolve_module(n.id, site.scope) != there:
                return None
    return Helper(fn, _site_in(file, fn, site), False)


def _method(site: SiteContext, owner: str, method: str) -> Helper | None:
    cls = _class_of(site, owner)
    if cls is None or not _plain_class(cls):
        return None
    binders = scope_for(site.file.scopes, cls).binders(method)
    if len(binders) != 1 or not isinstance(binders[0], ast.FunctionDef) or not _usable(binders[0], static=True):
        return None
    fn = binders[0]
    if not _means_the_same(site, fn) or may_be_replaced(site.file, method):
        return None
    static = bool(fn.decorator_list)
    if static and owner == cls.name:
        return Helper(fn, _site_in(site.file, fn, site), False)
    if static:
        site.assumed.add("no-override")
        return Helper(fn, _site_in(site.file, fn, site), False)
    if owner == cls.name or not fn.args.args:
        return None
    reads = _reads_of_receiver(site, fn)
    if reads is None or (reads and owner in site.assigned | site.mutated):
        return None
    # A subclass may override an instance method; one that nobody subclasses in this file is taken at its word.
    if any(
        any(isinstance(b, ast.Name) and b.id == cls.name for b in n.bases)
        for n in site.file.scopes.index.each(ast.ClassDef)
    ):
        return None
    site.assumed.add("no-override")
    return Helper(fn, _site_in(site.file, fn, site), True, owner if reads else "")


def _reads_of_receiver(site: SiteContext, fn: ast.FunctionDef) -> set[str] | None:
    """The attributes of its object that a method reads; None where it does anything else with the object."""
    first, found = fn.args.args[0].arg, set()
    parent = site.file.scopes.parent
    for n in walk(fn):
        if not isinstance(n, ast.Name) or n.id != first:
            continue
        up = parent.get(n)
        if not isinstance(up, ast.Attribute) or not isinstance(up.ctx, ast.Load):
            return None
        above = parent.get(up)
        if isinstance(above, ast.Subscript) and not isinstance(above.ctx, ast.Load):
            return None
        found.add(up.attr)
    return found


def _plain_class(cls: ast.ClassDef) -> bool:
    """No decorator or metaclass that may put something else in the place of a method."""
    names = {ast.unparse(d.func if isinstance(d, ast.Call) else d).split(".")[-1] for d in cls.decorator_list}
    return not cls.keywords and names <= {"dataclass", "final", "total_ordering"}


def _class_of(site: SiteContext, owner: str) -> ast.ClassDef | None:
    binders = site.file.scopes.module.binders(owner)
    if (
        len(binders) == 1
        and isinstance(binders[0], ast.ClassDef)
        and site.file.scopes.owner(owner, site.scope) is site.file.scopes.module
    ):
        return None if may_be_hidden(site.file, binders[0]) else binders[0]
    scope: Scope | None = site.scope
    while scope is not None and scope.parent is not None:
        if (
            isinstance(scope.parent.node, ast.ClassDef)
            and isinstance(scope.node, ast.FunctionDef)
            and scope.node.args.args
        ):
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in scope.node.decorator_list)
            if not static and scope.node.args.args[0].arg == owner:
                return scope.parent.node
        scope = scope.parent
    return None


def _site_in(file: FileContext, fn: ast.FunctionDef, site: SiteContext) -> SiteContext:
    return SiteContext(file, site.loop, scope_for(file.scopes, fn), set(), site.assumed, set())
