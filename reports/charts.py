"""Charts as SVG inside of a page: widths in percent, so that words keep their size on every screen.

Each has a title and a description, and says every number in words: colours only help.
"""

from __future__ import annotations

import datetime
import html
from collections.abc import Sequence

from ..proposals.model import printable
from .document import Bars, Line, Lines

#: What the kinds are called in words.
WORDS = {"safe": "safe", "unsafe": "with an assumption", "held": "held back", "left": "left alone"}
_ROW, _BAR, _LABEL = 46, 14, 16
_HIGH, _TOP, _BOTTOM = 180, 12, 24
_LONGEST = 40


def bars(chart: Bars, name: str) -> str:
    """Stacked bars, one below the other, each under its words."""
    most = max((sum(n for _, n in bar.parts) for bar in chart.bars), default=0) or 1
    out = [_head(chart.title, chart.told, name, _ROW * len(chart.bars))]
    for row, bar in enumerate(chart.bars):
        top, left = row * _ROW, 0.0
        told = ", ".join(f"{n} {WORDS.get(kind, kind)}" for kind, n in bar.parts if n)
        total = sum(n for _, n in bar.parts)
        out.append(f'<text x="0" y="{top + _LABEL - 3}"><tspan class="label">{_text(_short(bar.label))}</tspan>')
        out.append(f'<tspan class="figure" dx="8">{total:,}</tspan></text>')
        for kind, n in bar.parts:
            if not n:
                continue
            wide = 100 * n / most
            out.append(f'<rect class="{kind}" x="{left:.2f}%" y="{top + _LABEL + 2}" width="{wide:.2f}%"')
            out.append(f' height="{_BAR}"><title>{_text(bar.label)}: {_text(told)}</title></rect>')
            left += wide
    return "".join([*out, "</svg>", _key([kind for bar in chart.bars for kind, n in bar.parts if n])])


def lines(chart: Lines, name: str) -> str:
    """Lines over time, from zero."""
    most = max((value for line in chart.lines for value in line.values), default=0)
    top = _round_up(most)
    where = _places(chart.dates)
    out = [_head(chart.title, chart.told, name, _HIGH)]
    for value in (0, top // 2, top):
        y = _at(value, top)
        out.append(f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text class="tick" x="0" y="{y - 3:.1f}">{value:,}</text>')
    span = _HIGH - _TOP - _BOTTOM
    out.append(f'<svg x="12%" y="{_TOP}" width="84%" height="{span}" viewBox="0 0 100 100" preserveAspectRatio="none"')
    out.append(' overflow="visible">')
    for line in chart.lines:
        points = " ".join(f"{x:.2f},{100 - 100 * v / top:.2f}" for x, v in zip(where, line.values, strict=True))
        out.append(f'<polyline class="{line.kind}" points="{points}"/>')
    out.append("</svg>")
    for line in chart.lines:
        out += _dots(line, chart.dates, where, top)
    out.append(f'<text class="tick" x="12%" y="{_HIGH - 6}">{_text(chart.dates[0])}</text>')
    if len(chart.dates) > 1:
        out.append(f'<text class="tick" x="96%" y="{_HIGH - 6}" text-anchor="end">{_text(chart.dates[-1])}</text>')
    key = "".join(
        f'<li><span class="swatch line {line.kind}"></span>{_text(line.name)}: {line.values[-1]:,}</li>'
        for line in chart.lines
    )
    return "".join([*out, "</svg>", f'<ul class="key">{key}</ul>'])


def _dots(line: Line, dates: Sequence[str], where: Sequence[float], top: int) -> list[str]:
    return [
        f'<circle class="{line.kind}" cx="{12 + 0.84 * x:.2f}%" cy="{_at(value, top):.1f}" r="3">'
        f"<title>{_text(date)}: {value:,} {_text(line.name)}</title></circle>"
        for date, x, value in zip(dates, where, line.values, strict=True)
    ]


def _head(title: str, told: str, name: str, high: int) -> str:
    return (
        f'<svg role="img" width="100%" height="{high}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{_text(title)}</title><desc id="{name}-desc">{_text(told)}</desc>'
    )


def _key(kinds: Sequence[str]) -> str:
    items = "".join(f'<li><span class="swatch {kind}"></span>{WORDS[kind]}</li>' for kind in WORDS if kind in kinds)
    return f'<ul class="key">{items}</ul>'


def _places(dates: Sequence[str]) -> list[float]:
    """Where dates lie from 0 to 100; evenly, when all of them are one day."""
    days = [datetime.date.fromisoformat(date).toordinal() for date in dates]
    if len(days) < 2:
        return [50.0 for _ in days]
    if days[0] == days[-1]:
        return [100 * k / (len(days) - 1) for k in range(len(days))]
    return [100 * (day - days[0]) / (days[-1] - days[0]) for day in days]


def _at(value: int, top: int) -> float:
    return _TOP + (_HIGH - _TOP - _BOTTOM) * (1 - value / top)


def _round_up(value: int) -> int:
    """The next even number with few digits."""
    step: int = 10 ** (len(str(value)) - 1)
    rounded = -(-max(value, 2) // step) * step
    return rounded + rounded % 2


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\u2026"


def _text(words: str) -> str:
    return html.escape(printable(words))
