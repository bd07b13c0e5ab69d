"""The state of charge of a house battery: loops that deloop leaves alone, and says why."""

from __future__ import annotations

import pandas as pd


def charge_levels(flows: pd.DataFrame, capacity: float, start: float = 0.0) -> list[float]:
    """The level after each quarter of an hour; what the battery can't hold is lost."""
    level = start
    levels = []
    for i in range(len(flows)):
        level = min(max(level + flows["solar"].iloc[i] - flows["load"].iloc[i], 0.0), capacity)
        levels.append(level)
    return levels


def first_empty(levels: pd.Series) -> int | None:
    """The position at which the battery is empty for the first time."""
    for i in range(len(levels)):
        if levels.iloc[i] <= 0:
            return i
    return None
