"""The ways through this room for the commands that run the rewrites: to drafts and files."""

from __future__ import annotations

from collections.abc import Sequence

from ..codemods.engine import Project
from ..codemods.findings import Finding, Status
from ..codemods.retired.uses import FIRST
from ..equivalence.interpreter import choose_python
from ..equivalence.recordings import Recordings, runs_near
from .answers import declined_of
from .apply import ApplyError
from .gather import Job, Tick, find_files, look_at
from .journal import Journal
from .judge import Judge
from .model import Problem, Proposal
from .propose import Draft, keep_originals, propose, read_drafts
from .survey import MANY
from .unlock import UnlockingJudge


def open_drafts(
    job: Job, tick: Tick, wanted: Sequence[Status] = (Status.PROPOSAL,), unlock: bool = False
) -> tuple[list[Draft], Judge]:
    """The files to look at closely, and the judge for them (with the problems so far).

    Of many files, only those in which something is `wanted` are kept. `unlock`: the judge offers to bring retired API
    up to date where that makes a rewrite possible; not where the originals are kept, which would not run.

    Raises NoInterpreter when there is no Python to run the code with.
    """
    if job.policy.python:
        choose_python(job.policy.python)
    files, problems = find_files(job)
    project = Project.for_paths([path for _, path in files])
    if len(files) >= MANY:
        looked, problems = look_at(job, tick)
        files = [
            (one.name, one.path)
            for one in looked
            if any(f.status in wanted or (unlock and is_advised(f)) for f in one.findings)
        ]
    kind = UnlockingJudge if unlock and job.policy.preserve is None else Judge
    judge = kind(project, job.options, job.policy, job.wants, tick, problems)
    judge.local = job.local
    judge.recordings = Recordings(runs_near([path for _, path in files]))
    return read_drafts(files, problems), judge


def fixed(job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
    """All proposals of the job, applied in memory, with what is kept of the functions that they change."""
    drafts, judge = open_drafts(job, tick, unlock=True)
    propose(drafts, judge, declined_of(job))
    if job.policy.preserve is not None:
        keep_originals(drafts, judge)
    return drafts, judge


def write_all(drafts: Sequence[Draft], judge: Judge, journal: Journal) -> list[Proposal]:
    """Write the drafts that changed. Returns the proposals that are on disk now; failures are the judge's problems."""
    written: list[Proposal] = []
    for draft in drafts:
        if not draft.changed:
            continue
        proposals = [step.proposal for step in draft.steps]
        try:
            journal.write(draft.path, draft.original.data, draft.current.data, proposals)
        except ApplyError as problem:
            judge.problems.append(Problem(draft.name, 0, str(problem)))
        else:
            written += proposals
    return written


def is_advised(finding: Finding) -> bool:
    """Whether a loop is refused, and has retired API in it that can be brought up to date."""
    return finding.refusal is not None and finding.refusal.hint.startswith(FIRST)
