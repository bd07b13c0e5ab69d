"""DL211: a list of placeholders that a loop fills position by position."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.header import length_of, unchanged_between
from ..loops.header_rows import inv
from ..loops.ir import Append, Const, Expr, Header, HeaderForm, Inv, Loop, Op, Pos, Read, StoreItem
from ..loops.names import names_in
from ..loops.remarks import Reason, Refusal
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import lists_to_arrays
from .lanes.vector import into
from .scalar.comprehensions import Made, comprehend, gone_over_again, place
from .scalar.counted import uncounted
from .shared.build import name
from .shared.own_stores import one_store
from .shared.targets import Target, drop_init, find_target

#: Placeholders that are no literals.
MISSING = frozenset({"numpy.nan", "math.nan", "pandas.NA", "pandas.NaT"})


class ListFill(Transform):
    """A list that is made of placeholders, and filled position by position, is a list comprehension.

    It says in one line what the elements are, and takes about the same time. The list has to be as long as there are
    rounds: then no placeholder is left, but where a condition leaves it.
    """

    rule = Rule("DL211", "list-fill", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def initials(names: list[str]):
                    found = [None] * len(names)
                    for i in range(len(names)):
                        found[i] = names[i].strip()[:1].upper()
                    return found
            """,
            after="""
                def initials(names: list[str]):
                    found = [names[i].strip()[:1].upper() for i in range(len(names))]
                    return found
            """,
        ),
        Example(
            before="""
                def fees(orders, free: float):
                    fee = [0.0] * len(orders)
                    for k, order in enumerate(orders):
                        if order.total < free:
                            fee[k] = order.weight * 1.2
                    return fee
            """,
            after="""
                def fees(orders, free: float):
                    fee = [order.weight * 1.2 if order.total < free else 0.0 for order in orders]
                    return fee
            """,
            note="a condition leaves some placeholders",
        ),
    )
    refused = (
        Example(
            before="""
                def shifted(words):
                    out = [''] * len(words)
                    for i in range(len(words) - 1):
                        out[i + 1] = words[i].lower()
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
            naive="""
                def shifted(words):
                    out = [words[i].lower() for i in range(len(words) - 1)]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreItem) and isinstance(e.index, Pos)]
        names = list(dict.fromkeys(e.target for e in stores))
        if not stores or len(stores) != len(loop.effects) or not all(map(str.isidentifier, names)):
            return None
        made = {id_: _placeholder(site, id_) for id_ in names}
        if None in made.values():
            return None
        targets: list[Target] = []
        appends: list[Append] = []
        for id_, fill in made.items():
            target = find_target(site, id_, "list", bool(loop.opaque))
            if isinstance(target, Refusal):
                return target
            if fill is None or not _filled(site, loop.header, target):
                message = f"`{id_}` is not known to be as long as there are rounds"
                return Refusal(Reason.OUT_OF_RANGE, stores[0].line, message)
            mine = [e for e in stores if e.target == id_]
            value = _value(mine, fill)
            if value is None:
                return Refusal(Reason.OUT_OF_RANGE, stores[0].line, f"a round does not fill its own place in `{id_}`")
            targets.append(target)
            appends.append(Append(id_, value, None, mine[0].line))
        forms = _arrays(self.rule, site, replace(loop, effects=tuple(appends)), targets)
        found = comprehend(site, replace(loop, effects=()), [(None, [e.value]) for e in appends])
        if isinstance(found, Refusal):
            return forms or found
        return [*forms, _comprehensions(self.rule, site, loop, found, targets)]


def _arrays(rule: Rule, site: SiteContext, loop: Loop, targets: Sequence[Target]) -> Sequence[Rewrite]:
    """The array form of the loop as if it appended to empty lists, if there is one."""
    if {t.name for t in targets} & names_in(loop.header.node.iter):
        return []
    known = {t.name: replace(t, fresh=True, empty=True) for t in targets}
    answer = lists_to_arrays(rule, site, loop, known=known)
    return [] if answer is None or isinstance(answer, Refusal) else answer


def _comprehensions(rule: Rule, site: SiteContext, loop: Loop, found: Made, targets: Sequence[Target]) -> Rewrite:
    """A comprehension for each list; one whose length the header asks for stays, and gets new elements."""
    asked = names_in(loop.header.node.iter)
    statements: list[ast.stmt] = []
    for target, part in zip(targets, found.parts, strict=True):
        where: ast.expr = ast.Name(target.name, ast.Store())
        if target.name in asked:
            where = into(name(target.name), None)
        element = part.values[0]
        stmt = ast.Assign([where], ast.ListComp(element, uncounted(part.generators, element)))
        stmt.lineno = site.loop.lineno
        statements.append(stmt)
    dropped = {t.name for t in targets if t.name not in asked}
    inits = {id(t.init): t for t in targets if t.name in dropped}
    edits = [Replace(*edit) for t in inits.values() for edit in drop_init(t, dropped) or []]
    if loop.header.form is HeaderForm.ELEMENTS:
        found = replace(found, obligations=[*found.obligations, *gone_over_again(site, loop)])
    form = place(rule, site, loop, found, [], statements)
    return replace(form, edits=(*edits, *form.edits))


def _placeholder(site: SiteContext, id_: str) -> Const | Inv | None:
    """The literal of which the list is made, if it is made of one alone: `[0] * n`, `[None for _ in range(n)]`."""
    binders = site.scope.binders(id_)
    made = [b for b in binders if isinstance(b, (ast.Assign, ast.AnnAssign)) and b.lineno < site.loop.lineno]
    if not made:
        return None
    match max(made, key=lambda b: b.lineno):
        case ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=ast.expr() as value):
            parts = _parts(value)
            fill = parts[0] if parts is not None else None
            if isinstance(fill, ast.Constant):
                return Const(fill.value, fill)
            return inv(fill) if fill is not None and site.dotted(fill) in MISSING else None
    return None


def _parts(value: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The placeholder of a list, and how many there are."""
    match value:
        case (
            ast.BinOp(left=ast.List(elts=[fill]), op=ast.Mult(), right=size)
            | ast.BinOp(left=size, op=ast.Mult(), right=ast.List(elts=[fill]))
        ):
            return fill, size
        case ast.ListComp(
            elt=fill,
            generators=[ast.comprehension(iter=ast.Call(func=ast.Name(id="range"), args=[size]), ifs=[])],
        ):
            return fill, size
    return None


def _filled(site: SiteContext, header: Header, target: Target) -> bool:
    """Whether there are as many rounds as the list is long, and nobody looks at it before."""
    parts = _parts(target.display)
    block = site.block
    if parts is None or target.init not in block or not isinstance(target.init, ast.Assign):
        return False
    if any(target.name in names_in(s) for s in block[block.index(target.init) + 1 : site.index]):
        return False
    size, span = parts[1], header.span
    measured = length_of(site, size)
    if measured is not None and not unchanged_between(site, measured[0], target.init):
        return False
    if span is None:
        match header.elements:
            case (Read(source=source),) if header.position_name is not None and source.column is None:
                return measured is not None and (measured[0].code, measured[1]) == (source.base.code, 0)
        return False
    if span.first != 0 or span.delta:
        return False
    if span.of is not None:
        itself = span.of.code == target.name
        return itself or (measured is not None and (measured[0].code, measured[1]) == (span.of.code, 0))
    stop = span.stop
    return stop is not None and stop.code == ast.unparse(size) and unchanged_between(site, stop, target.init)


def _value(stores: Sequence[StoreItem], fill: Const | Inv) -> Expr | None:
    """What each place holds in the end; None where a round stores beside its own place, or adds to what it stored."""
    if any(e.index != Pos() for e in stores):
        return None
    store = one_store(stores, fill)
    if store is None:
        return None
    return store.value if store.guard is None else Op("if", (store.guard, store.value, fill))
