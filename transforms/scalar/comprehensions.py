"""What the comprehension idioms share: the generator of a loop, the element, and what keeps them exact."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.exposure import changed_by_calls
from ...loops.ir import Access, Expr, HeaderForm, Loop, Named, Read
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...loops.trace import keeps_order
from ...loops.walk import walk
from ..base import Edit, Replace, Rewrite, Rule, Tier
from ..hoists.reads import Hoist
from ..shared.forgotten import forgotten
from ..shared.targets import Target, drop_init
from .in_place import array_in_place, changed_in_place, owed_in_place
from .moved_reads import moved_reads, raises
from .parts import Comprehension, one_comprehension
from .scalars import NotScalar, trivial


@dataclass
class Made:
    """All comprehensions of a loop, with what has to stand before them and what has to hold."""

    parts: list[Comprehension]
    prelude: list[ast.stmt]
    obligations: list[Obligation]
    hoisted: bool
    imports: tuple[str, ...] = ()


def comprehend(
    site: SiteContext, loop: Loop, outputs: Sequence[tuple[Expr | None, list[Expr]]], *, exact: bool = False
) -> Made | Refusal:
    """A comprehension for each output (guard, element parts), or why not; `exact`: with rows as iterrows reads them."""
    header = loop.header
    line = header.node.lineno
    if loop.carried:
        name = next(iter(loop.carried))
        return Refusal(Reason.CARRIED_STATE, line, f"`{name}` is carried from one round to the next")
    if loop.live_out:
        name, where = next(iter(loop.live_out.items()))
        return Refusal(Reason.VALUE_READ_LATER, where, f"`{name}` is read after the loop")
    if (changed := changed_in_place(loop)) is not None:
        message = "an augmented assignment may change an element of the input in place"
        return Refusal(Reason.MUTATES_INPUT, changed.line or line, message)
    shared = _shared(outputs)
    if shared is not None:
        message = f"`{shared.name}` is used for several lists: a comprehension for each would compute it anew"
        return Refusal(Reason.NO_GAIN, line, message)
    hoist = Hoist(site, header, exact=exact)
    parts: list[Comprehension] = []
    row = _row_name(loop)
    try:
        for guard, values in outputs:
            parts.append(one_comprehension(site, loop, hoist, row, guard, values))
    except NotScalar as e:
        return e.refusal
    obligations = list(hoist.obligations)
    refusal = _order(loop, outputs, parts, obligations)
    if refusal is not None:
        return refusal
    obligations += moved_reads(site, loop, outputs)
    computed = [e for guard, values in outputs for e in (guard, *values) if e is not None]
    if (refusal := array_in_place(site, loop, computed)) is not None:
        return refusal
    obligations += owed_in_place(site, loop, computed)
    if len(parts) > 1:
        if (once := used_up(site, loop)) is not None:
            return Refusal(Reason.UNKNOWN_KIND, line, f"`{once}` can be gone through only once")
        obligations += gone_over_again(site, loop)
        if loop.opaque:
            return Refusal(
                Reason.UNKNOWN_CALL,
                loop.opaque[0],
                "several lists are filled, and a call in the body may depend on the order",
            )
    hoisted = bool(hoist.prelude)
    if hoisted:
        if loop.header.table is not None and not isinstance(loop.header.table.node, ast.Name):
            return Refusal(Reason.NO_GAIN, line, f"`{loop.header.table.code}` would be evaluated several times")
        refusal = _hoistable(site, loop, computed)
        if refusal is not None:
            return refusal
        if not exact:
            obligations += _row_obligations(computed)
    return Made(parts, hoist.prelude, obligations, hoisted, hoist.imports)


def _shared(outputs: Sequence[tuple[Expr | None, list[Expr]]]) -> Named | None:
    """A temporary that costs something and that several outputs need."""
    seen: set[Expr] = set()
    for guard, values in outputs:
        parts = (x for e in (guard, *values) if e is not None for x in e.walk())
        mine = [x for x in parts if isinstance(x, Named) and not trivial(x)]
        if (shared := next((x for x in mine if x in seen), None)) is not None:
            return shared
        seen.update(mine)
    return None


def _row_name(loop: Loop) -> str | None:
    if loop.header.form not in (HeaderForm.ITERTUPLES, HeaderForm.RECORDS):
        return None
    target = loop.header.node.target
    if isinstance(target, ast.Tuple):
        target = target.elts[-1]
    return target.id if isinstance(target, ast.Name) else None


def _order(
    loop: Loop,
    outputs: Sequence[tuple[Expr | None, list[Expr]]],
    parts: Sequence[Comprehension],
    obligations: list[Obligation],
) -> Refusal | None:
    """One comprehension keeps the order of everything that may raise; several can't, unless the later ones are
    silent."""
    if len(outputs) == 1 and keeps_order(loop.trace, list(parts[0].trace)):
        return None
    if loop.opaque and len(outputs) == 1:
        return Refusal(
            Reason.UNKNOWN_CALL,
            loop.opaque[0],
            "a comprehension would make the calls of the body in another order, or another number of times",
        )
    if len(outputs) > 1 and len({_raised(v) for _, v in outputs}) > 1:
        return Refusal(
            Reason.EXCEPTION_HANDLING,
            loop.header.node.lineno,
            "several lists are filled, and which exception comes first would change",
        )
    obligations.append(Obligation("one-exception" if len(outputs) > 1 else "no-exceptions"))
    return None


def _raised(values: Sequence[Expr]) -> frozenset[str]:
    """The families of exceptions that an element may raise, but for TypeError."""
    return frozenset(found for v in values for x in v.walk() if (found := raises(x)))


#: Functions that make an iterator.
_ITERATORS = frozenset(
    f"builtins.{called}" for called in ("map", "filter", "zip", "iter", "reversed", "enumerate", "open")
)


def used_up(site: SiteContext, loop: Loop) -> str | None:
    """What is iterated and surely is an iterator: a generator expression, `map(...)`, under a name or as it is."""
    for e in loop.header.elements:
        node = e.source.base.node if isinstance(e, Read) else e.node
        made = node
        if isinstance(node, ast.Name) and len(binders := site.scope.binders(node.id)) == 1:
            made = binders[0].value if isinstance(binders[0], ast.Assign) else node
        called = isinstance(made, ast.Call) and site.dotted(made.func) in _ITERATORS
        if isinstance(made, ast.GeneratorExp) or called:
            return ast.unparse(node)
    return None


def gone_over_again(site: SiteContext, loop: Loop) -> list[Obligation]:
    """What is iterated several times must not be an iterator."""
    if loop.header.form is not HeaderForm.ELEMENTS:
        return []
    owed = []
    for e in loop.header.elements:
        node = e.source.base.node if isinstance(e, Read) else e.node
        kind = site.kind(node)
        if isinstance(e, Read) and e.source.column is not None:
            continue
        known = (
            kind
            and kind.why != "annotation"
            and kind.name in ("list", "series", "ndarray", "tuple", "dict", "set", "str", "index", "frame")
        )
        view = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("items", "keys", "values")
            and not node.args
        )
        ranged = isinstance(node, ast.Call) and site.dotted(node.func) == "builtins.range"
        if not (known or view or ranged):
            owed.append(Obligation("sequence", (ast.unparse(node),)))
    return owed


def _hoistable(site: SiteContext, loop: Loop, computed: Sequence[Expr]) -> Refusal | None:
    """The frame that is read must not change, or be handed out, while the loop runs."""
    tables = {r.source.base.code: r for e in computed for r in _reads(e)}
    for code, read in tables.items():
        root = read.source.base.code.split(".")[0].split("[")[0]
        if root in site.assigned:
            return Refusal(Reason.MUTATES_INPUT, loop.header.node.lineno, f"`{code}` is bound again in the body")
        if loop.opaque and (seen := changed_by_calls(site, read.source.base.node)) is not None:
            return seen
        for n in walk(site.loop):
            if (
                isinstance(n, ast.Call)
                and n.lineno in loop.opaque
                and any(isinstance(a, ast.Name) and a.id == root for a in [*n.args, *(k.value for k in n.keywords)])
            ):
                return Refusal(Reason.UNKNOWN_CALL, n.lineno, f"`{root}` is handed to a function that might change it")
    return None


def _reads(e: Expr) -> list[Read]:
    return [x for x in e.walk() if isinstance(x, Read) and x.name is None and x.source.column is not None]


def assumed(site: SiteContext, lifted: Loop) -> list[Obligation]:
    """What lifting a body in an idiom's own way took for granted, and that what nobody reads does not raise."""
    return [*(Obligation(o) for o in sorted(site.assumed)), *forgotten(site, lifted)]


def _row_obligations(computed: Sequence[Expr]) -> list[Obligation]:
    """What iterrows does to whole rows, and what reading a missing column by attribute raises."""
    rows = [r for e in computed for r in _reads(e) if r.access is Access.ROW]
    owed = [Obligation("plain-rows", (rows[0].source.base.code,))] if rows else []
    by_attribute = [r for r in rows if r.source.column is not None and not hasattr(_key(r), "lineno")]
    return owed + ([Obligation("columns-exist", (rows[0].source.base.code,))] if by_attribute else [])


def _key(read: Read) -> ast.expr | None:
    """The syntax of the column's name; one made from an attribute has no place in the file."""
    return getattr(read.source.column, "node", None)


def place(
    rule: Rule,
    site: SiteContext,
    loop: Loop,
    made: Made,
    targets: Sequence[Target],
    statements: Sequence[ast.stmt],
    summary: str = "",
) -> Rewrite:
    """The rewrite: initialisers that are no longer needed go, the loop becomes the statements."""
    edits: list[Edit] = []
    fresh = {t.name for t in targets if t.fresh}
    dropped: set[int] = set()
    for t in targets:
        if t.fresh and id(t.init) not in dropped:
            dropped.add(id(t.init))
            for stmt, rest in drop_init(t, fresh) or []:
                edits.append(Replace(stmt, rest))
    edits.append(Replace(site.loop, (*made.prelude, *statements)))
    owed = tuple(dict.fromkeys(made.obligations))
    return Rewrite(rule, Tier.COMPREHENSION, tuple(edits), owed, imports=made.imports, summary=summary)
