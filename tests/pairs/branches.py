"""Loops that choose: conditions at their edges, with NaN, and what is computed for nothing."""

import math

import numpy as np
import pandas as pd


def shares(x: np.ndarray, y: np.ndarray):
    out = []
    for i in range(len(x)):
        out.append(x[i] / y[i] if y[i] != 0 else 0.0)
    return np.array(out, dtype=float)


def shares_right(x: np.ndarray, y: np.ndarray):
    with np.errstate(all="ignore"):
        return np.where(y != 0, x / y, 0.0).astype(float)


def shares_naive(x: np.ndarray, y: np.ndarray):
    with np.errstate(all="ignore"):
        return np.where(y > 0, x / y, 0.0).astype(float)


def bands(df: pd.DataFrame):
    out = []
    for v in df["score"]:
        if v >= 90:
            out.append("high")
        elif v >= 50:
            out.append("middle")
        else:
            out.append("low")
    return out


def bands_right(df: pd.DataFrame):
    score = df["score"]
    return np.where(score >= 90, "high", np.where(score >= 50, "middle", "low")).tolist()


def bands_naive(df: pd.DataFrame):
    score = df["score"]
    return np.where(score >= 50, "middle", np.where(score >= 90, "high", "low")).tolist()


def bands_cut(df: pd.DataFrame):
    return [0 if v < 10 else 1 if v < 20 else 2 for v in df["age"]]


def bands_cut_right(df: pd.DataFrame):
    age = df["age"]
    return np.select([age < 10, age < 20], [0, 1], 2).tolist()


def bands_cut_naive(df: pd.DataFrame):
    return np.searchsorted([10, 20], df["age"]).tolist()


def clipped(xs: list[float]):
    return [max(0.0, min(1.0, v)) for v in xs]


def clipped_right(xs: list[float]):
    low = [v if v < 1.0 else 1.0 for v in xs]
    return [v if v > 0.0 else 0.0 for v in low]


def clipped_naive(xs: list[float]):
    return np.clip(np.array(xs, dtype=float), 0.0, 1.0).tolist()


def directions(s: pd.Series):
    return [1 if v > 0 else -1 for v in s]


def directions_right(s: pd.Series):
    return np.where(s > 0, 1, -1).tolist()


def directions_naive(s: pd.Series):
    return np.sign(s).astype(int).tolist()


def above(s: pd.Series):
    return [bool(v > 3) for v in s]


def above_right(s: pd.Series):
    return (s > 3).tolist()


def above_naive(s: pd.Series):
    return (~(s <= 3)).tolist()


def first_above(xs: list[float], k: float):
    for i, v in enumerate(xs):
        if v > k:
            return i
    return -1


def first_above_right(xs: list[float], k: float):
    return next((i for i in range(len(xs)) if xs[i] > k), -1)


def first_above_naive(xs: list[float], k: float):
    return int(np.argmax(np.array(xs) > k)) if xs else -1


def within(df: pd.DataFrame, lo: float, hi: float):
    return [bool(lo <= v < hi) for v in df["price"]]


def within_right(df: pd.DataFrame, lo: float, hi: float):
    return df["price"].between(lo, hi, inclusive="left").tolist()


def within_naive(df: pd.DataFrame, lo: float, hi: float):
    return df["price"].between(lo, hi).tolist()


def given_or(xs: list, default: float):
    return [v or default for v in xs]


def given_or_right(xs: list, default: float):
    return [v if v else default for v in xs]


def given_or_naive(xs: list, default: float):
    return [v if v is not None else default for v in xs]


def prefixed(s: pd.Series):
    return [v.startswith("a.") for v in s]


def prefixed_right(s: pd.Series):
    return [v[:2] == "a." if isinstance(v, str) else v.startswith("a.") for v in s]


def prefixed_naive(s: pd.Series):
    return s.str.contains("a.").tolist()


def logs(xs: list[float]):
    return [math.log(v) if v > 0 else 0.0 for v in xs]


def logs_right(xs: list[float]):
    return [0.0 if not v > 0 else math.log(v) for v in xs]


def logs_naive(xs: list[float]):
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.log(np.array(xs, dtype=float)), nan=0.0, neginf=0.0).tolist()


def ratio_above(a: list[float], b: list[float]):
    return [y != 0 and x / y > 1 for x, y in zip(a, b)]  # noqa: B905


def ratio_above_right(a: list[float], b: list[float]):
    return [x / y > 1 if y != 0 else False for x, y in zip(a, b)]  # noqa: B905


def ratio_above_naive(a: list[float], b: list[float]):
    return [x > y for x, y in zip(a, b)]  # noqa: B905


def kept(df: pd.DataFrame):
    total = 0
    for row in df.itertuples():
        if row.state == "open" and row.amount > 100:
            total += 1
    return total


def kept_right(df: pd.DataFrame):
    return int(((df["state"] == "open") & (df["amount"] > 100)).sum())


def kept_naive(df: pd.DataFrame):
    return int(((df["state"] == "open") & (df["amount"] >= 100)).sum())


def fees(df: pd.DataFrame):
    out = np.zeros(len(df))
    for i in range(len(df)):
        if df["size"].values[i] > 5:
            out[i] = df["weight"].values[i] * 2.0
    return out


def fees_right(df: pd.DataFrame):
    return np.where(df["size"].values > 5, df["weight"].values * 2.0, 0.0)


def fees_naive(df: pd.DataFrame):
    return (df["size"].values > 5) * (df["weight"].values * 2.0)
