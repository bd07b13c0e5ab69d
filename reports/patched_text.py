"""What `apply` says on stderr: each file, hunks that went elsewhere, conflicts with their place."""

from __future__ import annotations

from collections.abc import Iterator

from ..proposals.patching import Outcome, Patched
from .text import count


def lines(patched: Patched, check: bool) -> Iterator[str]:
    for one in patched.outcomes:
        yield _line(one, check)
        yield from (f"    expected at line {moved.expected}, put at {moved}" for moved in one.moved)
    yield from patched.problems


def summary(patched: Patched, check: bool) -> str:
    """How many files took changes, and how often one took none."""
    done = len({one.file for one in patched.outcomes if one.done})
    failed = sum(not one.done for one in patched.outcomes)
    text = f"{count(done, 'file')} {'would be' if check else ''} changed".replace("  ", " ")
    return text + (f", {failed} left as {'it was' if failed == 1 else 'they were'}." if failed else ".")


def _line(one: Outcome, check: bool) -> str:
    if one.done:
        return f"{one.file}: {one.said}{'' if check else ', written'}"
    where = f"{one.file}:{one.line}" if one.line else one.file
    return f"{where}: conflict: {one.said}" if one.line else f"{where}: {one.said}"
