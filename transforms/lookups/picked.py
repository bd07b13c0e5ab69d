"""What every round takes of the rows that it picks, as one batched look-up for all rounds."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ...loops.ir import Const, Expr, Loop, Op, Read, strip
from ...loops.remarks import Reason
from ...loops.trace import guarded_trace, keeps_order
from ..grouping.owes import COUNTED, ROUNDED, SIGNED
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..shared.build import attr, call, clone, const, expr, item, name
from .rows import Picked, Taken, implied, presence, taken

#: Aggregates that are floats whatever the column holds.
FLOATS = frozenset({"mean", "std", "var", "median"})


@dataclass
class PickedRows:
    """The lanes of look-ups in rows that are picked by comparing columns, for one loop.

    `sure` holds the rows that are known to be there where the current expression is evaluated.
    """

    loop: Loop
    column_of: Callable[[ArrayCode, Expr], ast.expr]
    sure: list[set[Picked]] = field(default_factory=list)
    made: dict[tuple[object, ...], ast.expr] = field(default_factory=dict)
    needed: list[ast.expr] = field(default_factory=list)  # the rounds that evaluate the current expression

    def __post_init__(self) -> None:
        guards = {e.guard for e in self.loop.effects}
        guard = next(iter(guards)) if len(guards) == 1 else None
        values = [e.value for e in self.loop.effects]
        whole = Op("tuple", tuple(values)) if len(values) > 1 else values[0]
        # A row that is read before it is known to be there raises; the new code would not.
        self.orderly = keeps_order(self.loop.trace, guarded_trace(guard, whole))
        self.sure.append(implied(guard) if guard is not None else set())

    def lane(self, code: ArrayCode, e: Op) -> Lane | None:
        """The lane of an expression that picks rows, or None if it does nothing of the kind; raises NotVector."""
        if e.name == "if":
            there, missing = implied(e.args[0]), implied(e.args[0], False)
            if not there and not missing:
                return self._chosen(code, e)
            if _reads_one(e.args[1], missing) or _reads_one(e.args[2], there):
                raise code.refuse("a row is read where there is none", e)
            self.sure.append(there | missing)
            count = taken(e.args[0])
            if count is not None:  # `if len(rows):` asks whether there are any
                test = Op("!=", (e.args[0], Const(0, const(0))), getattr(strip(e.args[0]), "node", None))
                e = replace(e, args=(test, *e.args[1:]))
            try:
                return code.computed(e)
            finally:
                self.sure.pop()
        found = presence(e)
        if found is not None:
            return Lane(self._there(code, *found), True, "bool", None)
        what = taken(e)
        if what is None:
            return None
        return self._value(code, e, what) if what.single else self._aggregate(code, what)

    def _chosen(self, code: ArrayCode, e: Op) -> Lane | None:
        """`row of a key if test else b`: a key has to be there in just the rounds that look it up."""
        sides = [[x for x in side.walk() if _one_row(x)] for side in e.args[1:]]
        every = [x for effect in self.loop.effects for x in effect.value.walk() if _one_row(x)]
        if not any(sides) or len(every) != sum(map(len, sides)) or set(sides[0]) & set(sides[1]):
            return None  # looked up elsewhere, too, it would be taken for the same
        test = code.truth(e.args[0])
        if not test.array or len(self.needed) != code.depth:
            return None
        test = code.temp(test, "selected")
        lanes = []
        for side, mask in zip(e.args[1:], (test.node, ast.UnaryOp(ast.Invert(), test.node)), strict=True):
            self.needed.append(mask)
            try:
                lanes.append(code.conditional(side))
            finally:
                self.needed.pop()
        a, b = lanes
        if "text" in (a.dtype, b.dtype):
            raise code.refuse("text and numbers are mixed", e)
        return code.chosen(e, b, a, test.node)

    def _there(self, code: ArrayCode, rows: Picked, there: bool) -> ast.expr:
        """Whether each round has such rows, or has none."""
        if len(rows.by) == 1 and _of_series(code, rows.keys[0]):
            self._keys_owed(code, rows)
            column = item(self._source(rows), const(rows.by[0]))
            found: ast.expr = call(attr(self.keys(code, rows), "isin"), call(attr(column, "dropna")))
            found = self._once(code, (rows, "in"), "known", attr(found, "values"))
            return found if there else ast.UnaryOp(ast.Invert(), found)
        op = ast.GtE() if there else ast.Lt()
        return ast.Compare(self.positions(code, rows, "first"), [op], [const(0)])

    def _source(self, rows: Picked) -> ast.expr:
        """The table, or the part of it that meets a test."""
        table = clone(rows.table.node)
        return item(table, expr(rows.where)) if rows.where else table

    # ------------------------------------------------------------------ the value of one row

    def _value(self, code: ArrayCode, e: Op, what: Taken) -> Lane:
        rows = what.rows
        if what.column in rows.by:
            raise code.refuse("the key itself is looked up", e)
        subject = f"{rows.table.code}[{what.column!r}]"
        code.owe("numeric-columns", subject)
        code.owe("plain-columns", subject)
        if what.by_row:
            code.owe("no-upcast", rows.table.code)
        if what.method == "item":
            code.owe("unique-keys", rows.table.code)
            code.owe("keys-present", rows.table.code)
        end = "last" if what.method == "last" else "first"
        table = self._table(code, rows, end)
        column = item(clone(table), const(what.column))
        python = None if what.by_row else what.python
        if any(rows in known for known in self.sure):
            if not self.orderly:
                raise code.refuse("a row is looked up before it is known to be there", e)
            # Integers beside missing keys become floats: a NaN stands where nothing is read.
            code.owe("small-integers")
            code.mixed = True
            return Lane(attr(call(attr(column, "reindex"), self.keys(code, rows)), "values"), True, "number", python)
        positions = self.positions(code, rows, end) if self.needed or not code.depth else None
        if code.depth and self.orderly and positions is not None and len(self.needed) == code.depth:
            if what.method != "item":
                absent: ast.expr = ast.Compare(positions, [ast.Lt()], [const(0)])
                for mask in self.needed:
                    absent = ast.BinOp(mask, ast.BitAnd(), absent)
                code.raise_if(absent, "IndexError", f"a key is not in {rows.table.code}[{rows.by[0]!r}]")
            code.owe("small-integers")
            code.mixed = True
            return Lane(attr(call(attr(column, "reindex"), self.keys(code, rows)), "values"), True, "number", python)
        if code.depth or positions is None:
            raise code.refuse("a key is looked up under a condition: looking up all of them could raise IndexError", e)
        inside = code.numpy("where", ast.Compare(positions, [ast.Lt()], [const(0)]), call("len", table), positions)
        return Lane(item(attr(column, "values"), inside), True, "number", python)

    def positions(self, code: ArrayCode, rows: Picked, end: str) -> ast.expr:
        """Where the keys of all rounds stand in the table of first rows, -1 where they don't."""
        table = self._table(code, rows, end)
        found = call(attr(clone(table), "index", "get_indexer"), self.keys(code, rows))
        return self._once(code, (rows, end, "at"), "positions", found)

    def _table(self, code: ArrayCode, rows: Picked, end: str) -> ast.expr:
        """The first (or last) row of each key. A missing key is equal to none, itself included."""
        self._keys_owed(code, rows)
        table = self._source(rows)
        by: ast.expr = const(rows.by[0])
        if len(rows.by) > 1:
            by = ast.List([const(b) for b in rows.by], ast.Load())
            known: ast.expr = call(attr(table, "dropna"), subset=clone(by))
        elif rows.where:
            known = call(attr(table, "dropna"), subset=ast.List([clone(by)], ast.Load()))
        else:
            known = item(table, call(attr(item(clone(table), by), "notna")))
        distinct = call(attr(known, "drop_duplicates"), clone(by))
        if end == "last":
            distinct.keywords.append(ast.keyword("keep", const("last")))
        wish = "first_rows" if end == "first" else "last_rows"
        made = call(attr(distinct, "set_index"), clone(by))
        return self._once(code, (rows.table, rows.by, rows.where, end), wish, made)

    # ------------------------------------------------------------------ aggregates

    def _aggregate(self, code: ArrayCode, what: Taken) -> Lane:
        rows, method = what.rows, what.method
        self._keys_owed(code, rows)
        subject = f"{rows.table.code}[{what.column!r}]"
        for by in rows.by:
            code.owe("group-keys", f"{rows.table.code}[{by!r}]")
        if what.measured:
            code.owe("columns-exist", f"{rows.table.code}[{what.measured!r}]")
        if what.column:
            code.owe("columns-exist" if method in ("count", "nunique") else "numeric-columns", subject)
        for owed, methods in (("float-order", ROUNDED), ("float64", ROUNDED), ("signed-zero", SIGNED)):
            if method in methods:
                code.owe(owed, subject)
        if method in ROUNDED:
            code.tolerance = 1e-10
        if method == "sum":
            code.owe("no-overflow", subject)
        if method not in COUNTED:
            code.blended = True  # of no rows pandas makes a float of Python's
        if method in ("min", "max"):
            code.mixed = True  # NaN for keys that are not there makes floats of integers
            code.owe("small-integers")
        return self._reindexed(code, what)

    def _reindexed(self, code: ArrayCode, what: Taken) -> Lane:
        """The aggregate of each group, in the order of the keys of the rounds."""
        rows, method = what.rows, what.method
        table = self._source(rows)
        by: ast.expr = const(rows.by[0])
        if len(rows.by) > 1:
            by = ast.List([const(b) for b in rows.by], ast.Load())
        grouped: ast.expr = call(attr(table, "groupby"), by)
        if what.column:
            grouped = item(grouped, const(what.column))
        of_groups = call(attr(grouped, "size" if method == "matches" else method))
        found = call(attr(of_groups, "reindex"), self.keys(code, rows))
        if method in COUNTED:
            found.keywords.append(ast.keyword("fill_value", const(0)))
        wish = f"{what.column}_{method}" if what.column.isidentifier() else "counts"
        node = self._once(code, (what,), wish, attr(found, "values"))
        dtype = "float" if method in FLOATS else "int" if method in COUNTED and method != "sum" else "number"
        return Lane(node, True, dtype, method in ("size", "nunique"))

    # ------------------------------------------------------------------ keys

    def keys(self, code: ArrayCode, rows: Picked) -> ast.expr:
        """The keys of all rounds."""
        columns = [self.column_of(code, key) for key in rows.keys]
        if len(columns) == 1:
            return columns[0]
        alias = code.site.file.alias("pandas")
        if alias is None:
            raise code.refuse("several columns are compared")
        made = call(attr(name(alias), "MultiIndex", "from_arrays"), ast.List(columns, ast.Load()))
        return self._once(code, (rows, "keys"), "keys", made)

    def _keys_owed(self, code: ArrayCode, rows: Picked) -> None:
        kind = code.site.kind(rows.table.node)
        if kind is not None and kind.name != "frame":
            raise code.refuse(f"`{rows.table.code}` is no frame", reason=Reason.UNKNOWN_KIND)
        for by, key in zip(rows.by, rows.keys, strict=True):
            code.owe("numpy-columns", f"{rows.table.code}[{by!r}]")
            code.owe("matching-keys", ast.unparse(self.column_of(code, key)))
            code.owe("columns-exist", ast.unparse(self.column_of(code, key)))  # also where there is no round
            if rows.held:  # `np.nan in text.values`: text finds it, objects and floats don't
                code.owe("no-missing", f"{rows.table.code}[{by!r}]")

    def _once(self, code: ArrayCode, key: tuple[object, ...], wish: str, node: ast.expr) -> ast.expr:
        if key not in self.made:
            self.made[key] = code.step(wish, node)
        return self.made[key]


def _of_series(code: ArrayCode, key: Expr) -> bool:
    """Whether the keys of all rounds are a column."""
    read = strip(key)
    if not isinstance(read, Read) or read.source.column is not None:
        return isinstance(read, Read)
    kind = code.site.kind(read.source.base.node)
    return kind is not None and kind.name == "series"


def _one_row(e: Expr) -> bool:
    """Whether an expression is the value of one row that is picked."""
    found = taken(e) if isinstance(e, Op) else None
    return found is not None and found.single


def _reads_one(e: Expr, rows: set[Picked]) -> bool:
    """Whether an expression reads the value of a row of these."""
    return any((found := taken(x)) is not None and found.single and found.rows in rows for x in e.walk())
