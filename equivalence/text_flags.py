"""The form of a text, as flags that its uses leave and as a specification."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Where the code looks for a text in another one.
SOUGHT = ("prefix", "suffix", "infix")


def text_spec(flags: Iterable[str]) -> dict[str, Any]:
    """What the flags of a text say of its form."""
    found: dict[str, Any] = {}
    for flag in sorted(flags):
        if flag.startswith("format:"):
            found["format"] = flag.removeprefix("format:")
        elif flag.startswith("cleaned:"):
            found.setdefault("cleaned", []).append(flag.removeprefix("cleaned:").split("\n"))
        elif flag.startswith("pattern:"):
            found.setdefault("patterns", []).append(flag.removeprefix("pattern:"))
        elif (how := flag.split(":", 1)[0]) in SOUGHT and ":" in flag:
            found.setdefault(how, []).append(flag.removeprefix(f"{how}:"))
    return found
