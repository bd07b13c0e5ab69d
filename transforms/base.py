"""What every idiom is made of: a rule, examples, edits, and the rewrite they amount to."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal

if TYPE_CHECKING:
    from ..loops.context import SiteContext
    from ..loops.ir import Loop


class Severity(StrEnum):
    """How much a site hurts: high for row loops, medium for appends in a loop, low for the rest."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Tier(IntEnum):
    """How good the new form is; smaller is better."""

    VECTOR = 1
    LOOKUP = 2
    COMPREHENSION = 3
    HOIST = 4
    EDIT = 5  # the code as it was in other words: a retired name gives way, a codemod has run

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Rule:
    """A code, a name and a severity: `DL101 iterrows-arithmetic`."""

    code: str
    name: str
    severity: Severity

    def is_meant_by(self, word: str) -> bool:
        """Whether a word of the user means this rule: its name, its code, the start of its code, or `ALL`."""
        return word in (self.name, "ALL") or (word != "" and self.code.startswith(word.upper()))


@dataclass(frozen=True)
class Replace:
    """Put statements in the place of one statement; none deletes it.

    A new statement that is an object of the original tree is kept verbatim. A new statement with a `lineno` stands for
    the original statement of that line: its comments stay with it.
    """

    old: ast.stmt
    new: tuple[ast.stmt, ...]


@dataclass(frozen=True)
class InsertBefore:
    """Put statements in front of one that stays."""

    anchor: ast.stmt
    new: tuple[ast.stmt, ...]


@dataclass(frozen=True)
class Substitute:
    """Put an expression in the place of another, inside a statement that stays."""

    old: ast.expr
    new: ast.expr


@dataclass(frozen=True)
class Define:
    """Put a function, as text, above a statement of the module."""

    anchor: ast.stmt
    text: str


Edit = Replace | InsertBefore | Substitute | Define


@dataclass(frozen=True)
class Rewrite:
    """The new code, and what has to hold for it to do the same.

    `imports` are import statements that the new code needs ("import numpy as np"), of which those the file has are
    skipped, and functions of its own as text ("def ..."), which come above the first definition of the file.
    `tolerance` is the relative tolerance for floats where the rewrite reorders or uses other libm routines, else None.
    """

    rule: Rule
    tier: Tier
    edits: tuple[Edit, ...]
    obligations: tuple[Obligation, ...] = ()
    imports: tuple[str, ...] = ()
    tolerance: float | None = None
    summary: str = ""
    #: Oddities of pandas that are told to the reviewer, and what a test before the site makes sure of: neither makes
    #: the form unsafe.
    granted: tuple[Obligation, ...] = ()
    #: Packages that the new code needs beside NumPy and pandas.
    needs: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """No obligation is open: the same behaviour whatever the data."""
        return not self.obligations


@dataclass(frozen=True)
class Example:
    """A piece of code for the documentation and the tests: rewritten to `after`, or refused for `reason`.

    `naive` is what one might write in the place of a refused loop; the verifier has to show that it is wrong.
    """

    before: str
    after: str = ""
    reason: Reason | None = None
    naive: str = ""
    note: str = ""


class Documented:
    """What explains itself: a rule with its examples; the docstring is the text."""

    rule: ClassVar[Rule]
    examples: ClassVar[Sequence[Example]] = ()
    refused: ClassVar[Sequence[Example]] = ()


class Transform(Documented):
    """One idiom. Subclasses carry the documentation, the examples and the rewrite."""

    #: False for idioms that leave the body as it is: they get a loop with a header only, so that any body will do.
    needs_body: ClassVar[bool] = True
    #: False when the result calls the helpers of the project wherever it can, as the loop did.
    inlines: ClassVar[bool] = True
    #: True for idioms of expressions that are loops (`apply`, comprehensions); the others are asked about statements.
    expressions: ClassVar[bool] = False
    #: Also touch loops that print, plot or write.
    side_effects: bool = False
    #: The user asks for code that numba compiles.
    numba: bool = False

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        """The forms that this idiom can justify, best first; why there are none; None if the loop is not its idiom."""
        raise NotImplementedError


@dataclass
class Considered:
    """All that the transforms said of one site."""

    forms: list[Rewrite] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    blocked: Reason | None = None  # why the body has no meaning that forms could be made of
    compiles: bool = False  # numba would compile the loop, if the user asked for it
