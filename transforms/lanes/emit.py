"""From steps to statements: substitute what is used once, name the rest, keep floating-point warnings as they were."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...loops.context import SiteContext
from ...loops.walk import copied, walk
from ..shared.build import assign, attr, call, const, name
from .arrays import ArrayCode
from .lanes import Step
from .thin import thin, without_arrays_for_lists

Node = TypeVar("Node", bound=ast.AST)
#: Syntax whose parts may run several times, or not at all.
ONCE_OR_NOT = (ast.If, ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Output:
    """A statement that uses steps. `guarded_risk`: it may warn where the loop would not have computed."""

    stmt: ast.stmt
    guarded_risk: bool = False


def emit(code: ArrayCode, outputs: Sequence[Output], reserved: Collection[str] = ()) -> list[ast.stmt]:
    """The statements of the new code, in order."""
    guards = _guards(code)
    steps = _used(code.steps, [*(g for _, g in guards), *outputs])
    thin(code, steps, [o.stmt for o in [*(g for _, g in guards), *outputs]])
    return without_arrays_for_lists(_arranged(code, steps, guards, outputs, reserved))


def _guards(code: ArrayCode) -> list[tuple[int, Output]]:
    """Exceptions to keep, as statements, each with the number of steps before it."""
    found = []
    for r in code.raises:
        stmt = ast.If(r.test, [ast.Raise(call(r.kind, const(r.message)))], [])
        found.append((r.after, Output(stmt)))
    return found


def _arranged(
    code: ArrayCode,
    steps: list[Step],
    guards: list[tuple[int, Output]],
    outputs: Sequence[Output],
    reserved: Collection[str],
) -> list[ast.stmt]:
    every = [*(g for _, g in guards), *outputs]
    steps = _inline(steps, every)
    # A name that a kept exception tests may not be taken over by a later step: guards count as its last use.
    names = _names(code.site, code, steps, every, set(reserved))
    while (crowded := _crowded(steps, every, names)) is not None:
        # Somebody else still needs the author's name: better no name than a new one.
        _substitute(crowded, steps, every)
        steps = [s for s in steps if s is not crowded]
        names = _names(code.site, code, steps, every, set(reserved))
    statements: list[tuple[ast.stmt, bool]] = []
    pending = list(guards)
    made: set[str] = set()
    for s in steps:
        statements.append((assign(names[s.symbol], _renamed(s.node, names), s.line), s.guarded_risk))
        made.add(s.symbol)
        while pending and set(_symbols(pending[0][1].stmt)) <= made:
            statements.append((_renamed(pending.pop(0)[1].stmt, names), False))
    statements += [(_renamed(g.stmt, names), False) for _, g in pending]
    for o in outputs:
        statements.append((_renamed(o.stmt, names), o.guarded_risk))
    return _quiet(code, statements)


def _symbols(node: ast.AST) -> list[str]:
    return [n.id for n in walk(node) if isinstance(n, ast.Name) and n.id.startswith("§")]


def _used(steps: list[Step], outputs: Sequence[Output]) -> list[Step]:
    """Only the steps that an output needs."""
    needed = {s for o in outputs for s in _symbols(o.stmt)}
    kept: list[Step] = []
    for s in reversed(steps):
        if s.symbol in needed or s.pinned:
            kept.append(s)
            needed |= set(_symbols(s.node))
    return kept[::-1]


def _inline(steps: list[Step], outputs: Sequence[Output]) -> list[Step]:
    """Substitute steps that are used once, unless the author gave them a name."""
    changed = True
    while changed:
        changed = False
        uses: dict[str, int] = {}
        for node in [*(s.node for s in steps), *(o.stmt for o in outputs)]:
            for symbol in _symbols(node):
                uses[symbol] = uses.get(symbol, 0) + 1
        for s in steps:
            if s.early:
                continue
            alias = isinstance(s.node, ast.Name) and not s.node.id.startswith("§") and not s.authored
            if s.pinned and not _always_run(s, steps, outputs):
                continue
            if alias or (uses.get(s.symbol) == 1 and (not s.authored or _only_renamed(s, outputs))):
                _substitute(s, steps, outputs)
                steps = [x for x in steps if x is not s]
                changed = True
                break
    return steps


def _crowded(steps: list[Step], outputs: Sequence[Output], names: dict[str, str]) -> Step | None:
    """A step that is used once and did not get the name it has in the author's code."""
    used = [x for node in [*(s.node for s in steps), *(o.stmt for o in outputs)] for x in _symbols(node)]
    crowded = (s for s in steps if s.authored and not s.pinned and not s.early and names[s.symbol] != s.wish)
    return next((s for s in crowded if used.count(s.symbol) == 1), None)


def _only_renamed(step: Step, outputs: Sequence[Output]) -> bool:
    """The output is the step itself under another name."""
    return any(
        isinstance(value := getattr(o.stmt, "value", None), ast.Name) and value.id == step.symbol for o in outputs
    )


def _always_run(step: Step, steps: list[Step], outputs: Sequence[Output]) -> bool:
    """Whether every place that uses a step is run exactly once: no branch, and no loop of its own."""
    return not any(
        isinstance(n, ONCE_OR_NOT) and step.symbol in _symbols(n)
        for root in (*(s.node for s in steps), *(o.stmt for o in outputs))
        for n in walk(root)
    )


def _substitute(step: Step, steps: list[Step], outputs: Sequence[Output]) -> None:
    class Put(ast.NodeTransformer):
        def visit_Name(self, n: ast.Name) -> ast.expr:
            if n.id == step.symbol:
                return step.node
            return n

    for s in steps:
        if s is not step and step.symbol in _symbols(s.node):
            s.node = Put().visit(copied(s.node))
            s.guarded_risk = s.guarded_risk or step.guarded_risk
            s.pinned = s.pinned or step.pinned
    for o in outputs:
        if step.symbol in _symbols(o.stmt):
            o.stmt = copied(o.stmt)
            Put().visit(o.stmt)
            o.guarded_risk = o.guarded_risk or step.guarded_risk


def _names(
    site: SiteContext, code: ArrayCode, steps: list[Step], outputs: Sequence[Output], reserved: set[str]
) -> dict[str, str]:
    """A name for each step: its wish, unless somebody else still needs that name."""
    order = [*(s.node for s in steps), *(o.stmt for o in outputs)]
    last = {symbol: k for k, node in enumerate(order) for symbol in _symbols(node)}
    own = set(code.loop.finals) | set(code.loop.header.binds)
    free = own - set(code.loop.live_out) - reserved
    holder: dict[str, str] = {}
    names: dict[str, str] = {}
    for k, s in enumerate(steps):
        candidates = [s.wish, f"{s.wish}_values", f"{s.wish}_column", *(f"{s.wish}_{n}" for n in range(2, 50))]
        for wish in candidates:
            held = holder.get(wish)
            if held is not None and last.get(held, -1) > k:
                continue
            if held is None and wish not in free and (wish in reserved or site.fresh(wish, wish + "__") != wish):
                continue
            if wish in free and _in_outputs(wish, outputs) and held is None and wish in reserved:
                continue
            holder[wish] = s.symbol
            names[s.symbol] = wish
            break
    return names


def _in_outputs(wish: str, outputs: Sequence[Output]) -> bool:
    return any(isinstance(n, ast.Name) and n.id == wish for o in outputs for n in walk(o.stmt))


def _renamed(node: Node, names: dict[str, str]) -> Node:
    out = copied(node)
    for n in walk(out):
        if isinstance(n, ast.Name) and n.id in names:
            n.id = names[n.id]
    return out


def _quiet(code: ArrayCode, statements: list[tuple[ast.stmt, bool]]) -> list[ast.stmt]:
    """Wrap what may warn where the loop did not compute, from the first such statement to the last."""
    risky = [k for k, (_, risk) in enumerate(statements) if risk]
    plain = [s for s, _ in statements]
    if not risky:
        return plain
    first, last = risky[0], risky[-1]
    context = call(attr(name(code.np), "errstate"))
    context.keywords = [ast.keyword("divide", const("ignore")), ast.keyword("invalid", const("ignore"))]
    block = ast.With([ast.withitem(context)], plain[first : last + 1])
    return [*plain[:first], block, *plain[last + 1 :]]
