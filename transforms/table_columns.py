"""DL107: a row of a table a round, a column at a time."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Const, Inv, Loop, Op, Pos, StoreItem, strip
from ..loops.literals import folded
from ..loops.remarks import Reason, Refusal
from .array_fill import moving_axis, part_of_array, positions_of
from .array_store import item_store, shape_of
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.fresh import fresh_array, made_kind
from .lanes.lanes import NotVector
from .lanes.overlaps import by_round
from .lanes.vector import array_rewrite, guarded, picked, stored


class TableColumns(Transform):
    """A loop that fills a table row by row stores whole columns instead.

    `table[i, 0] = x[i]` for all `i` is `table[:, 0] = x`, and `table[i] = x[i], y[i]` one such statement for each
    column. The values are stored into the table that is there, so that its type converts them as before; a condition
    picks the rows. The table has to be made in the same function, with a shape that is written out.
    """

    rule = Rule("DL107", "table-columns", Severity.LOW)
    examples = (
        Example(
            before="""
                import numpy as np


                def features(x: np.ndarray, y: np.ndarray):
                    table = np.zeros((len(x), 3))
                    for i in range(len(x)):
                        table[i, 0] = x[i]
                        table[i, 1] = x[i] * y[i]
                        if y[i] > 0:
                            table[i, 2] = np.sqrt(y[i])
                    return table
            """,
            after="""
                import numpy as np


                def features(x: np.ndarray, y: np.ndarray):
                    table = np.zeros((len(x), 3))
                    y_values = y[: len(x)]
                    selected = y_values > 0
                    table[:, 0] = x
                    table[:, 1] = x * y_values
                    table[:, 2][selected] = np.sqrt(y_values[selected])
                    return table
            """,
        ),
        Example(
            before="""
                import numpy as np


                def bounds(x: np.ndarray, k):
                    out = np.empty((len(x), 2))
                    for i in range(len(x)):
                        out[i] = x[i] - k, x[i] + k
                    return out
            """,
            after="""
                import numpy as np


                def bounds(x: np.ndarray, k):
                    out = np.empty((len(x), 2))
                    out[:, 0] = x - k
                    out[:, 1] = x + k
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def sums(x: np.ndarray):
                    out = np.zeros((len(x), 2))
                    for i in range(1, len(x)):
                        out[i, 0] = x[i]
                        out[i, 1] = out[i - 1, 1] + x[i]
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def sums(x: np.ndarray):
                    out = np.zeros((len(x), 2))
                    out[1:, 0] = x[1:]
                    out[1:, 1] = out[:-1, 1] + x[1:]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreItem) and not e.augmented and e.target.isidentifier()]
        parts = [p for e in stores for p in _columns(e)]
        if not stores or len(stores) != len(loop.effects) or not any(len(positions_of(p)) == 2 for p in parts):
            return None
        if any(moving_axis(p) is None for p in parts):
            return None
        if any(len(_columns(e)) > 1 and not _fills_row(site, e) for e in stores):
            return Refusal(
                Reason.UNSUPPORTED_SYNTAX, stores[0].line, "a row gets more or fewer values than it has columns"
            )
        if objection := plain_loop(site, loop):
            return objection
        code = ArrayCode.build(site, loop)
        try:
            outputs = [_output(code, p, len(positions_of(p))) for p in by_round(parts)]
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        if not code.steps:
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, "no column or array is read")
        statements = code.under_conditions(emit(code, outputs, {e.target for e in stores}))
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def _columns(e: StoreItem) -> list[StoreItem]:
    """`table[i] = a, b` as one store for each column."""
    value = strip(e.value)
    if not isinstance(e.index, Pos) or not isinstance(value, Op) or value.name not in ("tuple", "list"):
        return [e]
    if len(value.args) < 2:
        return [e]
    found = []
    for k, part in enumerate(value.args):
        column = Op("tuple", (e.index, Const(k, ast.Constant(k))))
        found.append(replace(e, value=part, index=column))
    return found


def _fills_row(site: SiteContext, e: StoreItem) -> bool:
    """Whether a row gets as many values as the table has columns: one value would fill them all."""
    made = fresh_array(site, e.target)
    return made is not None and _width(made) == len(_columns(e))


def _output(code: ArrayCode, e: StoreItem, dimensions: int) -> Output:
    if dimensions == 1:
        return item_store(code, e)
    made = fresh_array(code.site, e.target)
    kind = made_kind(code.site, made) if made is not None else None
    if made is None or kind is None:
        message = f"`{e.target}` is not made in this function: it may share memory with what is read, or be no array"
        raise NotVector(Reason.ALIASED, e.line, message)
    if kind.dtype != "float64":
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to be one of floats")
    _inside(e, made)
    target = part_of_array(code, e, made, kind)
    value, mask = guarded(code, e.guard, e.value, e.line)
    lane = value if mask is None else picked(code, value, mask)
    if mask is not None:
        target.ctx = ast.Load()  # type: ignore[attr-defined]
        target = ast.Subscript(target, mask.node, ast.Store())
    return Output(*stored(code, target, lane.node, e.line))


def _inside(e: StoreItem, made: ast.Assign) -> None:
    """The column is one that the table has: a loop of no rounds does not find out that it is missing."""
    row, column = positions_of(e)
    length = _width(made)
    number = folded(column.node) if isinstance(column, (Const, Inv)) else None
    if length is None or number is None or not isinstance(row, Pos):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"how many columns `{e.target}` has is not written out")
    if not -length <= number < length:
        raise NotVector(Reason.OUT_OF_RANGE, e.line, f"`{e.target}` has no column {number}")


def _width(made: ast.Assign) -> int | None:
    """How many columns a table is made with."""
    shape = shape_of(made)
    return folded(shape.elts[1]) if isinstance(shape, (ast.Tuple, ast.List)) and len(shape.elts) == 2 else None
