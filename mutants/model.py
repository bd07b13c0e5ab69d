"""A rewrite that is right, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from deloop.equivalence.model import Trial


@dataclass(frozen=True)
class Right:
    """A rewrite that deloop makes of an example, put in its place; `where` names the example."""

    where: str
    rule: str
    trial: Trial


@dataclass(frozen=True)
class Mutant:
    """A rewrite with one thing changed. `old` and `new` are the changed code."""

    key: str
    right: Right
    operator: str
    old: str
    new: str
    trial: Trial


@dataclass(frozen=True)
class Outcome:
    """What the verifier said of a mutant, and for one that it let pass, what a longer search found.

    `fate` is "refuted", "survived" (it differs, and was not refuted), "alike" (the search found no difference),
    "equivalent" (by hand, `why` says the reason) or "unjudged" (it differs, and there was no verdict).
    """

    mutant: Mutant
    fate: str
    why: str = ""
    seconds: float = 0.0


@dataclass
class Tally:
    """Counts of fates, by operator and by rule."""

    operators: dict[str, dict[str, int]] = field(default_factory=dict)
    rules: dict[str, dict[str, int]] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        for table, name in ((self.operators, outcome.mutant.operator), (self.rules, outcome.mutant.right.rule)):
            row = table.setdefault(name, {})
            row[outcome.fate] = row.get(outcome.fate, 0) + 1
        self.fates[outcome.fate] = self.fates.get(outcome.fate, 0) + 1
