"""What a run over files comes to: sites, the forms that were tried for them, and the proposals among those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..codemods.findings import Finding
from ..codemods.preserve import Preserve
from ..equivalence.model import Counterexample, Evidence, Verdict
from ..transforms.base import Rewrite, Tier

if TYPE_CHECKING:
    from ..codemods.place import Placed  # pulls in LibCST, which `check` must not need


@dataclass(frozen=True)
class Policy:
    """What may be proposed: the user's part of the choice.

    `assume` are names of obligations that count as met. `show_unsafe` lets an unsafe form stand in where no safe one
    exists: for a reviewer who decides site by site. `min_speedup` None means the built-in limits. `preserve` says
    what is kept of the functions that are rewritten.
    """

    assume: frozenset[str] = frozenset()
    unsafe: bool = False
    unverified: bool = False
    min_speedup: float | None = None
    python: str | None = None
    show_unsafe: bool = False
    preserve: Preserve | None = None

    def accepts(self, form: Rewrite) -> bool:
        """Whether the form is safe, given what the user lets us assume."""
        return all(obligation.name in self.assume for obligation in form.obligations)


class NotRun(Exception):
    """The user's command can't be started; the message says why."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with the input: one line for the user. `line` 0 means the whole file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class Verb(StrEnum):
    """What became of one form."""

    CHOSEN = "chosen"
    POSSIBLE = "possible"  # could have been chosen; another form is better
    UNSAFE = "unsafe"  # needs an assumption that nobody made
    REFUTED = "refuted"
    UNVERIFIED = "unverified"
    SLOW = "slow"
    UNPLACED = "unplaced"  # the edits do not fit the file


@dataclass(frozen=True)
class Candidate:
    """One form of one site: put in its place, and judged. `placed` is None when it did not fit, and `why` says so."""

    form: Rewrite
    placed: Placed | None
    evidence: Evidence = field(default_factory=lambda: Evidence(Verdict.UNVERIFIED))
    verb: Verb = Verb.POSSIBLE
    why: str = ""


@dataclass(frozen=True)
class Proposal:
    """A site, the form chosen for it, the diff of that form alone, the evidence, and the other forms."""

    file: str
    finding: Finding
    form: Rewrite
    placed: Placed
    diff: bytes
    evidence: Evidence
    alternatives: tuple[Candidate, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same proposal in a later look at a changed file: the rule and the new text."""
        first, last = self.placed.after_lines
        return self.form.rule.code, "\n".join(self.placed.text.split("\n")[first - 1 : last])


@dataclass(frozen=True)
class Site:
    """One finding with all that was tried for it. `declined`: there is a proposal, and a reviewer did not want it."""

    finding: Finding
    candidates: tuple[Candidate, ...] = ()
    proposal: Proposal | None = None
    declined: bool = False


def is_loop(proposal: Proposal) -> bool:
    """Whether it is about a loop; else it changes words: retired API, a codemod of the user's."""
    return proposal.form.tier is not Tier.EDIT


def internal_error(problem: Exception) -> str:
    """One line for an error that is deloop's own, with the place in the code for the report."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    return f"internal error, please report: {type(problem).__name__}: {problem}{place}"


def speedup_text(evidence: Evidence) -> str:
    """The measured figures, largest size last: `1.1x at 50, 38x at 20,000`; empty when nothing was measured.

    A search that goes on to the end is told from one that ends after a few rounds.
    """
    figures = ", ".join(f"{figure(ratio)} at {n:,}" for n, ratio in sorted(evidence.speedups))
    return f"{figures} (to the end; {figure(evidence.at_once)} if it ends at once)" if evidence.at_once else figures


def kinds_text(evidence: Evidence, members: bool = True) -> str:
    """The kinds of inputs, those of a family together: `dtype (Int64, str), n (0, 1, 1000), random`.

    Without their members: `dtype, n, random`.
    """
    families: dict[str, list[str]] = {}
    for kind in evidence.kinds:
        family, mark, member = (kind if ":" in kind else kind.replace("=", ":", 1)).partition(":")
        families.setdefault(family, []).extend([member] if mark else [])
    for found in families.values():
        found.sort(key=lambda member: (len(member), member) if member.isdecimal() else (0, member))
    if not members:
        return ", ".join(families)
    return ", ".join(f"{family} ({', '.join(found)})" if found else family for family, found in families.items())


def figure(ratio: float) -> str:
    """A ratio with two significant digits below ten, and none behind the point above."""
    return f"{ratio:.0f}x" if ratio >= 9.95 else f"{ratio:.2g}x" if ratio < 0.995 else f"{ratio:.1f}x"


def evidence_text(evidence: Evidence) -> str:
    """The evidence in one line."""
    agree = evidence.recorded.agree if evidence.recorded is not None else 0
    recorded = f"; {agree} recorded input{'s agree' if agree > 1 else ' agrees'}" if agree else ""
    if evidence.verdict in (Verdict.UNVERIFIED, Verdict.INSUFFICIENT):
        why = f"{evidence.verdict}: {evidence.reason}" if evidence.reason else str(evidence.verdict)
        return why + recorded
    details = []
    if evidence.raised:
        details.append(f"{evidence.raised} where both raise")
    if evidence.excused:
        details.append(f"{evidence.excused} set aside because they break a named obligation")
    if names := standins(evidence):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        details.append(f"with stand-ins for {', '.join(names[:3])}{more}")
    tail = f" ({', '.join(details)})" if details else ""
    if evidence.verdict is Verdict.REFUTED:
        return f"refuted after {evidence.inputs} inputs{tail}"
    return f"verified on {evidence.inputs} inputs{tail}{recorded}"


def standins(evidence: Evidence) -> list[str]:
    """The functions that could not be run, and that others stood in for."""
    names = (kind.removeprefix("stub:") for kind in evidence.kinds if kind.startswith("stub:"))
    return sorted({re.split(r"[(\[~]", name)[0] for name in names})


def recorded_text(evidence: Evidence) -> str:
    """What the recorded inputs show, in one line; empty when there were none."""
    found = evidence.recorded
    if found is None:
        return ""
    parts = [f"{found.agree} agree{'s' if found.agree == 1 else ''}"]
    if found.agree and found.speedup:
        parts[0] += f" (the rewrite is {figure(found.speedup)} as fast on them)" if found.speedup > 1 else ""
    if found.excused:
        verbs = "differs and breaks" if found.excused == 1 else "differ and break"
        parts.append(f"{found.excused} {verbs} an assumption ({', '.join(found.broken)})")
    parts += [f"{number} not replayed: {why}" for why, number in found.skipped.items()]
    return "; ".join(parts)


def tier_text(tier: Tier) -> str:
    """What the tier means, for people who have not read the manual."""
    return {
        Tier.VECTOR: "vector (no Python loop left)",
        Tier.LOOKUP: "lookup (one batched look-up)",
        Tier.COMPREHENSION: "comprehension (reads better; little speed)",
        Tier.HOIST: "hoist (the loop stays; columns are read once)",
        Tier.EDIT: "edit (the same in other words)",
    }[tier]


def safety_text(form: Rewrite) -> str:
    """`safe`, or the assumptions in words."""
    if form.safe:
        return "safe"
    return "unsafe, assumes: " + "; ".join(f"{o.text} [{o.name}]" for o in form.obligations)


def counterexample_lines(found: Counterexample) -> Iterator[str]:
    """The input on which the versions differ, and what each of them gave."""
    for title, text in (("with", found.inputs), ("the loop gives", found.before), ("the rewrite gives", found.after)):
        first, *rest = text.strip("\n").split("\n")
        yield f"{title}: {first}"
        yield from (f"  {line}" for line in rest)


def printable(text: str) -> str:
    """Text from a file, safe for a terminal: control characters shown, not obeyed."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
