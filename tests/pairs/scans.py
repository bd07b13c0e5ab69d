"""Loops that carry something from round to round: totals, extremes, streaks, what was seen last."""

import numpy as np
import pandas as pd


def totals(xs: list[float]):
    total, out = 0.0, []
    for v in xs:
        total += v
        out.append(total)
    return out


def totals_right(xs: list[float]):
    return np.cumsum(np.concatenate(([0.0], xs)))[1:].tolist()


def totals_naive(xs: list[float]):
    return pd.Series(xs, dtype=float).cumsum().tolist()


def total(xs: np.ndarray):
    out = 0.0
    for v in xs:
        out += v
    return float(out)


def total_right(xs: np.ndarray):
    return float(np.cumsum(np.concatenate(([0.0], xs)))[-1])


def total_naive(xs: np.ndarray):
    return float(np.sum(xs) + 0.0)


def peaks(xs: list[float]):
    best, out = float("-inf"), []
    for v in xs:
        if v > best:
            best = v
        out.append(best)
    return out


def peaks_right(xs: list[float]):
    return np.fmax.accumulate(np.concatenate(([-np.inf], xs)))[1:].tolist()


def peaks_naive(xs: list[float]):
    return np.maximum.accumulate(np.array(xs, dtype=float)).tolist()


def streaks(xs: list[float]):
    run, out = 0, []
    for v in xs:
        run = run + 1 if v > 0 else 0
        out.append(run)
    return out


def streaks_right(xs: list[float]):
    up = np.array([v > 0 for v in xs], dtype=bool)
    count = np.cumsum(up)
    return (count - np.maximum.accumulate(np.where(up, 0, count))).tolist() if xs else []


def streaks_naive(xs: list[float]):
    up = pd.Series([v > 0 for v in xs], dtype=bool)
    return up.groupby((~up).cumsum()).cumcount().tolist()


def last_seen(xs: list[float], marks: list[bool]):
    last, out = 0.0, []
    for v, mark in zip(xs, marks):  # noqa: B905
        if mark:
            last = v
        out.append(last)
    return out


def last_seen_right(xs: list[float], marks: list[bool]):
    n = min(len(xs), len(marks))
    held = [0.0, *xs[:n]]
    at = np.maximum.accumulate([0, *(i + 1 if marks[i] else 0 for i in range(n))])
    return [held[k] for k in at[1:]]


def last_seen_naive(xs: list[float], marks: list[bool]):
    n = min(len(xs), len(marks))
    held = [v if mark else np.nan for v, mark in zip(xs[:n], marks[:n], strict=True)]
    return pd.Series(held, dtype=float).ffill().fillna(0.0).tolist()


def growth(rates: list[float]):
    value, out = 1.0, []
    for r in rates:
        value *= 1 + r
        out.append(value)
    return out


def growth_right(rates: list[float]):
    return np.cumprod(1 + np.array(rates, dtype=float)).tolist()


def growth_naive(rates: list[float]):
    return np.exp(np.cumsum(np.log1p(np.array(rates, dtype=float)))).tolist()


def smooth(xs: list[float]):
    level, out = 0.0, []
    for v in xs:
        level = 0.5 * v + 0.5 * level
        out.append(level)
    return out


def smooth_right(xs: list[float]):
    out, level = [0.0] * len(xs), 0.0
    for i in range(len(xs)):
        out[i] = level = 0.5 * xs[i] + 0.5 * level
    return out


def smooth_naive(xs: list[float]):
    return pd.Series(xs, dtype=float).ewm(alpha=0.5, adjust=False).mean().tolist()


def floored(xs: list[float]):
    level, out = 0.0, []
    for v in xs:
        level = max(0.0, level + v)
        out.append(level)
    return out


def floored_right(xs: list[float]):
    out = [0.0]
    for v in xs:
        out.append(max(0.0, out[-1] + v))
    return out[1:]


def floored_naive(xs: list[float]):
    sums = np.cumsum(np.array(xs, dtype=float))
    return (sums - np.minimum.accumulate(sums)).tolist()


def numbered(keys: list[str]):
    seen: dict[str, int] = {}
    out = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        out.append(seen[key])
    return out


def numbered_right(keys: list[str]):
    return [keys[: i + 1].count(key) for i, key in enumerate(keys)]


def numbered_naive(keys: list[str]):
    return pd.Series(keys, dtype=object).groupby(keys).cumcount().tolist()


def crossings(xs: np.ndarray):
    count = 0
    for i in range(1, len(xs)):
        if xs[i - 1] < 0 <= xs[i]:
            count += 1
    return count


def crossings_right(xs: np.ndarray):
    return int(np.count_nonzero((xs[:-1] < 0) & (xs[1:] >= 0)))


def crossings_naive(xs: np.ndarray):
    return int(np.count_nonzero(np.diff(np.sign(xs)) > 0))


def longest(xs: list[float]):
    run = best = 0
    for v in xs:
        run = run + 1 if v > 0 else 0
        best = max(best, run)
    return best


def longest_right(xs: list[float]):
    marks = "".join("1" if v > 0 else "0" for v in xs)
    return max(map(len, marks.split("0")))


def longest_naive(xs: list[float]):
    marks = "".join("1" if v >= 0 else "0" for v in xs)
    return max(map(len, marks.split("0")))


def drawdowns(df: pd.DataFrame):
    peak, out = -np.inf, []
    for v in df["price"].values:
        peak = max(peak, v)
        out.append(v - peak)
    return np.array(out, dtype=float)


def drawdowns_right(df: pd.DataFrame):
    price = df["price"].values
    return price - np.fmax.accumulate(np.concatenate(([-np.inf], price)))[1:]


def drawdowns_naive(df: pd.DataFrame):
    price = df["price"].values
    return price - (price.max() if len(price) else 0.0)


def best_day(xs: np.ndarray):
    best, day = -np.inf, -1
    for i in range(len(xs)):
        if xs[i] > best:
            best, day = xs[i], i
    return day


def best_day_right(xs: np.ndarray):
    known = np.flatnonzero(xs > -np.inf)
    return int(known[np.argmax(xs[known])]) if len(known) else -1


def best_day_naive(xs: np.ndarray):
    return len(xs) - 1 - int(np.argmax(xs[::-1])) if len(xs) else -1
