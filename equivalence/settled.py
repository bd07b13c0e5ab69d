"""Parameters of a helper that are given the same constant by every call: no input makes them another."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .names import parameters, stores


def settled_parameters(function: ast.FunctionDef, calling: Iterable[ast.AST]) -> frozenset[str]:
    """The names of those, looking at all code that could call it."""
    trees = list(calling)
    nodes = [n for tree in trees for n in ast.walk(tree)]
    calls = [n for n in nodes if isinstance(n, ast.Call) and _is_named(n.func, function.name)]
    named = sum(_is_named(n, function.name) for n in nodes)
    if not calls or named > len(calls) or any(_is_loose(call) for call in calls):
        return frozenset()  # it goes elsewhere as a value, too
    given = [_constants(function, call) for call in calls]
    changed = stores(function.body)
    names = [p.arg for p in parameters(function) if p.arg not in changed]
    return frozenset(n for n in names if all(n in made for made in given) and len({made[n] for made in given}) == 1)


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def _is_loose(call: ast.Call) -> bool:
    return any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)


def _constants(function: ast.FunctionDef, call: ast.Call) -> dict[str, object]:
    """The parameters that this call, or their default, gives a constant: name -> its text."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    values: dict[str, ast.expr | None] = dict(
        zip([p.arg for p in positional[len(positional) - len(a.defaults) :]], a.defaults, strict=True)
    )
    values |= dict(zip([p.arg for p in a.kwonlyargs], a.kw_defaults, strict=True))
    values |= dict(zip([p.arg for p in positional], call.args, strict=False))
    values |= {k.arg: k.value for k in call.keywords if k.arg}
    return {name: ast.dump(v) for name, v in values.items() if isinstance(v, ast.Constant)}
