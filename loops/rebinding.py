"""Functions and methods that are replaced while a program runs, otherwise than by binding their names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import FileContext
    from .scopes import FileScopes

#: Stands for a cell that does not parse: what it may bind is named beside it.
BROKEN = "get_ipython.broken"
#: Calls that hand out the names of a module or an object as a dict.
NAMESPACES = frozenset({"globals", "locals", "vars"})
READING = frozenset({"copy", "get", "items", "keys", "values"})
SETTERS = frozenset({"delattr", "setattr"})
#: Parts of a function that decide what it does.
INNARDS = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
#: One of these is written wherever something is replaced other than by storing an attribute of its name.
_REPLACING = (*sorted(NAMESPACES), *sorted(SETTERS), *sorted(INNARDS), "exec", "__dict__")


def may_be_replaced(file: FileContext, name: str) -> bool:
    """Whether some statement of the file, or of another one, may replace a function or method of that name."""
    if file.replaced is None and (file.mentions(_REPLACING) or not _surely_not_stored(file, name)):
        file.replaced = _replaced(file.scopes)
    if file.replaced is not None and (name in file.replaced or "*" in file.replaced):
        return True
    return file.replaced_outside is not None and file.replaced_outside(name)


def _surely_not_stored(file: FileContext, name: str) -> bool:
    """Whether the text of the file shows that no attribute of that name is stored or deleted."""
    return file.scopes.surely_lacks(rf"\.(?:[\s\\]*{name}\b(?![ \t]*[(.])|[ \t]*#)")


def may_be_hidden(file: FileContext, binder: ast.AST) -> bool:
    """Whether `from x import *` further down may put something else in the place of what the module binds."""
    place = getattr(binder, "lineno", 0)
    stars = (s for s in file.scopes.module.binders("*") if isinstance(s, ast.ImportFrom) and s.module != BROKEN)
    return any(star.lineno > place for star in stars)


def _replaced(scopes: FileScopes) -> frozenset[str]:
    """Names that are stored as attributes or through a namespace; `*` for one that is not known."""
    found: set[str] = set()
    for node in (*scopes.index.each(ast.Attribute), *scopes.index.each(ast.Call), *scopes.index.each(ast.Subscript)):
        match node:
            case ast.Attribute(value=base, attr=attr, ctx=ast.Store() | ast.Del()):
                found.add(attr)
                if attr in INNARDS:
                    found.add(_last_name(base))
            case ast.Call(func=ast.Name(id=setter), args=[_, name, *_]) if setter in SETTERS:
                found.add(_text(name))
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[_, name, *_]):
                found.add(_text(name))
            case ast.Call(func=ast.Name(id="exec")):
                found.add("*")
            case ast.Subscript(value=base, slice=key, ctx=ast.Store() | ast.Del()) if _is_namespace(base):
                found.add(_text(key))
            case ast.Call(func=ast.Attribute(value=base, attr=attr)) if _is_namespace(base) and attr not in READING:
                found.add("*")
    return frozenset(found)


def _is_namespace(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called)):
            return called in NAMESPACES
        case ast.Attribute(attr="__dict__"):
            return True
    return False


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "*"


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return "*"
