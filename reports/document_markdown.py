"""A document as Markdown, as GitHub and GitLab read it. Charts are left out: what they show is in the tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from ..proposals.model import printable
from .document import (
    Bars,
    Block,
    Code,
    Document,
    Fold,
    Heading,
    Lines,
    Listing,
    Paragraph,
    Points,
    Spans,
    Strong,
    Table,
    shown,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&$@])")


def render(document: Document) -> str:
    """The whole text."""
    parts = [f"# {_text(document.title)}"]
    parts += [_spans(document.told)] if document.told else []
    parts += [part for block in document.blocks for part in _block(block)]
    return "\n\n".join([*parts, "---", _spans(document.foot)]) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {_spans(block.text)}"
        case Paragraph():
            yield _spans(block.text)
        case Points():
            yield "\n".join(f"- {_spans(item)}" for item in block.items)
        case Table():
            yield "\n".join(_table(block))
        case Listing():
            yield _listing(block)
        case Fold():
            yield f"<details><summary>{_html(block.summary)}</summary>"
            yield from (part for inner in block.blocks for part in _block(inner))
            yield "</details>"
        case Bars() | Lines():
            return


def _table(table: Table) -> Iterator[str]:
    yield _row([_text(header) for header in table.headers])
    yield _row(["---:" if k in table.numeric else "---" for k in range(len(table.headers))])
    yield from (_row([_spans(cell) for cell in row]) for row in table.rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listing(listing: Listing) -> str:
    lines = [printable(line) for line in listing.lines]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{'diff' if listing.diff else 'python'}", *lines, fence])


def _spans(spans: Spans) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: object) -> str:
    match span:
        case Code():
            return _code(span.text)
        case Strong():
            return f"**{_text(span.text)}**" if span.text.strip() else ""
        case str():
            return _text(span, keep=True)
        case _:
            return _text(getattr(span, "text", ""))


def _text(text: str, keep: bool = False) -> str:
    """Words in which nothing is markup; `keep` keeps a space at either end."""
    inner = _SPECIAL.sub(r"\\\1", shown(text))
    if not keep or not inner:
        return " " if keep and text else inner
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if text[-1:].isspace() else ''}"


def _code(text: str) -> str:
    text = shown(text).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks} {text} {ticks}" if len(ticks) > 1 else f"`{text}`" if text else ""


def _html(spans: Spans) -> str:
    """For the summary of a fold, in which Markdown is not read."""
    out = ""
    for span in spans:
        text = html.escape(" ".join(printable(span if isinstance(span, str) else span.text).split("\n")))
        out += f"<code>{text}</code>" if isinstance(span, Code) else text
    return out
