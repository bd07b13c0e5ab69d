"""Kinds of the values that a loop stores into cells: numbers, text, truth values."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ...loops.names import bound_names
from ...loops.walk import walk
from .own_cells import Cell, Told

Cells = Mapping[ast.AST, Cell]
Names = Mapping[str, Sequence[ast.expr]]
_DEEP = 5


class Kind(Enum):
    """What a value is, and what a column has to hold where it is stored."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "truth value"


@dataclass(frozen=True)
class Value:
    """A value. `numpy` where it is surely one of NumPy's; `whole` names the columns of which it is a whole number.

    It is one if these hold integers: none for a literal, None where it may be a fraction in any case.
    """

    numpy: bool
    whole: frozenset[str] | None = None
    kind: Kind = Kind.NUMBER


FRACTION, NUMBER = Value(True), Value(False)
WHOLE = Value(False, frozenset())
TEXT, FLAG = Value(False, kind=Kind.TEXT), Value(False, kind=Kind.FLAG)


def column_kinds(loop: ast.stmt, cells: Cells, names: Names) -> dict[str, Kind]:
    """Columns of text or of truth values: from what they are compared with, and from what is stored."""
    nodes = list(walk(loop))
    found: dict[str, Kind] = {}
    before = None
    while before != found:
        before = dict(found)
        for node in nodes:
            match node:
                case ast.Compare(left=left, comparators=[other]):
                    pairs = [(left, other), (other, left)]
                case ast.Assign(targets=[target], value=value):
                    pairs = [(target, value)]
                case _:
                    continue
            for one, other in pairs:
                cell, kind = cells.get(one), kind_of(other, cells, names, found)
                known = kind is Kind.TEXT or (kind is Kind.FLAG and isinstance(node, ast.Assign))
                if cell is not None and known:
                    found.setdefault(cell.column, kind)
    return found


def kind_of(node: ast.expr, cells: Cells, names: Names, known: Mapping[str, Kind], depth: int = 0) -> Kind:
    """What an expression looks like, given the kinds of the columns that are known."""

    def inner(x: ast.expr, further: int = 0) -> Kind:
        return kind_of(x, cells, names, known, depth + further)

    match node:
        case ast.Constant(value=str()):
            return Kind.TEXT
        case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return Kind.FLAG
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(body=first) | ast.Tuple(elts=[first, *_]):
            return inner(first)
        case ast.Name(id=id_) if id_ in names and depth < _DEEP:
            return next((k for v in names[id_] if (k := inner(v, 1)) is not Kind.NUMBER), Kind.NUMBER)
    cell = cells.get(node)
    return known.get(cell.column, Kind.NUMBER) if cell is not None else Kind.NUMBER


def recursive(names: Names) -> frozenset[str]:
    """The temporaries whose value comes of their own value in the round before."""
    direct = {id_: {n.id for v in values for n in walk(v) if isinstance(n, ast.Name)} for id_, values in names.items()}

    def reached(id_: str) -> set[str]:
        found: set[str] = set()
        ahead = set(direct[id_])
        while ahead:
            found |= ahead
            ahead = {other for one in ahead for other in direct.get(one, ())} - found
        return found

    return frozenset(id_ for id_ in names if id_ in reached(id_))


def may_grow(op: ast.operator, sides: Sequence[ast.expr], names: frozenset[str]) -> bool:
    """Whether integers of Python's own may grow beyond what fits a column, from round to round: `k * 2`, `k + m`."""
    carried = [any(isinstance(n, ast.Name) and n.id in names for n in walk(side)) for side in sides]
    if isinstance(op, ast.Mult):
        return any(carried) and not any(isinstance(s, ast.Constant) and isinstance(s.value, float) for s in sides)
    return all(carried)


def plainly_bound(stmt: ast.stmt) -> list[tuple[str, ast.expr]]:
    """What an assignment binds to plain names."""
    return bindings(stmt) if isinstance(stmt, ast.Assign) else []


def bindings(stmt: ast.stmt) -> list[tuple[str, ast.expr]]:
    """What a statement binds to plain names, those in it too."""
    found: list[tuple[str, ast.expr]] = []
    for node in walk(stmt):
        match node:
            case ast.Assign(targets=[ast.Name(id=id_)], value=value):
                found.append((id_, value))
            case ast.AugAssign(target=ast.Name(id=id_), op=op, value=value):
                made = ast.copy_location(ast.BinOp(ast.Name(id_, ast.Load()), op, value), node)
                found.append((id_, made))
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                found += [(t.id, v) for t, v in zip(targets, values, strict=True) if isinstance(t, ast.Name)]
            case ast.stmt() if bound := sorted(set(bound_names(node))):
                if not isinstance(node, (ast.If, ast.For, ast.While)):
                    raise Told(node.lineno, f"how `{bound[0]}` is bound is not followed")
    return found


def either(values: Sequence[Value], node: ast.expr) -> Value:
    """Any of these values."""
    if len({v.kind for v in values}) > 1:
        raise Told(node.lineno, f"`{ast.unparse(node)}` is not always of one kind")
    wholes = [v.whole for v in values]
    known = [w for w in wholes if w is not None]
    whole = frozenset[str]().union(*known) if len(known) == len(wholes) else None
    return Value(all(v.numpy for v in values), whole, values[0].kind)
