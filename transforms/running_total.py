"""DL402: a total that every round adds to, and that every round puts down."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Append, Carried, Expr, HeaderForm, Loop, Op, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.trace import guarded_trace, keeps_order
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Tier, Transform
from .lanes.lanes import NotVector
from .scalar.comprehensions import comprehend
from .scans.scans import objections, scan_loop
from .scans.seeds import bound_before, find_seed
from .scans.updates import bare, change_of, line_of, mentions, whole_element
from .shared.build import assign, attr, call, const, name
from .shared.targets import Target, drop_init, find_target


class RunningTotal(Transform):
    """A running total that a loop appends or stores on every round is a cumulative sum; a running product likewise.

    Over columns and arrays `np.cumsum` adds in the order of the loop, with the start value as its first element, and so
    gives the same floats bit by bit (`start + np.cumsum(x)` does not). Integers of Python never overflow, those of an
    array do: what the loop computed with Python's own numbers assumes `no-overflow`.

    Over a list, or anything else that can be iterated, `itertools.accumulate` does what the loop did, whatever the
    elements are: exact integers, decimals, a list of ints and floats. A start that may be None is chained in
    front. Only `total += x` of a list or an array would change it in place, where `+` makes a new one: `plain-values`;
    `operator.iadd` does so too, and assumes nothing.
    A running `max` or `min` of a list is accumulated too.
    """

    rule = Rule("DL402", "running-total", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np


                def balance(moves: np.ndarray):
                    out = np.zeros(len(moves))
                    total = 0.0
                    for i in range(len(moves)):
                        total += moves[i]
                        out[i] = total
                    return out
            """,
            after="""
                import numpy as np


                def balance(moves: np.ndarray):
                    total = 0.0
                    out = np.cumsum(np.concatenate(([total], moves)))[1:]
                    return out
            """,
        ),
        Example(
            before="""
                def balances(opening, movements):
                    running = opening
                    out = []
                    for m in movements:
                        running = running + m.amount
                        out.append(running)
                    return out
            """,
            after="""
                import itertools


                def balances(opening, movements):
                    running = opening
                    out = list(
                        itertools.accumulate(itertools.chain([running], (m.amount for m in movements)))
                    )[1:]
                    return out
            """,
            note="a list of anything",
        ),
    )
    refused = (
        Example(
            before="""
                def stock(start, sold):
                    level = start
                    out = []
                    for s in sold:
                        level = max(level - s, 0)
                        out.append(level)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def stock(start, sold):
                    out = np.maximum(start - np.cumsum(sold), 0).tolist()
                    return out
            """,
            note="a floor at zero makes each round depend on the one before",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        answer = scan_loop(self.rule, site, loop)
        if answer is None or isinstance(answer, Refusal):
            return _accumulated(self.rule, site, loop) or answer
        return answer


def _accumulated(rule: Rule, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | None:
    """The itertools form of a running total (or a running maximum) over a plain iterable."""
    if loop.header.form is not HeaderForm.ELEMENTS or len(loop.effects) != 1 or len(loop.carried) != 1:
        return None
    e = loop.effects[0]
    (id_,) = loop.carried
    step = _step(loop, id_)
    if not isinstance(e, Append) or step is None or not bound_before(site, id_) or objections(site, loop, [id_]):
        return None
    if set(loop.live_out) - {id_}:
        return None
    if _grows_in_place(site, loop, id_):
        return None
    function, added = step
    target = find_target(site, e.target, "list", bool(loop.opaque))
    if isinstance(target, Refusal) or target.annotation is not None or not _appended(e, loop, id_):
        return None
    made = comprehend(site, replace(loop, carried={}, live_out={}), [(e.guard, [added])])
    if (
        isinstance(made, Refusal)
        or made.hoisted
        or not keeps_order(loop.trace, guarded_trace(e.guard, loop.finals[id_] if e.guard is None else e.value))
    ):
        return None
    part = made.parts[0]
    plain = whole_element(loop, added) and len(part.generators) == 1 and not part.generators[0].ifs
    values = part.generators[0].iter if plain else ast.GeneratorExp(part.values[0], part.generators)
    arguments = [values, *([] if function is None else [function])]
    if not _importable(site, "itertools") or site.dotted(name("list")) != "builtins.list":
        return None
    node = call(attr(name("itertools"), "accumulate"), *arguments)
    if _plain_start(site, id_):
        node.keywords = [ast.keyword("initial", name(id_))]
    else:
        # initial=None would stand for no initial value.
        start = ast.List([name(id_)], ast.Load())
        node.args[0] = call(attr(name("itertools"), "chain"), start, values)
    dropped: list[Edit] = (
        [Replace(stmt, rest) for stmt, rest in (drop_init(target, {target.name}) or [])] if target.fresh else []
    )
    tier = Tier.VECTOR if plain else Tier.COMPREHENSION

    def form(listed: ast.expr, owed: tuple[Obligation, ...], *imports: str) -> Rewrite:
        statements = _statements(site, loop, id_, target, listed)
        edits = (*dropped, Replace(site.loop, tuple(statements)))
        return Rewrite(rule, tier, edits, owed, ("import itertools", *imports))

    owed = _owed(site, loop, id_)
    forms = [form(call("list", node), owed)]
    if owed and _importable(site, "operator"):
        # `+=` as a function: it adds to a list or an array in place, as the loop does.
        in_place = ast.Call(node.func, [*node.args, attr(name("operator"), "iadd")], node.keywords)
        forms.append(form(call("list", in_place), (), "import operator"))
    return forms


def _in_place(loop: Loop, id_: str) -> bool:
    """Whether `+=` may change the total itself."""
    change = change_of(loop.finals[id_], id_)
    inner = strip(change.value) if change else None
    return isinstance(inner, Op) and isinstance(inner.node, ast.AugAssign)


def _grows_in_place(site: SiteContext, loop: Loop, id_: str) -> bool:
    """Whether the total surely is one list (or array) that every round adds to."""
    kind = site.kind(name(id_))
    return _in_place(loop, id_) and kind is not None and kind.name not in ("int", "float", "bool", "str", "tuple")


def _owed(site: SiteContext, loop: Loop, id_: str) -> tuple[Obligation, ...]:
    if not _in_place(loop, id_) or (_plain_start(site, id_) and _plain_elements(site, loop.header.node.iter)):
        return ()
    return (Obligation("plain-values", (id_,)),)


def _plain_start(site: SiteContext, id_: str) -> bool:
    """The total surely starts from a number."""
    try:
        return not find_seed(site, id_).assumed
    except NotVector:
        return False


def _plain_elements(site: SiteContext, node: ast.expr) -> bool:
    """What is iterated is annotated as a list of numbers or text."""
    if not isinstance(node, ast.Name):
        return False
    notes = [b.annotation for b in site.scope.binders(node.id) if isinstance(b, ast.arg)]
    return len(notes) == len(site.scope.binders(node.id)) and all(_plain_note(n) for n in notes)


def _plain_note(note: ast.expr | None) -> bool:
    match note:
        case ast.Subscript(slice=ast.Name(id="int" | "float" | "str" | "Decimal" | "complex" | "Fraction")):
            return True
    return False


def _step(loop: Loop, id_: str) -> tuple[ast.expr | None, Expr] | None:
    """What accumulate is given: the function (None for addition) and what is added on each round."""
    change = change_of(loop.finals[id_], id_)
    inner = strip(change.value) if change else None
    if (
        not isinstance(inner, Op)
        or len(inner.args) != 2
        or strip(inner.args[0]) != Carried(id_)
        or mentions(inner.args[1], id_)
        or inner.keywords
    ):
        return None
    if inner.name in ("call:builtins.max", "call:builtins.min"):
        return name(inner.name.removeprefix("call:builtins.")), inner.args[1]
    return (None, inner.args[1]) if inner.name == "+" else None


def _appended(e: Append, loop: Loop, id_: str) -> bool:
    """Each round that changes the total appends it, and no other does."""
    change = change_of(loop.finals[id_], id_)
    assert change is not None
    guard = change.guard
    same_guard = (guard is None and e.guard is None) or (
        guard is not None and e.guard is not None and bare(guard) == bare(e.guard)
    )
    return same_guard and bare(e.value) == bare(change.value)


def _importable(site: SiteContext, module: str) -> bool:
    found = site.dotted(name(module))
    return found == module or (found is None and site.file.scopes.owner(module, site.scope) is None)


def _statements(site: SiteContext, loop: Loop, id_: str, target: Target, listed: ast.expr) -> list[ast.stmt]:
    line = loop.effects[0].line
    if id_ not in loop.live_out:
        return [_put(target, ast.Subscript(listed, ast.Slice(const(1)), ast.Load()), line)]
    totals = site.fresh(f"{id_}s", f"{id_}_values")
    last = assign(id_, ast.Subscript(name(totals), ast.UnaryOp(ast.USub(), const(1)), ast.Load()), line_of(loop, id_))
    return [
        assign(totals, listed),
        _put(target, ast.Subscript(name(totals), ast.Slice(const(1)), ast.Load()), line),
        last,
    ]


def _put(target: Target, value: ast.expr, line: int) -> ast.stmt:
    stmt: ast.stmt = (
        assign(target.name, value)
        if target.fresh
        else ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), value)
    )
    stmt.lineno = line
    return stmt
