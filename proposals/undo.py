"""`deloop undo`: what a run wrote is taken out of the files again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..sources.diffs import unified_diff
from ..sources.patches import Conflict, applied, read_patch, reversed_changes
from .applied import Rewritten, forget
from .apply import ApplyError, write
from .journal import Change, Run


@dataclass(frozen=True)
class Undone:
    """What became of one file: `said` in one line; `line` is where it does not fit, 0 for none."""

    file: str
    said: str
    done: bool
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.said}" if self.line else f"{self.file}: {self.said}"


def undo(run: Run, name_of: Callable[[Path], str]) -> list[Undone]:
    """Take back what is still to be undone of a run, file by file, each whole or not at all."""
    out: list[Undone] = []
    for file in dict.fromkeys(change.file for change in run.changes if not change.undone):
        changes = [change for change in run.changes if change.file == file and not change.undone]
        outcome = _file(run, changes, name_of(run.path(changes[0])))
        out.append(outcome)
        if outcome.done:
            run = replace(run, changes=tuple(replace(c, undone=c.undone or c.file == file) for c in run.changes))
            run.save()
            forget((Rewritten(*one) for change in changes for one in change.functions), run.base)
    return out


def _file(run: Run, changes: Sequence[Change], name: str) -> Undone:
    path = run.path(changes[0])
    try:
        said = _restore(run, changes, path)
    except Conflict as problem:
        return Undone(name, f"was changed since; not undone: {problem}", False, problem.line)
    except ApplyError as problem:
        return Undone(name, str(problem), False)
    except OSError as problem:
        return Undone(name, f"can't be undone: {problem.strerror or problem}", False)
    return Undone(name, said, True)


def _restore(run: Run, changes: Sequence[Change], path: Path) -> str:
    """Raises Conflict, ApplyError and OSError, and then the file is as it was."""
    first, last = changes[0], changes[-1]
    after = run.content(last.after)
    if first.before is None:
        return _remove(path, after)
    before, now = run.content(first.before), path.read_bytes()
    if now == before:
        return "is as it was before already"
    if now == after:
        write(path, now, before)
        return "is as it was before"
    old, places = now, []
    for change in reversed(changes):
        old, moved = _reversed(run, change, old)
        places += moved
    write(path, now, old)
    where = f", at {', '.join(dict.fromkeys(places))}" if places else ""
    return f"was changed since; only the lines of the run are undone{where}"


def _reversed(run: Run, change: Change, now: bytes) -> tuple[bytes, list[str]]:
    assert change.before is not None
    diff = unified_diff("file", run.content(change.before), run.content(change.after))
    if not diff:
        return now, []
    (patch,) = read_patch(diff)
    old, moved = applied(now, reversed_changes(patch.changes))
    return old, [str(one) for one in moved]


def _remove(path: Path, after: bytes) -> str:
    """A file that the run made goes again."""
    if not path.exists():
        return "is gone already"
    if path.read_bytes() != after:
        raise ApplyError("was made by the run and changed since; delete it by hand if it is not needed")
    path.unlink()
    return "is removed"


def listed(runs: Sequence[Run]) -> Iterator[str]:
    """The runs in a few words each, the last one first."""
    for number, run in enumerate(reversed(runs), 1):
        changes = [change for change in run.changes if not (run.is_open and change.undone)]
        files = dict.fromkeys(change.file for change in changes)
        state = "" if run.is_open else ", undone"
        count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
        yield f"{number:>3}  {run.when.replace('T', ' ')[:16]}  deloop {run.command}: {count}{state}"
        for file in files:
            told = [line for change in changes if change.file == file for line in change.about]
            yield f"     {file}" + (f": {'; '.join(told)}" if told else "")
