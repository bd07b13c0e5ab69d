"""DL202 and DL203: a dict or a set filled by a loop."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Add, Expr, Loop, Read, StoreItem, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.trace import silent
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.as_written import Sink, as_written, in_order, in_order_only, wants_clauses
from .scalar.comprehensions import comprehend, place
from .scalar.parts import Comprehension
from .shared.build import assign, attr, call, name, store
from .shared.targets import Target, find_target


class DictComprehension(Transform):
    """A loop that only stores `d[key] = value` is a dict comprehension: the last value wins, a key keeps its place.

    A dict that already holds something is updated.
    """

    rule = Rule("DL202", "dict-comprehension", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def by_name(people):
                    found = {}
                    for p in people:
                        found[p["name"]] = p
                    return found
            """,
            after="""
                def by_name(people):
                    found = {p["name"]: p for p in people}
                    return found
            """,
        ),
        Example(
            before="""
                def lengths(words):
                    found = {}
                    for w in words:
                        found.update({w: len(w)})
                    return found
            """,
            after="""
                def lengths(words):
                    found = {w: len(w) for w in words}
                    return found
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def count(words):
                    n = {}
                    for w in words:
                        n[w] = n.get(w, 0) + 1
                    return n
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def count(words):
                    n = {w: 1 for w in words}
                    return n
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (StoreItem(augmented="") as e,):
                pass
            case _:
                return None
        kind = site.kind(name(e.target)) if e.target.isidentifier() else None
        if kind is None or kind.name != "dict":
            return None
        target = find_target(site, e.target, "dict", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, loop, [(e.guard, [e.index, e.value])])
        if isinstance(made, Refusal):
            return (wants_clauses(loop, made) and in_order_only(self.rule, site, loop, [target], _as_written)) or made
        stmt = dict_statement(target, made.parts[0])
        if _turns_exceptions_round(e):
            made.obligations.append(Obligation("one-exception"))
        form = place(self.rule, site, loop, made, [target], [stmt])
        return [form, *in_order(form, site, loop, [target], _as_written)]


def _turns_exceptions_round(e: StoreItem) -> bool:
    """Whether the value and the key may raise different things: the loop computes the value first, a display the key.

    With `found[df["k"].iloc[i]] = xs[i]` the list may be too short and the column missing.
    """
    key, value = strip(e.index), strip(e.value)
    if isinstance(key, Read) and isinstance(value, Read) and key.source.base == value.source.base:
        return key.access is not value.access
    return _may_raise(key) and _may_raise(value)


def _may_raise(e: Expr) -> bool:
    """Whether an expression reads what may be missing, or computes; names of the header and what is fixed are there."""
    return any((isinstance(x, Read) and x.name is None) or not silent(x) for x in e.walk())


def dict_statement(target: Target, part: Comprehension) -> ast.stmt:
    """The statement that makes the dict, or updates it with what the comprehension gives."""
    key, value = part.values
    display: ast.expr = ast.DictComp(key, value, part.generators)
    if (paired := _paired(part)) is not None:
        display = call("dict", paired)
    stmt: ast.stmt = (
        assign(target.name, display) if target.fresh else ast.Expr(call(attr(name(target.name), "update"), display))
    )
    if target.fresh and target.annotation is not None:
        stmt = ast.AnnAssign(ast.Name(target.name, ast.Store()), target.annotation, display, 1)
    stmt.lineno = part.line
    return stmt


def _as_written(site: SiteContext, targets: Sequence[Target]) -> list[ast.stmt] | None:
    """The value is computed before the key, as in the loop, and so has a clause of its own."""
    (target,) = targets
    written = as_written(site, lambda stmt: _stored(stmt, target.name))
    if written is None or len(written.sinks) != 1:
        return None
    value, key = written.sinks[0][1]
    if not isinstance(value, ast.Name | ast.Constant) and not isinstance(key, ast.Name | ast.Constant):
        held = site.fresh(f"{target.name}_value", "new_value")
        written.generators.append(ast.comprehension(store(held), ast.List([value], ast.Load()), [], 0))
        value = name(held)
    return [dict_statement(target, Comprehension([key, value], written.generators, site.loop.lineno))]


def _stored(stmt: ast.stmt, where: str) -> Sink | None:
    match stmt:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=id_), slice=key)], value=value) if id_ == where:
            return where, (value, key)
    return None


def _paired(part: Comprehension) -> ast.expr | None:
    """The zip of keys and values, if nothing is computed of them."""
    match part.values, part.generators:
        case (
            [ast.Name(id=key), ast.Name(id=value)],
            [
                ast.comprehension(
                    target=ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)]),
                    iter=ast.Call(func=ast.Name(id="zip"), args=[_, _], keywords=[]) as pairs,
                    ifs=[],
                )
            ],
        ):
            return pairs if (key, value) == (first, second) and first != second else None
    return None


class SetComprehension(Transform):
    """A loop that only adds to a set is a set comprehension.

    It reads better and takes about the same time. The set must be made empty before the loop and not be read in it;
    elements that can't be hashed raise as they did.
    """

    rule = Rule("DL203", "set-comprehension", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def domains(addresses):
                    found = set()
                    for a in addresses:
                        if '@' in a:
                            found.add(a.split('@')[1])
                    return found
            """,
            after="""
                def domains(addresses):
                    found = {a.split('@')[1] for a in addresses if '@' in a}
                    return found
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def new(words, seen):
                    for w in words:
                        seen.add(w)
                    return seen
            """,
            reason=Reason.ALIASED,
            naive="""
                def new(words, seen):
                    seen = set(words)
                    return seen
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (Add() as e,):
                pass
            case _:
                return None
        target = find_target(site, e.target, "set", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, loop, [(e.guard, [e.value])])
        if isinstance(made, Refusal):
            clauses = wants_clauses(loop, made)
            return (clauses and in_order_only(self.rule, site, loop, [target], _set_as_written)) or made
        value, generators = made.parts[0].values[0], made.parts[0].generators
        stmt = _set_statement(target, value, generators, site.loop.lineno)
        return [place(self.rule, site, loop, made, [target], [stmt])]


def _set_statement(target: Target, value: ast.expr, generators: list[ast.comprehension], line: int) -> ast.stmt:
    """The statement that makes the set, or adds to it: one by one, as the order of a set depends on that."""
    more = call(attr(name(target.name), "update"), ast.GeneratorExp(value, generators))
    stmt: ast.stmt = assign(target.name, ast.SetComp(value, generators)) if target.fresh else ast.Expr(more)
    stmt.lineno = line
    return stmt


def _set_as_written(site: SiteContext, targets: Sequence[Target]) -> list[ast.stmt] | None:
    (target,) = targets
    written = as_written(site, lambda stmt: _added(stmt, target.name))
    if written is None or len(written.sinks) != 1:
        return None
    (value,) = written.sinks[0][1]
    return [_set_statement(target, value, written.generators, site.loop.lineno)]


def _added(stmt: ast.stmt, where: str) -> Sink | None:
    match stmt:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=id_), attr="add"), args=[value], keywords=[])
        ) if id_ == where and not isinstance(value, ast.Starred):
            return where, (value,)
    return None
