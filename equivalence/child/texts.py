"""Texts that the code can read: dates in its format, numbers, with what it takes off around them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

WORDS = ["alpha", "Beta", "gamma 3", "delta", "Eps-1", "zeta@x.org", "eta.c", "THETA"]
PATHS = ["one.txt", "a/two.CSV", "a/b/three", "c.d/.four", "./five.tar.gz", "six"]
URLS = ["https://x.org/a/b?c=1", "HTTP://Y.net", "/d e/f#g", "mailto:h@i.org", "//j.com:80/k.html", "l"]
#: The longest texts that are made.
_LONG = 1000
_START = dt.datetime(2024, 1, 1)
#: Inputs where some of the texts are not ones to read, but ones that the code looks for.
_WITH_OTHERS = ("int", "small", "digits")


def readable(spec: dict[str, Any], k: int, flavour: str, rng: random.Random) -> str | None:
    """The text number `k` of those that are read as a date or a number; None where they are not known to be."""
    flags = spec.get("flags", [])
    if "format" not in spec and not {"numeric-text", "integer-text"} & {*flags}:
        return None
    others = _looked_for(spec)
    if others and flavour in _WITH_OTHERS and k % 3 == 2:
        return others[k // 3 % len(others)]
    if "truthy" in flags and rng.random() < 0.2:
        return ""
    text = _plain(spec, flags, rng)
    cleaned = spec.get("cleaned", ())
    return _soiled(text, *cleaned[k // 2 % len(cleaned)]) if cleaned and k % 2 else text


def dressed(text: str, flags: Sequence[str], k: int) -> str:
    """The text in another case, and with blanks around it, where the code undoes that."""
    if {"looked up", "column name"} & {*flags}:
        return text
    text = text.swapcase() if "any case" in flags and k % 3 == 1 else text
    before, after = ("  " if f"blanks {side}" in flags and k % 4 == 2 else "" for side in ("before", "after"))
    return f"{before}{text}{after}"


def measured(spec: dict[str, Any], text: str, k: int) -> str:
    """The text, now and then as long as the code asks whether it is, or a little shorter or longer."""
    sizes = [v for v in spec.get("lits", ()) if type(v) is int and 0 <= v < _LONG]
    if "len" not in spec.get("flags", ()) or not sizes or k % 3 == 0:
        return text
    size = sizes[k // 3 % len(sizes)] + (1, 0, -1)[k % 3 - 1 if k % 2 else 0]
    return (text * size)[: max(size, 0)] if text else text


def _plain(spec: dict[str, Any], flags: Sequence[str], rng: random.Random) -> str:
    if "format" in spec:
        moment = _START + dt.timedelta(
            days=rng.randrange(400), hours=rng.choice((0, 9, 23)), minutes=rng.choice((0, 30))
        )
        return moment.strftime(spec["format"])
    near = [v for v in spec.get("lits", ()) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if near and rng.random() < 0.7:
        made = rng.choice(near) + rng.choice((0, 0, 1, -1, 2.5, -2.5))
        return str(made if "numeric-text" in flags and "integer-text" not in flags else int(made))
    if "numeric-text" in flags:
        return rng.choice(["1.5", "2", "37", "0.25", "-4", " 12.5 "])
    return rng.choice(["1", "22", "7", "2024", "-3"])


def _soiled(text: str, name: str, old: str, new: str) -> str:
    if new:
        return text.replace(new, old)
    return old + text if name in ("lstrip", "removeprefix") else text + old


def _looked_for(spec: dict[str, Any]) -> list[str]:
    """The literals that the code asks for, without those made of another one and those that are taken off."""
    taken = {old for _, old, _ in spec.get("cleaned", ())}
    texts = [v for v in spec.get("lits", []) if isinstance(v, str) and not any(old in v for old in taken)]
    return [v for v in texts if not any(w in v and w != v for w in texts)]
