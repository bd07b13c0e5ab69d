"""Comments of statements that go: whose they are, and which of them must not be moved."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import libcst as cst

#: Comments that speak to a tool about their very line, so that moving them changes what they mean.
_PRAGMA = re.compile(
    r"#\s*(?:(?:type|fmt|pylint|mypy|ruff|isort|yapf|pyright|pytype|flake8|autopep8|black|coverage|sourcery|codespell|cython|deloop)"
    r"\s*:|(?:noqa|nosec|nopep8|nosonar|skipcq|lgtm|pragma|pyre-\w+)\b)",
    re.IGNORECASE,
)


def is_pragma(comment: str) -> bool:
    """Whether a comment is a marker for a tool: `# type: ignore`, `# noqa`, `# fmt: off`."""
    return bool(_PRAGMA.search(comment))


class Kind(Enum):
    """Where a comment stands with its statement."""

    ABOVE = "on a line of its own"
    TRAILING = "after the statement, or after the colon of its header"
    INSIDE = "between the brackets of the statement, or after its `else:`"


@dataclass(frozen=True)
class Remark:
    """A comment and the innermost statement that it belongs to."""

    text: str
    owner: ast.stmt
    kind: Kind

    @property
    def line(self) -> int:
        """The line of the statement, which a new statement may stand for."""
        return self.owner.lineno


def remarks_in(
    node: cst.CSTNode,
    owners: Mapping[int, ast.stmt],
    kept: Collection[int],
    owner: ast.stmt,
    parents: tuple[cst.CSTNode, ...] = (),
) -> Iterator[Remark]:
    """The comments inside a statement in their order, those of statements in `kept` (by id) left out.

    `owners` gives the statement for the id of each LibCST node that stands for one. A comment at the end of a block
    belongs to the block's last statement.
    """
    owner = owners.get(id(node), owner)
    if id(owner) in kept:
        return
    if isinstance(node, cst.Comment):
        yield Remark(node.value, owner, _kind(parents, owner))
        return
    footer = {id(line) for line in node.footer} if isinstance(node, cst.IndentedBlock) else set()
    last = owners.get(id(node.body[-1]), owner) if isinstance(node, cst.IndentedBlock) else owner
    for child in node.children:
        if id(child) in footer and id(last) in kept:
            yield from (Remark(c.value, last, Kind.ABOVE) for c in child.children if isinstance(c, cst.Comment))
        else:
            yield from remarks_in(child, owners, kept, last if id(child) in footer else owner, (*parents, node))


def _kind(parents: tuple[cst.CSTNode, ...], owner: ast.stmt) -> Kind:
    if isinstance(parents[-1], cst.EmptyLine):
        in_brackets = any(isinstance(parent, cst.BaseParenthesizableWhitespace) for parent in parents)
        return Kind.INSIDE if in_brackets else Kind.ABOVE
    holder = parents[-2]
    if isinstance(holder, cst.SimpleStatementLine):
        return Kind.TRAILING
    if isinstance(holder, cst.BaseSuite) and not isinstance(parents[-3], cst.Else | cst.Finally | cst.ExceptHandler):
        return Kind.TRAILING
    return Kind.INSIDE


def split_lead(lines: list[cst.EmptyLine]) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """The lines above a statement: those up to the last blank one, and the comments that touch the statement."""
    cut = max((index + 1 for index, line in enumerate(lines) if line.comment is None), default=0)
    return lines[:cut], lines[cut:]


def join_lead(above: list[cst.EmptyLine], below: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Lines put one after the other, blank lines at the seam not doubled."""
    ends = _blanks(list(reversed(above)))
    starts = _blanks(below)
    return above + below[min(ends, starts) :]


def without_blanks(lines: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Lines without the blank ones at their start."""
    return lines[_blanks(lines) :]


def _blanks(lines: list[cst.EmptyLine]) -> int:
    return next((index for index, line in enumerate(lines) if line.comment is not None), len(lines))


def comment_tokens(code: str) -> list[tokenize.TokenInfo]:
    """The comments of some code in their order."""
    if "#" not in code:
        return []
    return [token for token in tokenize.generate_tokens(io.StringIO(code).readline) if token.type == tokenize.COMMENT]
