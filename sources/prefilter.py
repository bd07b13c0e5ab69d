"""A look at a file's bytes that spares most files the parser."""

from __future__ import annotations

import re

_STATEMENT = rb"[ \t\f\\]*(?:async[ \t\f\\\r\n]+)?(?:for|while)\b"
_AT_START = re.compile(rb"(?:\xef\xbb\xbf)?" + _STATEMENT)
#: One per kind of line end: a literal first character makes the search several times faster.
_AFTER_NEWLINE = re.compile(rb"\n" + _STATEMENT)
_AFTER_RETURN = re.compile(rb"\r" + _STATEMENT)
#: Expressions that go over rows or elements: literal first words, again for speed.
_CALLED = tuple(
    re.compile(rb"\." + word + rb"[ \t]*\(\s*\(?(?:lambda\b|[A-Za-z_][\w.]*\s*[,)])")
    for word in (b"apply", b"map", b"applymap")
)
_VISITED = re.compile(rb" in (?:enumerate\()?(?:range\(|[^\s:,()]+\.(?:iterrows|itertuples|index)\b)")


def may_have_sites(data: bytes) -> bool:
    """Whether a file may hold a loop statement, or an expression that goes over rows or elements.

    False only where there is none; text inside strings may make it True for nothing.
    """
    if b"for" in data or b"while" in data:
        if _AFTER_NEWLINE.search(data) or _AT_START.match(data):
            return True
        if b"\r" in data and _AFTER_RETURN.search(data):
            return True
    return _may_have_expressions(data)


def _may_have_expressions(data: bytes) -> bool:
    if b"vectorize" in data or any(called.search(data) for called in _CALLED):
        return True
    # `if label in df.index` is met far more often.
    return any(b"for " in data[data.rfind(b"\n", 0, m.start()) + 1 : m.start()] for m in _VISITED.finditer(data))
