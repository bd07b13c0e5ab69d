"""The proposals of some files as commits, each of which can be taken back alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..sources.files import SourceError, SourceFile, parse
from ..sources.notebooks import Notebook
from .model import Proposal
from .propose import Draft
from .weave import Region, text_with, weave


class Per(StrEnum):
    """What makes one commit."""

    PROPOSAL = "proposal"
    FILE = "file"
    RULE = "rule"
    ALL = "all"


@dataclass
class Commit:
    """What is committed at once: the files from then on, and the proposals in it.

    Without proposals it brings the `supply`, imports and functions that several later ones (`users`) need, or what
    its `title` says.
    """

    files: dict[str, bytes]
    proposals: list[Proposal] = field(default_factory=list)
    supply: list[str] = field(default_factory=list)
    users: list[Proposal] = field(default_factory=list)
    title: str = ""


@dataclass(frozen=True)
class _Part:
    """The part of a commit in one file."""

    data: bytes
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class _Plan:
    """One file: what several parts need, with those that do, and the parts."""

    draft: Draft
    supply: tuple[str, ...]
    supplied: bytes
    users: tuple[Proposal, ...]
    parts: tuple[_Part, ...]


def series(drafts: Iterable[Draft], per: Per, together: bool = False) -> list[Commit]:
    """The commits in order. `together`: proposals for one function are one change, as their original is kept once."""
    plans = [_plan(draft, per, together) for draft in drafts if draft.steps]
    supplies = [
        Commit({plan.draft.name: plan.supplied}, supply=list(plan.supply), users=list(plan.users))
        if plan.supply
        else None
        for plan in plans
    ]
    if per is Per.PROPOSAL:
        out: list[Commit] = []
        for plan, supply in zip(plans, supplies, strict=True):
            out += [supply] if supply is not None else []
            out += [Commit({plan.draft.name: part.data}, list(part.proposals)) for part in plan.parts]
        return out
    joined = _joined([commit for commit in supplies if commit is not None])
    groups: dict[str, Commit] = {}
    for plan in plans:
        for part in plan.parts:
            commit = groups.setdefault(_key(per, plan, part), Commit({}))
            commit.files[plan.draft.name] = part.data
            commit.proposals += part.proposals
    return [*joined, *groups.values()]


def _key(per: Per, plan: _Plan, part: _Part) -> str:
    return {Per.FILE: plan.draft.name, Per.RULE: part.proposals[0].form.rule.code}.get(per, "")


def _joined(commits: Sequence[Commit]) -> list[Commit]:
    """Several commits that bring something as one."""
    if len(commits) < 2:
        return list(commits)
    made = Commit({})
    for commit in commits:
        made.files |= commit.files
        made.supply += [name for name in commit.supply if name not in made.supply]
        made.users += commit.users
    return [made]


def _plan(draft: Draft, per: Per, together: bool) -> _Plan:
    proposals = [step.proposal for step in draft.steps]
    whole = _Plan(draft, (), b"", (), (_Part(draft.current.data, tuple(proposals)),))
    if isinstance(draft.original, Notebook):
        return whole  # its lines are those of its JSON, in which changes of one cell are never apart
    regions = weave(draft.original.data, [step.data for step in draft.steps])
    groups = _groups(draft, regions, per, together)
    if len(set(groups)) < 2:
        return whole
    shared = _shared(regions, groups)
    plan = _parts(draft, regions, groups, shared)
    states = [*([plan.supplied] if plan.supply else ()), *(part.data for part in plan.parts)]
    fits = plan.parts[-1].data == draft.current.data and all(_parses(draft, data) for data in states)
    return plan if fits else whole


def _parts(draft: Draft, regions: Sequence[Region], groups: Sequence[int], shared: frozenset[int]) -> _Plan:
    proposals = [step.proposal for step in draft.steps]
    done: set[int] = set()

    def state() -> bytes:
        """The file with what several need and the groups that are done."""
        return text_with(regions, lambda r: id(r) in shared or any(groups[owner] in done for owner in r.owners))

    supplied = state()
    parts = []
    for group in dict.fromkeys(groups):
        done.add(group)
        members = tuple(p for p, other in zip(proposals, groups, strict=True) if other == group)
        parts.append(_Part(state(), members))
    names = sorted({name for region in regions if id(region) in shared for name in region.supply})
    using = {groups[o] for r in regions if id(r) not in shared and r.mentions(names) for o in r.owners}
    users = tuple(p for p, group in zip(proposals, groups, strict=True) if group in using)
    return _Plan(draft, tuple(names), supplied, users, tuple(parts))


def _groups(draft: Draft, regions: Sequence[Region], per: Per, together: bool) -> list[int]:
    """For each step the number of its commit: that of the first step in it."""
    steps = draft.steps
    links = _Links(len(steps))
    by: dict[object, int] = {}
    for number, step in enumerate(steps):
        function, rule = step.proposal.finding.function, step.proposal.form.rule.code
        if per is not Per.PROPOSAL:
            links.join(number, by.setdefault(rule if per is Per.RULE else None, number))
        # made possible by what was rewritten before in its function, or derived from it
        earlier = [k for k in range(number) if steps[k].proposal.finding.function == function]
        for other in earlier:
            if together or steps[other].base != step.base:
                links.join(number, other)
    for region in regions:
        if len(region.owners) > 1 and not region.supply:
            for owner in region.owners:
                links.join(min(region.owners), owner)
    return [links.root(number) for number in range(len(steps))]


def _shared(regions: Sequence[Region], groups: Sequence[int]) -> frozenset[int]:
    """The regions that bring names which several commits need, or which other such regions do."""
    shared: set[int] = set()
    while True:
        more = {id(r) for r in regions if id(r) not in shared and r.supply and _is_shared(r, regions, groups, shared)}
        if not more:
            return frozenset(shared)
        shared |= more


def _is_shared(region: Region, regions: Sequence[Region], groups: Sequence[int], shared: set[int]) -> bool:
    own = {groups[owner] for owner in region.owners}
    if len(own) > 1:
        return True
    for other in regions:
        foreign = id(other) in shared or any(groups[owner] not in own for owner in other.owners)
        if other is not region and foreign and other.mentions(region.supply):
            return True
    return False


def _parses(draft: Draft, data: bytes) -> bool:
    try:
        parse(SourceFile.from_bytes(draft.path, data))
    except SourceError:
        return False
    return True


class _Links:
    """Numbers that belong together; the least of them stands for all."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def root(self, number: int) -> int:
        while self.parent[number] != number:
            number = self.parent[number]
        return number

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self.parent[second] = first
