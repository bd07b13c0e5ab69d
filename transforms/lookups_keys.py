"""Values looked up by key: by the label of a row, or by the rows that a comparison selects."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..loops.ir import Const, Expr, Inv, Op, Read, strip
from ..loops.remarks import Reason
from .arrays import ArrayCode
from .build import attr, call, clone, const, item
from .lanes import Lane


@dataclass(frozen=True)
class ByLabel:
    """`table.loc[key, column]`; `column` None: `table` is a series. `bare`: read with plain brackets."""

    table: Inv
    column: Expr | None
    key: Expr
    bare: bool = False


@dataclass(frozen=True)
class ByMask:
    """`table[table[of] == key][column].iloc[0]`: the first row that has the key."""

    table: Inv
    of: ast.expr
    column: ast.expr
    key: Expr


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


def as_first_match(e: Expr) -> ByMask | None:
    """The first row that a comparison selects, if that is what an expression takes a value from."""
    match strip(e):
        case Op(name="item", args=(found, Const(value=0))):
            inner = strip(found)
        case _:
            return None
    if (
        not isinstance(inner, Op)
        or inner.name not in ("attr:iloc", "attr:values", "method:tolist")
        or len(inner.args) != 1
    ):
        return None
    match strip(inner.args[0]):
        case Op(name="item", args=(rows, name)) if isinstance(strip(name), Const):
            match strip(rows):
                case Op(name="item", args=(table, test)):
                    return _masked(strip(table), strip(test), strip(name))
        case Op(name="item", args=(base, selected)):
            return _selected(strip(base), strip(selected))
    return None


def _selected(base: Expr, selected: Expr) -> ByMask | None:
    """`table.loc[test, column]` and `table[column][test]`."""
    match base, selected:
        case Inv(node=ast.Attribute(value=table, attr="loc")), Op(name="tuple", args=(test, name)):
            return _masked(_inv(table), strip(test), strip(name))
        case Inv(node=ast.Subscript(value=table, slice=ast.Constant(value=str()) as name)), Op(name="=="):
            return _masked(_inv(table), selected, Const(name.value, name))
    return None


def _masked(table: Expr, test: Expr, name: Expr) -> ByMask | None:
    if not isinstance(table, Inv) or not isinstance(name, Const) or not isinstance(test, Op) or test.name != "==":
        return None
    for column, key in (test.args, test.args[::-1]):
        match strip(column):
            case Inv(node=ast.Subscript(value=owner, slice=ast.Constant() as of)) if ast.unparse(owner) == table.code:
                return ByMask(table, of, name.node, key) if isinstance(strip(key), Read) else None
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


def first_match_lane(code: ArrayCode, e: Op, found: ByMask, keys: ast.expr) -> Lane:
    """All values at once, from the first row of each key; a position past the last one raises IndexError."""
    if code.depth:
        raise code.refuse("a key is looked up under a condition: looking up all of them could raise IndexError", e)
    of = clone(found.of)
    table = clone(found.table.node)
    if ast.unparse(of) == ast.unparse(found.column):
        raise code.refuse("the key itself is looked up", e)
    for obligation in ("numeric-columns", "plain-columns"):
        code.owe(obligation, ast.unparse(item(table, clone(found.column))))
    code.owe("numpy-columns", ast.unparse(item(table, of)))
    first = _once(
        code, Inv(f"§first {found.table.code} {ast.unparse(of)}", table), "first_rows", _first_rows(table, of)
    )
    positions = code.step("positions", call(attr(first, "index", "get_indexer"), keys))
    missing = ast.Compare(positions, [ast.Lt()], [const(0)])
    inside = code.numpy("where", missing, call("len", first), positions)
    return Lane(item(attr(item(first, clone(found.column)), "values"), inside), True, "number", False)


def _first_rows(table: ast.expr, of: ast.expr) -> ast.expr:
    """The first row of each key. A missing key is equal to none, itself included."""
    known = item(clone(table), call(attr(item(clone(table), clone(of)), "notna")))
    return call(attr(call(attr(known, "drop_duplicates"), clone(of)), "set_index"), clone(of))


def _once(code: ArrayCode, key: Expr, wish: str, node: ast.expr) -> ast.expr:
    if key not in code.memo:
        code.memo[key] = Lane(code.step(wish, node), True, "number", False)
    return code.memo[key].node


def _inv(node: ast.expr) -> Inv:
    return Inv(ast.unparse(node), node)


def _column(node: ast.expr) -> Expr:
    return Const(node.value, node) if isinstance(node, ast.Constant) else _inv(node)
