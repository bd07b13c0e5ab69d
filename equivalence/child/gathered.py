"""Whether a loop gathers anything: what is made of nothing has another type than what is made of something."""

from __future__ import annotations

from typing import Any

from .namespace import Outcome

#: The loop gathers nothing into something, and comes to its end; or perhaps not.
NOTHING, GATHERED_NONE = "branch:none", "gathered:none"


def gathers_nothing(targets: list[str], reached: frozenset[int]) -> bool:
    """Whether there is a target that none of the statements reached gathers into."""
    return bool({*targets} - {targets[number] for number in reached})


def nothing(request: dict[str, Any], a: Outcome) -> tuple[str, ...]:
    """A tag where the loop gathers nothing into something, because no round is one of those that do."""
    targets = request["before"].get("gathers", [])
    if not gathers_nothing(targets, a.gathered):
        return ()
    return (NOTHING, GATHERED_NONE) if a.status == "returned" else (GATHERED_NONE,)
