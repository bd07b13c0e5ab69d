"""DL109: an array that a loop changes element by element."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Loop, Pos, Read, StoreItem
from ..loops.names import names_in
from ..loops.remarks import Reason, Refusal
from .array_store import destined, shape_of
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import independent
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.fitting import fits
from .lanes.fresh import fresh_array
from .lanes.lanes import NotVector
from .lanes.spans import ends, lower_end
from .lanes.vector import array_rewrite, guarded, into, picked, stored
from .shared.build import const, name, slice_
from .shared.own_stores import element_of, one_store, own_store, parts_of

#: Operators of augmented stores that arrays have too, and none.
OPERATORS = ("", "+", "-", "*", "/", "//", "%", "**")


class ArrayUpdate(Transform):
    """An array that a loop changes element by element, each made of what it was, is changed as a whole.

    No round reads what another one stores, so that all elements can be computed before the first is stored. They are
    stored into the array that is there, whose dtype converts them as it did one by one, and everybody who has the array
    sees the change. Other arrays that the loop reads must not show memory of this one.
    """

    rule = Rule("DL109", "array-update", Severity.LOW)
    examples = (
        Example(
            before="""
                import numpy as np


                def clipped(x: np.ndarray, most: float):
                    for i in range(len(x)):
                        if x[i] > most:
                            x[i] = most
                    return x
            """,
            after="""
                import numpy as np


                def clipped(x: np.ndarray, most: float):
                    x[x > most] = most
                    return x
            """,
        ),
        Example(
            before="""
                import numpy as np


                def padded(sizes: np.ndarray):
                    largest = sizes.max(axis=1)
                    for k in range(len(largest)):
                        if largest[k] % 2 == 0:
                            largest[k] += 10
                        else:
                            largest[k] += 9
                    return largest
            """,
            after="""
                import numpy as np


                def padded(sizes: np.ndarray):
                    largest = sizes.max(axis=1)
                    largest[:] = largest + np.where(largest % 2 == 0, 10, 9)
                    return largest
            """,
        ),
        Example(
            before="""
                import numpy as np


                def excess(x: np.ndarray, y: np.ndarray):
                    for i in range(len(x)):
                        x[i] = x[i] - y[i]
                    return x
            """,
            after="""
                import numpy as np


                def excess(x: np.ndarray, y: np.ndarray):
                    x[:] = x - y[: len(x)]
                    return x
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def smooth(x: np.ndarray):
                    for i in range(1, len(x)):
                        x[i] = 0.5 * x[i] + 0.5 * x[i - 1]
                    return x
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def smooth(x: np.ndarray):
                    x[1:] = 0.5 * x[1:] + 0.5 * x[:-1]
                    return x
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreItem) and e.index == Pos() and e.augmented in OPERATORS]
        if not stores or len(stores) != len(loop.effects) or len({e.target for e in stores}) > 1:
            return None
        target, line = stores[0].target, stores[0].line
        kind = site.kind(name(target)) if target.isidentifier() else None
        if not target.isidentifier() or (kind is not None and kind.name != "ndarray"):
            return None
        if kind is not None and kind.dtype == "object":
            return Refusal(Reason.UNKNOWN_KIND, line, f"`{target}` holds objects, which may be anything")
        made = fresh_array(site, target)
        if made is not None and not any(own_store(e) for e in stores):
            return None  # an array that is filled
        if (objection := independent(site, loop)) is not None:
            return objection
        itself = element_of(target)
        store = one_store(stores, itself)
        if store is None:
            return Refusal(Reason.READS_OWN_OUTPUT, line, f"`{target}` is added to after it was stored into")
        if (view := _view(site, store)) is not None:
            return Refusal(Reason.ALIASED, line, f"`{view}` is made of `{target}`, and may show its memory")
        code = ArrayCode.build(site, replace(loop, effects=(store,)))
        code.stored.add(target)
        if made is None:
            code.owe("writable", target)
            if _reads_others(store):
                code.owe("own-memory", target)
        try:
            output = _store(code, store)
        except NotVector as refused:
            return Refusal(refused.refusal.reason, refused.refusal.line or line, refused.refusal.message)
        statements = code.under_conditions(emit(code, [output], {target}))
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def _reads_others(e: StoreItem) -> bool:
    """Whether elements of other arrays are read."""
    found = (x for part in parts_of(e) for x in part.walk() if isinstance(x, Read))
    return any(r.source.base.code != e.target for r in found)


def _view(site: SiteContext, e: StoreItem) -> str | None:
    """Another array that is read, and that the array itself was taken apart for: `y = x[::-1]`."""
    found = {x.source.base.code for part in parts_of(e) for x in part.walk() if isinstance(x, Read)} - {e.target}
    made = ((code, b) for code in sorted(found) for b in site.scope.binders(code))
    return next((code for code, b in made if isinstance(b, ast.Assign) and e.target in names_in(b.value)), None)


def _store(code: ArrayCode, e: StoreItem) -> Output:
    """The statement that stores the new elements; raises NotVector if there is none."""
    value, mask = guarded(code, e.guard, e.value, e.line)
    kind = code.site.kind(name(e.target))
    if value.dtype in ("any", "text"):
        raise NotVector(Reason.CARRIED_STATE, e.line, "a value that may be None or text is stored into numbers")
    if kind is None or not kind.proven or kind.ndim != 1:
        code.owe("numeric-arrays", e.target)
    floats = code.site.floats and (value.dtype == "float" or not value.array)  # into an array that is tested for them
    if not floats and (kind is None or (kind.dtype != "float64" and not fits(code, kind, value))):
        code.owe("no-overflow")
        code.owe("fitting-values", e.target)
    lane = value if mask is None else picked(code, value, mask)
    target = into(_part(code, e.target), None if mask is None else mask.node)
    return Output(*stored(code, target, lane.node, e.line))


def _part(code: ArrayCode, target: str) -> ast.expr:
    """The part of the array that the rounds visit."""
    span = code.rounds.span
    if span is None and [e.source.code for e in code.loop.header.elements if isinstance(e, Read)] == [target]:
        return name(target)
    if span is not None and span.of is not None and span.of.code == target and span.delta <= 0:
        lower = None if code.rounds.start == 0 else lower_end(code, ends(code, code.rounds)[0], target)
        return slice_(name(target), lower, const(span.delta) if span.delta else None)
    made = fresh_array(code.site, target)
    if made is None:
        raise NotVector(Reason.UNKNOWN_KIND, code.site.loop.lineno, f"how long `{target}` is, is not known")
    return destined(code, target, 0, made, shape_of(made))
