"""`deloop scaffold`: a pytest file for each proposal, and running those files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..codemods.engine import Project
from ..equivalence.interpreter import choose_python
from ..equivalence.recordings import Recordings
from ..equivalence.regions import CannotOutline
from ..equivalence.replays import recorded_for, region_digest
from ..equivalence.scaffold import Scaffolder
from ..equivalence.scaffold_imports import Importable
from ..equivalence.scaffold_mark import is_unedited, sealed
from ..equivalence.scaffold_model import Change, NoScaffold, Scaffold, Subject
from ..sources.files import WriteError, write_atomic
from ..transforms.base import Tier
from .gather import Job, Tick, label_of
from .judge import trial_of
from .model import Problem, Proposal, Verb
from .propose import Draft, Step
from .series import Commit
from .standalone import standalone, support
from .workflow import fixed

_CONFTEST = sealed(
    '''"""Written by deloop: makes the marker of the tests beside it known to pytest."""


def pytest_configure(config):
    config.addinivalue_line("markers", "benchmark: measures how fast the new version is")
'''
)


@dataclass(frozen=True)
class Written:
    """What became of one test file. `state` is "written", "unchanged" or "kept" (it was edited by hand)."""

    name: str
    state: str
    about: str
    proposals: int
    todo: str = ""
    imported: bool = False
    recorded: bool = False


@dataclass(frozen=True)
class Wanted:
    """Where the tests go, whether over edited ones, and whether with all that they need beside them."""

    output: Path
    force: bool = False
    standalone: bool = False


def write_scaffolds(job: Job, wanted: Wanted, tick: Tick) -> tuple[list[Written], list[Problem]]:
    """Write a test file for each proposal that `fix` would make, and say what became of each.

    Files that were edited since they were generated stay, unless that is wanted. Raises NoInterpreter.
    """
    drafts, judge = fixed(job, tick)
    problems = judge.problems
    written = []
    for scaffold, subject in _scaffolds(drafts, job, wanted.output, tick, judge.recordings):
        if wanted.standalone:
            scaffold = replace(scaffold, text=standalone(scaffold.text))
        try:
            written.append(_write(scaffold, subject, job, wanted.force))
        except WriteError as problem:
            problems.append(Problem(job.name_of(scaffold.target), 0, problem.message))
    if any(w.state == "written" for w in written):
        _write_beside(wanted, job, problems)
    return written, problems


def with_tests(commits: Sequence[Commit], drafts: Sequence[Draft], job: Job, output: Path, tick: Tick) -> list[Commit]:
    """The commits with a test of each rewrite beside it, and one before them with what the tests need.

    Tests that were edited stay as they are. Raises NoInterpreter.
    """
    beside: dict[Path, str] = {output / name: text for name, text in support().items()}
    if not (output / "conftest.py").exists():
        beside[output / "conftest.py"] = _CONFTEST
    found = _scaffolds(drafts, job, output, tick, Recordings())  # others have not recorded anything
    for scaffold, subject in found:
        text = standalone(scaffold.text)
        if _state(scaffold.target, text, False) == "written":
            commit = next(one for one in commits if any(_is_about(subject, p, job) for p in one.proposals))
            commit.files[job.name_of(scaffold.target)] = text.encode()
    new = {job.name_of(path): text.encode() for path, text in beside.items() if _state(path, text, False) == "written"}
    first = [Commit(new, title="Bring what the tests of rewritten loops need to run without deloop")] if new else []
    return [*first, *commits]


def _is_about(subject: Subject, proposal: Proposal, job: Job) -> bool:
    rule = f"{proposal.form.rule.code} {proposal.form.rule.name}"
    lines = {(change.rule, change.line) for change in subject.changes}
    return proposal.file == job.name_of(subject.path) and (rule, proposal.finding.line) in lines


def _scaffolds(
    drafts: Sequence[Draft], job: Job, output: Path, tick: Tick, recordings: Recordings
) -> list[tuple[Scaffold, Subject]]:
    """A test for each function that is rewritten, and one on what was recorded of it. Raises NoInterpreter."""
    made = [draft for draft in drafts if draft.steps]
    if not made:
        return []
    python = choose_python(job.policy.python)
    roots = Project.for_paths(job.paths).roots
    scaffolder = Scaffolder(python, Importable(python, roots))
    names: Counter[str] = Counter()
    scaffolds: list[tuple[Scaffold, Subject]] = []
    try:
        for number, draft in enumerate(made, 1):
            scaffolds += _of_file(draft, job, output, scaffolder, names, recordings)
            tick("scaffolding", number, len(made))
    finally:
        scaffolder.close()
    return scaffolds


def _of_file(
    draft: Draft, job: Job, output: Path, scaffolder: Scaffolder, names: Counter[str], recordings: Recordings
) -> list[tuple[Scaffold, Subject]]:
    label = label_of(draft.path, job)
    groups: dict[str, list[Step]] = {}
    alone: list[Subject] = []
    loops = [step for step in draft.steps if step.proposal.form.tier is not Tier.EDIT]
    for step in loops:
        subject = _subject(draft, label, [step], output, job)
        whole, why = scaffolder.importable_function(subject)
        if whole is None:
            alone.append(replace(subject, why_outlined=why))
        else:
            groups.setdefault(whole.name, []).append(step)
    found = []
    for members in groups.values():
        subject = _subject(draft, label, members, output, job)
        whole, _ = scaffolder.importable_function(subject)
        assert whole is not None
        try:
            found.append((scaffolder.whole(subject, whole), subject))
        except NoScaffold as problem:
            why = str(problem)
            alone += [replace(_subject(draft, label, [s], output, job), why_outlined=why) for s in members]
    for subject in alone:
        try:
            found.append((scaffolder.outlined(subject), subject))
        except NoScaffold as problem:
            found.append((scaffolder.todo(subject, str(problem)), subject))
    for step in loops:
        subject = _subject(draft, label, [step], output, job)
        if (scaffold := _on_recorded(draft, subject, recordings, scaffolder)) is not None:
            found.append((scaffold, subject))
    found.sort(key=lambda pair: (pair[1].line, pair[0].recorded))
    return [(_named(scaffold, names), subject) for scaffold, subject in found]


def _on_recorded(draft: Draft, subject: Subject, recordings: Recordings, scaffolder: Scaffolder) -> Scaffold | None:
    """A test on what was recorded of a loop; None where there is nothing that it could run on."""
    trial = replace(subject.changes[0].trial, path=str(draft.path), recordings=recordings)
    target = subject.target.with_stem(f"{subject.target.stem}_recorded")
    try:
        found = recorded_for(trial)
        if found is None:
            return None
        outline, _ = found
        return scaffolder.recorded(replace(subject, target=target), outline, region_digest(outline, trial.before))
    except (CannotOutline, NoScaffold, RecursionError):
        return None


def _subject(draft: Draft, label: str, steps: Sequence[Step], output: Path, job: Job) -> Subject:
    first = steps[0].proposal
    subject = Subject(
        name=label,
        path=draft.path,
        function=first.finding.function,
        original=_original(draft, steps),
        final=draft.current.text,
        changes=[_change(step) for step in steps],
        target=output,
        unsafe=any(not job.terms(draft.path).policy.accepts(step.proposal.form) for step in steps),
    )
    words = [label.removesuffix(".py").removeprefix("src/"), first.finding.function, str(subject.line)]
    slug = "_".join(re.sub(r"\W+", "_", word).strip("_") for word in words)
    return replace(subject, target=output / f"test_{slug}.py")


def _original(draft: Draft, steps: Sequence[Step]) -> str:
    """The file before its loops were rewritten: with retired API, which was brought up to date first, it can't run."""
    function = steps[0].proposal.finding.function
    own = [step for step in draft.steps if step.proposal.finding.function == function]
    return steps[0].base if any(step.proposal.form.tier is Tier.EDIT for step in own) else draft.original.text


def _change(step: Step) -> Change:
    proposal = step.proposal
    form = proposal.form
    return Change(
        rule=f"{form.rule.code} {form.rule.name}",
        line=proposal.finding.line,
        trial=trial_of("scaffold", proposal.finding, form, proposal.placed, step.base),
        verdict=proposal.evidence.verdict,
        versions=proposal.evidence.versions,
        obligations=form.obligations,
        granted=form.granted,
        smallest=tuple(_refuted(proposal)),
    )


def _refuted(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """The forms that were found wrong, with the inputs that show it; recorded ones are nobody else's business."""
    for candidate in proposal.alternatives:
        found = candidate.evidence.counterexample
        if candidate.verb is Verb.REFUTED and found is not None and "recorded" not in found.tags:
            yield f"{candidate.form.rule.code} {candidate.form.tier.label}", found.inputs


def _named(scaffold: Scaffold, names: Counter[str]) -> Scaffold:
    """A second file of the same name gets a number."""
    name = scaffold.target.name
    names[name] += 1
    number = names[name]
    return scaffold if number == 1 else replace(scaffold, target=scaffold.target.with_stem(f"{name[:-3]}_{number}"))


def _write(scaffold: Scaffold, subject: Subject, job: Job, force: bool) -> Written:
    rules = ", ".join(dict.fromkeys(change.rule for change in subject.changes))
    about = f"{rules}, {job.name_of(subject.path)}:{subject.line}"
    state = _state(scaffold.target, scaffold.text, force)
    if state == "written":
        _put(scaffold.target, scaffold.text)
    name = job.name_of(scaffold.target)
    return Written(name, state, about, len(subject.changes), scaffold.todo, scaffold.imported, scaffold.recorded)


def _state(target: Path, text: str, force: bool) -> str:
    """Whether a file may be written: never over what a person wrote, unless told to."""
    try:
        found = target.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return "written"
    except OSError as problem:
        raise WriteError(target, f"can't be read: {problem.strerror or problem}; not written") from None
    if is_unedited(found) and _unmeasured(found) == _unmeasured(text):
        return "unchanged"
    return "written" if force or is_unedited(found) else "kept"


def _unmeasured(text: str) -> str:
    """The file without its hash and its expected speed-up, which another run may measure differently."""
    return re.sub(r",\s*at_least=\d+|\A.*\n", "", text)


def _put(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise WriteError(target, f"its folder can't be made: {problem.strerror or problem}") from None
    write_atomic(target, text.encode())


def _write_beside(wanted: Wanted, job: Job, problems: list[Problem]) -> None:
    """The file that makes the marker known, where there is none, and what the tests need where nothing is installed."""
    beside = {wanted.output / name: text for name, text in support().items()} if wanted.standalone else {}
    conftest = wanted.output / "conftest.py"
    if not conftest.exists():
        beside[conftest] = _CONFTEST
    for target, text in beside.items():
        try:
            if _state(target, text, wanted.force) == "written":
                _put(target, text)
        except WriteError as problem:
            problems.append(Problem(job.name_of(target), 0, problem.message))
