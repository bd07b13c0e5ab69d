"""One line a loop, for editors and for `grep`."""

from __future__ import annotations

from collections.abc import Iterator

from ...proposals.model import printable
from ..findings import Report
from .text import Line, head


def render(report: Report) -> str:
    """The plain text."""
    return "".join(printable("".join(text for text, _ in line)) + "\n" for line in lines(report))


def lines(report: Report) -> Iterator[Line]:
    """All lines with their styles."""
    return (head(finding) for finding in report.open)
