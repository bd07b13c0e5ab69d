"""Rounds that the body numbers itself: `n += 1` on every round is what `enumerate` hands out."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.ir import HeaderForm, Loop
from ...loops.names import bound_names, names_in
from ...loops.walk import walk
from ..base import Replace, Rewrite, Rule
from ..shared.build import call, clone, const, store
from ..shared.targets import Target
from .as_written import lists_as_written
from .comprehensions import Made, place

#: What hands out numbers already.
NUMBERED = frozenset({"builtins.enumerate", "builtins.range", "builtins.zip"})


@dataclass(frozen=True)
class Counted:
    """The loop with its numbers in the header, and the statement that set the counter."""

    loop: ast.For
    init: ast.Assign


def counted_lists(rule: Rule, site: SiteContext, loop: Loop, targets: Sequence[Target]) -> list[Rewrite]:
    """The comprehensions of a loop that counts its rounds, and carries nothing else; nothing for any other loop."""
    if len(loop.carried) != 1 or loop.live_out or (found := counted(site, loop, next(iter(loop.carried)))) is None:
        return []
    statements = lists_as_written(site, targets, found.loop)
    if statements is None:
        return []
    form = place(rule, site, loop, Made([], [], [], False), targets, statements)
    return [replace(form, edits=(Replace(found.init, ()), *form.edits))]


def counted(site: SiteContext, loop: Loop, counter: str) -> Counted | None:
    """The loop with the counter in its header, if all that the body does to it is to add 1 on every round."""
    node = site.loop
    if not isinstance(node, ast.For) or loop.header.form not in (HeaderForm.ELEMENTS, HeaderForm.ITERTUPLES):
        return None
    numbered = isinstance(node.iter, ast.Call) and site.dotted(node.iter.func) in NUMBERED
    if numbered or loop.header.progress is not None or loop.header.position_name is not None:
        return None
    made = _made(site, counter)
    if made is None or not _only_here(site, counter, made[0]):
        return None
    init, start = made
    first, last = _adds_one(node.body[0], counter), _adds_one(node.body[-1], counter)
    if first == last or len(node.body) < 2:
        return None
    rest = node.body[1:] if first else node.body[:-1]
    if any(counter in set(bound_names(n)) for s in rest for n in walk(s)):
        return None
    if last and any(isinstance(n, ast.Continue) for s in rest for n in walk(s)):
        return None  # rounds that are left early are not counted
    start += first
    rounds = call("enumerate", clone(node.iter), *([const(start)] if start else []))
    target = ast.Tuple([store(counter), clone(node.target)], ast.Store())
    return Counted(ast.copy_location(ast.For(target, rounds, rest, []), node), init)


def _made(site: SiteContext, counter: str) -> tuple[ast.Assign, int] | None:
    """`n = 0` before the loop, in its block and with no mention of it in between, and the number."""
    for stmt in reversed(site.block[: site.index]):
        match stmt:
            case ast.Assign(targets=[ast.Name(id=id_)], value=ast.Constant(value=int(start))) as made if id_ == counter:
                return (made, start) if not isinstance(start, bool) and start >= 0 else None
        if counter in names_in(stmt):
            return None
    return None


def _only_here(site: SiteContext, counter: str, init: ast.stmt) -> bool:
    """Whether nothing but the loop looks at the counter."""
    if not site.scope.is_function or counter in site.scope.outer_names or closed_over(site, counter):
        return False
    inside = {n for part in (site.loop, init) for n in walk(part)}
    names = (n for n in walk(site.scope.node) if isinstance(n, ast.Name) and n.id == counter)
    return all(n in inside for n in names)


def _adds_one(stmt: ast.stmt, counter: str) -> bool:
    match stmt:
        case ast.AugAssign(target=ast.Name(id=id_), op=ast.Add(), value=ast.Constant(value=int(one))):
            return id_ == counter and one == 1 and type(one) is int
        case ast.Assign(
            targets=[ast.Name(id=id_)],
            value=ast.BinOp(left=ast.Name(id=old), op=ast.Add(), right=ast.Constant(value=int(one))),
        ):
            return id_ == old == counter and one == 1 and type(one) is int
    return False


def uncounted(generators: list[ast.comprehension], *values: ast.expr) -> list[ast.comprehension]:
    """`for x in xs` for `for k, x in enumerate(xs)`, where neither the values nor other clauses read the number."""
    first, *rest = generators
    match first:
        case ast.comprehension(
            target=ast.Tuple(elts=[ast.Name(id=number), target]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[iterable], keywords=[]),
        ):
            if number not in {n for e in (*values, target, *first.ifs, *rest) for n in names_in(e)}:
                return [ast.comprehension(target, iterable, first.ifs, 0), *rest]
    return generators
