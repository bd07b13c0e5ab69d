"""The names that statements and expressions bind, read and import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .walk import children, walk

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: The nodes that bind names, and those that names are bound in without being seen outside.
_BINDING = frozenset(
    {ast.Name, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Import, ast.ImportFrom}
    | {ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping, *COMPREHENSIONS}
)

_BOUND_OTHERWISE = _BINDING - {ast.Name}


def bound_names(node: ast.AST) -> Iterator[str]:
    """Names that a statement (or expression) binds in its own scope, nested scopes left out."""
    stack: list[ast.AST] = [node]
    while stack:
        n = stack.pop()
        if n.__class__ not in _BINDING:  # most are not, and are not compared with each case
            stack.extend(children(n))
            continue
        match n:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                if n is not node:
                    stack.extend(n.decorator_list)
                    continue
                continue
            case ast.Lambda():
                continue
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((a.asname or a.name.split(".")[0]) for a in names)
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from (w.target.id for w in walk(n) if isinstance(w, ast.NamedExpr))
                continue
        stack.extend(children(n))


def names_bound_by(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that a statement binds in its own scope, given the statement and all nodes below it."""
    if any(n.__class__ in _BOUND_OTHERWISE for n in nodes):
        return set(bound_names(nodes[0]))
    return {n.id for n in nodes if n.__class__ is ast.Name and n.ctx.__class__ is not ast.Load}


def loaded_names(node: ast.AST) -> set[str]:
    """All names that are read anywhere below, closures and comprehensions included."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, (ast.Load, ast.Del))}


def names_in(node: ast.AST) -> set[str]:
    """All names that occur anywhere below."""
    nodes = walk(node)
    return {n.id for n in nodes if isinstance(n, ast.Name)} | {a.arg for a in nodes if isinstance(a, ast.arg)}


def target_names(node: ast.stmt) -> set[str]:
    """Names that a statement binds before the statements in it."""
    return {name for target in targets_of(node) for name in bound_names(target)}


def surely_bound(stmt: ast.stmt) -> set[str]:
    """Names that a statement binds whenever it is run to its end: plain assignment targets only."""
    match stmt:
        case ast.Assign(targets=targets):
            names = [n for t in targets for n in walk(t) if isinstance(n, ast.Name)]
            return {n.id for n in names if isinstance(n.ctx, ast.Store)}
        case ast.AnnAssign(target=ast.Name(id=id_), value=ast.expr()):
            return {id_}
    return set()


def surely_binds(stmt: ast.stmt, name: str) -> bool:
    """Whether a statement binds a name whenever it is run to its end, without reading it."""
    return name in surely_bound(stmt) and name not in loaded_names(stmt)


def binds_body(node: ast.AST, part: ast.AST, name: str) -> bool:
    """Whether a `for` or `with` binds the name before this part of it is evaluated."""
    return isinstance(node, (ast.For, ast.With)) and part in node.body and name in target_names(node)


def import_path(binder: ast.AST, name: str) -> str | None:
    match binder:
        case ast.Import(names=names):
            for a in names:
                if (a.asname or a.name.split(".")[0]) == name:
                    return a.name if a.asname else a.name.split(".")[0]
        case ast.ImportFrom(names=names, module=str(module), level=0):
            for a in names:
                if (a.asname or a.name) == name:
                    return f"{module}.{a.name}"
    return None


def targets_of(node: ast.stmt) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return targets
        case (
            ast.AnnAssign(target=target)
            | ast.AugAssign(target=target)
            | ast.For(target=target)
            | ast.AsyncFor(target=target)
        ):
            return [target]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [i.optional_vars for i in items if i.optional_vars is not None]
    return []
