"""What `deloop record` says at its end: the loops by the time they took, what was not kept and why, the overhead."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..equivalence.recordings import Ran, Run
from ..proposals.gather import shown_name
from ..proposals.recording import Recorded
from .text import count

#: Loops in the table; the rest is only counted.
_ROWS = 25


def tell(recorded: Recorded) -> None:
    """The table on stderr: what the command prints on stdout stays alone."""
    run = recorded.run
    if run is None:
        print("deloop: nothing was recorded: what was written can't be read", file=sys.stderr)
        return
    ran = sorted((one for one in run.ran if one.calls), key=lambda one: -one.seconds)
    if ran:
        _table(run, ran)
    for line in _notes(recorded, run, ran):
        print(line, file=sys.stderr)


def _table(run: Run, ran: Sequence[Ran]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("loop", overflow="fold")
    for name in ("calls", "rounds", "seconds", "share", "inputs", "bytes"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in ran[:_ROWS]:
        size = sum(kept.bytes for kept in one.kept)
        rounds = f"{one.rounds:,.0f}" if one.rounds else "-"
        cells = (f"{one.calls:,}", rounds, f"{one.seconds:.3f}", _percent(one.seconds, run.seconds))
        table.add_row(f"{_place(one)} in {one.function}", *cells, str(len(one.kept)), _bytes(size))
    console = Console(stderr=True, highlight=False)
    console.width = console.width if console.is_terminal else 120
    console.print(table)


def _notes(recorded: Recorded, run: Run, ran: Sequence[Ran]) -> Iterator[str]:
    if len(ran) > _ROWS:
        yield f"... and {count(len(ran) - _ROWS, 'more loop')}."
    for one in ran[:_ROWS]:
        for why, times in one.not_kept.items():
            yield f"{_place(one)}: {count(times, 'input')} not kept: {why}"
    unwatched = [one for one in run.ran if one.why_not]
    for one in unwatched:
        yield f"{_place(one)}: not watched: {one.why_not}"
    yield from (f"deloop: {problem}" for problem in dict.fromkeys(run.problems))
    idle = len(run.ran) - len(ran) - len(unwatched)
    never = f" {count(idle, 'loop')} never ran." if idle else ""
    if not ran:
        yield f"None of {count(recorded.sites, 'loop')} ran in {recorded.seconds:.1f} s.{_why_none(run)}"
        return
    inputs = sum(len(one.kept) for one in ran)
    yield (
        f"{count(inputs, 'input')} of {count(len(ran), 'loop')} kept in {shown_name(run.folder)}.{never} "
        f"The command took {recorded.seconds:.1f} s; {run.own:.2f} s of that "
        f"({_percent(run.own, max(run.seconds, recorded.seconds))}) the recorder took, as measured."
    )


def _why_none(run: Run) -> str:
    if run.processes or not run.ran:
        return ""
    return " Was another copy of the code run, or a Python that ignores PYTHONPATH (-I, -E, tox)?"


def _place(one: Ran) -> str:
    return f"{shown_name(Path(one.file))}:{one.line}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole > 0 else "-"


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB" if size else "-"
