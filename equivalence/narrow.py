"""The one expression in which two versions of a statement differ, as a region of its own.

`ax = prices.apply(to_euro).plot()` becomes `value = prices.apply(to_euro)` and `ax = value.plot()`: what the first of
them gives is compared, and nothing has to be plotted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .names import FUNCTIONS
from .regions import CannotOutline, Place, Step, locate

#: Statements that evaluate their expressions once, in the scope that they stand in.
_PLAIN = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)
#: Expressions with names of their own, which their parts may use.
_BINDS = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: What has no value that could be compared.
_NO_VALUE = (ast.GeneratorExp, ast.Starred, ast.Slice, ast.NamedExpr, ast.Lambda)


def narrowed(before: str, after: str, lines: tuple[int, int], new_lines: tuple[int, int]) -> tuple[Place, Place] | None:
    """The expression that differs, in both versions, named by a statement before its own; None if there is no such."""
    trees = ast.parse(before), ast.parse(after)
    try:
        places = locate(trees[0], lines), locate(trees[1], new_lines)
    except CannotOutline:
        return None
    old, new = (p.steps[-1].statements for p in places)
    if len(old) != 1 or len(new) != 1 or not isinstance(old[0], _PLAIN) or type(old[0]) is not type(new[0]):
        return None
    found = _differing(old[0], new[0])
    if found is None:
        return None
    name = _unused(trees)
    first, second = (_named(p, x, name) for p, x in zip(places, found, strict=True))
    return (first, second) if first is not None and second is not None else None


def _differing(old: ast.AST, new: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The innermost expressions that hold all the differences, and have a value in the scope of the statement."""
    found: tuple[ast.expr, ast.expr] | None = None
    while True:
        if isinstance(old, ast.expr) and isinstance(new, ast.expr) and _has_value(old) and _has_value(new):
            found = old, new
        if type(old) is not type(new) or isinstance(old, (*_BINDS, *FUNCTIONS)):
            return found
        pairs = list(_parts(old, new))
        differing = [(a, b) for a, b in pairs if not _same(a, b)]
        if len(differing) != 1:
            return found
        a, b = differing[0]
        if not isinstance(a, ast.AST) or not isinstance(b, ast.AST):
            return found
        old, new = a, b


def _has_value(node: ast.expr) -> bool:
    return not isinstance(node, _NO_VALUE) and not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _parts(old: ast.AST, new: ast.AST) -> Iterator[tuple[object, object]]:
    """The fields of two nodes of one type side by side, lists of equal length element by element."""
    for field in old._fields:
        a, b = getattr(old, field, None), getattr(new, field, None)
        if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            yield from zip(a, b, strict=True)
        else:
            yield a, b


def _same(a: object, b: object) -> bool:
    if isinstance(a, ast.AST) and isinstance(b, ast.AST):
        return ast.dump(a) == ast.dump(b)
    return not isinstance(a, (ast.AST, list)) and not isinstance(b, (ast.AST, list)) and a == b


def _unused(trees: tuple[ast.Module, ast.Module]) -> str:
    used = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
    name = "value"
    while name in used:
        name += "_"
    return name


def _named(place: Place, part: ast.expr, name: str) -> Place | None:
    """The place of `name = part`, put before its statement, which uses the name instead."""
    last = place.steps[-1]
    (stmt,) = last.statements
    made = ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], part), stmt)
    ast.fix_missing_locations(made)
    if not _replaced(stmt, part, ast.copy_location(ast.Name(name, ast.Load()), part)):
        return None
    last.block.insert(last.start, made)
    step = Step(last.owner, last.block, last.start, last.start + 1)
    return Place(place.tree, (*place.steps[:-1], step))


def _replaced(root: ast.AST, old: ast.expr, new: ast.expr) -> bool:
    for node in ast.walk(root):
        for field, value in ast.iter_fields(node):
            if value is old:
                setattr(node, field, new)
                return True
            if isinstance(value, list) and any(x is old for x in value):
                setattr(node, field, [new if x is old else x for x in value])
                return True
    return False
