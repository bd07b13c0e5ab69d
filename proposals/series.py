"""The proposals of some files as commits, each of which can be taken back alone."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
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

    `shared` are names that come with it and that several of its proposals need: no two commits could have them. One
    without proposals brings what its `title` says.
    """

    files: dict[str, bytes]
    proposals: list[Proposal] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    title: str = ""


@dataclass(frozen=True)
class _Plan:
    """One file: for each of its steps the number of the commit that it goes into, that of the first step in it."""

    draft: Draft
    groups: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    shared: dict[int, list[str]] = field(default_factory=dict)

    @property
    def whole(self) -> _Plan:
        """The same with all steps in one commit."""
        return _Plan(self.draft, (0,) * len(self.groups))

    def state(self, done: Collection[int]) -> bytes:
        """The file with some of the commits."""
        if not self.regions:
            return self.draft.current.data if done else self.draft.original.data
        return text_with(self.regions, lambda region: any(self.groups[owner] in done for owner in region.owners))

    def members(self, group: int) -> list[Proposal]:
        return [step.proposal for step, other in zip(self.draft.steps, self.groups, strict=True) if other == group]

    def parts(self, per: Per) -> dict[object, int]:
        """What tells its commits from others, and their numbers."""
        return {self._key(per, group): group for group in dict.fromkeys(self.groups)}

    def _key(self, per: Per, group: int) -> object:
        name = self.draft.name
        whole = {Per.FILE: name, Per.RULE: self.members(group)[0].form.rule.code, Per.ALL: ""}
        return whole.get(per, (name, group))


def series(drafts: Iterable[Draft], per: Per, together: bool = False) -> list[Commit]:
    """The commits in order. `together`: proposals for one function are one change, as their original is kept once."""
    plans = [_plan(draft, per, together) for draft in drafts if draft.steps]
    order = list(dict.fromkeys(key for plan in plans for key in plan.parts(per)))
    fitting = [plan if _fits(plan, per, order) else plan.whole for plan in plans]
    commits: dict[object, Commit] = {key: Commit({}) for key in order}
    for plan in fitting:
        parts, done = plan.parts(per), set()
        for key in order:
            if key not in parts:
                continue
            done.add(parts[key])
            commits[key].files[plan.draft.name] = plan.state(done)
            commits[key].proposals += plan.members(parts[key])
            commits[key].shared += [n for n in plan.shared.get(parts[key], ()) if n not in commits[key].shared]
    return [commit for commit in commits.values() if commit.files]


def _plan(draft: Draft, per: Per, together: bool) -> _Plan:
    if isinstance(draft.original, Notebook):
        return _Plan(draft, (0,) * len(draft.steps))  # its lines are those of its JSON: never apart within a cell
    regions = weave(draft.original.data, [step.data for step in draft.steps])
    links = _links(draft, regions, per, together)
    apart = [links.root(number) for number in range(len(draft.steps))]
    sharing = [region for region in regions if region.supply]
    for region in sharing:
        for owner in _users(region, regions):
            links.join(min(region.owners), owner)
    groups = tuple(links.root(number) for number in range(len(draft.steps)))
    shared: dict[int, list[str]] = {}
    for region in sharing:
        if len({apart[owner] for owner in _users(region, regions)}) > 1:
            shared.setdefault(groups[min(region.owners)], []).extend(sorted(region.supply))
    return _Plan(draft, groups, tuple(regions), shared)


def _fits(plan: _Plan, per: Per, order: Sequence[object]) -> bool:
    """Whether the file is whole after each of its commits, and after each of them was taken back alone."""
    parts = plan.parts(per)
    groups = [parts[key] for key in order if key in parts]
    if len(groups) < 2:
        return True
    states = {plan.state(groups[:number]) for number in range(1, len(groups))}
    states |= {plan.state([other for other in groups if other != group]) for group in groups}
    draft = plan.draft
    known = _unbound(draft, draft.original.data)
    made = _unbound(draft, draft.current.data)
    if known is None or made is None or plan.state(groups) != draft.current.data:
        return False
    return all((names := _unbound(draft, data)) is not None and names <= known | made for data in states)


def _users(region: Region, regions: Iterable[Region]) -> frozenset[int]:
    """The steps that bring these names, and those whose lines have one of them."""
    using = (other.owners for other in regions if other is not region and other.mentions(region.supply))
    return region.owners.union(*using)


def _links(draft: Draft, regions: Iterable[Region], per: Per, together: bool) -> _Links:
    """The steps that are one commit, whatever they share."""
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
        for owner in region.owners if not region.supply else ():
            links.join(min(region.owners), owner)
    return links


def _unbound(draft: Draft, data: bytes) -> frozenset[str] | None:
    """The names that are read and bound nowhere in the file; None when it does not parse."""
    try:
        tree = parse(SourceFile.from_bytes(draft.path, data))
    except SourceError:
        return None
    nodes = list(ast.walk(tree))
    read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return frozenset(read - {name for node in nodes for name in _bound(node)})


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=str(name), ctx=ast.Store()) | ast.arg(arg=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((one.asname or one.name).partition(".")[0] for one in names)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


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
