"""Values looked up by key: by the label of a row, or by the rows that a comparison selects."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Op, Read, strip
from ...loops.remarks import Reason
from ...loops.walk import walk
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..shared.build import attr, clone, item

#: What catches a KeyError.
ABOVE_KEY_ERROR = frozenset({"KeyError", "LookupError", "Exception", "BaseException"})


@dataclass(frozen=True)
class ByLabel:
    """`table.loc[key, column]`; `column` None: `table` is a series. `bare`: read with plain brackets."""

    table: Inv
    column: Expr | None
    key: Expr
    bare: bool = False


def as_label(e: Expr) -> ByLabel | None:
    """The look-up by label that an expression is, if it is one."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name != "item":
        return None
    base, key = strip(inner.args[0]), strip(inner.args[1])
    match base, key:
        case Inv(node=ast.Attribute(value=table, attr="loc" | "at")), Op(name="tuple", args=(label, column)):
            name = strip(column)
            if isinstance(strip(label), Read) and isinstance(name, (Const, Inv)):
                return ByLabel(_inv(table), name, label)
        case Inv(node=ast.Attribute(value=ast.Subscript(value=table, slice=name), attr="loc" | "at")), Read():
            return ByLabel(_inv(table), _column(name), key)
        case Inv(node=ast.Attribute(value=series, attr="loc" | "at")), Read():
            return ByLabel(_inv(series), None, key)
        case Inv(node=ast.Subscript(value=table, slice=ast.Constant(value=str()) as name)), Read():
            return ByLabel(_inv(table), _column(name), key, True)
    return None


def label_lane(code: ArrayCode, e: Op, found: ByLabel, keys: ast.expr) -> Lane:
    """All values at once: `.loc` with the column of keys raises KeyError for a missing one, as the loop does."""
    kind = code.site.kind(found.table.node)
    wanted = "series" if found.column is None else "frame"
    if kind is None or kind.name != wanted:
        raise code.refuse(f"`{found.table.code}` is not known to be a {wanted}", e, Reason.UNKNOWN_KIND)
    if code.depth:
        raise code.refuse("a key is looked up under a condition: looking up all of them could raise KeyError", e)
    code.owe("unique-keys", f"{found.table.code}.index")
    code.owe("plain-keys", ast.unparse(keys))
    if _text_of_error_used(code.site):
        raise code.refuse("a KeyError is caught by name: that of all keys at once says something else", e)
    if found.bare:
        code.owe("keys-present", ast.unparse(keys))
    rows: ast.expr = keys
    subject = found.table.code
    if found.column is not None:
        column = clone(found.column.node)  # type: ignore[attr-defined]
        rows = ast.Tuple([keys, column], ast.Load())
        subject = ast.unparse(item(clone(found.table.node), column))
    code.owe("numeric-columns", subject)
    code.owe("plain-columns", subject)
    return Lane(attr(item(attr(clone(found.table.node), "loc"), rows), "values"), True, "number", False)


def _text_of_error_used(site: SiteContext) -> bool:
    """Whether the file may look at a KeyError that it catches: that of many keys names a list of them."""
    handlers = (n for n in walk(site.file.tree) if isinstance(n, ast.ExceptHandler) and n.name is not None)
    caught = (n.id for handler in handlers if handler.type for n in walk(handler.type) if isinstance(n, ast.Name))
    return any(id_ in ABOVE_KEY_ERROR for id_ in caught)


def _inv(node: ast.expr) -> Inv:
    return Inv(ast.unparse(node), node)


def _column(node: ast.expr) -> Expr:
    return Const(node.value, node) if isinstance(node, ast.Constant) else _inv(node)
