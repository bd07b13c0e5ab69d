"""What makes a loop the same one after lines above it came or went, or a formatter went over it."""

from __future__ import annotations

import hashlib
import io
import re
import textwrap
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from .findings import Finding

_TRAILING_COMMA = re.compile(r",(?=[)\]}])")
_SPACE = re.compile(r"\\\n|\s+")


def fingerprint(finding: Finding, text: str) -> str:
    """16 hexadecimal digits of the function's name and the loop's code, whatever its place, layout and comments.

    It is made of text only, so that it is the same with every version of Python.
    """
    code = "\n".join(text.split("\n")[finding.line - 1 : finding.end_line])
    return hashlib.sha256(f"{finding.function}\n{normalised(code)}".encode("utf-8", "replace")).hexdigest()[:16]


def normalised(code: str) -> str:
    """Code without comments, white space, trailing commas and the choice of quotes."""
    bare = _SPACE.sub("", _without_comments(textwrap.dedent(code)))
    return _TRAILING_COMMA.sub("", bare).replace("'", '"')


def numbered(
    findings: Iterable[Finding], text_of: Callable[[str], str], apart: Callable[[Finding], object] = lambda _: None
) -> Iterator[tuple[Finding, str, int]]:
    """Each finding with its fingerprint, and which one of those alike it is, from 1; `apart` keeps groups apart."""
    seen: Counter[tuple[object, str]] = Counter()
    for finding in findings:
        mark = fingerprint(finding, text_of(finding.file))
        key = (apart(finding), mark)
        seen[key] += 1
        yield finding, mark, seen[key]


def _without_comments(code: str) -> str:
    lines = code.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(code + "\n").readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        pass  # a part of a statement: what was found so far is gone
    return "\n".join(lines)
