"""`fix --diff` on a terminal: one site at a time, and what is accepted is on disk before the next question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import Enum

from rich.console import Console
from rich.text import Text

from ..equivalence.model import Verdict
from ..sources.files import SourceError, SourceFile
from . import edit
from .apply import ApplyError, write
from .compose import apply, checked_diff, compatible, preserved
from .gather import Tick
from .judge import Judge
from .model import (
    Candidate,
    Problem,
    Proposal,
    counterexample_lines,
    evidence_text,
    printable,
    safety_text,
    speedup_text,
    tier_text,
)
from .propose import ROUNDS, Draft, Step, look

HELP = """\
y  apply this change now
n  leave this loop as it is
a  apply this change and all later ones of the same rule (unsafe ones only if this one is unsafe)
d  leave this loop and the rest of this file as they are
s  skip it for now; it is asked again at the end
e  edit the new code in $EDITOR; it is verified again before you are asked
q  stop here; what was applied stays applied
?  print this help"""


class Answer(Enum):
    """What a reviewer can say to one proposal."""

    YES = "y"
    NO = "n"
    ALL = "a"
    FILE = "d"
    SKIP = "s"
    EDIT = "e"
    QUIT = "q"
    HELP = "?"


@dataclass
class Page:
    """One file during one look: how it stood at the look, and what was accepted since."""

    draft: Draft
    base: SourceFile
    accepted: list[Proposal] = field(default_factory=list)


@dataclass
class Review:
    """A walk over the proposals of some files. `ask` gets the prompt and returns a line (EOFError means quit).

    `written` and `left` count proposals; what can't be written goes to the judge's problems.
    """

    drafts: Sequence[Draft]
    judge: Judge
    console: Console
    ask: Callable[[str], str] = input
    written: int = 0
    left: int = 0
    _all: dict[str, bool] = field(default_factory=dict)  # rule -> whether unsafe ones are meant too
    _closed: set[str] = field(default_factory=set)
    _refused: set[tuple[str, str, str]] = field(default_factory=set)
    _over: bool = False

    def run(self, progress: Callable[[], AbstractContextManager[Tick]]) -> None:
        """Ask until nothing new comes up or the reviewer quits. `progress` shows how far each look is."""
        waiting = list(self.drafts)
        for _ in range(ROUNDS):
            with progress() as self.judge.tick:
                look(waiting, self.judge)
            pages = [Page(draft, draft.current) for draft in waiting]
            queue = [(page, p) for page in pages for p in _proposals(page.draft) if self._is_new(p)]
            for page, proposal in self._walk(self._walk(queue, ""), " (skipped before)"):
                self._leave(page, proposal)
            waiting = [page.draft for page in pages if page.accepted]
            if self._over or not waiting:
                return

    def _walk(self, queue: Sequence[tuple[Page, Proposal]], note: str) -> list[tuple[Page, Proposal]]:
        """Ask about each of the queue. Returns what was skipped."""
        skipped: list[tuple[Page, Proposal]] = []
        for number, (page, proposal) in enumerate(queue, 1):
            if self._over or page.draft.name in self._closed:
                self._leave(page, proposal)
            elif compatible(proposal, page.accepted):  # else it comes up again in the next look, if it still holds
                answer, proposal = self._decide(page, proposal, f"{number} of {len(queue)}{note}")
                if answer is Answer.SKIP:
                    skipped.append((page, proposal))
                elif answer is Answer.YES:
                    self._accept(page, proposal)
                else:
                    self._leave(page, proposal)
        return skipped

    def _is_new(self, proposal: Proposal) -> bool:
        return (proposal.file, *proposal.key) not in self._refused

    def _leave(self, page: Page, proposal: Proposal) -> None:
        self._refused.add((page.draft.name, *proposal.key))
        self.left += 1

    def _accept(self, page: Page, proposal: Proposal) -> None:
        draft = page.draft
        new = preserved(page.base, apply(page.base, [*page.accepted, proposal]), self.judge.policy.preserve)
        try:
            write(draft.path, draft.current.data, new.data)
        except ApplyError as problem:
            self.judge.problems.append(Problem(draft.name, 0, str(problem)))
            self._closed.add(draft.name)
            self._leave(page, proposal)
            self._say(f"{draft.name}: {problem}", "red")
            return
        draft.current = new
        draft.steps.append(Step(proposal, new.data))
        page.accepted.append(proposal)
        self.written += 1
        self._say(f"applied to {draft.name}", "green")

    def _decide(self, page: Page, proposal: Proposal, place: str) -> tuple[Answer, Proposal]:
        self._show(proposal, place)
        if self._covered(proposal):
            return Answer.YES, proposal
        while True:
            match self._answer():
                case Answer.HELP:
                    self._say(HELP)
                case Answer.EDIT:
                    changed = self._edit(page, proposal)
                    if changed is not None:
                        proposal = changed
                        self._show(proposal, f"{place}, edited")
                case Answer.ALL:
                    self._all[proposal.form.rule.code] = not self._is_safe(proposal)
                    return Answer.YES, proposal
                case Answer.FILE:
                    self._closed.add(page.draft.name)
                    return Answer.NO, proposal
                case Answer.QUIT:
                    self._over = True
                    return Answer.NO, proposal
                case answer:
                    return answer, proposal

    def _covered(self, proposal: Proposal) -> bool:
        """Whether an earlier `a` means this proposal too."""
        unsafe_too = self._all.get(proposal.form.rule.code)
        return unsafe_too is not None and (unsafe_too or self._is_safe(proposal))

    def _is_safe(self, proposal: Proposal) -> bool:
        return self.judge.policy.accepts(proposal.form) and proposal.evidence.verdict is Verdict.VERIFIED

    def _answer(self) -> Answer:
        while True:
            try:
                said = self.ask("Apply this change? [y,n,a,d,s,e,q,?] ").strip().lower()
            except EOFError:
                self._say("")
                return Answer.QUIT
            try:
                return Answer(said[:1])
            except ValueError:
                self._say(HELP)

    def _edit(self, page: Page, proposal: Proposal) -> Proposal | None:
        """The proposal with the reviewer's text, verified again; None when there is nothing usable."""
        try:
            text = edit.in_editor(edit.current(proposal.placed))
            if text is None:
                self._say("nothing was changed")
                return None
            placed = edit.replaced(page.base.text, proposal.placed, text)
            after = page.base.with_text_edits(placed.text_edits)
        except (edit.EditError, SourceError) as problem:
            self._say(str(problem), "red")
            return None
        form = replace(proposal.form, summary="edited by hand")
        evidence = self.judge.verdict(proposal.finding, Candidate(form, placed), page.base.text)
        if evidence.verdict is Verdict.REFUTED:
            self._say(f"not taken over: {evidence_text(evidence)}", "red")
            if evidence.counterexample is not None:
                self._say("\n".join(counterexample_lines(evidence.counterexample)))
            return None
        after = preserved(page.base, after, self.judge.policy.preserve)
        diff = checked_diff(proposal.file, page.base, after)
        return replace(proposal, form=form, placed=placed, evidence=evidence, diff=diff)

    def _show(self, proposal: Proposal, place: str) -> None:
        finding, form = proposal.finding, proposal.form
        self.console.rule(Text(place))
        self._say(f"{finding.file}:{finding.line} {finding.function}", "bold")
        self._say(f"{form.rule.code} {form.rule.name} [{finding.severity}], tier {tier_text(form.tier)}")
        if form.summary:
            self._say(form.summary)
        self._say(safety_text(form), "green" if form.safe else "yellow")
        self._say(evidence_text(proposal.evidence))
        if measured := speedup_text(proposal.evidence):
            self._say(f"speed: {measured}")
        self._say("")
        for line in proposal.diff.decode("utf-8", "replace").split("\n"):
            self._say(line, _colour(line))

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(printable(text), style), soft_wrap=True)


def _proposals(draft: Draft) -> list[Proposal]:
    return [site.proposal for site in draft.sites if site.proposal is not None]


def _colour(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
