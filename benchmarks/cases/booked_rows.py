"""Rows that are handed to an object with effects: the loop has to stay, the Series of each row need not."""

import numpy as np
import pandas as pd

TITLE = "bookings with effects (`iterrows` hoisted, the loop stays)"
FASTER, OF_EXPERT = 10, 0.7


class Book:
    def __init__(self):
        self.total = 0.0
        self.entries = 0

    def enter(self, amount):
        self.total += amount
        self.entries += 1


def post(book, payments: pd.DataFrame) -> None:
    for _, row in payments.iterrows():
        if row["amount"] > 0.0:
            book.enter(row["amount"] - row["fee"])


def run(payments):
    book = Book()
    post(book, payments)
    return np.array([book.total, book.entries])


def expert(payments):
    book = Book()
    for amount, fee in zip(payments["amount"].to_numpy(), payments["fee"].to_numpy(), strict=True):
        if amount > 0.0:
            book.enter(amount - fee)
    return np.array([book.total, book.entries])


def inputs(n):
    rng = np.random.default_rng(6)
    return (pd.DataFrame({"amount": rng.normal(100, 80, n), "fee": rng.random(n)}),)
