"""The plainest of all: the product of two columns, cell by cell."""

import numpy as np
import pandas as pd

TITLE = "product of two columns (`range(len)`, `.iloc`)"
FASTER, OF_EXPERT = 50, 0.7


def run(trades: pd.DataFrame) -> np.ndarray:
    values = []
    for i in range(len(trades)):
        values.append(trades["price"].iloc[i] * trades["quantity"].iloc[i])
    values = np.array(values)
    return values


def expert(trades):
    return trades["price"].to_numpy() * trades["quantity"].to_numpy()


def inputs(n):
    rng = np.random.default_rng(3)
    return (pd.DataFrame({"price": rng.random(n), "quantity": rng.random(n)}),)
