"""What a reviewer declined, kept below `.deloop` so that a later review asks only what is new."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..sources.files import write_atomic
from ..sources.state import FOLDER, state_folder
from .gather import Job, label_of
from .judge import lines
from .model import Proposal
from .propose import Draft

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


def _is_loop(rule: str) -> bool:
    """Whether a rule rewrites loops: retired API and codemods of the user's are about statements."""
    return rule.startswith("DL") and not rule.startswith("DL9")


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

    def among(self, keys: Collection[Key], declined: frozenset[Key], by_rule: bool = True) -> frozenset[Key]:
        """Those of a file that were declined, also under the former name of a file that has moved.

        Where some that were alike are gone since, nobody knows which, and all that are left count as declined. Without
        `by_rule` a loop is meant, in whatever other form it is offered.
        """

        def alike(key: Key) -> tuple[str, str, str]:
            return key.loop, key.function, key.rule if by_rule or not _is_loop(key.rule) else ""

        counts = Counter(map(alike, keys))
        found = set()
        for key in keys:
            known = [one for one in declined if alike(one) == alike(key)]
            numbers = {one.nth for one in known if one.file == key.file or not (self.base / one.file).exists()}
            if key.nth in numbers or counts[alike(key)] <= max(numbers, default=0):
                found.add(key)
        return frozenset(found)

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


def declined_of(job: Job) -> Callable[[Draft], list[Proposal]]:
    """What a reviewer declined of the proposals for a draft as it stands: nothing, unless the job has `answers`."""
    answers = job.answers
    if answers is None:
        return lambda draft: []
    known = answers.declined()

    def declined(draft: Draft) -> list[Proposal]:
        found = [site.proposal for site in draft.sites if site.proposal is not None]
        asked = dict(keyed(found, draft.current.text, label_of(draft.path, job))) if known else {}
        return [asked[key] for key in answers.among(asked, known, by_rule=False)]

    return declined
