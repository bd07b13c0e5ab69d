"""A document as one HTML file that asks for nothing else: no script, no font, no picture from elsewhere.

It is well-formed XML, too, and everything in it that is not ours is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..proposals.model import printable
from .charts import bars, lines
from .document import (
    Bars,
    Block,
    Code,
    Document,
    Fold,
    Heading,
    Lines,
    Listing,
    Mark,
    Paragraph,
    Points,
    Span,
    Spans,
    Strong,
    Table,
    shown,
)
from .document_style import STYLE

#: Nothing may be loaded, whatever got into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(document: Document) -> str:
    """The whole file."""
    return "\n".join(_Writer().page(document)) + "\n"


def element(name: str, *inside: str, **attributes: str) -> str:
    """An element with its content, which is markup already; attributes are escaped. `_` in their names is `-`."""
    return f"<{name}{_attributes(attributes)}>{''.join(inside)}</{name}>"


def text(words: str) -> str:
    """Text as markup that shows it."""
    return html.escape(printable(words))


def _attributes(given: Mapping[str, str]) -> str:
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in given.items())
    return "".join(f' {key}="{html.escape(printable(value))}"' for key, value in named)


@dataclass
class _Writer:
    """Writes one page; `count` numbers what needs a name of its own."""

    count: int = 0
    parts: list[str] = field(default_factory=list)

    def page(self, document: Document) -> Iterator[str]:
        yield "<!DOCTYPE html>"
        yield '<html lang="en"><head><meta charset="utf-8"/>'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        yield f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY, quote=True)}"/>'
        yield '<meta name="color-scheme" content="light dark"/>'
        yield element("title", text(shown(document.title)))
        yield f"<style>{STYLE}</style></head>"
        yield "<body>"
        yield element("a", "Skip to the content", class_="skip", href="#main")
        yield f"<header>{element('h1', text(shown(document.title)))}"
        yield f"{element('p', _spans(document.told)) if document.told else ''}</header>"
        yield from self._contents(document)
        yield '<main id="main">'
        for block in document.blocks:
            yield from self._block(block)
        yield "</main>"
        yield element("footer", element("p", _spans(document.foot)))
        yield "</body></html>"

    def _contents(self, document: Document) -> Iterator[str]:
        headings = [block for block in document.blocks if isinstance(block, Heading) and block.anchor]
        links = [element("li", element("a", _spans(h.text), href=f"#{h.anchor}")) for h in headings]
        if links:
            yield element("nav", element("ul", *links), aria_label="Contents")

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                named = {"id": block.anchor} if block.anchor else {}
                yield element(f"h{block.level}", _spans(block.text), **named)
            case Paragraph():
                yield element("p", _spans(block.text))
            case Points():
                yield element("ul", *(element("li", _spans(item)) for item in block.items))
            case Table():
                yield from _table(block)
            case Listing():
                yield _listing(block)
            case Fold():
                yield f"<details>{element('summary', _spans(block.summary))}"
                for inner in block.blocks:
                    yield from self._block(inner)
                yield "</details>"
            case Bars():
                self.count += 1
                yield element("figure", bars(block, f"chart-{self.count}"))
            case Lines():
                self.count += 1
                yield element("figure", lines(block, f"chart-{self.count}"))


def _table(table: Table) -> Iterator[str]:
    """On a narrow screen its rows are stacked: the roles say that it is a table still."""
    yield f'<table role="table">{element("caption", text(table.caption))}'
    cells = [
        element("th", text(header), scope="col", role="columnheader", **_number(table, k))
        for k, header in enumerate(table.headers)
    ]
    yield f'<thead role="rowgroup">{element("tr", *cells, role="row")}</thead><tbody role="rowgroup">'
    for row in table.rows:
        first, *rest = row
        cells = [element("th", element("div", _spans(first)), scope="row", role="rowheader")]
        cells += [
            element("td", element("div", _spans(cell)), role="cell", data_label=table.headers[k], **_number(table, k))
            for k, cell in enumerate(rest, 1)
        ]
        yield element("tr", *cells, role="row")
    yield "</tbody></table>"


def _number(table: Table, column: int) -> dict[str, str]:
    return {"class": "number"} if column in table.numeric else {}


def _listing(listing: Listing) -> str:
    wide = len(str(listing.first + len(listing.lines)))
    rows = []
    for number, line in enumerate(listing.lines, listing.first):
        shown_number = f"{number:>{wide}}  " if listing.first else ""
        kind = {"+": "ins", "-": "del"}.get(line[:1]) if listing.diff else None
        body = text(line)
        rows.append(element(kind, body) if kind else f"{element('i', shown_number) if shown_number else ''}{body}")
    code = element("code", "\n".join(rows))
    return element("pre", code, tabindex="0", role="region", aria_label=listing.label)


def _spans(spans: Spans) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span:
        case Code():
            return element("code", text(span.text))
        case Strong():
            return element("strong", text(span.text))
        case Mark():
            return element("span", text(span.text), class_=f"mark {span.kind}")
        case str():
            return text(span)
