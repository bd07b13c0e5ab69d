"""DL207: loops in a loop that only fill one list, set or dict."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ..loops.anchor import unknown_calls
from ..loops.context import Refused, SiteContext
from ..loops.header import lift_header
from ..loops.ir import Add, Append, Effect, Expr, HeaderForm, Loop, StoreItem
from ..loops.lift import lift, live_out
from ..loops.names import bound_names, names_in
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import assumed, comprehend, place
from .scalar.parts import Comprehension
from .shared.build import assign, attr, call, clone, name
from .shared.targets import Target, find_target

MAX_DEPTH = 3
FRAME_CALLS = frozenset({"locals", "vars", "globals", "super", "dir", "exec", "eval", "next", "iter"})


@dataclass(frozen=True)
class Level:
    """One loop of the nest, with the tests that a round has to pass before the next loop starts."""

    loop: ast.For
    tests: tuple[ast.expr, ...] = ()


class NestedComprehension(Transform):
    """Nested loops around one `append` are a comprehension with a `for` for each of them.

    Tests stay where they were: one between the loops becomes an `if` between the `for`s, so that the same things are
    evaluated in the same order. A set or a dict that is filled the same way becomes a set or dict comprehension. Speed
    is about that of the loops; what is gained is that one line says what is collected.

    Between the loops there may be tests and `continue`, but nothing else: a value computed once for an outer round
    would be computed again for each inner one.
    """

    rule = Rule("DL207", "nested-comprehension", Severity.LOW)
    needs_body = False
    examples = (
        Example(
            before="""
                def seats(rows, per_row, taken):
                    free = []
                    for r in range(rows):
                        if r == 13:
                            continue
                        for s in range(per_row):
                            seat = f'{r}-{s}'
                            if seat not in taken:
                                free.append(seat)
                    return free
            """,
            after="""
                def seats(rows, per_row, taken):
                    free = [
                        seat
                        for r in range(rows)
                        if r != 13
                        for s in range(per_row)
                        if (seat := f'{r}-{s}') not in taken
                    ]
                    return free
            """,
        ),
        Example(
            before="""
                def words(pages):
                    found = set()
                    for page in pages:
                        for line in page:
                            found.add(line.strip())
                    return found
            """,
            after="""
                def words(pages):
                    found = {line.strip() for page in pages for line in page}
                    return found
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def closure(start, links):
                    found = [start]
                    for page in found:
                        for link in links[page]:
                            found.append(link)
                    return found
            """,
            reason=Reason.MUTATES_INPUT,
            note="the outer loop goes over the list that grows",
        ),
        Example(
            before="""
                def pairs(xs, ys):
                    out = []
                    for x in xs:
                        for y in ys:
                            out.append((x, y))
                    return out, x
            """,
            reason=Reason.VALUE_READ_LATER,
        ),
        Example(
            before="""
                def first_of_each(groups, wanted):
                    out = []
                    for g in groups:
                        for m in g:
                            if m in wanted:
                                out.append(m)
                                break
                    return out
            """,
            reason=Reason.EARLY_EXIT,
            naive="""
                def first_of_each(groups, wanted):
                    out = [m for g in groups for m in g if m in wanted]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        levels = _levels(site.loop)
        if levels is None:
            return None
        inner = SiteContext.build(site.file, levels[-1].loop)
        lifted = lift(inner)
        if isinstance(lifted, Refusal):
            return lifted
        if len(lifted.effects) != 1 or loop.header.form not in (HeaderForm.ELEMENTS, HeaderForm.POSITIONS):
            return None
        e = lifted.effects[0]
        found = _shape(inner, e)
        if found is None:
            return None
        kind, parts = found
        objection = _objection(site, levels, e.target)
        if objection is not None:
            return objection
        target = find_target(site, e.target, kind, any(True for _ in unknown_calls(site)))
        if isinstance(target, Refusal):
            return target
        made = comprehend(inner, lifted, [(e.guard, parts)])
        if isinstance(made, Refusal):
            return made
        if made.hoisted:
            return Refusal(
                Reason.NO_GAIN, site.loop.lineno, "the inner loop reads a table by position: rewrite that one first"
            )
        made.obligations += assumed(inner, lifted)
        part = made.parts[0]
        outer = [
            ast.comprehension(clone(v.loop.target), clone(v.loop.iter), [clone(t) for t in v.tests], 0)
            for v in levels[:-1]
        ]
        whole = Comprehension(part.values, [*outer, *part.generators], site.loop.lineno)
        if _walrus_meets_target(whole):
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "a temporary has the name of a loop variable")
        return [place(self.rule, site, loop, made, [target], [_statement(target, kind, whole, e.line)])]


def _levels(loop: ast.stmt) -> list[Level] | None:
    """The loops of the nest, outermost first; None when something else happens between them."""
    levels: list[Level] = []
    while isinstance(loop, ast.For) and not loop.orelse and len(levels) <= MAX_DEPTH:
        inside = _next_loop(loop.body)
        if inside is None:
            return [*levels, Level(loop)] if levels else None
        tests, following = inside
        levels.append(Level(loop, tests))
        loop = following
    return None


def _next_loop(body: list[ast.stmt]) -> tuple[tuple[ast.expr, ...], ast.For] | None:
    """The loop that a body amounts to, and the tests before it."""
    tests: list[ast.expr] = []
    while True:
        match body:
            case [ast.For() as following]:
                return tuple(tests), following
            case [ast.If(test=test, body=[ast.Continue()], orelse=[]), *rest] if rest:
                tests.append(_not(test))
                body = rest
            case [ast.If(test=test, body=inner, orelse=[])]:
                tests.append(test)
                body = inner
            case _:
                return None


def _not(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() | ast.Is() | ast.IsNot() as op], comparators=[right]):
            flipped = {ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}[type(op)]
            return ast.Compare(left, [flipped()], [right])
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[ast.Constant() as right]):
            # Beside a literal, == and != are each other's negation.
            return ast.Compare(left, [ast.NotEq() if isinstance(op, ast.Eq) else ast.Eq()], [right])
    return ast.UnaryOp(ast.Not(), test)


def _shape(site: SiteContext, e: Effect) -> tuple[str, list[Expr]] | None:
    """What is filled, and with what."""
    match e:
        case Append():
            return "list", [e.value]
        case Add():
            return "set", [e.value]
        case StoreItem(augmented="", index=index) if (
            e.target.isidentifier() and (kind := site.kind(name(e.target))) and kind.name == "dict"
        ):
            return "dict", [index, e.value]
    return None


def _objection(site: SiteContext, levels: Sequence[Level], target: str) -> Refusal | None:
    bound: set[str] = set()
    for level in levels:
        own = set(bound_names(level.loop.target))
        if own & bound:
            return Refusal(Reason.SHADOWED_NAME, level.loop.lineno, "two of the loops use the same variable")
        bound |= own
        try:
            lift_header(SiteContext.build(site.file, level.loop))
        except Refused as e:
            return e.refusal
    live = live_out(site, bound)
    if live:
        id_, line = next(iter(live.items()))
        return Refusal(Reason.VALUE_READ_LATER, line, f"`{id_}` is read after the loop")
    moved = [n for v in levels for n in (v.loop.iter, *v.tests)]
    for node in moved:
        if target.split(".")[0].split("[")[0] in names_in(node):
            return Refusal(
                Reason.READS_OWN_OUTPUT,
                node.lineno if hasattr(node, "lineno") else site.loop.lineno,
                f"`{target}` is read while the loop fills it",
            )
        for n in walk(node):
            if isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Lambda)) or (
                isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in FRAME_CALLS
            ):
                return Refusal(
                    Reason.SCOPE,
                    getattr(n, "lineno", site.loop.lineno),
                    "the loops do something that a comprehension can't",
                )
    return None


def _walrus_meets_target(part: Comprehension) -> bool:
    """A comprehension can't bind one of its own variables with :=."""
    targets = {n for g in part.generators for n in bound_names(g.target)}
    nodes = [*part.values, *(t for g in part.generators for t in g.ifs)]
    return any(
        isinstance(n, ast.NamedExpr) and isinstance(n.target, ast.Name) and n.target.id in targets
        for x in nodes
        for n in walk(x)
    )


def _statement(target: Target, kind: str, part: Comprehension, line: int) -> ast.stmt:
    display: ast.expr
    if kind == "dict":
        display = ast.DictComp(part.values[0], part.values[1], part.generators)
    else:
        display = (ast.ListComp if kind == "list" else ast.SetComp)(part.values[0], part.generators)
    if target.fresh and target.annotation is not None:
        stmt: ast.stmt = ast.AnnAssign(ast.Name(target.name, ast.Store()), target.annotation, display, 1)
    elif target.fresh:
        stmt = assign(target.name, display)
    elif kind == "list":
        stmt = ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), display)
    else:
        if kind == "set":  # one by one: the order of a set depends on the order in which it was filled
            display = ast.GeneratorExp(part.values[0], part.generators)
        stmt = ast.Expr(call(attr(name(target.name), "update"), display))
    stmt.lineno = line
    return stmt
