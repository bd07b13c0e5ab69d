"""Taking a change of the running review back out of its file."""

from __future__ import annotations

from dataclasses import dataclass

from ..sources.diffs import DiffError, unified_diff
from ..sources.files import SourceError, SourceFile, read_source
from ..sources.patches import Conflict, applied, read_patch, reversed_changes
from .apply import ApplyError, write
from .journal import Journal
from .propose import Draft


@dataclass(frozen=True)
class Accepted:
    """A change that was written: the file before and after it."""

    draft: Draft
    before: SourceFile
    after: SourceFile


def take_back(one: Accepted, journal: Journal) -> tuple[str, bool]:
    """Undo a change: byte for byte where nobody touched the file since, else its lines alone. Says what was done."""
    draft = one.draft
    try:
        now = read_source(draft.path)
        old, how = _without(one, now.data)
        write(draft.path, now.data, old)
    except SourceError as problem:
        return f"{draft.name}: {problem.message}; nothing was undone", False
    except (ApplyError, DiffError) as problem:
        return f"{draft.name}: {problem}; nothing was undone", False
    except Conflict as problem:
        return f"{draft.name}:{problem.line}: was changed since, nothing was undone: {problem}", False
    journal.take_back(draft.path, one.after.data)
    draft.current = SourceFile.from_bytes(draft.path, old)
    draft.steps = [step for step in draft.steps if step.data != one.after.data]
    return f"{draft.name}: {how}", True


def _without(one: Accepted, now: bytes) -> tuple[bytes, str]:
    if now == one.after.data:
        return one.before.data, "the change is undone"
    (patch,) = read_patch(unified_diff("file", one.before.data, one.after.data))
    old, _ = applied(now, reversed_changes(patch.changes))
    return old, "was changed by someone else since; only the lines of the change are undone"
