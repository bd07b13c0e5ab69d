"""Two loops over positions as one grid: what depends on the outer loop is a column, on the inner one a row, on both a
table, and broadcasting puts them together."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from ...loops.body import Body
from ...loops.context import SiteContext
from ...loops.header import bound_once, length_of
from ...loops.ir import Access, Const, Expr, Header, Inv, Loop, Op, Pos, Read, Scalar, Sequence_, Span, strip
from ...loops.names import names_in
from ...loops.remarks import Reason
from ...loops.walk import walk
from ..shared.build import clone, const, item
from .arrays import ArrayCode
from .lanes import Lane
from .rounds import Rounds


@dataclass
class GridCode(ArrayCode):
    """Array code for the inner of two loops, in which the variables of the outer one stand for columns.

    `env` is what the names of the outer loop hold in one of its rounds, `outer` are its rounds.
    """

    env: dict[str, Expr] = field(default_factory=dict)
    around: SiteContext | None = None
    outer: Rounds | None = None
    columns: dict[Expr, Lane] = field(default_factory=dict)  # lanes of the outer loop
    tables: dict[int, ast.expr] = field(default_factory=dict)  # lanes that have an element for each cell
    in_column: bool = False

    @classmethod
    def of(cls, site: SiteContext, header: Header, env: dict[str, Expr], inner: SiteContext, loop: Loop) -> GridCode:
        rounds = Rounds.of(inner, loop.header)
        np = site.file.alias("numpy") or "np"
        return cls(inner, loop, rounds, np, env=env, around=site, outer=Rounds.of(site, header))

    def lane(self, e: Expr) -> Lane:
        match strip(e):
            case Inv(node=node) as inner if not self.fixed(inner):
                return self._column(self._outer(node))
            case Read(source=Sequence_(base=base, column=None)) as read if not self.in_column and (
                names_in(base.node) & set(self.env)
            ):
                return self._table(self._row_of(base.node), read.offset)
            case Op(name="item", args=(base, index)) if (found := self._item(strip(base), strip(index))) is not None:
                return found
        return super().lane(e)

    def fixed(self, e: Inv) -> bool:
        """What the outer loop binds is one value for each row of the grid."""
        return self.in_column or not names_in(e.node) & set(self.env)

    def _outer(self, node: ast.expr) -> Expr:
        """What an expression of the outer loop computes in one of its rounds."""
        assert self.around is not None and self.outer is not None
        return Body(self.around, self.outer.header).ev(node, dict(self.env))

    def _column(self, e: Expr) -> Lane:
        """A value of the outer loop: one for each row of the grid."""
        assert self.outer is not None
        inner, self.rounds = self.rounds, self.outer
        memo, self.memo, self.in_column = self.memo, self.columns, True
        try:
            lane = self.lane(e)
        finally:
            self.rounds, self.memo, self.in_column = inner, memo, False
        if not lane.array:
            return lane
        index = ast.Tuple([ast.Slice(), const(None)], ast.Load())
        return replace(lane, node=item(self.temp(lane, "column").node, index))

    def _item(self, base: Expr, index: Expr) -> Lane | None:
        """`points[i, 0]`, `table[i, j]`."""
        if not isinstance(base, Inv):
            return None
        match index:
            case Op(name="tuple", args=(row, column)):
                row, column = strip(row), strip(column)
            case _:
                return None
        if isinstance(row, Pos) and isinstance(column, (Const, Inv)):
            return self._one_column(base, row, column)
        if isinstance(column, Pos) and isinstance(row, Inv) and not self.in_column:
            position = strip(self._outer(row.node))
            if not isinstance(position, Pos) or position.offset:
                raise self.refuse(f"`{base.code}` is read at another row", reason=Reason.OUT_OF_RANGE)
            return self._table(base.node, column.offset)
        return None

    def _one_column(self, base: Inv, row: Pos, column: Const | Inv) -> Lane:
        """A column of a table, one element a round."""
        if isinstance(column, Const) and (type(column.value) is not int):
            raise self.refuse(f"`{base.code}` is not read by number", reason=Reason.UNKNOWN_KIND)
        if names_in(column.node) & set(self.env):
            raise self.refuse(f"`{base.code}` is read by a column that changes", reason=Reason.UNKNOWN_KIND)
        index = ast.Tuple([ast.Slice(), clone(column.node)], ast.Load())
        read = Read(Sequence_(base), Access.INDEX, row.offset, None, Scalar.NUMPY)
        dtype, taken = self.matrix(base.node), item(clone(base.node), index)
        whole = (
            self.rounds.start == 0 and not row.offset and is_open(part_of(self.site, self.rounds.span, base.node, 0))
        )
        return Lane(taken if whole else self.rounds.cut(taken, read, self), True, dtype, False)

    def _row_of(self, node: ast.expr) -> ast.expr:
        """The table of which an expression takes one row in each round of the outer loop."""
        match strip(self._outer(node)):
            case Op(name="item", args=(Inv(node=base), Pos(offset=0))):
                return base
            case Read(source=Sequence_(base=base_, column=None), access=Access.INDEX, offset=0):
                return base_.node
        raise self.refuse(f"`{ast.unparse(node)}` is no row of a table", reason=Reason.UNKNOWN_KIND)

    def _table(self, base: ast.expr, offset: int) -> Lane:
        """`table[i, j]`: the whole table, or the part of it that the loops visit."""
        assert self.around is not None and self.outer is not None
        if offset:
            raise self.refuse(f"`{ast.unparse(base)}` is read at a neighbour", reason=Reason.OUT_OF_RANGE)
        dtype = self.matrix(base)
        parts = [part_of(self.around, self.outer.span, base, 0), part_of(self.site, self.rounds.span, base, 1)]
        node = clone(base)
        if not all(is_open(p) for p in parts):
            self.owe("equal-lengths", ast.unparse(base))
            for first in (n for p in parts if p.upper is not None for n in _elements_in(p.upper)):
                self.owe("some-rounds", first)  # `len(table[0])` of a table without rows
            node = item(node, ast.Tuple(list(parts), ast.Load()))
        self.tables[id(node)] = node
        return Lane(node, True, dtype, False)


def part_of(site: SiteContext, span: Span | None, base: ast.expr, axis: int) -> ast.Slice:
    """The part of one axis of a table that a range visits; open where it is known to be all of it."""
    stop = stop_of(span)
    if extent(site, stop) == (ast.unparse(base), axis):
        return ast.Slice()
    return ast.Slice(None, clone(stop), None)


def _elements_in(node: ast.expr) -> list[str]:
    """What is taken out of tables to say how long something is: `table[0]`, but no `table.shape[1]`."""
    taken = (n for n in walk(node) if isinstance(n, ast.Subscript))
    return [ast.unparse(n) for n in taken if not (isinstance(n.value, ast.Attribute) and n.value.attr == "shape")]


def is_open(part: ast.Slice) -> bool:
    """Whether a slice is the whole axis."""
    return part.lower is None and part.upper is None


def stop_of(span: Span | None) -> ast.expr:
    """Where a range ends, as it is written."""
    assert span is not None
    if span.of is None:
        assert span.stop is not None
        return span.stop.node
    return ast.Call(ast.Name("len", ast.Load()), [clone(span.of.node)], [])


def extent(site: SiteContext, node: ast.expr) -> tuple[str, int] | None:
    """The array and the axis that a number is the length of."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Subscript(value=ast.Name() as x, slice=index)]) if (
            not isinstance(index, ast.Slice)
        ):
            return ast.unparse(x), 1
        case ast.Call(func=ast.Name(id="len"), args=[x]):
            return ast.unparse(x), 0
        case ast.Subscript(value=ast.Attribute(value=x, attr="shape"), slice=ast.Constant(value=int(axis))):
            return ast.unparse(x), axis
        case ast.Name(id=name):
            return _named_extent(site, name)
    measured = length_of(site, node)
    return (measured[0].code, 0) if measured and not measured[1] else None


def _named_extent(site: SiteContext, name: str) -> tuple[str, int] | None:
    owner = site.file.scopes.owner(name, site.scope)
    binders = owner.binders(name) if owner is site.scope else []
    match binders:
        case [ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Attribute(value=x, attr="shape"))]:
            axes = [t.id if isinstance(t, ast.Name) else "" for t in elts]
            source = ast.unparse(x)
        case _:
            bound = bound_once(site, name) if owner is site.scope else None
            found = extent(site, bound[1]) if bound and not isinstance(bound[1], ast.Name) else None
            return found if found and _one_binder(site, found[0]) else None
    return (source, axes.index(name)) if _one_binder(site, source) else None


def _one_binder(site: SiteContext, name: str) -> bool:
    return name.isidentifier() and len(site.scope.binders(name)) == 1
