"""DL503: an array that grows in a loop."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.kind_words import Kind
from ..loops.names import names_in
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Tier, Transform
from .hoists.body import in_nested_scope
from .shared.build import assign, attr, call, clone, name
from .shared.growth import Growth, grows_unseen, stays
from .shared.syntax import few_rounds, too_few_rounds

#: Functions that join arrays which they are given as a list.
JOINING = frozenset({"numpy.concatenate", "numpy.vstack", "numpy.hstack"})


@dataclass(frozen=True)
class ArrayJoin(Growth):
    """`array = np.append(array, piece)`, `array = np.vstack([array, piece])`."""

    flat: bool = False  # np.append without an axis: everything is laid flat
    first: ast.Name | None = None

    @property
    def kind(self) -> tuple[str, list[str]]:
        return ast.dump(self.concat.func), self.options


class ArrayGrowth(Transform):
    """An array that grows by `np.append` or `np.vstack` copies all its elements on every round; join the pieces once.

    The pieces go to a list, and one call after the loop joins them with what the array was before. Without an axis,
    `np.append` lays everything flat, and so does the new code. When nothing was added, the array stays what it was.

    What the array begins as decides its type: from an array of floats on, joining piece by piece and all at once give
    the same one. From other types on, the pieces have to be of that type.
    """

    rule = Rule("DL503", "array-growth", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def profile(runs):
                    levels = np.array([])
                    for run in runs:
                        levels = np.append(levels, run.max() - run.min())
                    return levels
            """,
            after="""
                import numpy as np


                def profile(runs):
                    levels = np.array([])
                    pieces = []
                    for run in runs:
                        pieces.append(run.max() - run.min())
                    if pieces:
                        levels = np.append(levels, pieces)
                    return levels
            """,
        ),
        Example(
            before="""
                import numpy as np


                def table(points, scale):
                    rows = np.empty((0, 2))
                    for x, y in points:
                        rows = np.vstack([rows, np.array([x * scale, y * scale])])
                    return rows
            """,
            after="""
                import numpy as np


                def table(points, scale):
                    rows = np.empty((0, 2))
                    pieces = []
                    for x, y in points:
                        pieces.append(np.array([x * scale, y * scale]))
                    if pieces:
                        rows = np.vstack([rows, *pieces])
                    return rows
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def fibonacci(n):
                    seq = np.array([1, 1])
                    for _ in range(n):
                        seq = np.append(seq, seq[-1] + seq[-2])
                    return seq
            """,
            reason=Reason.READS_OWN_OUTPUT,
        ),
        Example(
            before="""
                import numpy as np


                def frames(n, step):
                    out = np.empty((0, 3))
                    buffer = np.zeros((1, 3))
                    for k in range(n):
                        buffer[0, k % 3] = step * k
                        out = np.concatenate([out, buffer])
                    return out
            """,
            reason=Reason.MUTATES_INPUT,
            naive="""
                import numpy as np


                def frames(n, step):
                    out = np.empty((0, 3))
                    buffer = np.zeros((1, 3))
                    pieces = []
                    for k in range(n):
                        buffer[0, k % 3] = step * k
                        pieces.append(buffer)
                    if pieces:
                        out = np.concatenate([out, *pieces])
                    return out
            """,
            note="what was added before would change with the buffer",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        found = joins(site)
        if not found:
            return None
        if few_rounds(site.loop):
            return too_few_rounds(site.loop.lineno)
        refusal: Refusal | None = None
        good: list[list[ArrayJoin]] = []
        for array, statements in found.items():
            answer = _objection(site, array, statements)
            if answer is None:
                good.append(statements)
            refusal = refusal or answer
        if not good:
            return refusal
        forms = [_collected(self.rule, site, good, numbers=False)]
        if any(_number_like(g) for statements in good for g in statements):
            forms.insert(0, _collected(self.rule, site, good, numbers=True))
        return forms


def joins(site: SiteContext) -> dict[str, list[ArrayJoin]]:
    """The statements of the body that let an array grow, by its name."""
    found: dict[str, list[ArrayJoin]] = {}
    for n in site.nodes:
        join = _join(site, n)
        if join is not None and not in_nested_scope(site, join.stmt):
            found.setdefault(join.frame, []).append(join)
    return {array: sorted(g, key=lambda x: x.stmt.lineno) for array, g in found.items()}


def _join(site: SiteContext, n: ast.AST) -> ArrayJoin | None:
    match n:
        case ast.Assign(
            targets=[ast.Name(id=array)],
            value=ast.Call(func=func, args=[ast.Name(id=same) as first, piece], keywords=words) as joined,
        ) if array == same and site.dotted(func) == "numpy.append":
            return ArrayJoin(n, array, (piece,), joined, not words, first)
        case ast.Assign(
            targets=[ast.Name(id=array)],
            value=ast.Call(
                func=func,
                args=[
                    ast.List(elts=[ast.Name(id=same) as first, *rest])
                    | ast.Tuple(elts=[ast.Name(id=same) as first, *rest])
                ],
            ) as joined,
        ) if array == same and rest and site.dotted(func) in JOINING:
            return ArrayJoin(n, array, tuple(rest), joined, False, first)
    return None


def _objection(site: SiteContext, array: str, found: list[ArrayJoin]) -> Refusal | None:
    """Why the pieces can't be collected until the loop is over; None if they can."""
    line = found[0].stmt.lineno
    for g in found:
        if any(k.arg != "axis" or not isinstance(k.value, ast.Constant) for k in g.concat.keywords):
            return Refusal(Reason.UNSUPPORTED_SYNTAX, g.stmt.lineno, "how the arrays are joined is not understood")
        if any(isinstance(p, ast.Starred) or array in names_in(p) for p in g.pieces):
            return Refusal(Reason.READS_OWN_OUTPUT, g.stmt.lineno, f"what is added is made of `{array}`")
    if any(g.kind != found[0].kind for g in found):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, line, f"`{array}` is joined in two ways")
    own = [n for g in found for n in (g.stmt.targets[0], g.first) if n is not None]
    if (refusal := grows_unseen(site, array, own, line)) is not None:
        return refusal
    return next((r for g in found for piece in g.pieces if (r := stays(site, g, piece)) is not None), None)


def _number_like(g: ArrayJoin) -> bool:
    """Whether what is laid flat may well be numbers: a list of those becomes an array much faster than arrays join."""
    return g.flat and not any(
        isinstance(p, (ast.Name, ast.List, ast.Tuple, ast.Constant)) or _is_part(p) for p in g.pieces
    )


def _is_part(piece: ast.expr) -> bool:
    """`x[x > 1]`, `x[:3]`: several elements."""
    return isinstance(piece, ast.Subscript) and any(isinstance(n, (ast.Compare, ast.Slice)) for n in walk(piece.slice))


def _collected(rule: Rule, site: SiteContext, grown: list[list[ArrayJoin]], numbers: bool) -> Rewrite:
    """The pieces in a list, and one join. `numbers`: take it that pieces which are laid flat are numbers."""
    edits: list[Edit] = []
    before: list[ast.stmt] = []
    after: list[ast.stmt] = []
    for statements in grown:
        array = statements[0].frame
        pieces = site.fresh(*(("pieces",) if len(grown) == 1 else ()), f"{array}_pieces")
        before.append(assign(pieces, ast.List([], ast.Load())))
        for g in statements:
            added: list[ast.stmt] = [ast.Expr(call(attr(name(pieces), "append"), clone(p))) for p in g.pieces]
            added[0].lineno = g.stmt.lineno
            edits.append(Replace(g.stmt, tuple(added)))
        after.append(ast.If(name(pieces), [assign(array, _joined(site, statements, pieces, numbers))], []))
    edits.append(Replace(site.loop, (*before, site.loop, *after)))
    arrays = tuple(g[0].frame for g in grown)
    owed = [Obligation("own-pieces", arrays), Obligation("no-exceptions")]
    flat = tuple(g[0].frame for g in grown if numbers and all(map(_number_like, g)))
    if others := tuple(a for a in arrays if a in flat or not _floats(site, a)):
        owed.append(Obligation("like-elements", others))
    return Rewrite(rule, Tier.HOIST, tuple(edits), tuple(owed), summary="collects the pieces, and joins them once")


def _joined(site: SiteContext, statements: list[ArrayJoin], pieces: str, numbers: bool) -> ast.expr:
    """The array with all pieces."""
    g = statements[0]
    array: ast.expr = name(g.frame)
    if not g.flat:
        module = g.concat.func
        function = "concatenate" if site.dotted(module) == "numpy.append" else None
        func = attr(clone(module.value), function) if function and isinstance(module, ast.Attribute) else clone(module)
        node = call(func, ast.List([array, ast.Starred(name(pieces), ast.Load())], ast.Load()))
        node.keywords = [ast.keyword(k.arg, clone(k.value)) for k in g.concat.keywords]
        return node
    if numbers and all(map(_number_like, statements)):
        return call(clone(g.concat.func), array, name(pieces))
    np = name(site.file.alias("numpy") or "np")
    flat = call("map", attr(np, "ravel"), name(pieces))
    if any(k is None or k.ndim != 1 for k in _begun(site, g.frame)):
        array = call(attr(np, "ravel"), array)
    return call(attr(np, "concatenate"), ast.List([array, ast.Starred(flat, ast.Load())], ast.Load()))


def _begun(site: SiteContext, array: str) -> list[Kind | None]:
    """What an array is known to be in front of the loop."""
    inside = set(site.nodes)
    made = [b for b in site.scope.binders(array) if b not in inside]
    kinds = [site.kind(b.value) if isinstance(b, ast.Assign) else None for b in made]
    return [_of_nothing(site, b) or k for b, k in zip(made, kinds, strict=True)] or [None]


def _of_nothing(site: SiteContext, binder: ast.AST) -> Kind | None:
    """`np.array([])` is one of floats."""
    match binder:
        case ast.Assign(value=ast.Call(func=func, args=[ast.List(elts=[])], keywords=[])) if (
            site.dotted(func) == "numpy.array"
        ):
            return Kind("ndarray", "float64", 1)
    return None


def _floats(site: SiteContext, array: str) -> bool:
    """Whether an array surely begins as one of 64-bit floats."""
    return all(k is not None and k.name == "ndarray" and k.dtype == "float64" for k in _begun(site, array))
