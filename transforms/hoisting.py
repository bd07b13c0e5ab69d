"""Pull element reads out of a loop: columns become arrays once, and a read becomes `columns["c"][i]`.

The arrays are chosen so that an element has the very type that the original read gave (TRAPS table 2.1), and
nothing is read
that a loop of zero rounds would not have read: all columns are taken as they come, none is asked for by name.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field

from ..loops.context import SiteContext
from ..loops.ir import Access, Const, Expr, Header, HeaderForm, Inv, Label, Read, strip
from ..loops.obligations import Obligation
from .build import assign, attr, binop, call, clone, const, item, name, store
from .syntax import stem

#: Accesses that cost a hundred times an array read.
HOISTED = frozenset({Access.ILOC, Access.IAT, Access.VALUES, Access.ROW, Access.ROW_ILOC, Access.LABEL})


def inside(header: Header, read: Read) -> bool:
    """Whether a label is there on every round: `df.loc[-1]` raises where `x[-1]` would be the last element."""
    if read.offset == 0:
        return True
    span = header.span
    if span is None or span.of is None or span.first is None:
        return False
    same = span.of.code == read.source.base.code
    return same and span.first + read.offset >= 0 and span.delta + read.offset <= 0


@dataclass
class Hoist:
    """Collects what has to stand before the loop, and gives the new form of each read."""

    site: SiteContext
    header: Header
    prelude: list[ast.stmt] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    position: str = ""
    label: str | None = None
    taken: set[str] = field(default_factory=set)
    _tables: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.position = self.header.position_name or self._fresh("i", "k", "row_number")

    def _fresh(self, *wishes: str) -> str:
        wishes = tuple(w for w in wishes if w not in self.taken) or (wishes[-1] + "_2",)
        found = self.site.fresh(*wishes)
        self.taken.add(found)
        return found

    def can(self, read: Read) -> bool:
        """Whether this read is one that is pulled out; one by label only where labels are surely positions."""
        if read.access is Access.LABEL and not self._by_row_label():
            kind = self.site.kind(read.source.base.node)
            return read.name is None and kind is not None and kind.range_index and inside(self.header, read)
        return read.name is None and read.access in HOISTED

    def read(self, read: Read) -> ast.expr:
        """The new form of a read."""
        base, column = read.source.base, read.source.column
        where = self.at(read.offset)
        if read.access is Access.LABEL:
            self._positional_labels(read)
        if column is None:
            return item(name(self._series(base, read)), where)
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
            self._tables[key] = self._fresh(f"{stem(base.node, 'column')}_values", "element_values")
            value = attr(clone(base.node), "values" if read.access is Access.VALUES or read.dtype else "array")
            self.prelude.append(assign(self._tables[key], value))
        return self._tables[key]

    def _columns(self, frame: Inv, access: Access) -> str:
        """The name of the dict of column arrays, made before the loop."""
        group = {Access.ROW: "row", Access.ROW_ILOC: "iloc-row", Access.VALUES: "values"}.get(access, "array")
        key = (frame.code, group)
        if key in self._tables:
            return self._tables[key]
        first = not self._tables
        table = self._fresh(
            *(["columns"] if first else []),
            f"{stem(frame.node, 'column')}_columns",
            f"{stem(frame.node, 'column')}_{group.replace('-', '_')}_columns",
        )
        self._tables[key] = table
        node = clone(frame.node)
        match group:
            case "row":
                self.prelude.append(
                    assign(table, call("dict", call("zip", attr(node, "columns"), attr(node, "values", "T"))))
                )
            case "iloc-row":
                rows = self._fresh(f"{stem(frame.node, 'column')}_rows", "rows_as_read")
                common = attr(item(attr(node, "iloc"), const(0)), "dtype")
                mixed = ast.Compare(common, [ast.NotEq()], [name("object")])
                test = ast.BoolOp(ast.And(), [call("len", clone(frame.node)), mixed])
                cast = call(attr(clone(frame.node), "astype"), clone(common))
                self.prelude.append(assign(rows, ast.IfExp(test, cast, clone(frame.node))))
                self.prelude.append(assign(table, _items(name(rows), "array")))
            case _:
                self.prelude.append(assign(table, _items(node, "values" if group == "values" else "array")))
        return table

    def header_iter(self) -> tuple[ast.expr, ast.expr]:
        """The new target and iterable of the loop: positions, with the label where it is used."""
        frame = self.header.table
        assert frame is not None
        if self.label is None:
            return store(self.position), self._shown(call("range", call("len", clone(frame.node))))
        target = ast.Tuple([store(self.position), store(self.label)], ast.Store())
        return target, call("enumerate", self._shown(attr(clone(frame.node), "index")))

    def _shown(self, iterable: ast.expr) -> ast.expr:
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
        return self._fresh("label", "row_label")


def _items(frame: ast.expr, attribute: str) -> ast.expr:
    generator = ast.comprehension(
        ast.Tuple([store("name"), store("column")], ast.Store()), call(attr(frame, "items")), [], 0
    )
    return ast.DictComp(name("name"), attr(name("column"), attribute), [generator])


def _node(e: Expr) -> ast.expr:
    inner = strip(e)
    if isinstance(inner, (Const, Inv)):
        return inner.node
    raise TypeError(f"no syntax for {inner!r}")
