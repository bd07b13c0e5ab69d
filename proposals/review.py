"""`fix --diff` on a terminal: one site at a time, and what is accepted is on disk before the next question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Protocol

from ..equivalence.model import Verdict
from ..sources.files import SourceError, SourceFile, read_source
from . import edit
from .answers import Answers, Key, keyed
from .apply import ApplyError, Changed
from .compose import apply, checked_diff, preserved
from .gather import Tick, label_of
from .journal import Journal
from .judge import Judge
from .model import Candidate, Problem, Proposal, counterexample_lines, evidence_text
from .propose import ROUNDS, Draft, Step, look
from .take_back import Accepted, take_back

#: So many files are looked at before the first question, and whenever all in those are answered.
AT_ONCE = 4
#: So much of a value is shown where an edit was refuted.
LONGEST = 300
HELP = """\
y  apply this change now
n  leave this loop as it is; it is not asked again
a  apply this change and all later ones of its rule (unsafe: if this one is)
d  leave this loop and the rest of this file as they are
s  skip it for now; it is asked again at the end, and in the next review
e  edit the new code in $EDITOR; it is verified before you are asked again
u  undo the last answer; an applied change is taken out of the file again
q  stop here; what was applied stays, the next review goes on from here
?  print this help, and all that is known of this change"""


class Answer(Enum):
    """What a reviewer can say to one proposal."""

    YES = "y"
    NO = "n"
    ALL = "a"
    FILE = "d"
    SKIP = "s"
    EDIT = "e"
    UNDO = "u"
    QUIT = "q"
    HELP = "?"


class Screen(Protocol):
    """Where the questions are shown. `ask` gets the prompt and returns a line; EOFError means quit."""

    def show(self, proposal: Proposal, base: SourceFile, place: str) -> None: ...

    def explain(self, proposal: Proposal) -> None: ...

    def say(self, text: str, style: str = "") -> None: ...

    def ask(self, prompt: str) -> str: ...


@dataclass
class Page:
    """One file: its proposals by their keys, as they were at the last look. `most`: so many may be applied unasked."""

    draft: Draft
    file: str
    asked: dict[Key, Proposal] = field(default_factory=dict)
    most: int = 0
    stale: bool = False
    closed: bool = False  # it can't be written


@dataclass
class Memory:
    """What was answered so far, to go back to by undoing."""

    covered: dict[str, bool] = field(default_factory=dict)  # rule -> whether unsafe ones are meant too
    declined: frozenset[Key] = frozenset()
    skipped: frozenset[Key] = frozenset()
    accepted: tuple[Accepted, ...] = ()
    answered: int = 0
    again: bool = False  # whether those that were skipped are asked again

    def copy(self) -> Memory:
        return replace(self, covered=dict(self.covered))


@dataclass
class Review:
    """A walk over the proposals of some files; what can't be written goes to the judge's problems.

    `repeat`: also ask what was declined in an earlier review. `before` counts what was not asked because of that.
    """

    drafts: Sequence[Draft]
    judge: Judge
    screen: Screen
    journal: Journal
    answers: Answers
    progress: Callable[[], AbstractContextManager[Tick]]
    repeat: bool = False
    before: int = 0
    _memory: Memory = field(default_factory=Memory)
    _history: list[Memory] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)
    _unseen: list[Page] = field(default_factory=list)
    _earlier: set[Key] = field(default_factory=set)  # declined in another review
    _edits: dict[Key, str] = field(default_factory=dict)  # the reviewer's own code, should it be asked about again
    _over: bool = False

    @property
    def written(self) -> int:
        return len(self._memory.accepted)

    @property
    def left(self) -> int:
        """How many were declined, skipped or not asked."""
        gone = self._memory.declined | self._earlier
        return len(self._memory.declined) + sum(len(page.asked.keys() - gone) for page in self._pages)

    @property
    def unseen(self) -> int:
        """How many files were not looked at."""
        return len(self._unseen)

    def run(self) -> None:
        """Ask until nothing new comes up or the reviewer quits."""
        self.judge.remember = True
        self._unseen = [Page(draft, label_of(draft.path, self.journal.job)) for draft in self.drafts]
        while not self._over:
            stale = [page for page in self._pages if page.stale and not page.closed]
            waiting = next(iter(stale), None) or next((page for page in self._pages if self._open(page)), None)
            if waiting is not None:
                if self._is_fresh(waiting):
                    self._question(waiting)
            elif self._unseen:
                self._see_more()
            elif self._memory.again or not any(map(self._skipped, self._pages)):
                return
            else:
                self._memory = replace(self._memory.copy(), skipped=frozenset(), answered=0, again=True)

    def _see_more(self) -> None:
        """Look at the next files: the first question should not wait for all of them."""
        pages, self._unseen = self._unseen[:AT_ONCE], self._unseen[AT_ONCE:]
        with self.progress() as self.judge.tick:
            look([page.draft for page in pages], self.judge)
        known = frozenset() if self.repeat else self.answers.declined()
        for page in pages:
            self._turn_to(page)
            old = self.answers.among(page.asked, known)
            self.before += len(old)
            self._earlier |= old
            page.most = ROUNDS * len(self._open(page))
        self._pages += pages

    # ---------------------------------------------------------------- which one is next

    def _open(self, page: Page) -> list[Key]:
        """What is still to be answered in a file."""
        gone = self._memory.declined | self._memory.skipped | self._earlier
        return [] if page.closed else [key for key in page.asked if key not in gone]

    def _skipped(self, page: Page) -> list[Key]:
        return [] if page.closed else [key for key in page.asked if key in self._memory.skipped]

    def _turn_to(self, page: Page) -> None:
        """Take over what the last look found."""
        found = [site.proposal for site in page.draft.sites if site.proposal is not None]
        page.asked = dict(keyed(found, page.draft.current.text, page.file))
        page.stale = False

    def _is_fresh(self, page: Page) -> bool:
        """Whether the proposals are for the file as it is now; else it is looked at once more."""
        draft = page.draft
        try:
            now = read_source(draft.path)
        except SourceError as problem:
            self._close(page, problem.message)
            return False
        if now.data != draft.current.data:
            self.screen.say(f"{draft.name} was changed by someone else meanwhile; it is looked at again", "yellow")
            draft.current = now
            self.judge.forget(draft.name)
            page.stale = True
        if not page.stale:
            return True
        with self.progress() as self.judge.tick:
            look([draft], self.judge)
        self._turn_to(page)
        return False

    def _close(self, page: Page, why: str) -> None:
        self.judge.problems.append(Problem(page.draft.name, 0, why))
        self.screen.say(f"{page.draft.name}: {why}", "red")
        page.closed = True

    # ---------------------------------------------------------------- one question

    def _question(self, page: Page) -> None:
        key = self._open(page)[0]
        proposal = page.asked[key]
        if self._is_covered(page, proposal):
            self._accept(page, key, proposal)
            return
        place = self._place()
        self.screen.show(proposal, page.draft.current, place)
        while True:
            match self._answer():
                case Answer.HELP:
                    self.screen.say(HELP)
                    self.screen.explain(proposal)
                case Answer.EDIT:
                    changed = self._edit(page, key, proposal)
                    if changed is not None:
                        proposal = changed
                        self.screen.show(proposal, page.draft.current, f"{place}, edited")
                case Answer.UNDO if not self._history:
                    self.screen.say("there is no answer to undo")
                case answer:
                    self._follow(answer, page, key, proposal)
                    return

    def _place(self) -> str:
        done, rest = self._memory.answered, sum(len(self._open(page)) for page in self._pages)
        more = f", {self.unseen} more file{'s' if self.unseen > 1 else ''} to look at" if self._unseen else ""
        return f"{done + 1} of {done + rest}{more}" + (" (skipped before)" if self._memory.again else "")

    def _follow(self, answer: Answer, page: Page, key: Key, proposal: Proposal) -> None:
        if answer is Answer.QUIT:
            self._over = True
            return
        if answer is Answer.UNDO:
            self._undo()
            return
        self._history.append(self._memory.copy())
        memory = self._memory
        match answer:
            case Answer.ALL | Answer.YES:
                if answer is Answer.ALL:
                    memory.covered[proposal.form.rule.code] = not self._is_safe(proposal)
                if not self._accept(page, key, proposal):
                    self._memory = self._history.pop()
            case Answer.NO | Answer.FILE:
                self._decline([key] if answer is Answer.NO else self._open(page))
            case Answer.SKIP:
                memory.skipped |= {key}
                memory.answered += 1

    def _answer(self) -> Answer:
        while True:
            try:
                said = self.screen.ask("Apply this change? [y,n,a,d,s,e,u,q,?] ").strip().lower()
            except EOFError:
                self.screen.say("")
                return Answer.QUIT
            try:
                return Answer(said[:1])
            except ValueError:
                self.screen.say(HELP)

    def _is_covered(self, page: Page, proposal: Proposal) -> bool:
        """Whether an earlier `a` means this proposal too."""
        unsafe_too = self._memory.covered.get(proposal.form.rule.code)
        within = len(page.draft.steps) < page.most  # two rules that undo each other would never end
        return unsafe_too is not None and within and (unsafe_too or self._is_safe(proposal))

    def _is_safe(self, proposal: Proposal) -> bool:
        policy = self.judge.terms(Path(proposal.file)).policy
        return policy.accepts(proposal.form) and proposal.evidence.verdict is Verdict.VERIFIED

    # ---------------------------------------------------------------- what an answer does

    def _accept(self, page: Page, key: Key, proposal: Proposal) -> bool:
        draft, base = page.draft, page.draft.current
        new = preserved(base, apply(base, [proposal]), self.judge.policy.preserve)
        try:
            self.journal.write(draft.path, base.data, new.data, [proposal])
        except Changed:
            return False  # the next turn to this page says so, and looks at it again
        except ApplyError as problem:
            self._close(page, str(problem))
            return False
        draft.current = new
        draft.steps.append(Step(proposal, new.data, base.text))
        page.stale = True
        self._memory.accepted += (Accepted(draft, base, new),)
        self._memory.answered += 1
        del page.asked[key]
        rule = proposal.form.rule
        self.screen.say(f"applied to {proposal.finding.where} ({rule.code} {rule.name})", "green")
        return True

    def _decline(self, keys: Sequence[Key]) -> None:
        self._memory.declined |= frozenset(keys)
        self._memory.answered += len(keys)
        self.answers.decline(keys)
        if len(keys) > 1:
            self.screen.say(f"{len(keys)} left as they are in {keys[0].file}; --ask-again asks about them again")

    def _undo(self) -> None:
        """Back to before the last answer; changes that can't be taken back stay, and count as applied."""
        last, self._memory = self._memory, self._history.pop()
        self.answers.forget(last.declined - self._memory.declined)
        for one in reversed(last.accepted[len(self._memory.accepted) :]):
            said, done = take_back(one, self.journal)
            self.screen.say(said, "green" if done else "red")
            if not done:
                self._memory.accepted += (one,)
                self._memory.answered += 1
            for page in self._pages:
                page.stale |= page.draft is one.draft
        if len(last.accepted) == len(self._memory.accepted):
            self.screen.say("the last answer is undone")

    # ---------------------------------------------------------------- the reviewer's own code

    def _edit(self, page: Page, key: Key, proposal: Proposal) -> Proposal | None:
        """The proposal with the reviewer's text, verified again; None when it was dropped."""
        text, why = self._edits.get(key) or edit.current(proposal.placed), ""
        while True:
            try:
                new = edit.in_editor(text, [*edit.facts(proposal), *why.split("\n")] if why else edit.facts(proposal))
            except edit.EditError as problem:
                self.screen.say(str(problem), "red")
                return None
            if new is None or new == edit.current(proposal.placed):
                self.screen.say("nothing was changed")
                return None
            self._edits[key] = new
            changed = self._reworked(page.draft.current, proposal, new)
            if isinstance(changed, Proposal):
                return changed
            self.screen.say(f"not taken over: {changed}", "red")
            if not self._agrees("Edit it again? [y,n] "):
                del self._edits[key]
                return None
            text, why = new, f"not taken over: {changed}"

    def _reworked(self, base: SourceFile, proposal: Proposal, text: str) -> Proposal | str:
        """The proposal with other code, or why it can't be one."""
        try:
            placed = edit.replaced(base.text, proposal.placed, text)
            after = preserved(base, base.with_text_edits(placed.text_edits), self.judge.policy.preserve)
            diff = checked_diff(proposal.file, base, after)
        except (edit.EditError, SourceError) as problem:
            return str(problem)
        form = replace(proposal.form, summary="edited by hand")
        with self.progress() as tick:
            tick("verifying", 0, 1)
            evidence = self.judge.verdict(proposal.finding, Candidate(form, placed), base.text)
        if evidence.verdict is not Verdict.REFUTED:
            return replace(proposal, form=form, placed=placed, evidence=evidence, diff=diff)
        shown = counterexample_lines(evidence.counterexample) if evidence.counterexample is not None else ()
        cut = (line if len(line) <= LONGEST else line[:LONGEST] + "..." for line in shown)
        return "\n".join([evidence_text(evidence), *cut])

    def _agrees(self, question: str) -> bool:
        try:
            return self.screen.ask(question).strip().lower()[:1] == "y"
        except EOFError:
            self.screen.say("")
            return False
