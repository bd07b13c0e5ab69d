"""What `deloop scaffold` and `deloop verify` say of test files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..proposals.applied import Coverage
from ..proposals.scaffold_run import Run
from ..proposals.scaffolds import Written
from .text import count


def line(written: Written) -> str:
    """What became of one test file."""
    how = {
        "written": _what(written),
        "unchanged": "as it was",
        "kept": "was edited, so it stays; --force overwrites it",
    }[written.state]
    todo = f"TODO: {written.todo}" if written.todo else how
    return f"{written.name}: {todo if written.state == 'written' else how} ({written.about})"


def _what(written: Written) -> str:
    if written.recorded:
        return "runs the outlined loop on what was recorded"
    return "tests your function" if written.imported else "tests the outlined loop"


def summary(written: Sequence[Written], problems: int = 0) -> str:
    """`12 scaffolds written, 1 with a TODO.`"""
    if not written:
        if problems:
            return "No scaffolds written."
        return "No proposals, so no scaffolds."
    new = [w for w in written if w.state == "written"]
    parts = [f"{count(len(new), 'scaffold')} written"]
    if todo := sum(bool(w.todo) for w in new):
        parts[0] += f", {todo} with a TODO"
    if same := sum(w.state == "unchanged" for w in written):
        parts.append(f"{same} unchanged")
    if kept := sum(w.state == "kept" for w in written):
        parts.append(f"{kept} kept as edited")
    return "; ".join(parts) + "."


def runs_summary(runs: Sequence[Run]) -> str:
    """The counts over all test files that were run."""
    failed = sum(not run.ok for run in runs)
    skipped = sum(run.ok and not run.passed for run in runs)
    parts = [f"{len(runs) - failed - skipped} pass"]
    parts += [f"{failed} fail"] if failed else []
    parts += [f"{skipped} skipped"] if skipped else []
    return f"{count(len(runs), 'scaffold')} run: {', '.join(parts)}."


def coverage_lines(covered: Coverage) -> Iterator[str]:
    """How many of the rewritten functions have a test, and which have none."""
    if not covered.rewritten:
        return
    untested = covered.untested
    total = count(len(covered.rewritten), "rewritten function")
    end = ":" if untested else "."
    yield f"{total}, {len(covered.tested)} with a scaffold among these files; {len(untested)} without{end}"
    yield from (f"  {one}" for one in untested)


def rows(runs: Sequence[Run], covered: Coverage) -> dict[str, Any]:
    """The same for machines."""
    return {
        "scaffolds": [
            {"file": r.name, "passed": r.passed, "failed": r.failed, "skipped": r.skipped, "failures": r.failures}
            for r in runs
        ],
        "rewritten": [
            {"file": one.file, "function": one.function, "tested": one in covered.tested}
            for one in sorted(covered.rewritten)
        ],
    }
