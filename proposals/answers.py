"""What a reviewer declined, kept below `.deloop` so that a later review asks only what is new."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..sources.files import write_atomic
from ..sources.state import FOLDER, state_folder
from .judge import lines
from .model import Proposal

VERSION = 1
NAME = "answers.json"


@dataclass(frozen=True, order=True)
class Key:
    """What makes it the same question again: the loop's text, its function and the rule; not where it stands.

    `nth` tells apart those of a file that are alike in all of this.
    """

    file: str
    function: str
    rule: str
    loop: str
    nth: int = 0


def keyed(proposals: Iterable[Proposal], text: str, file: str) -> Iterator[tuple[Key, Proposal]]:
    """The proposals for a file of this text with their keys. `file` is its name within the project."""
    seen: Counter[Key] = Counter()
    for proposal in proposals:
        finding = proposal.finding
        loop = textwrap.dedent(lines(text, (finding.line, finding.end_line)))
        plain = "\n".join(line.rstrip() for line in loop.split("\n"))
        digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        key = Key(file, finding.function, proposal.form.rule.code, digest)
        yield Key(file, key.function, key.rule, digest, seen[key]), proposal
        seen[key] += 1


class Answers:
    """The questions that were answered with no. A file that can't be read counts as empty, one that can't be written
    means that they are asked again."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def declined(self) -> frozenset[Key]:
        try:
            data = json.loads((self.base / FOLDER / NAME).read_text(encoding="utf-8"))
            if data["version"] != VERSION:
                return frozenset()
            return frozenset(Key(**row) for row in data["declined"])
        except (OSError, ValueError, KeyError, TypeError):
            return frozenset()

    def has(self, key: Key, declined: frozenset[Key]) -> bool:
        """Whether it was declined, also under the former name of a file that has moved."""
        if key in declined:
            return True
        same = [one for one in declined if (one.loop, one.function, one.rule) == (key.loop, key.function, key.rule)]
        return any(one.nth == key.nth and not (self.base / one.file).exists() for one in same)

    def decline(self, keys: Iterable[Key]) -> bool:
        """Remember some, at once. False when that can't be."""
        return self._save(self.declined() | set(keys))

    def forget(self, keys: Iterable[Key]) -> bool:
        """Ask some again."""
        return self._save(self.declined() - set(keys))

    def _save(self, keys: Iterable[Key]) -> bool:
        rows = [vars(key) for key in sorted(keys)]
        text = json.dumps({"version": VERSION, "declined": rows}, indent=1) + "\n"
        try:
            write_atomic(state_folder(self.base) / NAME, text.encode())
        except OSError:
            return False
        return True
