"""Orders to the suppliers, one for each article that runs short."""

from __future__ import annotations

import logging
from typing import Protocol

import pandas as pd

log = logging.getLogger(__name__)


class Supplier(Protocol):
    """Whoever delivers."""

    def order(self, article: str, pieces: float) -> None: ...


def restock(stock: pd.DataFrame, supplier: Supplier) -> float:
    """Order what is missing and return how many pieces that is."""
    ordered = 0.0
    for _, row in stock.iterrows():
        missing = row["wanted"] - row["on_hand"] - row["on_order"]
        if missing <= 0:
            continue
        # an order can't be taken back: one call a row, in the order of the list
        supplier.order(row["article"], missing)
        ordered += missing
    return ordered


def announce(stock: pd.DataFrame) -> None:
    """Tell people what is short. Nothing to gain here: the time goes into the log."""
    for _, row in stock.iterrows():
        if row["on_hand"] == 0:
            log.warning("%s is out of stock", row["article"])
