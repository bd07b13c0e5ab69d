"""Masks that pick the rows of one key out of a frame: `df[df["k"] == key]` and its other spellings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...loops.context import SiteContext, mutated_roots, root_name
from ...loops.header import FRAME_ATTRIBUTES
from ...loops.names import COMPREHENSIONS, bound_names, names_in
from ...loops.walk import walk
from ..hoists.body import in_nested_scope

#: Builtins and methods that hand out the elements of a column, or some of them, as they are.
PASSING = frozenset({"builtins.set", "builtins.frozenset", "builtins.sorted", "builtins.list", "builtins.tuple"})
PASSING_METHODS = frozenset({"unique", "drop_duplicates", "dropna", "tolist", "to_list", "sort_values", "copy"})
#: Those of them that fail on elements that can't be hashed.
HASHING = frozenset({"unique", "drop_duplicates", "value_counts", "set", "frozenset"})


@dataclass(frozen=True)
class Mask:
    """One place where the rows of a key are picked.

    `node` is the whole expression, `frame` what the rows are taken from, `column` the key column as it is written,
    `name` its name. `picked` is the column that is taken out of the rows at once, if the expression does that.
    """

    node: ast.expr
    frame: ast.expr
    column: ast.expr
    name: str
    key: ast.expr
    picked: ast.expr | None = None

    @property
    def group(self) -> tuple[str, str]:
        """Which frame by which column."""
        return ast.unparse(self.frame), self.name


def find_masks(site: SiteContext) -> list[Mask]:
    """All masks of the body whose key changes from round to round, the outermost expressions, in order."""
    found: list[Mask] = []
    if not any(isinstance(n, ast.Compare) for n in site.nodes):
        return found
    for stmt in (*site.loop.body, *site.loop.orelse):
        for node in _outside_in(stmt):
            mask = as_mask(site, node)
            if mask is None or any(node in set(walk(m.node)) for m in found):
                continue
            if in_nested_scope(site, node) or not (names_in(mask.key) & site.assigned):
                continue
            found.append(mask)
    return found


def _outside_in(node: ast.AST) -> Iterator[ast.expr]:
    for n in walk(node):
        if isinstance(n, (ast.Subscript, ast.Attribute)) and isinstance(n.ctx, ast.Load):
            yield n


def as_mask(site: SiteContext, node: ast.expr) -> Mask | None:
    """The mask that an expression is, a column taken out of the rows included."""
    match node:
        case ast.Subscript(value=ast.Subscript() as inner, slice=ast.Constant(value=str()) as picked):
            mask = _rows(site, inner)
            if mask is not None and mask.picked is None:
                return Mask(node, mask.frame, mask.column, mask.name, mask.key, picked)
        case ast.Subscript():
            return _rows(site, node)
    return None


def _rows(site: SiteContext, node: ast.Subscript) -> Mask | None:
    """`F[F["k"] == key]`, `F.loc[F["k"] == key]`, `F.loc[F["k"] == key, "v"]`, `F["v"][F["k"] == key]`."""
    picked: ast.expr | None = None
    test = node.slice
    match node:
        case ast.Subscript(value=ast.Attribute(value=frame, attr="loc"), slice=ast.Tuple(elts=[test])):
            pass
        case ast.Subscript(
            value=ast.Attribute(value=frame, attr="loc"),
            slice=ast.Tuple(elts=[test, ast.Constant(value=str()) as picked]),
        ):
            pass
        case ast.Subscript(value=ast.Attribute(value=frame, attr="loc")):
            pass
        case ast.Subscript(value=ast.Subscript(value=frame, slice=ast.Constant(value=str()) as picked)):
            pass
        case ast.Subscript(value=ast.Attribute(value=frame, attr=column)) if column not in FRAME_ATTRIBUTES:
            picked = ast.Constant(column)
        case ast.Subscript(value=frame):
            pass
    found = _compared(site, test, frame)
    if found is None:
        return None
    selector, name, key = found
    return Mask(node, frame, selector, name, key, picked)


def _compared(site: SiteContext, test: ast.expr, frame: ast.expr) -> tuple[ast.expr, str, ast.expr] | None:
    """The column, its name and the key of `frame["k"] == key`, either way round."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            for column, key in ((left, right), (right, left)):
                name = column_of(column, frame)
                if name is not None and not (names_in(column) & site.assigned):
                    return column, name, key
    return None


def column_of(node: ast.expr, frame: ast.expr) -> str | None:
    """The name of the column of a frame that an expression reads."""
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str(name))) | ast.Attribute(value=base, attr=name):
            return name if ast.unparse(base) == ast.unparse(frame) else None
    return None


# ---------------------------------------------------------------------- where the keys come from


def key_source(site: SiteContext, key: ast.expr) -> ast.expr | None:
    """What the loop that hands out a key iterates over, if the key is the variable of a loop as it was handed out."""
    if not isinstance(key, ast.Name):
        return None
    here: ast.AST = key
    for up in site.file.scopes.ancestors(key):
        if isinstance(up, COMPREHENSIONS) and key.id in {n for g in up.generators for n in bound_names(g.target)}:
            return None
        if isinstance(up, ast.For) and here in up.body and key.id in set(bound_names(up.target)):
            again = [n for s in up.body for n in walk(s) if _binds(n, key.id)]
            return None if again else _part(site, up.target, up.iter, key.id)
        if up is site.loop:
            return None
        here = up
    return None


def _binds(node: ast.AST, id_: str) -> bool:
    return isinstance(node, ast.Name) and node.id == id_ and not isinstance(node.ctx, ast.Load)


def _part(site: SiteContext, target: ast.expr, iterable: ast.expr, id_: str) -> ast.expr | None:
    """What one variable of a header runs over: through enumerate and zip."""
    match target, iterable:
        case ast.Name(id=name), _ if name == id_:
            return iterable
        case ast.Tuple(elts=[_, inner]), ast.Call(func=func, args=[source]) if (
            site.dotted(func) == "builtins.enumerate"
        ):
            return _part(site, inner, source, id_)
        case ast.Tuple(elts=targets), ast.Call(func=func, args=sources, keywords=[]) if site.dotted(
            func
        ) == "builtins.zip" and len(targets) == len(sources):
            for t, s in zip(targets, sources, strict=True):
                if isinstance(t, ast.Name) and t.id == id_:
                    return s
    return None


def own_keys(site: SiteContext, mask: Mask) -> bool:
    """Whether the keys are hashed elements of the very column that they are compared with."""
    source = key_source(site, mask.key)
    return source is not None and _of_column(site, source, mask, False)


def _of_column(site: SiteContext, node: ast.expr, mask: Mask, hashed: bool) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=base, attr=attr), args=[], keywords=[]) if attr in PASSING_METHODS:
            return _of_column(site, base, mask, hashed or attr in HASHING)
        case ast.Call(func=func, args=[inner]) if (path := site.dotted(func)) in PASSING and path is not None:
            return _of_column(site, inner, mask, hashed or path.split(".")[-1] in HASHING)
        case ast.Attribute(value=ast.Call(func=ast.Attribute(value=base, attr="value_counts"), args=[]), attr="index"):
            return _of_column(site, base, mask, True)
        case ast.Subscript(value=base, slice=ast.Slice()):
            return _of_column(site, base, mask, hashed)
        case ast.Name():
            value = _assigned_before(site, node, mask)
            return value is not None and _of_column(site, value, mask, hashed)
    return hashed and column_of(node, mask.frame) == mask.name


def _assigned_before(site: SiteContext, node: ast.Name, mask: Mask) -> ast.expr | None:
    """What a name was given just before the loop, if the frame is the same since."""
    root = root_name(mask.frame)
    block = site.file.scopes.block.get(site.loop, [])
    if node.id in site.assigned or node.id in site.mutated or site.loop not in block:
        return None
    for stmt in reversed(block[: block.index(site.loop)]):
        match stmt:
            case ast.Assign(targets=[ast.Name(id=id_)], value=value) if id_ == node.id:
                return value
        changed = set(bound_names(stmt)) | mutated_roots(stmt)
        if node.id in changed or root in changed:
            return None
    return None


# ---------------------------------------------------------------------- what keys are read from


def labels_read(site: SiteContext, key: ast.expr) -> list[str]:
    """The tables that a key is read from by label: of a label that is there twice they give a Series, and no key."""
    found: dict[str, None] = {}
    for node in _flowing_into(site, key):
        for n in walk(node):
            if isinstance(n, ast.Subscript) and names_in(n.slice) & site.assigned:
                found |= dict.fromkeys(_read_by_label(site, n))
    return list(found)


def _read_by_label(site: SiteContext, node: ast.Subscript) -> list[str]:
    match node.value:
        case ast.Attribute(value=base, attr="loc" | "at"):
            pass
        case base:
            kind = site.kind(base)
            if kind is None or kind.name != "series":
                return []
    table = base.value if isinstance(base, ast.Subscript) else base
    kind = site.kind(table)
    return [] if kind is not None and kind.range_index else [ast.unparse(table)]


def _flowing_into(site: SiteContext, key: ast.expr) -> list[ast.expr]:
    """A key, and what the temporaries in it are bound to in the body."""
    parts, names = [key], names_in(key)
    grown = True
    while grown:
        grown = False
        for n in (n for stmt in site.loop.body for n in walk(stmt)):
            if isinstance(n, ast.Assign) and n.value not in parts and names & set(bound_names(n)):
                parts.append(n.value)
                names |= names_in(n.value)
                grown = True
    return parts
