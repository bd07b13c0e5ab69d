"""A filter that follows jumps quickly and noise slowly: no array form, but floats that are only computed with."""

import numpy as np
import pandas as pd

TITLE = "adaptive smoothing, its own output read back (`.iloc` as lists of floats, the loop stays)"
FASTER, OF_EXPERT = 10, 0.7
SLOW, FAST = 0.05, 0.6


def run(sensor: pd.DataFrame, jump: float = 2.5) -> np.ndarray:
    out = np.zeros(len(sensor))
    out[0] = sensor["raw"].iloc[0]
    for i in range(1, len(sensor)):
        step = sensor["raw"].iloc[i] - sensor["raw"].iloc[i - 1]
        alpha = FAST if abs(step) > jump else SLOW
        out[i] = alpha * sensor["raw"].iloc[i] + (1 - alpha) * out[i - 1]
    return out


def expert(sensor, jump=2.5):
    raw = sensor["raw"].tolist()
    last = raw[0]
    out = [last]
    for before, now in zip(raw, raw[1:]):
        alpha = FAST if abs(now - before) > jump else SLOW
        last = alpha * now + (1 - alpha) * last
        out.append(last)
    return np.array(out)


def inputs(n):
    return (pd.DataFrame({"raw": 1013 + np.cumsum(np.random.default_rng(8).standard_t(3, n))}),)
