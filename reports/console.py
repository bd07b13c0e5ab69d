"""Lines with styles on stdout: coloured on a terminal, plain elsewhere. The library for it is loaded only then."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from ..proposals.model import printable

Line = Sequence[tuple[str, str]]


def print_lines(lines: Iterable[Line]) -> None:
    """Print the lines. `NO_COLOR` keeps a terminal plain, `FORCE_COLOR` colours what is piped."""
    if not coloured():
        sys.stdout.writelines(printable("".join(text for text, _ in line)) + "\n" for line in lines)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*((printable(text), style) for text, style in line if text)))


def coloured() -> bool:
    """Whether stdout is to have colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
