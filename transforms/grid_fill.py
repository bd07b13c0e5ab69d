"""DL702: a table filled cell by cell through two loops."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import Refused, SiteContext
from ..loops.ir import Inv, Loop, Op, Pos, StoreItem, strip
from ..loops.kind_words import Kind
from ..loops.lift import live_out
from ..loops.names import bound_names, names_in
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.emit import Output, emit
from .lanes.fitting import fits
from .lanes.fresh import fresh_array
from .lanes.grids import GridCode, extent, part_of, stop_of
from .lanes.lanes import Lane, NotVector
from .lanes.nests import nest_of
from .lanes.some_cells import SomeCells
from .lanes.vector import array_rewrite, assume_lifted, stored
from .shared.build import name


class GridFill(Transform):
    """Two loops over positions that fill a table cell by cell are one expression on the whole table.

    What depends on the outer position becomes a column (`a[:, None]`), what depends on the inner one a row, and
    broadcasting combines them cell by cell, in the same arithmetic. The values are stored into the table that is
    there, so that its dtype converts them as before. Nothing larger than the table itself is made on the way.

    Both ranges have to begin at 0, and the table has to be made in the same function.
    """

    rule = Rule("DL702", "grid-fill", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def distances(a: np.ndarray, b: np.ndarray):
                    out = np.zeros((len(a), len(b)))
                    for i in range(len(a)):
                        for j in range(len(b)):
                            dx = a[i, 0] - b[j, 0]
                            dy = a[i, 1] - b[j, 1]
                            out[i, j] = np.sqrt(dx * dx + dy * dy)
                    return out
            """,
            after="""
                import numpy as np


                def distances(a: np.ndarray, b: np.ndarray):
                    out = np.zeros((len(a), len(b)))
                    dx = a[:, 0][:, None] - b[:, 0]
                    dy = a[:, 1][:, None] - b[:, 1]
                    out[:, :] = np.sqrt(dx * dx + dy * dy)
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def shares(table: np.ndarray):
                    n, m = table.shape
                    out = np.empty((n, m))
                    for i in range(n):
                        for j in range(m):
                            out[i][j] = table[i][j] / table[i, m - 1]
                    return out
            """,
            after="""
                import numpy as np


                def shares(table: np.ndarray):
                    n, m = table.shape
                    out = np.empty((n, m))
                    out[:, :] = table / table[:, m - 1][:, None]
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def paths(n, m):
                    ways = np.ones((n, m))
                    for i in range(1, n):
                        for j in range(1, m):
                            ways[i, j] = ways[i - 1, j] + ways[i, j - 1]
                    return ways
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def paths(n, m):
                    ways = np.ones((n, m))
                    ways[1:, 1:] = ways[:-1, 1:] + ways[1:, :-1]
                    return ways
            """,
        ),
        Example(
            before="""
                import numpy as np


                def slopes(x: np.ndarray, y: np.ndarray):
                    out = np.zeros((len(x), len(y)))
                    for i in range(1, len(x)):
                        for j in range(len(y)):
                            out[i, j] = x[i] * y[j]
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
            note="the first row is left as it is",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if (nest := nest_of(site, loop)) is None:
            return None
        inside, env, lifted = nest.inside, nest.env, nest.lifted
        if isinstance(lifted, Refusal):
            return lifted if _stores_cells(nest.inner) else None
        stores = [e for e in lifted.effects if isinstance(e, StoreItem) and not e.augmented]
        if not stores or len(stores) != len(lifted.effects):
            return None
        if objection := _objection(site, lifted, inside):
            return objection
        code = GridCode.of(site, loop.header, env, inside, lifted)
        assume_lifted(code, site, lifted)
        assume_lifted(code, inside, lifted)
        if {n for s in site.loop.body[:-1] for n in bound_names(s)} - names_in(nest.inner):
            code.owe("no-exceptions")
        try:
            outputs = [o for e in stores for o in _outputs(code, e)]
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        except Refused as e:
            return e.refusal
        statements = emit(code, outputs, {*(_table_name(e) or "" for e in stores), *_positions(site)})
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def _stores_cells(loop: ast.For) -> bool:
    return any(
        isinstance(n, ast.Subscript)
        and isinstance(n.ctx, ast.Store)
        and (isinstance(n.value, ast.Subscript) or isinstance(n.slice, ast.Tuple))
        for n in walk(loop)
    )


def _objection(site: SiteContext, lifted: Loop, inside: SiteContext) -> Refusal | None:
    if objection := plain_loop(inside, lifted):
        return objection
    live = live_out(site, bound_names(site.loop))
    if live:
        id_, line = next(iter(live.items()))
        return Refusal(Reason.VALUE_READ_LATER, line, f"`{id_}` is read after the loop")
    return None


def _table_name(e: StoreItem) -> str | None:
    node = ast.parse(e.target, mode="eval").body
    match node, strip(e.index):
        case ast.Name(id=table), Op(name="tuple"):
            return table
        case ast.Subscript(value=ast.Name(id=table)), _:
            return table
    return None


def _positions(site: SiteContext) -> tuple[str, str]:
    """Names for the positions of some cells."""
    return site.fresh("rows", "row_positions", "rows_"), site.fresh("columns", "column_positions", "columns_")


def _outputs(code: GridCode, e: StoreItem) -> list[Output]:
    assert code.around is not None and code.outer is not None
    table = _table_name(e)
    if table is None or not _own_cell(code, e):
        raise NotVector(Reason.UNSUPPORTED_SYNTAX, e.line, f"`{e.target}` is not stored into at the two positions")
    kind = code.site.kind(name(table))
    made = fresh_array(code.around, table)
    if made is None:
        message = f"`{table}` is not made in this function: it may share memory with what is read, or be no array"
        raise NotVector(Reason.ALIASED, e.line, message)
    if kind is None or not _is_table(code, made, kind):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{table}` is not known to be two-dimensional")
    if code.outer.start != 0 or code.rounds.start != 0:
        raise NotVector(Reason.OUT_OF_RANGE, e.line, "a range does not begin at 0")
    if e.guard is not None and kind.dtype != "float64":
        raise NotVector(Reason.UNSUPPORTED_SYNTAX, e.line, "only some cells are stored, into a table of another type")
    mask = code.mask(e.guard, e.line) if e.guard is not None else None
    lane = code.lane(e.value) if mask is None else code.may_pick(e.value)
    if kind.dtype != "float64" and not fits(code, kind, lane):
        code.owe("no-overflow")
        code.owe("fitting-values", table)
    index = ast.Tuple([_axis(code, made, axis) for axis in (0, 1)], ast.Load())
    value = lane.node
    if mask is not None and code.only_there:
        return _some_cells(code, table, lane, mask, e.line)
    if mask is not None:
        value = code.numpy("where", mask.node, value, ast.Subscript(name(table), index, ast.Load()))
    target = ast.Subscript(name(table), index, ast.Store())
    return [Output(*stored(code, target, value, e.line))]


def _some_cells(code: GridCode, table: str, lane: Lane, mask: Lane, line: int) -> list[Output]:
    """A store into the cells that a mask lets through, of what can be computed for no others."""
    assert code.around is not None
    rows, columns = _positions(code.around)
    cells = SomeCells(code, name(rows), name(columns))
    value = cells.values(lane, mask)
    code.risk = False
    target = ast.Subscript(name(table), ast.Tuple([cells.rows, cells.columns], ast.Load()), ast.Store())
    return [Output(cells.found(mask)), Output(*stored(code, target, value, line))]


def _is_table(code: GridCode, made: ast.Assign, kind: Kind) -> bool:
    """Whether an array has two dimensions: as many as what it is made like, if that is read as a table."""
    if kind.ndim or (like := _like(code, made)) is None:
        return kind.ndim == 2
    code.matrix(like)
    return True


def _own_cell(code: GridCode, e: StoreItem) -> bool:
    """Whether a store goes to the cell of the two positions."""
    index = strip(e.index)
    if isinstance(index, Op) and index.name == "tuple" and len(index.args) == 2:
        row, column = strip(index.args[0]), strip(index.args[1])
        return isinstance(row, Inv) and code.env.get(row.code) == Pos() and column == Pos()
    match ast.parse(e.target, mode="eval").body:
        case ast.Subscript(slice=ast.Name(id=row_name)):
            return code.env.get(row_name) == Pos() and index == Pos()
    return False


def _axis(code: GridCode, made: ast.Assign, axis: int) -> ast.Slice:
    """The part of one axis of the table that the loops fill."""
    assert code.around is not None and code.outer is not None and isinstance(made.value, ast.Call)
    span = code.outer.span if axis == 0 else code.rounds.span
    site = code.around if axis == 0 else code.site
    stop, shape = stop_of(span), made.value.args[0] if made.value.args else made.value
    delta = span.delta if span is not None and span.of is not None else 0
    if delta:
        raise code.refuse("a range ends before the table does", reason=Reason.OUT_OF_RANGE)
    if isinstance(shape, (ast.Tuple, ast.List)) and len(shape.elts) == 2:
        own = shape.elts[axis]
        same = ast.unparse(own) == ast.unparse(stop)
        if same or ((known := extent(site, own)) is not None and known == extent(site, stop)):
            return ast.Slice()
    elif (like := _like(code, made)) is not None and part_of(site, span, like, axis).upper is None:
        return ast.Slice()
    code.owe("equal-lengths", ast.unparse(made.targets[0]))
    return ast.Slice(None, stop, None)


def _like(code: GridCode, made: ast.Assign) -> ast.expr | None:
    """The array that a table is made like: `np.zeros_like(x)`, `np.zeros(x.shape)`."""
    match made.value:
        case ast.Call(args=[ast.Attribute(value=x, attr="shape"), *_]):
            return x
        case ast.Call(func=ast.Attribute(attr=attr_), args=[x, *_]) if attr_.endswith("_like"):
            return x
    return None
