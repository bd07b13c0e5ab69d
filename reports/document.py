"""What a document is made of, whatever it is written as: headings, tables, listings, charts, words.

Text from user code comes as `Code` or in a `Listing`, or as plain words; the writers escape all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..proposals.model import printable


@dataclass(frozen=True)
class Code:
    """Words that stand as they are in code."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that matter."""

    text: str


@dataclass(frozen=True)
class Mark:
    """A word from a fixed list, such as a severity: `kind` gives its colour where there are colours."""

    text: str
    kind: str


Span = str | Code | Strong | Mark
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading. `anchor` is its name within the document, where something leads to it."""

    level: int
    text: Spans
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: Spans


@dataclass(frozen=True)
class Points:
    """A list."""

    items: Sequence[Spans]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading. `numeric` are the columns of numbers."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Spans]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Listing:
    """Lines of code, or of a diff. `first` is the number of the first line; 0 shows no numbers."""

    label: str
    lines: Sequence[str]
    first: int = 0
    diff: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: how many there are of each kind."""

    label: str
    parts: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Bars:
    """A chart of bars, with what it shows in words."""

    title: str
    told: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Line:
    """One line of a chart over time."""

    kind: str
    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Lines:
    """A chart over time. `dates` are ISO dates in order."""

    title: str
    told: str
    dates: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Fold:
    """What is shown on demand."""

    summary: Spans
    blocks: Sequence[Block]


Block = Heading | Paragraph | Points | Table | Listing | Bars | Lines | Fold


@dataclass(frozen=True)
class Document:
    """The whole. `told` stands below the title, `foot` at the end."""

    title: str
    told: Spans
    blocks: Sequence[Block]
    foot: Spans


def words(text: str) -> Spans:
    """A sentence of deloop's; what stands between backquotes is code."""
    parts = re.split(r"`([^`]+)`", text)
    return tuple(Code(part) if number % 2 else part for number, part in enumerate(parts) if part)


def shown(text: str) -> str:
    """Text as one line that can be printed."""
    return " ".join(printable(text).split())
