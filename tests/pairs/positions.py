"""Loops over positions and labels: neighbours, windows, edges, rows that are aligned or are not."""

import numpy as np
import pandas as pd


def changes(xs: list[float]):
    return [xs[i] - xs[i - 1] for i in range(len(xs))]


def changes_right(xs: list[float]):
    return [a - b for a, b in zip(xs, [*xs[-1:], *xs[:-1]], strict=True)]


def changes_naive(xs: list[float]):
    return np.diff(np.array([*xs[:1], *xs], dtype=float)).tolist()


def steps(df: pd.DataFrame):
    out = np.full(len(df), np.nan)
    for i in range(1, len(df)):
        out[i] = df["level"].values[i] - df["level"].values[i - 1]
    return out


def steps_right(df: pd.DataFrame):
    level = df["level"].values
    return np.concatenate((np.full(min(1, len(df)), np.nan), level[1:] - level[:-1]))


def steps_naive(df: pd.DataFrame):
    level = df["level"].values
    return level - np.roll(level, 1)


def ahead(xs: np.ndarray):
    return [xs[i + 1] - xs[i] for i in range(len(xs) - 1)]


def ahead_right(xs: np.ndarray):
    return list(xs[1:] - xs[:-1])


def ahead_naive(xs: np.ndarray):
    return list(np.roll(xs, -1) - xs)


def trimmed(xs: list, k: int):
    return [xs[i] for i in range(len(xs) - k)] if 0 <= k <= len(xs) else []


def trimmed_right(xs: list, k: int):
    return xs[: len(xs) - k] if 0 <= k <= len(xs) else []


def trimmed_naive(xs: list, k: int):
    return xs[:-k] if 0 <= k <= len(xs) else []


def windows(xs: np.ndarray):
    return [xs[i - 2 : i + 1].max() for i in range(2, len(xs))]


def windows_right(xs: np.ndarray):
    if len(xs) < 3:
        return []
    return list(np.lib.stride_tricks.sliding_window_view(xs, 3).max(axis=1))


def windows_naive(xs: np.ndarray):
    return list(pd.Series(xs).rolling(3).max().dropna().to_numpy())


def by_label(df: pd.DataFrame):
    out = []
    for i, row in df.iterrows():
        out.append(df["a"].loc[i] - row["b"])
    return out


def by_label_right(df: pd.DataFrame):
    return [df["a"].loc[label] - row["b"] for label, row in zip(df.index, (r for _, r in df.iterrows()), strict=True)]


def by_label_naive(df: pd.DataFrame):
    return [df["a"].iloc[i] - df["b"].iloc[i] for i in range(len(df))]


def pairwise(a: pd.Series, b: pd.Series):
    return [x - y for x, y in zip(a, b)]  # noqa: B905


def pairwise_right(a: pd.Series, b: pd.Series):
    return [x - y for x, y in zip(a.tolist(), b.tolist())]  # noqa: B905


def pairwise_naive(a: pd.Series, b: pd.Series):
    return (a - b).tolist()


def marked(df: pd.DataFrame):
    df = df.copy()
    df["flag"] = 0
    for i in df.index:
        if df.loc[i, "size"] > 10:
            df.loc[i, "flag"] = 1
    return df


def marked_right(df: pd.DataFrame):
    df = df.copy()
    df["flag"] = np.where(df["size"] > 10, 1, 0)
    return df


def marked_naive(df: pd.DataFrame):
    df = df.reset_index(drop=True)
    df["flag"] = np.where(df["size"] > 10, 1, 0)
    return df


def every_second(xs: list):
    out = []
    for i, v in enumerate(xs):
        if i % 2 == 0:
            out.append(v)
    return out


def every_second_right(xs: list):
    return [xs[i] for i in range(0, len(xs), 2)]


def every_second_naive(xs: list):
    return xs[1::2]


def nearest(xs: list[float], target: float):
    return min(range(len(xs)), key=lambda i: abs(xs[i] - target))


def nearest_right(xs: list[float], target: float):
    distances = [abs(v - target) for v in xs]
    return distances.index(min(distances))


def nearest_naive(xs: list[float], target: float):
    return int(np.argmin(np.abs(np.array(xs) - target)[::-1]))


def numbered_rows(df: pd.DataFrame):
    return [f"{i}: {name}" for i, name in enumerate(df["name"], start=1)]


def numbered_rows_right(df: pd.DataFrame):
    return [f"{i + 1}: {name}" for i, name in enumerate(df["name"].tolist())]


def numbered_rows_naive(df: pd.DataFrame):
    return [f"{i}: {name}" for i, name in zip(df.index, df["name"], strict=True)]


def filled(xs: np.ndarray):
    out = np.zeros(len(xs))
    for i in range(len(xs)):
        out[i] = xs[i] * 0.5
    return out


def filled_right(xs: np.ndarray):
    out = np.zeros(len(xs))
    out[:] = xs * 0.5
    return out


def filled_naive(xs: np.ndarray):
    return (xs * 0.5).astype("float32").astype(float)


def backwards(s: pd.Series):
    return [s.iloc[-1 - i] for i in range(len(s))]


def backwards_right(s: pd.Series):
    return [s.iloc[i] for i in range(len(s) - 1, -1, -1)]


def backwards_naive(s: pd.Series):
    return [s.iloc[-i] for i in range(len(s))]


def bucket_counts(ids: list[int]):
    out = np.zeros(5)
    for k in ids:
        if 0 <= k < 5:
            out[int(k)] += 1
    return out


def bucket_counts_right(ids: list[int]):
    return np.bincount([int(k) for k in ids if 0 <= k < 5], minlength=5).astype(float)


def bucket_counts_naive(ids: list[int]):
    out = np.zeros(5)
    kept = [k for k in ids if 0 <= k < 5]
    out[np.array(kept, dtype=int)] += 1
    return out
