"""The history of a project: what `deloop report --record` found, run after run, so that progress can be shown."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..sources.files import write_atomic
from ..sources.notebooks import SUFFIX
from .git import GitError, find_repository
from .model import NotRun

VERSION = 1
NAME = ".deloop-history.json"


@dataclass(frozen=True)
class Entry:
    """The counts of one run. `scope` says what was looked at: only runs of the same scope compare.

    `high`, `medium` and `low` are the open loops, `safe`, `unsafe` and `left` are the same loops by what can be done;
    `justified` are silenced by a comment that gives its reason, `silenced` by one that gives none.
    """

    date: str
    revision: str
    scope: str
    files: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    safe: int = 0
    unsafe: int = 0
    left: int = 0
    justified: int = 0
    silenced: int = 0

    @property
    def open(self) -> int:
        return self.high + self.medium + self.low


def read(path: Path) -> tuple[Entry, ...]:
    """The runs in their order; none if there is no file. Raises NotRun if it can't be used."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise NotRun(f"{path}: a history of version {data['version']}, {VERSION} is expected")
        return tuple(_entry(row) for row in data["runs"])
    except FileNotFoundError:
        return ()
    except OSError as problem:
        raise NotRun(f"{path}: can't be read: {problem.strerror or problem}") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise NotRun(f"{path}: is no history of deloop: {type(problem).__name__}: {problem}") from None


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Write a history, a run a line. Raises WriteError."""
    rows = ",".join(f"\n{json.dumps(asdict(entry), ensure_ascii=False)}" for entry in entries)
    write_atomic(path, f'{{"version": {VERSION}, "runs": [{rows}\n]}}\n'.encode("utf-8", "surrogateescape"))


def with_run(entries: Sequence[Entry], run: Entry) -> tuple[Entry, ...]:
    """The history with one more run, by date; it takes the place of one of the same day, revision and scope."""
    same = (run.date, run.revision, run.scope)
    rest = [entry for entry in entries if (entry.date, entry.revision, entry.scope) != same]
    return tuple(sorted([*rest, run], key=lambda entry: entry.date))


def revision_of(path: Path) -> str:
    """The commit that is checked out, with a `+` when tracked code differs from it; empty outside git."""
    try:
        repository = find_repository(path)
        commit = repository.run("rev-parse", "--short=10", "HEAD").strip()
        changed = any(name.endswith((".py", SUFFIX)) for name in repository.changed_files())
        return f"{commit}+" if changed else commit
    except (GitError, OSError):
        return ""


def date_of(given: str | None, epoch: str | None) -> str | None:
    """The day to show: the one given, else that of SOURCE_DATE_EPOCH. Raises NotRun for what is no date."""
    if given is not None:
        return _day(given, f"--date {given}")
    if not epoch:
        return None
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise NotRun(f"SOURCE_DATE_EPOCH: `{epoch}` is no number of seconds") from None


def today() -> str:
    return datetime.date.today().isoformat()


def _day(text: str, told: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotRun(f"{told}: a day is written as 2026-11-29") from None


def _entry(row: dict[str, object]) -> Entry:
    texts = ("date", "revision", "scope")
    values = {field.name: row[field.name] for field in fields(Entry)}
    if not all(isinstance(value, str if name in texts else int) for name, value in values.items()):
        raise ValueError(f"{row}")
    entry = Entry(**values)  # type: ignore[arg-type]
    datetime.date.fromisoformat(entry.date)
    return entry
