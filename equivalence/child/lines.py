"""Lines of text that the code takes apart: cells between separators, and what the code looks for in the line itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Spec = dict[str, Any]

#: Inputs where what begins as the code asks for has nothing but that: headers and comments are no rows.
_BARE = ("small", "digits")
_TEXT = ("str", "any")


def line(spec: Spec, k: int, n: int, flavour: str, made: Callable[[Spec, int], Any]) -> str:
    """The line number `k`; `made` gives a cell, `n` is how many there are where that is not known."""
    split = spec["split"]
    separator = " " if split["sep"] is None else str(split["sep"])
    if k == 0 and split.get("names"):
        return separator.join(split["names"])
    wanted = split["parts"] * n if split.get("many") else split["parts"]
    cells = [str(made(part, k + j * bool(split.get("many")))) for j, part in enumerate(wanted)]
    sought = _sought(spec)
    text = ""
    if sought and k % 3 == 2:
        how, text = sought[k // 3 % len(sought)]
        if how in ("prefix", "whole") and flavour in _BARE:
            return _ended(text, spec, k)
        cells = _holding(cells, split["parts"], how, text, split["sep"])
    if split.get("quoted"):
        cells = [f'"{cell}"' if separator in cell else cell for cell in cells]
    if split.get("counted") and k % 4 == 2:  # one too few, or none
        cells = cells[: -1 if k % 8 == 2 else 0]
    extra = ["7"] if k % 5 == 4 and not (split.get("exact") or split.get("many")) else []
    return _ended(separator.join([*cells, *extra]), spec, k)


def _ended(text: str, spec: Spec, k: int) -> str:
    """The line with its end, where the code takes that off; the last line of a file may have none."""
    return f"{text}\n" if "line" in spec.get("flags", ()) and k % 5 != 4 else text


def _sought(spec: Spec) -> list[tuple[str, str]]:
    """What the code asks for in a line, and where."""
    found = [(how, text) for how in ("prefix", "suffix", "infix") for text in spec.get(how, ())]
    texts = [text for _, text in found]
    whole = [v for v in spec.get("lits", ()) if isinstance(v, str) and v and not any(text in v for text in texts)]
    return [*found, *(("whole", text) for text in whole)]


def _holding(cells: list[str], specs: list[Spec], how: str, text: str, separator: str | None) -> list[str]:
    """The cells of a line in which the text is to be found."""
    texts = [j for j, spec in enumerate(specs) if spec["t"] in _TEXT]
    if not cells:
        return [text]
    if how == "suffix" or (how == "infix" and texts):
        j = -1 if how == "suffix" else texts[-1]
        return [*cells[:j], f"{cells[j]}{text}", *(cells[j:][1:])]
    begun = text.split() if separator is None else text.split(separator)
    if separator is None and text[-1:].isspace():
        begun.append("")
    return [*begun[:-1], f"{begun[-1]}{''.join(cells[len(begun) - 1 : len(begun)])}", *cells[len(begun) :]]
