"""What can be done for a set of files: look, apply in memory, look again until nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from ..codemods.findings import located
from ..sources.files import SourceError, SourceFile, read_source
from .compose import apply, checked_diff, first_come, preserved
from .judge import Judge
from .model import Problem, Proposal, Site

#: A rewrite can make another one possible; more looks than this mean that two rules undo each other.
ROUNDS = 6


@dataclass(frozen=True)
class Step:
    """One proposal, and the bytes of the file once it and those before it are applied.

    `base` is the text of the file that the proposal was made for.
    """

    proposal: Proposal
    data: bytes
    base: str = ""


@dataclass
class Draft:
    """One file on its way from how it was read to how it shall be.

    `name` is how messages call it, `sites` are those of the last look at it.
    """

    name: str
    path: Path
    original: SourceFile
    current: SourceFile
    steps: list[Step] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.current.data != self.original.data

    def diff(self) -> bytes:
        """All steps as one unified diff; empty when nothing changes."""
        return checked_diff(self.name, self.original, self.current) if self.changed else b""


def read_drafts(paths: Iterable[tuple[str, Path]], problems: list[Problem]) -> list[Draft]:
    """Read the files, each with the name to show for it; what can't be read becomes a problem."""
    drafts = []
    for name, path in paths:
        try:
            source = read_source(path)
        except SourceError as problem:
            problems.append(Problem(name, problem.line or 0, problem.message))
        else:
            told = (Problem(name, 0, remark) for remark in source.remarks[:1])
            problems.extend(one for one in told if one not in problems)
            drafts.append(Draft(name, path, source, source))
    return drafts


def propose(
    drafts: Sequence[Draft], judge: Judge, declined: Callable[[Draft], Collection[Proposal]] = lambda draft: ()
) -> None:
    """Bring every draft to where no more can be proposed for it. What is `declined` of a draft is left out."""
    waiting = list(drafts)
    for _ in range(ROUNDS):
        look(waiting, judge)
        for draft in waiting:
            gone = {id(proposal) for proposal in declined(draft)}
            draft.sites = [_without(site) if id(site.proposal) in gone else site for site in draft.sites]
            draft.sites = _as_read(draft)
        waiting = [draft for draft in waiting if _advance(draft, judge)]
        if not waiting:
            return
    for draft in waiting:
        judge.problems.append(Problem(draft.name, 0, f"still changes after {ROUNDS} rounds; run deloop once more"))


def keep_originals(drafts: Sequence[Draft], judge: Judge) -> None:
    """Put what the user wants kept of rewritten functions into the drafts, once all their rewrites are known."""
    for draft in drafts:
        try:
            steps = [replace(step, data=_kept(draft, step.data, judge)) for step in draft.steps]
            draft.current = preserved(draft.original, draft.current, judge.policy.preserve)
            draft.steps = steps
        except SourceError as problem:
            judge.problems.append(Problem(draft.name, problem.line or 0, problem.message))
            draft.current, draft.steps = draft.original, []


def _kept(draft: Draft, data: bytes, judge: Judge) -> bytes:
    after = SourceFile.from_bytes(draft.path, data)
    return preserved(draft.original, after, judge.policy.preserve).data


def look(drafts: Sequence[Draft], judge: Judge) -> None:
    """Judge the drafts as they stand now, all in one batch."""
    sites = judge.sites([(draft.name, draft.current) for draft in drafts])
    for draft in drafts:
        draft.sites = [site for site in sites if site.finding.file == draft.name]


def _as_read(draft: Draft) -> list[Site]:
    """The sites with the line numbers of the file as it was read, which is what the user has before them."""
    if not draft.changed:
        return draft.sites
    blocks = SequenceMatcher(None, _rows(draft.original), _rows(draft.current), autojunk=False).get_matching_blocks()

    def original(line: int) -> int:
        block = max((b for b in blocks if b.b < line), key=lambda b: b.b, default=blocks[0])
        return block.a + min(line - block.b, max(block.size, 1))

    return [_moved(site, original, draft.original) for site in draft.sites]


def _without(site: Site) -> Site:
    return replace(site, proposal=None, declined=True)


def _moved(site: Site, original: Callable[[int], int], source: SourceFile) -> Site:
    old = site.finding
    finding = located(replace(old, line=original(old.line), end_line=original(old.end_line)), source)
    proposal = replace(site.proposal, finding=finding) if site.proposal is not None else None
    return replace(site, finding=finding, proposal=proposal)


def _rows(source: SourceFile) -> list[str]:
    return source.text.split("\n")


def _advance(draft: Draft, judge: Judge) -> bool:
    """Apply what was proposed for this draft. True when it changed."""
    proposals = first_come(site.proposal for site in draft.sites if site.proposal is not None)
    base = draft.current
    try:
        for number, proposal in enumerate(proposals, 1):
            draft.current = apply(base, proposals[:number])
            draft.steps.append(Step(proposal, draft.current.data, base.text))
    except SourceError as problem:
        judge.problems.append(Problem(draft.name, problem.line or 0, problem.message))
        return False
    return bool(proposals)
