"""DL408: array elements that are found by a computed position: histograms, sums by group, one-hot tables."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.exposure import handled
from ..loops.ir import Access, Const, Expr, Inv, Loop, Op, Pos, Raw, Read, StoreItem, strip
from ..loops.kind_words import Kind
from ..loops.remarks import Reason, Refusal
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.fresh import fresh_array, length_as_named, made_kind
from .lanes.lanes import Lane, NotVector
from .lanes.vector import array_rewrite, guarded, picked, stored
from .shared.build import clone, name
from .shared.operators import COMPARE
from .shared.syntax import few_rounds

#: Augmented stores that NumPy does one after the other, in the order of the positions.
ADDING = {"+": "add", "-": "subtract"}
NARROW = frozenset({"int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"})
#: What may make a mask, which stores into many places at once.
MASKING = frozenset({"invert", "&", "|", "item"})


class Scatter(Transform):
    """`counts[group[i]] += 1` is `np.add.at`, and `table[i, column[i]] = v` one store with arrays of positions.

    `counts[groups] += 1` would count a repeated position once only; `np.add.at` adds every time, in the order of the
    loop, so that sums of floats are the same bit by bit. Where a position may be stored into twice, NumPy does not
    promise which value stays: that is an assumption unless all values are the same or the positions surely differ.

    The array has to be made in the same function, of floats or 64-bit integers. Positions that are not known to be
    integers are an assumption too (a bool would be taken for a mask).
    """

    rule = Rule("DL408", "scatter", Severity.LOW)
    examples = (
        Example(
            before="""
                import numpy as np


                def totals(groups: np.ndarray, amounts: np.ndarray):
                    out = np.zeros(8)
                    for group, amount in zip(groups, amounts):
                        if amount > 0:
                            out[group] += amount
                    return out
            """,
            after="""
                import numpy as np


                def totals(groups: np.ndarray, amounts: np.ndarray):
                    out = np.zeros(8)
                    selected = amounts > 0
                    np.add.at(out, groups[selected], amounts[selected])
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def one_hot(labels: np.ndarray):
                    table = np.zeros((len(labels), 10))
                    for i, label in enumerate(labels):
                        table[i, label] = 1
                    return table
            """,
            after="""
                import numpy as np


                def one_hot(labels: np.ndarray):
                    table = np.zeros((len(labels), 10))
                    table[np.arange(len(labels)), labels] = 1
                    return table
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def histogram(ages: np.ndarray, counts):
                    for age in ages:
                        counts[age] += 1
            """,
            reason=Reason.ALIASED,
            naive="""
                import numpy as np


                def histogram(ages: np.ndarray, counts):
                    counts[ages] += 1
            """,
            note="the array belongs to the caller; and the naive form counts a repeated age once",
        ),
        Example(
            before="""
                import numpy as np


                def ranks(order: np.ndarray, scores: np.ndarray):
                    best = np.zeros(100)
                    for i in range(len(order)):
                        best[order[i]] = max(best[order[i]], scores[i])
                    return best
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def ranks(order: np.ndarray, scores: np.ndarray):
                    best = np.zeros(100)
                    best[order] = np.maximum(best[order], scores)
                    return best
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (StoreItem() as e,) if scatters(e) and e.augmented in ("", *ADDING) and not few_rounds(site.loop):
                pass
            case _:
                return None
        kind = site.kind(name(e.target)) if e.target.isidentifier() else None
        if not e.target.isidentifier() or (kind is not None and kind.name != "ndarray"):
            return None
        objection = plain_loop(site, loop)
        if objection:
            return objection
        if handled(site):
            message = "a position out of range would leave partial results, and that may be handled in this function"
            return Refusal(Reason.EXCEPTION_HANDLING, site.loop.lineno, message)
        made = fresh_array(site, e.target)
        kind = made_kind(site, made) if made is not None else None
        if made is None or kind is None:
            message = f"`{e.target}` is not made in this function: it may be no array, or share memory with others"
            return Refusal(Reason.ALIASED, e.line, message)
        code = ArrayCode.build(site, loop)
        try:
            output = _store(code, e, made, kind)
        except NotVector as refused:
            return Refusal(refused.refusal.reason, refused.refusal.line or e.line, refused.refusal.message)
        if code.raises:
            code.owe("one-exception")
        statements = code.under_conditions(emit(code, [output], {e.target}))
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def indices_of(e: StoreItem) -> tuple[Expr, ...]:
    """The position along each axis."""
    inner = strip(e.index)
    return inner.args if isinstance(inner, Op) and inner.name == "tuple" else (inner,)


def _cell(x: Op) -> bool:
    """Whether a value is an element of a matrix: `m[i, k]`."""
    match x:
        case Op(name="item", args=(Inv(), Op(name="tuple", args=places))):
            return any(isinstance(strip(p), Pos) for p in places)
    return False


def scatters(e: StoreItem) -> bool:
    """Whether a position is computed from data, not counted, and no mask."""
    found = [strip(x) for x in indices_of(e)]
    masks = any(isinstance(x, Op) and (x.name in COMPARE or x.name in MASKING) and not _cell(x) for x in found)
    names = any(isinstance(x, Raw) or (isinstance(x, Op) and x.name.startswith("method:")) for x in found)
    return not masks and not names and any(not isinstance(x, (Pos, Inv, Const)) for x in found)


def _check_axes(code: ArrayCode, e: StoreItem, made: ast.Assign, kind: Kind) -> None:
    """The array has as many axes as the store names: each round stores into one element."""
    axes = len(indices_of(e))
    if kind.ndim not in (0, axes):
        message = f"`{e.target}` has {kind.ndim} dimensions: whole rows are stored into it"
        raise NotVector(Reason.UNKNOWN_KIND, e.line, message)
    if kind.ndim == 0:
        shape = length_as_named(code.site, made) if axes == 1 else None
        if shape is None:
            raise NotVector(Reason.UNKNOWN_KIND, e.line, f"the dimensions of `{e.target}` are not known")
        code.owe("scalars", ast.unparse(shape))


def _store(code: ArrayCode, e: StoreItem, made: ast.Assign, kind: Kind) -> Output:
    """The statement that stores the values of all rounds."""
    value, mask = guarded(code, e.guard, e.value, e.line)
    if value.array:
        _check_axes(code, e, made, kind)
    check_stored(code, e, kind, value)
    lane = value if mask is None else picked(code, value, mask)
    found = [position(code, x, e, mask is not None) for x in indices_of(e)]
    where = [x.node if mask is None or not x.array else picked(code, x, mask).node for x in found]
    index = where[0] if len(where) == 1 else ast.Tuple(where, ast.Load())
    if e.augmented:
        return added_at(code, e, index, lane.node)
    if value.array and not any(isinstance(strip(x), Pos) for x in indices_of(e)):
        code.owe("distinct-positions", e.target)
    return Output(*stored(code, ast.Subscript(name(e.target), index, ast.Store()), lane.node, e.line))


def check_stored(code: ArrayCode, e: StoreItem, kind: Kind, value: Lane) -> None:
    """The array takes the values as they are; raises NotVector where it may not."""
    narrow = kind.dtype in NARROW and _small(value.node)
    if kind.dtype == "float32" and not e.augmented:
        code.owe("small-integers")  # rounded once, not twice
    elif kind.dtype not in ("float64", "int64") and not narrow:
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to hold floats or 64-bit integers")
    floats = kind.dtype in ("float64", "float32")
    if value.dtype not in ("bool", "int") and (not floats or value.dtype == "text"):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"what is stored into `{e.target}` is not surely an integer")
    if not floats and (e.augmented or not isinstance(value.node, ast.Constant)):
        code.owe("no-overflow")


def added_at(code: ArrayCode, e: StoreItem, index: ast.expr, value: ast.expr) -> Output:
    """`np.add.at(out, index, value)`."""
    stmt = ast.Expr(code.numpy(f"{ADDING[e.augmented]}.at", name(e.target), index, value))
    stmt.lineno = e.line
    risk, code.risk = code.risk, False
    return Output(stmt, risk)


def _listed(code: ArrayCode, x: Expr) -> Lane | None:
    """Positions that stand in a list."""
    if not isinstance(x, Read) or x.access not in (Access.INDEX, Access.ITERATE):
        return None
    kind = code.site.kind(x.source.base.node)
    if x.part or x.source.column is not None or kind is None or kind.name != "list":
        return None
    array = code.numpy("asarray", clone(x.source.base.node))
    return Lane(code.rounds.cut(array, x, code), True, "number", True)


def _small(node: ast.expr) -> bool:
    """A literal that any integer array holds."""
    return isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value < 128


def position(code: ArrayCode, x: Expr, e: StoreItem, some: bool) -> Lane:
    """The positions of all rounds along one axis; `some`: computed where not all rounds compute them."""
    lane = _listed(code, strip(x)) or (code.conditional(x) if some else code.lane(x))
    if not lane.array and isinstance(strip(x), Const):
        if type(getattr(strip(x), "value", None)) is not int:
            raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not stored into by number")
        return lane
    if lane.dtype in ("bool", "float", "text"):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, "what is stored into is not found by an integer")
    if lane.dtype != "int":
        code.owe("integer-positions", e.target)
    return lane
