"""The functions that the code of one loop calls: those that time it, and for very short loops those that mostly count.

They are builtins with the number of the loop in their names, so that they are found from everywhere and each can be
replaced when less will do.
"""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .weave import ENTER, INPUTS, LEAVE, ROUNDS

__all__ = ["ENTER", "INPUTS", "LEAVE", "ROUNDS", "attach", "sampled", "timed"]

if TYPE_CHECKING:
    from .watch import Watch

#: Of short loops, one call in so many is timed.
SAMPLE = 32

#: By the clock, a sample during which other programs run would count for very much.
_cpu = time.perf_counter if sys.platform == "win32" else time.thread_time

Functions = Mapping[str, Callable[..., Any]]


def attach(site: int, functions: Functions) -> None:
    """Let the code of a loop call these from now on."""
    for name, function in functions.items():
        setattr(builtins, name.format(site), function)


def timed(watch: Watch, site: int) -> Functions:
    """Every call is timed, every input looked at."""
    return {
        ENTER: partial(watch.enter, site),
        LEAVE: partial(watch.leave, site),
        ROUNDS: partial(watch.rounds, site),
        INPUTS: partial(watch.look, site),
    }


def sampled(watch: Watch, site: int, every: int = SAMPLE) -> Functions:
    """One call in so many is timed and stands for all of them: the loop takes less time than timing it would."""
    left = looks = every
    inside = False
    since = 0.0

    def enter() -> None:
        nonlocal left, inside, since
        left -= 1
        if not left:
            left = every
            inside = True
            watch.enter(site)
            since = _cpu()

    def leave() -> None:
        nonlocal inside
        if inside:
            took = _cpu() - since
            inside = False
            watch.leave(site, every, took)

    def rounds(values: Any) -> Any:
        return watch.rounds(site, values, every) if inside else values

    def look() -> None:
        nonlocal looks
        looks -= 1
        if not looks:
            looks = every
            watch.look(site, sys._getframe(1))

    found: dict[str, Callable[..., Any]] = {ENTER: enter, LEAVE: leave, ROUNDS: rounds}
    return found if getattr(builtins, INPUTS.format(site), None) is bool else found | {INPUTS: look}
