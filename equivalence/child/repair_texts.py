"""What a text may look like that the code takes numbers out of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .drafts import Spec

#: Moments as texts, and the separators of which the code writes out one.
_MOMENTS = (
    ("%Y-%m-%d %H:%M:%S", ":-"),
    ("%Y-%m-%dT%H:%M:%S", "T"),
    ("%H:%M:%S", ":"),
    ("%H:%M", ":"),
    ("%Y-%m-%d", "-"),
    ("%m/%d/%Y", "/"),
    ("%d.%m.%Y", "."),
)
#: What texts of fixed places are: a moment with separators, and one without.
_PLACES = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")
#: In as many parts a text falls of which nothing else is known.
_PARTS = 4


def moments_in(source: str) -> list[str]:
    """The formats of moments that code may take apart, by the separators and the places that it names."""
    separators = set(re.findall(r"""['"]([-:/.T])['"]""", source))
    found = [pattern for pattern, needed in _MOMENTS if separators & set(needed)]
    if re.search(r"\[-?\d*:-?\d*\]", source) and re.search(r"\[[-:]*\d", source):
        found += _PLACES
    return list(dict.fromkeys(found))


def readable_as(spec: Spec, whole: bool, moments: Sequence[str]) -> Iterator[Spec]:
    """What a text may be so that numbers, whole ones only if that is asked for, can be read from it."""
    split = spec.get("split")
    if split and whole and any(part["t"] == "num" for part in split["parts"]):
        parts = [{**part, "t": "int"} if part["t"] == "num" else part for part in split["parts"]]
        yield {**spec, "split": {**split, "parts": parts}}
    flag = "integer-text" if whole else "numeric-text"
    flags = spec.get("flags", [])
    if not split and flag not in flags:
        yield {**spec, "flags": [*(f for f in flags if not f.endswith("-text")), flag]}
    if "format" not in spec:
        for pattern in moments:
            yield {**{k: v for k, v in spec.items() if k != "split"}, "format": pattern}


def separators_in(source: str) -> list[str]:
    """What code splits texts by."""
    return list(dict.fromkeys(re.findall(r"""split\(\s*['"]([^'"\\]+)['"]""", source)))


def taken_apart_as(spec: Spec, separators: Sequence[str], moments: Sequence[str]) -> Iterator[Spec]:
    """What a text may be so that it has more parts."""
    plain = {k: v for k, v in spec.items() if k != "split"}
    if "format" in spec:
        return
    for separator in separators if "split" not in spec else ():
        yield {**plain, "split": {"sep": separator, "parts": [{"t": "str"} for _ in range(_PARTS)]}}
    for pattern in moments:
        yield {**plain, "format": pattern}
