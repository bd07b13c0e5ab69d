"""Constants as source: their spelling in the file where they come from it, a plain spelling where they don't."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..sources.positions import positions
from .render_same import same_tree


class RenderError(ValueError):
    """A node has no spelling here, for example a backslash inside an f-string's braces on Python 3.11."""


@dataclass(frozen=True)
class Literals:
    """How constants are written.

    `quotes` are the delimiters allowed, the preferred one first. Inside the braces of an f-string (`nested`) there may
    be no backslash, no line end and none of the outer quotes: Python 3.11 can't read those.
    """

    quotes: tuple[str, ...] = ('"', "'")
    source_text: str = ""
    nested: bool = False

    def original(self, node: ast.Constant | ast.JoinedStr) -> str | None:
        """The node's own spelling in the file, or None if it has none that can be used here."""
        if not self.source_text or not getattr(node, "lineno", 0) or hasattr(node, "synthetic"):
            return None
        if node.end_lineno is None or node.end_lineno > positions(self.source_text).line_count:
            return None
        start, end = positions(self.source_text).span(node)
        segment = self.source_text[start:end]
        if "\n" in segment and (self.nested or not _one_token(segment)):
            return None
        if self.nested and ("\\" in segment or not any(q in self.quotes for q in _delimiters(segment))):
            return None
        return segment if _says(segment, node) else None

    def constant(self, node: ast.Constant) -> str:
        """The source of a constant."""
        spelling = self.original(node)
        if spelling is not None:
            return spelling
        match node.value:
            case str():
                return self.string(node.value)
            case bytes():
                return "b" + self.string(node.value.decode("latin-1"), escape=_escape_byte)
            case bool() | None | int():
                return repr(node.value)
            case float():
                return _float(node.value)
            case complex() if not node.value.real and math.copysign(1, node.value.real) > 0:
                return _float(node.value.imag) + "j"
            case value if value is Ellipsis:
                return "..."
        raise RenderError(f"a constant of type {type(node.value).__name__} has no literal")

    def string(self, value: str, escape: Callable[[str], str] | None = None) -> str:
        """A one-line string literal, in the preferred quotes unless the others save escapes."""
        single = [quote for quote in self.quotes if len(quote) == 1]
        quote = min(single, key=value.count, default="")
        if not quote:
            raise RenderError("no quotes are left for a string inside an f-string")
        body = "".join("\\" + c if c in (quote, "\\") else (escape or _escape)(c) for c in value)
        if self.nested and "\\" in body:
            raise RenderError("a string inside an f-string needs a backslash")
        return quote + body + quote

    def joined(self, node: ast.JoinedStr, expression: Callable[[ast.expr, Literals], str]) -> str:
        """An f-string; `expression` renders what stands in its braces, with the literals it is given."""
        spelling = self.original(node)
        if spelling is not None:
            return spelling
        if self.nested and len(self.quotes) == 0:
            raise RenderError("f-strings are nested too deeply")
        problem: RenderError | None = None
        for quote in self._outer_quotes(node):
            inner = replace(self, quotes=tuple(q for q in self.quotes if q[0] not in quote), nested=True)
            if len(quote) == 3:
                inner = replace(inner, quotes=tuple(q for q in self.quotes if len(q) == 1))
            try:
                text = _joined_body(node.values, quote, inner, expression)
            except RenderError as error:
                problem = error
                continue
            if self.nested and "\\" in text:
                problem = RenderError("an f-string inside an f-string needs a backslash")
                continue
            return "f" + quote + text + quote
        raise problem or RenderError("no quotes are left for an f-string")

    def _outer_quotes(self, node: ast.JoinedStr) -> Sequence[str]:
        plain = "".join(p.value for p in node.values if isinstance(p, ast.Constant) and isinstance(p.value, str))
        single = sorted((q for q in self.quotes if len(q) == 1), key=plain.count)
        return single if self.nested else [*single, *(quote * 3 for quote in single)]


def _joined_body(
    values: Sequence[ast.expr],
    quote: str,
    inner: Literals,
    expression: Callable[[ast.expr, Literals], str],
    spec: bool = False,
) -> str:
    out: list[str] = []
    for part in values:
        match part:
            case ast.Constant(value=str() as text):
                if spec and set(text) & {"{", "}", "\\", "'", '"', "\n"}:
                    raise RenderError("a format specification holds a brace, a quote or a backslash")
                escaped = "".join("\\" + c if c in (quote[0], "\\") else _escape(c) for c in text)
                out.append(escaped.replace("{", "{{").replace("}", "}}"))
            case ast.FormattedValue():
                code = expression(part.value, inner)
                if quote in code or "\\" in code or "\n" in code or "#" in code:
                    raise RenderError("an expression inside an f-string holds its quotes, a backslash or a `#`")
                space = " " if code.startswith("{") else ""
                conversion = f"!{chr(part.conversion)}" if part.conversion not in (-1, None) else ""
                form = ""
                if isinstance(part.format_spec, ast.JoinedStr):
                    form = ":" + _joined_body(part.format_spec.values, quote, inner, expression, spec=True)
                out.append("{" + space + code + conversion + form + "}")
            case _:
                raise RenderError("an f-string holds something else than text and values")
    return "".join(out)


def _escape(char: str) -> str:
    return char if char.isprintable() else repr(char)[1:-1]


def _escape_byte(char: str) -> str:
    return repr(char.encode("latin-1"))[2:-1]


def _float(value: float) -> str:
    if value != value:
        raise RenderError("nan has no literal")
    return repr(value).replace("inf", "1e309")


def _delimiters(segment: str) -> tuple[str, ...]:
    """The quote that is the only one in a spelling; numbers and names may stand anywhere."""
    if "'" not in segment and '"' not in segment:
        return ('"', "'")
    if "'" in segment and '"' in segment:
        return ()
    return ("'",) if "'" in segment else ('"',)


def _one_token(segment: str) -> bool:
    """Whether a spelling with line ends is a single triple-quoted string, which may stand anywhere."""
    body = segment.lstrip("rRbBfFuU")
    quote = body[:3]
    return quote in ('"""', "'''") and len(body) >= 6 and body.endswith(quote) and quote not in body[3:-3]


def _says(segment: str, node: ast.expr) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return same_tree(ast.parse(segment, mode="eval").body, node)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
