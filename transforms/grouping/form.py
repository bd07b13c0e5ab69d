"""From a loop over groups to comprehensions over the aggregates of all groups."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...loops.context import SiteContext
from ...loops.header_rows import inv
from ...loops.ir import (
    Access,
    Const,
    Effect,
    Expr,
    Header,
    HeaderForm,
    Label,
    Loop,
    Named,
    Op,
    Pos,
    Read,
    Row,
    Scalar,
    Sequence_,
    StoreItem,
    strip,
)
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...loops.trace import guarded_trace
from ..base import Rewrite, Rule, Tier
from ..dict_comprehension import dict_statement
from ..scalar.comprehensions import Made, comprehend, place
from ..scalar.list_statements import list_statement
from ..scalar.parts import Comprehension
from ..shared.build import assign, attr, call, clone, const, item, name, store
from ..shared.rebuilt import rebuilt
from ..shared.targets import Target, find_target
from .groups import Aggregate, Groups, values_of
from .headers import LASTING, parts_of
from .owes import COUNTED, assumptions


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
            for part in parts_of(effect):
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
        """The groupby, under a name if it is needed more than once; what the keys are too."""
        wanted = [set(self._of(e)) for e in self.loop.effects]
        asked = sum(len({a for a in w if not a.end and not a.where}) for w in wanted)
        ordered = sum(self._reads_key(e) for e in self.loop.effects)
        ordered += sum(len({a for a in w if a.end or a.where}) for w in wanted)
        if self.groups.masked:
            asked, ordered = asked, 0
        grouped = self.groups.grouped
        if asked + bool(ordered) > 1:
            id_ = self.site.fresh("groups", "grouped", "groups_")
            self.prelude.append(assign(id_, clone(grouped)))
            grouped = name(id_)
        if ordered > 1:
            self.keys = self.site.fresh("keys", "group_keys")
            self.prelude.append(assign(self.keys, _labels(grouped)))
        return grouped

    def _of(self, effect: Effect) -> list[Aggregate]:
        return GroupForm(self.site, replace(self.loop, effects=(effect,)), self.groups).found()

    def _reads_key(self, effect: Effect) -> bool:
        left = [rebuilt(p, lambda e: Op("done", ()) if self.groups.aggregate(e) else None) for p in parts_of(effect)]
        return any(self.groups.is_key(x) for p in left for x in p.walk())

    def _part(self, effect: Effect, grouped: ast.expr) -> Comprehension | Refusal:
        """The comprehension of one effect: over its aggregates, and over the keys if it reads them."""
        columns: dict[Aggregate, str] = {}
        taken = {*self.groups.names, *({self.groups.place} if self.groups.place else ())}
        leaves: dict[str, Read] = {}

        def leaf(id_: str) -> Read:
            return leaves.setdefault(id_, _leaf(id_, self.groups.grouped))

        def change(e: Expr) -> Expr | None:
            what = self.groups.aggregate(e)
            if what is not None:
                if what not in columns:
                    columns[what] = self._name(e, what, taken)
                    taken.add(columns[what])
                empty = isinstance(inner := strip(e), Op) and inner.name == "attr:empty"
                return Op("==", (leaf(columns[what]), Const(0, const(0)))) if empty else leaf(columns[what])
            if self.groups.is_key(e):
                inner = strip(e)
                assert isinstance(inner, Read)
                return leaf(inner.name or next(iter(self.groups.names)))
            if isinstance(e, Pos) and not e.offset and self.groups.place is not None:
                return leaf(self.groups.place)
            return None

        parts = [rebuilt(p, change) for p in parts_of(effect)]
        left = [x for p in parts for x in p.walk() if self._of_group(x) or isinstance(x, (Read, Row, Pos, Label))]
        if any(x not in leaves.values() for x in left):
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "more than an aggregate is taken of a group")
        sources: list[tuple[ast.expr, ast.expr]] = []
        for what, id_ in columns.items():
            owed = assumptions(self.groups, what)
            if isinstance(owed, str):
                return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, owed)
            self._note(*owed)
            series = self._for_keys(what, clone(grouped))
            if series is None:
                message = "what is grouped by are no columns of the frame"
                return Refusal(Reason.UNSUPPORTED_SYNTAX, self.site.loop.lineno, message)
            sources.append((store(id_), values_of(series, what)))
        if self.groups.names & set(leaves):
            keys = self._keys(grouped)
            if keys is None:
                message = "what is grouped by is no single column"
                return Refusal(Reason.UNSUPPORTED_SYNTAX, self.site.loop.lineno, message)
            sources.insert(0, (clone(self.groups.target), keys))
        if self.groups.place in leaves:
            sources.insert(0, (store(self.groups.place or ""), call("range", call("len", self._unique()))))
        if not sources:  # `out.append(1)`: nothing of the group is read
            return Refusal(Reason.UNSUPPORTED_SYNTAX, self.site.loop.lineno, "nothing of the group is read")
        guard, values = (parts[0], parts[1:]) if effect.guard is not None else (None, parts)
        made = comprehend(self.site, self._loop(sources, guard, values), [(guard, values)])
        if isinstance(made, Refusal):
            return made
        self._note(*made.obligations)
        return made.parts[0]

    def _loop(self, sources: list[tuple[ast.expr, ast.expr]], guard: Expr | None, values: list[Expr]) -> Loop:
        """The loop over the aggregates that does the same."""
        target, iterable = sources[0]
        if len(sources) > 1:
            target = ast.Tuple([t for t, _ in sources], ast.Store())
            iterable = call("zip", *(node for _, node in sources))
        node = ast.For(target, iterable, [], [])
        node.lineno = self.site.loop.lineno
        header = Header(HeaderForm.ELEMENTS, node, {})
        value = Op("tuple", tuple(values)) if len(values) > 1 else values[0]
        return replace(self.loop, header=header, trace=tuple(guarded_trace(guard, value)))

    def _keys(self, grouped: ast.expr) -> ast.expr | None:
        """The keys of the groups, as the loop got them."""
        if self.groups.masked:
            return self._unique()
        if not self.groups.by:
            return None
        if len(self.groups.by) > 1:
            self._note(Obligation("element-types"))  # pandas 2 hands out NumPy scalars in the tuples
        return name(self.keys) if self.keys is not None else _labels(clone(grouped))

    def _unique(self) -> ast.expr:
        """The keys that the loop visits, under a name."""
        keys = self.groups.keys
        assert keys is not None
        kind = self.site.kind(keys)
        lasting = self.groups.own or (kind is not None and kind.name in LASTING)
        if lasting and isinstance(keys, ast.Name):
            return clone(keys)
        if self.keys is None:
            self.keys = self.site.fresh("keys", "group_keys")
            self.prelude.insert(0, assign(self.keys, clone(keys) if lasting else call("list", clone(keys))))
        return name(self.keys)

    def _for_keys(self, what: Aggregate, grouped: ast.expr) -> ast.expr | None:
        """The aggregate of each key. A mask finds nothing for a missing key, which groupby does not have at all."""
        if what.end:
            ordered = self.groups.masked and what.method == "first"
            keys = None if ordered else self._keys(grouped)
            return self.groups.ends(what, keys) if ordered or keys is not None else None
        series = self.groups.code(what, grouped)
        if self.groups.masked or what.where:
            keys = self._keys(grouped)
            if keys is None:
                return None
            series = call(attr(series, "reindex"), keys)
            if what.method in COUNTED:
                series.keywords.append(ast.keyword("fill_value", const(0)))
        if what.pick:
            return item(attr(clone(self.groups.frame), "loc"), ast.Tuple([series, const(what.pick)], ast.Load()))
        return series

    def _of_group(self, e: Expr) -> bool:
        """Whether an expression is the group, or part of it."""
        if self.groups.selected(e) is not None or self.groups.column(e) is not None:
            return True
        return isinstance(e, Read) and e.name is not None and e.name == self.groups.rows

    def _name(self, e: Expr, what: Aggregate, taken: set[str]) -> str:
        """A name for an aggregate: the author's, or the column and the method."""
        if isinstance(e, Named) and e.name not in taken:
            return e.name
        column = what.pick or what.column
        wish = f"{column}_{what.method}" if column and column.isidentifier() else what.method
        wish = wish if wish not in ("sum", "min", "max") else f"group_{wish}"
        id_ = self.site.fresh(wish)
        k = 2
        while id_ in taken:
            id_ = self.site.fresh(f"{wish}_{k}")
            k += 1
        return id_

    def _note(self, *owed: Obligation) -> None:
        self.owed += [o for o in dict.fromkeys(owed) if o not in self.owed]


def _labels(grouped: ast.expr) -> ast.expr:
    """What the groups are called."""
    return attr(call(attr(grouped, "size")), "index")


def _leaf(id_: str, source: ast.expr) -> Read:
    return Read(Sequence_(inv(source)), Access.ITERATE, 0, None, Scalar.ITEM, id_, part=True)
