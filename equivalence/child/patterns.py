"""Texts that a regular expression matches, for the lines that the code reads with one."""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_NOT_DIGIT": "ab -",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "abC10/",
    "CATEGORY_WORD": "abCd12",
    "CATEGORY_NOT_WORD": " -.",
}
_ANY = "ab C1-"
#: A repeated part is there so many times more than it has to be, at most.
_MORE = 4
_TRIES = 6


def matching(pattern: str, rng: random.Random) -> str | None:
    """A text in which the expression is found; None if none was made."""
    try:
        tree, compiled = _read(pattern)
        for _ in range(_TRIES):
            text = _Maker(rng).sequence(tree)
            if compiled.search(text):
                return text
    except (re.error, RecursionError, OverflowError, ValueError, KeyError):
        pass
    return None


@lru_cache(maxsize=64)
def _read(pattern: str) -> tuple[Any, re.Pattern[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _parser.parse(pattern), re.compile(pattern)


class _Maker:
    """Makes one text from the parts of a parsed expression."""

    def __init__(self, rng: random.Random) -> None:
        self.random = rng
        self.groups: dict[Any, str] = {}

    def sequence(self, parts: Iterable[tuple[Any, Any]]) -> str:
        return "".join(self._part(str(op), value) for op, value in parts)

    def _part(self, op: str, value: Any) -> str:
        match op:
            case "LITERAL":
                return chr(value)
            case "NOT_LITERAL":
                return self.random.choice([c for c in _ANY if ord(c) != value])
            case "ANY":
                return self.random.choice(_ANY)
            case "IN":
                return self.random.choice(_members(value))
            case "BRANCH":
                return self.sequence(self.random.choice(value[1]))
            case "SUBPATTERN":
                self.groups[value[0]] = text = self.sequence(value[-1])
                return text
            case "ATOMIC_GROUP":
                return self.sequence(value)
            case "GROUPREF":
                return self.groups.get(value, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = value
                times = self.random.randint(least, min(int(most), least + _MORE))
                return "".join(self.sequence(inner) for _ in range(times))
        return ""  # a place, or a look around it


def _members(choices: Sequence[tuple[Any, Any]]) -> str:
    """The characters in `[a-z_]`, a few of those that are not in `[^,]`."""
    found = ""
    for op, value in choices:
        match str(op):
            case "LITERAL":
                found += chr(value)
            case "RANGE":
                found += "".join(map(chr, range(value[0], min(value[1], value[0] + 25) + 1)))
            case "CATEGORY":
                found += _CATEGORIES[str(value)]
    if str(choices[0][0]) == "NEGATE":
        return "".join(c for c in _ANY if c not in found) or "~"
    return found
