"""From array code to a rewrite: what the idioms that compute all rounds at once do alike."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.exposure import handled
from ...loops.ir import Expr, Loop, StoreItem
from ...loops.obligations import Obligation
from ...loops.walk import walk
from ..base import Edit, Replace, Rewrite, Rule, Tier
from ..shared.build import item
from ..shared.forgotten import forgotten
from .arrays import ArrayCode
from .functions import ELEMENTWISE
from .lanes import Lane

#: Functions and methods of NumPy that give new memory.
NEW_MEMORY = frozenset(
    {
        *("array", "astype", "copy", "cumsum", "full", "round", "roll", "select", "arange", "accumulate"),
        *("searchsorted", "digitize", "interp"),
    }
)


def own(code: ArrayCode, node: ast.expr) -> bool:
    """Whether an array is computed here and goes by no other name: nobody else sees its memory. Then it is taken."""
    match node:
        case ast.Name(id=symbol):
            step = next((s for s in code.steps if s.symbol == symbol), None)
            if step is None or symbol in code.given or not (step.pinned or own(code, step.node)):
                return False
            code.given.add(symbol)
            return True
        case ast.BinOp() | ast.Compare() | ast.UnaryOp():
            return True
        case ast.Subscript(value=value, slice=ast.Slice()):
            return own(code, value)
        case ast.Subscript(slice=ast.Name()):
            return True  # by a mask or by positions
        case ast.Call(func=ast.Attribute(attr=function)):
            return function in NEW_MEMORY or function in ELEMENTWISE
    return False


def guarded(code: ArrayCode, guard: Expr | None, value: Expr, line: int) -> tuple[Lane, Lane | None]:
    """A value for all rounds, and the mask of those that its guard lets through if there is one."""
    if guard is None:
        return code.lane(value), None
    mask = code.mask(guard, line)
    return code.may_pick(value), mask


def picked(code: ArrayCode, lane: Lane, mask: Lane) -> Lane:
    """The values of the rounds that a mask lets through."""
    if lane.array and (code.risk or code.only_there) and (node := _below(code, lane.node, mask.node)) is not None:
        # Computed for those rounds only, it warns where the loop did.
        code.risk = False
        none_left_out(code, {id(n) for n in walk(lane.node)})
        return replace(lane, node=node)
    none_left_out(code, set())
    if not lane.array:
        return lane
    return replace(lane, node=item(code.temp(lane, "values").node, mask.node))


def none_left_out(code: ArrayCode, computed: set[int]) -> None:
    """Refuse if what has to be computed for some rounds only is not among the nodes that are."""
    left, code.only_there = [n for n in code.only_there if id(n) not in computed], []
    if left:
        raise code.refuse("integers to a negative power raise, and the loop may not get there")


def _below(code: ArrayCode, node: ast.expr, mask: ast.expr) -> ast.expr | None:
    """`(a / b)[mask]` as `a[mask] / b[mask]`; None for more than arithmetic of arrays and numbers."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _below(code, left, mask), _below(code, right, mask)
            return None if a is None or b is None else ast.BinOp(a, op, b)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _below(code, operand, mask)
            return None if inner is None else ast.UnaryOp(op, inner)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=function), args=args, keywords=[]):
            parts = [_below(code, a, mask) for a in args]
            if module != code.np or function not in ELEMENTWISE or any(p is None for p in parts):
                return None
            return code.numpy(function, *(p for p in parts if p is not None))
        case ast.Name(id=symbol) if symbol in code.arrays:
            return item(node, mask)
        case ast.Subscript(value=ast.Name(id=symbol), slice=ast.Slice()) if symbol.startswith("§"):
            return item(node, mask)
        case ast.Constant() | ast.Name() | ast.Attribute():
            # What is the same on all rounds is a number.
            return None if any(isinstance(n, ast.Name) and n.id.startswith("§") for n in walk(node)) else node
    return None


def selected(code: ArrayCode, guard: Expr | None, value: Expr, line: int) -> tuple[Lane, Lane | None]:
    """A value of the rounds that its guard lets through, and the mask of those rounds if there is a guard."""
    lane, mask = guarded(code, guard, value, line)
    return (lane if mask is None else picked(code, lane, mask)), mask


def into(part: ast.expr, mask: ast.expr | None) -> ast.Subscript:
    """What is stored into: those of a part of an array that a mask lets through, or all of the part."""
    if mask is not None:
        return ast.Subscript(part, mask, ast.Store())
    if isinstance(part, ast.Subscript):
        return ast.Subscript(part.value, part.slice, ast.Store())
    return ast.Subscript(part, ast.Slice(), ast.Store())


def stored(code: ArrayCode, target: ast.expr, value: ast.expr, line: int) -> tuple[ast.Assign, bool]:
    """The statement `target = value`, and whether it may warn where the loop would not have computed."""
    risk, code.risk = code.risk, False
    stmt = ast.Assign([target], value)
    stmt.lineno = line
    return stmt, risk


def assume_lifted(code: ArrayCode, site: SiteContext, loop: Loop) -> None:
    """Owe what lifting a body in an idiom's own way took for granted, and that what nobody reads does not raise."""
    for assumed in sorted(site.assumed):
        code.owe(assumed)
    for owed in forgotten(site, loop):
        for subject in owed.subjects or (None,):
            code.owe(owed.name, subject)


def numpy_import(code: ArrayCode, statements: Sequence[ast.stmt]) -> tuple[str, ...]:
    """The imports of NumPy and pandas, if the statements need what the file does not have."""
    named = {n.id for s in statements for n in walk(s) if isinstance(n, ast.Name)}
    wanted = (("numpy", code.np, "import numpy as np"), ("pandas", code.pd, "import pandas as pd"))
    return tuple(line for module, id_, line in wanted if id_ in named and not code.site.file.alias(module))


def array_rewrite(
    rule: Rule,
    code: ArrayCode,
    statements: Sequence[ast.stmt],
    edits: Sequence[Edit],
    owed: Sequence[Obligation] | None = None,
) -> Rewrite:
    """The rewrite that these edits are, with what the code has to hold (`owed` in place of all that it noted)."""
    owed = list(code.owed() if owed is None else owed)
    obligations = tidy([*owed, *(o for o in _half_filled(code) if o not in owed)])
    edits = [*(Replace(stmt, ()) for stmt in code.superfluous), *edits]
    return Rewrite(rule, Tier.VECTOR, tuple(edits), obligations, numpy_import(code, statements), code.tolerance)


def _half_filled(code: ArrayCode) -> list[Obligation]:
    """What is owed where somebody sees an array as a round that raised left it."""
    stored = [e.target for e in code.loop.effects if isinstance(e, StoreItem)]
    if not code.raises or not stored:
        return []
    scope = code.site.scope
    own = all(scope.is_function and any(isinstance(b, ast.Assign) for b in scope.binders(t)) for t in stored)
    return [] if own and not handled(code.site) else [Obligation("no-exceptions")]


#: assumption -> one that says more
_IMPLIED = {
    **dict.fromkeys(("numpy-columns", "truth-of-dates", "columns-exist"), "numeric-columns"),
    "sequence": "numeric-arrays",
}


def tidy(obligations: Sequence[Obligation]) -> tuple[Obligation, ...]:
    """Without those that another one implies."""
    named = {o.name: set(o.subjects) for o in obligations}
    return tuple(
        o
        for o in obligations
        if o.partly or not (o.subjects and set(o.subjects) <= named.get(_IMPLIED.get(o.name, ""), set()))
    )
