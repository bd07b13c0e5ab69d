"""What inputs have in common on which two functions differ: the fewest words that cover all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ORDINARY = ("typical", "random", "n=2", "n=3", "n=130", "n=1000")
#: Of the inputs with a word, at least this share has to differ before the word explains an ordinary input.
_TELLING = 0.5
#: Words that say the least come last.
_LAST = ("raises", "rows:upcast")


@dataclass(frozen=True)
class Row:
    """One input that was tried: what it was made for, all that is odd about it, and in which columns."""

    case: tuple[str, ...]
    tags: frozenset[str]
    placed: frozenset[tuple[str, str]]
    differs: bool

    @property
    def odd(self) -> frozenset[str]:
        """The words that could be a condition."""
        return frozenset(t for t in self.tags if not t.startswith(_ORDINARY))

    @property
    def plain(self) -> bool:
        """Whether the functions differ, and nothing is odd about the input."""
        return self.differs and not self.odd


def ordinary(row: Row) -> bool:
    """Whether the input was made to be a usual one."""
    return row.case[0].startswith(_ORDINARY)


def conditions(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], int]:
    """The conditions under which the functions differ, and on how many usual inputs they differ without any."""
    plain = sum(row.plain for row in rows)
    if plain:
        return [], plain
    left = [row for row in rows if row.differs]
    found: list[dict[str, Any]] = []
    for tag in sorted({t for row in left for t in row.odd if t.startswith("only:")}):
        taken = [row for row in left if tag in row.odd]
        left = [row for row in left if tag not in row.odd]
        found.append({"tag": tag, "inputs": len(taken), "where": []})
    while left:
        tag = _best(rows, left)
        if not tag:
            break
        taken = [row for row in left if tag in row.odd]
        left = [row for row in left if tag not in row.odd]
        found.append({"tag": tag, "inputs": len(taken), "where": _where(tag, taken, rows)})
    return ([], len(left)) if left else (found, 0)


def _best(rows: Sequence[Row], left: Sequence[Row]) -> str:
    """The word that covers most of what is left, and fewest of the inputs on which the functions agree."""
    scores: dict[str, tuple[bool, float, str]] = {}
    for tag in {t for row in left for t in row.odd}:
        having = [row for row in rows if tag in row.odd]
        share = sum(row.differs for row in having) / len(having)
        covered = [row for row in left if tag in row.odd and (share >= _TELLING or tag in row.case)]
        if covered and len(covered) == sum(tag in row.odd for row in left):
            scores[tag] = (tag not in _LAST, len(covered) * share * share, tag)
    return max(scores, key=lambda tag: scores[tag]) if scores else ""


def _where(tag: str, taken: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The inputs or columns in which it is; none when it is the same in which."""
    labels = {label for row in taken for t, label in row.placed if t == tag}
    if not labels or not all(any(t == tag for t, _ in row.placed) for row in taken):
        return []
    everywhere = {label for row in rows for t, label in row.placed if t == tag}
    needed = [label for label in sorted(labels) if _alone(tag, label, taken)]
    covers = all(any((tag, label) in row.placed for label in needed) for row in taken)
    return needed if needed and covers and (len(needed) < len(everywhere) or len(everywhere) == 1) else []


def _alone(tag: str, label: str, taken: Sequence[Row]) -> bool:
    """Whether it is in this column and in no other, in some input on which the functions differ."""
    return any({where for t, where in row.placed if t == tag} == {label} for row in taken)
