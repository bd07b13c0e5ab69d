"""What the code has tested before it evaluates an expression: conditions that hold there, or don't."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.context import SiteContext, mutated_roots
from ...loops.ir import Event, Loop
from ...loops.names import bound_names
from ...loops.trace import atom
from ...loops.walk import walk

#: A condition, and whether it holds.
Known = tuple[ast.expr, bool]
LEAVING = (ast.Continue, ast.Break, ast.Return, ast.Raise)


def known_before(site: SiteContext, node: ast.expr, names: set[str]) -> Iterator[Known]:
    """What has been tested wherever an expression is evaluated, while some names have kept their values."""
    scopes = site.file.scopes
    child: ast.AST = node
    if any(isinstance(n, ast.NamedExpr) and n.target.id in names for n in walk(_statement(site, node))):
        return
    while (parent := scopes.parent.get(child)) is not None:
        match parent:
            case ast.IfExp(test=test) if child is not test:
                yield test, child is parent.body
            case ast.BoolOp(op=op, values=values):
                yield from ((v, isinstance(op, ast.And)) for v in values[: values.index(child)])  # type: ignore[arg-type]
            case ast.comprehension() | ast.Lambda():
                return
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                if names & {name for g in parent.generators for name in bound_names(g.target)}:
                    return  # outside, it is another name
        if isinstance(child, ast.stmt):
            for before in _before(site, child):
                if isinstance(before, ast.If) and not before.orelse and isinstance(before.body[-1], LEAVING):
                    yield before.test, False
                if names & {*bound_names(before), *mutated_roots(before)}:
                    return
            if isinstance(parent, ast.If):
                yield parent.test, child in parent.body
            elif not isinstance(parent, ast.With) and not (isinstance(parent, ast.Try) and child in parent.body):
                return
        child = parent


def _before(site: SiteContext, statement: ast.stmt) -> list[ast.stmt]:
    """The statements of the block in front of one of them, the last first."""
    block = site.file.scopes.block.get(statement, [])
    return block[: block.index(statement)][::-1] if statement in block else []


def _statement(site: SiteContext, node: ast.AST) -> ast.AST:
    while not isinstance(node, ast.stmt):
        node = site.file.scopes.parent[node]
    return node


def of_helpers(site: SiteContext, loop: Loop, *types: type[ast.AST]) -> Iterator[ast.AST | None]:
    """What helpers of this file evaluate in a round, of some types; None for what is not in this file."""
    names = {t.__name__ for t in types}
    inside = {id(n) for n in site.nodes}
    places: dict[Event, ast.AST] = {
        atom(n): n for n in walk(site.file.tree) if isinstance(n, ast.expr | ast.stmt) and isinstance(n, types)
    }
    for event in _events(loop.trace):
        if event[0] == "at" and event[-1] in names:
            found = places.get(event)
            if found is None or id(found) not in inside:
                yield found


def _events(trace: tuple[Event, ...]) -> Iterator[Event]:
    for event in trace:
        if event[0] == "if":
            yield from _events(event[1])  # type: ignore[arg-type]
            yield from _events(event[2])  # type: ignore[arg-type]
        else:
            yield event
