"""A baseline: the findings that were there when a project began to check. They pass, new ones don't.

Their number only goes down, unless one says otherwise.

A loop is known by its function and its code (see `codemods.fingerprints`), so that it may move, within its file or with
it. Two loops that are alike count as two.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..codemods.findings import Finding, Status
from ..codemods.fingerprints import fingerprint
from ..sources.files import write_atomic
from .model import NotRun

VERSION = 1
NAME = ".deloop-baseline.json"


@dataclass(frozen=True, order=True)
class Entry:
    """A loop that is known, or several that are alike. `file` is relative to the folder of the baseline."""

    file: str
    function: str
    loop: str
    rule: str
    severity: str
    count: int = 1


@dataclass(frozen=True)
class Baseline:
    """The known loops, and the file that they are kept in."""

    path: Path
    entries: tuple[Entry, ...] = ()

    def label(self, file: str) -> str:
        """A file relative to the folder of the baseline."""
        return os.path.relpath(file, os.path.dirname(os.path.abspath(self.path))).replace(os.sep, "/")

    def exists(self, label: str) -> bool:
        """Whether a file of the baseline is still there."""
        return os.path.exists(os.path.join(os.path.dirname(os.path.abspath(self.path)), label))

    @property
    def total(self) -> int:
        return sum(entry.count for entry in self.entries)


@dataclass(frozen=True)
class Compared:
    """Findings held against a baseline: those that are new, those that it knows, and its entries that are gone.

    `kept` is what is left of the baseline, moved loops in their new places; `added` what the new ones would add.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: tuple[Entry, ...]
    kept: tuple[Entry, ...]
    added: tuple[Entry, ...]


def read(path: Path) -> Baseline:
    """A baseline from its file. Raises NotRun if it can't be used."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise NotRun(f"{path}: a baseline of version {data['version']}, {VERSION} is expected; write it anew")
        return Baseline(path, tuple(_entry(row) for row in data["findings"]))
    except FileNotFoundError:
        raise NotRun(f"{path}: no such baseline; `deloop check --write-baseline` makes one") from None
    except OSError as problem:
        raise NotRun(f"{path}: can't be read: {problem.strerror or problem}") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise NotRun(f"{path}: is no baseline of deloop: {type(problem).__name__}: {problem}") from None


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Write a baseline, an entry a line and sorted, so that two branches rarely touch the same. Raises WriteError."""
    rows = ",".join(f"\n{json.dumps(_row(entry), ensure_ascii=False)}" for entry in _merged(entries))
    text = f'{{"version": {VERSION}, "findings": [{rows}\n]}}\n'
    write_atomic(path, text.encode("utf-8", "surrogateescape"))


def compare(
    baseline: Baseline,
    findings: Sequence[Finding],
    text_of: Callable[[str], str],
    looked: Iterable[str],
    asked: Callable[[Entry], bool] = lambda entry: True,
) -> Compared:
    """Hold the slow loops of some files against a baseline.

    `looked` are all files that were looked at, by shown name; entries of other files that exist are left as they are.
    `asked` says whether the run would have reported an entry at all.
    """
    left = {(entry.file, entry.loop): entry for entry in baseline.entries}
    seen = {baseline.label(file) for file in looked}
    kept: list[Entry] = []
    known: list[Finding] = []
    strange: list[tuple[Finding, Entry]] = []
    for finding in findings:
        if finding.status is Status.FINE:
            continue
        one = _entry_of(finding, baseline.label(finding.file), text_of(finding.file))
        if _taken(left, (one.file, one.loop)):
            known.append(finding)
            kept.append(one)
        else:
            strange.append((finding, one))
    free: dict[str, list[tuple[str, str]]] = {}
    for key, entry in left.items():
        if entry.file in seen or not baseline.exists(entry.file):
            free.setdefault(entry.loop, []).append(key)
    new: list[Finding] = []
    added: list[Entry] = []
    for finding, one in strange:
        if any(_taken(left, key) for key in free.get(one.loop, ())):  # it has moved
            known.append(finding)
            kept.append(one)
        else:
            new.append(finding)
            added.append(one)
    gone = [e for e in left.values() if (e.file in seen or not baseline.exists(e.file)) and asked(e)]
    rest = [entry for entry in left.values() if entry not in gone]
    return Compared(tuple(new), tuple(known), tuple(sorted(gone)), (*kept, *rest), tuple(added))


def _taken(left: dict[tuple[str, str], Entry], key: tuple[str, str]) -> bool:
    """Take one of an entry, if there is one left."""
    entry = left.get(key)
    if entry is None:
        return False
    if entry.count > 1:
        left[key] = replace(entry, count=entry.count - 1)
    else:
        del left[key]
    return True


def _entry_of(finding: Finding, label: str, text: str) -> Entry:
    mark = fingerprint(finding, text)
    return Entry(label, finding.function, mark, finding.rule.code, str(finding.severity))


def _merged(entries: Iterable[Entry]) -> list[Entry]:
    """Entries of the same loop as one."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        old = found.get((entry.file, entry.loop))
        found[entry.file, entry.loop] = replace(entry, count=entry.count + old.count) if old is not None else entry
    return sorted(found.values())


def _row(entry: Entry) -> dict[str, Any]:
    row = {"file": entry.file, "function": entry.function, "loop": entry.loop, "rule": entry.rule}
    return row | {"severity": entry.severity, "count": entry.count}


def _entry(row: dict[str, Any]) -> Entry:
    names = ("file", "function", "loop", "rule", "severity")
    if not all(isinstance(row[name], str) for name in names) or not isinstance(row["count"], int) or row["count"] < 1:
        raise ValueError(f"{row}")
    file, function, loop, rule, severity = (row[name] for name in names)
    return Entry(file, function, loop, rule, severity, row["count"])
