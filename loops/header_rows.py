"""Headers that hand out rows of a frame: iterrows, itertuples, to_dict("records"), in a wrapper or not."""

from __future__ import annotations

import ast
from dataclasses import replace

from .context import SiteContext
from .ir import Access, Const, Expr, Header, HeaderForm, Inv, Label, Op, Pos, Read, Row, Scalar, Sequence_

#: Functions that hand on what they are given and show how far they got.
PROGRESS = frozenset(
    f"tqdm.{path}"
    for path in (
        "tqdm",
        "tqdm_notebook",
        "auto.tqdm",
        "notebook.tqdm",
        "notebook.tqdm_notebook",
        "std.tqdm",
        "autonotebook.tqdm",
    )
)
ROW_METHODS = frozenset({"iterrows", "itertuples", "to_dict", "items"})


def inv(node: ast.expr) -> Inv:
    """An invariant leaf."""
    return Inv(ast.unparse(node), node)


def unwrapped(site: SiteContext, node: ast.expr) -> tuple[ast.expr, ast.Call | None]:
    """What is iterated without `list(...)` and `tqdm(...)` around it, and the call that shows progress."""
    progress: ast.Call | None = None
    while isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        path, inner = site.dotted(node.func), node.args[0]
        if path in PROGRESS:
            progress = progress or node
        elif path != "builtins.list" or len(node.args) > 1 or node.keywords or not _same_again(site, inner):
            break
        node = inner
    return node, progress


def _same_again(site: SiteContext, node: ast.expr) -> bool:
    """Whether iterating over this is the same as iterating over a list of it."""
    match node:
        case ast.Call(func=ast.Name() as func):
            return site.dotted(func) in ("builtins.range", "builtins.enumerate", "builtins.zip")
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in ROW_METHODS:
            return True
    kind = site.kind(node)
    return kind is not None and kind.name in ("series", "ndarray", "index")


def lift_rows(
    site: SiteContext, loop: ast.For, target: ast.expr, iterable: ast.expr, position: str | None
) -> Header | None:
    """The header of a loop over the rows of a frame, None if it is none."""
    match iterable:
        case ast.Call(func=ast.Attribute(value=frame, attr="iterrows"), args=[], keywords=[]):
            found = _iterrows(loop, target, inv(frame))
        case ast.Call(func=ast.Attribute(value=frame, attr="itertuples"), args=[], keywords=keywords):
            found = _itertuples(loop, target, inv(frame), keywords)
        case (
            ast.Call(
                func=ast.Attribute(value=frame, attr="to_dict"),
                args=[ast.Constant(value="records")],
                keywords=[],
            )
            | ast.Call(
                func=ast.Attribute(value=frame, attr="to_dict"),
                args=[],
                keywords=[ast.keyword(arg="orient", value=ast.Constant(value="records"))],
            )
        ) if isinstance(target, ast.Name):
            table = inv(frame)
            found = Header(HeaderForm.RECORDS, loop, {target.id: Row(table, Access.RECORD)}, table)
        case _:
            return None
    if found is None or position is None:
        return found
    return replace(found, binds={**found.binds, position: Pos()}, position_name=position)


def _iterrows(loop: ast.For, target: ast.expr, table: Inv) -> Header | None:
    row = Row(table, Access.ROW)
    match target:
        case ast.Tuple(elts=[ast.Name(id=index), ast.Name(id=name)]):
            return Header(HeaderForm.ITERROWS, loop, {index: Label(table), name: row}, table)
        case ast.Name(id=name):
            pair = Op("tuple", (Label(table), row), target)
            return Header(HeaderForm.ITERROWS, loop, {name: pair}, table)
        case ast.Tuple(elts=[ast.Name(id=index), ast.Tuple(elts=parts)]):
            return _unpacked(loop, table, {index: Label(table)}, parts, Access.ROW, 0)
    return None


def _itertuples(loop: ast.For, target: ast.expr, table: Inv, keywords: list[ast.keyword]) -> Header | None:
    options = {k.arg: k.value for k in keywords}
    if not set(options) <= {"index", "name"} or not all(isinstance(v, ast.Constant) for v in options.values()):
        return None
    constants = {k: v.value for k, v in options.items() if isinstance(v, ast.Constant)}
    first = 1 if constants.get("index", True) else 0
    match target:
        case ast.Name(id=name):
            named = constants.get("name", "Pandas") is not None
            columns = columns_of(table)
            whole = _whole(table) if columns else table
            row = Row(whole, Access.TUPLE, 0, first, columns, named)
            return Header(HeaderForm.ITERTUPLES, loop, {name: row}, whole)
        case ast.Tuple(elts=[ast.Name(id=index), *parts]) if first:
            return _unpacked(loop, table, {index: Label(table)}, parts, Access.TUPLE, 1)
        case ast.Tuple(elts=parts) if not first:
            return _unpacked(loop, table, {}, parts, Access.TUPLE, 0)
    return None


def _unpacked(
    loop: ast.For, table: Inv, binds: dict[str, Expr], parts: list[ast.expr], access: Access, first: int
) -> Header | None:
    """The items of each row under names of their own; None unless the frame is known to have as many columns."""
    columns = columns_of(table)
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    if (
        not names
        or len(names) != len(parts)
        or len(names) != len(columns)
        or len({*names, *binds}) < len(names) + len(binds)
    ):
        return None
    scalar = Scalar.ROW if access is Access.ROW else Scalar.PYTHON
    source = _whole(table)
    reads = [
        Read(Sequence_(source, Const(column, ast.Constant(column))), access, 0, None, scalar, name, number=first + k)
        for k, (name, column) in enumerate(zip(names, columns, strict=True))
    ]
    labels: dict[str, Expr] = {name: Label(source) for name in binds}
    return Header(
        HeaderForm.ELEMENTS, loop, {**labels, **dict(zip(names, reads, strict=True))}, None, None, tuple(reads)
    )


def columns_of(table: Inv) -> tuple[str, ...]:
    """The columns of `df[["a", "b"]]`; nothing where the syntax does not say."""
    match table.node:
        case ast.Subscript(slice=ast.List(elts=elts)):
            names = [e.value for e in elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            return tuple(names) if len(names) == len(elts) and len(set(names)) == len(names) else ()
    return ()


def _whole(table: Inv) -> Inv:
    """The frame that the columns are taken from."""
    return inv(table.node.value) if isinstance(table.node, ast.Subscript) else table


def column_by_number(row: Row, number: int) -> Expr | None:
    """The label or the column that `row[number]` is, None if it is neither."""
    if row.first is None or number < 0:
        return None
    if number < row.first:
        return Label(row.frame)
    place = number - row.first
    if row.columns:
        if place >= len(row.columns):
            return None
        column: Expr = Const(row.columns[place], ast.Constant(row.columns[place]))
    else:
        names = ast.Attribute(row.frame.node, "columns", ast.Load())
        column = inv(ast.Subscript(names, ast.Constant(place), ast.Load()))
    return Read(Sequence_(row.frame, column), row.access, row.offset, None, Scalar.PYTHON, number=number)
