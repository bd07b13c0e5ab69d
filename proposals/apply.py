"""Writing a changed file: whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..sources.files import write_atomic


class ApplyError(Exception):
    """Why a file was not written, without its name."""


def write(path: Path, before: bytes, after: bytes) -> None:
    """Write `after` to a file that must still hold `before`. Raises ApplyError, and then the file is as it was."""
    try:
        if path.read_bytes() != before:
            raise ApplyError("was changed by someone else since it was read; not written, run deloop again")
        if not _writable(path):
            raise ApplyError("is read-only; not written")
        write_atomic(path, after)
    except OSError as problem:
        raise ApplyError(f"can't be written: {problem.strerror or problem}") from None


def _writable(path: Path) -> bool:
    """Renaming over a file needs no right to write it, so the file itself is asked (root may write any)."""
    return bool(path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)) and os.access(path, os.W_OK)
