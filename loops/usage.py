"""What the accesses to a name give away: only a frame has `.iterrows`, and is read by column name beside `.index`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .index import Index
from .scopes import Scope
from .walk import walk

FRAME_ONLY = frozenset(
    {
        *("iterrows", "itertuples", "columns", "groupby", "merge", "pivot", "pivot_table", "set_index", "to_excel"),
        *("select_dtypes", "melt", "query", "assign", "iteritems"),
    }
)
SERIES_ONLY = frozenset({"dt", "cat", "is_monotonic_increasing", "to_frame"})
COLUMN_ACCESS = frozenset(
    {"iloc", "iat", "unique", "fillna", "isna", "astype", "map", "dt", "str", "rolling", "shift"},
)
PANDAS_ATTRIBUTES = frozenset({"index", "loc", "iloc", "shape", "at", "empty", "dropna", "reset_index", "sort_values"})
INDEXERS = frozenset({"iloc", "loc", "at", "iat"})
#: Methods that take names of columns.
OF_COLUMNS = frozenset({"dropna", "drop", "drop_duplicates", "duplicated", "rename", "reindex"})
#: What a dict has, too.
OF_DICTS = frozenset({"clear", "get", "items", "keys", "pop", "popitem", "setdefault", "update"})
#: Calls that say something of what they are given, or called on.
_TELLING = OF_COLUMNS | {"range", "zip", "zeros", "ones", "empty", "full", "sort_values"}

Found = tuple[str, str, int]


@dataclass
class Uses:
    """The accesses to each name in one scope, and what they say."""

    said: dict[str, list[Found]] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # frame -> rows taken out of it with .iloc
    by_column: dict[str, int] = field(default_factory=dict)  # names read by a literal key
    by_attribute: dict[str, int] = field(default_factory=dict)  # names with an attribute that is read by position
    attributes: dict[str, int] = field(default_factory=dict)  # names with a pandas attribute
    gone_over: set[str] = field(default_factory=set)  # names with `range(len(name))`, or something as long as they are
    positions: dict[str, int] = field(default_factory=dict)  # names with one element taken out with .iloc
    stored: set[str] = field(default_factory=set)  # names with a store by a literal key
    dicts: set[str] = field(default_factory=set)  # names used as a dict is
    cells: dict[str, tuple[int, str]] = field(default_factory=dict)  # names with an element read by two numbers: which
    wide: set[str] = field(default_factory=set)  # names that are asked for their width, or for two lengths
    zipped: set[str] = field(default_factory=set)  # names of which several columns are gone through side by side

    def kind(self, name: str) -> Found | None:
        """(kind, why, line) of a name, or None when nothing gives it away."""
        if name in self.said:
            return self.said[name][0]
        for row, line in self.rows.get(name, ()):
            if row in self.by_column:
                return "frame", "row access", line
        if name in self.by_column and name in self.attributes:
            return "frame", "columns read by name, and pandas attributes", self.attributes[name]
        return None

    def guess(self, name: str, pandas: bool) -> Found | None:
        """The kind that a name most likely has, where nothing gives it away: one more thing that has to hold.

        A dict of lists gets new keys, too, but `range(len(d))` goes over its rows by mistake only.
        """
        if name in self.positions and name not in self.by_column and name not in self.rows:
            return "series", "elements taken out by position", self.positions[name]
        if name in self.by_attribute and name in self.gone_over:
            return "frame", "columns read as attributes, and as many rounds", self.by_attribute[name]
        if name in self.cells and name not in self.by_column and self._wide(self.cells[name][1]):
            return "ndarray", "elements read by two numbers, and a width", self.cells[name][0]
        likely = self.gone_over | (self.zipped & self.stored)
        if pandas:
            likely |= self.stored | self.zipped
        if name not in self.by_column or name in self.dicts or name not in likely:
            return None
        return "frame", "columns read by name, and side by side, as many rounds, or a new one", self.by_column[name]

    def _wide(self, place: str) -> bool:
        """Whether a table that has a width, this one or another, is read by the same two numbers."""
        return any(name in self.wide and where == place for name, (_, where) in self.cells.items())

    def note(self, nodes: Iterable[ast.AST]) -> None:
        """Take nodes into account, in this order."""
        noting: dict[type[ast.AST], Callable[..., None]] = {
            ast.Attribute: self._note_attribute,
            ast.Subscript: self._note_subscript,
            ast.Call: self._note_call,
            ast.Assign: self._note_assignment,
        }
        for node in nodes:
            if (note := noting.get(node.__class__)) is not None:
                note(node)

    def _note_attribute(self, node: ast.Attribute) -> None:
        match node.value:
            case ast.Name(id=name):
                self._attribute(name, node.attr, node.lineno)
            case ast.Attribute(value=ast.Name(id=name), attr=column) if (
                node.attr in ("iloc", "iat") and column not in PANDAS_ATTRIBUTES
            ):
                self.by_attribute.setdefault(name, node.lineno)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())) if node.attr in COLUMN_ACCESS:
                self._say(name, "pandas access to a column", node.lineno)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Name()) if node.attr in ("iloc", "iat"):
                self.by_column.setdefault(name, node.lineno)

    def _note_subscript(self, node: ast.Subscript) -> None:
        match node:
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr=attr), slice=ast.Tuple(elts=[_, _])):
                if attr in INDEXERS:
                    self._say(name, "two-dimensional access", node.lineno)
            case ast.Subscript(
                value=ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="iloc" | "loc")),
                slice=ast.Constant(value=str()),
            ):
                self._say(name, "row access", node.lineno)
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=1)):
                self.wide.add(name)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[ast.Name(id=row), ast.Name(id=column)])):
                self.cells.setdefault(name, (node.lineno, f"{row}, {column}"))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str()), ctx=context):
                self.by_column.setdefault(name, node.lineno)
                if isinstance(context, ast.Store):
                    self.stored.add(name)
            case ast.Subscript(
                value=ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name), attr="loc"),
                slice=ast.Compare(left=ast.Attribute(value=ast.Name(id=base)), ops=[ast.Eq()]),
            ) if base == name:
                self._say(name, "rows picked by a column", node.lineno)
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="iloc" | "iat"), slice=index) if (
                not isinstance(index, (ast.Slice, ast.Tuple))
            ):
                self.positions.setdefault(name, node.lineno)

    def _note_call(self, node: ast.Call) -> None:
        func = node.func
        called = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
        if called not in _TELLING:
            return
        match node:
            case (
                ast.Call(
                    func=ast.Name(id="range"),
                    args=[
                        *_,
                        ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])
                        | ast.Subscript(
                            value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=0)
                        ),
                    ],
                )
                | ast.Call(
                    func=ast.Attribute(attr="zeros" | "ones" | "empty" | "full"),
                    args=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]), *_],
                )
            ):
                self.gone_over.add(name)
            case ast.Call(
                func=ast.Name(id="zip"),
                args=[
                    ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())),
                    *_,
                    ast.Subscript(value=ast.Name(id=other), slice=ast.Constant(value=str())),
                ],
            ) if name == other:
                self.zipped.add(name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="sort_values"),
                args=[ast.Constant(value=str()) | ast.List(), *_],
            ):
                self._say(name, "sorted by a column", node.lineno)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), keywords=keywords) if (
                method in OF_COLUMNS and any(k.arg in ("subset", "columns") for k in keywords)
            ):
                self._say(name, "columns named in a call", node.lineno)

    def _note_assignment(self, node: ast.Assign) -> None:
        match node:
            case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])):
                self.gone_over.add(name)
            case ast.Assign(
                targets=[ast.Tuple(elts=[_, _])], value=ast.Attribute(value=ast.Name(id=name), attr="shape")
            ):
                self.wide.add(name)
            case ast.Assign(targets=[ast.Name() as row], value=value):
                self._row(row, value)
            case ast.Assign(targets=[ast.Tuple(elts=rows)], value=ast.Tuple(elts=values)) if len(rows) == len(values):
                for target, what in zip(rows, values, strict=True):
                    self._row(target, what)

    def _row(self, target: ast.expr, value: ast.expr) -> None:
        """Note that a name is bound to a row taken out by position."""
        match target, value:
            case (
                ast.Name(id=row),
                ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="iloc"), slice=index),
            ) if not isinstance(index, (ast.Slice, ast.Tuple)):
                self.rows.setdefault(name, []).append((row, value.lineno))

    def _attribute(self, name: str, attr: str, line: int) -> None:
        if attr in OF_DICTS:
            self.dicts.add(name)
        if attr in FRAME_ONLY:
            self._say(name, f"use of .{attr}", line)
        elif attr in SERIES_ONLY:
            self.said.setdefault(name, []).append(("series", f"use of .{attr}", line))
        elif attr in PANDAS_ATTRIBUTES:
            self.attributes.setdefault(name, line)

    def _say(self, name: str, why: str, line: int) -> None:
        self.said.setdefault(name, []).append(("frame", why, line))


class UseIndex:
    """Uses by scope, collected once per scope."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._scopes: dict[int, Uses] = {}

    def of(self, scope: Scope) -> Uses:
        if id(scope) not in self._scopes:
            uses = self._scopes[id(scope)] = Uses()
            uses.note(self._index.everything() if scope.parent is None else walk(scope.node))
        return self._scopes[id(scope)]
