"""Rows of matrices as lanes: what each round makes of its row is made of the whole matrix, or reduced along it."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field, replace

from ...loops.context import SiteContext
from ...loops.ir import Access, Const, Expr, Inv, Loop, Named, Op, Pos, Read, Scalar, Sequence_, strip
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_scalar
from ..lanes.arrays import ArrayCode
from ..lanes.functions import BOOLEAN, ELEMENTWISE, KEEPING, WARNING
from ..lanes.lanes import Lane
from ..shared.build import binop, clone, const, item
from ..shared.operators import BINARY, COMPARE
from .ir import DOTS, along, augmented, matrices, narrows, part_of_row, reduced, row_read, values_of
from .reductions import along_rows, title
from .sources import as_array

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_DTYPES = {"float64": "float", "int64": "int", "bool": "bool"}


@dataclass
class RowLanes:
    """Lanes of a loop over the rows of matrices: reductions of them as numbers, and rows as tables.

    `mask` picks the rounds that a table is made for; `filling`: tables are stored where a number fills a row;
    `in_place` are temporaries that are changed in place.
    """

    site: SiteContext
    loop: Loop
    sources: frozenset[str]
    mask: Lane | None = None
    filling: bool = False
    in_place: frozenset[str] = frozenset()
    tables: dict[tuple[Expr, Lane | None], Lane] = field(default_factory=dict)
    reductions: dict[Op, Lane] = field(default_factory=dict)
    counted: Counter[Expr] = field(default_factory=Counter)

    @classmethod
    def of(cls, site: SiteContext, loop: Loop) -> RowLanes | None:
        """The lanes of a loop, if it takes rows of anything."""
        sources = matrices(site, loop)
        if not sources:
            return None
        counted = Counter(x for x in values_of(loop) if reduced(x) is not None)
        return cls(site, loop, sources, counted=counted, in_place=augmented(site))

    def __call__(self, code: ArrayCode, e: Expr) -> Lane | None:
        """The lane of a reduction of a row, or of an element of it: a number on every round."""
        inner = strip(e)
        if self.row(inner) is not None:
            raise code.refuse("a row is used where a number is", reason=Reason.UNKNOWN_KIND)
        if not isinstance(inner, Op):
            return None
        if inner.name == "item":
            return self._element(code, inner)
        found = reduced(inner)
        if found is None or not self.reduces(inner):
            return None
        if inner in code.memo:
            return code.memo[inner]
        if inner not in self.reductions:
            titled = code.titled is not None and strip(code.titled) == inner
            lane = self._reduced(code, inner, keep=False)
            if not lane.array or self.mask is not None or titled:
                return lane
            self.reductions[inner] = code.named(lane, title(found[0]))
        return self.reductions[inner]

    # ------------------------------------------------------------------ what is a row

    def row(self, e: Expr) -> Read | None:
        """The read of a row, if an expression is one."""
        read = row_read(self.site, e)
        return read if read is not None and read.source.base.code in self.sources else None

    def reduces(self, e: Expr) -> bool:
        """Whether a value is one number on every round, of a row."""
        found = reduced(e)
        if found is None or not any(self.is_table(x) for x in found[1:2] + found[2][:1]):
            return False
        if found[0] != "dot":
            return self.is_table(found[1])
        return not any(self._square(x) for x in (found[1], *found[2]))

    def is_table(self, e: Expr) -> bool:
        """Whether a value has several elements on every round."""
        inner = strip(e)
        if self.row(inner) is not None:
            return True
        if isinstance(inner, Inv):
            return self._vector(inner)
        if (part := part_of_row(inner)) is not None:
            return self.row(part[0]) is not None
        if self.reduces(inner):
            return False
        if isinstance(inner, Op) and inner.name not in ("item", "tuple", "list"):
            return any(self.is_table(x) for x in inner.args)
        return False

    def _vector(self, e: Inv) -> bool:
        kind = self.site.kind(e.node)
        return kind is not None and kind.name == "ndarray" and kind.ndim == 1

    def _square(self, e: Expr) -> bool:
        """Whether a value that no round changes has two dimensions: a row times it is a row."""
        inner = strip(e)
        kind = self.site.kind(inner.node) if isinstance(inner, Inv) else None
        return kind is not None and kind.ndim == 2

    def _element(self, code: ArrayCode, e: Op) -> Lane | None:
        """`x[i, 2]`, `x[i][2]`, `row[2]`: a column of the matrix."""
        match e.args:
            case (Inv() as base, Op(name="tuple", args=(Pos(offset=k), Const(value=int()) as number))):
                read = row_read(self.site, Read(Sequence_(base), Access.INDEX, k, None, Scalar.NUMPY))
            case (row, Const(value=int()) as number):
                read = row_read(self.site, row)
            case _:
                return None
        if read is None or read.source.base.code not in self.sources or isinstance(number.value, bool):
            return None
        lane = self._matrix(code, read)
        return replace(lane, node=item(lane.node, ast.Tuple([ast.Slice(), clone(number.node)], ast.Load())))

    # ------------------------------------------------------------------ tables

    def table(self, code: ArrayCode, e: Expr) -> Lane:
        """A value of several elements a round as a table with one row for each round."""
        if isinstance(e, Named) and self.is_table(e) and self.row(e) is None and not isinstance(strip(e), Inv):
            return self._named(code, e)
        inner = strip(e)
        if (read := self.row(inner)) is not None:
            return self._matrix(code, read)
        if (part := part_of_row(inner)) is not None and (read := self.row(part[0])) is not None:
            lane = self._matrix(code, read)
            return replace(lane, node=item(lane.node, ast.Tuple([ast.Slice(), clone(part[1])], ast.Load())))
        if not self.is_table(inner):
            return self._column(code, e)
        match inner:
            case Inv(node=node):
                return Lane(clone(node), True, self._dtype(node), False)
            case Op() if inner.name in DOTS and reduced(inner) is not None:
                return self._times_matrix(code, inner)
            case Op(name="neg" | "pos" as sign, args=(x,)):
                lane = self.table(code, x)
                return replace(lane, node=ast.UnaryOp(ast.USub() if sign == "neg" else ast.UAdd(), lane.node))
            case Op(name="if", args=(test, a, b)):
                return self._choice(code, test, a, b)
            case Op(name=op, args=(a, b)) if op in BINARY and op not in ("@", "<<", ">>"):
                return self._arithmetic(code, op, self.table(code, a), self.table(code, b))
            case Op(name=op, args=(a, b)) if op in COMPARISONS:
                compared = ast.Compare(self.table(code, a).node, [COMPARE[op]()], [self.table(code, b).node])
                return Lane(compared, True, "bool", False)
        if (function := along(inner)) is not None:
            return self._along(code, function, inner.children()[0])
        return self._called(code, inner)

    def _named(self, code: ArrayCode, e: Named) -> Lane:
        """A temporary of several elements under its author's name."""
        key = (e, self.mask)
        if key not in self.tables:
            lane = self.table(code, e.value)
            if e.name in self.in_place and lane.dtype != "float":  # `row /= 2` raises for a row of integers
                raise code.refuse(f"`{e.name}` is changed in place, and keeps its type")
            line = getattr(strip(e), "line", None)
            self.tables[key] = code.named(lane, e.name, line, e.name in self.site.assigned)
        return self.tables[key]

    def _matrix(self, code: ArrayCode, read: Read) -> Lane:
        key = (read, self.mask)
        if key not in self.tables:
            base = read.source.base.node
            dtype = code.matrix(base)
            node = code.rounds.cut(as_array(code, base), read, code)
            lane = Lane(node, True, dtype, False)
            self.tables[key] = self.picked(code, read, lane)
        return replace(self.tables[key], node=clone(self.tables[key].node))

    def picked(self, code: ArrayCode, e: Expr, lane: Lane) -> Lane:
        """The rows that the mask lets through."""
        key = (Op("picked", (e,)), self.mask)
        if self.mask is None:
            return lane
        if key not in self.tables:
            self.tables[key] = code.named(replace(lane, node=item(lane.node, self.mask.node)), "rows")
        return self.tables[key]

    def _dtype(self, node: ast.expr) -> str:
        kind = self.site.kind(node)
        return _DTYPES.get((kind.dtype or "") if kind else "", "number")

    def _column(self, code: ArrayCode, e: Expr) -> Lane:
        """A number of the round beside its row."""
        inner = strip(e)
        if isinstance(inner, Inv):
            return self._fixed(code, inner)
        if isinstance(inner, Op) and self.reduces(inner) and inner not in self.reductions:
            alone = self.counted[inner] == 1 and not isinstance(e, Named)
            if (alone or self.mask is not None) and inner.name not in DOTS:
                return self._reduced(code, inner, keep=True)
        mask, self.mask = self.mask, None
        try:
            lane = code.lane(e)
        finally:
            self.mask = mask
        if not lane.array:
            return lane
        node = code.temp(lane).node
        node = node if mask is None else item(node, mask.node)
        return replace(lane, node=item(node, ast.Tuple([ast.Slice(), const(None)], ast.Load())))

    def _fixed(self, code: ArrayCode, e: Inv) -> Lane:
        """What is the same on every round, beside a row: a number, or as many as a row has elements."""
        if surely_scalar(self.site, e.node):
            return code.fixed_lane(e.node)
        code.without_rounds(e.node)
        code.owe("number-or-row", e.code)
        code.owe("float64")
        return Lane(clone(e.node), False, "number", None)

    def _reduced(self, code: ArrayCode, e: Op, keep: bool) -> Lane:
        found = reduced(e)
        assert found is not None
        function, of, more = found
        if function != "dot":
            return along_rows(code, e, function, self.table(code, of), more, keep)
        a, b = self.table(code, of), self.table(code, more[0])
        if self.row_of_fixed(more[0]) and not self.row_of_fixed(of):
            code.owe("float-order")
            code.tolerance = 1e-10
            return Lane(binop(a.node, ast.MatMult(), b.node), True, "number", False)
        return along_rows(code, replace(e, keywords=()), "sum", replace(a, node=binop(a.node, ast.Mult(), b.node)), ())

    def row_of_fixed(self, e: Expr) -> bool:
        """Whether a row is the same on every round."""
        return isinstance(strip(e), Inv)

    def _times_matrix(self, code: ArrayCode, e: Op) -> Lane:
        """`x[i] @ w` with a matrix `w`: the product of two matrices."""
        a, b = (strip(x) for x in e.args)
        if not self.is_table(a) or not self._square(b) or not isinstance(b, Inv):
            raise code.refuse("a row is multiplied in a way that has no form for all rows", e)
        code.owe("float-order")
        code.tolerance = 1e-10
        lane = self.table(code, a)
        return Lane(binop(lane.node, ast.MatMult(), clone(b.node)), True, "number", False)

    def _arithmetic(self, code: ArrayCode, op: str, a: Lane, b: Lane) -> Lane:
        if op in ("/", "//", "%", "**"):
            code.note_risk()
        if "bool" in (a.dtype, b.dtype) and a.dtype != b.dtype:
            dtype = b.dtype if a.dtype == "bool" else a.dtype
        else:
            dtype = a.dtype if a.dtype == b.dtype else "float" if "float" in (a.dtype, b.dtype) else "number"
        if op == "/":
            dtype = "float"
        elif a.dtype == b.dtype == "bool":
            dtype = "bool" if op in ("&", "|", "^", "+", "*") else "number"
        return Lane(binop(a.node, BINARY[op](), b.node), True, dtype, False)

    def _choice(self, code: ArrayCode, test: Expr, a: Expr, b: Expr) -> Lane:
        if self.is_table(test) or not (self.filling or (self.is_table(a) and self.is_table(b))):
            raise code.refuse("a row is chosen, or a number in its place", reason=Reason.UNSUPPORTED_SYNTAX)
        if narrows(a) or narrows(b):
            raise code.refuse("rows of another width may be chosen on no round", reason=Reason.OUT_OF_RANGE)
        chosen = self._column(code, Op("call:builtins.bool", (test,)))
        code.depth += 1
        one, other = self.table(code, a), self.table(code, b)
        code.depth -= 1
        if (one.dtype != other.dtype or one.dtype == "number") and not any(isinstance(strip(x), Const) for x in (a, b)):
            code.owe("small-integers" if self.filling else "element-types")
        return replace(one, node=code.numpy("where", chosen.node, one.node, other.node), array=True)

    def _called(self, code: ArrayCode, e: Expr) -> Lane:
        function = e.name.removeprefix("call:numpy.") if isinstance(e, Op) else ""
        known = isinstance(e, Op) and not e.keywords and e.name.startswith("call:numpy.")
        if isinstance(e, Op) and e.name == "call:builtins.abs":
            known, function = True, "abs"
        if not known or function not in ELEMENTWISE or function == "where" or not isinstance(e, Op):
            shown = ast.unparse(e.node)[:60] if isinstance(e, Op) and isinstance(e.node, ast.expr) else "the value"
            raise code.refuse(f"`{shown}` has no form for all rows", e, Reason.UNKNOWN_CALL)
        if function in WARNING:
            code.note_risk()
        lanes = [self.table(code, x) for x in e.args]
        floats = function not in KEEPING or all(x.dtype == "float" for x in lanes)
        dtype = "bool" if function in BOOLEAN else "float" if floats else "number"
        return Lane(code.numpy(function, *(x.node for x in lanes)), True, dtype, False)

    def _along(self, code: ArrayCode, function: str, of: Expr) -> Lane:
        lane = self.table(code, of)
        node = code.numpy(function, lane.node)
        node.keywords = [ast.keyword("axis", const(1))]
        return replace(lane, node=node, dtype="float" if lane.dtype == "float" else "number")
