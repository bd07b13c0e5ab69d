"""The times of `deloop bench` as one SVG: a panel for each function, seconds over rows, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from ..proposals.bench import Measured, Measurements, Timing

_COLUMNS, _WIDTH, _HEIGHT, _GAP = 3, 260, 170, 24
_LEFT, _TOP, _BOTTOM = 52, 34, 26
#: Readable on light and on dark ground, and by those who see no red.
_STYLE = """
  svg { font: 11px system-ui, sans-serif; background: #ffffff; color: #1f2328 }
  text { fill: currentColor } .title { font-weight: 600 } .tick { font-size: 9px; opacity: .75 }
  .grid { stroke: currentColor; opacity: .15 } polyline { fill: none; stroke-width: 2 }
  .original { stroke: #b35806 } .new { stroke: #2166ac } circle.original { fill: #b35806 } circle.new { fill: #2166ac }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 } .original { stroke: #fdb863 } .new { stroke: #92c5de }
    circle.original { fill: #fdb863 } circle.new { fill: #92c5de }
  }
"""


def plot(measurements: Measurements) -> str:
    """The whole picture as text."""
    functions = [f for f in measurements.functions if f.timings]
    rows = max(1, math.ceil(len(functions) / _COLUMNS))
    columns = max(1, min(_COLUMNS, len(functions)))
    width = columns * (_WIDTH + _GAP) + _GAP
    height = rows * (_HEIGHT + _GAP) + _GAP + 20
    machine = measurements.machine
    told = f"Python {machine.python}, pandas {machine.pandas}, NumPy {machine.numpy}, {machine.processor}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>Seconds over rows; {escape(told)}</title><style>{_STYLE}</style>",
        f'<circle class="original" cx="{_GAP}" cy="13" r="4"/><text x="{_GAP + 8}" y="16">original</text>',
        f'<circle class="new" cx="{_GAP + 70}" cy="13" r="4"/><text x="{_GAP + 78}" y="16">new</text>',
        f'<text x="{_GAP + 120}" y="16" class="tick">seconds over rows; {escape(told)}</text>',
    ]
    for k, function in enumerate(functions):
        x = _GAP + (k % _COLUMNS) * (_WIDTH + _GAP)
        y = 20 + _GAP + (k // _COLUMNS) * (_HEIGHT + _GAP)
        parts.append(f'<g transform="translate({x} {y})">{_panel(function)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(function: Measured) -> str:
    seconds = [s for t in function.timings for s in (t.new, t.original) if s]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    high = max(high, low + 1)
    first, last = (math.log10(function.timings[k].n) for k in (0, -1))

    def at(n: int, value: float) -> tuple[float, float]:
        across = (math.log10(n) - first) / (last - first) if last > first else 0.5
        up = (math.log10(value) - low) / (high - low)
        return _LEFT + across * (_WIDTH - _LEFT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<text y="12" class="title">{escape(_short(function.name))}</text>']
    if function.timings[-1].ratio is not None:
        last_timing = function.timings[-1]
        parts.append(f'<text y="25" class="tick">{last_timing.ratio:,.1f}x at {last_timing.n:,} rows</text>')
    for power in range(low, high + 1):
        y = at(function.timings[0].n, 10.0**power)[1]
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{_power(power)}</text>')
    for timing in function.timings:
        x = at(timing.n, 10.0**low)[0]
        parts.append(f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{timing.n:,}</text>')
    parts.append(_line("new", [at(t.n, t.new) for t in function.timings]))
    parts.append(_line("original", [at(t.n, t.original) for t in _compared(function.timings) if t.original]))
    return "".join(parts)


def _compared(timings: Sequence[Timing]) -> list[Timing]:
    return [t for t in timings if t.original is not None]


def _line(name: str, points: Sequence[tuple[float, float]]) -> str:
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points)
    return (f'<polyline class="{name}" points="{where}"/>' if len(points) > 1 else "") + dots


def _power(power: int) -> str:
    return {0: "1 s", -1: "100 ms", -2: "10 ms", -3: "1 ms", -4: "100 us", -5: "10 us", -6: "1 us"}.get(
        power, f"1e{power} s"
    )


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:37]}..."
