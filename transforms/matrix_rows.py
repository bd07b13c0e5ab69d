"""DL108: the rows of a matrix, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.exposure import closed_over
from ..loops.ir import Append, Expr, Inv, Loop, Op, Pos, StoreItem, strip
from ..loops.remarks import Reason, Refusal
from .array_store import destined, item_store, shape_of
from .base import Example, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import list_edits, list_output, plain_loop
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.fresh import fresh_array
from .lanes.lanes import Lane, NotVector
from .lanes.overlaps import by_round
from .lanes.vector import array_rewrite, into, own, stored
from .matrices.ir import changed_in_place, narrows
from .matrices.lanes import RowLanes
from .shared.build import assign, call
from .shared.sinks import Sink, find_sink
from .shared.targets import Target, find_target, uses_after

#: Functions that make a table of a list of rows; those that a table goes through unchanged.
STACKING = frozenset({"numpy.array", "numpy.asarray", "numpy.vstack", "numpy.stack"})


class MatrixRows(Transform):
    """A loop over the rows of a matrix that computes with a whole row at a time is arithmetic of the matrix.

    What reduces a row (`x[i].sum()`) becomes a reduction along `axis=1`, with `keepdims` where it meets its row again;
    what makes a row of a row is computed for all rows at once. Where rows are stored under a condition, only those are
    taken out that it lets through.

    A sum along an axis adds a row up as `x[i].sum()` does only where rows are contiguous, which an array of NumPy need
    not be: that the last bits may differ is named as an assumption, as is that what is gone through has two dimensions
    where the code does not say so.
    """

    rule = Rule("DL108", "matrix-rows", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np


                def shares(counts: np.ndarray):
                    out = np.zeros(counts.shape)
                    for i in range(len(counts)):
                        out[i] = counts[i] / counts[i].sum()
                    return out
            """,
            after="""
                import numpy as np


                def shares(counts: np.ndarray):
                    out = np.zeros(counts.shape)
                    out[:] = counts / counts.sum(axis=1, keepdims=True)
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def softmax(scores: np.ndarray):
                    out = []
                    for row in scores:
                        e = np.exp(row - row.max())
                        out.append(e / e.sum())
                    return np.array(out)
            """,
            after="""
                import numpy as np


                def softmax(scores: np.ndarray):
                    e = np.exp(scores - scores.max(axis=1, keepdims=True))
                    out = e / e.sum(axis=1, keepdims=True)
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def levelled(x: np.ndarray):
                    out = np.zeros(x.shape)
                    for i in range(1, len(x)):
                        out[i] = x[i] - out[i - 1].mean()
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def levelled(x: np.ndarray):
                    out = np.zeros(x.shape)
                    out[1:] = x[1:] - out[:-1].mean(axis=1, keepdims=True)
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def scaled(x: np.ndarray, out: np.ndarray):
                    for i in range(len(x)):
                        out[i] = x[i] / x[i].max()
            """,
            reason=Reason.ALIASED,
            naive="""
                import numpy as np


                def scaled(x: np.ndarray, out: np.ndarray):
                    out = x / x.max(axis=1, keepdims=True)
            """,
            note="`out` is somebody else's: it may show the memory of `x`",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not loop.effects or not all(isinstance(e, (Append, StoreItem)) for e in loop.effects):
            return None
        lanes = RowLanes.of(site, loop)
        return row_forms(self.rule, site, loop, lanes) if lanes is not None else None


def row_forms(rule: Rule, site: SiteContext, loop: Loop, lanes: RowLanes) -> Sequence[Rewrite] | Refusal:
    """The array form of a loop that only appends or stores what it makes of rows."""
    appended = [e.target for e in loop.effects if isinstance(e, Append)]
    if len(set(appended)) != len(appended):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, loop.effects[-1].line, "a list gets several rows on a round")
    if objection := plain_loop(site, loop) or changed_in_place(site):
        return objection
    targets = [find_target(site, id_, "list", bool(loop.opaque)) for id_ in appended]
    if refused := next((t for t in targets if isinstance(t, Refusal)), None):
        return refused
    code = ArrayCode.build(site, loop)
    code.extend = lanes
    try:
        return _forms(rule, code, lanes, {t.name: t for t in targets if isinstance(t, Target)})
    except NotVector as e:
        return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)


def _forms(rule: Rule, code: ArrayCode, lanes: RowLanes, targets: dict[str, Target]) -> Sequence[Rewrite]:
    outputs: list[Output] = []
    sinks: list[Sink] = []
    for e in by_round(code.loop.effects):
        if isinstance(e, Append):
            output, sink = _listed(code, lanes, e, targets[e.target])
            sinks.append(sink)
        elif isinstance(e, StoreItem):
            output = _stored_rows(code, lanes, e) if _of_rows(code, lanes, e) else item_store(code, e)
        outputs.append(output)
    if code.conditions:
        raise code.refuse("where the rows begin is not known")
    statements = emit(code, outputs, {e.target for e in code.loop.effects})
    edits = list_edits(code, list(targets.values()), sinks, statements)
    return [array_rewrite(rule, code, statements, edits)]


def _listed(code: ArrayCode, lanes: RowLanes, e: Append, target: Target) -> tuple[Output, Sink]:
    """A list of rows, or the table that is made of it; a list of numbers."""
    if not lanes.is_table(e.value):
        sink = find_sink(code.site, target) if target.fresh else Sink("list")
        return list_output(code, e, target, sink), sink
    lane = _rows(code, lanes, e.guard, e.value, e.line)
    if not own(code, lane.node):
        raise NotVector(Reason.ALIASED, e.line, "rows are kept that show the memory of the matrix, or of one another")
    sink = _stacked(code.site, target) if target.fresh else Sink("list")
    value: ast.expr = lane.node
    if sink.form == "list":
        value = call("list", value)
    else:
        code.owe("rows-gathered")
        code.owned.add(target.name)
    stmt: ast.stmt = assign(target.name, value, e.line)
    if not target.fresh:
        stmt = ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), value)
    risk, code.risk = code.risk, False
    return Output(stmt, risk), sink


def _of_rows(code: ArrayCode, lanes: RowLanes, e: StoreItem) -> bool:
    """Whether a store goes to a whole row of a table."""
    if lanes.is_table(e.value) or not isinstance(strip(e.index), Pos):
        return True
    made = fresh_array(code.site, e.target)
    kind = code.site.kind(made.value) if made is not None else None
    return kind is not None and kind.ndim == 2


def _rows(code: ArrayCode, lanes: RowLanes, guard: Expr | None, value: Expr, line: int) -> Lane:
    """The rows of all rounds that a guard lets through."""
    lanes.mask = code.mask(guard, line) if guard is not None else None
    lane = lanes.table(code, value)
    lanes.mask = None
    return lane


def _stored_rows(code: ArrayCode, lanes: RowLanes, e: StoreItem) -> Output:
    made = fresh_array(code.site, e.target)
    if made is None:
        message = f"`{e.target}` is not made in this function: it may share memory with what is read, or be no array"
        raise NotVector(Reason.ALIASED, e.line, message)
    kind = code.site.kind(made.value)
    shape = shape_of(made)
    match shape:
        case ast.Tuple(elts=[first, _]) | ast.List(elts=[first, _]):
            shape = first
            code.owe("equal-lengths", e.target)
        case ast.Attribute(value=x, attr="shape"):
            shape = call("len", x)
        case _ if kind is None or not _like(made):
            raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to be two-dimensional")
    if kind is None or kind.ndim not in (0, 2):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to be two-dimensional")
    if kind.dtype != "float64":
        code.owe("no-overflow")
        code.owe("fitting-values", e.target)
    position = _position(e)
    if position is None or e.augmented:
        raise NotVector(Reason.UNSUPPORTED_SYNTAX, e.line, f"`{e.target}` is not stored into row by row")
    lanes.filling = True
    destination = destined(code, e.target, position.offset, made, shape)
    lane = _rows(code, lanes, e.guard, e.value, e.line)
    if narrows(e.value) and e.guard is not None:  # of no rows at all, too, an array has a width
        message = f"rows of another width than the matrix may be stored into `{e.target}` on no round"
        raise NotVector(Reason.OUT_OF_RANGE, e.line, message)
    if narrows(e.value):  # no rounds store rows that are too short
        code.owe("equal-lengths", e.target)
    target = into(destination, None if e.guard is None else code.mask(e.guard, e.line).node)
    return Output(*stored(code, target, lane.node, e.line))


def _like(made: ast.Assign) -> bool:
    """Whether an array is made like another one: as many dimensions as that has."""
    return isinstance(made.value, ast.Call) and ast.unparse(made.value.func).endswith("_like")


def _position(e: StoreItem) -> Pos | None:
    """The row that a store goes to: `out[i]`, `out[i, :]`."""
    match strip(e.index):
        case Pos() as pos:
            return pos
        case Op(name="tuple", args=(Pos() as pos, Inv(code=":"))):
            return pos
    return None


def _stacked(site: SiteContext, target: Target) -> Sink:
    """How a list of rows is wanted: as a table, if the one thing that happens to it is to be made one."""
    uses, others = uses_after(site, target.name), [b for b in site.scope.binders(target.name) if b is not target.init]
    if len(uses) != 1 or not site.scope.is_function or closed_over(site, target.name):
        return Sink("list")
    made = site.file.scopes.parent[uses[0]]
    plain = isinstance(made, ast.Call) and len(made.args) == 1 and not made.keywords
    if not isinstance(made, ast.Call) or not plain or site.dotted(made.func) not in STACKING:
        return Sink("list")
    stmt: ast.AST = made
    while not isinstance(stmt, ast.stmt):
        stmt = site.file.scopes.parent[stmt]
    if stmt not in site.block:
        return Sink("list")
    if not others:
        return Sink("arraylike", None, (stmt,), made)
    alone = others == [stmt] and isinstance(stmt, ast.Assign) and stmt.value is made
    return Sink("array", stmt) if alone else Sink("list")
