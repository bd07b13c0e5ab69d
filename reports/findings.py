"""What `check` reports, whatever the format: the findings, where each of them stands, what is said about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from ..codemods.findings import Finding, Status
from ..codemods.fingerprints import numbered
from ..proposals.measured import Measured
from ..proposals.model import Problem, evidence_text, speedup_text
from ..sources.files import SourceError, read_source
from ..sources.notebooks import Notebook
from ..transforms.base import Rewrite
from .profile import Profile


@dataclass
class Sources:
    """The text of the files that are reported on. `given` are those that were not read from disk, by shown name."""

    given: Mapping[str, str] = field(default_factory=dict)
    _last: tuple[str, str] = ("", "")
    _rows: tuple[str | None, list[str]] = (None, [])

    def text(self, name: str) -> str:
        """The text of a file, empty when it can't be read any more."""
        if name in self.given:
            return self.given[name]
        if self._last[0] != name:
            try:
                self._last = (name, read_source(Path(name)).text)
            except SourceError:
                self._last = (name, "")
        return self._last[1]

    def lines(self, name: str) -> list[str]:
        """The lines of a file."""
        if self._rows[0] != name:
            self._rows = (name, self.text(name).split("\n"))
        return self._rows[1]

    def notebook(self, name: str) -> Notebook | None:
        """The file, if it is a notebook that can be read."""
        try:
            found = read_source(Path(name))
        except SourceError:
            return None
        return found if isinstance(found, Notebook) else None


@dataclass(frozen=True)
class Place:
    """A stretch of a file; lines and columns count from 1, columns are characters, the end is one behind the last."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Report:
    """All that one run of `check` found.

    `findings` are those to show, fine loops included; `suppressed` were silenced by comments and `known` are in the
    baseline. `measured` is what earlier runs of the verifier showed.
    """

    findings: Sequence[Finding]
    problems: Sequence[Problem] = ()
    files: int = 0
    suppressed: int = 0
    known: int = 0
    sources: Sources = field(default_factory=Sources)
    measured: Callable[[Finding], Sequence[Measured]] = lambda finding: ()
    profile: Profile | None = None

    @property
    def open(self) -> list[Finding]:
        """The slow loops, rewritable or not."""
        return [finding for finding in self.findings if is_open(finding)]

    def place(self, finding: Finding) -> Place:
        """What to mark: the header of the loop, or the expression."""
        lines = self.sources.lines(finding.file)
        if finding.mark is None:
            return _whole_line(lines, finding.line)
        line, column, end_line, end_column = finding.mark
        if end_line > len(lines):
            return Place(line, column + 1, line, column + 1)
        return Place(
            line, _characters(lines[line - 1], column) + 1, end_line, _characters(lines[end_line - 1], end_column) + 1
        )

    def in_file(self, finding: Finding, place: Place) -> Place:
        """A place for tools that count the lines of the file: in a notebook those of its JSON text."""
        found = self.sources.notebook(finding.file) if finding.cell else None
        if found is None:
            return place
        return Place(found.file_line(place.line), 1, found.file_line(place.end_line), 2)

    def blocking(self, finding: Finding) -> Place | None:
        """The line that a refusal is about, if it is another one than the loop's own."""
        refusal = finding.refusal
        if finding.status is not Status.REFUSED or refusal is None or refusal.line == finding.line:
            return None
        return _whole_line(self.sources.lines(finding.file), refusal.line)

    def numbered(self) -> Iterator[tuple[Finding, str, int]]:
        """The slow loops with their fingerprints, those alike numbered within their file."""
        return numbered(self.open, self.sources.text, lambda finding: finding.file)

    def evidence(self, finding: Finding) -> Iterator[str]:
        """`vector, verified on 84 inputs, 38x at 20,000`: what the verifier has shown of the forms named, if it ran."""
        named = [id(form) for form in _named(finding.forms)]
        for one in self.measured(finding):
            if id(one.form) in named:
                safe = "" if one.form.safe else " (unsafe)"
                said = (f"{one.form.tier.label}{safe}", evidence_text(one.evidence), speedup_text(one.evidence))
                yield ", ".join(part for part in said if part)


def is_open(finding: Finding) -> bool:
    """Whether the finding is a slow loop, rewritable or not."""
    return finding.status is not Status.FINE


def forms_text(forms: Sequence[Rewrite]) -> str:
    """The best form in a few words, and the best safe one: `vector (unsafe: no-overflow), comprehension (safe)`."""
    return ", ".join(f"{form.tier.label} ({_safety(form)})" for form in _named(forms))


def _named(forms: Sequence[Rewrite]) -> list[Rewrite]:
    """The best form and, where that one assumes something, the best safe one."""
    safe = [form for form in forms[1:] if form.safe] if forms and not forms[0].safe else []
    return [*forms[:1], *safe[:1]]


def _safety(form: Rewrite) -> str:
    return "safe" if form.safe else "unsafe: " + ", ".join(dict.fromkeys(o.name for o in form.obligations))


def sentences(finding: Finding) -> str:
    """What is found and what can be done about it, or why not, in one line of plain text."""
    refusal = finding.refusal
    said = [finding.message or (refusal.message if refusal else "")]
    if finding.status is Status.REFUSED and refusal is not None:
        more = f": {refusal.message}" if refusal.message != said[0] else ""
        said.append(f"Left alone ({refusal.reason}, line {refusal.line - finding.above}{more}).")
        said.append(f"To unblock: {refusal.advice}.")
    elif finding.forms:
        said.append(f"Fixable by `deloop fix`: {forms_text(finding.forms)}.")
    first, *rest = said
    first = first[:1].upper() + first[1:] if first[:1].isalpha() else first
    first = f"Cell {finding.cell}, line {finding.line - finding.above}: {first}" if finding.cell else first
    return " ".join([f"{first.rstrip('.')}." if first else "", *rest]).strip()


def from_top(name: str) -> str:
    """A shown file relative to the top of its checkout, which is what the servers of projects want; else as shown."""
    path = os.path.abspath(name)
    folder = os.path.dirname(path)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return name
        folder = parent
    return os.path.relpath(path, folder).replace(os.sep, "/")


def uri(name: str) -> str:
    """A shown file as a URI reference, relative to the top of its checkout where it is in one."""
    name = from_top(name)
    return f"file://{quote(name)}" if os.path.isabs(name) else quote(name, errors="surrogateescape")


def _characters(line: str, column: int) -> int:
    """The characters before a UTF-8 column."""
    return column if line.isascii() else len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _whole_line(lines: Sequence[str], number: int) -> Place:
    line = lines[number - 1] if number <= len(lines) else ""
    start = len(line) - len(line.lstrip())
    return Place(number, start + 1, number, max(len(line.rstrip()), start) + 1)
