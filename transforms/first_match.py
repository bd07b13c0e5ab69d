"""DL406: a search that stops at the first row that meets a test."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..loops.context import Refused, SiteContext, mutated_roots
from ..loops.ir import Append, HeaderForm, Loop
from ..loops.lift import lift_body, live_out
from ..loops.names import bound_names, names_in
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.lanes import NotVector
from .lanes.spans import ends, lower_end
from .lanes.vector import array_rewrite, assume_lifted
from .shared.build import assign, attr, binop, call, const, name

#: A name that no program has: the list that gets the rounds that meet the test.
HITS = "rounds that meet the test"


@dataclass(frozen=True)
class Search:
    """`before` runs on every round, `found` once, for the first round that meets the test, and ends the loop."""

    before: list[ast.stmt]
    branch: ast.If
    found: list[ast.stmt]


class FirstMatch(Transform):
    """A loop that looks for the first row that meets a test is `argmax` of the test on all rows.

    What is done with the row stays as it is, once the position is known; without a match nothing is done, or what
    stands in the `else` of the loop. The test is computed for the rows behind the match as well: that is why only
    tests on arrays of numbers qualify, which can't raise there, and why the loop wins where matches come early: how
    fast either is, is measured.
    """

    rule = Rule("DL406", "first-match", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd


                def first_drop(prices: pd.Series, limit: float):
                    for i in range(1, len(prices)):
                        if prices.iloc[i] < prices.iloc[i - 1] - limit:
                            return i
                    return None
            """,
            after="""
                import pandas as pd


                def first_drop(prices: pd.Series, limit: float):
                    prices_values = prices.values
                    selected = prices_values[1:] < prices_values[:-1] - limit
                    if selected.any():
                        i = int(selected.argmax()) + 1
                        return i
                    return None
            """,
        ),
        Example(
            before="""
                import numpy as np


                def rising(x: np.ndarray):
                    ok = True
                    for i in range(1, len(x)):
                        if x[i] <= x[i - 1]:
                            ok = False
                            break
                    return ok
            """,
            after="""
                import numpy as np


                def rising(x: np.ndarray):
                    ok = True
                    if (x[1:] <= x[:-1]).any():
                        ok = False
                    return ok
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def until(x: np.ndarray, budget):
                    spent = 0.0
                    for i in range(len(x)):
                        spent += x[i]
                        if spent > budget:
                            return i
                    return -1
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def until(x: np.ndarray, budget):
                    return int(np.argmax(np.cumsum(x) > budget))
            """,
        ),
        Example(
            before="""
                import numpy as np


                def where(x: np.ndarray, limit):
                    for i in range(len(x)):
                        if x[i] > limit:
                            break
                    return i
            """,
            reason=Reason.VALUE_READ_LATER,
            naive="""
                import numpy as np


                def where(x: np.ndarray, limit):
                    i = int(np.argmax(x > limit))
                    return i
            """,
            note="without a match, the last position is returned",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        search = _search(site.loop)
        if search is None or loop.header.form is not HeaderForm.POSITIONS:
            return None
        lifted = _lifted(site, loop, search)
        if isinstance(lifted, Refusal):
            return lifted
        objection = _objection(site, lifted, search)
        if objection is not None:
            return objection
        code = ArrayCode.build(site, lifted)
        assume_lifted(code, site, lifted)
        code.depth = 1  # the loop does not evaluate the test behind the match
        try:
            statements = self._statements(site, code, lifted, search)
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]

    def _statements(self, site: SiteContext, code: ArrayCode, lifted: Loop, search: Search) -> list[ast.stmt]:
        effect = lifted.effects[0]
        assert effect.guard is not None
        mask = code.truth(effect.guard)
        if not mask.array:
            raise NotVector(Reason.UNSUPPORTED_SYNTAX, effect.line, "the test is the same on every round")
        position = lifted.header.position_name or ""
        used = [s for s in search.before if set(bound_names(s)) & _names(search.found)]
        needs = position in _names([*search.found, *(search.before if used else ())])
        if needs:
            mask = replace(mask, node=code.temp(mask, "selected").node)
        risk, code.risk = code.risk, False
        at = [_position(code, position, mask.node)] if needs else []
        body: list[ast.stmt] = [*at, *(search.before if used else ()), *search.found] or [ast.Pass()]
        node = ast.If(call(attr(mask.node, "any")), body, list(site.loop.orelse))
        node.lineno = search.branch.lineno
        return emit(code, [Output(node, risk)], {position})


def _position(code: ArrayCode, position: str, mask: ast.expr) -> ast.stmt:
    begin, _ = ends(code, code.rounds)
    first = lower_end(code, begin, position)
    found = call("int", call(attr(mask, "argmax")))
    return assign(position, found if first is None else binop(found, ast.Add(), first))


def _search(loop: ast.For | ast.While) -> Search | None:
    """The parts of a loop that does nothing but look for the first match."""
    if not isinstance(loop, ast.For):
        return None
    match list(loop.body):
        case [*before, ast.If(body=[*found, ast.Break() | ast.Return() as last], orelse=[]) as branch]:
            pass
        case _:
            return None
    if not all(isinstance(s, ast.Assign | ast.AnnAssign | ast.AugAssign) for s in before):
        return None
    jumps = (ast.Break, ast.Continue, ast.Yield, ast.YieldFrom, ast.For, ast.While)
    if any(isinstance(n, jumps) for s in found for n in walk(s)):
        return None
    if isinstance(last, ast.Return):
        # A loop that always returns has no use for its else.
        return Search(before, branch, [*found, last])
    return Search(before, branch, found)


def _names(statements: Sequence[ast.stmt]) -> set[str]:
    return {n for s in statements for n in names_in(s)}


def _lifted(site: SiteContext, loop: Loop, search: Search) -> Loop | Refusal:
    """The loop as if it kept the rounds that meet the test."""
    hit = ast.Expr(ast.Call(attr(name(HITS), "append"), [const(0)], []))
    branch = ast.copy_location(ast.If(search.branch.test, [ast.copy_location(hit, search.branch)], []), search.branch)
    header = loop.header.node
    node = ast.fix_missing_locations(
        ast.copy_location(ast.For(header.target, header.iter, [*search.before, branch], []), header)
    )
    assigned, mutated = set(bound_names(node)), mutated_roots(node) - {HITS}
    without = replace(site, assigned=assigned, mutated=mutated)
    try:
        return lift_body(without, replace(loop.header, node=node))
    except Refused as e:
        return e.refusal


def _objection(site: SiteContext, lifted: Loop, search: Search) -> Refusal | None:
    if len(lifted.effects) != 1 or not isinstance(lifted.effects[0], Append) or lifted.effects[0].guard is None:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.loop.lineno, "the loop does more than search")
    names = {*bound_names(lifted.header.node.target), *(n for s in search.before for n in bound_names(s))}
    live = live_out(site, sorted(names))
    if live:
        id_, line = next(iter(live.items()))
        return Refusal(Reason.VALUE_READ_LATER, line, f"`{id_}` is read after the loop")
    carried = sorted(lifted.carried)
    if carried:
        line = site.loop.lineno
        return Refusal(Reason.CARRIED_STATE, line, f"`{carried[0]}` is carried from one round to the next")
    if names & {n for s in site.loop.orelse for n in names_in(s)}:
        return Refusal(Reason.VALUE_READ_LATER, site.loop.orelse[0].lineno, "the else branch reads what the loop binds")
    return plain_loop(site, replace(lifted, live_out={}))
