"""Each value against the one before it."""

import numpy as np
import pandas as pd

TITLE = "steps between neighbours (`range(1, n)`, `.iloc[i - 1]`)"
FASTER, OF_EXPERT = 50, 0.7


def run(prices: pd.DataFrame) -> np.ndarray:
    steps = []
    for i in range(1, len(prices)):
        steps.append(prices["close"].iloc[i] - prices["close"].iloc[i - 1])
    steps = np.array(steps)
    return steps


def expert(prices):
    return np.diff(prices["close"].to_numpy())


def inputs(n):
    return (pd.DataFrame({"close": np.random.default_rng(5).random(n).cumsum()}),)
