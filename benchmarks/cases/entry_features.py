"""The features at the time each trade was opened: one look-up a trade, a dict a row, a frame at the end."""

import numpy as np
import pandas as pd

TITLE = "feature join at entry time (`iterrows`, `get_indexer` per row)"
FASTER, OF_EXPERT = 50, 0.7


def run(trades: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for _, trade in trades.iterrows():
        at = features.index.get_indexer([trade["opened"]], method="nearest")[0]
        context = {}
        for column in features.columns:
            context[f"entry_{column}"] = features.iloc[at][column]
        rows.append({"side": trade["side"], "profit": trade["profit"], **context})
    return pd.DataFrame(rows)


def expert(trades, features):
    at = features.index.get_indexer(trades["opened"], method="nearest")
    context = features.iloc[at].add_prefix("entry_").reset_index(drop=True)
    return pd.concat([trades[["side", "profit"]].reset_index(drop=True), context], axis=1)


def inputs(n):
    rng = np.random.default_rng(2)
    index = pd.date_range("2025-01-01", periods=n, freq="min")
    features = pd.DataFrame(rng.normal(size=(n, 4)), index=index, columns=["trend", "range", "spread", "volume"])
    opened = index[rng.integers(0, n, n)] + pd.to_timedelta(rng.integers(0, 59, n), unit="s")
    trades = pd.DataFrame({"opened": opened, "side": rng.choice(["long", "short"], n), "profit": rng.normal(size=n)})
    return trades, features
