"""What the verifier is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..loops.obligations import Obligation
from .library import Library
from .recordings import Recordings


@dataclass(frozen=True)
class Trial:
    """One rewrite to judge: the same region of a file before and after.

    `before` and `after` are whole files as text ("\\n" line ends). `before_lines` and `after_lines` are the first and
    the last line (from 1) of the consecutive sibling statements that were touched. `hints` says what is known of names
    that enter the region: "frame", "series", "ndarray", "list", "dict", "str", "int", "float", "bool", "datetime",
    "callable".

    `group` is the same for the forms of one site, which are then run in one region: `whole`, the lines of the old file
    that any of them touches. A measured speed-up near one of the `limits` is measured with more care.
    `library` are the modules of the project, for a file that is at `path`.
    """

    key: str
    before: str
    after: str
    before_lines: tuple[int, int]
    after_lines: tuple[int, int]
    obligations: tuple[Obligation, ...] = ()
    hints: dict[str, str] = field(default_factory=dict)
    tolerance: float | None = None
    group: str = ""
    whole: tuple[int, int] | None = None
    limits: tuple[float, ...] = ()
    path: str = ""
    library: Library | None = None
    needs: tuple[str, ...] = ()  # packages that the new code needs beside NumPy and pandas
    recordings: Recordings | None = None  # inputs that the user's program really had

    def spans(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The lines to run of the old file and of the new one: around what is touched, all is equal."""
        (first, last), (new_first, new_last) = self.before_lines, self.after_lines
        if self.whole is None:
            return self.before_lines, self.after_lines
        start, end = min(self.whole[0], first), max(self.whole[1], last)
        return (start, end), (new_first - (first - start), new_last + (end - last))


class Verdict(StrEnum):
    """What the runs showed."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    INSUFFICIENT = "insufficient"  # no difference, but a part of the loop was never reached
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Counterexample:
    """The smallest input found on which the two versions differ, as text a person can read and paste."""

    inputs: str
    before: str
    after: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """What the inputs that `deloop record` kept show.

    `agree` counts those on which both versions do the same, `excused` those that differ and break one of the named
    assumptions in `broken`, `skipped` those that could not be replayed, by reason. `speedup` is the ratio over those
    that agree, 0 when the loop was too short to be timed.
    """

    agree: int = 0
    excused: int = 0
    broken: tuple[str, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    speedup: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The stable form for machines."""
        found = {"agree": self.agree, "excused": self.excused, "broken": list(self.broken), "skipped": self.skipped}
        return found | {"speedup": round(self.speedup, 3)}


@dataclass(frozen=True)
class Evidence:
    """The outcome of running both versions.

    `inputs` counts all inputs that were compared, recorded ones among them, `returned` those where the loop finished,
    `raised` those where both raised the same type, `excused` those that differ but break a named obligation.
    `speedups` are (n, before/after) pairs. Where they are for a search that goes on to the end, `at_once` is the ratio
    at the largest size for one that ends after a few rounds, else 0.
    """

    verdict: Verdict
    inputs: int = 0
    returned: int = 0
    raised: int = 0
    excused: int = 0
    kinds: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    reason: str = ""
    speedups: tuple[tuple[int, float], ...] = ()
    at_once: float = 0.0
    max_ulp: float = 0.0
    seconds: float = 0.0
    versions: str = ""
    recorded: Recorded | None = None

    def to_json(self) -> dict[str, Any]:
        """The stable form for machines."""
        found = self.counterexample
        return {
            "verdict": str(self.verdict),
            "inputs": self.inputs,
            "returned": self.returned,
            "raised": self.raised,
            "excused": self.excused,
            "kinds": list(self.kinds),
            "reason": self.reason,
            "speedups": [[n, round(x, 3)] for n, x in self.speedups],
            "at_once": round(self.at_once, 3),
            "counterexample": found and {"inputs": found.inputs, "before": found.before, "after": found.after},
            "versions": self.versions,
            "recorded": self.recorded and self.recorded.to_json(),
        }
