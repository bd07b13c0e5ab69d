"""Whether the cells that a loop reads and stores are there, and the names that it reads bound."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...loops.header import length_of
from ...loops.ir import Header, HeaderForm
from ...loops.literals import folded
from ...loops.names import bound_names
from ...loops.walk import walk
from .own_cells import By, Cell, Frame, Told


@dataclass
class Bounds:
    """Which positions a cell may be read at: a label has to be there, a position must not lie behind the end."""

    frame: Frame
    header: Header
    first: int | None = field(init=False)
    last: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        span = self.header.span
        measured = span is not None and span.of is not None and span.of.code == self.frame.code
        self.first = span.first if span is not None and measured else None
        self.last = span.delta if span is not None else 0
        if self.header.form in (HeaderForm.LABELS, HeaderForm.ITERROWS):
            self.first = 0
        if self.header.form is HeaderForm.STRIDES:
            self._backwards(self.header.node.iter)

    def _backwards(self, visited: ast.expr) -> None:
        """`range(len(df) - 2, -1, -1)`, `reversed(range(1, len(df)))`."""
        dotted = self.frame.site.dotted
        match visited:
            case ast.Call(func=func, args=[start, stop, step], keywords=[]) if dotted(func) == "builtins.range":
                length, last = length_of(self.frame.site, start), folded(stop)
                if length and length[0].code == self.frame.code and last is not None and folded(step) == -1:
                    self.first, self.last = last + 1, length[1] + 1
            case ast.Call(
                func=ast.Name(id="reversed"), args=[ast.Call(func=func, args=[*start, stop], keywords=[])], keywords=[]
            ) if dotted(func) == "builtins.range" and len(start) < 2:
                length, first = length_of(self.frame.site, stop), folded(start[0]) if start else 0
                if length and length[0].code == self.frame.code and first is not None:
                    self.first, self.last = first, length[1]

    def check(self, cell: Cell) -> None:
        """Raises Told where a cell may be missing."""
        line = cell.node.lineno
        if self.first is None or self.last + cell.offset > 0:
            raise Told(line, f"`{ast.unparse(cell.node)}` may lie behind the last row")
        least = self._least(cell.node, self.first) + cell.offset
        if least < (-1 if cell.by is By.POSITION else 0):
            raise Told(line, f"`{ast.unparse(cell.node)}` may lie before the first row")

    def _least(self, node: ast.AST, first: int) -> int:
        """The first position at which an expression is evaluated, as far as the tests around it tell."""
        scopes = self.frame.site.file.scopes
        below: ast.AST = node
        for up in scopes.ancestors(node):
            if isinstance(up, (ast.If, ast.IfExp)):
                first = self._under(up, below, first)
            if isinstance(up, ast.BoolOp) and below in up.values:
                for value in up.values[: up.values.index(below)]:
                    first = self._after(value, first, holds=isinstance(up.op, ast.And))
            block = [s for part in ("body", "orelse") for s in _block(up, part) if below in _block(up, part)]
            for stmt in block[: block.index(below) if below in block else 0]:
                if isinstance(stmt, ast.If) and isinstance(stmt.body[-1], (ast.Continue, ast.Break)):
                    first = self._after(stmt.test, first, holds=False)
            if up is self.frame.site.loop:
                break
            below = up
        return first

    def _under(self, choice: ast.If | ast.IfExp, below: ast.AST, first: int) -> int:
        if below is choice.test:
            return first
        body = choice.body if isinstance(choice.body, list) else [choice.body]
        return self._after(choice.test, first, holds=below in body)

    def _after(self, test: ast.expr, first: int, holds: bool) -> int:
        """The first position of those from `first` on for which a test holds, or does not."""
        match test:
            case ast.BoolOp(op=ast.And(), values=values) if holds:
                return max(self._after(value, first, holds) for value in values)
            case ast.BoolOp(op=ast.Or(), values=values) if not holds:
                return max(self._after(value, first, holds) for value in values)
            case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=int(k))]):
                if self.frame.position(left) != 0:
                    return first
                match op, holds:
                    case (ast.Gt(), True) | (ast.LtE(), False):
                        return max(first, k + 1)
                    case (ast.GtE(), True) | (ast.Lt(), False):
                        return max(first, k)
                    case (ast.Eq(), False) | (ast.NotEq(), True) if k == first:
                        return first + 1
        return first


def _block(node: ast.AST, part: str) -> list[ast.AST]:
    found = getattr(node, part, None)
    return found if isinstance(found, list) else []


def check_bound(stmts: Sequence[ast.stmt], names: set[str], bound: set[str]) -> set[str]:
    """The names that are bound once these statements have run; raises Told for one that may be read before."""
    for stmt in stmts:
        match stmt:
            case ast.If(test=test, body=body, orelse=orelse):
                _check_read(test, names - bound)
                ways = [check_bound(part, names, set(bound)) for part in (body, orelse) if not _leaves(part)]
                for part in (body, orelse):
                    if _leaves(part):
                        check_bound(part, names, set(bound))
                bound = set.intersection(*ways) if ways else names
            case ast.Assign(value=value):
                _check_read(value, names - bound)
                bound = bound | (names & set(bound_names(stmt)))
            case _:
                _check_read(stmt, names - bound)
    return bound


def _leaves(part: Sequence[ast.stmt]) -> bool:
    return bool(part) and isinstance(part[-1], (ast.Continue, ast.Break))


def _check_read(node: ast.AST, names: set[str]) -> None:
    for n in walk(node):
        if isinstance(n, ast.Name) and n.id in names:
            raise Told(n.lineno, f"`{n.id}` may not be bound here")


def check_mentions(frame: Frame, cells: Mapping[ast.AST, Cell]) -> None:
    """The frame is used for its cells, labels and length alone, and the row of `iterrows` for its cells."""
    parents = frame.site.file.scopes.parent
    for node in (n for stmt in frame.site.loop.body for n in walk(stmt)):
        if isinstance(node, ast.Name) and node.id == frame.row and parents[node] not in cells:
            raise Told(node.lineno, f"`{frame.row}` is used for more than its cells")
        if frame.is_it(node) and not _is_of_a_kind(frame, cells, node):
            raise Told(getattr(node, "lineno", 0), f"`{frame.code}` is used for more than its cells")


def _is_of_a_kind(frame: Frame, cells: Mapping[ast.AST, Cell], node: ast.AST) -> bool:
    scopes = frame.site.file.scopes
    up = scopes.parent[node]
    above = scopes.parent.get(up)
    match up, above:
        case ast.Call(func=ast.Name(id="len")), _:
            return True
        case ast.Attribute(attr="index"), ast.Subscript() if frame.label(above) is not None:
            return True
        case ast.Attribute(attr="shape"), ast.Subscript(ctx=ast.Load()):
            return True
    return any(around in cells for around in scopes.ancestors(node))
