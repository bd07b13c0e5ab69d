"""The smallest run of sibling statements that covers all edits, and the text around it that belongs to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..loops.walk import walk
from ..sources.positions import Positions, first_line, last_line
from ..transforms.base import Define, Edit, InsertBefore
from .render import Style

#: One step of the way from the module down to a node: a block and the index in it.
Step = tuple[list[ast.stmt], int]


class PlacementError(Exception):
    """A rewrite can't be put in its place without harm: the line that stands in the way, and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Region:
    """Consecutive statements `block[first:last + 1]` and the whole lines from `start` to `end` around them.

    The lines hold the blank lines and comments above the first statement, and below the last one those up to the next
    statement (or those of the block, if there is none).
    """

    block: Sequence[ast.stmt]
    first: int
    last: int
    start: int
    end: int
    indent: str
    unit: str

    @property
    def statements(self) -> Sequence[ast.stmt]:
        """The statements of the run."""
        return self.block[self.first : self.last + 1]

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line of the statements themselves."""
        return first_line(self.block[self.first]), last_line(self.block[self.last])

    @property
    def prefix(self) -> str:
        """What goes in front of the region's text to make a module of it: a header, and a statement of its own."""
        return ("if 1:\n" if self.indent else "") + self.indent + "0\n"

    @property
    def suffix(self) -> str:
        """What goes after the region's text: a statement, so that what stands above it stays above a statement."""
        return self.indent + "0\n"

    def wrapped(self, text: str) -> str:
        """The region's text as a module of its own."""
        return self.prefix + text + self.suffix

    @property
    def ends_block(self) -> bool:
        """Whether no sibling follows."""
        return self.last + 1 == len(self.block)


def blocks_of(stmt: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks directly inside a statement."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(stmt, name, None)
        if isinstance(block, list) and block:
            yield block
    for part in (*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())):
        yield part.body


def target_of(edit: Edit) -> ast.stmt | ast.expr:
    """The node of the tree that an edit is about."""
    return edit.anchor if isinstance(edit, InsertBefore | Define) else edit.old


def path_to(tree: ast.Module, node: ast.stmt | ast.expr) -> list[Step]:
    """The way to a statement, or to the innermost statement around an expression.

    Raises PlacementError if the node is no part of the tree.
    """
    path = _by_position(tree, node)
    if path is None:
        path = _by_search(tree.body, node)
    if path is None:
        raise PlacementError(getattr(node, "lineno", 1), "the edit is about a node that is not in this file")
    return path


def _by_position(tree: ast.Module, node: ast.stmt | ast.expr) -> list[Step] | None:
    path: list[Step] = []
    blocks = [tree.body]
    place = (node.lineno, node.col_offset)
    while True:
        step = next((s for block in blocks if (s := _covering(block, place, node))), None)
        if step is None:
            break
        path.append(step)
        stmt = step[0][step[1]]
        if stmt is node:
            return path
        blocks = list(blocks_of(stmt))
    if not path or isinstance(node, ast.stmt):
        return None
    block, index = path[-1]
    return path if any(inner is node for inner in walk(block[index])) else None


def _covering(block: list[ast.stmt], place: tuple[int, int], node: ast.AST) -> Step | None:
    for index, stmt in enumerate(block):
        start = (first_line(stmt), 0 if first_line(stmt) < stmt.lineno else stmt.col_offset)
        if stmt is node or start <= place < (last_line(stmt), stmt.end_col_offset or 0):
            return block, index
    return None


def _by_search(block: list[ast.stmt], node: ast.AST) -> list[Step] | None:
    """The slow way, for expressions whose place is not where `ast` says (inside f-strings on Python 3.11)."""
    for index, stmt in enumerate(block):
        if not any(inner is node for inner in walk(stmt)):
            continue
        for inner_block in blocks_of(stmt):
            path = _by_search(inner_block, node)
            if path is not None:
                return [(block, index), *path]
        return [(block, index)]
    return None


def find_region(spots: Positions, tree: ast.Module, edits: Sequence[Edit], style: Style) -> Region:
    """The region of some edits of one file, `tree` being the parsed text of `spots`."""
    paths = [path_to(tree, target_of(edit)) for edit in edits]
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and len({(id(p[depth][0]), p[depth][1]) for p in paths}) == 1:
        if len({id(path[depth + 1][0]) for path in paths}) > 1:
            break
        depth += 1
    block = paths[0][depth][0]
    first, last = min(p[depth][1] for p in paths), max(p[depth][1] for p in paths)
    while True:
        first, last = _whole_lines(block, first, last)
        head = spots.line(first_line(block[first]))
        indent = head[: len(head) - len(head.lstrip(" \t\f"))]
        if len(indent) >= _column(block[first]) and not head.startswith("elif", len(indent)):
            break
        # a block on the line of its header (`if x: y = 1`), or an `elif`: only the whole statement can be taken out
        depth -= 1
        block, first = paths[0][depth]
        last = first
    if "\f" in indent:
        raise PlacementError(first_line(block[first]), "a form feed stands in the indentation")
    parent = paths[0][depth - 1] if depth else None
    start, end = _surroundings(spots, block, first, last, indent, parent)
    unit = _unit(spots, paths[0][: depth + 1], block[first : last + 1], style)
    return Region(block, first, last, start, end, indent, unit)


def _column(stmt: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(stmt, "decorator_list", [])
    return stmt.col_offset if not decorators else 0


def _whole_lines(block: Sequence[ast.stmt], first: int, last: int) -> tuple[int, int]:
    """A run that shares no line with a sibling outside."""
    while first > 0 and last_line(block[first - 1]) >= first_line(block[first]):
        first -= 1
    while last + 1 < len(block) and first_line(block[last + 1]) <= last_line(block[last]):
        last += 1
    return first, last


def _surroundings(
    spots: Positions, block: Sequence[ast.stmt], first: int, last: int, indent: str, parent: Step | None
) -> tuple[int, int]:
    """The offsets of the lines of a run with the blank lines and comments that belong to it."""
    above = last_line(block[first - 1]) if first else (parent[0][parent[1]].lineno if parent else 0)
    line = first_line(block[first])
    while line - 1 > above and _is_filler(spots.line(line - 1)):
        line -= 1
    if last + 1 < len(block):
        below = first_line(block[last + 1]) - 1
    else:
        below = at = last_line(block[last])
        while at < spots.line_count and _is_filler(text := spots.line(at + 1)):
            at += 1
            if text.strip():
                if len(text.expandtabs(8)) - len(text.expandtabs(8).lstrip()) < len(indent.expandtabs(8)):
                    break
                below = at
    return spots.line_start(line), spots.line_start(below + 1)


def _is_filler(line: str) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def _unit(spots: Positions, path: Sequence[Step], run: Sequence[ast.stmt], style: Style) -> str:
    """One level of indentation, as it is next to the region."""
    owners = [stmt for top in run for stmt in walk(top) if isinstance(stmt, ast.stmt)]
    owners += [block[index] for block, index in reversed(path[:-1])]
    for owner in owners:
        for block in blocks_of(owner):
            outer, inner = _indent_of(spots, owner), _indent_of(spots, block[0])
            if first_line(block[0]) > owner.lineno and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return style.unit


def _indent_of(spots: Positions, stmt: ast.stmt) -> str:
    line = spots.line(first_line(stmt))
    return line[: len(line) - len(line.lstrip(" \t"))]
