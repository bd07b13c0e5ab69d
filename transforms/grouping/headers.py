"""Which groups a loop visits: those of a groupby that it iterates, or of keys that it compares a column with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ...loops.context import SiteContext, root_name
from ...loops.ir import Effect, Expr, Header, HeaderForm, Inv, Loop, Op, StoreItem, strip
from ..shared.build import attr, call, clone, const
from .groups import Groups
from .masks import HASHING, column_of

#: Keywords of groupby that don't change what a group is.
GROUPBY_KEYWORDS = frozenset({"sort", "dropna", "observed", "group_keys", "by"})
#: Kinds that can be gone through several times, each time with the same elements.
LASTING = frozenset({"series", "ndarray", "list", "tuple", "index", "range"})


def groups_of(site: SiteContext, loop: Loop) -> Groups | None:
    """The groups that a loop visits, if its frame stays the same."""
    if not isinstance(site.loop, ast.For):
        return None
    found = _grouped(loop.header) or _by_key(site, loop)
    if found is None:
        return None
    kind = site.kind(found.frame)
    if kind is None or kind.name != "frame" or root_name(found.frame) in site.assigned | site.mutated:
        return None
    return found


def parts_of(effect: Effect) -> list[Expr]:
    """The expressions of an effect: its guard if it has one, the key of a dict, the value."""
    guard = [effect.guard] if effect.guard is not None else []
    return [*guard, *([effect.index] if isinstance(effect, StoreItem) else []), effect.value]


def _by_key(site: SiteContext, loop: Loop) -> Groups | None:
    """`for k in keys:` where the body compares a column with `k`."""
    found = _keys(site, loop.header)
    if found is None:
        return None
    target, keys, read, place = found
    groups = Groups(keys, (), target, keys, keys, read=read, place=place)
    for frame, by in _compared(loop, groups):
        if isinstance(frame, (ast.Name, ast.Attribute)):
            grouped = call(attr(clone(frame), "groupby"), const(by), sort=const(False))
            return replace(groups, frame=frame, by=(by,), grouped=grouped, own=_different_values(keys, frame, by))
    return None


def _keys(site: SiteContext, header: Header) -> tuple[ast.expr, ast.expr, str | None, str | None] | None:
    """What a key is called, what the keys are, the list that it is read from by number, and the name of the number."""
    if header.form is HeaderForm.POSITIONS and header.span is not None and header.position_name is not None:
        of, span = header.span.of, header.span
        kind = site.kind(of.node) if of is not None else None
        if of is None or span.first != 0 or span.delta or kind is None or kind.name not in ("list", "tuple", "ndarray"):
            return None
        return ast.Name(site.fresh("key"), ast.Store()), of.node, of.code, header.position_name
    if header.form is not HeaderForm.ELEMENTS:
        return None
    match header.node.target, header.node.iter:
        case ast.Name() as target, keys:
            return target, keys, None, None
        case ast.Tuple(elts=[ast.Name(id=place), ast.Name() as target]), ast.Call(func=func, args=[keys]) if (
            site.dotted(func) == "builtins.enumerate"
        ):
            return target, keys, None, place
    return None


def _compared(loop: Loop, groups: Groups) -> Iterator[tuple[ast.expr, str]]:
    """The frame and the column of each comparison with the key."""
    for x in (x for e in loop.effects for part in parts_of(e) for x in part.walk()):
        if not isinstance(x, Op) or x.name != "==":
            continue
        for column, key in (x.args, x.args[::-1]):
            inner = strip(column)
            if not isinstance(inner, Inv) or not groups.is_key(key):
                continue
            match inner.node:
                case (
                    ast.Subscript(value=frame, slice=ast.Constant(value=str(by))) | ast.Attribute(value=frame, attr=by)
                ) if column_of(inner.node, frame) == by:
                    yield frame, by


def _different_values(keys: ast.expr, frame: ast.expr, by: str) -> bool:
    """Whether the keys are the different values of a column, as they come."""
    match keys:
        case ast.Call(func=ast.Attribute(value=column, attr=attr), args=[], keywords=[]) if attr in HASHING:
            return attr != "value_counts" and column_of(column, frame) == by
    return False


def _grouped(header: Header) -> Groups | None:
    """`for key, group in df.groupby("k"):`, a column of it taken or not."""
    if header.form is not HeaderForm.ELEMENTS:
        return None
    iterable, series = header.node.iter, ""
    match iterable:
        case ast.Subscript(value=ast.Call() as made, slice=ast.Constant(value=str(series))):
            pass
        case ast.Call() as made:
            pass
        case _:
            return None
    match header.node.target, made:
        case ast.Tuple(elts=[target, ast.Name(id=rows)]), ast.Call(
            func=ast.Attribute(value=frame, attr="groupby"), args=args, keywords=keywords
        ) if isinstance(frame, (ast.Name, ast.Attribute)) and _plain(target, rows):
            if len(args) > 1 or not {k.arg for k in keywords} <= GROUPBY_KEYWORDS:
                return None
            by = next(iter([*args, *(k.value for k in keywords if k.arg == "by")]), None)
            return Groups(frame, _names(by), target, iterable, rows=rows, series=series)
    return None


def _plain(target: ast.expr, rows: str) -> bool:
    """Whether the key has a name, or its parts have."""
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [p.id for p in parts if isinstance(p, ast.Name)]
    return len(names) == len(parts) and len({*names, rows}) == len(names) + 1


def _names(by: ast.expr | None) -> tuple[str, ...]:
    """The columns that are grouped by; none if it is something else."""
    match by:
        case ast.Constant(value=str(name)):
            return (name,)
        case ast.List(elts=[_, _, *_] as parts):
            names = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
            return tuple(names) if len(names) == len(parts) else ()
    return ()
