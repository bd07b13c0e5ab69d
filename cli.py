"""The entry point: all commands, in the order in which `--help` lists them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from . import __version__
from .commands import COMMANDS
from .commands.app import INTERRUPTED, app, note

#: What `deloop --help` and completion in a shell say of each command: one line of an 80-column screen.
SHORT = {
    "apply": "Apply patches of `fix --patch-dir` where their lines are now.",
    "bench": "Time rewritten functions, against originals and a baseline.",
    "check": "Find slow loops: what can be done about each, and why not.",
    "compare": "Are two functions equivalent, and which one is faster?",
    "explain": "Explain a rule, or list all rules.",
    "fix": "Rewrite slow loops: as a diff, one by one, on a branch.",
    "hook": "Install or remove a git pre-commit hook that checks.",
    "modernize": "Bring retired pandas and NumPy API up to date.",
    "record": "Run a program and keep real inputs of its slow loops.",
    "report": "Write the audit of a project as one page.",
    "run": "Run a codemod of your own through the same review.",
    "scaffold": "Write a pytest file for each proposal.",
    "server": "Serve an editor: findings, and rewrites as code actions.",
    "undo": "Undo the last run of deloop that wrote to files.",
    "verify": "Run every rewrite against its loop and print the evidence.",
}

app.registered_commands.sort(key=lambda one: COMMANDS.index(getattr(one.callback, "__name__", "")))
for _command in app.registered_commands:
    _command.short_help = SHORT.get(getattr(_command.callback, "__name__", ""))


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
