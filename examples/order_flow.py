"""Buying and selling pressure from one-minute bars."""

from __future__ import annotations

import numpy as np
import pandas as pd


class OrderFlow:
    """Estimates who was in charge of each bar, from where it closed in its range."""

    @staticmethod
    def pressure(high: float, low: float, close: float, volume: float) -> tuple[float, float]:
        """The volume of one bar, split into a buying and a selling part."""
        span = high - low
        if span == 0:
            # no range, no winner
            return volume * 0.5, volume * 0.5
        buying = volume * (close - low) / span
        selling = volume * (high - close) / span
        return buying, selling

    def summary(self, bars: pd.DataFrame) -> dict[str, float]:
        """Totals over all bars; every bar weighs the same when there is no volume."""
        volume_column = "volume" if "volume" in bars.columns else None
        buying = []
        selling = []
        for i in range(len(bars)):
            volume = bars[volume_column].iloc[i] if volume_column else 1.0
            up, down = OrderFlow.pressure(bars["high"].iloc[i], bars["low"].iloc[i], bars["close"].iloc[i], volume)
            buying.append(up)
            selling.append(down)

        buying = np.array(buying)
        selling = np.array(selling)
        return {
            "buying": float(buying.sum()),
            "selling": float(selling.sum()),
            "last_hour": float((buying - selling)[-60:].sum()),
        }


def gaps(bars: pd.DataFrame) -> np.ndarray:
    """How far each bar opened from where the one before it closed."""
    found = []
    for i in range(1, len(bars)):
        found.append(bars["open"].iloc[i] - bars["close"].iloc[i - 1])
    return np.array(found)
