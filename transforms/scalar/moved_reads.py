"""Elements that the loop reads on every round, before a test, and a comprehension only behind the test."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ...loops.context import SiteContext
from ...loops.ir import Access, Expr, Header, Loop, Named, Op, Raw, Read, strip
from ...loops.names import bound_names
from ...loops.obligations import Obligation
from ...loops.trace import conjuncts, silent

REACHING = frozenset({Access.INDEX, Access.ILOC, Access.ROW_ILOC, Access.LABEL, Access.ROW_LABEL})
Outputs = Sequence[tuple[Expr | None, list[Expr]]]


def moved_reads(site: SiteContext, loop: Loop, outputs: Outputs) -> list[Obligation]:
    """`t = y[i + 1]` raises IndexError at the end, and `t = row["c"]` KeyError, also where no test gets to `t`.

    Nor may it raise later than what the loop evaluates behind it, which may raise another error.
    """
    early = _bound_on_every_round(site)
    everything = [e for guard, values in outputs for e in (guard, *values) if e is not None]
    temporaries = [x for e in everything for x in e.walk() if isinstance(x, Named) and x.name in early]
    before = {read for t in temporaries for read in _surely_read(t.value)}
    after: set[Read] = set()
    for guard, values in outputs:
        first = [conjuncts(guard)[0]] if guard is not None else values
        after |= {read for e in first for read in _surely_read(e)}
    moved = sorted(before - after, key=lambda read: read.source.code)
    outside = {r for r in before if may_lie_outside(loop.header, r)}
    later = (r for guard, values in outputs for r in _overtaken(site, guard, values, outside)) if outside else ()
    sooner = (r for guard, values in outputs for r in _overtaking(site, loop, guard, values))
    long = sorted({r.source.code for r in (*(r for r in moved if r in outside), *later, *sooner)})
    owed = [Obligation("long-enough", (source,)) for source in long]
    seen = {read.source.code for read in after}
    missing = [r for r in moved if r.name is None and r.source.column is not None and r.source.code not in seen]
    return list(dict.fromkeys([*owed, *(Obligation("columns-exist", (r.source.code,)) for r in missing)]))


def _bound_on_every_round(site: SiteContext) -> set[str]:
    """Names that the body binds before it may go on to the next round."""
    found: set[str] = set()
    for stmt in site.loop.body:
        if any(isinstance(n, ast.Continue) for n in ast.walk(stmt)):
            break
        if isinstance(stmt, ast.Assign | ast.AnnAssign):
            found |= set(bound_names(stmt))
    return found


def _overtaken(site: SiteContext, guard: Expr | None, values: list[Expr], outside: set[Read]) -> Iterator[Read]:
    """Reads of a temporary that the new code comes to behind what the loop evaluates after the temporary."""
    bound = {n: stmt.end_lineno or stmt.lineno for stmt in site.loop.body for n in bound_names(stmt)}
    latest, seen = 0, set[Expr]()
    for e in (*conjuncts(guard), *values):
        for x, temporary in _in_order(e, None, seen):
            if isinstance(x, Read) and x in outside and temporary is not None and latest > bound.get(temporary.name, 0):
                yield x
            elif isinstance(x, Op) and x.node is not None and not silent(x):
                latest = max(latest, getattr(x.node, "lineno", 0))


def _overtaking(site: SiteContext, loop: Loop, guard: Expr | None, values: list[Expr]) -> Iterator[Read]:
    """Reads that the new code comes to before a temporary that the loop computes first, and that may raise."""
    bound = {n: stmt.lineno for stmt in site.loop.body for n in bound_names(stmt)}
    last = max(bound.values(), default=0) + 1
    met: list[tuple[int, Read]] = []
    seen: set[Expr] = set()
    for e in (*conjuncts(guard), *values):
        for x, temporary in _in_order(e, None, seen):
            line = last if temporary is None else bound.get(temporary.name, last)
            if isinstance(x, Read) and may_lie_outside(loop.header, x):
                met.append((line, x))
            elif temporary is not None and raises(x) and not silent(x):
                yield from (read for behind, read in met if behind > line)


def raises(e: Expr) -> str:
    """The family of exceptions that an operation itself may raise, but for TypeError; empty where there is none."""
    match e:
        case Raw():
            return "any"
        case Op(name="/" | "//" | "%" | "**"):
            return "arithmetic"
        case Op(name="item"):
            return "lookup"
        case Op(name=name) if name.startswith(("attr:", "call:", "method:")):
            return name
    return ""


def _in_order(e: Expr, within: Named | None, seen: set[Expr]) -> Iterator[tuple[Expr, Named | None]]:
    """The parts of an expression as they are evaluated, each with the outermost temporary that it is a part of."""
    if isinstance(e, Named):
        if e in seen:
            return
        seen.add(e)
        within = within or e
    for child in e.children():
        yield from _in_order(child, within, seen)
    yield e, within


def _surely_read(e: Expr) -> Iterator[Read]:
    """What an expression reads whenever it is evaluated."""
    inner = strip(e)
    if isinstance(inner, Read):
        yield inner
        return
    parts = inner.children()
    if isinstance(inner, Op) and inner.name in ("if", "and", "or"):
        parts = parts[:1]
    for part in parts:
        yield from _surely_read(part)


def may_lie_outside(header: Header, read: Read) -> bool:
    """Whether a position may be none of what is read."""
    if read.name is not None or read.access not in REACHING:
        return False
    if read.access.by_label:  # positions may be no labels, and the label before or after may be none
        return read.offset != 0 or header.span is not None
    span, table = header.span, header.table
    measured = span.of if span is not None else table
    if measured is None or read.source.base.code != measured.code:
        return True
    start = (span.first or 0) if span is not None else 0
    return read.offset + (span.delta if span is not None else 0) > 0 or start + read.offset < -1
