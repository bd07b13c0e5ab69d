"""The judge of `fix`: retired API comes first, where a loop can be rewritten once it is up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..codemods.findings import Finding
from ..codemods.retired.uses import may_have_retired
from ..equivalence.model import Evidence
from ..sources.files import SourceError, SourceFile
from ..transforms.base import Tier
from .compose import apply
from .judge import Judge, lines
from .model import Candidate, Proposal, Site

if TYPE_CHECKING:
    from .modern import ModernJudge  # pulls in Bowler


@dataclass
class UnlockingJudge(Judge):
    """Offers, besides what can be done for loops, the edits of retired API without which a loop has no rewrite."""

    remember: bool = True  # a file is looked at once more as it would be

    @cached_property
    def _modern(self) -> ModernJudge:
        from .modern import ModernJudge

        judge = ModernJudge(self.project, self.options, self.policy, self.wants)
        judge.local = self.local
        return judge

    def sites(self, files: Sequence[tuple[str, SourceFile]]) -> list[Site]:
        found = super().sites(files)
        more = [
            site
            for name, source in files
            if may_have_retired(source.text)
            for site in self._unlocking(name, source, [site for site in found if site.finding.file == name])
        ]
        names = [name for name, _ in files]
        return sorted([*found, *more], key=lambda site: (names.index(site.finding.file), site.finding.line))

    def verdict(self, finding: Finding, candidate: Candidate, before: str) -> Evidence:
        if candidate.form.tier is Tier.EDIT:
            return self._modern.verdict(finding, candidate, before)
        return super().verdict(finding, candidate, before)

    def _unlocking(self, name: str, source: SourceFile, sites: Sequence[Site]) -> list[Site]:
        blocked = [site.finding for site in sites if site.proposal is None and _is_dated(site.finding, source)]
        if not blocked:
            return []
        edits = [site for site in self._modern.sites([(name, source)]) if site.proposal is not None]
        now = sum(site.proposal is not None for site in sites)
        kept: dict[int, Site] = {}
        for loop in blocked:
            inside = [site for site in edits if loop.line <= site.finding.line <= loop.end_line]
            if inside and self._number_with(name, source, inside) > now:
                kept |= {id(site): site for site in inside}
        return list(kept.values())

    def _number_with(self, name: str, source: SourceFile, edits: Sequence[Site]) -> int:
        """How many loops of the file can be rewritten once these edits are made."""
        problems, refuted = list(self.problems), list(self.refuted)
        proposals: list[Proposal] = [site.proposal for site in edits if site.proposal is not None]
        try:
            return sum(site.proposal is not None for site in super().sites([(name, apply(source, proposals))]))
        except SourceError:
            return 0
        finally:
            self.problems[:], self.refuted[:] = problems, refuted  # of a file that is not there yet


def _is_dated(finding: Finding, source: SourceFile) -> bool:
    """Whether a loop may use retired API."""
    first = finding.line
    return may_have_retired(lines(source.text, (first, finding.end_line)))
