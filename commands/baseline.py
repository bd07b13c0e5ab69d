"""What `check` does with a baseline: pass over what it knows, say what is gone from it, and write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Tree
    from ..proposals.baseline import Baseline, Compared, Entry
    from ..proposals.gather import Job
    from ..reports.findings import Report

#: How many entries that are gone are named.
NAMED = 5


@dataclass(frozen=True)
class Ratchet:
    """What is asked for. `whole`: the run looked at whole files, so that what it did not find is gone."""

    write: bool = False
    accept_new: bool = False
    whole: bool = True


def held_against(
    report: Report, settings: Tree, job: Job, ratchet: Ratchet, looked: Iterable[str]
) -> tuple[Report, list[str]]:
    """The report without what the baseline knows, and what to say of the baseline. Raises NotRun."""
    if settings.top.baseline is None and not ratchet.write:
        return report, []
    from ..proposals import baseline

    path = Path(settings.top.baseline or (job.root or Path()) / baseline.NAME)
    shown = job.name_of(path)
    first = ratchet.write and not path.exists()
    old = baseline.Baseline(path) if first else baseline.read(path)
    found = baseline.compare(old, report.findings, report.sources.text, looked, _asked(old, settings))
    if not ratchet.whole:
        found = replace(found, gone=())
    if not ratchet.write:
        return _without(report, found.known), list(_stale(found, shown))
    adding = first or ratchet.accept_new
    baseline.write(path, (*found.kept, *(found.added if adding else ())))
    return _without(report, (*found.known, *(found.new if adding else ()))), list(_written(found, shown, first, adding))


def compared(report: Report, settings: Tree, looked: Iterable[str]) -> tuple[Baseline, Compared] | None:
    """The open loops held against the baseline of the settings, if there is one. Nothing is written. Raises NotRun."""
    if settings.top.baseline is None:
        return None
    from ..proposals import baseline

    old = baseline.read(Path(settings.top.baseline))
    return old, baseline.compare(old, report.findings, report.sources.text, looked, _asked(old, settings))


def _without(report: Report, known: Sequence[object]) -> Report:
    ours = {id(finding) for finding in known}
    return replace(report, findings=[f for f in report.findings if id(f) not in ours], known=len(known))


def _asked(old: object, settings: Tree) -> Callable[[Entry], bool]:
    """Whether a run with these settings would report an entry of the baseline."""
    from ..proposals.baseline import Baseline
    from ..transforms.base import Severity

    assert isinstance(old, Baseline)
    rules, order, folder = {rule.code: rule for rule in settings.rules}, list(Severity), old.path.absolute().parent

    def asked(entry: Entry) -> bool:
        rule, own = rules.get(entry.rule), settings.of(folder / entry.file)
        if rule is None or entry.severity not in order:
            return True
        return own.wants(rule) and order.index(Severity(entry.severity)) <= order.index(own.severity)

    return asked


def _stale(found: Compared, shown: str) -> Iterator[str]:
    if found.gone:
        yield from _gone(found)
        yield f"  Take that out of {shown}: deloop check --write-baseline"


def _gone(found: Compared) -> Iterator[str]:
    number = sum(entry.count for entry in found.gone)
    yield f"{number} {'loop' if number == 1 else 'loops'} of the baseline {'is' if number == 1 else 'are'} gone:"
    for entry in found.gone[:NAMED]:
        times = f" ({entry.count} times)" if entry.count > 1 else ""
        yield f"  {entry.file}: {entry.rule} in {entry.function}{times}"
    if len(found.gone) > NAMED:
        yield f"  and {len(found.gone) - NAMED} more"


def _written(found: Compared, shown: str, first: bool, adding: bool) -> Iterator[str]:
    total = sum(entry.count for entry in (*found.kept, *(found.added if adding else ())))
    loops = f"{total} {'loop' if total == 1 else 'loops'}"
    if first:
        yield f"{shown} written: {loops}. Use it with --baseline {shown}, or by `baseline` in [tool.deloop]."
        return
    yield from _gone(found) if found.gone else ()
    yield f"{shown} written: {loops}."
    if found.new and not adding:
        number = len(found.new)
        yield f"  {number} new {'loop was' if number == 1 else 'loops were'} not added: fix, or add with --accept-new."
