"""What the engine says of one site: a proposal's forms, a refusal, or that it is fine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..loops.remarks import Refusal
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
