"""Several proposals for one file, put together in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..codemods.place import TextEdit
from ..codemods.preserve import Preserve
from ..sources.diffs import check_diff, unified_diff
from ..sources.files import SourceFile
from ..sources.notebooks import Notebook, cell_diffs
from .model import Proposal


def compatible(proposal: Proposal, accepted: Sequence[Proposal]) -> bool:
    """Whether the proposal can be applied together with those accepted: other statements, other characters.

    Two rewrites of the same statements don't combine even when they touch different characters of them, because each
    was derived from the code as it stood.
    """
    return not any(
        _share_lines(proposal.placed.before_lines, other.placed.before_lines)
        or any(_collide(mine, theirs) for mine in proposal.placed.text_edits for theirs in other.placed.text_edits)
        for other in accepted
    )


def first_come(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals that can be applied together, in file order; of two that collide the first stays."""
    kept: list[Proposal] = []
    for proposal in sorted(proposals, key=lambda p: (p.placed.before_lines, p.finding.line)):
        if compatible(proposal, kept):
            kept.append(proposal)
    return kept


def apply(base: SourceFile, accepted: Sequence[Proposal]) -> SourceFile:
    """The file with all accepted proposals in it; an edit that several of them make (an import) is made once."""
    edits = {edit for proposal in accepted for edit in proposal.placed.text_edits}
    return base.with_text_edits(sorted(edits))


def preserved(before: SourceFile, after: SourceFile, preserve: Preserve | None) -> SourceFile:
    """The file after its rewrites with what is to be kept of its functions before them."""
    if preserve is None or after.text == before.text:
        return after
    return after.with_text_edits(preserve.edits(before.text, after.text))


def _share_lines(mine: tuple[int, int], theirs: tuple[int, int]) -> bool:
    return mine[0] <= theirs[1] and theirs[0] <= mine[1]


def _collide(mine: TextEdit, theirs: TextEdit) -> bool:
    """Whether two edits touch the same characters, or insert different text at the same place."""
    if mine == theirs:
        return False
    if mine[0] == mine[1] == theirs[0] == theirs[1]:
        return True
    return mine[0] < theirs[1] and theirs[0] < mine[1]


def checked_diff(name: str, before: SourceFile, after: SourceFile) -> bytes:
    """The unified diff between two states of a file, read back and applied to a copy before anyone sees it.

    That of a notebook is one of each cell. Raises DiffError when that does not give the new state.
    """
    if isinstance(before, Notebook) and isinstance(after, Notebook):
        return b"".join(_cell_diff(f"{name}, cell {n}", old, new) for n, old, new in cell_diffs(before, after))
    diff = unified_diff(name, before.data, after.data)
    check_diff(diff, before.data, after.data)
    return diff


def _cell_diff(name: str, before: str, after: str) -> bytes:
    if not before.endswith("\n") and not after.endswith("\n"):  # as cells are: not worth a remark
        before, after = before + "\n", after + "\n"
    old, new = before.encode("utf-8", "surrogatepass"), after.encode("utf-8", "surrogatepass")
    diff = unified_diff(name, old, new)
    check_diff(diff, old, new)
    return diff
