"""`np.vectorize(f)(x, y)`: a loop over the elements of its arguments, under the name of array code."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from .context import SiteContext
from .names import names_in
from .scopes import Scope
from .walk import walk

#: What `np.vectorize` takes besides the function, and what does not change what comes out.
HARMLESS = frozenset({"doc", "cache", "otypes"})


@dataclass(frozen=True)
class Vectorized:
    """A call of a vectorised function: the function, what it is called with, and the types that it is to give."""

    function: ast.expr
    arguments: tuple[ast.expr, ...]
    otypes: ast.expr | None = None


def vectorized(site: SiteContext, node: ast.Call) -> Vectorized | None:
    """What a call computes element by element; None if it calls no vectorised function, or one in an unusual way."""
    plain = not any(isinstance(a, ast.Starred) for a in node.args) and not node.keywords
    maker = _maker(site, node.func) if plain and node.args else None
    match maker:
        case ast.Call(args=[function, *more], keywords=keywords) if len(more) <= 1:
            words = {k.arg: k.value for k in keywords}
            if set(words) <= HARMLESS:
                return Vectorized(function, tuple(node.args), words.get("otypes", more[0] if more else None))
    return None


def _maker(site: SiteContext, func: ast.expr) -> ast.Call | None:
    """The call of `np.vectorize` that makes what is called."""
    match func:
        case ast.Call(func=made):
            return func if site.dotted(made) == "numpy.vectorize" else None
        case ast.Name(id=name):
            return _bound(site, name)
    return None


def _bound(site: SiteContext, name: str) -> ast.Call | None:
    """The one call of `np.vectorize` that a name is ever bound to, if its function means the same at the site."""
    scopes = site.file.scopes
    owner = scopes.owner(name, site.scope)
    match owner.binders(name) if owner else []:
        case [ast.Assign(targets=[ast.Name()], value=ast.Call(func=made, args=[function, *_]) as maker)]:
            assert owner is not None
            if scopes.dotted(made, owner) == "numpy.vectorize" and _same_names(site, function, owner):
                return maker
    return None


def _same_names(site: SiteContext, function: ast.expr, there: Scope) -> bool:
    """Whether each free name of a function is the same thing at the site, bound once and for all."""
    scopes = site.file.scopes
    own = {a.arg for n in walk(function) if isinstance(n, ast.Lambda) for a in n.args.args}
    for name in names_in(function) - own:
        home = scopes.owner(name, there)
        if home is not scopes.owner(name, site.scope):
            return False
        if home is not None and len(home.binders(name)) > 1:
            return False
    return True


def lambda_parameters(function: ast.Lambda, arguments: Sequence[ast.expr]) -> list[str] | None:
    """The parameters of a lambda that is called with these arguments; None where they don't match one by one."""
    a = function.args
    names = [x.arg for x in (*a.posonlyargs, *a.args)]
    unusual = a.vararg or a.kwarg or a.kwonlyargs or a.defaults
    return None if unusual or len(names) != len(arguments) else names
