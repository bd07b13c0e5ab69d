"""Writing a changed file: whole or not at all, and never over somebody else's change."""

from __future__ import annotations

from pathlib import Path

from ..sources.files import WriteError, write_atomic


class ApplyError(Exception):
    """Why a file was not written, without its name."""


class Changed(ApplyError):
    """Somebody else changed the file meanwhile."""


def write(path: Path, before: bytes, after: bytes) -> None:
    """Write `after` to a file that must still hold `before`. Raises ApplyError, and then the file is as it was."""
    try:
        found = path.read_bytes()
    except OSError as problem:
        raise ApplyError(f"can't be read again: {problem.strerror or problem}; not written") from None
    if found != before:
        raise Changed("was changed by someone else since it was read; not written, run deloop again")
    try:
        write_atomic(path, after)
    except WriteError as problem:
        raise ApplyError(problem.message) from None
