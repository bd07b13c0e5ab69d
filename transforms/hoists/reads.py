"""Pull element reads out of a loop: columns become arrays once, and a read becomes `columns["c"][i]`.

The arrays are chosen so that an element has the very type that the original read gave (TRAPS table 2.1), and
nothing is read
that a loop of zero rounds would not have read: all columns are taken as they come, none is asked for by name.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field

from ...loops.context import Refused, SiteContext
from ...loops.implicit import Form, ImplicitSite
from ...loops.ir import Access, Const, Expr, Header, HeaderForm, Inv, Label, Read, strip
from ...loops.obligations import Obligation
from ...loops.remarks import Reason
from ..shared.build import assign, attr, binop, call, clone, const, expr, filled, item, name, store
from ..shared.helpers import helper
from ..shared.syntax import stem

#: Accesses that cost a hundred times an array read.
HOISTED = frozenset(
    {Access.ILOC, Access.IAT, Access.VALUES, Access.ROW, Access.ROW_ILOC, Access.LABEL, Access.ROW_LABEL}
)
#: The array whose elements are those of `.iloc[i]`.
ELEMENTS = 'series.values if series.dtype.kind in "biuf" else series.array'
#: The columns with elements as `iterrows` hands them out. pandas converts a row that is all text, all dates or all
#: durations but for missing values, as a whole. One with a number or a truth value in it is never converted, one of
#: text alone is not changed by it: both are taken as they are. In one of text and NaN each NaN becomes the same object,
#: which a set tells from others.
COLUMNS_AS_READ = """\
def {{name}}(frame):
    \"\"\"The columns of a frame, with each value as `frame.iterrows()` hands it out.\"\"\"
    numbers = frame.select_dtypes(["int64", "float64", "bool"])
    has_number = numbers.astype("float64").notna().any(axis=1)
    rows = [
        values if number or {{{{*map(type, values)}}}} == {{{{str}}}} else {pd}.Series(values).array
        for values, number in zip(frame.values, has_number)
    ]
    return dict(zip(frame.columns, zip(*rows)))
"""
#: Columns with elements as `apply` hands them to a function of rows: of one common type, as objects if there is none.
#: Categories go over their elements as Python's, and give them one by one as NumPy's.
APPLIED_COLUMNS = (
    "dict(zip(frame.columns, frame.values.T)) if frame.iloc[0].dtype == object else "
    "{name: [*map(column.array.__getitem__, range(len(frame)))] if column.dtype == 'category' else column.array "
    "for name, column in frame.astype(object).astype(frame.iloc[0].dtype).items()}"
)
#: The builtins named there.
ROW_TYPES = ("map", "type", "str", "object", "zip", "dict")


def inside(header: Header, read: Read) -> bool:
    """Whether a label is there on every round: `df.loc[-1]` raises where `x[-1]` would be the last element."""
    span = header.span
    if read.offset == 0 and (span is None or span.first is None or span.first >= 0):
        return True
    return has_row(header, read.source.base.code, read.offset)


def has_row(header: Header, table: str, offset: int) -> bool:
    """Whether a table has a row at the position of every round plus an offset."""
    span = header.span
    if span is None or span.of is None or span.first is None:
        return False
    return span.of.code == table and span.first + offset >= 0 and span.delta + offset <= 0


@dataclass
class Hoist:
    """Collects what has to stand before the loop, and gives the new form of each read."""

    site: SiteContext
    header: Header
    prelude: list[ast.stmt] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    imports: tuple[str, ...] = ()
    #: Give each element as iterrows converts its row, whatever the frame holds; without, `plain-rows` has to hold.
    exact: bool = False
    position: str = ""
    label: str | None = None
    floats: str = ""  # the name that says whether all columns hold floats
    taken: set[str] = field(default_factory=set)
    _tables: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.header.table is not None and isinstance(self.header.table.node, ast.Name):
            self.taken.add(self.header.table.node.id)  # it may be a name that the new code makes
        self.position = self.header.position_name or self.fresh("i", "k", "row_number")

    def fresh(self, *wishes: str) -> str:
        """A name that neither the code nor what was made so far uses."""
        wishes = tuple(w for w in wishes if w not in self.taken) or (wishes[-1] + "_2",)
        found = self.site.fresh(*wishes)
        self.taken.add(found)
        return found

    def can(self, read: Read) -> bool:
        """Whether this read is one that is pulled out; one by label only where labels are surely positions."""
        if read.access.by_label and not self._by_row_label():
            kind = self.site.kind(read.source.base.node)
            return read.name is None and kind is not None and kind.range_index and inside(self.header, read)
        return read.name is None and read.access in HOISTED

    def read(self, read: Read) -> ast.expr:
        """The new form of a read."""
        base, column = read.source.base, read.source.column
        where = self.at(read.offset)
        if read.access.by_label:
            self._positional_labels(read)
        if column is None:
            return item(name(self._series(base, read)), where)
        if (self.exact or read.access is not Access.ROW) and isinstance(column, Const) and read.source.by_attribute:
            return item(attr(name(self._fields(base, read.access)), column.value), where)
        key = clone(_node(column))
        return item(item(name(self._columns(base, read.access)), key), where)

    def at(self, offset: int) -> ast.expr:
        """`i`, `i + 1`, `i - 1`."""
        if offset == 0:
            return name(self.position)
        return binop(name(self.position), ast.Add() if offset > 0 else ast.Sub(), const(abs(offset)))

    def _positional_labels(self, read: Read) -> None:
        """A row read by its own label is the row of the round where labels are unique."""
        if self._by_row_label():
            self.owe(Obligation("unique-index", (f"{read.source.base.code}.index",)))

    def _by_row_label(self) -> bool:
        return self.header.form in (HeaderForm.LABELS, HeaderForm.ITERROWS, HeaderForm.ITERTUPLES)

    def owe(self, obligation: Obligation) -> None:
        if obligation not in self.obligations:
            self.obligations.append(obligation)

    def _series(self, base: Inv, read: Read) -> str:
        key = (base.code, "values" if read.access is Access.VALUES else "array")
        if key not in self._tables:
            self._tables[key] = self.fresh(f"{stem(base.node, 'column')}_values", "element_values")
            plain = read.access is Access.VALUES or read.dtype
            value = attr(clone(base.node), "values") if plain else elements(clone(base.node))
            self.prelude.append(assign(self._tables[key], value))
        return self._tables[key]

    def row_columns(self, frame: Inv) -> str:
        """The name of the dict of columns with elements as rows have them, made before the loop."""
        return self._columns(frame, Access.ROW)

    def _columns(self, frame: Inv, access: Access) -> str:
        """The name of the dict of column arrays, made before the loop."""
        group = "iloc-row" if access.of_row else {Access.ROW: "row", Access.VALUES: "values"}.get(access, "array")
        key = (frame.code, group)
        if key in self._tables:
            return self._tables[key]
        first = not self._tables
        table = self.fresh(
            *(["columns"] if first else []),
            f"{stem(frame.node, 'column')}_columns",
            f"{stem(frame.node, 'column')}_{group.replace('-', '_')}_columns",
        )
        self._tables[key] = table
        node = clone(frame.node)
        match group:
            case "row":
                self.prelude.append(assign(table, self._columns_of_rows(node)))
            case "iloc-row":
                rows = self.fresh(f"{stem(frame.node, 'column')}_rows", "rows_as_read")
                common = attr(item(attr(node, "iloc"), const(0)), "dtype")
                mixed = ast.Compare(common, [ast.NotEq()], [name("object")])
                test = ast.BoolOp(ast.And(), [call("len", clone(frame.node)), mixed])
                cast = call(attr(clone(frame.node), "astype"), clone(common))
                self.prelude.append(assign(rows, ast.IfExp(test, cast, clone(frame.node))))
                self.prelude.append(assign(table, _items(name(rows), "array")))
            case _:
                self.prelude.append(assign(table, _items(node, "values" if group == "values" else "array")))
        return table

    def _columns_of_rows(self, frame: ast.expr) -> ast.expr:
        """The columns with elements as rows have them: those of iterrows, or those that `apply` hands out."""
        if self.exact and isinstance(self.site, ImplicitSite) and self.site.form is Form.ROWS:
            return filled(expr(APPLIED_COLUMNS), {"frame": frame})
        if self.exact:
            return call(self._as_read(), frame)
        return call("dict", call("zip", attr(frame, "columns"), attr(clone(frame), "values", "T")))

    def _as_read(self) -> str:
        """The name of the function that gives the columns as iterrows hands out their values."""
        found = _as_read(self.site)
        if found is None:
            raise Refused(Reason.SCOPE, self.site.loop, "the name `_columns_as_read` is taken in this file")
        pd = self.site.file.alias("pandas")
        self.imports = (*self.imports, *(() if pd else ("import pandas as pd",)), *found[1])
        return found[0]

    def _fields(self, frame: Inv, access: Access) -> str:
        """The name of an object with the columns as attributes: one that is missing raises what the loop raised."""
        columns = self._columns(frame, access)
        key = (columns, "fields")
        if key not in self._tables:
            fields = self._tables[key] = self.fresh("fields", f"{columns}_fields")
            self.imports = (*self.imports, "from types import SimpleNamespace")
            update = call(attr(call("vars", name(fields)), "update"), name(columns))
            self.prelude += [assign(fields, call("SimpleNamespace")), ast.Expr(update)]
        return self._tables[key]

    def header_iter(self) -> tuple[ast.expr, ast.expr]:
        """The new target and iterable of the loop: positions, with the label where it is used."""
        frame = self.header.table
        assert frame is not None
        if self.label is None:
            return store(self.position), self.shown(call("range", call("len", clone(frame.node))))
        target = ast.Tuple([store(self.position), store(self.label)], ast.Store())
        return target, call("enumerate", self.shown(attr(clone(frame.node), "index")))

    def shown(self, iterable: ast.expr) -> ast.expr:
        """The iterable in the author's `tqdm(...)`, if there is one."""
        if self.header.progress is None:
            return iterable
        wrapper = self.header.progress
        return ast.Call(clone(wrapper.func), [iterable, *map(clone, wrapper.args[1:])], copy.deepcopy(wrapper.keywords))

    def label_read(self, label: Label) -> ast.expr:
        """The name that holds the row's label."""
        if self.label is None:
            self.label = self._label_name()
        return name(self.label)

    def _label_name(self) -> str:
        for bound, what in self.header.binds.items():
            if isinstance(what, Label) and bound != "_":
                return bound
        return self.fresh("label", "row_label")


def elements(series: ast.expr) -> ast.expr:
    """What hands out the scalars that `.iloc[i]` gives: `.values` does for numbers, twice as fast."""
    return filled(expr(ELEMENTS), {"series": series})


def converts(site: SiteContext) -> bool:
    """Whether the code that converts rows as iterrows does means there what it says."""
    return all(site.dotted(name(b)) == f"builtins.{b}" for b in ROW_TYPES) and _as_read(site) is not None


def _as_read(site: SiteContext) -> tuple[str, tuple[str, ...]] | None:
    """The function that converts rows, and what the file needs to have it; None where its name is not free."""
    pd = site.file.alias("pandas")
    return helper(site, "_columns_as_read", COLUMNS_AS_READ.format(pd=pd or "pd"))


def _items(frame: ast.expr, attribute: str) -> ast.expr:
    generator = ast.comprehension(
        ast.Tuple([store("name"), store("column")], ast.Store()), call(attr(frame, "items")), [], 0
    )
    taken = elements(name("column")) if attribute == "array" else attr(name("column"), attribute)
    return ast.DictComp(name("name"), taken, [generator])


def _node(e: Expr) -> ast.expr:
    inner = strip(e)
    if isinstance(inner, (Const, Inv)):
        return inner.node
    raise TypeError(f"no syntax for {inner!r}")
