"""Names read and bound by pieces of code, with Python's scopes respected."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OPEN = "open"
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def loads(node: ast.AST | Iterable[ast.AST] | None) -> set[str]:
    """Names that evaluating the code may look up outside of its own nested scopes. Annotations don't count."""
    found: set[str] = set()
    _loads(node, frozenset(), found)
    return found


def _loads(node: ast.AST | Iterable[ast.AST] | None, bound: frozenset[str], found: set[str]) -> None:
    if node is None:
        return
    if not isinstance(node, ast.AST):
        for part in node:
            _loads(part, bound, found)
        return
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Store) and node.id not in bound:
            found.add(node.id)
    elif isinstance(node, (*FUNCTIONS, ast.Lambda)):
        _function_loads(node, bound, found)
    elif isinstance(node, COMPREHENSIONS):
        _comprehension_loads(node, bound, found)
    elif isinstance(node, ast.ClassDef):
        _loads([*node.decorator_list, *node.bases, *(k.value for k in node.keywords)], bound, found)
        _loads(node.body, bound, found)
    elif isinstance(node, ast.AnnAssign):
        _loads(node.target, bound, found)
        _loads(node.value, bound, found)
    elif isinstance(node, ast.AugAssign):
        if isinstance(node.target, ast.Name) and node.target.id not in bound:
            found.add(node.target.id)
        _loads([node.target, node.value], bound, found)
    else:
        for child in ast.iter_child_nodes(node):
            _loads(child, bound, found)


def _function_loads(node: FunctionNode, bound: frozenset[str], found: set[str]) -> None:
    if not isinstance(node, ast.Lambda):
        _loads(node.decorator_list, bound, found)
    _loads([*node.args.defaults, *(d for d in node.args.kw_defaults if d)], bound, found)
    inner = bound | frozenset(locals_of(node))
    _loads(node.body, inner, found)


def _comprehension_loads(node: ast.AST, bound: frozenset[str], found: set[str]) -> None:
    generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
    _loads(generators[0].iter, bound, found)
    inner = bound | {n for g in generators for n in stores(g.target)}
    for k, generator in enumerate(generators):
        if k:
            _loads(generator.iter, inner, found)
        _loads(generator.ifs, inner, found)
        _loads(generator.target, inner, found)
    if isinstance(node, ast.DictComp):
        _loads([node.key, node.value], inner, found)
    else:
        _loads(node.elt, inner, found)  # type: ignore[attr-defined]


def stores(node: ast.AST | Iterable[ast.AST] | None) -> set[str]:
    """Names that the code binds in its own scope: assignments, targets, imports, definitions, walruses, `except as`."""
    return set(_stores(node))


def _stores(node: ast.AST | Iterable[ast.AST] | None) -> Iterator[str]:
    if node is None:
        return
    if not isinstance(node, ast.AST):
        for part in node:
            yield from _stores(part)
        return
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
        return
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, COMPREHENSIONS):
        yield from (n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield (alias.asname or alias.name).split(".")[0]
        return
    if isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    if isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from _stores(child)


def parameters(node: FunctionNode) -> list[ast.arg]:
    """All parameters in order, `*args` and `**kwargs` included."""
    a = node.args
    stars = [x for x in (a.vararg, a.kwarg) if x]
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *stars]


def locals_of(node: FunctionNode) -> set[str]:
    """Parameters and names bound in the function's own scope."""
    names = {a.arg for a in parameters(node)}
    if isinstance(node, ast.Lambda):
        return names | stores(node.body)
    declared = declared_outside(node.body)
    return (names | stores(node.body)) - declared


def declared_outside(body: Iterable[ast.AST]) -> set[str]:
    """Names declared `global` or `nonlocal` in this scope."""
    found: set[str] = set()
    todo = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
        elif not isinstance(node, (ast.expr, *FUNCTIONS, ast.ClassDef)):  # no statement is within an expression
            todo.extend(ast.iter_child_nodes(node))
    return found


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes, without those inside nested functions, lambdas and classes."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(node))


def captured(body: Iterable[ast.AST]) -> set[str]:
    """Names that functions, lambdas and classes nested in the code look up when they are called."""
    found: set[str] = set()
    for node in own_nodes(body):
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            _loads(node, frozenset(), found)
    return found


def root_name(node: ast.AST) -> str | None:
    """`df` for `df["a"].iloc[0]`, None when the expression doesn't start with a name."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def dotted(node: ast.AST) -> str:
    """`np.random.normal` for that expression, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def opens_to_read(nodes: Iterable[ast.AST]) -> bool:
    """Whether `open` is called, and nothing but called, to read text."""
    parts = [n for node in nodes for n in ast.walk(node)]
    calls = [n for n in parts if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == OPEN]
    uses = sum(isinstance(n, ast.Name) and n.id == OPEN for n in parts)
    return bool(calls) and uses == len(calls) and all(_mode(c) in ("r", "rt", "tr") for c in calls)


def _mode(call: ast.Call) -> str:
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    return str(given[0].value) if given and isinstance(given[0], ast.Constant) else "" if given else "r"
