"""Loops that read back what they stored into a frame: its cells, and whether arrays of them do the same.

An array takes what is stored into it for its own type, where a column may refuse it or become one of another type; and
what was stored before an exception stays in a frame. So it has to be known what is stored, and that nothing raises.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ...loops.context import SiteContext
from ...loops.literals import folded
from ...loops.walk import walk


class Told(Exception):
    """Something stands in the way; the message says what, the line where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class By(Enum):
    """How the row of a cell is named."""

    POSITION = "position"
    NUMBER = "label that is the position"
    LABEL = "label of the row at a position"


@dataclass(frozen=True)
class Cell:
    """`df.loc[i - 1, "c"]`: one cell of the frame, in the row of the round or some rows off."""

    node: ast.Subscript
    column: str
    where: ast.expr  # the position, as it is written
    offset: int
    by: By
    of_row: bool = False  # a whole row is taken out first, of one type
    iterated: bool = False  # that row is the one of `iterrows`, as it was before the round

    @property
    def stored(self) -> bool:
        return isinstance(self.node.ctx, ast.Store)


@dataclass
class Frame:
    """The one frame whose cells a loop reads and stores, as it is written: `df`, `self.table`."""

    site: SiteContext
    code: str
    positions: frozenset[str]
    row: str | None = None  # the name of the row, with `iterrows`

    def cell(self, node: ast.AST) -> Cell | None:
        """The cell that an expression is; None where it is something else."""
        match node:
            case ast.Subscript(value=ast.Attribute(value=of, attr="loc" | "at"), slice=ast.Tuple(elts=[row, column])):
                if self.is_it(of) and (named := self._named_row(row)) is not None:
                    return self._made(node, column, *named)
            case ast.Subscript(value=ast.Attribute(value=of, attr="iloc" | "iat"), slice=ast.Tuple(elts=[row, which])):
                if self.is_it(of) and (column_ := self._numbered(which)) is not None:
                    return self._made(node, column_, row, By.POSITION)
            case ast.Subscript(value=ast.Attribute(value=of, attr=attribute), slice=row, ctx=ast.Load()):
                if (column_ := self._column(of)) is not None and attribute in _OF_SERIES:
                    return self._made(node, column_, row, _OF_SERIES[attribute])
            case ast.Subscript(value=of, slice=row, ctx=ast.Load()) if (column_ := self._column(of)) is not None:
                return self._made(node, column_, row, By.NUMBER)
            case ast.Subscript(
                value=ast.Subscript(value=ast.Attribute(value=of, attr="iloc" | "loc" as attribute), slice=row),
                slice=column,
                ctx=ast.Load(),
            ) if self.is_it(of):
                return self._made(node, column, row, _OF_SERIES[attribute], of_row=True)
            case ast.Subscript(value=ast.Name(id=id_), slice=column, ctx=ast.Load()) if id_ == self.row:
                (position,) = self.positions
                row = ast.Name(position, ast.Load())
                return self._made(node, column, row, By.NUMBER, of_row=True, iterated=True)
        return None

    def is_it(self, node: ast.AST) -> bool:
        """Whether an expression is the frame."""
        return isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) == self.code

    def starts_whole(self, column: str) -> bool:
        """Whether `df["c"] = 0` stands before the loop, and nothing else that stores into the column after it."""
        for stmt in reversed(self.site.block[: self.site.index]):
            match stmt:
                case ast.Assign(targets=[ast.Subscript() as target], value=value):
                    name = self._column(target)
                    if isinstance(name, ast.Constant) and name.value == column:
                        return type(folded(value)) is int
                case ast.Assign(targets=[ast.Name()]):
                    pass
                case _:
                    return False
        return False

    def position(self, node: ast.expr) -> int | None:
        """The offset of `i`, `i + 1`, `i - 1` from the position of the round."""
        match node:
            case ast.Name(id=id_) if id_ in self.positions:
                return 0
            case ast.BinOp(left=ast.Name(id=id_), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(k))):
                if id_ in self.positions and not isinstance(k, bool):
                    return k if isinstance(op, ast.Add) else -k
        return None

    def label(self, node: ast.AST) -> ast.expr | None:
        """The position in `df.index[i]`."""
        match node:
            case ast.Subscript(value=ast.Attribute(value=of, attr="index"), slice=row) if self.is_it(of):
                return row if self.position(row) is not None else None
        return None

    def _named_row(self, row: ast.expr) -> tuple[ast.expr, By] | None:
        if (position := self.label(row)) is not None:
            return position, By.LABEL
        return (row, By.NUMBER) if self.position(row) is not None else None

    def _column(self, node: ast.expr) -> ast.expr | None:
        """The name in `df["c"]`."""
        match node:
            case ast.Subscript(value=of, slice=ast.Constant(value=str()) as column) if self.is_it(of):
                return column
        return None

    def _numbered(self, node: ast.expr) -> ast.expr | None:
        """The name in `df.columns.get_loc("c")`."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=of, attr="columns"), attr="get_loc"),
                args=[ast.Constant(value=str()) as column],
                keywords=[],
            ) if self.is_it(of):
                return column
        return None

    def _made(self, node: ast.Subscript, column: ast.expr, row: ast.expr, by: By, **more: bool) -> Cell | None:
        offset = self.position(row)
        if offset is None or not isinstance(column, ast.Constant) or not isinstance(column.value, str):
            return None
        return Cell(node, column.value, row, offset, by, **more)


_OF_SERIES = {"iloc": By.POSITION, "iat": By.POSITION, "values": By.POSITION, "loc": By.NUMBER, "at": By.NUMBER}


def frame_of(site: SiteContext, positions: frozenset[str], row: str | None) -> Frame | None:
    """The frame into whose cells the loop stores, where it is one and read as well."""
    codes: dict[str, Frame] = {}
    for node in (n for stmt in site.loop.body for n in walk(stmt)):
        match node:
            case ast.Subscript(value=ast.Attribute(value=of, attr="loc" | "at" | "iloc" | "iat"), ctx=ast.Store()):
                codes.setdefault(ast.unparse(of), Frame(site, ast.unparse(of), positions, row))
    frames = [frame for frame in codes.values() if _is_a_name(frame.code)]
    if len(codes) != 1 or not frames:
        return None
    cells = list(cells_of(frames[0]))
    stored = {cell.column for cell in cells if cell.stored}
    back = any(cell.column in stored and (not cell.stored or _augmented(site, cell)) for cell in cells)
    return frames[0] if back else None


def _is_a_name(code: str) -> bool:
    match ast.parse(code, mode="eval").body:
        case ast.Name() | ast.Attribute(value=ast.Name(id="self")):
            return True
    return False


def _augmented(site: SiteContext, cell: Cell) -> bool:
    up = site.file.scopes.parent[cell.node]
    return isinstance(up, ast.AugAssign)


def cells_of(frame: Frame) -> Iterator[Cell]:
    """The cells in the body, in the order of the code."""
    nodes = [n for stmt in frame.site.loop.body for n in walk(stmt) if isinstance(n, ast.Subscript)]
    inner: set[ast.AST] = set()
    for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset, -(n.end_col_offset or 0))):
        if node not in inner and (cell := frame.cell(node)) is not None:
            inner |= set(walk(node))
            yield cell
