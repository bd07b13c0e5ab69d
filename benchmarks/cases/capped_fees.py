"""Fees with branches, from rows."""

import numpy as np
import pandas as pd

TITLE = "fees with a floor and a rebate (`iterrows`, branches)"
FASTER, OF_EXPERT = 50, 0.7


def run(accounts: pd.DataFrame) -> np.ndarray:
    fees = []
    for _, account in accounts.iterrows():
        fee = account["turnover"] * account["rate"]
        if account["orders"] > 10.0:
            fee = fee * 0.9
        elif fee < 5.0:
            fee = 5.0
        fees.append(fee)
    fees = np.array(fees)
    return fees


def expert(accounts):
    fee = accounts["turnover"].to_numpy() * accounts["rate"].to_numpy()
    return np.where(accounts["orders"].to_numpy() > 10.0, fee * 0.9, np.where(fee < 5.0, 5.0, fee))


def inputs(n):
    rng = np.random.default_rng(4)
    frame = {"turnover": rng.random(n) * 1000, "rate": rng.random(n) / 50, "orders": rng.integers(0, 20, n).astype(float)}
    return (pd.DataFrame(frame),)
