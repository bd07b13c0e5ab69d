"""Augmented assignments to names of the round: of an array they change what is there, and keep its type."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ...loops.context import SiteContext
from ...loops.ir import Expr, Inv, Loop, Op, Raw, Read, Scalar
from ...loops.literals import PLAIN, looked_up
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal

#: What is an array, or holds more than one value.
SEVERAL = frozenset({"ndarray", "series", "frame", "index", "list"})
#: Elements that no operation changes in place.
SCALARS = frozenset({"bool", "float", "int", "str"})


def changed_in_place(loop: Loop) -> Op | None:
    """What may change an element of the input, whether the result shows it or not: `row -= 1`."""
    return next((x for x in _steps(loop, ()) if "inplace" in x.keywords), None)


def array_in_place(site: SiteContext, loop: Loop, values: Sequence[Expr]) -> Refusal | None:
    """`x = np.array([i, j])` and then `x /= n`, which raises for whole numbers: the array is known to be one."""
    for grown in (x for x in _steps(loop, values) if isinstance(x.node, ast.AugAssign)):
        for leaf in _parts(site, grown.args[0]):
            if isinstance(leaf, Inv) and _is_array(site, leaf.node):
                message = f"an augmented assignment keeps the type of the array `{leaf.code}`, `+` and `/` need not"
                return Refusal(Reason.MUTATES_INPUT, grown.line or loop.header.node.lineno, message)
    return None


def _is_array(site: SiteContext, node: ast.expr) -> bool:
    """Whether the code makes an array of it, and not surely one of floats."""
    kind = site.kind(node)
    made = kind is not None and kind.name == "ndarray" and kind.proven and kind.why != "annotation"
    return made and kind is not None and kind.dtype != "float64"


def owed_in_place(site: SiteContext, loop: Loop, values: Sequence[Expr]) -> list[Obligation]:
    """`r = m[i] * 2` and then `r /= sum(r)`: of a row of integers that raises, where `r / sum(r)` makes floats."""
    grown = [x for x in _steps(loop, values) if isinstance(x.node, ast.AugAssign)]
    leaves = (leaf for x in grown for leaf in _parts(site, x.args[0]))
    rows = dict.fromkeys(code for leaf in leaves if (code := _several(site, leaf)) is not None)
    return [Obligation("plain-values", tuple(rows))] if rows else []


def _parts(site: SiteContext, e: Expr) -> Iterator[Expr]:
    """What a value is computed from, but for what only its text depends on, or what is looked up of plain values."""
    yield e
    if (isinstance(e, Raw) and isinstance(e.node, ast.JoinedStr)) or looked_up(site, e) in PLAIN:
        return
    for child in e.children():
        yield from _parts(site, child)


def _steps(loop: Loop, values: Sequence[Expr]) -> Iterator[Op]:
    everything = (*loop.finals.values(), *loop.overwritten, *values)
    return (x for value in everything for x in value.walk() if isinstance(x, Op))


def _several(site: SiteContext, leaf: Expr) -> str | None:
    """The code of what may be an array, or hold one for each round."""
    match leaf:
        case Inv(node=node, code=code):
            kind = site.kind(node)
            return code if kind is not None and kind.name in SEVERAL else None
        case Read(scalar=scalar, source=source) if scalar is Scalar.ITEM or (
            scalar is Scalar.NUMPY and source.column is None
        ):
            kind = site.kind(source.base.node)
            # `m: np.ndarray` does not say how many dimensions there are
            sure = kind is not None and kind.name == "ndarray" and kind.ndim == 1 and kind.why != "annotation"
            flat = sure or (kind is not None and kind.name == "series")
            return None if flat or _of_scalars(site, source.base.node) else source.code
    return None


def _of_scalars(site: SiteContext, node: ast.expr) -> bool:
    """Whether a parameter is announced as a list of numbers or text: `prices: list[float]`."""
    match site.scope.binders(node.id) if isinstance(node, ast.Name) else []:
        case [ast.arg(annotation=ast.Subscript(slice=ast.Name(id=element)))]:
            return element in SCALARS
    return False
