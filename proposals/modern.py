"""The judge for retired API: statements that use it, as sites with one form each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..codemods.engine import Project
from ..codemods.findings import Finding, Status, located
from ..codemods.retired.pieces import Modernised, modernise
from ..codemods.retired.uses import may_have_retired
from ..equivalence.model import Evidence, Verdict
from ..loops.obligations import Obligation
from ..sources.files import SourceError, SourceFile
from ..transforms.base import Rewrite, Tier
from .answers import declined_of
from .gather import Job, Tick, find_files
from .judge import Judge
from .model import Candidate, Problem, Site, internal_error
from .propose import Draft, propose, read_drafts
from .terms import Terms, chosen


@dataclass
class ModernJudge(Judge):
    """Says what can be proposed for retired API. Nothing is run: no pandas has both the old form and the new one."""

    def terms(self, path: Path) -> Terms:
        terms = super().terms(path)
        return replace(terms, policy=replace(terms.policy, unverified=True))

    def sites(self, files: Sequence[tuple[str, SourceFile]]) -> list[Site]:
        found: list[Site] = []
        for number, (name, source) in enumerate(files, 1):
            terms = self.terms(source.path)
            for one in self._modernised(name, source, terms):
                finding = located(_finding(name, one), source)
                if not chosen([finding], name, source.text, terms).findings:
                    continue  # a comment silences it
                kept = one.refusal is not None
                found.append(Site(finding) if kept else self._site(finding, source, [fitting(_candidate(one), source)]))
            self.tick("looking", number, len(files))
        return found

    def verdict(self, finding: Finding, candidate: Candidate, before: str) -> Evidence:
        return Evidence(Verdict.UNVERIFIED, reason="edited by hand, and not run")

    def _modernised(self, name: str, source: SourceFile, terms: Terms) -> list[Modernised]:
        if not may_have_retired(source.text):
            return []
        try:
            return modernise(source, terms.wants, terms.policy.assume)
        except SourceError as problem:
            self._problem(Problem(name, problem.line or 0, problem.message))
        except Exception as problem:  # a bug of ours in one file is no reason to lose the others
            self._problem(Problem(name, 0, internal_error(problem)))
        return []

    def _problem(self, problem: Problem) -> None:
        if problem not in self.problems:  # a file is looked at again once it has changed
            self.problems.append(problem)


def open_modern(job: Job, tick: Tick) -> tuple[list[Draft], ModernJudge]:
    """The files of the job that may use retired API, and the judge for them."""
    files, problems = find_files(job)
    drafts = [draft for draft in read_drafts(files, problems) if may_have_retired(draft.current.text)]
    judge = ModernJudge(Project.for_paths([]), job.options, job.policy, job.wants, tick, problems)
    judge.local = job.local
    return drafts, judge


def modernised(job: Job, tick: Tick) -> tuple[list[Draft], ModernJudge]:
    """All that can be modernised, applied in memory."""
    drafts, judge = open_modern(job, tick)
    propose(drafts, judge, declined_of(job))
    return drafts, judge


def fitting(candidate: Candidate, source: SourceFile) -> Candidate:
    """The candidate, without its place if the file can't take the edits: a cell of a notebook, an encoding."""
    if candidate.placed is None:
        return candidate
    try:
        source.with_text_edits(candidate.placed.text_edits)
    except SourceError as problem:
        return replace(candidate, placed=None, why=problem.message)
    return candidate


def _form(one: Modernised) -> Rewrite:
    owed: dict[str, Obligation] = {o.name: o for change in one.changes for o in change.obligations}
    imports = tuple(dict.fromkeys(line for change in one.changes for line in change.imports))
    summary = "; ".join(change.summary for change in one.changes)
    return Rewrite(one.rule, Tier.EDIT, (), tuple(owed.values()), imports, summary=summary)


def _candidate(one: Modernised) -> Candidate:
    """The form with why it was not run, and what stands for it: `tests/test_modernize.py` runs the examples on both."""
    why = (
        f"{one.until} is the last with the old form, so that nothing runs both; the examples of the rule were run "
        "with the old form there and the new form here"
    )
    return Candidate(_form(one), one.placed, Evidence(Verdict.UNVERIFIED, reason=why))


def _finding(name: str, one: Modernised) -> Finding:
    rule, why = one.rule, one.refusal
    if why is not None:
        where = (name, why.line, why.line, one.function)
        return Finding(*where, rule, rule.severity, Status.REFUSED, (), why, why.message)
    form = _form(one)
    where = (name, one.line, one.end_line, one.function)
    return Finding(*where, rule, rule.severity, Status.PROPOSAL, (form,), None, form.summary)
