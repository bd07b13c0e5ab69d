"""Separators between pieces of text: `if text: text += ", "`, in front of all pieces but the first, or behind them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...loops.context import Refused, SiteContext
from ...loops.ir import Const, Expr, Header, HeaderForm, Inv, Loop, Op, Pos, Raw, Read, strip
from ...loops.lift import lift_body
from ...loops.names import bound_names
from ...loops.obligations import Obligation
from ...loops.remarks import Refusal
from ...loops.walk import walk
from ..scans.seeds import bound_before
from ..shared.syntax import same_text


@dataclass(frozen=True)
class Separator:
    """What stands between the pieces, and the body without it.

    `each`: it is added on every round, so that none may leave its piece out. `empty`: the text is asked whether it is
    empty, and so has to start empty, and each piece to add something.
    """

    text: ast.expr
    body: list[ast.stmt]
    each: bool = False
    empty: bool = False
    owed: tuple[Obligation, ...] = ()


def separator(site: SiteContext, header: Header, grown: str) -> Separator | None:
    """The separator of the text that a loop builds, if it has one."""
    return _in_block(site, header, grown, site.loop.body, True)


def without_separator(site: SiteContext, header: Header, found: Separator) -> Loop | Refusal:
    """The loop as if there were none."""
    old = site.loop
    assert isinstance(old, ast.For)
    node = ast.copy_location(ast.For(old.target, old.iter, found.body, old.orelse), old)
    try:
        return replace(lift_body(site, replace(header, node=node)), header=header)
    except Refused as e:
        return e.refusal


def never_empty(e: Expr) -> bool:
    """Whether a piece of text surely has a character."""
    match strip(e):
        case Const(value=str(text)):
            return bool(text)
        case Raw(node=ast.JoinedStr(values=values)):
            return any(isinstance(v, ast.Constant) and bool(v.value) for v in values)
        case Op(name="+", args=args):
            return any(map(never_empty, args))
    return False


def _in_block(site: SiteContext, header: Header, grown: str, block: list[ast.stmt], top: bool) -> Separator | None:
    for k, stmt in enumerate(block):
        if not isinstance(stmt, ast.If):
            continue
        test, sep, rest = _parts(stmt, grown)
        if sep is not None and test is not None:
            before, after = block[:k], block[k + 1 :]
            return _judged(site, header, grown, test, sep, before, [*rest, *after], top)
        if not stmt.orelse and (inner := _in_block(site, header, grown, stmt.body, False)) is not None:
            changed = ast.copy_location(ast.If(stmt.test, inner.body, []), stmt)
            others = [*block[:k], *block[k + 1 :]]
            if inner.each or any(_grows(s, grown) for s in others):
                return None
            return replace(inner, body=[*block[:k], changed, *block[k + 1 :]])
    return None


def _parts(stmt: ast.If, grown: str) -> tuple[ast.expr | None, ast.expr | None, list[ast.stmt]]:
    """The test and the separator of `if test: text += sep`, or of its `else`; and what else such a branch does."""
    match stmt:
        case ast.If(
            test=test, body=[ast.AugAssign(target=ast.Name(id=n), op=ast.Add(), value=ast.Constant(str()) as sep)]
        ):
            if n == grown and not stmt.orelse:
                return test, sep, []
        case ast.If(
            test=test,
            body=[ast.Assign(targets=[ast.Name()], value=ast.Constant(value=False)) as unset],
            orelse=[ast.AugAssign(target=ast.Name(id=n), op=ast.Add(), value=ast.Constant(str()) as sep)],
        ) if n == grown:
            return ast.UnaryOp(ast.Not(), test), sep, [unset]
    return None, None, []


def _judged(
    site: SiteContext,
    header: Header,
    grown: str,
    test: ast.expr,
    sep: ast.expr,
    before: list[ast.stmt],
    after: list[ast.stmt],
    top: bool,
) -> Separator | None:
    """The separator, if its test tells the first piece (or the last one) from the others."""
    ahead, behind = any(_grows(s, grown) for s in before), any(_grows(s, grown) for s in after)
    if ahead == behind or any(isinstance(n, ast.Continue) for s in after for n in walk(s)):
        return None
    if not all(isinstance(s, ast.AugAssign) for s in (*before, *after) if _grows(s, grown)):
        return None  # a piece that is left out leaves its separator
    body = [*before, *after]
    if ahead:
        if not top or (owed := _last(site, header, test)) is None:
            return None
        return Separator(sep, body, each=True, owed=owed)
    if _asks_text(test, grown):
        return Separator(sep, body, empty=True)
    if (flag := _flag(test)) is not None and _kept_flag(site, flag, after):
        return Separator(sep, [s for s in body if not _unsets(s, flag)])
    return Separator(sep, body, each=True) if top and _not_first(site, header, test) else None


def _grows(stmt: ast.stmt, grown: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == grown and isinstance(n.ctx, ast.Store) for n in walk(stmt))


def _asks_text(test: ast.expr, grown: str) -> bool:
    """`if text`, `if text != ""`, `if len(text) > 0`."""
    return same_text(test, grown, f"{grown} != ''", f"len({grown}) > 0", f"len({grown}) != 0", f"len({grown})")


def _flag(test: ast.expr) -> str | None:
    """`not first`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=flag)):
            return flag
    return None


def _kept_flag(site: SiteContext, flag: str, after: list[ast.stmt]) -> bool:
    """The flag starts as True, becomes False beside the first piece, and nobody else looks at it."""
    unset = [s for s in after if _unsets(s, flag)]
    stores = [n for n in walk(site.loop) if isinstance(n, ast.Name) and n.id == flag and isinstance(n.ctx, ast.Store)]
    reads = [n for n in walk(site.loop) if isinstance(n, ast.Name) and n.id == flag and isinstance(n.ctx, ast.Load)]
    if len(unset) != 1 or len(stores) != 1 or len(reads) != 1 or not bound_before(site, flag):
        return False
    if site.file.scopes.read_after(flag, site.loop, site.scope) is not None:
        return False
    binders = [b for b in site.scope.binders(flag) if b is not unset[0]]
    match binders:
        case [ast.Assign(targets=[ast.Name()], value=ast.Constant(value=True)) as made]:
            return made in site.block and site.block.index(made) < site.index
    return False


def _unsets(stmt: ast.stmt, flag: str) -> bool:
    match stmt:
        case ast.Assign(targets=[ast.Name(id=n)], value=ast.Constant(value=False)):
            return n == flag
    return False


def _positions(site: SiteContext, header: Header) -> Iterator[tuple[str, int]]:
    """The names that hold the number of the round, each with its value on the first round."""
    first = 0
    again = {n for s in site.loop.body for n in bound_names(s)}
    if header.form is HeaderForm.POSITIONS:
        if header.span is None or header.span.first is None or header.span.first < 0:
            return
        first = header.span.first
    elif header.form not in (HeaderForm.ELEMENTS, HeaderForm.ITERROWS, HeaderForm.ITERTUPLES, HeaderForm.RECORDS):
        return
    for id_, bound in header.binds.items():
        if isinstance(bound, Pos) and id_ not in again:
            yield id_, first + bound.offset


def _not_first(site: SiteContext, header: Header, test: ast.expr) -> bool:
    """`i > 0`: false on the first round, and true on all others."""
    for id_, first in _positions(site, header):
        tests = [f"{id_} > {first}", f"{id_} != {first}", f"{id_} >= {first + 1}"]
        if same_text(test, *tests, *([id_] if first == 0 else [])):
            return True
    return False


def _last(site: SiteContext, header: Header, test: ast.expr) -> tuple[Obligation, ...] | None:
    """What has to hold for `i < len(rows) - 1` to be false on the last round only; None if it says something else."""
    if header.form is HeaderForm.POSITIONS and header.span is not None and header.span.delta == 0:
        gone_over, owed = header.span.of, ()
    elif header.form is HeaderForm.ELEMENTS and len(header.elements) == 1:
        element = header.elements[0]
        if isinstance(element, Read) and element.source.column is not None:
            return None
        gone_over = element.source.base if isinstance(element, Read) else element
        kind = site.kind(gone_over.node)
        measured = kind is not None and kind.name in ("list", "tuple", "ndarray", "series")
        owed = () if measured else (Obligation("sequence", (gone_over.code,)),)  # type: ignore[assignment]
    else:
        return None
    if gone_over is None or not isinstance(gone_over, Inv):
        return None
    size = f"len({gone_over.code})"
    for id_, first in _positions(site, header):
        if first == 0 and same_text(
            test, f"{id_} < {size} - 1", f"{id_} != {size} - 1", f"{id_} + 1 < {size}", f"{id_} + 1 != {size}"
        ):
            return owed
    return None
