"""Lift the header of a loop: how it goes round, and what its targets stand for."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TypeGuard

from .context import Refused, SiteContext, mutated_roots
from .facts import own_place
from .header_ranges import as_for, lift_strides
from .header_rows import inv, lift_rows, unwrapped
from .ir import Access, Const, Expr, Header, HeaderForm, Inv, Label, Own, Pos, Read, Scalar, Sequence_, Span
from .names import bound_names, names_in, target_names
from .remarks import Reason
from .walk import walk

COMPOUND = (
    *(ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)
#: Attributes of a frame that are no columns.
FRAME_ATTRIBUTES = frozenset(
    {
        *("T", "at", "attrs", "axes", "columns", "dtypes", "empty", "flags", "iat", "iloc", "index", "loc", "ndim"),
        *("plot", "shape", "size", "sparse", "style", "values"),
    }
)
#: Makers of arrays that are as long as their first argument says, or as long as it is.
AS_LONG = frozenset(f"numpy.{f}" for f in ("empty", "full", "ones", "zeros"))
ALIKE = frozenset(f"{f}_like" for f in AS_LONG)


def lift_header(site: SiteContext, plain: bool = False) -> Header:
    """The header of a `for` loop; raises Refused for what is not understood.

    `plain`: rows are elements like any other, handed out by what is iterated.
    """
    loop = site.loop
    if isinstance(loop, ast.While):
        loop = as_for(site, loop)
    if any(isinstance(n, ast.NamedExpr) for n in walk(loop.iter)):
        raise Refused(Reason.UNSUPPORTED_SYNTAX, loop, "the iterable binds a name with :=")
    targets = {n.id for n in walk(loop.target) if isinstance(n, ast.Name)}
    if targets & {n.id for n in walk(loop.iter) if isinstance(n, ast.Name)}:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, loop, "the loop variable has the name of what is iterated")
    if not all(isinstance(n, (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.Store)) for n in walk(loop.target)):
        raise Refused(Reason.UNSUPPORTED_SYNTAX, loop, "the loop stores into an attribute or item on every round")
    iterable, progress = unwrapped(site, loop.iter)
    found = _visited(site, loop, iterable, plain)
    return replace(found, progress=progress) if progress is not None else found


def _visited(site: SiteContext, loop: ast.For, iterable: ast.expr, plain: bool) -> Header:
    """The header by what is iterated."""
    if plain:
        return _elements(site, loop, loop.target, iterable, {}, None)
    return (
        lift_rows(site, loop, loop.target, iterable, None)
        or lift_strides(site, loop, iterable)
        or _positions(site, loop, iterable)
        or _labels(site, loop, iterable)
        or _labelled(site, loop, iterable)
        or _items(site, loop, iterable)
        or _enumerate(site, loop, iterable)
        or _elements(site, loop, loop.target, iterable, {}, None)
    )


def _enumerate(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    match iterable, loop.target:
        case ast.Call(func=ast.Name(id="enumerate") as func, args=[inner, *start], keywords=[]), ast.Tuple(
            elts=[ast.Name(id=position), target]
        ):
            if site.dotted(func) != "builtins.enumerate":
                return None
            inner, progress = unwrapped(site, inner)
            match start:
                case [ast.Constant(value=int(first))] if progress is None and type(first) is int:
                    rows = lift_rows(site, loop, target, inner, None)
                    if rows is not None and rows.form is HeaderForm.ITERROWS and rows.table is not None:
                        return replace(rows, binds={**rows.binds, position: Pos(first)})
            if start:
                return _elements(site, loop, target, inner, {position: _target_part(iterable, position)}, None)
            found = lift_rows(site, loop, target, inner, position) or _elements(
                site, loop, target, inner, {position: Pos()}, position
            )
            return replace(found, progress=progress) if progress is not None else found
    return None


def _items(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    """`for label, value in s.items()`."""
    match iterable, loop.target:
        case ast.Call(func=ast.Attribute(value=series, attr="items"), args=[], keywords=[]), ast.Tuple(
            elts=[ast.Name(id=label), ast.Name(id=value)]
        ):
            kind = site.kind(series)
            if kind is None or kind.name != "series" or names_in(series) & site.mutated:
                return None
            read = element_read(site, series, value)
            return Header(
                HeaderForm.ELEMENTS, loop, {label: Label(inv(series)), value: read}, None, None, (read,), None
            )
    return None


def _labels(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    match iterable, loop.target:
        case ast.Attribute(value=frame, attr="index"), ast.Name(id=name):
            kind = site.kind(frame)
            if kind is None or kind.name not in ("frame", "series"):
                return None
            table = inv(frame)
            return Header(HeaderForm.LABELS, loop, {name: Label(table)}, table)
    return None


def _labelled(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    """Columns of a frame beside its labels, where the body stores into the frame: each round into its own row, say."""
    match iterable, loop.target:
        case ast.Call(func=ast.Name(id="zip") as func, args=args, keywords=[]), ast.Tuple(elts=targets) if site.dotted(
            func
        ) == "builtins.zip" and len(args) == len(targets):
            pairs = list(zip(targets, args, strict=True))
        case ast.Call(func=ast.Attribute(value=column, attr="items"), args=[], keywords=[]), ast.Tuple(
            elts=[label, value]
        ) if (source := _column_of_frame(site, column)) is not None:
            pairs = [(label, ast.Attribute(source.base.node, "index", ast.Load())), (value, column)]
        case _:
            return None
    binds: dict[str, Expr] = {}
    frames: dict[str, Inv] = {}
    for target, part in pairs:
        labels = isinstance(part, ast.Attribute) and part.attr == "index"
        found = None if labels else _column_of_frame(site, part)
        frame = inv(part.value) if isinstance(part, ast.Attribute) and labels else found.base if found else None
        if not isinstance(target, ast.Name) or frame is None or target.id in binds:
            return None
        frames[frame.code] = frame
        binds[target.id] = (
            Label(frame) if found is None else Read(found, Access.ITERATE, 0, None, Scalar.PYTHON, target.id)
        )
    table = next(iter(frames.values()), None)
    if table is None or len(frames) > 1 or not names_in(table.node) & site.mutated or not _is_frame(site, table):
        return None
    return Header(HeaderForm.LABELLED, loop, binds, table)


def _is_frame(site: SiteContext, table: Inv) -> bool:
    kind = site.kind(table.node)
    return kind is not None and kind.name == "frame"


def length_of(site: SiteContext, node: ast.expr, depth: int = 0) -> tuple[Inv, int] | None:
    """`len(x) + c`, `x.shape[0]`, or a name bound once to one of them: what is measured, and the constant."""
    match node:
        case ast.Call(func=ast.Name(id="len") as func, args=[ast.Attribute(value=x, attr="index")], keywords=[]) if (
            site.dotted(func) == "builtins.len"
        ):
            return inv(x), 0
        case ast.Call(func=ast.Name(id="len") as func, args=[x], keywords=[]) if site.dotted(func) == "builtins.len":
            return _made_as_long(site, x, depth) or (inv(x), 0)
        case ast.Subscript(value=ast.Attribute(value=x, attr="shape"), slice=ast.Constant(value=0)):
            return _made_as_long(site, x, depth) or (inv(x), 0)
        case ast.Attribute(value=x, attr="size"):
            kind = site.kind(x)
            return (
                (inv(x), 0) if kind and (kind.name == "series" or (kind.name == "ndarray" and kind.ndim == 1)) else None
            )
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(c))):
            inner = length_of(site, left, depth)
            return inner and (inner[0], inner[1] + (c if isinstance(op, ast.Add) else -c))
        case ast.Name(id=name) if depth < 3:
            bound = bound_once(site, name)
            found = length_of(site, bound[1], depth + 1) if bound else None
            if bound and found and unchanged_between(site, found[0], bound[0]):
                return found
    return None


def _made_as_long(site: SiteContext, array: ast.expr, depth: int) -> tuple[Inv, int] | None:
    """What an array that the loop fills was made as long as: `x` of `out = np.zeros(len(x))`."""
    if not isinstance(array, ast.Name) or array.id not in site.mutated or depth > 2:
        return None
    bound = bound_once(site, array.id)
    if bound is None:
        return None
    match bound[1]:
        case ast.Call(func=func, args=[ast.Tuple(elts=[size]) | size, *_]) if site.dotted(func) in AS_LONG:
            found = (inv(size.value), 0) if _is_shape(size) else length_of(site, size, depth + 1)
        case ast.Call(func=func, args=[x, *_]) if (site.dotted(func) or "") in ALIKE:
            kind = site.kind(x)  # nothing is known of the length of what is made like a dict or a number
            found = (inv(x), 0) if kind is not None and kind.name in ("ndarray", "series", "frame") else None
        case _:
            return None
    if found is None or found[1] > 0 or not unchanged_between(site, found[0], bound[0]):
        return None
    resized = any(n.attr == "resize" for n in site.file.scopes.index.each(ast.Attribute))
    return None if resized else found


def _is_shape(node: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def bound_once(site: SiteContext, name: str) -> tuple[ast.Assign, ast.expr] | None:
    """The one statement of the scope that binds a name, and the value: `n = len(x)`, `n, m = len(x), len(y)`."""
    match site.scope.binders(name):
        case [ast.Assign(targets=[ast.Name()], value=value) as made]:
            return made, value
        case [ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Tuple(elts=values)) as made]:
            if len(elts) != len(values) or any(isinstance(x, ast.Starred) for x in (*elts, *values)):
                return None
            own = [
                value
                for target, value in zip(elts, values, strict=True)
                if isinstance(target, ast.Name) and target.id == name
            ]
            return (made, own[0]) if len(own) == 1 and not names_in(own[0]) & target_names(made) else None
    return None


def unchanged_between(site: SiteContext, what: Inv, since: ast.stmt) -> bool:
    """The measured object is neither rebound nor changed between a statement and any round of the loop."""
    names = names_in(what.node)
    end = site.loop.lineno
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, (ast.For, ast.While)) and up.lineno > since.lineno:
            end = up.end_lineno or end
    for node in walk(site.scope.node):
        if not isinstance(node, ast.stmt) or node.lineno > end:
            continue
        if (node.lineno, node.col_offset) <= (since.lineno, since.col_offset):
            continue
        changed = target_names(node) if isinstance(node, COMPOUND) else {*bound_names(node), *mutated_roots(node)}
        if names & changed:
            return False
    return True


def _positions(site: SiteContext, loop: ast.For, iterable: ast.expr) -> Header | None:
    match iterable:
        case ast.Call(func=ast.Name(id="range") as func, args=args, keywords=[]) if (
            site.dotted(func) == "builtins.range"
        ):
            pass
        case _:
            return None
    if not isinstance(loop.target, ast.Name):
        return None
    start: ast.expr = ast.Constant(0)
    match args:
        case [stop]:
            pass
        case [start, stop]:
            pass
        case [start, stop, ast.Constant(value=1)]:
            pass
        case _:
            return _elements(site, loop, loop.target, iterable, {}, None)
    begin: Expr = Const(start.value, start) if isinstance(start, ast.Constant) else inv(start)
    measured = length_of(site, stop)
    span = Span(begin, measured[0], measured[1]) if measured else Span(begin, None, 0, inv(stop))
    return Header(
        HeaderForm.POSITIONS,
        loop,
        {loop.target.id: Pos()},
        measured[0] if measured else None,
        span,
        position_name=loop.target.id,
    )


def _target_part(iterable: ast.expr, name: str) -> Read:
    return Read(Sequence_(inv(iterable)), Access.ITERATE, name=name, part=True)


def element_read(site: SiteContext, node: ast.expr, name: str) -> Read:
    """What iterating over an expression hands out."""
    kind = site.kind(node)
    name_of_kind = kind.name if kind else None
    dtype = kind.dtype if kind else None
    if name_of_kind == "series":
        return Read(column_source(site, node) or Sequence_(inv(node)), Access.ITERATE, 0, dtype, Scalar.PYTHON, name)
    if name_of_kind == "ndarray":
        scalar = Scalar.NUMPY
        if kind and kind.ndim not in (0, 1):
            return Read(Sequence_(inv(node)), Access.ITERATE, 0, None, Scalar.ITEM, name, part=True)
        if isinstance(node, ast.Attribute) and node.attr == "values" and (column := _column_of_frame(site, node.value)):
            return Read(column, Access.VALUES, 0, dtype, scalar, name)
        return Read(Sequence_(inv(node)), Access.INDEX, 0, dtype, scalar, name)
    if (column := _column_of_frame(site, node)) is not None:
        return Read(column, Access.ITERATE, 0, None, Scalar.PYTHON, name)
    match node:
        case ast.Attribute(value=series, attr="values") if kind is None and (column := column_source(site, series)):
            return Read(column, Access.VALUES, 0, None, Scalar.NUMPY, name)
    return Read(Sequence_(inv(node)), Access.ITERATE, 0, None, Scalar.ITEM, name)


def _column_of_frame(site: SiteContext, node: ast.expr) -> Sequence_ | None:
    """`df["c"]` of what is known to be a frame, as a source."""
    column = column_source(site, node)
    kind = site.kind(column.base.node) if column is not None else None
    return column if kind is not None and kind.name == "frame" else None


def column_source(site: SiteContext, node: ast.expr) -> Sequence_ | None:
    """`df["c"]` with an invariant key, as a source."""
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str()) as key):
            return Sequence_(inv(base), Const(key.value, key))
        case ast.Subscript(value=base, slice=ast.Name() as key) if site.invariant(key):
            kind = site.kind(base)
            return Sequence_(inv(base), inv(key)) if kind and kind.name == "frame" else None
        case ast.Attribute(value=base, attr=attr):
            kind = site.kind(base)
            if kind and kind.name == "frame" and attr not in FRAME_ATTRIBUTES:
                return Sequence_(inv(base), Const(attr, ast.Constant(attr)))
    return None


def _elements(
    site: SiteContext, loop: ast.For, target: ast.expr, iterable: ast.expr, binds: dict[str, Expr], position: str | None
) -> Header:
    changed = names_in(iterable) & site.mutated
    own = isinstance(iterable, ast.Name) and own_place(site, iterable.id, position)
    if changed and not own:
        raise Refused(Reason.MUTATES_INPUT, loop, f"`{min(changed)}` is iterated while the body changes it")
    elements: list[Read | Inv] = []
    match iterable, target:
        case ast.Call(func=ast.Name(id="zip") as func, args=args, keywords=[]), ast.Tuple(elts=targets) if (
            site.dotted(func) == "builtins.zip"
            and len(args) == len(targets)
            and not any(isinstance(a, ast.Starred) for a in args)
        ):
            for part, source in zip(targets, args, strict=True):
                if isinstance(part, ast.Name):
                    read = element_read(site, source, part.id)
                    binds[part.id] = read
                    elements.append(read)
                else:
                    binds.update({n.id: _target_part(source, n.id) for n in walk(part) if isinstance(n, ast.Name)})
                    elements.append(inv(source))
        case _, ast.Name(id=name):
            read = element_read(site, iterable, name)
            binds[name] = Own(read) if changed else read
            elements.append(read)
        case _:
            binds.update({n.id: _target_part(iterable, n.id) for n in walk(target) if isinstance(n, ast.Name)})
            elements.append(inv(iterable))
    return Header(HeaderForm.ELEMENTS, loop, binds, None, None, tuple(elements), position)
