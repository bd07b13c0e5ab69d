"""Decides what a value is of which the uses are known, and writes the specification of inputs that follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from .shapes import MISSING, STATED, Shape, Spec
from .text_flags import text_spec

_ROW_ATTRIBUTES = frozenset({"name", "Index", "index", "_fields"})
_FRAME_ATTRIBUTES = frozenset(
    ["columns", "index", "shape", "values", "iloc", "loc", "at", "iat", "empty", "size", "dtypes", "T", "name"]
)
#: How many columns tables have beside which something is read that is as long.
_AS_WIDE = 3
#: At most so many columns whose names the code looks for in all names.
_LOOKED_FOR = 6
#: Kinds of cells that columns are made of where nothing reads them.
_STORED = frozenset({"num", "int", "float", "str", "bool", "datetime"})
_PLAIN = (str, int, float, bool, type(None))


class Resolver:
    """Decides on one kind for each shape and writes the specification."""

    def __init__(self) -> None:
        self._pools: dict[int, int] = {}
        self._depth = 0

    def spec(self, shape: Shape) -> Spec:
        """The specification of a parameter or of anything inside of one."""
        me = shape.settle()
        if self._depth > 6:
            return {"t": "any"}
        self._depth += 1
        try:
            return self._spec(me)
        finally:
            self._depth -= 1

    def _spec(self, me: Shape) -> Spec:
        kind = self._kind(me)
        found = {
            "frame": self._frame,
            "series": self._series,
            "ndarray": self._sequence,
            "list": self._sequence,
            "set": self._sequence,
            "iterator": self._sequence,
            "files": self._sequence,
            "record": self._record,
            "dict": self._dict,
            "tuple": self._tuple,
            "object": self._object,
        }.get(kind, self._scalar)(me, kind)
        if me.votes[kind] >= STATED:
            found["stated"] = True
        if "optional" in me.flags:
            found["optional"] = True
        return found

    def _kind(self, me: Shape) -> str:
        stated = [k for k, w in me.votes.items() if w >= STATED]
        if stated:
            kind = max(stated, key=lambda k: me.votes[k])
            if kind == "dict" and me.fields and all(_only_stated(s) for s in (me._elem, me._key)):
                return "record"
            if kind == "list" and (me.fields or me.votes["frame"] or (me.has_elem and "row" in me.elem.flags)):
                return "frame"
            return kind
        if me.votes["object"]:
            return "object"
        if self._of_rows(me) and not (me.votes["list"] > 0.3 or me.votes["series"] or me.votes["pandas"]):
            return "ndarray"
        if me.votes["frame"] or (me.votes["pandas"] and self._frame_like(me)):
            return "frame"
        if me.votes["series"] or me.votes["pandas"]:
            return "series"
        if me.votes["ndarray"]:
            return "ndarray"
        if me.fields:
            return self._keyed(me)
        for kind in ("dict", "set", "iterator", "list"):
            if me.votes[kind] and me.votes[kind] >= me.votes["str"]:
                return kind
        if me.votes["str"]:
            return "str"
        if me.votes["tuple"]:
            return "tuple"
        if me.has_elem:
            return "list"
        if me.items:
            return "tuple"
        data = [a for a in me.attrs if a not in _ROW_ATTRIBUTES]
        named = bool(me.attrs) and not me.votes.total()  # `p.name` alone
        return "object" if (data or named) and not me.votes["number"] else self._scalar_kind(me)

    def _of_rows(self, me: Shape) -> bool:
        """Whether the elements of a sequence are reduced: it is an array of rows, if it is one."""
        if not me.has_elem or me.votes["frame"] or "reduced" in me.flags:
            return False
        return "reduced" in me.elem.flags and not me.elem.flags & {"row", "single"}

    def _frame_like(self, me: Shape) -> bool:
        row = me.elem if me.has_elem else None
        return bool(me.fields or me.votes["frame"] or (row and (row.fields or "row" in row.flags)))

    def _keyed(self, me: Shape) -> str:
        """`x["c"]` with nothing else known: a frame when the fields are used as columns or the rows are counted."""
        columns = any(self._is_sequence(f) for f in me.fields.values()) and self._depth == 1
        if any(f.has_elem and (f.elem.fields or f.elem.items) for f in map(Shape.find, me.fields.values())):
            return "record"
        if me.votes["dict"] and not columns:
            return "record"
        return "frame" if columns or (me.has_elem and "row" not in me.flags) or "len" in me.flags else "record"

    def _is_sequence(self, shape: Shape) -> bool:
        f = shape.find()
        return f.has_elem or bool(f.votes["series"] or f.votes["pandas"] or f.votes["ndarray"])

    def _columns(self, me: Shape) -> dict[str, Shape]:
        """Column name -> element, from `df["c"]`, `df.c`, and rows."""
        found: dict[str, Shape] = {}

        def add(name: str, element: Shape) -> None:
            found[name] = found[name].unify(element) if name in found else element

        row = me.elem if me.has_elem else Shape()
        for name, column in list(me.fields.items()):
            add(name, _as_element(column.find()))
        for name, column in list(me.attrs.items()):
            if name not in _FRAME_ATTRIBUTES and not column.find().votes["callable"]:
                add(name, _as_element(column.find()))
        attributes = ((name, cell) for name, cell in row.attrs.items() if name not in _ROW_ATTRIBUTES)
        for name, cell in [*row.fields.items(), *attributes]:
            if name not in me.written or name in me.cells:
                add(name, cell)
        return found

    def _frame(self, me: Shape, kind: str) -> Spec:
        columns = {name: self.spec(cell) for name, cell in self._columns(me).items()}
        named = me.attrs["columns"].find().literals if "columns" in me.attrs else []
        for name in [v for v in named if isinstance(v, str)][:_LOOKED_FOR]:
            columns.setdefault(name, {"t": "num"})
        spec: Spec = {"t": "frame", "cols": columns, "free": "columns" in me.flags or not columns}
        columns |= {name: self._stored(me, name) for name in sorted(me.cells - {*columns}) if name in me.written}
        if me.index_used is not None:
            spec["index"] = self._scalar(me.index, "")
        if any("table key" in c.get("flags", []) for c in columns.values()):
            spec["lookup"] = True
        for flag in sorted(f for f in me.flags if f.startswith("combined:")):
            spec["combined"] = flag.removeprefix("combined:").split("\n")
        return spec | self._role(me)

    def _stored(self, me: Shape, name: str) -> Spec:
        """A column that is only stored into, cell by cell: it may be there, and holds what is stored."""
        cell = self.spec(_as_element(me.written[name].find()))
        cell = cell if cell["t"] in _STORED else {"t": "num"}
        return cell | {"flags": [*cell.get("flags", ()), "optional column"]}

    def _series(self, me: Shape, kind: str) -> Spec:
        spec: Spec = {"t": "series", "elem": self.spec(me.elem)}
        if me.index_used is not None:
            spec["index"] = self._scalar(me.index, "")
        return spec | self._role(me)

    def _role(self, me: Shape) -> Spec:
        return {"lookup": True} if "table" in me.flags and "iterated" not in me.flags else {}

    def _sequence(self, me: Shape, kind: str) -> Spec:
        if "parts" in me.flags and me.items:
            asked = {name: True for name, flag in (("may be empty", "truthy"), ("counted", "len")) if flag in me.flags}
            return {"t": "tuple", "items": self._parts(me), "cells": True, **asked}
        names = {"ndarray": "array"}
        if kind == "ndarray" and self._of_rows(me):
            me.flag("2d")
        for shape in me.items.values():
            if kind != "ndarray" or "2d" not in me.flags:
                me.elem.unify(shape)
        spec: Spec = {"t": names.get(kind, kind), "elem": self.spec(me.elem)}
        if "2d" in me.flags:
            width = max([k for k in me.items if k >= 0] + [max(me.elem.items, default=0), 1]) + 1
            spec["width"] = _tied_to_columns(me, width)
        if me.size is not None:
            spec["fixed"] = me.size
        if isinstance(me.value, (list, tuple, set, frozenset)):
            spec["usual"] = len(me.value)
        if kind == "set" and me.literals:
            spec["lits"] = _plain(me.literals)
        if "member" in me.elem.flags and "iterated" not in me.flags:
            spec["asked"] = True  # for what is in it only: of an iterator, the first answer would use up a part
        return spec | self._role(me)

    def _record(self, me: Shape, kind: str) -> Spec:
        return {"t": "record", "items": {k: self.spec(v) for k, v in me.fields.items()}}

    def _dict(self, me: Shape, kind: str) -> Spec:
        key = self._scalar(me.key, "") if me.key_used is not None else {"t": "str"}
        if key["t"] in ("any", "num"):
            key = {**key, "t": "str"}
        return {"t": "dict", "key": key, "elem": self.spec(me.elem)} | self._role(me)

    def _tuple(self, me: Shape, kind: str) -> Spec:
        if not me.items:
            return {"t": "list", "elem": self.spec(me.elem), "tuple": True}
        width = max(me.items) + 1 if max(me.items) >= 0 else 3
        return {"t": "tuple", "items": [self.spec(me.items.get(k, Shape("number"))) for k in range(width)]}

    def _object(self, me: Shape, kind: str) -> Spec:
        cls = next((f.removeprefix("class:") for f in sorted(me.flags) if f.startswith("class:")), "")
        return {"t": "object", "cls": cls, "attrs": {k: self.spec(v) for k, v in me.attrs.items()}}

    def _scalar_kind(self, me: Shape) -> str:
        votes = me.votes
        texts = any(isinstance(v, str) for v in me.literals)
        numbers = any(isinstance(v, (int, float)) and not isinstance(v, bool) for v in me.literals)
        if votes["callable"]:
            return "callable"
        if votes["rng"]:
            return "rng"
        if votes["datetime"] or votes["date"] or votes["timedelta"]:
            return max(("datetime", "date", "timedelta"), key=lambda k: votes[k])
        if votes["str"] or (texts and votes["str"] >= votes["number"]):
            return "str"
        if votes["index"] and not votes["float"]:
            return "int"
        if votes["int"] or votes["float"] or votes["number"] or numbers:
            return "int" if votes["int"] > votes["float"] + votes["number"] else "num"
        return "bool" if votes["bool"] else "any"

    def _scalar(self, me: Shape, kind: str) -> Spec:
        kind = kind or self._scalar_kind(me)
        kind = {"float": "float", "number": "num"}.get(kind, kind)
        spec: Spec = {"t": kind}
        literals = _plain(me.literals)
        if literals:
            spec["lits"] = literals
        if moments := [v.isoformat() for v in me.literals if isinstance(v, dt.datetime) and v.tzinfo is None]:
            spec["moments"] = moments
        if spans := spans_of(me.literals):
            spec["spans"] = spans
        if me.value is not MISSING and isinstance(me.value, _PLAIN):
            spec["value"] = me.value
        for name in (
            "len",
            "length",
            "small",
            "positive",
            "numeric-text",
            "integer-text",
            "key",
            "truthy",
            "bound",
            "position",
            "table key",
            "member",
            "optional column",
            "column name",
            "looked up",
            "may be missing",
            "missing",
            "path",
            "url",
            "line",
            "any case",
            "blanks before",
            "blanks after",
        ):
            if name in me.flags:
                spec.setdefault("flags", []).append(name)
        spec |= text_spec(me.flags)
        if me.split:
            spec["split"] = self._split(*me.split)
        pool = self._pool(me)
        if pool is not None:
            spec["pool"] = pool
        return spec

    def _split(self, separator: str | None, parts: Shape) -> Spec:
        """What a text is split by, and into what."""
        me = parts.find()
        found: Spec = {"sep": separator, "parts": self._parts(me)}
        found |= {
            name: True
            for name, flag in (("quoted", "quoted"), ("exact", "exact"), ("counted", "len"))
            if flag in me.flags
        }
        if "named" in me.flags:
            return found | {"names": [*me.fields], "parts": [self.spec(f) for f in me.fields.values()]}
        if "iterated" in me.flags and me.has_elem and not me.items:
            return found | {"many": True, "parts": [self.spec(me.elem)]}
        return found

    def _parts(self, parts: Shape) -> list[Spec]:
        me = parts.find()
        width = max([k for k in me.items if k >= 0], default=1) + 1
        width = max(width, *(-k for k in me.items if k < 0), 2)
        default = me.elem if me.has_elem else Shape("str")
        return [self.spec(me.items.get(k) or me.items.get(k - width) or default) for k in range(width)]

    def _pool(self, me: Shape) -> int | None:
        group = list(_group(me))
        if len(group) < 2:
            return None
        known = next((self._pools[id(s)] for s in group if id(s) in self._pools), len(set(self._pools.values())))
        for s in group:
            self._pools[id(s)] = known
        return known


def _tied_to_columns(table: Shape, width: int) -> int:
    """How many columns a table has: as many as what is read at their positions is long (`b[j]` beside `table[i, j]`),
    and as it has rows where one sequence is read at the positions of both."""
    rows, columns = (_read_at(table, positions) for positions in (table.down, table.across))
    width = max(width, _AS_WIDE) if columns else width
    square = any(r is c for r in rows for c in columns)
    for shape in [*columns, *rows, table] if square else columns:
        shape.size = width
    return width


def _read_at(table: Shape, positions: list[Shape]) -> list[Shape]:
    """All but the table that is read at some positions."""
    found = {id(s): s for p in positions for s in (x.find() for x in p.find().along)}
    return [s for s in found.values() if s is not table]


def _only_stated(shape: Shape | None) -> bool:
    """Whether nothing but an annotation speaks of a value."""
    me = shape.find() if shape is not None else None
    return me is None or not (
        me.fields or me.literals or me.flags or me.linked or any(0 < w < STATED for w in me.votes.values())
    )


def _group(shape: Shape) -> Iterator[Shape]:
    seen: set[int] = set()
    todo = [shape.find()]
    while todo:
        s = todo.pop().find()
        if id(s) not in seen:
            seen.add(id(s))
            yield s
            todo.extend(s.linked)


def pooled(shape: Shape) -> Iterable[Shape]:
    """The shapes that hold the same keys as this one."""
    return _group(shape)


def _as_element(column: Shape) -> Shape:
    """What a column holds: its element, with what is known of the column itself (`df["a"] > 5`)."""
    if not column.has_elem and not column.votes and not column.literals and not column.flags and not column.linked:
        return column.elem
    element = column.elem
    for kind in ("str", "datetime", "bool", "number", "int", "float"):
        element.votes[kind] += column.votes[kind]
    element.literal(*column.literals)
    for other in column.linked:
        element.link(other)
    element.flags |= column.flags & {"numeric-text", "truthy", "key", "table key", "missing"}
    return element


def spans_of(literals: list[Any]) -> list[float]:
    """The durations among what a moment is computed with and compared to, in seconds."""
    found = (abs(v.total_seconds()) for v in literals if isinstance(v, dt.timedelta))
    return [seconds for seconds in dict.fromkeys(found) if seconds]


def _plain(values: list[Any]) -> list[Any]:
    return [v for v in values if isinstance(v, _PLAIN) and not (isinstance(v, float) and v != v)]
