"""State carried from round to round: no array form, but its cells can be read once."""

import numpy as np
import pandas as pd

TITLE = "clamped level, state carried (`.iloc` hoisted, the loop stays)"
FASTER, OF_EXPERT = 10, 0.7


def run(flows: pd.DataFrame, capacity: float = 13.5) -> np.ndarray:
    level = 0.0
    levels = []
    for i in range(len(flows)):
        level = min(max(level + flows["solar"].iloc[i] - flows["load"].iloc[i], 0.0), capacity)
        levels.append(level)
    return np.array(levels)


def expert(flows, capacity=13.5):
    level = 0.0
    levels = []
    for solar, load in zip(flows["solar"].to_numpy(), flows["load"].to_numpy(), strict=True):
        level = min(max(level + solar - load, 0.0), capacity)
        levels.append(level)
    return np.array(levels)


def inputs(n):
    rng = np.random.default_rng(7)
    return (pd.DataFrame({"solar": rng.random(n) * 3, "load": rng.random(n) * 3}),)
