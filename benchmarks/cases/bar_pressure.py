"""Order flow: a helper with a branch is called for each bar, its two results go to two lists."""

import numpy as np
import pandas as pd

TITLE = "order-flow pressure (`range(len)`, `.iloc`, static helper, two lists)"
FASTER, OF_EXPERT = 50, 0.7


class Tape:
    @staticmethod
    def split(high, low, close, volume):
        if high == low:
            return volume * 0.5, volume * 0.5
        place = (close - low) / (high - low)
        return volume * place, volume * (1.0 - place)

    def totals(self, bars: pd.DataFrame):
        volume_column = "volume" if "volume" in bars.columns else None
        buying = []
        selling = []
        for i in range(len(bars)):
            volume = bars[volume_column].iloc[i] if volume_column else 1.0
            up, down = Tape.split(bars["high"].iloc[i], bars["low"].iloc[i], bars["close"].iloc[i], volume)
            buying.append(up)
            selling.append(down)
        buying = np.array(buying)
        selling = np.array(selling)
        return np.cumsum(buying - selling)


def run(bars):
    return Tape().totals(bars)


def expert(bars):
    high, low, close, volume = (bars[c].to_numpy() for c in ("high", "low", "close", "volume"))
    flat = high == low
    with np.errstate(divide="ignore", invalid="ignore"):
        place = (close - low) / (high - low)
    buying = np.where(flat, volume * 0.5, volume * place)
    selling = np.where(flat, volume * 0.5, volume * (1.0 - place))
    return np.cumsum(buying - selling)


def inputs(n):
    rng = np.random.default_rng(1)
    close = 100 + rng.normal(0, 0.3, n).cumsum()
    frame = pd.DataFrame({"close": close, "high": close + rng.random(n), "low": close - rng.random(n)})
    frame["volume"] = rng.integers(1, 900, n).astype(float)
    return (frame,)
