"""The entry point: all commands, in the order in which `--help` lists them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from . import __version__
from .commands import COMMANDS
from .commands.app import INTERRUPTED, app, note

app.registered_commands.sort(key=lambda one: COMMANDS.index(getattr(one.callback, "__name__", "")))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"deloop {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Rewrites slow pandas and NumPy loops into array code, and shows the proof."""


def main() -> None:
    """The entry point of the command `deloop`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            note("deloop: interrupted; what was not finished was not written")
        raise
