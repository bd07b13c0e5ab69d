"""What `deloop bench` says: a table for people, JSON for machines."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import asdict

from ..proposals.bench import VERSION, Benched, Change, Machine, Measured
from .text import count

#: Changes below some percent are not told as such.
_NOTICED = 0.05


def tell(benched: Benched) -> None:
    """The table on stdout."""
    from rich.console import Console
    from rich.table import Table

    assert benched.now is not None
    changes = {change.measured.key: change for change in benched.changes}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("function", overflow="fold")
    for name in ("rows", "original", "new", "speed-up", *(["since the baseline"] if changes else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for function in benched.now.functions:
        for row in _rows(function, changes.get(function.key)):
            table.add_row(*row)
    console = Console(file=sys.stdout, highlight=False)
    console.width = console.width if console.is_terminal else 120
    console.print(table)


def _rows(function: Measured, change: Change | None) -> Iterator[tuple[str, ...]]:
    name = function.name + (f" ({function.note})" if function.note else "")
    for timing in function.timings:
        old = _seconds(timing.original) if timing.original is not None else "-"
        ratio = f"{timing.ratio:,.1f}x" if timing.ratio is not None else "-"
        told = (_changed(change),) if change is not None and change.n == timing.n else ()
        yield (name, f"{timing.n:,}", old, _seconds(timing.new), ratio, *told)
        name = ""


def _changed(change: Change) -> str:
    if abs(math.log(change.factor)) < _NOTICED:
        return "as fast"
    return f"{change.factor:.2f}x slower" if change.factor > 1 else f"{1 / change.factor:.2f}x faster"


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:,.2f} {unit}"
    return f"{seconds / 1e-6:,.1f} us"


def notes(benched: Benched, baseline: Machine | None, threshold: float) -> Iterator[str]:
    """What stands below the table: another machine, what is missing, what became slower, the counts."""
    assert benched.now is not None
    if baseline is not None and (told := benched.now.machine.differs(baseline)):
        yield f"deloop: the baseline is of another machine ({told}): speed-ups can be compared, times only roughly"
    yield from (f"{key}: in the baseline, but not timed now" for key in benched.missing)
    slower = benched.regressions(threshold)
    for change in slower:
        what = "its speed-up fell" if change.by == "speed-up" else "it takes longer"
        yield (
            f"{change.measured.file}: {change.measured.name}: {what} by {change.factor:.2f}x at {change.n:,} rows "
            f"(allowed: {threshold:g}x)"
        )
    machine = benched.now.machine
    yield (
        f"{count(len(benched.now.functions), 'function')} timed with Python {machine.python}, pandas {machine.pandas}, "
        f"NumPy {machine.numpy} on {machine.processor}"
        + (f"; {len(slower)} slower than allowed." if baseline is not None else ".")
    )


def document(benched: Benched, threshold: float) -> str:
    """The same as JSON."""
    assert benched.now is not None
    data = {
        "version": VERSION,
        "machine": asdict(benched.now.machine),
        "functions": [asdict(f) for f in benched.now.functions],
        "changes": [
            {"file": c.measured.file, "name": c.measured.name, "n": c.n, "factor": c.factor, "by": c.by}
            for c in benched.changes
        ],
        "regressions": [c.measured.key for c in benched.regressions(threshold)],
        "missing": benched.missing,
        "errors": [{"file": p.file, "line": p.line, "message": p.message} for p in benched.problems],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
