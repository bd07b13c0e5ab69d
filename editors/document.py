"""One document as an editor has it, saved or not: what is found in it, and the edits that a rewrite comes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from ..codemods.engine import Project
from ..codemods.findings import Finding, Status
from ..codemods.fingerprints import numbered
from ..equivalence.recordings import Recordings, runs_near
from ..proposals.compose import apply
from ..proposals.gather import Job
from ..proposals.judge import Judge
from ..proposals.model import Site, Verb, evidence_text, safety_text, speedup_text
from ..proposals.survey import Looked, look_into
from ..reports.findings import Report, Sources, forms_text, sentences
from ..sources.files import SourceError, SourceFile
from ..sources.notebooks import SUFFIX

#: As the protocol splits lines: `str.splitlines` knows more ends than that.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")


@dataclass(frozen=True)
class Range:
    """A stretch of a document: lines and characters from 0, the end is one behind the last."""

    line: int
    character: int
    end_line: int
    end_character: int


@dataclass(frozen=True)
class Mark:
    """One slow loop: where it stands, what is said about it, and what tells it from others after an edit.

    `blocking` is the line that a refusal is about and what it says, where that is another one than the loop's.
    """

    finding: Finding
    where: Range
    text: str
    key: tuple[str, int]
    blocking: tuple[Range, str] | None = None

    @property
    def title(self) -> str:
        """What the editor's menu calls the rewrite; "" where there is none."""
        if self.finding.status is not Status.PROPOSAL:
            return ""
        return f"{self.finding.rule.code}: {self.finding.message}, {forms_text(self.finding.forms)}"


@dataclass(frozen=True)
class Edit:
    """Text that takes the place of a stretch of the document."""

    where: Range
    text: str


@dataclass(frozen=True)
class Fix:
    """The rewrite of one loop: the edits, the unified diff, and what the verifier found. No edits: `said` says why."""

    edits: tuple[Edit, ...]
    diff: str
    said: str


def source_of(path: Path, text: str) -> SourceFile:
    """The document as bytes, in the encoding that it declares (a notebook comes by cells). Raises SourceError."""
    path = path.with_suffix(".py") if path.suffix == SUFFIX else path
    try:
        found = SourceFile.from_bytes(path, text.encode("utf-8", "replace"))
        return found if found.encoding.startswith("utf") else SourceFile.from_bytes(path, text.encode(found.encoding))
    except SourceError:
        return SourceFile.from_bytes(path, text.encode("latin-1", "replace"))
    except UnicodeEncodeError as problem:
        raise SourceError(path, None, f"has a character that its encoding lacks: {problem.reason}") from None


def look(path: Path, text: str, job: Job) -> tuple[list[Mark], str]:
    """The slow loops of a document, and what is wrong with it, if anything. Nothing is run."""
    try:
        source = source_of(path, text)
    except SourceError as problem:
        return [], problem.message
    name = job.name_of(path)
    found = look_into(name, source, Project.for_paths(list(job.paths)), job.terms(path))
    return list(_marks(found, source.text)), found.problem.message if found.problem else ""


def _marks(found: Looked, text: str) -> Iterator[Mark]:
    report = Report(found.findings, sources=Sources({found.name: text}))
    for finding, mark, number in report.numbered():
        place, blocking = report.place(finding), report.blocking(finding)
        why = finding.refusal.message if finding.refusal is not None else ""
        yield Mark(
            finding,
            Range(place.line - 1, place.column - 1, place.end_line - 1, place.end_column - 1),
            sentences(finding),
            (mark, number),
            (Range(blocking.line - 1, blocking.column - 1, blocking.end_line - 1, blocking.end_column - 1), why)
            if blocking is not None
            else None,
        )


def fix(path: Path, text: str, job: Job, key: tuple[str, int]) -> Fix:
    """The best form for one loop, executed and compared like any other before it is offered.

    Raises NoInterpreter, and SourceError for a document that can't be parsed any more.
    """
    source = source_of(path, text)
    judge = Judge(Project.for_paths(list(job.paths)), job.options, job.policy, job.wants)
    judge.local, judge.recordings = job.local, Recordings(runs_near([path]))
    site = judge.site(job.name_of(path), source, _with_key(key, source.text))
    if judge.problems:
        raise SourceError(path, judge.problems[0].line or None, judge.problems[0].message)
    if site is None:
        return Fix((), "", "the loop is no longer there as it was")
    if site.proposal is None:
        return Fix((), "", _why_not(site))
    proposal = site.proposal
    said = [f"{proposal.form.rule.code} {proposal.form.tier.label}", evidence_text(proposal.evidence)]
    said += [speedup_text(proposal.evidence), safety_text(proposal.form)]
    after = apply(source, [proposal])
    return Fix(
        tuple(edits_between(text, after.data.decode(after.encoding).lstrip("\ufeff"))),
        proposal.diff.decode("utf-8", "replace"),
        "; ".join(part for part in said if part),
    )


def _with_key(key: tuple[str, int], text: str) -> Callable[[Sequence[Finding]], Finding | None]:
    def picked(findings: Sequence[Finding]) -> Finding | None:
        slow = (finding for finding in findings if finding.status is not Status.FINE)
        return next((f for f, mark, number in numbered(slow, lambda _: text) if (mark, number) == key), None)

    return picked


def _why_not(site: Site) -> str:
    tried = [c for c in site.candidates if c.verb is not Verb.POSSIBLE]
    if not tried:
        refusal = site.finding.refusal
        return refusal.message if refusal is not None else "no faster form is known"
    return "; ".join(f"{c.form.rule.code} {c.form.tier.label}: {c.why or evidence_text(c.evidence)}" for c in tried)


def edits_between(before: str, after: str) -> Iterator[Edit]:
    """The edits, whole lines each, that make one text of the other; line ends are kept as they are in each."""
    old, new = _LINE.findall(before), _LINE.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        last = old[j - 1] if j else ""
        at_end = j == len(old) and j > i and not last.endswith(("\r", "\n"))
        end = (j - 1, len(last)) if at_end else (j, 0)
        yield Edit(Range(i, 0, *end), "".join(new[k:m]))


def ignored(mark: Mark, text: str) -> Edit:
    """The comment that silences a loop, behind the last line of its header."""
    lines = _LINE.findall(text)
    line = lines[mark.where.end_line] if mark.where.end_line < len(lines) else ""
    at = len(line.rstrip("\r\n"))
    comment = f"  # deloop: ignore[{mark.finding.rule.code}]"
    return Edit(Range(mark.where.end_line, at, mark.where.end_line, at), comment)
