"""From the places that `ast` reports (line, UTF-8 column) to character offsets in the text it was parsed from."""

from __future__ import annotations

import ast
from functools import lru_cache


class Positions:
    """The line starts of one text with "\\n" line ends.

    Lines count from 1 and columns are UTF-8 bytes, as in `ast`. A form feed or U+2028 ends no line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    @property
    def line_count(self) -> int:
        """How many lines there are; text after the last "\\n" counts, an empty rest does not."""
        return len(self.starts) - (self.starts[-1] == len(self.text))

    def line_start(self, line: int) -> int:
        """The offset where a line starts; the end of the text for lines beyond the last."""
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)

    def line(self, line: int) -> str:
        """A line without its "\\n"."""
        return self.text[self.line_start(line) : self.line_start(line + 1)].removesuffix("\n")

    def offset(self, line: int, column: int) -> int:
        """The character offset of a UTF-8 column."""
        start = self.line_start(line)
        head = self.text[start : start + column]
        if head.isascii():
            return start + column
        return start + len(self.line(line).encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The (start, end) offsets of a node, decorators and enclosing parentheses left out."""
        end_line = node.end_lineno if node.end_lineno is not None else node.lineno
        end_column = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)


@lru_cache(maxsize=4)
def positions(text: str) -> Positions:
    """The positions of a text; the last few texts are remembered."""
    return Positions(text)


def first_line(stmt: ast.stmt) -> int:
    """The line where a statement starts, its decorators included."""
    decorators: list[ast.expr] = getattr(stmt, "decorator_list", [])
    return min([stmt.lineno, *(d.lineno for d in decorators)])


def last_line(stmt: ast.stmt) -> int:
    """The line where a statement ends."""
    return stmt.end_lineno if stmt.end_lineno is not None else stmt.lineno
