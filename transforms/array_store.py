"""DL104: an array filled element by element."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.header import length_of, unchanged_between
from ..loops.header_rows import inv
from ..loops.ir import Inv, Loop, Pos, Read, StoreItem
from ..loops.kind_words import Kind
from ..loops.remarks import Reason, Refusal
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.arrays import ArrayCode, Extension
from .lanes.columns import DTYPES
from .lanes.emit import Output, emit
from .lanes.fitting import fits
from .lanes.fresh import fresh_array, length_as_named, shaped_like
from .lanes.lanes import NotVector
from .lanes.linear import Linear, linear
from .lanes.overlaps import by_round
from .lanes.rounds import Rounds
from .lanes.spans import assume_positive, ends, lower_end
from .lanes.vector import array_rewrite, guarded, into, picked, stored
from .lanes.whole_store import note_whole, settled
from .shared.build import const, name, slice_


class ArrayStore(Transform):
    """A preallocated array that a loop fills at its own position is one array expression.

    The values are stored into the array that is there, so that its dtype converts them as it did element by
    element. A store under a condition touches the same elements. Where every element is stored and is surely a float,
    the array is the expression itself. The array has to be made in the same function, so that nothing else shows its
    memory.
    """

    #: Lanes that the look-up idioms know.
    extend: Extension | None = None
    rule = Rule("DL104", "array-store", Severity.LOW)
    examples = (
        Example(
            before="""
                import numpy as np


                def gain(df):
                    out = np.zeros(len(df))
                    for i in range(len(df)):
                        if df['b'].values[i] > 0:
                            out[i] = df['a'].values[i] / df['b'].values[i]
                    return out
            """,
            after="""
                import numpy as np


                def gain(df):
                    out = np.zeros(len(df))
                    b = df['b'].values
                    selected = b > 0
                    out[selected] = df['a'].values[selected] / b[selected]
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def walk(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(1, len(x)):
                        out[i] = out[i - 1] * 0.9 + x[i]
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def walk(x: np.ndarray):
                    out = np.zeros(len(x))
                    out[1:] = out[:-1] * 0.9 + x[1:]
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def twice(x: np.ndarray, out):
                    for i in range(len(x)):
                        out[i] = 2 * x[i]
            """,
            reason=Reason.ALIASED,
            naive="""
                import numpy as np


                def twice(x: np.ndarray, out):
                    out = 2 * x
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreItem)]
        if (
            not stores
            or len(stores) != len(loop.effects)
            or not all(isinstance(e.index, Pos) and not e.augmented for e in stores)
        ):
            return None
        if any(
            (k := site.kind(ast.parse(e.target, mode="eval").body))
            and k.name in ("dict", "list", "defaultdict", "Counter")
            for e in stores
        ):
            return None
        objection = plain_loop(site, loop)
        if objection:
            return objection
        code = ArrayCode.build(site, loop)
        code.extend = self.extend
        try:
            outputs = [item_store(code, e) for e in by_round(stores)]
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        if not code.steps:
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, "no column or array is read")
        statements = emit(code, settled(code, outputs), {e.target for e in stores})
        statements = code.under_conditions(statements)
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def item_store(code: ArrayCode, e: StoreItem) -> Output:
    """The statement that stores the values of all rounds into an array; raises NotVector if it can't be one."""
    made = fresh_array(code.site, e.target)
    if made is None:
        raise NotVector(
            Reason.ALIASED,
            e.line,
            f"`{e.target}` is not made in this function: it may share memory with what is read, or be no array",
        )
    kind = code.site.kind(made.value)
    if kind is None or not _flat(code, made, kind):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to be one-dimensional")
    if kind.dtype in ("object", None):
        code.owe("element-types")
    assert isinstance(e.index, Pos)
    destination = destined(code, e.target, e.index.offset, made, shape_of(made))
    value, mask = guarded(code, e.guard, e.value, e.line)
    if value.dtype == "any" and kind.dtype != "object":
        raise NotVector(Reason.CARRIED_STATE, e.line, "a value that may be None or text is stored into an array")
    if value.dtype == "text" and kind.dtype in DTYPES:
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"text is stored into `{e.target}`, an array of numbers")
    if kind.dtype != "float64" and not fits(code, kind, value):
        code.owe("no-overflow")
        code.owe("fitting-values", e.target)
    quiet = code.risk
    lane = value if mask is None else picked(code, value, mask)
    quiet = quiet and not code.risk  # only the picked values are computed without a warning
    target = into(destination, None if mask is None else mask.node)
    output = Output(*stored(code, target, lane.node, e.line))
    if isinstance(destination, ast.Name) and not quiet and _measured(code, made):
        note_whole(code, e, made, value, mask, output)
    return output


def _flat(code: ArrayCode, made: ast.Assign, kind: Kind) -> bool:
    """Whether an array has one dimension, or is assumed to: made as large as a name says, or in the shape of one."""
    if kind.ndim == 1 or _counted(code, made, kind):
        return True
    if kind.ndim:
        return False
    if (size := length_as_named(code.site, made)) is not None:
        code.owe("scalars", ast.unparse(size))
        return True
    alike = shaped_like(code.site, made)
    of = code.site.kind(alike) if alike is not None else None
    if alike is None or of is None or of.name != "ndarray" or of.ndim:
        return False
    code.owe("numeric-arrays", ast.unparse(alike))
    return True


def _counted(code: ArrayCode, made: ast.Assign, kind: Kind) -> bool:
    """Whether an array is as long as the range: that makes `n` of `np.zeros(n)` a number, not a shape."""
    span = code.rounds.span
    if kind.ndim or span is None or span.stop is None or length_as_named(code.site, made) is None:
        return False
    return ast.unparse(shape_of(made)) == span.stop.code and unchanged_between(code.site, span.stop, made)


def _measured(code: ArrayCode, made: ast.Assign) -> bool:
    """The array is as long as what the loop goes over, not as a number says that may be negative."""
    of = code.rounds.table if code.rounds.span is None else code.rounds.span.of
    return of is not None and _as_long(code.site, made, shape_of(made), of.code)


def destined(code: ArrayCode, target: str, offset: int, made: ast.Assign, shape: ast.expr) -> ast.expr:
    """The part of an array, along an axis of a known length, that the rounds store into."""
    site, rounds, base = code.site, code.rounds, name(target)
    if rounds.span is None:
        if offset:
            raise code.refuse("a neighbour is stored", reason=Reason.OUT_OF_RANGE)
        if not _as_long(site, made, shape, _gone_over(code)):
            code.owe("long-enough", target)
            return slice_(base, None, code.count())
        return base
    stop = rounds.span.stop
    named = rounds.span.of is None and stop is not None and ast.unparse(shape) == stop.code
    if named and stop is not None and rounds.start == 0 and not offset and unchanged_between(site, stop, made):
        return base
    itself = rounds.span.of is not None and rounds.span.of.code == target
    if itself and rounds.start == rounds.span.delta == offset == 0:
        return base
    plain = rounds.start == offset == 0  # from the first element on
    lower = None if plain else lower_end(code, ends(code, rounds)[0].shifted(offset), target)
    end = rounds.span.delta + offset
    if rounds.span.of is not None and _as_long(site, made, shape, rounds.span.of.code):
        if end > 0:
            raise code.refuse(f"`{target}` is stored into past its end", reason=Reason.OUT_OF_RANGE)
        return slice_(base, lower, const(end) if end else None)
    if (back := _short_of(site, rounds, made, shape, offset)) is not None:
        assume_positive(code, back)
        return slice_(base, lower, Linear().plus(back, -1).node() if back.terms or back.const else None)
    if named and stop is not None and offset <= 0 and unchanged_between(site, stop, made):
        return slice_(base, lower, const(offset) if offset else None)
    return slice_(base, lower, rounds.end(offset, target, code))


def _gone_over(code: ArrayCode) -> str | None:
    """The one thing that all rounds go over, as it is written."""
    if code.rounds.table is not None:
        return code.rounds.table.code
    match code.loop.header.elements:
        case (Read(source=source, offset=0),):
            return source.base.code  # a column is as long as its frame
        case (Inv(code=whole),):
            return whole
        case (Read(source=source), *_) as columns if source.column is not None:
            of = {e.source.base.code if isinstance(e, Read) and e.source.column is not None else "" for e in columns}
            return source.base.code if len(of) == 1 else None
    return None


def _short_of(site: SiteContext, rounds: Rounds, made: ast.Assign, shape: ast.expr, offset: int) -> Linear | None:
    """How far before the end of the array the last store is, if that is known to be inside."""
    whole, last = linear(site, shape), rounds.last
    if whole is None or last is None or not last.terms or not unchanged_between(site, inv(shape), made):
        return None
    back = whole.plus(last.shifted(offset), -1)
    least = back.least()
    return back if least is not None and (least >= 1 or not (back.terms or back.const)) else None


def shape_of(made: ast.Assign) -> ast.expr:
    """What an array is made as large as."""
    value = made.value
    while isinstance(value, ast.BinOp):
        value = value.left if isinstance(value.left, (ast.Call, ast.BinOp)) else value.right
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Call(args=[shape, *_]), attr="astype")) | ast.Call(args=[shape, *_]):
            return shape
        case ast.Call(keywords=[ast.keyword(arg="shape", value=shape), *_]):
            return shape
    return value


def _as_long(site: SiteContext, made: ast.Assign, shape: ast.expr, of: str | None) -> bool:
    """Whether the array is as long as what the loop goes over."""
    path = site.dotted(made.value.func) if isinstance(made.value, ast.Call) else None
    match made.value:
        case ast.Call(func=ast.Attribute(value=ast.Name() as copied, attr="copy"), args=[]):
            return copied.id == of and unchanged_between(site, inv(copied), made)
    if path and path.endswith("_like"):
        alike = ast.unparse(shape) == of or (isinstance(shape, ast.Subscript) and ast.unparse(shape.value) == of)
        return alike and unchanged_between(site, inv(shape), made)
    if isinstance(shape, ast.Attribute) and shape.attr == "shape":
        return ast.unparse(shape.value) == of and unchanged_between(site, inv(shape.value), made)
    measured = length_of(site, shape)
    same = measured is not None and measured[1] == 0 and measured[0].code == of
    return same and measured is not None and unchanged_between(site, measured[0], made)
