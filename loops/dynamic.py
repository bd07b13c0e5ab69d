"""Code that reaches the variables of a function (or script) otherwise than by writing their names."""

from __future__ import annotations

import ast

from .context import SiteContext
from .scopes import Scope
from .walk import walk

#: Without an argument these hand out all variables of the place where they are called.
LISTING = frozenset({"dir", "locals", "vars"})
RUNNING = frozenset({"eval", "exec"})
#: What leads to the variables of a frame.
FRAMES = frozenset({"currentframe", "f_back", "f_locals", "_getframe"})
_REACHING = (*sorted(LISTING), *sorted(RUNNING), *sorted(FRAMES))
_BY_ATTRIBUTE = (*sorted(FRAMES), ".eval")


def sees_all_names(site: SiteContext) -> ast.AST | None:
    """What in the scope of a loop sees each of its variables, new ones included; None if nothing does."""
    if not site.scope.is_function and site.file.mentions(("globals",)):
        for node in site.file.scopes.names_below(site.file.tree).get("globals", ()):
            if not _one_of_them(site, node):
                return site.file.scopes.parent.get(node)
    if not site.file.mentions(_REACHING):
        return None
    names = site.file.scopes.names_below(site.scope.node)
    for called in sorted(LISTING | RUNNING):
        for node in names.get(called, ()):
            call = site.file.scopes.parent.get(node)
            listed = isinstance(call, ast.Call) and call.func is node and (called in RUNNING or not call.args)
            if listed and _here(site, node, site.scope):
                return call
    if not site.file.mentions(_BY_ATTRIBUTE):
        return None
    for found in walk(site.scope.node):
        if isinstance(found, ast.Attribute) and _reaches_frames(site, found) and _here(site, found, site.scope):
            return found
    return None


def _one_of_them(site: SiteContext, node: ast.Name) -> bool:
    """Whether `globals()` is only asked for one name that is written out."""
    call = site.file.scopes.parent.get(node)
    use = site.file.scopes.parent.get(call) if isinstance(call, ast.Call) else None
    return isinstance(use, ast.Subscript) and isinstance(use.slice, ast.Constant)


def _reaches_frames(site: SiteContext, node: ast.Attribute) -> bool:
    return node.attr in FRAMES or (node.attr == "eval" and site.dotted(node) == "pandas.eval")


def _here(site: SiteContext, node: ast.AST, scope: Scope) -> bool:
    """Whether a node is run in this very scope, not in a function in it that has variables of its own."""
    for up in site.file.scopes.ancestors(node):
        if up is scope.node:
            return True
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return False
    return True
