"""One comprehension of a loop: its element, its generators, and the order in which it evaluates things."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.ir import Event, Expr, HeaderForm, Label, Loop, Named, Op, Pos, Read, Row
from ...loops.names import bound_names
from ...loops.remarks import Reason
from ...loops.trace import evaluations, guarded_trace, keeps_order, named_trace, split_guard, trace_of
from ...loops.walk import walk
from ..hoists.reads import Hoist
from ..shared.build import clone
from .scalars import NOT_CLEARER, NotScalar, ScalarCode

MAX_BRANCHES = 4
MAX_NODES = 110  # syntax nodes of an element: about two lines


@dataclass
class Comprehension:
    """One comprehension: its element parts (two for a dict) and generators."""

    values: list[ast.expr]
    generators: list[ast.comprehension]
    line: int
    trace: tuple[Event, ...] = ()  # what one round of it evaluates, in order


def one_comprehension(
    site: SiteContext, loop: Loop, hoist: Hoist, row: str | None, guard: Expr | None, values: list[Expr]
) -> Comprehension:
    node = loop.header.node
    if sum(isinstance(x, Op) and x.name == "if" for v in values for x in v.walk()) > MAX_BRANCHES:
        raise NotScalar(Reason.NO_GAIN, node.lineno, "the element has too many cases for a readable comprehension")
    try:
        return _plain(site, loop, hoist, row, guard, values)
    except NotScalar as e:
        if e.unnamed is None:
            raise
        return _with_name(site, loop, hoist, row, guard, values, e.unnamed)


def _plain(
    site: SiteContext, loop: Loop, hoist: Hoist, row: str | None, guard: Expr | None, values: list[Expr]
) -> Comprehension:
    """Every temporary stands where it is used."""
    node = loop.header.node
    code = ScalarCode(hoist, row, node.lineno)
    code.count(*([guard] if guard is not None else []), *values)
    test = code.condition(guard) if guard is not None else None
    elements = [code.code(v) for v in values]
    _check_length(elements, node.lineno)
    target, iterable = _generator(site, loop, hoist)
    if code.walrus and (rebound := set(bound_names(target)) & set(code.bound.values())):
        named = next(e for e, id_ in code.bound.items() if id_ in rebound)
        message = "a temporary has the name of the loop variable"
        raise NotScalar(Reason.UNSUPPORTED_SYNTAX, node.lineno, message, named if isinstance(named, Named) else None)
    conditions = [] if test is None else [test]
    trace = tuple(guarded_trace(guard, _together(values)))
    return Comprehension(elements, [ast.comprehension(target, iterable, conditions, 0)], node.lineno, trace)


def _with_name(
    site: SiteContext,
    loop: Loop,
    hoist: Hoist,
    row: str | None,
    guard: Expr | None,
    values: list[Expr],
    named: Named,
) -> Comprehension:
    """One temporary is computed by a `for name in [value]` of its own, before the conditions that need it."""
    node = loop.header.node
    before, behind = split_guard(guard, named)
    outside = [*behind, *values]
    code = ScalarCode(hoist, row, node.lineno)
    code.count(*before, *outside)
    conditions = [code.condition(e) for e in before]
    value = code.code(named.value)
    code.bound[named] = named.name
    tests = [code.condition(e) for e in behind]
    elements = [code.code(v) for v in values]
    target, iterable = _generator(site, loop, hoist)
    if named.name in bound_names(target) and any(_mentions_target(e, named, loop) for e in outside):
        message = f"`{named.name}` is the loop variable first and something else then"
        raise NotScalar(Reason.UNSUPPORTED_SYNTAX, node.lineno, message)
    if code.walrus:
        message = f"`{named.name}` and another temporary are {NOT_CLEARER}"
        raise NotScalar(Reason.NO_GAIN, node.lineno, message, named)
    _check_length([*elements, value], node.lineno)
    generators = [
        ast.comprehension(target, iterable, conditions, 0),
        ast.comprehension(ast.Name(named.name, ast.Store()), ast.List([value], ast.Load()), tests, 0),
    ]
    trace = tuple(named_trace(before, named, behind, _together(values)))
    if not keeps_order(loop.trace, list(trace)) and not _always(loop, named):
        message = f"`{named.name}` is computed on some rounds only"
        raise NotScalar(Reason.NO_GAIN, node.lineno, message, named)
    return Comprehension(elements, generators, node.lineno, trace)


def _always(loop: Loop, named: Named) -> bool:
    """Whether every round computes a temporary: where none raises, neither does a comprehension that always does."""
    return {*evaluations(trace_of(named, set()))} <= {event for event in loop.trace if event[0] == "at"}


def _mentions_target(e: Expr, named: Named, loop: Loop) -> bool:
    """Whether an expression needs the loop variable whose name a temporary takes over."""
    if e == named:
        return False
    if isinstance(e, (Read, Pos, Label, Row)):
        mine = loop.header.form is HeaderForm.ELEMENTS and isinstance(e, Read) and e.name not in (None, named.name)
        return not mine
    return any(_mentions_target(child, named, loop) for child in e.children())


def _check_length(parts: Sequence[ast.expr], line: int) -> None:
    if sum(1 for x in parts for n in walk(x) if isinstance(n, ast.expr)) > MAX_NODES:
        raise NotScalar(Reason.NO_GAIN, line, "the element is too long for a readable comprehension")


def _together(values: Sequence[Expr]) -> Expr:
    return Op("tuple", tuple(values)) if len(values) > 1 else values[0]


def _generator(site: SiteContext, loop: Loop, hoist: Hoist) -> tuple[ast.expr, ast.expr]:
    header = loop.header
    if header.form is HeaderForm.ITERROWS:
        return hoist.header_iter()
    if header.form is HeaderForm.LABELS and hoist.prelude:
        return hoist.header_iter()
    return clone(header.node.target), clone(header.node.iter)
