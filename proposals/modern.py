"""The judge for retired API: statements that use it, as sites with one form each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..codemods.engine import Project
from ..codemods.findings import Finding, Status
from ..codemods.retired.pieces import Modernised, modernise
from ..codemods.retired.uses import may_have_retired
from ..equivalence.model import Evidence, Verdict
from ..loops.obligations import Obligation
from ..loops.remarks import Refusal
from ..sources.files import SourceError, SourceFile
from ..transforms.base import Rewrite, Tier
from .gather import Job, Tick, find_files
from .judge import Judge
from .model import Candidate, Problem, Site, internal_error
from .propose import Draft, propose, read_drafts


@dataclass
class ModernJudge(Judge):
    """Says what can be proposed for retired API. Nothing is run: no pandas has both the old form and the new one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.policy = replace(self.policy, unverified=True)

    def sites(self, files: Sequence[tuple[str, SourceFile]]) -> list[Site]:
        found: list[Site] = []
        for number, (name, source) in enumerate(files, 1):
            modernised = self._modernised(name, source)
            for one in modernised:
                if one.refusal is not None:
                    found.append(Site(_left(name, one, one.refusal)))
                else:
                    found.append(self._site(_finding(name, one), source, [_candidate(one)]))
            self.tick("looking", number, len(files))
        return found

    def verdict(self, finding: Finding, candidate: Candidate, before: str) -> Evidence:
        return Evidence(Verdict.UNVERIFIED, reason="edited by hand, and not run")

    def _modernised(self, name: str, source: SourceFile) -> list[Modernised]:
        if not may_have_retired(source.text):
            return []
        try:
            return modernise(source, self.wants, self.policy.assume)
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
    return drafts, ModernJudge(Project.for_paths([]), job.options, job.policy, job.wants, tick, problems)


def modernised(job: Job, tick: Tick) -> tuple[list[Draft], ModernJudge]:
    """All that can be modernised, applied in memory."""
    drafts, judge = open_modern(job, tick)
    propose(drafts, judge)
    return drafts, judge


def _candidate(one: Modernised) -> Candidate:
    owed: dict[str, Obligation] = {o.name: o for change in one.changes for o in change.obligations}
    imports = tuple(dict.fromkeys(line for change in one.changes for line in change.imports))
    summary = "; ".join(change.summary for change in one.changes)
    form = Rewrite(one.rule, Tier.EDIT, (), tuple(owed.values()), imports, summary=summary)
    return Candidate(form, one.placed, Evidence(Verdict.UNVERIFIED, reason=_why(one)))


def _why(one: Modernised) -> str:
    """Why it was not run, and what stands for it: `tests/test_modernize.py` runs the examples on both."""
    return (
        f"{one.until} is the last with the old form, so that nothing runs both; the examples of the rule were run "
        "with the old form there and the new form here"
    )


def _finding(name: str, one: Modernised) -> Finding:
    message = "; ".join(change.summary for change in one.changes)
    span = (one.line, one.end_line)
    return Finding(name, *span, one.function, one.rule, one.rule.severity, Status.PROPOSAL, (), None, message)


def _left(name: str, one: Modernised, why: Refusal) -> Finding:
    where = (name, why.line, why.line, one.function)
    return Finding(*where, one.rule, one.rule.severity, Status.REFUSED, (), why, why.message)
