"""From sources to sites: scan, put every form in its place, run all of them in one batch, choose."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codemods.engine import Options, Project, scan
from ..codemods.findings import Finding
from ..codemods.place import Placed, PlacementError, place
from ..codemods.preserve import Preserve
from ..equivalence.interpreter import choose_python
from ..equivalence.library import Library
from ..equivalence.model import Evidence, Trial, Verdict
from ..equivalence.recordings import Recordings
from ..equivalence.verify import verify
from ..sources.diffs import DiffError
from ..sources.files import SourceError, SourceFile, parse
from ..sources.prefilter import may_have_sites
from ..transforms.base import Rewrite, Rule
from .choose import choose, limits_of
from .compose import checked_diff, preserved
from .gather import Tick
from .model import Candidate, Policy, Problem, Proposal, Site, Verb, internal_error
from .terms import Terms, chosen, every_rule

#: What makes a form the same one in a later look at the file: its region before and after, and what it assumes.
Known = tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]]
Looked = tuple[Finding, SourceFile, list[Candidate]]


@dataclass
class Judge:
    """Looks at files and says what can be proposed for them.

    `wants` is the user's selection of rules; `local` says what holds for one file instead of `options`, `policy` and
    `wants`, where its configuration is another. Evidence for forms that were not chosen is kept, so that a second
    look at a changed file runs only what is new; with `remember` also for those that were. Problems are collected,
    never raised; so are sites with a refuted form.
    """

    project: Project
    options: Options
    policy: Policy
    wants: Callable[[Rule], bool] = every_rule
    tick: Tick = lambda stage, done, total: None
    problems: list[Problem] = field(default_factory=list)
    refuted: list[Site] = field(default_factory=list)
    recordings: Recordings = field(default_factory=Recordings)
    remember: bool = False
    local: Callable[[Path], Terms] | None = None
    _known: dict[Known, Evidence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._library = Library(lambda origin, module: self.project.text_of(Path(origin), module))

    def forget(self, name: str) -> None:
        """Drop what is known of a file that somebody changed, and of the modules around it."""
        self._known = {known: evidence for known, evidence in self._known.items() if known[0] != name}
        self.project = self.project.again()

    def terms(self, path: Path) -> Terms:
        """What holds for one file."""
        return self.local(path) if self.local is not None else Terms(self.options, self.policy, self.wants)

    def sites(self, files: Sequence[tuple[str, SourceFile]]) -> list[Site]:
        """The sites of all files with their proposals, in file order. `files` are (name to show, source).

        Raises NoInterpreter when there is something to run and no Python to run it with.
        """
        found = list(self.looked(files))
        judged = self._verify(found)
        return [
            self._site(finding, source, candidates)
            for (finding, source, _), candidates in zip(found, judged, strict=True)
        ]

    def site(self, name: str, source: SourceFile, pick: Callable[[Sequence[Finding]], Finding | None]) -> Site | None:
        """One site of a file, with its proposal; None when `pick` finds none. Raises NoInterpreter."""
        found = list(self.looked([(name, source)]))
        wanted = pick([finding for finding, _, _ in found])
        one = next((looked for looked in found if looked[0] is wanted), None)
        return self._site(one[0], source, self._verify([one])[0]) if one is not None else None

    def looked(self, files: Sequence[tuple[str, SourceFile]]) -> Iterator[Looked]:
        """The findings of all files with their forms in place; nothing has run."""
        for number, (name, source) in enumerate(files, 1):
            tree, findings = self._scan(name, source)
            for finding in findings:
                yield finding, source, [_placed(form, source, tree, self.policy.preserve) for form in finding.forms]
            self.tick("looking", number, len(files))

    def trials(self, number: int, looked: Looked) -> dict[int, Trial]:
        """What the verifier is asked about the forms of one finding that have a place, by their number."""
        finding, source, candidates = looked
        whole = _whole(candidates)
        return {
            j: replace(
                _trial(f"{number}:{j}", finding, candidate, source.text),
                group=str(number),
                whole=whole,
                limits=limits_of(candidate.form.tier, self.terms(source.path).policy.min_speedup),
                path=str(source.path),
                library=self._library,
                recordings=self.recordings,
            )
            for j, candidate in enumerate(candidates)
            if candidate.placed is not None
        }

    def verdict(self, finding: Finding, candidate: Candidate, before: str) -> Evidence:
        """The evidence for one form alone, as for code that the reviewer has edited."""
        trial = _trial("edited", finding, candidate, before)
        return next((evidence for _, evidence in verify([trial], python=self.policy.python)), _UNANSWERED)

    def _scan(self, name: str, source: SourceFile) -> tuple[ast.Module, list[Finding]]:
        if not may_have_sites(source.code):
            return ast.Module([], []), []
        terms = self.terms(source.path)
        try:
            tree = parse(source)
            findings = scan(source, self.project, terms.options, tree=tree)
        except SourceError as problem:
            self.problems.append(Problem(name, problem.line or 0, problem.message))
            return ast.Module([], []), []
        except Exception as problem:  # a bug of ours in one file is no reason to lose the others
            self.problems.append(Problem(name, 0, internal_error(problem)))
            return ast.Module([], []), []
        return tree, list(chosen(findings, name, source.text, terms).findings)

    def _verify(self, found: Sequence[Looked]) -> list[list[Candidate]]:
        trials: list[Trial] = []
        for i, one in enumerate(found):
            finding, source, candidates = one
            made = self.trials(i, one)
            trials += [t for j, t in made.items() if _known(finding, source, candidates[j]) not in self._known]
        if trials:
            choose_python(self.policy.python)
        answers: dict[str, Evidence] = {}
        for key, evidence in verify(trials, python=self.policy.python) if trials else ():
            answers[key] = evidence
            self.tick("verifying", len(answers), len(trials))
        return [
            [self._answered(f"{i}:{j}", finding, source, c, answers) for j, c in enumerate(candidates)]
            for i, (finding, source, candidates) in enumerate(found)
        ]

    def _answered(
        self, key: str, finding: Finding, source: SourceFile, candidate: Candidate, answers: dict[str, Evidence]
    ) -> Candidate:
        if candidate.placed is None:
            return candidate
        evidence = answers.get(key) or self._known.get(_known(finding, source, candidate), _UNANSWERED)
        return replace(candidate, evidence=evidence)

    def _site(self, finding: Finding, source: SourceFile, candidates: Sequence[Candidate]) -> Site:
        ranked = choose(candidates, self.terms(source.path).policy)
        new = [c for c in ranked if c.verb is Verb.REFUTED and _known(finding, source, c) not in self._known]
        if new:
            self.refuted.append(Site(finding, tuple(new)))
        for candidate in ranked:
            if candidate.placed is not None and (self.remember or candidate.verb is not Verb.CHOSEN):
                self._known[_known(finding, source, candidate)] = candidate.evidence
        best = next((c for c in ranked if c.verb is Verb.CHOSEN), None)
        if best is None:
            return Site(finding, ranked)
        try:
            return Site(finding, ranked, _proposal(finding, source, best, ranked, self.policy.preserve))
        except DiffError as problem:
            unfit = replace(best, placed=None, why=str(problem))
            return self._site(finding, source, [unfit if c is best else c for c in ranked])


_UNANSWERED = Evidence(Verdict.UNVERIFIED, reason="the verifier gave no answer")


def _placed(form: Rewrite, source: SourceFile, tree: ast.Module, preserve: Preserve | None) -> Candidate:
    try:
        placed = place(source.text, tree, form.edits, form.imports)
        source.with_text_edits(placed.text_edits)  # the new code may have no place in the file's encoding
        if preserve is not None and (why := preserve.obstacle(source.text, tree, placed.before_lines)):
            return Candidate(form, None, why=why)
    except PlacementError as problem:
        return Candidate(form, None, why=str(problem))
    except SourceError as problem:
        return Candidate(form, None, why=problem.message)
    except Exception as problem:  # a bug of ours in one form is no reason to lose the others
        return Candidate(form, None, why=internal_error(problem))
    return Candidate(form, placed)


def _trial(key: str, finding: Finding, candidate: Candidate, before: str) -> Trial:
    assert candidate.placed is not None
    return trial_of(key, finding, candidate.form, candidate.placed, before)


def trial_of(key: str, finding: Finding, form: Rewrite, placed: Placed, before: str) -> Trial:
    """What the verifier is asked about a form in its place; `before` is the text of the file it was placed in."""
    return Trial(
        key=key,
        before=before,
        after=placed.text,
        before_lines=placed.before_lines,
        after_lines=placed.after_lines,
        obligations=(*form.obligations, *form.granted),
        hints=finding.hints,
        tolerance=form.tolerance,
        needs=form.needs,
    )


def _whole(candidates: Sequence[Candidate]) -> tuple[int, int] | None:
    """The lines that any of the forms touches, so that all of them can be run in one region."""
    spans = [c.placed.before_lines for c in candidates if c.placed is not None]
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None


def _known(finding: Finding, source: SourceFile, candidate: Candidate) -> Known:
    assert candidate.placed is not None
    placed, form = candidate.placed, candidate.form
    return (
        finding.file,
        lines(source.text, placed.before_lines),
        lines(placed.text, placed.after_lines),
        tuple(o.text for o in form.obligations),
        tuple(sorted(finding.hints.items())),
    )


def lines(text: str, span: tuple[int, int]) -> str:
    """The lines from the first to the last of the span, both counted from 1."""
    return "\n".join(text.split("\n")[span[0] - 1 : span[1]])


def _proposal(
    finding: Finding,
    source: SourceFile,
    best: Candidate,
    all_forms: Sequence[Candidate],
    preserve: Preserve | None,
) -> Proposal:
    assert best.placed is not None
    after = preserved(source, source.with_text_edits(best.placed.text_edits), preserve)
    diff = checked_diff(finding.file, source, after)
    others = tuple(c for c in all_forms if c is not best)
    return Proposal(finding.file, finding, best.form, best.placed, diff, best.evidence, others)
