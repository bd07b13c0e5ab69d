"""What durations tell about the moments that they lie between, and ranges about what is compared with positions."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from .shapes import MISSING, Shape

#: How long one of each is, for the numbers that code compares durations with.
_UNITS = {"days": 86400.0, "seconds": 1.0, "total_seconds": 1.0, "microseconds": 1e-6}
_WORDS = frozenset(["weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"])
_COUNTED = 24
_LONGEST = 400 * 366 * 86400.0  # in seconds: longer is no span that dates are made for


def duration(base: Shape, name: str) -> Shape:
    """`(a - b).days`: what was subtracted are moments, and as far apart as the code asks for."""
    result = Shape("number")
    for source in base.sources:
        source.votes["number"] = 0
        source.vote("datetime", 1)
        result.inverse.append((source, _span_of(_UNITS.get(name, 1.0))))
    return result


def written_span(name: str, node: ast.Call, constant: Callable[[ast.expr], Any]) -> dt.timedelta | None:
    """`pd.Timedelta(minutes=30)`, `timedelta(2)` as a duration, if it is written out."""
    given = {k.arg or "": constant(k.value) for k in node.keywords}
    numbers = all(isinstance(v, (int, float)) for v in given.values())
    first = constant(node.args[0]) if node.args else MISSING
    try:
        if name in ("timedelta", "Timedelta") and given and given.keys() <= _WORDS and numbers and not node.args:
            return dt.timedelta(**given)
        if name == "timedelta" and len(node.args) == 1 and isinstance(first, (int, float)) and not given:
            return dt.timedelta(days=first)
    except OverflowError:
        return None
    return None


def counted(written: Sequence[Any]) -> Sequence[int]:
    """The positions in `range(1, 13)`, where they are few and all written out: something may be compared with them."""
    if not all(type(v) is int for v in written) or not all(written[2:]):
        return ()
    positions = range(*written[:3])
    return positions if len(positions) <= _COUNTED else ()


def _span_of(unit: float) -> Callable[[float], Any]:
    return lambda number: dt.timedelta(seconds=max(min(number * unit, _LONGEST), -_LONGEST))
