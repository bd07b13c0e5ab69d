"""`deloop hook`: a git pre-commit hook that checks what is staged."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .app import app, command, fail, note


class Action(StrEnum):
    """What is done with the hook."""

    INSTALL = "install"
    UNINSTALL = "uninstall"


@command
def hook(
    action: Annotated[Action, typer.Argument(help="install or uninstall", metavar="ACTION")],
    options: Annotated[
        list[str] | None, typer.Argument(help="Options of `check` for the hook, after --.", metavar="-- OPTIONS")
    ] = None,
) -> int:
    """Install a git pre-commit hook that checks the staged files, or remove it.

    A pre-commit hook that is there already stays and runs first; uninstall
    puts it back as it was. With options for the check:

        deloop hook install -- --severity high --since HEAD

    Exit status: 0 done, 2 an error.
    """
    from ..proposals.hooks import install, uninstall

    if action is Action.UNINSTALL:
        if options:
            return fail("hook uninstall takes no options")
        note(uninstall(Path()))
        return 0
    if wrong := _wrong(options or []):
        return fail(f"hook install: {wrong}")
    note(install(Path(), options or []))
    return 0


def _wrong(options: list[str]) -> str:
    """Why `check` would not take these options, which would stop every commit; empty if it does."""
    from typer.main import get_command

    if {"-h", "--help"} & set(options):
        return "--help is no option for a hook"
    check = get_command(app).commands["check"]  # type: ignore[attr-defined]
    try:
        context = check.make_context("check", ["--staged", *options])
    except Exception as problem:
        said = getattr(problem, "format_message", None)  # of click, or of the copy of it that typer brings
        if said is None:
            raise
        return str(said())
    return "the hook checks what is staged: leave out paths" if context.params.get("paths") else ""
