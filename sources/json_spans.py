"""Where the values of a JSON text stand, so that one of them can be changed and every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_ATOM = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True)
class Span:
    """The characters of one value."""

    start: int
    end: int


def members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """The members of the object that starts at an offset: the raw name, without its quotes, and the value.

    The text is known to be valid JSON.
    """
    at = _skip_space(text, at + 1)
    while text[at] != "}":
        end = _end_of_string(text, at)
        name = text[at + 1 : end - 1]
        start = _skip_space(text, _skip_space(text, end) + 1)
        end = end_of_value(text, start)
        yield name, Span(start, end)
        at = _after_comma(text, end)


def elements(text: str, at: int) -> Iterator[Span]:
    """The elements of the array that starts at an offset."""
    at = _skip_space(text, at + 1)
    while text[at] != "]":
        end = end_of_value(text, at)
        yield Span(at, end)
        at = _after_comma(text, end)


def start_of(text: str) -> int:
    """Where the value of the whole text starts."""
    return _skip_space(text, 0)


def end_of_value(text: str, at: int) -> int:
    """Where the value ends that starts at an offset; nested values are passed over without a look at them."""
    if text[at] == '"':
        return _end_of_string(text, at)
    if text[at] not in "[{":
        found = _ATOM.match(text, at)
        return found.end() if found else at + 1
    depth = 0
    for found in _NEXT.finditer(text, at):
        mark = found[0][0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
            if depth == 0:
                return found.end()
    raise ValueError("the text is no JSON")


#: What matters for how deep a value is: brackets outside of strings.
_NEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]')


def _end_of_string(text: str, at: int) -> int:
    found = _STRING.match(text, at)
    if found is None:
        raise ValueError("the text is no JSON")
    return found.end()


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after_comma(text: str, at: int) -> int:
    at = _skip_space(text, at)
    return _skip_space(text, at + 1) if text[at] == "," else at
