"""What a scaffold is asked for and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..loops.obligations import Obligation
from .model import Trial, Verdict
from .verify import tolerance_of


class NoScaffold(Exception):
    """Why a form of scaffold can't be had; the message is for the reader."""


@dataclass(frozen=True)
class Change:
    """One rewrite: its rule in words, its line in the file as it was read, its trial, and what the verifier said."""

    rule: str
    line: int
    trial: Trial
    verdict: Verdict
    versions: str
    obligations: tuple[Obligation, ...]
    granted: tuple[Obligation, ...] = ()
    smallest: tuple[tuple[str, str], ...] = ()  # forms that were refuted, and the code of the input that shows it

    @property
    def tolerance(self) -> float | None:
        """The relative tolerance for floats, None for none."""
        return tolerance_of(self.trial)


@dataclass(frozen=True)
class Subject:
    """What one test file is about: the changes of one function, or a single change.

    `name` is how messages call the user's file, `function` the qualified name or "<module>"; `original` and `final` are
    the file's text as it was read and with all proposals. `target` is where the test will be. `why_outlined`
    says why the user's own function can't be called by a test.
    """

    name: str
    path: Path
    function: str
    original: str
    final: str
    changes: Sequence[Change]
    target: Path
    unsafe: bool = False
    why_outlined: str = ""

    @property
    def line(self) -> int:
        return min(change.line for change in self.changes)

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What has to hold, each once."""
        return tuple(dict.fromkeys(o for c in self.changes for o in c.obligations))

    @property
    def smallest(self) -> tuple[tuple[str, str], ...]:
        """The refuted forms of all changes with the inputs that show it, each once."""
        return tuple(dict.fromkeys(found for c in self.changes for found in c.smallest))

    @property
    def granted(self) -> tuple[Obligation, ...]:
        return tuple(dict.fromkeys(o for c in self.changes for o in c.granted))


@dataclass(frozen=True)
class Scaffold:
    """A generated test file. `todo` says what a person has to do, "" for nothing.

    `imported` tells whether it tests the user's own function, `recorded` whether it runs on recorded inputs.
    """

    target: Path
    text: str
    todo: str = ""
    imported: bool = False
    recorded: bool = False


@dataclass(frozen=True)
class Pair:
    """The two versions as text for a test file.

    `preamble` are imports and helpers, `old` and `new` the code that defines the versions (`new` empty when imported),
    `old_name` and `new_name` expressions for them. `parameters` are in the order of the call, the `keywords` last.
    """

    imports: tuple[str, ...]
    load: str
    preamble: tuple[str, ...]
    old: str
    new: str
    old_name: str
    new_name: str
    parameters: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    defined: frozenset[str] = frozenset()

    @property
    def imported(self) -> bool:
        return bool(self.load)
