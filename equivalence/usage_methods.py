"""What method calls tell about the values they are called on."""

from __future__ import annotations

import ast
from typing import Any

from .child.words import DATE_METHODS, DATE_TO_INT, DELTA, LIST_METHODS, TEXT, TEXT_TO_BOOL, TEXT_TO_INT, TEXT_TO_PARTS
from .shapes import MISSING, Shape
from .tables import AVERAGES, FRAME_ONLY, GENERATOR_METHODS, MISSING_TESTS, PANDAS_ONLY, REDUCTIONS, SAME, TO_SEQUENCE
from .usage_base import keys_of
from .usage_constants import Constants
from .usage_draws import drawn
from .usage_spans import duration
from .usage_texts import CLEANING, OTHER_CASE, SEARCHES, cleaned, looked_for, matched

#: Methods of text that take nothing by name.
_BY_POSITION = frozenset({"count", "endswith", "find", "index", "rfind", "rindex", "startswith"})


class Methods(Constants):
    """The part of the walk that looks at methods of values."""

    def method(self, func: ast.Attribute, node: ast.Call) -> Shape:
        base = self.ev(func.value)
        name = func.attr
        if name in ("apply", "map", "applymap", "agg", "aggregate", "transform", "pipe") and node.args:
            return self._apply_method(base, name, node)
        if name == "sort":
            for keyword in node.keywords:
                if keyword.arg == "key":
                    self.apply(keyword.value, base.elem)
            base.vote("list", 1)
            return Shape()
        arguments = self.arguments_of(node)
        first = arguments[0].find() if arguments else Shape()
        if name in SEARCHES and (pattern := self.pattern(func.value)) is not None:
            return matched(name, pattern, arguments)
        text = name in TEXT and not (
            base.votes["pandas"] or base.votes["frame"] or base.votes["list"] or base.votes["series"]
        )
        text = text and not (node.keywords and name in _BY_POSITION)  # `soup.find(text="Beta")`
        if text and "index of" not in base.flags and not (name == "replace" and base.votes["datetime"]):
            return self._text_method(base, name, node, arguments)
        if name in TEXT and (base.votes["series"] or base.votes["pandas"]):
            return self._series_text(base, name, node)
        if "index of" in base.flags and name in ("get_indexer", "get_loc", "searchsorted", "asof"):
            return self._index_lookup(base, name, node, first)
        found = self._pandas_method(base, name, node, arguments)
        return found if found is not None else self._plain_method(base, name, node, arguments)

    def _text_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape:
        value = self.const(node.args[0]) if node.args else MISSING
        if name in TEXT_TO_PARTS:
            return _parts_of(base, name, value)
        base.vote("str", 2)
        if name == "join" and arguments:
            element = self.iterate(arguments[0])
            if element.value is MISSING:
                element.vote("str", 1)
            return Shape("str")
        if name == "format":
            return Shape("str")
        for shape in arguments:
            if shape.value is MISSING and name not in ("ljust", "rjust", "center", "zfill"):
                shape.vote("str", 1)
            elif shape.value is MISSING:
                shape.vote("index", 1).flag("small")
        if name in CLEANING:
            cleaned(base, name, value, self.const(node.args[1]) if len(node.args) > 1 else "")
        looked_for(base, name, value)
        if name in OTHER_CASE:
            base.flag("any case")
        if name in TEXT_TO_BOOL:
            return Shape("bool")
        return base if name not in TEXT_TO_INT else Shape("index")

    def _series_text(self, base: Shape, name: str, node: ast.Call) -> Shape:
        value = self.const(node.args[0]) if node.args else MISSING
        base.elem.vote("str", 1)
        if isinstance(value, str) and value:
            base.elem.literal(value, f"ab{value}cd")
        return base

    def _index_lookup(self, base: Shape, name: str, node: ast.Call, first: Shape) -> Shape:
        table = base.sources[0]
        table.flag("table")
        nearest = any(k.arg == "method" for k in node.keywords)
        key = first.elem if name == "get_indexer" else first
        if nearest:
            table.index.vote("datetime" if key.votes["datetime"] or not key.votes["number"] else "number", 1)
            key.vote("datetime", 0.5) if not key.votes["number"] else None
            table.index.flag("nearest")
            key.flag("near")
        key.link(table.index)
        result = Shape("list")
        result.elem.vote("index").flag("position")
        return result if name == "get_indexer" else result.elem

    def _apply_method(self, base: Shape, name: str, node: ast.Call) -> Shape:
        by_row = any(k.arg == "axis" and self.const(k.value) in (1, "columns") for k in node.keywords)
        base.vote("frame" if by_row else "pandas", 2 if by_row else 1)
        function = node.args[0]
        if isinstance(function, (ast.Dict, ast.Constant, ast.List)):
            mapping = self.ev(function)
            if name == "map" and isinstance(function, ast.Dict):
                base.elem.literal(*[self.const(k) for k in function.keys])
            del mapping
            return base
        known = self.ev(function) if isinstance(function, ast.Name) and function.id in self.env else None
        if known is not None and not isinstance(known.value, ast.Lambda):
            if name == "map":
                known.vote("dict", 1)
                known.key.link(base.elem)
            return Shape("series")
        element = base.elem.flag("row") if by_row else base.elem
        if _makes_windows(node):
            element = base  # the function gets a part of the column, not one element
        result = Shape("series")
        result._elem = self.apply(function, element)
        return result

    def _pandas_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape | None:
        first = arguments[0].find() if arguments else Shape()
        if name == "iterrows":
            base.vote("frame", 5).flag("iterated")
            result = Shape("list")
            result.elem.items[0] = base.index.flag("row label")
            result.elem.items[1] = base.elem.flag("row")
            return result
        if name == "itertuples":
            base.vote("frame", 5).flag("iterated")
            result = Shape("list")
            result._elem = base.elem.flag("row")
            return result
        if name == "groupby":
            return self._groupby(base, node)
        if name == "merge" and arguments:
            return self._merge(base, first, node)
        if name == "value_counts" and not (base.fields or base.votes["frame"]):
            counts = Shape("series", 1)
            counts._index, counts._elem = base.vote("pandas", 1).elem, Shape("int")
            return counts
        if name == "set_index":
            return self._set_index(base, node)
        if name == "to_dict":
            base.vote("pandas", 1)
            if self.const(node.args[0] if node.args else None) == "records":
                result = Shape("list")
                result._elem = base.elem.flag("row")
                base.vote("frame", 2)
                return result
            return base
        if name in FRAME_ONLY:
            base.vote("frame", 3)
            for column in self._column_names(node):
                base.field(column)
            return base
        if name == "isin" and arguments:
            first.elem.link(base.elem)
            base.vote("series", 1)
            return Shape("bool")
        if name in PANDAS_ONLY:
            base.vote("pandas", 1)
        if name in MISSING_TESTS:
            base.flag("missing")
        if name in ("rolling", "expanding", "ewm") and not base.votes["frame"]:
            base.elem.vote("number", 1)  # windows of text can't be reduced
        if name in ("sort_values", "drop_duplicates", "dropna", "drop", "nlargest"):
            for column in self._column_names(node):
                base.field(column).elem.vote("number", 0.1)
        if name in SAME and (
            name in PANDAS_ONLY or name in ("copy", "astype", "round", "clip", "cumsum") or base.votes["pandas"]
        ):
            return base
        if name in TO_SEQUENCE:
            if name in ("tolist", "to_numpy"):
                base.vote("pandas", 0.6)
            return base
        return None

    def _groupby(self, base: Shape, node: ast.Call) -> Shape:
        names = [n for a in node.args[:1] for n in self.strings(a)]
        names += [n for k in node.keywords if k.arg == "by" for n in self.strings(k.value)]
        base.vote("frame" if names else "pandas", 3)
        key = Shape()
        for k, column in enumerate(names):
            cell = base.field(column).elem.flag("key")
            key = cell if len(names) == 1 else key
            if len(names) > 1:
                key.items[k] = cell
        return self.groups_of(base, key)

    def groups_of(self, part: Shape, key: Shape) -> Shape:
        """What iterating over a groupby hands out: each key, and the rows of it."""
        result = Shape("list").flag("groups")
        result.elem.items[0] = key
        result.elem.items[1] = part
        return result

    def _merge(self, left: Shape, right: Shape, node: ast.Call) -> Shape:
        for side in (left, right):
            side.vote("frame", 3)
        options = {k.arg: self.strings(k.value) for k in node.keywords if k.arg in ("on", "left_on", "right_on")}
        mine = options.get("on") or options.get("left_on") or []
        theirs = options.get("on") or options.get("right_on") or []
        for a, b in zip(mine, theirs, strict=False):
            left.field(a).elem.link(right.field(b).elem)
        right.flag("table")
        return left

    def _set_index(self, base: Shape, node: ast.Call) -> Shape:
        base.vote("frame", 3)
        names = [
            n for a in [*node.args[:1], *(k.value for k in node.keywords if k.arg == "keys")] for n in self.strings(a)
        ]
        result = Shape("frame", 3)
        given = node.args[0] if node.args else None
        if not names and isinstance(given, (ast.Name, ast.Attribute)):
            key = self.ev(given)
            if not (key.has_elem or key.votes["list"]):
                names = [self.column_named_by(base, key, given)]
        result.fields, result.attrs = base.fields, base.attrs
        result._elem = base.elem
        if len(names) == 1:
            result.flag("keyed")._index = base.field(names[0]).elem.flag("unique")
        elif len(names) > 1:
            base.flag("combined:" + "\n".join(names))
            result.flag("keyed")._index = Shape("tuple")
            result.index.items = {k: base.field(name).elem for k, name in enumerate(names)}
        base.flag("table")
        return result

    def _labels_of(self, node: ast.Call) -> Shape | None:
        """The row labels that `df["c"].items()` and `df.set_index("k").c.items()` hand out, where they are known."""
        match node.func:
            case ast.Attribute(value=ast.Attribute(value=frame) | ast.Subscript(value=frame)):
                table = self.ev(frame)
                return table.index_used if table.votes["frame"] else None
        return None

    def _column_names(self, node: ast.Call) -> list[str]:
        return [
            n
            for a in [*node.args, *(k.value for k in node.keywords if k.arg in ("by", "subset", "columns", "on"))]
            for n in self.strings(a)
        ]

    def _plain_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape:
        first = arguments[0].find() if arguments else Shape()
        if name == "items":
            if not (base.votes["series"] or base.votes["pandas"]):
                base.vote("dict", 3)
            result = Shape("list")
            result.elem.items[0], result.elem.items[1] = self._labels_of(node) or base.key, base.elem
            return result
        if name in ("keys", "values") and not node.args:
            base.vote("dict", 3)
            result = Shape("list")
            result._elem = base.key if name == "keys" else base.elem
            return result
        if name in ("get", "setdefault", "pop") and arguments:
            return self._get(base, node, first)
        if name in LIST_METHODS:
            base.vote("list", 1)
            if arguments and name == "append" and first.value is MISSING:
                base.elem.unify(first) if not base.elem.votes else None
            return Shape()
        if name in ("add", "discard", "update", "remove"):
            base.vote("set" if name in ("add", "discard") else "dict" if name == "update" else "list", 0.5)
            return Shape()
        if name in DELTA and not base.has_elem:
            return duration(base, name) if base.sources else Shape("number") if base.vote("timedelta") else Shape()
        if name in DATE_METHODS:
            base.vote("datetime", 1)
            if name == "date":
                day = Shape("date")
                day.sources.append(base)
                return day
            return Shape("str" if name in ("strftime", "isoformat", "day_name") else "index")
        if name in GENERATOR_METHODS and not base.has_elem and not base.votes["pandas"]:
            base.vote("rng", 3)
            return drawn(name, arguments, {k.arg: self.ev(k.value) for k in node.keywords})
        if name in REDUCTIONS:
            if self.along_rows(base, node):
                return Shape("ndarray")
            base.vote("pandas", 0.2)
            base.reduce()
            numbers = name in AVERAGES and not (base.fields or base.votes["frame"])
            if (base.has_elem or numbers) and name not in ("count", "nunique", "any", "all", "first", "last"):
                base.elem.vote("number", 0.3)
            return base.elem if name in ("min", "max", "first", "last") and base.has_elem else Shape("number", 0.5)
        if name in ("info", "debug", "warning", "error", "critical", "exception"):
            return Shape()
        if name in DATE_TO_INT:
            return self.attribute(base, name)
        if name == "item":
            return base
        return self._own_method(base, name)

    def along_rows(self, base: Shape, node: ast.Call) -> bool:
        """Note that what is reduced along `axis=1` has rows, unless it is a frame's."""
        rows = any(k.arg == "axis" and self.const(k.value) == 1 for k in node.keywords)
        table = base.votes["frame"] or base.votes["pandas"] or base.fields or base.find().attrs
        if not rows or table:
            return False
        base.vote("ndarray", 1).flag("2d")
        # Of `m * w` the one that rows are taken of has them; the other may be a row.
        taken_apart = [source for source in base.find().sources if source.has_elem]
        for source in taken_apart or base.find().sources:
            if not source.votes.total() or source.votes["ndarray"]:
                self.along_rows(source, node)
        return True

    def _get(self, base: Shape, node: ast.Call, first: Shape) -> Shape:
        key = self.const(node.args[0])
        if "row" in base.flags and isinstance(key, str):
            return base.field(key)
        base.vote("dict", 1)
        if isinstance(key, str):
            return base.field(key)
        if isinstance(base.value, dict):
            first.literal(*base.value)
            first.vote("str" if all(isinstance(k, str) for k in base.value) else "index", 1)
            return base.elem
        base.flag("table")
        first.link(keys_of(base))
        if len(node.args) == 2 and isinstance(node.args[1], ast.List):
            base.elem.vote("list")
        return base.elem

    def _own_method(self, base: Shape, name: str) -> Shape:
        """A method nobody knows: the value is an object of a class of its own."""
        if "row" in base.flags:
            return Shape()
        if base.value is MISSING and not base.has_elem and not base.fields:
            method = base.attr(name)
            method.vote("callable", 3)
            return Shape()
        return Shape()


def _parts_of(text: Shape, name: str, separator: Any) -> Shape:
    """What `split`, `splitlines` and `partition` give."""
    parts = text.split_by("\n" if name == "splitlines" else separator if isinstance(separator, str) else None)
    if text.inverse and not parts.sources:
        parts.sources = [text]
    if name not in ("partition", "rpartition"):
        return parts
    parts.flag("exact")
    result = Shape("tuple")
    result.items = {0: parts.item(0), 1: Shape("str"), 2: parts.item(1)}
    return result


def _makes_windows(node: ast.Call) -> bool:
    """Whether a call is `x.rolling(w).apply(f)`."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr="rolling" | "expanding"))):
            return True
    return False
