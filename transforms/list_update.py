"""DL210: a list that a loop changes element by element."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.exposure import handled
from ..loops.ir import Loop, Op, Pos, Read, StoreItem
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.vector import into
from .scalar.comprehensions import comprehend, place
from .scalar.counted import uncounted
from .shared.build import const, name, slice_
from .shared.own_stores import element_of, one_store, own_store
from .shared.targets import find_target


class ListUpdate(Transform):
    """`xs[i] = f(xs[i])` for every position is `xs[:] = [f(x) for x in xs]`.

    It says in one line what becomes of each element, and takes about the same time. The elements are stored into the
    list that is there, so that everybody who has it sees the change. If an element can't be computed, the loop leaves a
    list of which the first part is changed: the list has to be made in the same function, or that is assumed away.
    """

    rule = Rule("DL210", "list-update", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def cells(line: str):
                    found = line.split(',')
                    for i in range(len(found)):
                        found[i] = found[i].strip().lower()
                    return found
            """,
            after="""
                def cells(line: str):
                    found = line.split(',')
                    found[:] = [found[i].strip().lower() for i in range(len(found))]
                    return found
            """,
        ),
        Example(
            before="""
                def known(names: list[str], aliases: dict[str, str]):
                    names = list(names)
                    for k, n in enumerate(names):
                        if n in aliases:
                            names[k] = aliases[n]
                    return names
            """,
            after="""
                def known(names: list[str], aliases: dict[str, str]):
                    names = list(names)
                    names[:] = [aliases[n] if n in aliases else n for n in names]
                    return names
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def totals(amounts):
                    sums = list(amounts)
                    for i in range(1, len(sums)):
                        sums[i] = sums[i] + sums[i - 1]
                    return sums
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def totals(amounts):
                    sums = list(amounts)
                    sums[1:] = [sums[i] + sums[i - 1] for i in range(1, len(sums))]
                    return sums
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreItem) and e.index == Pos() and own_store(e)]
        if not stores or len(stores) != len(loop.effects) or len({e.target for e in stores}) > 1:
            return None
        target, line = stores[0].target, stores[0].line
        kind = site.kind(name(target)) if target.isidentifier() else None
        if kind is None or kind.name != "list":
            return None
        if isinstance(site.scope.node, ast.ClassDef):
            return Refusal(Reason.SCOPE, site.loop.lineno, "the loop stands in a class body")
        part = _part(loop, target)
        itself = _element(loop, target)
        store = one_store(stores, itself)
        if store is None or part is None:
            return Refusal(Reason.READS_OWN_OUTPUT, line, f"not each round changes an element of `{target}` of its own")
        owed: list[Obligation] = []
        if isinstance(found := find_target(site, target, "list", bool(loop.opaque)), Refusal):
            if loop.opaque or handled(site):
                return found
            owed.append(Obligation("no-exceptions"))
        if any(e.augmented for e in stores):
            owed.append(Obligation("plain-values", (target,)))
        value = store.value if store.guard is None else Op("if", (store.guard, store.value, itself))
        made = comprehend(site, replace(loop, effects=()), [(None, [value])])
        if isinstance(made, Refusal):
            return made
        stmt = ast.Assign(
            [part], ast.ListComp(made.parts[0].values[0], uncounted(made.parts[0].generators, *made.parts[0].values))
        )
        stmt.lineno = line
        made = replace(made, obligations=[*made.obligations, *owed])
        return [place(self.rule, site, loop, made, [], [stmt])]


def _element(loop: Loop, target: str) -> Read:
    """The element of the round, under the name that it may have."""
    return next((e for e in loop.header.elements if isinstance(e, Read)), element_of(target))


def _part(loop: Loop, target: str) -> ast.Subscript | None:
    """The part of the list that the rounds visit, as what is stored into; None if it is not one slice of it."""
    header = loop.header
    if [e.source.code for e in header.elements if isinstance(e, Read)] == [target]:
        return into(name(target), None)
    span = header.span
    if span is None or span.of is None or span.of.code != target or span.first is None:
        return None
    if span.first < 0 or span.delta > 0:
        return None
    part = slice_(name(target), const(span.first) if span.first else None, const(span.delta) if span.delta else None)
    return into(part, None)
