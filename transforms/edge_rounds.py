"""DL704: the first or last rounds of a loop do something else: `if i < w: ... else: ...`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Append, Effect, Expr, HeaderForm, Loop, Pos, StoreItem
from ..loops.remarks import Reason, Refusal
from .array_store import item_store
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import ARRAY_FORMS, independent, list_edits
from .lanes.arrays import ArrayCode
from .lanes.emit import Output, emit
from .lanes.lanes import Lane, NotVector
from .lanes.round_parts import Part, part_of_rounds, parts_of, simple_edge
from .lanes.vector import array_rewrite, own, stored
from .shared.build import assign, attr, call, clone, const, name, slice_
from .shared.sinks import find_sink
from .shared.targets import Target, find_target
from .windowing.clipped import clipped_lane
from .windowing.windows import window_lane


class EdgeRounds(Transform):
    """A loop that treats its first or last rounds apart fills the array for them, and then the part between.

    `if i < w` holds for the first `w` rounds, whatever the data: what the others compute becomes a slice, and windows
    and neighbours that would begin before the array are never asked for. What the rounds at the edge get is the same
    for all of them, or simple enough to be computed for every round and stored over.

    A list that holds a number from the edge and NumPy numbers behind it becomes an array, all of one type.
    """

    rule = Rule("DL704", "edge-rounds", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def average(df: pd.DataFrame, days: int):
                    load = df['load'].values
                    out = []
                    for i in range(len(load)):
                        if i < days:
                            out.append(np.nan)
                        else:
                            out.append(load[i - days:i].mean())
                    return np.array(out)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def average(df: pd.DataFrame, days: int):
                    load = df['load'].values
                    out = np.full(len(load), np.nan)
                    if len(load) > days:
                        out[days:] = np.lib.stride_tricks.sliding_window_view(load, days)[:-1].mean(
                            axis=1
                        )
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def change(x: np.ndarray, lag: int):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        if i >= lag:
                            out[i] = x[i] - x[i - lag]
                    return out
            """,
            after="""
                import numpy as np


                def change(x: np.ndarray, lag: int):
                    out = np.zeros(len(x))
                    out[lag:] = x[lag:] - x[:-lag]
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def smooth(x: np.ndarray):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        if i == 0 or i == len(x) - 1:
                            out[i] = x[i]
                        else:
                            out[i] = (x[i - 1] + x[i] + x[i + 1]) / 3
                    return out
            """,
            after="""
                import numpy as np


                def smooth(x: np.ndarray):
                    out = np.zeros(len(x))
                    out[:] = x
                    out[1:-1] = (x[:-2] + x[1:-1] + x[2:]) / 3
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
                    for i in range(len(x)):
                        if i == 0:
                            out[i] = x[i]
                        else:
                            out[i] = out[i - 1] * 0.9 + x[i]
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                import numpy as np


                def walk(x: np.ndarray):
                    out = np.zeros(len(x))
                    out[:1] = x[:1]
                    out[1:] = out[:-1] * 0.9 + x[1:]
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def change(x: np.ndarray, lag: int):
                    out = np.zeros(len(x))
                    for i in range(len(x)):
                        if i > 1:
                            out[i] = x[i] - x[i - lag]
                    return out
            """,
            reason=Reason.OUT_OF_RANGE,
            naive="""
                import numpy as np


                def change(x: np.ndarray, lag: int):
                    out = np.zeros(len(x))
                    out[lag:] = x[lag:] - x[:-lag]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form is not HeaderForm.POSITIONS or loop.header.span is None or not loop.effects:
            return None
        if any(isinstance(e, StoreItem) and (e.augmented or not isinstance(e.index, Pos)) for e in loop.effects):
            return None
        parts = [parts_of(site, loop, e) for e in loop.effects]
        found = [p for p in parts if p is not None]
        if not found:
            return None
        if objection := independent(site, loop):
            return objection
        try:
            if len(found) == len(parts) and all(isinstance(e, StoreItem) for e in loop.effects):
                return [_stores(self.rule, site, loop, found)]
            if len(parts) == 1 and isinstance(loop.effects[0], Append):
                return _appends(self.rule, site, loop, loop.effects[0], found[0])
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
        return None


def _any_window(code: ArrayCode, e: Expr) -> Lane | None:
    return clipped_lane(code, e) or window_lane(code, e)


def _code(site: SiteContext, loop: Loop, effect: Effect, part: Part | None) -> ArrayCode:
    """Code for some of the rounds; all of them if no part is named."""
    sub = replace(loop, effects=(effect,)) if part is None else part_of_rounds(site, loop, effect, part)
    code = ArrayCode.build(site, sub)
    code.extend = _any_window
    return code


def _stores(rule: Rule, site: SiteContext, loop: Loop, parts: Sequence[Part]) -> Rewrite:
    """Stores into an array: what the rounds at the edge store first, into all of it, and then the part between."""
    statements: list[ast.stmt] = []
    codes: list[ArrayCode] = []
    for effect, part in zip(loop.effects, parts, strict=True):
        assert isinstance(effect, StoreItem)
        if part.edge is not None:
            simple_edge(part.edge, effect)
            first = replace(effect, value=part.edge, guard=None)
            codes.append(code := _code(site, loop, first, None))
            statements += code.under_conditions(emit(code, [item_store(code, first)], {effect.target}))
        second = replace(effect, value=part.inner, guard=None)
        codes.append(code := _code(site, loop, second, part))
        statements += code.under_conditions(emit(code, [item_store(code, second)], {effect.target}))
    merged = _merged(codes)
    return array_rewrite(rule, merged, statements, [Replace(site.loop, tuple(statements))])


def _appends(
    rule: Rule, site: SiteContext, loop: Loop, effect: Append, part: Part
) -> Sequence[Rewrite] | Refusal | None:
    """A list: made for all rounds with the value of the edge, then the part between is stored."""
    target = find_target(site, effect.target, "list", bool(loop.opaque))
    if isinstance(target, Refusal):
        return target
    if part.edge is None or not target.fresh or (part.begin is None and part.end is None):
        return None  # a list without the rounds at the edge, or one that is not made here
    simple_edge(part.edge, effect)
    sink = find_sink(site, target)
    if sink.form not in ARRAY_FORMS and sink.form != "list":
        return None
    first, second = _code(site, loop, effect, None), _code(site, loop, effect, part)
    edge, inner = first.lane(part.edge), second.lane(part.inner)
    if {edge.dtype, inner.dtype} & {"text", "bool"} or not inner.array:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the elements are no numbers")
    nan = isinstance(edge.node, ast.Attribute) and site.dotted(edge.node) in ("numpy.nan", "math.nan")
    floats = nan or edge.dtype == "float" or (not edge.array and edge.dtype == "int" and inner.dtype == "float")
    alike = edge.dtype == inner.dtype != "number"
    if inner.dtype != "float" if floats else sink.form == "list" and not alike:
        second.owe("small-integers")
    if sink.form == "list" or not (nan or edge.dtype == "float"):
        second.owe("element-types")
    statements = emit(first, [Output(assign(target.name, _made(first, edge, floats), effect.line))], {target.name})
    if floats:
        place = ast.Subscript(name(target.name), ast.Slice(*part.slice_of(site, loop)), ast.Store())
        output = Output(*stored(second, place, inner.node, effect.line))
    else:
        output = Output(*stored(second, _store(target), _joined(second, site, loop, target, part, inner), effect.line))
    statements += second.under_conditions(emit(second, [output], {target.name}))
    if sink.form == "list":
        statements.append(assign(target.name, call(attr(name(target.name), "tolist"))))
    code = _merged([first, second])
    code.owned.add(target.name)
    edits: list[Edit] = list_edits(code, [target], [sink], statements)
    return [array_rewrite(rule, code, statements, edits)]


def _made(code: ArrayCode, edge: Lane, floats: bool) -> ast.expr:
    """The array with the value of the edge in all places."""
    if edge.array:
        return edge.node if own(code, edge.node) else call(attr(edge.node, "copy"))
    value = clone(edge.node)
    if isinstance(value, ast.Constant) and not value.value and (floats or edge.dtype == "float"):
        return code.numpy("zeros", code.count())
    if isinstance(value, ast.Constant) and floats:
        value = const(float(value.value))  # type: ignore[arg-type]
    return code.numpy("full", code.count(), value)


def _store(target: Target) -> ast.Name:
    return ast.Name(target.name, ast.Store())


def _joined(code: ArrayCode, site: SiteContext, loop: Loop, target: Target, part: Part, inner: Lane) -> ast.expr:
    """What is there for the edge and what comes behind or before it, of the type that holds both."""
    lower, upper = part.slice_of(site, loop)
    if lower is not None and upper is not None:
        raise code.refuse("the elements at both ends and those between may be of different types")
    out = name(target.name)
    pieces = [slice_(out, None, lower), inner.node] if lower is not None else [inner.node, slice_(out, upper, None)]
    return code.numpy("concatenate", ast.Tuple(pieces, ast.Load()))


def _merged(codes: Sequence[ArrayCode]) -> ArrayCode:
    """The last code, with what all of them have to hold."""
    last = codes[-1]
    for code in codes[:-1]:
        for obligation, subjects in code.obligations.items():
            for subject in subjects:
                last.owe(obligation, subject)
            last.obligations.setdefault(obligation, [])
        last.unnamed |= code.unnamed
        last.superfluous += code.superfluous
        last.tolerance = last.tolerance or code.tolerance
    return last
