"""Which calls surely do nothing but compute: a known function, and nothing given to it that it might call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .context import SiteContext
from .purity import CALLED_BY_KEYWORD, CALLED_BY_POSITION, PATTERN_METHODS, PURE_METHODS, is_pure

#: Kinds of values that nobody can call.
_PLAIN = frozenset({"str", "int", "float", "bool", "bytes", "list", "tuple", "dict", "set"})


def is_pure_call(site: SiteContext, node: ast.Call) -> bool:
    """Whether a call has no effect, as far as names tell."""
    path = site.dotted(node.func)
    if path is not None:
        return is_pure(path) and not _calls_back(site, node, path)
    if not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in PATTERN_METHODS and _is_pattern(site, node.func.value):
        return not _calls_back(site, node, f"re.Pattern.{node.func.attr}")
    return node.func.attr in PURE_METHODS


def _is_pattern(site: SiteContext, node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return site.dotted(node.func) == "re.compile"
    kind = site.kind(node)
    return kind is not None and kind.name == "pattern" and kind.proven


def _calls_back(site: SiteContext, node: ast.Call, path: str) -> bool:
    """Whether the function may call something that is given to it: `re.sub(pattern, count, text)`."""
    return any(not _harmless(site, given) for given in _called(node, path))


def _called(node: ast.Call, path: str) -> Iterator[ast.expr]:
    module = path.rsplit(".", 1)[0]
    names = CALLED_BY_KEYWORD.get(path, frozenset()) | CALLED_BY_KEYWORD.get(module, frozenset())
    yield from (k.value for k in node.keywords if k.arg in names)
    place = CALLED_BY_POSITION.get(path)
    if place is not None and place < len(node.args):
        yield node.args[place]


def _harmless(site: SiteContext, node: ast.expr) -> bool:
    """What can't be called, or is known to be pure; what a lambda calls is looked at as part of the body."""
    if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Lambda)):
        return True
    path = site.dotted(node)
    if path is not None:
        return is_pure(path)
    kind = site.kind(node)
    return kind is not None and kind.name in _PLAIN
