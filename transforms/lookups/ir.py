"""What look-ups add to the IR: positions found in an index, cells taken at them, and the dicts that a round builds."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from ...loops.ir import Const, Expr, Inv, Label, Named, Op, Raw, Read, Row, strip


@dataclass(frozen=True)
class ColumnName(Expr):
    """The variable of an inner loop over columns: all of a frame (`of` is `frame.columns`), or those of a list."""

    of: Inv


@dataclass(frozen=True)
class Position:
    """`index.get_indexer([key], method=m)[0]`; `options` are the keywords, which are the same on every round."""

    index: Inv
    key: Expr
    options: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Cell:
    """One element at a position that was looked up. `column` None: `source` is a series or an array.

    `by_row`: taken out of a whole row, which has one type for all columns.
    """

    source: Inv
    column: Expr | None
    position: Expr
    by_row: bool = False


@dataclass(frozen=True)
class Field(Expr):
    """One key of a dict, with its value."""

    key: str
    value: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True)
class Spread(Expr):
    """All columns of the row at a position, as `prefix + column + suffix`.

    `joined`: + joins the names, so that they are text. `floated`: each value is made a float.
    """

    frame: Inv
    columns: Inv | None
    position: Expr
    prefix: str = ""
    suffix: str = ""
    floated: bool = False
    by_row: bool = True
    joined: bool = False

    def children(self) -> tuple[Expr, ...]:
        return (self.position,)


@dataclass(frozen=True)
class OwnRow(Expr):
    """All fields of the row that the loop visits."""

    frame: Inv


@dataclass(frozen=True)
class Record(Expr):
    """A dict that one round makes."""

    parts: tuple[Expr, ...] = ()
    node: ast.AST | None = field(default=None, compare=False, hash=False)

    def children(self) -> tuple[Expr, ...]:
        return self.parts

    def joined(self, others: tuple[Expr, ...]) -> Record:
        """The dict after an update: known keys keep their place."""
        parts = list(self.parts)
        for new in others:
            at = next(
                (
                    k
                    for k, p in enumerate(parts)
                    if isinstance(p, Field) and isinstance(new, Field) and p.key == new.key
                ),
                None,
            )
            if at is None:
                parts.append(new)
            else:
                parts[at] = new
        return Record(tuple(parts), self.node)


def as_record(e: Expr) -> Record | None:
    """The dict that an expression stands for; two with the same keys under a condition are one."""
    inner = strip(e)
    if isinstance(inner, Record):
        return inner
    if isinstance(inner, Op) and inner.name == "dict":
        keys, values = inner.args[::2], inner.args[1::2]
        if not all(isinstance(k, Const) and isinstance(k.value, str) for k in keys):
            return None
        fields = tuple(Field(k.value, v) for k, v in zip(keys, values, strict=True))  # type: ignore[attr-defined]
        return Record((), inner.node).joined(fields)
    if isinstance(inner, Op) and inner.name == "if":
        return _merged(inner, as_record(inner.args[1]), as_record(inner.args[2]))
    return None


def _merged(e: Op, a: Record | None, b: Record | None) -> Record | None:
    if a is None or b is None or len(a.parts) != len(b.parts):
        return None
    parts: list[Expr] = []
    for x, y in zip(a.parts, b.parts, strict=True):
        if x == y:
            parts.append(x)
        elif isinstance(x, Field) and isinstance(y, Field) and x.key == y.key:
            parts.append(Field(x.key, Op("if", (e.args[0], x.value, y.value), e.node)))
        else:
            return None
    return Record(tuple(parts), a.node)


def as_position(e: Expr) -> Position | None:
    """The look-up that an expression is, if it is one."""
    match strip(e):
        case Op(name="call:builtins.int", args=(inner,)):
            return as_position(inner)
        case Op(name="item", args=(found, Const(value=0))):
            call = strip(found)
        case _:
            return None
    if not isinstance(call, Op) or call.name != "method:get_indexer" or len(call.args) < 2:
        return None
    index, keys = strip(call.args[0]), strip(call.args[1])
    if not isinstance(index, Inv) or not isinstance(keys, Op) or keys.name != "list" or len(keys.args) != 1:
        return None
    rest = [strip(a) for a in call.args[2:]]
    names = [*("method", "limit", "tolerance")[: len(rest) - len(call.keywords)], *call.keywords]
    # A limit counts consecutive keys, which a single look-up never has.
    if (
        len(names) != len(rest)
        or not set(names) <= {"method", "tolerance"}
        or not all(isinstance(a, (Const, Inv)) for a in rest)
    ):
        return None
    return Position(index, keys.args[0], tuple(zip(names, rest, strict=True)))


def as_row(e: Expr) -> tuple[Inv, Expr] | None:
    """`frame.iloc[position]` with a looked-up position: the frame and the position."""
    match strip(e):
        case Op(name="item", args=(Inv(node=ast.Attribute(value=frame, attr="iloc")), position)) if (
            as_position(position) is not None
        ):
            return Inv(ast.unparse(frame), frame), position
    return None


def as_cell(e: Expr) -> Cell | None:
    """The element at a looked-up position that an expression is, if it is one."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name != "item" or len(inner.args) != 2:
        return None
    base, key = strip(inner.args[0]), inner.args[1]
    if isinstance(base, Op) and base.name == "attr:loc":
        base = strip(base.args[0])
    row = as_row(base)
    if row is not None and isinstance(strip(key), (Const, Inv, ColumnName)):
        return Cell(row[0], strip(key), row[1], True)
    column = strip(key)
    if isinstance(base, Inv) and isinstance(column, Op) and column.name == "tuple" and len(column.args) == 2:
        return _by_number(base, column.args[0], strip(column.args[1]))
    if as_position(key) is None:
        return None
    return _of_column(base, key)


def _of_column(base: Expr, position: Expr) -> Cell | None:
    """`frame["c"].iloc[p]`, `.iat[p]`, `.values[p]`."""
    match base:
        case Inv(
            node=ast.Attribute(
                value=ast.Subscript(value=frame, slice=ast.Constant() | ast.Name() as key),
                attr="iloc" | "iat" | "values",
            )
        ):
            column: Expr = Const(key.value, key) if isinstance(key, ast.Constant) else Inv(ast.unparse(key), key)
            return Cell(Inv(ast.unparse(frame), frame), column, position)
        case Inv(node=ast.Attribute(value=series, attr="iloc" | "iat" | "values")):
            return Cell(Inv(ast.unparse(series), series), None, position)
        case Op(name="attr:iloc" | "attr:iat" | "attr:values", args=(owner,)):
            match strip(owner):
                case Op(name="item", args=(table, name)):
                    whole, variable = strip(table), strip(name)
                    if isinstance(whole, Inv) and isinstance(variable, ColumnName):
                        return Cell(whole, variable, position)
    return None


def _by_number(base: Inv, position: Expr, column: Expr) -> Cell | None:
    """`frame.iloc[p, frame.columns.get_loc(c)]`."""
    if not isinstance(base.node, ast.Attribute) or base.node.attr != "iloc" or as_position(position) is None:
        return None
    frame = Inv(ast.unparse(base.node.value), base.node.value)
    match column:
        case Op(name="method:get_loc", args=(Inv(code=code), name)) if code == f"{frame.code}.columns" and isinstance(
            strip(name), ColumnName
        ):
            return Cell(frame, strip(name), position)
        case Inv(
            node=ast.Call(func=ast.Attribute(value=columns, attr="get_loc"), args=[ast.Constant() as key], keywords=[])
        ) if ast.unparse(columns) == f"{frame.code}.columns":
            return Cell(frame, Const(key.value, key), position)
    return None


def affixes(e: Expr) -> tuple[ColumnName, str, str, bool] | None:
    """Column name, prefix, suffix of a key made from a column's name, and whether + joins them."""
    match strip(e):
        case ColumnName() as name:
            return name, "", "", False
        case Raw(node=ast.JoinedStr(values=values), holes=((hole, inner),)) if isinstance(strip(inner), ColumnName):
            return _formatted(values, hole, strip(inner))  # type: ignore[arg-type]
        case Op(name="+", args=(a, b)):
            x, y = strip(a), strip(b)
            if isinstance(x, Const) and isinstance(x.value, str) and (found := affixes(y)):
                return found[0], x.value + found[1], found[2], True
            if isinstance(y, Const) and isinstance(y.value, str) and (found := affixes(x)):
                return found[0], found[1], found[2] + y.value, True
    return None


def _formatted(values: list[ast.expr], hole: str, name: ColumnName) -> tuple[ColumnName, str, str, bool] | None:
    before, after, met = "", "", False
    for v in values:
        match v:
            case ast.Constant(value=str(text)) if met:
                after += text
            case ast.Constant(value=str(text)):
                before += text
            case ast.FormattedValue(value=ast.Name(id=id_), conversion=-1, format_spec=None) if id_ == hole and not met:
                met = True
            case _:
                return None
    return (name, before, after, False) if met else None


def rebased(e: Expr, old: str, new: Inv) -> Expr:
    """The expression with everything read from one frame read from another one."""
    if isinstance(e, Read) and e.source.base.code == old:
        return replace(e, source=replace(e.source, base=new))
    if isinstance(e, (Label, Row, OwnRow)) and e.frame.code == old:
        return replace(e, frame=new)
    if isinstance(e, Named):
        return replace(e, value=rebased(e.value, old, new))
    if isinstance(e, Op):
        return replace(e, args=tuple(rebased(a, old, new) for a in e.args))
    if isinstance(e, Record):
        return replace(e, parts=tuple(rebased(a, old, new) for a in e.parts))
    if isinstance(e, Raw):
        return replace(e, holes=tuple((n, rebased(a, old, new)) for n, a in e.holes))
    if isinstance(e, Field):
        return replace(e, value=rebased(e.value, old, new))
    if isinstance(e, Spread):
        return replace(e, position=rebased(e.position, old, new))
    return e
