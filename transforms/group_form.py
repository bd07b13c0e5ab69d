"""From a loop over groups to comprehensions over the aggregates of all groups."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..loops.context import SiteContext
from ..loops.header_rows import inv
from ..loops.ir import (
    Access,
    Effect,
    Expr,
    Header,
    HeaderForm,
    Loop,
    Named,
    Op,
    Read,
    Scalar,
    Sequence_,
    StoreItem,
)
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.trace import guarded_trace
from .base import Rewrite, Rule, Tier
from .build import assign, attr, call, clone, const, name, store
from .comprehensions import Comprehension, Made, comprehend, place
from .dict_comprehension import dict_statement
from .groups import Aggregate, Groups, rebuilt, values_of
from .list_comprehension import list_statement
from .targets import Target, find_target

#: What each aggregate owes beside what the column has to hold.
ROUNDED = frozenset({"sum", "mean", "std", "var"})
COUNTED = frozenset({"size", "count", "nunique", "sum"})  # of nothing they are 0, the others NaN
SIGNED = frozenset({"min", "max", "median", "sum", "mean"})


@dataclass
class GroupForm:
    """The new code while it is put together."""

    site: SiteContext
    loop: Loop
    groups: Groups
    keys: str | None = None
    owed: list[Obligation] = field(default_factory=list)
    prelude: list[ast.stmt] = field(default_factory=list)

    def found(self) -> list[Aggregate]:
        """All aggregates in the effects."""
        out: list[Aggregate] = []

        def note(e: Expr) -> Expr | None:
            what = self.groups.aggregate(e)
            out.extend([what] if what else [])
            return e if what else None

        for effect in self.loop.effects:
            for part in _parts(effect):
                rebuilt(part, note)
        return out

    def rewrite(self, rule: Rule) -> Sequence[Rewrite] | Refusal:
        effects = self.loop.effects
        targets: list[Target] = []
        for e in effects:
            target = find_target(self.site, e.target, "dict" if isinstance(e, StoreItem) else "list", False)
            if isinstance(target, Refusal):
                return target
            if isinstance(e, StoreItem) and e.augmented:
                return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, f"`{e.target}` is added to item by item")
            targets.append(target)
        if len({t.name for t in targets}) != len(targets):
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effects[-1].line, "a list gets more than one element in a round")
        grouped = self._grouped()
        statements: list[ast.stmt] = []
        for e, target in zip(effects, targets, strict=True):
            part = self._part(e, grouped)
            if isinstance(part, Refusal):
                return part
            statements.append(
                dict_statement(target, part) if isinstance(e, StoreItem) else list_statement(target, part)
            )
        made = Made([], self.prelude, self.owed, False)
        form = place(rule, self.site, self.loop, made, targets, statements, "becomes one groupby")
        return [replace(form, tier=Tier.VECTOR, tolerance=1e-10 if self._rounded() else None)]

    def _rounded(self) -> bool:
        return any(o.name == "float-order" for o in self.owed)

    def _grouped(self) -> ast.expr:
        """The groupby, under a name if it is needed more than once."""
        wanted = [set(self._of(e)) for e in self.loop.effects]
        asked = sum(len({a for a in w if a.method != "first"}) for w in wanted)
        asked += sum(self._reads_key(e) for e in self.loop.effects) if not self.groups.masked else 0
        if asked < 2:
            return self.groups.grouped
        id_ = self.site.fresh("groups", "grouped", "groups_")
        self.prelude.append(assign(id_, clone(self.groups.grouped)))
        return name(id_)

    def _of(self, effect: Effect) -> list[Aggregate]:
        return GroupForm(self.site, replace(self.loop, effects=(effect,)), self.groups).found()

    def _reads_key(self, effect: Effect) -> bool:
        def inside(e: Expr) -> Expr | None:
            return e if self.groups.aggregate(e) else None

        left = [rebuilt(p, lambda e: Op("done", ()) if inside(e) else None) for p in _parts(effect)]
        return any(isinstance(x, Read) and x.name == self.groups.key for p in left for x in p.walk())

    def _part(self, effect: Effect, grouped: ast.expr) -> Comprehension | Refusal:
        """The comprehension of one effect: over its aggregates, and over the keys if it reads them."""
        columns: dict[Aggregate, str] = {}
        taken = {self.groups.key}

        def change(e: Expr) -> Expr | None:
            what = self.groups.aggregate(e)
            if what is None:
                return None
            if what not in columns:
                columns[what] = self._name(e, what, taken)
                taken.add(columns[what])
            return _leaf(columns[what], self.groups.grouped)

        parts = [rebuilt(p, change) for p in _parts(effect)]
        left = [x for p in parts for x in p.walk() if self._of_group(x)]
        if left:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "more than an aggregate is taken of a group")
        for what in columns:
            self._owe(what)
        keyed = any(isinstance(x, Read) and x.name == self.groups.key for p in parts for x in p.walk())
        sources = [(i, values_of(self._for_keys(w, clone(grouped)), w)) for w, i in columns.items()]
        if keyed:
            keys = self._keys(sources, grouped)
            if isinstance(keys, Refusal):
                return keys
            sources.insert(0, (self.groups.key, keys))
        guard, values = (parts[0], parts[1:]) if effect.guard is not None else (None, parts)
        made = comprehend(self.site, self._loop(sources, guard, values), [(guard, values)])
        if isinstance(made, Refusal):
            return made
        self.owed += [o for o in made.obligations if o not in self.owed]
        return made.parts[0]

    def _loop(self, sources: list[tuple[str, ast.expr]], guard: Expr | None, values: list[Expr]) -> Loop:
        """The loop over the aggregates that does the same."""
        target: ast.expr = store(sources[0][0])
        iterable = sources[0][1]
        if len(sources) > 1:
            target = ast.Tuple([store(i) for i, _ in sources], ast.Store())
            iterable = call("zip", *(node for _, node in sources))
        node = ast.For(target, iterable, [], [])
        node.lineno = self.site.loop.lineno
        header = Header(HeaderForm.ELEMENTS, node, {})
        value = Op("tuple", tuple(values)) if len(values) > 1 else values[0]
        return replace(self.loop, header=header, trace=tuple(guarded_trace(guard, value)))

    def _keys(self, sources: list[tuple[str, ast.expr]], grouped: ast.expr) -> ast.expr | Refusal:
        """The keys of the groups, as the loop got them."""
        if self.groups.masked:
            return self._unique()
        if self.groups.by is None:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, self.site.loop.lineno, "what is grouped by is no single column")
        return attr(call(attr(clone(grouped), "size")), "index")

    def _unique(self) -> ast.expr:
        """The keys that the loop visits, under a name."""
        if self.keys is None:
            assert isinstance(self.site.loop, ast.For)
            self.keys = self.site.fresh("keys", "group_keys")
            self.prelude.insert(0, assign(self.keys, clone(self.site.loop.iter)))
        return name(self.keys)

    def _for_keys(self, what: Aggregate, grouped: ast.expr) -> ast.expr:
        """The aggregate of each key. A mask finds nothing for a missing key, which groupby does not have at all."""
        series = self.groups.code(what, grouped)
        if not self.groups.masked or what.method == "first":
            return series
        filled = call(attr(series, "reindex"), self._unique())
        if what.method in COUNTED:
            filled.keywords.append(ast.keyword("fill_value", const(0)))
        return filled

    def _of_group(self, e: Expr) -> bool:
        """Whether an expression is the group, or part of it."""
        if self.groups.has_rows(e) or self.groups.column(e) is not None:
            return True
        return isinstance(e, Read) and e.name not in (None, self.groups.key) and e.name == self.groups.rows

    def _name(self, e: Expr, what: Aggregate, taken: set[str]) -> str:
        """A name for an aggregate: the author's, or the column and the method."""
        if isinstance(e, Named) and e.name not in taken:
            return e.name
        wish = f"{what.column}_{what.method}" if what.column and what.column.isidentifier() else what.method
        wish = wish if wish not in ("sum", "min", "max") else f"group_{wish}"
        id_ = self.site.fresh(wish)
        k = 2
        while id_ in taken:
            id_ = self.site.fresh(f"{wish}_{k}")
            k += 1
        return id_

    def _owe(self, what: Aggregate) -> None:
        frame = ast.unparse(self.groups.frame)
        owed = []
        if self.groups.masked:
            owed.append(Obligation("group-keys", (f"{frame}[{self.groups.by!r}]",)))
        if what.column is not None:
            column = f"{frame}[{what.column!r}]" if what.column else ast.unparse(self.groups.grouped)
            kept = what.method in ("count", "nunique")
            owed.append(Obligation("columns-exist" if kept else "numeric-columns", (column,)))
            if what.method in ROUNDED:
                owed += [Obligation("float-order", (column,)), Obligation("float64", (column,))]
            if what.method == "sum":
                owed.append(Obligation("no-overflow", (column,)))
            if what.method in SIGNED:
                owed.append(Obligation("signed-zero", (column,)))
        self.owed += [o for o in owed if o not in self.owed]


def _leaf(id_: str, source: ast.expr) -> Read:
    return Read(Sequence_(inv(source)), Access.ITERATE, 0, None, Scalar.ITEM, id_, part=True)


def _parts(effect: Effect) -> list[Expr]:
    """The expressions of an effect: its guard if it has one, the key of a dict, the value."""
    guard = [effect.guard] if effect.guard is not None else []
    return [*guard, *([effect.index] if isinstance(effect, StoreItem) else []), effect.value]
