"""Element reads to arrays: a column's values, an array or a list, cut to the rounds and named like what they hold."""

from __future__ import annotations

import ast
import builtins
import keyword

from ...loops.access import BY_ROW
from ...loops.ir import Access, Const, Expr, Inv, Op, Pos, Read, Scalar, Sequence_, StoreItem, reads, strip
from ...loops.kind_words import Kind
from ...loops.literals import folded
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_number
from ..shared.build import attr, clone, expr, filled, item
from ..shared.syntax import stem
from .fixed import FixedLanes
from .lanes import Lane, is_part

DTYPES = {"float64": "float", "int64": "int", "bool": "bool", "float32": "float", "int32": "int"}
#: Functions that make a table of a given shape.
MAKERS = frozenset(f"numpy.{f}" for f in ("empty", "full", "ones", "zeros"))


class ColumnLanes(FixedLanes):
    """The lanes of element reads."""

    def _read(self, read: Read, wish: str | None = None) -> Lane:
        if read in self.memo:
            return self.memo[read]
        array, stem, dtype, python = self._source(read)
        shared = len(self._offsets(read)) > 1
        node = self.rounds.cut(self._whole(read, array, stem) if shared else array, read, self)
        if read.offset and not wish:
            stem = f"{'previous' if read.offset < 0 else 'next'}_{stem}"
        if wish or not (shared and (is_part(node) or isinstance(node, ast.Name))):
            node = self.step(wish or stem, node, plain=True)
        if isinstance(node, ast.Name):
            self.arrays.add(node.id)
        lane = Lane(node, True, dtype, python)
        self.memo[read] = lane
        return lane

    def _offsets(self, read: Read) -> set[int]:
        """The offsets at which the loop reads what this read reads."""
        if self.offsets is None:
            self.offsets = {}
            values = [x for e in self.loop.effects for x in (e.value, e.guard) if x is not None]
            for x in (*values, *self.loop.finals.values()):
                for r in reads(x):
                    self.offsets.setdefault((r.source, r.access), set()).add(r.offset)
        return self.offsets.get((read.source, read.access), set())

    def _whole(self, read: Read, array: ast.expr, stem: str) -> ast.expr:
        """The uncut array that several offsets are read from, as a name."""
        key = ast.dump(array)
        if key not in self.wholes:
            taken = stem in self.site.assigned and not stem.endswith("_values")
            self.wholes[key] = self.step(f"{stem}_values" if taken else stem, array, plain=True)
        return self.wholes[key]

    def _source(self, read: Read) -> tuple[ast.expr, str, str, bool | None]:
        """The array that a read reads from, a name for it, its type, Python scalars or not."""
        if read.part:
            raise self.refuse(f"`{read.name}` is only a part of what is iterated", reason=Reason.UNKNOWN_KIND)
        base, base_name = clone(read.source.base.node), stem(read.source.base.node, "values")
        column = strip(read.source.column) if read.source.column is not None else None
        python = {Scalar.PYTHON: True, Scalar.NUMPY: False, Scalar.ROW: None, Scalar.ITEM: None}[read.scalar]
        if read.access.by_label:
            base = self.positions_by_label(read) or base
        if isinstance(column, (Const, Inv)):
            values = attr(item(base, clone(column.node)), "values")
            self.owe("numeric-columns", read.source.code)
            self.owe("float64")
            if read.access.of_row:
                self.owe("numpy-rows", read.source.base.code)
            if self.site.floats:
                return values, _column_name(column, read), "float", python
            if python is None:
                # The row may have turned integers into floats; the column keeps them.
                self.owe("signed-zero")
                self.owe("small-integers")
                if read.access is Access.ROW:
                    self.owe("plain-rows", read.source.base.code)
            return values, _column_name(column, read), "number", python
        kind = self.site.kind(read.source.base.node)
        kind_name = kind.name if kind else None
        dtype = DTYPES.get((kind.dtype or "") if kind else "", "number")
        if kind_name == "series":
            if dtype == "number":
                self.owe("numeric-columns", read.source.code)
                self.owe("float64")
                dtype = "float" if self.site.floats else dtype
            array = attr(base, "values") if kind and kind.proven else self.numpy("asarray", base)
            return array, base_name if base_name == "values" else f"{base_name}_values", dtype, python
        if kind_name == "ndarray":
            if dtype == "number" or (kind and kind.ndim != 1):
                self.owe("numeric-arrays", read.source.code)
                self.owe("float64")
                dtype = "float" if self.site.floats else dtype
            sure = (kind and kind.proven) or read.source.code in self.stored
            array = base if sure else self.numpy("asarray", base)
            return array, base_name, dtype, python is True  # np.vectorize hands out Python scalars
        if kind_name == "list" and read.access is Access.INDEX and self.takes_lists():
            self.owe("numeric-lists", read.source.code)
            self.owe("float64")
            self.owe("small-integers")
            return self.numpy("array", base), f"{base_name}_values", "number", None
        if kind_name is None and self._like_an_array(read) and isinstance(read.source.base.node, ast.Name):
            self.owe("numeric-arrays", read.source.code)
            self.owe("float64")
            dtype = "float" if self.site.floats else "number"
            if read.source.code in self.stored:
                return base, base_name, dtype, False
            return self.numpy("asarray", base), f"{base_name}_values", dtype, False
        raise self.refuse(f"`{read.source.code}` is not known to be an array or a column", reason=Reason.UNKNOWN_KIND)

    def _like_an_array(self, read: Read) -> bool:
        """Indexed, or gone through to fill an array with it: what nothing else is known of may be an array."""
        if read.access is not Access.ITERATE or read.part:
            return read.access is Access.INDEX
        return bool(self.loop.effects) and all(isinstance(e, StoreItem) for e in self.loop.effects)

    def takes_lists(self) -> bool:
        """Whether an array may be made of each list that is read."""
        return False

    def item_of_row(self, e: Op) -> Lane | None:
        """`row[k]` of a loop over the rows of `df.values` or of an array of two dimensions: a column of it."""
        row, number = strip(e.args[0]), strip(e.args[1])
        if not isinstance(row, Read) or not row.part or row not in self.loop.header.elements:
            return None
        if not isinstance(number, Const) or type(number.value) is not int:
            return None
        node = row.source.base.node
        kind = self.site.kind(node)
        if kind is None or kind.name != "ndarray" or kind.ndim != 2 or len(self.loop.header.elements) > 1:
            return None
        table = self._table_of(node)
        dtype = DTYPES.get(kind.dtype or "", "number")
        if dtype == "number":
            self.owe("numeric-columns" if table else "numeric-arrays", table or row.source.code)
            self.owe("float64")
        if row not in self.memo:
            self.memo[row] = Lane(self.step(f"{row.name}s", clone(node), plain=True), True, dtype, False)
        rows = self.memo[row].node
        column = item(rows, ast.Tuple([ast.Slice(), clone(number.node)], ast.Load()))
        return Lane(column, True, dtype, False)

    def cell(self, e: Op) -> Lane | None:
        """`table[i, k]`, `table[k, i]` of an array of two dimensions: a column or a row of it, one element a round."""
        base, index = strip(e.args[0]), strip(e.args[1])
        kind = self.site.kind(base.node) if isinstance(base, Inv) else None
        match base, index:
            case Read(source=source, access=Access.INDEX, part=False), Const(value=int() as k) if source.column is None:
                kind = self.site.kind(source.base.node) or (None if isinstance(k, bool) else Kind("ndarray"))
                index, base = Op("tuple", (Pos(base.offset), index)), source.base
        if not isinstance(base, Inv) or kind is None or kind.name != "ndarray" or kind.ndim not in (0, 2):
            return None
        match index:
            case Op(name="tuple", args=(Pos() as pos, (Const() | Inv()) as fixed)):
                taken = item(clone(base.node), ast.Tuple([ast.Slice(), clone(fixed.node)], ast.Load()))
                along, axis = base, 1
            case Op(name="tuple", args=((Const() | Inv()) as fixed, Pos() as pos)):
                taken = item(clone(base.node), clone(fixed.node))
                along, axis = Inv(ast.unparse(taken), taken), 0
            case _:
                return None
        if not surely_number(self.site, fixed.node):  # a list or a mask picks several
            return None
        if not self._has_place(base.node, fixed.node, axis):
            self.without_rounds(taken)
        read = Read(Sequence_(along), Access.INDEX, pos.offset, None, Scalar.NUMPY)
        own = Read(Sequence_(Inv(ast.unparse(taken), taken)), Access.INDEX, pos.offset, None, Scalar.NUMPY)
        if own not in self.memo:
            dtype, wish = self.matrix(base.node), f"{stem(base.node, 'table')}_{stem(fixed.node, 'values')}"
            number = fixed.node.value if isinstance(fixed.node, ast.Constant) else None
            wish = f"{stem(base.node, 'table')}_{number}" if isinstance(number, int) else wish
            node = self.step(wish, self.rounds.cut(taken, read, self), plain=True)
            self.memo[own] = Lane(node, True, dtype, False)
        return self.memo[own]

    def _has_place(self, base: ast.expr, number: ast.expr, axis: int) -> bool:
        """Whether a table is surely wide enough: `table = np.zeros((n, 3))` has a column 2."""
        owner = self.site.file.scopes.owner(base.id, self.site.scope) if isinstance(base, ast.Name) else None
        match owner.binders(base.id) if owner is not None and isinstance(base, ast.Name) else []:
            case [ast.Assign(targets=[ast.Name()], value=ast.Call(func=func, args=[ast.Tuple(elts=[*sizes]), *_]))]:
                made = self.site.file.scopes.dotted(func, owner) in MAKERS if owner is not None else False
                size, at = folded(sizes[axis]) if len(sizes) == 2 else None, folded(number)
                return made and size is not None and at is not None and 0 <= at < size
        return False

    def matrix(self, base: ast.expr) -> str:
        """The element type of a table, which has to be an array of two dimensions."""
        kind = self.site.kind(base)
        if kind is not None and kind.name != "ndarray":
            raise self.refuse(f"`{ast.unparse(base)}` is no array", reason=Reason.UNKNOWN_KIND)
        dtype = DTYPES.get((kind.dtype or "") if kind else "", "number")
        if dtype == "number" or kind is None or kind.ndim != 2:
            self.owe("numeric-matrices", ast.unparse(base))
            self.owe("float64")
        return dtype

    def _table_of(self, node: ast.expr) -> str | None:
        """The frame whose `.values` these are."""
        match node:
            case ast.Attribute(value=frame, attr="values") | ast.Call(func=ast.Attribute(value=frame, attr="to_numpy")):
                kind = self.site.kind(frame)
                return ast.unparse(frame) if kind is not None and kind.name == "frame" else None
        return None

    def positions_by_label(self, read: Read) -> ast.expr | None:
        """The table in the order in which its rows are read by label; None where it is that already."""
        frame = read.source.base
        if self.loop.header.form in BY_ROW:
            self.owe("unique-index", f"{frame.code}.index")
            return None
        kind = self.site.kind(frame.node)
        if kind and kind.range_index:
            return None
        if kind is None or kind.name not in ("frame", "series") or not isinstance(frame.node, ast.Name):
            message = f"`{read.source.code}` is read by label, and labels are not known to be positions"
            raise self.refuse(message, reason=Reason.LABEL_READ)
        self.owe("range-index", f"{frame.code}.index")
        return clone(self._in_order(frame.node))

    def _in_order(self, frame: ast.Name) -> ast.expr:
        """The rows with the labels 0, 1, 2, ... in this order: for most tables the table itself."""
        key = f"in order {frame.id}"
        if key not in self.wholes:
            self.pd = self.site.file.alias("pandas") or "pd"
            rows = expr(
                f"frame if frame.index.equals({self.pd}.RangeIndex(len(frame))) else frame.loc[range(len(frame))]"
            )
            self.wholes[key] = self.step(f"{frame.id}_by_label", filled(rows, {"frame": frame}), plain=True)
        return self.wholes[key]

    def series(self, read: Read) -> ast.expr | None:
        """The pandas column of a read, where all its rows are visited: for comparisons that must also hold for text."""
        if not self.rounds.whole(read) or read.offset:
            return None
        self.rounds.zipped(self)
        base, column = clone(read.source.base.node), read.source.column
        if read.access.by_label:
            base = self.positions_by_label(read) or base
        if column is None:
            kind = self.site.kind(read.source.base.node)
            if kind is None or kind.name != "series":
                return None
            self.owe("numpy-columns", read.source.code)
            return base
        inner = strip(column)
        if not isinstance(inner, (Const, Inv)):
            return None
        self.owe("numpy-columns", read.source.code)
        if read.access.of_row:
            self.owe("numpy-rows", read.source.base.code)
        return item(base, clone(inner.node))


def _column_name(column: Expr, read: Read) -> str:
    if read.name:
        return read.name
    if (
        isinstance(column, Const)
        and isinstance(column.value, str)
        and column.value.isidentifier()
        and not keyword.iskeyword(column.value)
    ):
        return f"{column.value}_" if hasattr(builtins, column.value) else column.value
    if isinstance(column, Inv) and isinstance(column.node, ast.Name):
        return f"{column.node.id}_values"
    return "column"
