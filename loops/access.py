"""Recognise element reads: `df["c"].iloc[i]`, `row["c"]`, `x[i - 1]`, `df.loc[i, "c"]`."""

from __future__ import annotations

import ast

from .context import Refused, SiteContext
from .header import column_source
from .header_rows import column_by_number, inv
from .ir import (
    SCALAR_OF,
    Access,
    Const,
    Expr,
    Header,
    HeaderForm,
    Inv,
    Label,
    Op,
    Pos,
    Read,
    Row,
    Scalar,
    Sequence_,
    strip,
)
from .kind_words import Kind
from .purity import SERIES_ATTRIBUTES, TUPLE_ATTRIBUTES
from .remarks import Reason

INDEXERS = {"iloc": Access.ILOC, "iat": Access.IAT, "loc": Access.LABEL, "at": Access.LABEL}
#: Headers whose rounds are the rows of their table.
BY_ROW = (HeaderForm.ITERROWS, HeaderForm.LABELS, HeaderForm.LABELLED, HeaderForm.ITERTUPLES)


def read_attribute(row: Row, node: ast.Attribute) -> Expr:
    """`row.c`: a column, unless the row object has an attribute of that name."""
    if row.access is Access.RECORD:
        raise Refused(Reason.ROW_ESCAPES, node, f"`.{node.attr}` belongs to the dict of the row")
    if row.access is Access.TUPLE:
        if not row.names:
            raise Refused(Reason.ROW_ESCAPES, node, f"the row is a plain tuple and has no `.{node.attr}`")
        if node.attr == "Index" and row.first == 1:
            return Label(row.frame)
        if row.columns and node.attr not in row.columns:
            raise Refused(Reason.ROW_ESCAPES, node, f"the row has no column `{node.attr}`")
        if node.attr in TUPLE_ATTRIBUTES or node.attr.startswith("_"):
            raise Refused(Reason.ROW_ESCAPES, node, f"`.{node.attr}` belongs to the row, it is no column")
    elif node.attr == "name":
        return Label(row.frame)
    elif node.attr in SERIES_ATTRIBUTES:
        raise Refused(Reason.ROW_ESCAPES, node, f"`.{node.attr}` is an attribute of the row itself, not a column")
    key = Const(node.attr, ast.Constant(node.attr))
    return Read(Sequence_(row.frame, key), row.access, row.offset, None, SCALAR_OF[row.access])


def read_item(row: Row, node: ast.Subscript, key: Expr) -> Expr:
    """`row["c"]`."""
    match strip(key):
        case Const(value=int(number)) if row.access is Access.TUPLE and not isinstance(number, bool):
            if (found := column_by_number(row, number)) is not None:
                return found
            raise Refused(Reason.ROW_ESCAPES, node, f"the row has no item {number} that is known to be a column")
        case Const(value=str()) | Inv():
            pass
        case Const(value=int()) if row.access is not Access.TUPLE:
            raise Refused(
                Reason.ROW_ESCAPES, node, "the row is read by number, which pandas takes for a label or a position"
            )
        case _:
            raise Refused(Reason.ROW_ESCAPES, node, "the row is read by a computed key")
    if row.access is Access.TUPLE:
        raise Refused(Reason.ROW_ESCAPES, node, "the named tuple is read by number")
    return Read(Sequence_(row.frame, strip(key)), row.access, row.offset, None, SCALAR_OF[row.access])


def read_subscript(site: SiteContext, header: Header, node: ast.Subscript, index: Expr) -> Expr | None:
    """An element read by position or label, None if it is something else; raises Refused where reading is ambiguous."""
    base = node.value
    if isinstance(base, ast.Attribute) and base.attr in INDEXERS:
        return _by_indexer(site, header, node, base, index)
    if not isinstance(index, Pos) and not isinstance(index, Label):
        return None
    if not site.invariant(base):
        return None
    if isinstance(index, Label):
        if _labels_of(header, base, site) and (source := column_source(site, base)):
            return Read(source, Access.LABEL, 0, None, Scalar.NUMPY)
        return None
    match base:
        case ast.Attribute(value=series, attr="values"):
            return _values_read(site, series, index)
        case ast.Call(func=ast.Attribute(value=series, attr="to_numpy"), args=[], keywords=[]):
            return _values_read(site, series, index)
    kind = site.kind(base)
    name = kind.name if kind else None
    if name == "ndarray" and kind:
        if kind.ndim not in (0, 1):
            return None
        return Read(Sequence_(inv(base)), Access.INDEX, index.offset, kind.dtype, Scalar.NUMPY)
    if name in ("list", "tuple", "str", "index"):
        return Read(Sequence_(inv(base)), Access.INDEX, index.offset, None, Scalar.ITEM)
    if name in ("dict", "defaultdict", "Counter", "set"):
        return None
    source = column_source(site, base)
    if source is not None:
        frame = site.kind(source.base.node)
        if frame and frame.name == "frame" and not _number_for_label(header, frame):
            return Read(source, Access.LABEL, index.offset, None, Scalar.NUMPY)
        return None
    if name == "series":
        if _number_for_label(header, kind):
            return None
        return Read(Sequence_(inv(base)), Access.LABEL, index.offset, kind.dtype if kind else None, Scalar.NUMPY)
    return Read(Sequence_(inv(base)), Access.INDEX, index.offset, None, Scalar.ITEM)


def _values_read(site: SiteContext, series: ast.expr, index: Pos) -> Expr | None:
    kind = site.kind(series)
    source = column_source(site, series)
    if source is None and kind and kind.name == "series":
        source = Sequence_(inv(series))
    if source is None or (kind and kind.name != "series"):
        return None
    return Read(source, Access.VALUES, index.offset, kind.dtype if kind else None, Scalar.NUMPY)


def _by_indexer(
    site: SiteContext, header: Header, node: ast.Subscript, base: ast.Attribute, index: Expr
) -> Expr | None:
    access = INDEXERS[base.attr]
    owner = base.value
    if not site.invariant(owner):
        return None
    if isinstance(index, Op) and index.name == "tuple" and len(index.args) == 2:
        row, column = strip(index.args[0]), strip(index.args[1])
        if not isinstance(row, (Pos, Label)):
            return None
        if isinstance(row, Label) and not _labels_of(header, owner, site):
            return None
        kind = site.kind(owner)
        if kind is None or kind.name != "frame":
            return None
        if access is Access.LABEL and isinstance(row, Pos) and _number_for_label(header, kind):
            return None
        if (
            access is Access.LABEL
            and isinstance(column, (Const, Inv))
            and not (isinstance(column, Const) and not isinstance(column.value, str))
        ):
            return Read(Sequence_(inv(owner), column), Access.LABEL, getattr(row, "offset", 0), None, Scalar.NUMPY)
        if (
            access is not Access.LABEL
            and isinstance(column, Const)
            and isinstance(column.value, int)
            and isinstance(row, Pos)
        ):
            position = ast.Subscript(
                ast.Attribute(owner, "columns", ast.Load()), ast.Constant(column.value), ast.Load()
            )
            return Read(Sequence_(inv(owner), inv(position)), Access.ILOC, row.offset, None, Scalar.NUMPY)
        return None
    if isinstance(index, Label) and access is Access.LABEL and _labels_of(header, owner, site):
        kind = site.kind(owner)
        if kind and kind.name == "frame":
            return Row(inv(owner), Access.ROW_LABEL, 0)
        source = column_source(site, owner) or (Sequence_(inv(owner)) if kind and kind.name == "series" else None)
        return Read(source, Access.LABEL, 0, None, Scalar.NUMPY) if source else None
    if not isinstance(index, Pos):
        return None
    source = column_source(site, owner)
    kind = site.kind(owner)
    if access is Access.LABEL and _number_for_label(header, site.kind(source.base.node) if source else kind):
        return None
    if source is not None and (kind is None or kind.name == "series"):
        return Read(source, access, index.offset, None, Scalar.NUMPY)
    if kind is None:
        raise Refused(Reason.UNKNOWN_KIND, node, f"`{ast.unparse(owner)}` may be a series or a frame")
    if kind.name == "frame":
        return Row(inv(owner), Access.ROW_LABEL if access is Access.LABEL else Access.ROW_ILOC, index.offset)
    if kind.name == "series":
        return Read(Sequence_(inv(owner)), access, index.offset, kind.dtype, Scalar.NUMPY)
    return None


def _number_for_label(header: Header, kind: Kind | None) -> bool:
    """Whether the number of the round as a label may be that of another row than the round's."""
    return header.form in BY_ROW and not (kind and kind.range_index)


def _labels_of(header: Header, owner: ast.expr, site: SiteContext) -> bool:
    """The labels that the loop visits are those of this frame (or of a column of it)."""
    if header.form not in BY_ROW or header.table is None:
        return False
    code = ast.unparse(owner)
    if code == header.table.code:
        return True
    source = column_source(site, owner)
    return source is not None and source.base.code == header.table.code
