"""Statements of a file as text for another file: with their comments, at another indentation."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from .preamble import Chunk, ModuleNames

_WIDTH = 4


class Excerpts:
    """Cuts statements out of one file. `text` has "\\n" line ends, `names` is that text parsed."""

    def __init__(self, text: str, names: ModuleNames) -> None:
        self._lines = text.split("\n")
        self._names = names
        self._inside = _inside_strings(names.tree)

    def statements(self, nodes: Sequence[ast.stmt], levels: int = 0) -> str:
        """Statements in file order, runs of neighbours with what stands between them, indented by so many levels."""
        return "\n".join(self._run(run, levels) for run in self._runs(nodes))

    def chunk(self, chunk: Chunk) -> str:
        """A piece of the preamble as it stands in the file, without the methods that the piece leaves out."""
        made = ast.parse(chunk.code).body[0]
        if isinstance(made, (ast.Import, ast.ImportFrom)):
            return chunk.code
        for stmt in {s for name in chunk.names for s in self._names.binders.get(name, ())}:
            if isinstance(stmt, ast.ClassDef) and isinstance(made, ast.ClassDef) and stmt.name == made.name:
                return self._class(stmt, made)
            if ast.unparse(stmt) == chunk.code:
                return self.statements([stmt])
        return chunk.code

    def _class(self, stmt: ast.ClassDef, made: ast.ClassDef) -> str:
        kept = {ast.unparse(s) for s in made.body}
        body = [s for s in stmt.body if ast.unparse(s) in kept]
        first = stmt.body[0]
        start = self._first_line(stmt)
        head = self._lines[start - 1 : self._first_line(first) - 1]
        if not body or first.lineno == stmt.lineno or any(not self._is_whole(s) for s in body):
            return ast.unparse(made)
        while head and (not head[-1].strip() or head[-1].strip().startswith("#")):
            head.pop()
        parts = [self._cut(self._first_line(s), s.end_lineno or s.lineno, 0, 0) for s in body]
        between = ["\n" if self._lines[self._first_line(s) - 2].strip() else "\n\n" for s in body]
        between[0] = "\n"
        return "\n".join(head) + "".join(b + p for b, p in zip(between, parts, strict=True))

    def _runs(self, nodes: Sequence[ast.stmt]) -> list[list[ast.stmt]]:
        """Statements with nothing but blank lines and comments between them stay together."""
        runs: list[list[ast.stmt]] = []
        for node in nodes:
            last = runs[-1][-1] if runs else None
            if last is not None and last.col_offset == node.col_offset and self._neighbours(last, node):
                runs[-1].append(node)
            else:
                runs.append([node])
        return runs

    def _neighbours(self, one: ast.stmt, other: ast.stmt) -> bool:
        between = self._lines[one.end_lineno or one.lineno : other.lineno - 1]
        return other.lineno > one.lineno and all(not t.strip() or t.lstrip()[0] in "#@" for t in between)

    def _run(self, nodes: Sequence[ast.stmt], levels: int) -> str:
        if not all(self._is_whole(node) for node in nodes):
            text = "\n".join(ast.unparse(node) for node in nodes)
            return "\n".join(" " * _WIDTH * levels + line if line else line for line in text.split("\n"))
        return self._cut(
            self._first_line(nodes[0]), nodes[-1].end_lineno or nodes[-1].lineno, nodes[0].col_offset, levels
        )

    def _cut(self, first: int, last: int, column: int, levels: int) -> str:
        """The lines without `column` characters of indentation and with some levels more; strings stay as they are."""
        out = []
        for number in range(first, last + 1):
            line = self._lines[number - 1]
            if number in self._inside or (not column and not levels):
                out.append(line)
            elif line.strip():
                bare = line[column:] if not line[:column].strip() else line.lstrip()
                out.append(" " * _WIDTH * levels + bare)
            else:
                out.append("")
        return "\n".join(out)

    def _first_line(self, node: ast.stmt) -> int:
        """Where the statement begins, with its decorators and the comments right above it."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        while first > 1 and re.match(r"[ \t]*#(?!!)", self._lines[first - 2]) and first - 1 not in self._inside:
            if _is_marker(self._lines[first - 2]):
                break
            first -= 1
        return first

    def _is_whole(self, node: ast.stmt) -> bool:
        """Whether the statement has its lines for itself."""
        before = self._lines[node.lineno - 1].encode()[: node.col_offset].decode()
        last = node.end_lineno or node.lineno
        after = self._lines[last - 1].encode()[node.end_col_offset or 0 :].decode().strip()
        elif_ = isinstance(node, ast.If) and self._lines[node.lineno - 1].lstrip().startswith("elif")
        return not before.strip() and (not after or after.startswith("#")) and not elif_


def _is_marker(line: str) -> bool:
    """Comments about the file rather than about the statement below them."""
    return bool(re.match(r"#.*(coding[:=]|!/)", line.lstrip()))


def _inside_strings(tree: ast.Module) -> set[int]:
    """The lines that begin inside of a string."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))):
            found.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return found
