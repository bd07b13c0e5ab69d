"""Comprehensions that evaluate what a loop does in the very order that it stands in: nothing is left to assume.

Each temporary becomes a clause of its own, `for x in [value]` (which Python runs as an assignment), each `continue` a
condition behind what came before it. Several lists are filled from one list of tuples, so that what is iterated is gone
through once, and which of two exceptions comes first stays as it was.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.ir import Append, Effect, HeaderForm, Loop, Read
from ...loops.names import bound_names, names_in
from ...loops.remarks import Refusal
from ..base import Rewrite, Rule
from ..shared.build import assign, clone, const, item, name, store
from ..shared.targets import Target
from .comprehensions import Made, place
from .list_statements import list_statement
from .parts import MAX_NODES, Comprehension

#: What a statement puts where: the name of the container, and the expressions in the order of their evaluation.
Sink = tuple[str, tuple[ast.expr, ...]]
#: Obligations that are about order, or about going through something several times.
ORDER = frozenset({"no-exceptions", "one-exception", "sequence"})
#: More temporaries than this make a comprehension that nobody wants to read.
MAX_CLAUSES = 3
#: Comparisons of which one says that the other does not hold, whatever is compared.
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
#: What has another meaning in a comprehension, or sees the variables later.
UNFIT = (ast.Lambda, ast.GeneratorExp, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)


Maker = Callable[[SiteContext, Sequence[Target]], list[ast.stmt] | None]


def in_order(form: Rewrite, site: SiteContext, loop: Loop, targets: Sequence[Target], make: Maker) -> list[Rewrite]:
    """A second form, for one that only owes something to the order of evaluation: as it is written, it owes nothing."""
    owed = {o.name for o in form.obligations}
    order = ORDER | ({"columns-exist"} if loop.header.form is HeaderForm.ITERTUPLES else set())
    return in_order_only(form.rule, site, loop, targets, make) if owed and owed <= order else []


def in_order_only(rule: Rule, site: SiteContext, loop: Loop, targets: Sequence[Target], make: Maker) -> list[Rewrite]:
    """The form that keeps the order of evaluation, if the loop has one."""
    if loop.carried or loop.live_out:
        return []
    statements = make(site, targets)
    return [] if statements is None else [place(rule, site, loop, Made([], [], [], False), targets, statements)]


def wants_clauses(loop: Loop, refusal: Refusal) -> bool:
    """Whether only names were missing: then a clause for each may do, where no frame is read cell by cell."""
    if not refusal.unnamed and not refusal.together:
        return False
    plain = loop.header.form is HeaderForm.ELEMENTS and loop.header.table is None
    if refusal.together and loop.header.form is HeaderForm.ITERTUPLES:
        return True
    return loop.header.form is HeaderForm.RECORDS or (plain and not any(_of_column(e) for e in loop.effects))


def _of_column(effect: Effect) -> bool:
    parts = (effect.guard, effect.value) if isinstance(effect, Append) else ()
    found = (x for e in parts if e is not None for x in e.walk() if isinstance(x, Read) and x.name is None)
    return any(r.source.column is not None for r in found)


def lists_as_written(
    site: SiteContext, targets: Sequence[Target], loop: ast.For | None = None
) -> list[ast.stmt] | None:
    """The lists of a loop that appends once to each; `loop` stands for the loop, its header changed."""
    names = [t.name for t in targets]
    written = as_written(site, lambda stmt: _appended(stmt, names), loop)
    if written is None or sorted(where for where, _ in written.sinks) != sorted(names):
        return None
    values = {where: value for where, (value,) in written.sinks}
    line = site.loop.lineno
    if len(targets) == 1:
        return [list_statement(targets[0], Comprehension([values[names[0]]], written.generators, line))]
    together = site.fresh("pairs" if len(targets) == 2 else "rows", "computed", "computed_rows")
    one = site.fresh("pair" if len(targets) == 2 else "row", "each", "computed_row")
    order = [where for where, _ in written.sinks]
    element = ast.Tuple([values[where] for where in order], ast.Load())
    out: list[ast.stmt] = [assign(together, ast.ListComp(element, written.generators), line)]
    for target in targets:
        taken = item(name(one), const(order.index(target.name)))
        out.append(list_statement(target, Comprehension([taken], [_over(one, together)], line)))
    return out


def _over(one: str, together: str) -> ast.comprehension:
    return ast.comprehension(store(one), name(together), [], 0)


def _appended(stmt: ast.stmt, names: Sequence[str]) -> Sink | None:
    match stmt:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=where), attr="append"), args=[value], keywords=[])
        ) if where in names and not isinstance(value, ast.Starred):
            return where, (value,)
    return None


@dataclass
class _Unfit(Exception):
    """The body is no sequence of temporaries, conditions and appends."""


@dataclass
class AsWritten:
    """The clauses of a loop, and what it puts into each container."""

    site: SiteContext
    read: Callable[[ast.stmt], Sink | None]
    generators: list[ast.comprehension]
    sinks: list[Sink] = field(default_factory=list)

    def _bound(self) -> set[str]:
        return {n for g in self.generators for n in bound_names(g.target)}

    def _own(self, *nodes: ast.expr) -> None:
        """What a name of the body held before belongs to another scope than that of a comprehension."""
        bound = self._bound()
        later = {n for stmt in self.site.loop.body for x in ast.walk(stmt) for n in bound_names(x)} - bound
        if any(later & names_in(node) for node in nodes):
            raise _Unfit

    def body(self, statements: list[ast.stmt]) -> None:
        statements = _with_defaults(statements)
        for k, stmt in enumerate(statements):
            rest = statements[k + 1 :]
            sink = self.read(stmt) or self._branches(stmt)
            if sink is not None:
                self._put(sink, last=all(self.read(s) is not None for s in rest))
                continue
            match stmt:
                case ast.Pass():
                    pass
                case (
                    ast.Assign(targets=[ast.Name() | ast.Tuple() as target], value=value)
                    | ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value)
                ) if _plain(target):
                    self._clause(target, value)
                case ast.If(test=test, body=[ast.Continue()], orelse=[]) if not self.sinks:
                    self._when(_not(test))
                case ast.If() if (chosen := _chosen(stmt, self._bound())) is not None:
                    self._clause(*chosen)
                case ast.If(test=test, body=body, orelse=[]) if not rest and not self.sinks:
                    self._when(test)
                    self.body(body)
                case _:
                    raise _Unfit

    def _branches(self, stmt: ast.stmt) -> Sink | None:
        """What each branch of an `if` puts into one container, chosen by its conditions."""
        match stmt:
            case ast.If(test=test, body=[one], orelse=[other]):
                a, b = self.read(one), self.read(other) or self._branches(other)
                if a is not None and b is not None and a[0] == b[0] and len(a[1]) == len(b[1]) == 1:
                    return a[0], (ast.IfExp(test, a[1][0], b[1][0]),)
        return None

    def _put(self, sink: Sink, *, last: bool) -> None:
        """What is put somewhere, computed before whatever comes behind it."""
        where, values = sink
        self._own(*values)
        if not last:
            if len(values) > 1:
                raise _Unfit
            held = self.site.fresh(f"{where}_item", f"new_{where}")
            self._clause(store(held), values[0])
            values = (name(held),)
        self.sinks.append((where, values))

    def _clause(self, target: ast.expr, value: ast.expr) -> None:
        if len(self.generators) > MAX_CLAUSES:
            raise _Unfit
        self._own(value)
        one = ast.List([clone(value)], ast.Load())
        self.generators.append(ast.comprehension(clone(target), one, [], 0))

    def is_long(self) -> bool:
        """Whether one of the parts takes more than two lines or so."""
        parts = [*(g.iter for g in self.generators), *(t for g in self.generators for t in g.ifs)]
        values = [v for _, sunk in self.sinks for v in sunk]
        return any(sum(1 for _ in ast.walk(part)) > 2 * MAX_NODES for part in (*parts, *values))

    def _when(self, test: ast.expr) -> None:
        self._own(test)
        self.generators[-1].ifs.append(clone(test))


def as_written(
    site: SiteContext, read: Callable[[ast.stmt], Sink | None], changed: ast.For | None = None
) -> AsWritten | None:
    """The body of a loop as clauses, None if there is more in it than temporaries, conditions and what `read` knows."""
    loop = changed or site.loop
    if not isinstance(loop, ast.For) or loop.orelse:
        return None
    if any(isinstance(n, UNFIT) for s in (loop.iter, *loop.body) for n in ast.walk(s)):
        return None
    bound = {n for s in (loop.target, *loop.body) for x in ast.walk(s) for n in bound_names(x)}
    if bound & set(site.scope.outer_names):
        return None
    written = AsWritten(site, read, [ast.comprehension(clone(loop.target), clone(loop.iter), [], 0)])
    try:
        written.body(loop.body)
    except _Unfit:
        return None
    return None if written.is_long() else written


def _plain(target: ast.expr) -> bool:
    """A name, or several that something is unpacked into."""
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts)
    )


def _chosen(stmt: ast.If, bound: set[str]) -> tuple[ast.expr, ast.expr] | None:
    """`x = a` on a condition and `x = b` otherwise, as the name and one conditional expression.

    Where nothing is said of the other case, a name that is `bound` keeps what it holds.
    """
    match stmt.body, stmt.orelse:
        case (
            [ast.Assign(targets=[ast.Name(id=one) as target], value=a)],
            [ast.Assign(targets=[ast.Name(id=other)], value=b)],
        ) if one == other:
            return target, ast.IfExp(stmt.test, a, b)
        case [ast.Assign(targets=[ast.Name(id=one) as target], value=a)], [ast.If() as inner]:
            rest = _chosen(inner, bound)
            if rest is not None and isinstance(rest[0], ast.Name) and rest[0].id == one:
                return target, ast.IfExp(stmt.test, a, rest[1])
        case [ast.Assign(targets=[ast.Name(id=one) as target], value=a)], [] if one in bound:
            return target, ast.IfExp(stmt.test, a, name(one))
    return None


def _with_defaults(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements, with a literal that a name gets first as what it gets where no condition of an `if` holds."""
    out: list[ast.stmt] = []
    for stmt in statements:
        match out[-1] if out else None, stmt:
            case ast.Assign(targets=[ast.Name(id=id_)], value=ast.Constant()) as first, ast.If() if (
                (chosen := _chosen(stmt, {id_})) is not None and isinstance(chosen[0], ast.Name) and chosen[0].id == id_
            ):
                if _reads(stmt, id_) == 0:
                    out[-1] = ast.copy_location(_otherwise(stmt, first), stmt)
                    continue
        out.append(stmt)
    return out


def _reads(stmt: ast.stmt, id_: str) -> int:
    return sum(isinstance(n, ast.Name) and n.id == id_ and isinstance(n.ctx, ast.Load) for n in ast.walk(stmt))


def _otherwise(stmt: ast.If, default: ast.Assign) -> ast.If:
    """The chain with the default as its `else`."""
    orelse = [_otherwise(s, default) if isinstance(s, ast.If) else s for s in stmt.orelse] or [default]
    return ast.copy_location(ast.If(stmt.test, stmt.body, orelse), stmt)


def _not(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn() as op], comparators=[other]):
            return ast.Compare(left, [_OPPOSITE[type(op)]()], [other])
    return ast.UnaryOp(ast.Not(), test)
