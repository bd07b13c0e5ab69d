"""What the market looked like when each trade was opened."""

from __future__ import annotations

import pandas as pd


def at_entry(trades: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """One row a trade: its own fields, and the features nearest to its entry."""
    rows = []
    for _, trade in trades.iterrows():
        nearest = features.index.get_indexer([trade["opened_at"]], method="nearest")[0]
        context = {}
        for column in features.columns:
            context[f"entry_{column}"] = features.iloc[nearest][column]
        rows.append({"side": trade["side"], "profit": trade["profit"], **context})
    return pd.DataFrame(rows)


def holding_minutes(trades: pd.DataFrame) -> list[float]:
    """How long each trade was held, in minutes."""
    minutes = []
    for trade in trades.itertuples():
        minutes.append((trade.closed_at - trade.opened_at).total_seconds() / 60)
    return minutes
