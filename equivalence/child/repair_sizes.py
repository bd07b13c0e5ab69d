"""How many elements, rows and columns the code asks for, where it found too few."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from .drafts import Spec
from .repair_tables import LEAVES

#: The specifications, those first that the failing expression names, each with what it is called.
Ranked = Sequence[tuple[str, Spec]]
Once = Callable[..., bool]
Turn = Callable[[Spec, str, str], bool]

_SEQUENCES = ("list", "array", "series")
#: More numbers than that are no cell.
_MOST = 10_000
#: A sequence that is read beside another one may be longer by so many.
_LONGER = 2
#: As many columns has a table that is read by their positions.
_COLUMNS = 12


def reshaped(text: str, line: str, ranked: Ranked, once: Once, turn: Turn) -> bool:
    """`reshape(75, 75)`: the message says how many values are wanted."""
    if "core dimension" in text or "not aligned" in text or "broadcast together" in text:
        return _as_wide(ranked, once) or _as_long(text, ranked, once)
    found = re.search(r"cannot reshape array of size \d+ into shape \((\d+(?:,\d+)*),?\)", text)
    size = math.prod(int(n) for n in found[1].split(",")) if found else 0
    if not 0 < size <= _MOST:
        return False
    for _, spec in ranked:
        if spec["t"] in ("list", "array") and not spec.get("fixed") and once("fixed", id(spec)):
            spec["fixed"] = size
            return True
    return "array of size 1 " in text and _cells(size, line, ranked, once, turn)


def _as_wide(ranked: Ranked, once: Once) -> bool:
    """A row of a table meets an array: that has as many elements as the table has columns."""
    width = next((spec["width"] for _, spec in ranked if spec.get("width")), None)
    return width is not None and _fix(width, ranked, once)


def _as_long(text: str, ranked: Ranked, once: Once) -> bool:
    """`np.matmul(a, np.array([x, y, z]))`: the message says how long both are."""
    found = re.search(r"\(size (\d+) is different from (\d+)\)", text)
    return found is not None and _fix(min(int(found[1]), int(found[2])), ranked, once)


def _fix(size: int, ranked: Ranked, once: Once) -> bool:
    for _, spec in ranked:
        flat = spec["t"] in ("list", "array") and not spec.get("width") and not spec.get("fixed")
        if flat and once("fixed", id(spec)):
            spec["fixed"] = size
            return True
    return False


def _cells(size: int, line: str, ranked: Ranked, once: Once, turn: Turn) -> bool:
    """`np.reshape(df.iloc[i, 0], (75, 75))`: each cell of a column holds as many numbers."""
    found = re.search(r"\biloc\[[^\[\]]*,\s*(\d)\]", line)
    for _, spec in ranked:
        if spec["t"] == "frame" and found and once("cells", id(spec)):
            place = int(found[1])
            names = _widened(spec, place + 1)
            spec["cols"][names[place]] = {"t": "list", "elem": {"t": "num"}, "fixed": size}
            return True
        if spec["t"] in LEAVES and not spec.get("stated") and turn(spec, "list", "cells"):
            spec["fixed"] = size
            return True
    return False


def _widened(frame: Spec, width: int) -> list[Any]:
    """The names of the columns of a table that has at least so many."""
    names = [*frame["cols"], *(f"c{k}" for k in range(len(frame["cols"]), width))]
    frame["cols"] = {name: frame["cols"].get(name, {"t": "num"}) for name in names}
    return names


def one_more(text: str, line: str, ranked: Ranked, once: Once) -> bool:
    """`edges[i + 1]` beside `counts[i]`: one has an element more; `table.iloc[i, j]`: there are that many columns."""
    found = re.search(r"index (\d+) is out of bounds for axis 0 with size (\d+)", text)
    ahead = re.match(r"\w+\[\w+ \+ (\d)\]$", line) if "list index" in text else None
    more = int(found[1]) - int(found[2]) + 1 if found else int(ahead[1]) if ahead else 0
    name = re.match(r"(\w+)\[[^\]]*\]$", line)
    for label, spec in ranked:
        named = name is not None and label == name[1] and spec["t"] in _SEQUENCES and not spec.get("fixed")
        if named and 0 < more <= _LONGER and once("more", id(spec), more):
            spec["more"] = more
            return True
        by_place = found and spec["t"] == "frame" and spec.get("free") and re.search(r"\.ia?(loc|t)\[\w+, ?\w+\]", line)
        if by_place and once("columns", id(spec)):
            _widened(spec, _COLUMNS)
            return True
    return False
