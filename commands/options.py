"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


class Level(StrEnum):
    """The least severity that is reported."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Per(StrEnum):
    """What makes one commit."""

    PROPOSAL = "proposal"
    FILE = "file"
    RULE = "rule"
    ALL = "all"


def rules_starting(incomplete: str) -> list[tuple[str, str]]:
    """For completion in a shell: codes and names of rules, behind those that are given already with commas."""
    from ..reports.explain import all_rules

    before, comma, word = incomplete.rpartition(",")
    found = [(rule.code, rule.name) for rule in all_rules() if rule.code.startswith(word.upper())]
    found += [(rule.name, rule.code) for rule in all_rules() if word and rule.name.startswith(word.lower())]
    return [(f"{before}{comma}{value}", told) for value, told in found]


Paths = Annotated[
    list[Path] | None, typer.Argument(help="Files and folders; the current folder by default.", metavar="PATHS")
]
Format = Annotated[OutputFormat, typer.Option("--output-format", help="For people or for machines.")]
Select = Annotated[
    list[str] | None,
    typer.Option(
        help="Only these rules: codes, starts of codes, or names.", metavar="RULES", autocompletion=rules_starting
    ),
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="All rules but these.", metavar="RULES", autocompletion=rules_starting)
]
ExtendSelect = Annotated[
    list[str] | None, typer.Option(help="These rules, too.", metavar="RULES", autocompletion=rules_starting)
]
SideEffects = Annotated[bool, typer.Option("--side-effects", help="Also loops that mainly print, plot or write files.")]
Numba = Annotated[bool, typer.Option("--numba", help="Also loops that numba compiles; the new code needs numba.")]
ForceExclude = Annotated[bool, typer.Option("--force-exclude", help="Leave out excluded files that are named, too.")]
Unsafe = Annotated[bool, typer.Option("--unsafe", help="Also forms that need an assumption; it is named.")]
Unverified = Annotated[bool, typer.Option("--unverified", help="Also forms that could not be run.")]
Python = Annotated[
    str | None, typer.Option(help="Interpreter with your NumPy and pandas, to run code in.", metavar="FILE")
]
AskAgain = Annotated[bool, typer.Option("--ask-again", "--declined", help="Also what was declined in earlier reviews.")]
Diff = Annotated[bool, typer.Option("--diff", help="On a terminal, review one by one; piped, the plain diff.")]
Write = Annotated[bool, typer.Option("--write", help="Change the files; `deloop undo` takes it back.")]
Branch = Annotated[str | None, typer.Option(help="Commit on a new branch, beside the checkout.", metavar="NAME")]
PatchDir = Annotated[Path | None, typer.Option(help="Write patch files for `deloop apply` or git.", metavar="DIR")]
CommitPer = Annotated[
    Per | None, typer.Option(help="One commit a proposal (the default), file, rule, or all.", metavar="WHAT")
]
PrBody = Annotated[
    Path | None, typer.Option(help="Also write the text of a pull request, as Markdown.", metavar="FILE")
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="End with status 0 when a diff is pending.")]
