"""Functions that the new code calls, defined once in the user's module."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext


def helper(site: SiteContext, wish: str, text: str) -> tuple[str, tuple[str, ...]] | None:
    """The name of a function with this text (`{name}` stands for its name), and what has to be added to have it.

    The function of an earlier rewrite is taken again. None where the name means something else.
    """
    made = text.format(name=wish)
    if _is_there(site, wish, made):
        return wish, ()
    return (wish, (made,)) if site.fresh(wish) == wish and not _mentioned(site, wish) else None


def _is_there(site: SiteContext, wish: str, text: str) -> bool:
    wanted = ast.unparse(ast.parse(text))
    owner = site.file.scopes.owner(wish, site.scope)
    if owner is not site.file.scopes.module or len(owner.bindings[wish]) != 1:
        return False
    (binder,) = owner.bindings[wish]
    return isinstance(binder, ast.FunctionDef) and binder.lineno < site.loop.lineno and ast.unparse(binder) == wanted


def _mentioned(site: SiteContext, wish: str) -> bool:
    """Whether the file uses the name in any way; `from x import *` may bring it, too."""
    return wish in site.file.text or "import *" in site.file.text
