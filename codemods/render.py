"""New syntax trees as the source that a good engineer would have written in this file."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from .render_doc import columns, layout
from .render_expressions import Expressions, Level, level_of
from .render_literals import Literals, RenderError
from .render_statements import Statements

__all__ = ["Level", "RenderError", "Style", "demanded_level", "level_of", "render_expr", "render_stmt", "style_of"]

_NARROWEST, _WIDEST = 88, 120
_INDENT = re.compile(r":[ \t]*(?:#.*)?\n(?:[ \t]*\n)*([ \t]+)\S")
_DOUBLE = re.compile(r'(?<=[\s\[({=,:])[rRbBfFuU]{0,2}"(?!"")')
_SINGLE = re.compile(r"(?<=[\s\[({=,:])[rRbBfFuU]{0,2}'(?!'')")


@dataclass(frozen=True)
class Style:
    """What a file prefers: its string quotes, its longest lines and one level of its indentation."""

    quote: str = '"'
    width: int = _NARROWEST
    unit: str = "    "


@lru_cache(maxsize=8)
def style_of(text: str) -> Style:
    """The style that a file's text shows, with "\\n" line ends."""
    quote = "'" if len(_SINGLE.findall(text)) > len(_DOUBLE.findall(text)) else '"'
    longest = max((columns(line) for line in text.split("\n") if not line.lstrip().startswith("#")), default=0)
    found = _INDENT.search(text)
    unit = found[1] if found and found[1][0] in " \t" else "    "
    return Style(quote, max(_NARROWEST, min(_WIDEST, longest)), unit)


def _literals(quote: str, source_text: str) -> Literals:
    return Literals((quote, "'" if quote == '"' else '"'), source_text)


def render_expr(
    node: ast.expr,
    *,
    width: float = float("inf"),
    quote: str = '"',
    source_text: str = "",
    least: Level = Level.TEST,
    indent: str = "",
    unit: str = "    ",
    column: int = 0,
    suffix: str = "",
) -> str:
    """The source of an expression, on one line unless a width is given that it would exceed.

    `least` is the level that its place demands (see `demanded_level`), `column` where it starts, `indent` the
    indentation of its line and `suffix` what follows on the line. Constants of `source_text` keep their spelling.

    Raises RenderError for what has no spelling.
    """
    expressions = Expressions(_literals(quote, source_text))
    doc = (expressions.long_doc(node, least), suffix)
    text = layout(doc, width=width, unit=unit, indent=indent, column=column)
    return text.removesuffix(suffix)


def render_stmt(
    stmt: ast.stmt,
    *,
    indent: str = "",
    width: int = _NARROWEST,
    quote: str = '"',
    source_text: str = "",
    unit: str = "    ",
    placeholders: Collection[int] = (),
) -> list[str]:
    """The lines of a statement at an indentation, without line ends. Those in `placeholders` (by id) become `pass`.

    Raises RenderError for what has no spelling.
    """
    return Statements(Expressions(_literals(quote, source_text)), width, unit, placeholders).lines(stmt, indent)


def demanded_level(parent: ast.AST, child: ast.expr) -> Level:
    """How tightly an expression must bind to stand in the child's place without parentheses; ATOM if not known."""
    expressions = Expressions(_literals('"', ""), watch=child)
    statements = Statements(expressions, _WIDEST, "    ")
    try:
        match parent:
            case ast.expr():
                expressions.doc(parent)
            case ast.If() | ast.While():
                return Level.NAMED
            case ast.For() | ast.AsyncFor():
                return Level.TUPLE
            case ast.FormattedValue():
                return Level.OR
            case ast.comprehension():
                return Level.TUPLE if child is parent.target else Level.OR
            case ast.keyword():
                return Level.TEST if parent.arg else Level.BIT_OR
            case ast.withitem() | ast.arguments() | ast.arg():
                return Level.TEST
            case ast.stmt():
                statements.simple(parent)
    except RenderError:
        return Level.ATOM
    return Level.ATOM if expressions.seen is None else expressions.seen
