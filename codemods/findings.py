"""What the engine says of one site: a proposal's forms, a refusal, or that it is fine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..loops.remarks import Refusal
from ..sources.files import SourceFile
from ..sources.notebooks import Notebook
from ..transforms.base import Rewrite, Rule, Severity


class Status(StrEnum):
    """How a site ended."""

    PROPOSAL = "proposal"
    REFUSED = "refused"
    FINE = "fine"


@dataclass(frozen=True)
class Finding:
    """One site of one file and what can be done about it.

    `forms` are the rewrites that can be justified, best tier first; the verifier and the user's settings choose
    among them.
    `hints` tell the verifier what is known of the names that enter the loop (see `equivalence.model.Trial.hints`).
    Lines count from 1; `function` is the qualified name of the enclosing function, or "<module>". `mark` is what is
    shown of the loop, its header or the expression: first line, column, last line, column, as `ast` counts them.
    In a notebook, `cell` is the number of the cell that it stands in and `above` the lines of text above that cell.
    """

    file: str
    line: int
    end_line: int
    function: str
    rule: Rule
    severity: Severity
    status: Status
    forms: tuple[Rewrite, ...] = ()
    refusal: Refusal | None = None
    message: str = ""
    hints: dict[str, str] = field(default_factory=dict)
    mark: tuple[int, int, int, int] | None = None
    cell: int = 0
    above: int = 0

    def spot(self, line: int | None = None) -> str:
        """A line, its first one by default, as people count it: in a notebook those of the cell."""
        line = (self.line if line is None else line) - self.above
        return f"cell {self.cell}:line {line}" if self.cell else str(line)

    @property
    def where(self) -> str:
        """`file.py:12`, or `notebook.ipynb:cell 7:line 3`."""
        return f"{self.file}:{self.spot()}"


def located(finding: Finding, source: SourceFile) -> Finding:
    """The finding with its cell, where the source is a notebook."""
    if not isinstance(source, Notebook):
        return finding
    number, line = source.cell_at(finding.line)
    return replace(finding, cell=number, above=finding.line - line)
