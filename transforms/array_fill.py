"""DL409: an array filled with values that only Python can compute."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.exposure import closed_over, handled
from ..loops.ir import Const, Expr, Inv, Loop, Op, Pos, StoreItem, strip
from ..loops.kind_words import Kind
from ..loops.literals import folded
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .array_store import destined, shape_of
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arrays import ArrayCode
from .lanes.fresh import fresh_array, length_as_named, made_kind
from .lanes.lanes import NotVector
from .lanes.vector import numpy_import
from .scalar.comprehensions import comprehend, gone_over_again, place
from .scalar.counted import uncounted
from .scalar.results import composed, surely_average, surely_number, surely_text
from .shared.build import attr, clone, name

MAX_STATEMENTS = 3
#: What a list of all elements owes that is stored at once.
AT_ONCE = frozenset({"like-elements", "one-exception"})
#: Types of arrays into which `np.fromiter` puts elements just as a store of each does, exceptions included.
STORED = frozenset({"float64", "int64", "bool", "float32"})


class ArrayFill(Transform):
    """An array that a loop fills with results of calls, one by one, can be given all of them at once.

    `out[:] = [f(x) for x in xs]` says in one line what is stored, and takes about the same time: for speed, `f` would
    have to work on arrays. Where the loop reads a table cell by cell, the reads are pulled out as well. A row or a
    column of a table is filled in the same way, with the other position fixed.

    NumPy makes an array of the list before it converts that to the type of the array: numbers and text of one kind
    come out the same, lists and arrays as elements do not. `np.fromiter` stores one by one, and so assumes nothing;
    an array of objects is always filled with it.
    """

    rule = Rule("DL409", "array-fill", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                import numpy as np


                def lengths(names):
                    out = np.zeros(len(names))
                    for i, name in enumerate(names):
                        out[i] = len(name.strip())
                    return out
            """,
            after="""
                import numpy as np


                def lengths(names):
                    out = np.zeros(len(names))
                    out[:] = [len(name.strip()) for name in names]
                    return out
            """,
        ),
        Example(
            before="""
                import numpy as np


                def scores(teams, judges, score):
                    table = np.zeros((len(teams), 5))
                    for i in range(len(teams)):
                        for j in range(5):
                            table[i, j] = score(teams[i], judges[j])
                    return table
            """,
            after="""
                import numpy as np


                def scores(teams, judges, score):
                    table = np.zeros((len(teams), 5))
                    for i in range(len(teams)):
                        table[i, :] = [score(teams[i], judges[j]) for j in range(5)]
                    return table
            """,
        ),
        Example(
            before="""
                import numpy as np


                def pieces(lines):
                    found = np.zeros(len(lines), dtype=object)
                    for i in range(found.size):
                        found[i] = lines[i].split('-')
                    return found
            """,
            after="""
                import numpy as np


                def pieces(lines):
                    found = np.zeros(len(lines), dtype=object)
                    found[:] = np.fromiter([lines[i].split('-') for i in range(found.size)], object)
                    return found
            """,
            note="an array of lists: a list of them would be made a table",
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def first_words(lines, out: np.ndarray):
                    for i in range(len(lines)):
                        out[i] = len(lines[i].split()[0])
            """,
            reason=Reason.ALIASED,
            naive="""
                import numpy as np


                def first_words(lines, out: np.ndarray):
                    out = np.array([len(line.split()[0]) for line in lines])
            """,
        ),
        Example(
            before="""
                import numpy as np


                def ages(texts):
                    out = np.full(len(texts), -1)
                    for i, t in enumerate(texts):
                        if t.strip():
                            out[i] = int(t)
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="some elements keep what they hold",
            naive="""
                import numpy as np


                def ages(texts):
                    out = np.full(len(texts), -1)
                    out[:] = [int(t) if t.strip() else 0 for t in texts]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (StoreItem(augmented="") as e,) if moving_axis(e) is not None and e.target.isidentifier():
                pass
            case _:
                return None
        said = site.kind(name(e.target))
        if said is not None and said.name != "ndarray":
            return None
        made = fresh_array(site, e.target)
        kind = made_kind(site, made) if made is not None else None
        if made is None or kind is None:
            message = f"`{e.target}` is not made in this function: it may be no array, or share memory with others"
            return Refusal(Reason.ALIASED, e.line, message)
        if e.guard is not None:
            message = f"some elements of `{e.target}` keep what they hold"
            return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, message)
        if len(site.loop.body) > MAX_STATEMENTS:
            return Refusal(Reason.NO_GAIN, e.line, "the body takes too many steps for a readable comprehension")
        if kind.dtype is None and not surely_text(e.value):
            message = f"`{e.target}` may hold objects, which a list of arrays or NumPy scalars would be taken apart for"
            return Refusal(Reason.UNKNOWN_KIND, e.line, message)
        if composed(e.value):
            message = f"each element of `{e.target}` is set from several values"
            return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, message)
        if handled(site) or (loop.opaque and closed_over(site, e.target)):
            return Refusal(Reason.EXCEPTION_HANDLING, e.line, f"others may see `{e.target}` while it is filled")
        code = ArrayCode.build(site, loop)
        try:
            target = part_of_array(code, e, made, kind)
        except NotVector as refused:
            return Refusal(refused.refusal.reason, refused.refusal.line or e.line, refused.refusal.message)
        parts = comprehend(site, loop, [(None, [e.value])])
        if isinstance(parts, Refusal):
            return parts
        if kind.dtype != "float64" or not (surely_number(e.value) or surely_average(site, e.value)):
            code.owe("like-elements", e.target)
            code.owe("one-exception")  # an element that does not fit, or one further on that can't be computed
        part = parts.parts[0]
        generators = uncounted(part.generators, *part.values)
        owed: list[Obligation] = [*parts.obligations, *code.owed()]
        if any(o.name == "long-enough" for o in owed):
            owed += gone_over_again(site, loop)  # their length is asked for

        def form(values: ast.expr, owed: list[Obligation]) -> Rewrite:
            stmt = ast.Assign([target], values)
            stmt.lineno = e.line
            return place(self.rule, site, loop, replace(parts, obligations=owed), [], [stmt])

        listed = ast.ListComp(part.values[0], generators)
        if kind.dtype == "object" and not surely_text(e.value):
            # A list would be taken apart as far as it is nested: `fromiter` stores one object after the other.
            whole = [o for o in owed if o.name not in AT_ONCE]
            forms = [form(code.numpy("fromiter", listed, name("object")), whole)]
        else:
            forms = [form(listed, owed)]
        if {o.name for o in owed} == AT_ONCE and kind.dtype in STORED and _stops_at_nothing(site):
            one_by_one = ast.GeneratorExp(part.values[0], generators)
            dtype = attr(name(e.target), "dtype")
            forms.append(form(code.numpy("fromiter", one_by_one, dtype), []))
        return [replace(f, imports=numpy_import(code, [s for x in f.edits for s in _made(x)])) for f in forms]


def _made(edit: Edit) -> tuple[ast.stmt, ...]:
    return edit.new if isinstance(edit, Replace) else ()


def _stops_at_nothing(site: SiteContext) -> bool:
    """Whether nothing in the body raises StopIteration, which a generator turns into another exception."""
    calls = [n for s in site.loop.body for n in walk(s) if isinstance(n, ast.Call)]
    paths = [site.dotted(c.func) or "" for c in calls]
    return all(p.split(".")[0] in ("builtins", "math", "numpy") and p != "builtins.next" for p in paths)


def moving_axis(e: StoreItem) -> int | None:
    """The axis along which the rounds go, if all other positions are the same on every round."""
    found = positions_of(e)
    moving = [k for k, x in enumerate(found) if isinstance(x, Pos)]
    fixed = all(isinstance(x, (Pos, Const, Inv)) for x in found)
    return moving[0] if fixed and len(moving) == 1 else None


def positions_of(e: StoreItem) -> tuple[Expr, ...]:
    inner = strip(e.index)
    return tuple(strip(x) for x in inner.args) if isinstance(inner, Op) and inner.name == "tuple" else (inner,)


def part_of_array(code: ArrayCode, e: StoreItem, made: ast.Assign, kind: Kind) -> ast.expr:
    """What is stored into: the part of the array that the rounds visit."""
    indices, axis, shape = positions_of(e), moving_axis(e), shape_of(made)
    assert axis is not None
    named = length_as_named(code.site, made) if kind.ndim == 0 and len(indices) == 1 else None
    if kind.ndim != len(indices) and named is None:
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to have {len(indices)} dimensions")
    if named is not None and not _counts_rounds(code, named):
        code.owe("scalars", ast.unparse(named))
    others: list[tuple[Expr, ast.expr]] = []  # positions along other axes, and how long those are
    if len(indices) > 1:
        code.owe("long-enough", e.target)
        if not isinstance(shape, (ast.Tuple, ast.List)):
            raise NotVector(Reason.UNKNOWN_KIND, e.line, f"the lengths of `{e.target}` are not known")
        others += [(x, n) for k, (x, n) in enumerate(zip(indices, shape.elts, strict=False)) if k != axis]
        shape = shape.elts[axis]
    moving = indices[axis]
    assert isinstance(moving, Pos)
    part = destined(code, e.target, moving.offset, made, shape)
    along: ast.expr = part.slice if isinstance(part, ast.Subscript) else ast.Slice()
    if len(indices) > 1:
        for x in (x for k, x in enumerate(indices) if k != axis):
            if isinstance(x, Inv) and not isinstance(x.node, ast.Name) and folded(x.node) is None:
                raise NotVector(Reason.UNSUPPORTED_SYNTAX, e.line, f"`{x.code}` would be computed once only")
        along = ast.Tuple([clone(x.node) if isinstance(x, (Const, Inv)) else along for x in indices], ast.Load())
    target = ast.Subscript(name(e.target), along, ast.Store())
    if not all(_surely_there(x, length) for x, length in others):
        code.owe("some-rounds", ast.unparse(target))  # without a round, nobody asks for it
    return target


def _surely_there(position: Expr, length: ast.expr) -> bool:
    """Whether an axis of a length has a position."""
    if not isinstance(position, Const) or not isinstance(length, ast.Constant):
        return False
    return type(position.value) is type(length.value) is int and -length.value <= position.value < length.value


def _counts_rounds(code: ArrayCode, length: ast.expr) -> bool:
    """Whether `range` is given the length too: it takes no shape of several dimensions."""
    span = code.loop.header.span
    stop = span.stop.node if span is not None and span.stop is not None else None
    return stop is not None and ast.unparse(stop) == ast.unparse(length)
