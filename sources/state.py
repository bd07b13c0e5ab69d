"""The folder `.deloop`: what deloop keeps between two runs on this machine, out of sight of git."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".deloop"


def state_folder(below: Path | None = None) -> Path:
    """That folder in a directory, by default the current one, made where it is not there. Raises OSError."""
    top = (below or Path()) / FOLDER
    top.mkdir(exist_ok=True)
    ignore = top / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return top
