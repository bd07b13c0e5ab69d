"""What subscripts tell: columns, rows, positions, keys of tables."""

from __future__ import annotations

import ast

from .shapes import MISSING, Shape
from .usage_base import keys_of, labelled
from .usage_calls import Calls
from .usage_texts import part_at

#: Methods of a column that say of each element whether it is to be taken.
_MASKS = frozenset(
    (
        *("isna", "isnull", "notna", "notnull", "isin", "between", "duplicated", "eq", "ne", "lt", "le", "gt", "ge"),
        *("contains", "startswith", "endswith", "match", "fullmatch"),
    )
)


class Keys(Calls):
    """The part of the walk that looks at `x[...]`."""

    def ev_Subscript(self, node: ast.Subscript) -> Shape:
        base = self.ev(node.value)
        return self.subscript(base, node, node.slice)

    def subscript(self, base: Shape, node: ast.Subscript, key: ast.expr) -> Shape:
        if isinstance(key, ast.Tuple) and self._combined_key(base, key):
            return base.elem if "labelled" in base.flags else base.elem.flag("row?")
        accessor = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        if accessor in ("iloc", "loc", "at", "iat"):
            return self._accessed(base, accessor, key)
        if accessor == "str":
            return base
        if isinstance(key, ast.Slice):
            for bound in (key.lower, key.upper, key.step):
                if bound is not None and self.const(bound) is MISSING:
                    self.ev(bound).vote("index", 2).flag("small")
            if not base.votes["str"] and not base.has_elem:
                base.flag("sliced")
            return base
        if isinstance(key, ast.Tuple) and any(isinstance(p, ast.Constant) and p.value is None for p in key.elts):
            return base  # `x[:, None]` adds an axis
        if isinstance(key, ast.Tuple):
            base.vote("ndarray", 2).flag("2d")
            for axis, part in enumerate(key.elts):
                if not isinstance(part, ast.Slice):
                    self.position(self.ev(part), base, axis)
            cell = base.elem
            for part in key.elts[1:]:
                k = self.const(part)
                if isinstance(k, int):
                    base.item(k)
            cell.vote("number", 0.5)
            return cell
        if self._row_of_matrix(node.value) and self.const(key) is MISSING:
            self.position(self.ev(key), base)
            return base.elem
        return self._plain_key(base, key)

    def _row_of_matrix(self, node: ast.expr) -> bool:
        """Whether an expression is `m[i]` of an array that was made with two dimensions."""
        match node:
            case ast.Subscript(value=ast.Name() as matrix, slice=ast.Name() | ast.Subscript() | ast.Call()):
                made = self.ev(matrix).find()
                return bool(made.votes["ndarray"]) and "2d" in made.flags
        return False

    def _plain_key(self, base: Shape, key: ast.expr) -> Shape:
        value = self.const(key)
        if isinstance(value, str) and "groups" in base.flags:
            return self.groups_of(base.elem.item(1).field(value), base.elem.item(0))
        if isinstance(value, str):
            return labelled(base, base.field(value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if "parts" in base.flags:
                return part_at(base, int(value))
            if (
                isinstance(value, int)
                and (base.has_elem or base.votes["list"] or base.votes["str"] or value < 0)
                and not base.votes["tuple"]
            ):
                return base if base.votes["str"] else base.elem
            return base.item(int(value))
        if isinstance(key, ast.List):
            names = [self.const(k) for k in key.elts]
            for name in names:
                if isinstance(name, str):
                    base.field(name)
            base.vote("frame", 1)
            return base
        shape = self.ev(key)
        if (
            isinstance(key, (ast.Compare, ast.BoolOp))
            or (isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.Invert))
            or (isinstance(key, ast.BinOp) and isinstance(key.op, (ast.BitAnd, ast.BitOr)))
            or (isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute) and key.func.attr in _MASKS)
        ):
            base.vote("pandas", 0.5)
            if isinstance(key, ast.UnaryOp) and isinstance(key.operand, (ast.Name, ast.Attribute)):
                shape.vote("ndarray", 1)  # a mask that was made elsewhere
                shape.elem.vote("bool", 2)
            self._filtered(base, key)
            return base
        if isinstance(key, ast.Subscript) and self.ev(key.value).find() is base.find() and self.strings(key.slice):
            base.vote("frame", 1)  # `df[df["valid"]]`
            shape.vote("series", 1).elem.vote("bool", 2)
            return base
        written = list(base.value) if isinstance(base.value, dict) else []
        if "keys written out" in base.flags and "written out" not in shape.flags:
            written = base.key.literals
        if written:
            shape.flag("looked up").literal(*written)
            shape.vote("str" if all(isinstance(k, str) for k in written) else "int", 2)
            return base.elem
        if "column of" in shape.flags or (_holds_columns(base) and "position" not in shape.flags):
            base.vote("frame", 1)
            if shape.votes["bool"] or shape.has_elem:
                return self._named_columns(base, shape)
            return self._named_column(base, shape, key)
        if "position" in shape.flags or shape.votes["index"]:
            self.position(shape, base)
            return base if base.votes["str"] else base.elem
        if shape.has_elem or shape.votes["pandas"] or shape.votes["series"]:
            return self._named_columns(base, shape)
        if base.votes["list"] or base.votes["ndarray"]:
            self.position(shape, base)
            return base.elem
        if "written out" in shape.flags and not base.flags & {"row", "row?"}:
            base.vote("dict", 1).key.vote("str", 2).literal(*shape.texts)
            return base.elem
        if shape.votes["str"] or shape.linked or not shape.votes["number"]:
            if "labelled" not in base.flags and not (
                base.votes["list"]
                or base.votes["ndarray"]
                or base.votes["str"]
                or base.votes["pandas"]
                or base.votes["series"]
            ):
                base.vote("dict", 1)
            base.flag("table")
            shape.link(keys_of(base))
            return base.elem
        self.position(shape, base)
        return base if base.votes["str"] else base.elem

    def _named_column(self, base: Shape, shape: Shape, key: ast.expr) -> Shape:
        """`df[name]`: the frame gets a column with a name like that of the variable, which then holds that name."""
        return base.field(self.column_named_by(base, shape, key))

    def column_named_by(self, base: Shape, shape: Shape, key: ast.expr) -> str:
        """What a column is called whose name a variable holds, which then holds that."""
        if "column of" in shape.flags or shape.value is not MISSING:
            shape.vote("str", 1).flag("column name")
            shape.sources = shape.sources or [base]
            return shape.value if isinstance(shape.value, str) else "value"
        name = key.id if isinstance(key, ast.Name) else key.attr if isinstance(key, ast.Attribute) else "value"
        shape.vote("str", 1).flag("column name")
        shape.value = name
        return name

    def _named_columns(self, base: Shape, shape: Shape) -> Shape:
        """`df[names]`: the names in a list are those of columns."""
        names = shape.elem
        unknown = not (names.literals or names.fields or names.votes["number"] or names.votes["index"])
        of_table = base.votes["frame"] or base.flags & {"row", "row?"}
        if of_table and unknown and shape.votes["list"] and not names.flags & {"column of", "position"}:
            names.vote("str", 1).flag("column name")
            for name in ("c0", "c1"):
                names.literal(name)
                base.field(name)
        return base

    def _filtered(self, base: Shape, key: ast.expr) -> None:
        """`df[df["k"] == k]`: the column that is compared holds the keys of a table."""
        for compare in [n for n in ast.walk(key) if isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.Eq)]:
            left, right = self.ev(compare.left), self.ev(compare.comparators[0])
            for column, wanted in ((left, right), (right, left)):
                mine = any(column is f.find() for f in [*base.fields.values(), *base.attrs.values()])
                if mine and not (
                    column.has_elem and column.elem is wanted
                ):  # a frame that is filtered by its own keys is grouped
                    column.flag("table key")

    def _accessed(self, base: Shape, accessor: str, key: ast.expr) -> Shape:
        row, column = (key.elts[0], key.elts[1]) if isinstance(key, ast.Tuple) and len(key.elts) == 2 else (key, None)
        sliced = isinstance(row, (ast.Slice, ast.Compare, ast.BoolOp, ast.BinOp, ast.List)) and not (
            isinstance(row, ast.BinOp) and "position" in self.ev(row).flags
        )
        if not isinstance(row, ast.Slice):
            shape = self.ev(row)
            if accessor in ("loc", "at") and "position" not in shape.flags and not sliced:
                if shape.votes["bool"] or shape.has_elem:
                    sliced = True
                elif self._combined_key(base, row):
                    pass
                elif self._is_column(row):
                    sliced = True
                    shape.elem.link(base.index)
                    base.flag("table")
                elif self.const(row) is MISSING:
                    shape.link(base.index)
                    base.flag("table")
            elif not sliced:
                self.position(shape, base)
                sliced = shape.has_elem or bool(shape.votes["list"])
        else:
            for bound in (row.lower, row.upper):
                if bound is not None and self.const(bound) is MISSING:
                    self.ev(bound).vote("index", 2).flag("small")
        if column is None:
            return base if sliced else base.elem.flag("row?")
        base.vote("frame", 2)
        name = self.const(column)
        if isinstance(name, str):
            return base.field(name) if sliced else base.field(name).elem
        self.ev(column)
        return base if sliced else base.elem

    def _combined_key(self, base: Shape, key: ast.expr) -> bool:
        """`x[a, b]`, where rows have several labels: each is one of its own column."""
        labels = base.index_used.items if base.index_used is not None else {}
        if not labels or not isinstance(key, ast.Tuple) or len(key.elts) != len(labels):
            return False
        parts = [self.ev(part) for part in key.elts]
        if any(isinstance(part, (ast.Slice, ast.Tuple)) for part in key.elts):
            return False
        for part, label in zip(parts, labels.values(), strict=True):
            part.link(label)
        base.flag("table")
        return True

    def _is_column(self, node: ast.expr) -> bool:
        """`df["k"]`, of a table and not of a row of it: many keys at once."""
        if not isinstance(node, ast.Subscript) or not isinstance(self.const(node.slice), str):
            return False
        table = self.ev(node.value)
        return bool(table.votes["frame"]) and not table.flags & {"row", "row?"}

    def position(self, shape: Shape, base: Shape, axis: int | None = None) -> None:
        """The value is used as a position in `base`, of two axes if one is named."""
        shape.vote("index", 1).flag("position")
        if axis != 1:
            shape.find().along.append(base)
        if axis is not None:
            (base.find().across if axis else base.find().down).append(shape)
        for source in shape.sources:  # `x[(i + 1) // 7]`
            if not source.has_elem and not source.votes["index"]:
                source.vote("index", 1)
        base.flag("indexed")


def _holds_columns(base: Shape) -> bool:
    """A frame: said to be one, or what is taken out of it by a name is used as a column."""
    plain = base.votes["list"] or base.votes["ndarray"] or base.votes["str"] or base.votes["series"]
    column = base.elem if base.has_elem else Shape()
    return bool(base.votes["frame"] or (not plain and (column.votes["pandas"] or column.votes["series"])))
