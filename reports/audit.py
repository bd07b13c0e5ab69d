"""What `deloop report` says of a project: every slow loop, where it stands, and what is known of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..codemods.findings import Finding, Status
from ..proposals.baseline import Baseline, Compared
from ..proposals.history import Entry
from ..proposals.model import Candidate, Proposal, Site, Verb
from ..proposals.terms import Silenced
from ..transforms.base import Severity
from .findings import Report

#: So many lines of a loop, or of a diff, are shown.
LINES, DIFF = 16, 120
#: A longer line is cut.
WIDE = 160

Key = tuple[str, int, int, str]


class Standing(StrEnum):
    """What can be done about an open loop. Held back: a rewrite is known, but running it spoke against it."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    HELD = "held"
    LEFT = "left"


@dataclass(frozen=True)
class Item:
    """One open loop. `lines` are those of its code that are shown, `cut` says how many are not.

    `blocking` is the line that stands in the way with its code. `site` is there if the verifier was run.
    """

    finding: Finding
    standing: Standing
    lines: tuple[str, ...] = ()
    cut: int = 0
    blocking: str = ""
    evidence: tuple[str, ...] = ()
    seconds: float | None = None
    recorded: str = ""
    site: Site | None = None

    @property
    def proposal(self) -> Proposal | None:
        return self.site.proposal if self.site is not None else None

    @property
    def held(self) -> Candidate | None:
        """The form that was not offered, the best first."""
        candidates = self.site.candidates if self.site is not None else ()
        return next((c for c in candidates if c.verb not in (Verb.CHOSEN, Verb.POSSIBLE)), None)


@dataclass(frozen=True)
class Tally:
    """The counts of some open loops."""

    by_severity: Mapping[Severity, int]
    by_standing: Mapping[Standing, int]
    seconds: float | None

    @property
    def total(self) -> int:
        return sum(self.by_severity.values())

    @property
    def heat(self) -> tuple[float, ...]:
        """Hotter sorts first: recorded time, then the worst loops."""
        return (-(self.seconds or 0.0), *(-self.by_severity.get(level, 0) for level in Severity))


@dataclass(frozen=True)
class Audit:
    """All of it. `date` is None where none was given; `verified`: the rewrites were run for this report."""

    title: str
    report: Report
    items: Sequence[Item]
    silenced: Sequence[Silenced]
    now: Entry
    date: str | None = None
    history: Sequence[Entry] = ()
    baseline: tuple[Baseline, Compared] | None = None
    verified: bool = False
    settings: str = ""

    @property
    def recorded(self) -> bool:
        return any(item.seconds is not None for item in self.items)

    @property
    def justified(self) -> list[Silenced]:
        return [one for one in self.silenced if one.reason]

    @property
    def unexplained(self) -> list[Silenced]:
        return [one for one in self.silenced if not one.reason]

    def standing(self, *wanted: Standing) -> list[Item]:
        return [item for item in self.items if item.standing in wanted]


def items_of(report: Report, sites: Iterable[Site] = (), verified: bool = False) -> list[Item]:
    """The open loops of a report, with what running their rewrites showed if that was done."""
    by_place = {_key(site.finding): site for site in sites}
    found, last, rows = [], None, []
    for finding in report.open:
        if finding.file != last:
            last, rows = finding.file, report.sources.lines(finding.file)
        site = by_place.get(_key(finding))
        found.append(_item(report, finding, rows, site, verified))
    return found


def tally(items: Sequence[Item]) -> Tally:
    seconds = [item.seconds for item in items if item.seconds is not None]
    return Tally(
        Counter(item.finding.severity for item in items),
        Counter(item.standing for item in items),
        sum(seconds) if seconds else None,
    )


def grouped(items: Iterable[Item], key: Callable[[Item], str]) -> list[tuple[str, Tally]]:
    """Counts by something, the hottest first."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    counted = [(name, tally(group)) for name, group in groups.items()]
    return sorted(counted, key=lambda pair: (pair[1].heat, pair[0]))


def counted(report: Report, silenced: Sequence[Silenced], date: str, revision: str, scope: str) -> Entry:
    """The counts of this run for the history. They do not depend on whether anything was run."""
    levels = Counter(str(finding.severity) for finding in report.open)
    standings = Counter(_at_first_sight(finding) for finding in report.open)
    justified = sum(bool(one.reason) for one in silenced)
    return Entry(
        date,
        revision,
        scope,
        report.files,
        **{str(level): levels[str(level)] for level in Severity},
        **{str(s): standings[s] for s in (Standing.SAFE, Standing.UNSAFE, Standing.LEFT)},
        justified=justified,
        silenced=len(silenced) - justified,
    )


def cut(line: str) -> str:
    """A line that fits on a page."""
    return line if len(line) <= WIDE else f"{line[: WIDE - 1]}\u2026"


def _key(finding: Finding) -> Key:
    return finding.file, finding.line, finding.end_line, finding.function


def _item(report: Report, finding: Finding, rows: Sequence[str], site: Site | None, verified: bool) -> Item:
    lines = rows[finding.line - 1 : finding.end_line]
    times = report.profile.of(finding) if report.profile is not None else None
    standing = _at_first_sight(finding)
    if verified and standing is not Standing.LEFT:
        standing = _when_run(site)
    refusal = finding.refusal
    blocking = rows[refusal.line - 1].strip() if refusal is not None and 0 < refusal.line <= len(rows) else ""
    return Item(
        finding,
        standing,
        tuple(cut(line.rstrip("\r")) for line in _dedented(lines[:LINES])),
        max(0, len(lines) - LINES),
        cut(blocking),
        tuple(report.evidence(finding)),
        times["seconds"] if times is not None else None,
        report.profile.line(finding).partition(": ")[2] if report.profile is not None and times is not None else "",
        site,
    )


def _at_first_sight(finding: Finding) -> Standing:
    if finding.status is not Status.PROPOSAL:
        return Standing.LEFT
    return Standing.SAFE if any(form.safe for form in finding.forms) else Standing.UNSAFE


def _when_run(site: Site | None) -> Standing:
    if site is None or site.proposal is None:
        return Standing.HELD
    return Standing.SAFE if site.proposal.form.safe else Standing.UNSAFE


def _dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the margin of the first, where they all have it."""
    first = lines[0] if lines else ""
    margin = first[: len(first) - len(first.lstrip())]
    if not all(line.startswith(margin) or not line.strip() for line in lines):
        return list(lines)
    return [line[len(margin) :] for line in lines]
