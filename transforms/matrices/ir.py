"""Rows of matrices recognised: `x[i]`, `x[i, :]`, `for row in x`, and what makes a number or another row of one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...loops.context import SiteContext
from ...loops.ir import Access, Expr, Inv, Loop, Named, Op, Pos, Raw, Read, Scalar, Sequence_, strip
from ...loops.names import bound_names, names_in
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..windowing.ir import reduction

#: Functions that give a number for a row beside those that windows know.
PLACES = frozenset({"argmax", "argmin"})
#: Functions that give a row for a row, each element from several of it.
ALONG = frozenset({"cumsum", "cumprod", "diff", "sort", "argsort"})
#: What multiplies two rows, and adds the products up.
DOTS = frozenset({"@", "call:numpy.dot", "call:numpy.vdot", "call:numpy.inner", "method:dot"})
NORM = "call:numpy.linalg.norm"
READS = frozenset({Access.INDEX, Access.ITERATE, Access.VALUES})


#: Builtins that reduce: of lists as well, so that they alone make nothing a matrix.
BUILTIN = "call:builtins."


def reduced(e: Expr) -> tuple[str, Expr, tuple[Expr, ...]] | None:
    """What makes one number of several: its name, what it reduces, and its other arguments."""
    if not isinstance(e, Op) or not e.args:
        return None
    if e.name == NORM:
        return ("norm", e.args[0], e.args[1:])
    if e.name in DOTS and len(e.args) == 2:
        return ("dot", e.args[0], e.args[1:])
    function = e.name.removeprefix("method:").removeprefix("call:numpy.")
    if function in PLACES and function != e.name:
        return (function, e.args[0], e.args[1:])
    return reduction(e)


def along(e: Expr) -> str | None:
    """The function that makes a row of a row, looking at several of its elements at once."""
    if not isinstance(e, Op) or e.keywords or len(e.args) != 1:
        return None
    kind, _, function = e.name.replace("call:numpy.", "call:").partition(":")
    known = function in ALONG and (kind == "call" or function.startswith("cum"))
    return function if known and kind in ("call", "method") else None


def row_read(site: SiteContext, e: Expr) -> Read | None:
    """What may be a row of a matrix: `x[i]`, `x[i, :]`, the target of `for row in x`."""
    match strip(e):
        case Read(access=access, part=False) as read if access in READS and read.source.column is None:
            pass
        case Op(name="item", args=(Inv() as base, Op(name="tuple", args=(Pos(offset=k), Inv(code=":"))))):
            read = Read(Sequence_(base), Access.INDEX, k, None, Scalar.NUMPY)
        case _:
            return None
    kind = site.kind(read.source.base.node)
    known = kind is None or (kind.name == "ndarray" and kind.ndim != 1)
    return read if known and not names_in(read.source.base.node) & site.mutated else None


def part_of_row(e: Expr) -> tuple[Expr, ast.Slice] | None:
    """`x[i, 1:]`, `x[i][1:]`, `row[:k]`: the row, and which part of it, the same on every round."""
    match strip(e):
        case Op(name="item", args=(Inv() as base, Op(name="tuple", args=(Pos(offset=k), Inv(node=part))))) if (
            isinstance(part, ast.Slice)
        ):
            return Read(Sequence_(base), Access.INDEX, k, None, Scalar.NUMPY), part
        case Raw(node=ast.Subscript(value=ast.Name(id=hole), slice=ast.Slice() as part), holes=((held, row),)):
            return (row, part) if hole == held and not names_in(part) & {hole} else None
    return None


def narrows(e: Expr) -> bool:
    """Whether rows lose elements on the way."""
    if isinstance(e, Named):
        return narrows(e.value)
    return part_of_row(e) is not None or along(e) == "diff" or any(narrows(x) for x in e.children())


def matrices(site: SiteContext, loop: Loop) -> frozenset[str]:
    """What the rounds take rows of: what they reduce row by row, or what has two dimensions."""
    found: set[str] = set()
    for x in values_of(loop):
        read = row_read(site, x)
        if read is None and (part := part_of_row(x)) is not None:
            read = row_read(site, part[0])
        if read is not None:
            kind = site.kind(read.source.base.node)
            if (kind is not None and kind.ndim == 2) or not isinstance(strip(x), Read):
                found.add(read.source.base.code)
        whole = reduced(x)
        alone = whole is None or str(getattr(x, "name", "")).startswith(BUILTIN)
        if not alone or along(x) is not None:
            parts = x.children() if whole is None or whole[0] == "dot" else (whole[1],)
            elements = (y for part in parts for y in _elements(part))
            found |= {r.source.base.code for y in elements if (r := row_read(site, y)) is not None}
    return frozenset(found)


def values_of(loop: Loop) -> Iterator[Expr]:
    """All that the effects of a loop compute, each temporary once."""
    seen: set[Expr] = set()
    left = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    while left:
        e = left.pop()
        if isinstance(e, Named):
            if e in seen:
                continue
            seen.add(e)
        yield e
        left += e.children()


def _elements(e: Expr) -> Iterator[Expr]:
    """The parts of an expression that it is computed of element by element."""
    inner = strip(e)
    yield inner
    if isinstance(inner, Op) and reduced(inner) is None and inner.name != "item":
        for x in inner.args:
            yield from _elements(x)


def augmented(site: SiteContext) -> frozenset[str]:
    """The names that a body changes in place, or binds anew where they are numbers."""
    changed = (n.target for s in site.loop.body for n in walk(s) if isinstance(n, ast.AugAssign))
    return frozenset(t.id for t in changed if isinstance(t, ast.Name))


def changed_in_place(site: SiteContext) -> Refusal | None:
    """Why a body may change the memory of a matrix, or of a row that was kept: `row -= row.mean()`."""
    for stmt in (s for top in site.loop.body for s in walk(top)):
        if not isinstance(stmt, ast.AugAssign) or not isinstance(stmt.target, ast.Name):
            continue
        id_ = stmt.target.id
        made = [n.value for n in walk(site.loop) if isinstance(n, ast.Assign) and id_ in set(bound_names(n))]
        computed = all(isinstance(v, (ast.BinOp, ast.Call, ast.Constant, ast.UnaryOp)) for v in made)
        if not made or not computed or _kept(site, id_, stmt):
            return Refusal(Reason.ALIASED, stmt.lineno, f"`{id_}` is changed in place, and others may see its memory")
    return None


def _kept(site: SiteContext, id_: str, changed: ast.AugAssign) -> bool:
    """Whether a temporary goes by another name, or into a container, before it is changed in place."""
    for n in (n for s in site.loop.body for n in walk(s)):
        if not isinstance(n, ast.Name) or n.id != id_ or not isinstance(n.ctx, ast.Load):
            continue
        parent = site.file.scopes.parent[n]
        looked_at = isinstance(parent, (ast.BinOp, ast.Compare, ast.UnaryOp, ast.AugAssign, ast.Attribute))
        called = isinstance(parent, ast.Call) and (site.dotted(parent.func) or "").startswith("numpy.")
        if n.lineno < changed.lineno and not looked_at and not called:
            return True
    return False
