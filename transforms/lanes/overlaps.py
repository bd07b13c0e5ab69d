"""Several stores into one array, at different places of a round: rounds that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ...loops.ir import Effect, Op, Pos, StoreItem, strip

E = TypeVar("E", bound=Effect)


def by_round(effects: Sequence[E]) -> list[E]:
    """The effects, stores into one array in the order in which they reach an element.

    What goes to `out[i + 1]` is there a round before what goes to `out[i]` comes, wherever it stands in the body.
    """
    found = list(effects)
    for target in {e.target for e in effects}:
        places = [k for k, e in enumerate(effects) if e.target == target and isinstance(e, StoreItem)]
        sorted_ = sorted((effects[k] for k in places), key=_ahead, reverse=True)
        for place, effect in zip(places, sorted_, strict=True):
            found[place] = effect
    return found


def _ahead(e: Effect) -> int:
    """How far ahead of the round a store is."""
    index = strip(e.index) if isinstance(e, StoreItem) else None
    places = index.args if isinstance(index, Op) and index.name == "tuple" else (index,)
    return next((x.offset for x in map(strip, filter(None, places)) if isinstance(x, Pos)), 0)
