"""Which scalars a loop sees: Python's or NumPy's, and of which type."""

import numpy as np
import pandas as pd


def squares(s: pd.Series):
    out = []
    for v in s:
        out.append(v * v)
    return out


def squares_right(s: pd.Series):
    return [v * v for v in s.tolist()]


def squares_naive(s: pd.Series):
    return (s * s).tolist()


def row_numbers(df: pd.DataFrame):
    return [str(row["n"]) for _, row in df[["n", "share"]].iterrows()]


def row_numbers_right(df: pd.DataFrame):
    part = df[["n", "share"]]
    return [str(part.iloc[i]["n"]) for i in range(len(part))]


def row_numbers_naive(df: pd.DataFrame):
    return df["n"].astype(str).tolist()


def doubled(s: pd.Series):
    return [s.iloc[i] * 2 for i in range(len(s))]


def doubled_right(s: pd.Series):
    return list(s.values * 2)


def doubled_naive(s: pd.Series):
    return (s * 2).tolist()


def ratios(df: pd.DataFrame):
    return [t.a / t.b for t in df.itertuples()]


def ratios_right(df: pd.DataFrame):
    return [a / b for a, b in zip(df["a"], df["b"], strict=True)]


def ratios_naive(df: pd.DataFrame):
    return (df["a"] / df["b"]).tolist()


def rounded(xs: list[float]):
    return [round(v, 1) for v in xs]


def rounded_right(xs: list[float]):
    return [round(v, ndigits=1) for v in xs]


def rounded_naive(xs: list[float]):
    return np.round(np.array(xs), 1).tolist()


def halves(s: pd.Series):
    return [s.iloc[i] // 2 for i in range(len(s))]


def halves_right(s: pd.Series):
    return list(s.values // 2)


def halves_naive(s: pd.Series):
    return list((s.values / 2).astype(int))


def remainders(xs: list[int]):
    return [v % 3 for v in xs]


def remainders_right(xs: list[int]):
    return [divmod(v, 3)[1] for v in xs]


def remainders_naive(xs: list[int]):
    return np.fmod(np.array(xs), 3).tolist()


def powers(xs: list[int]):
    return [v**3 for v in xs]


def powers_right(xs: list[int]):
    return [v * v * v for v in xs]


def powers_naive(xs: list[int]):
    return (np.array(xs) ** 3).tolist()


def unset(xs: list):
    return [v is None for v in xs]


def unset_right(xs: list):
    return [isinstance(v, type(None)) for v in xs]


def unset_naive(xs: list):
    return pd.Series(xs, dtype=object).isna().tolist()


def both_set(p: list[bool], q: list[bool]):
    return [a + b for a, b in zip(p, q)]  # noqa: B905


def both_set_right(p: list[bool], q: list[bool]):
    return [sum((a, b)) for a, b in zip(p, q)]  # noqa: B905


def both_set_naive(p: list[bool], q: list[bool]):
    n = min(len(p), len(q))
    return (np.array(p[:n]) + np.array(q[:n])).tolist()


def smaller(xs: list[float], ys: list[float]):
    return [min(a, b) for a, b in zip(xs, ys)]  # noqa: B905


def smaller_right(xs: list[float], ys: list[float]):
    return [b if b < a else a for a, b in zip(xs, ys)]  # noqa: B905


def smaller_naive(xs: list[float], ys: list[float]):
    n = min(len(xs), len(ys))
    return np.minimum(np.array(xs[:n]), np.array(ys[:n])).tolist()


def said(s: pd.Series):
    return [str(v) for v in s]


def said_right(s: pd.Series):
    return list(map(str, s.tolist()))


def said_naive(s: pd.Series):
    return s.round(2).astype(str).tolist()


def floats_among(xs: list):
    return [isinstance(v, float) for v in xs]


def floats_among_right(xs: list):
    return [issubclass(type(v), float) for v in xs]


def floats_among_naive(xs: list):
    return [np.array(xs).dtype == float] * len(xs)


def sizes(xs: np.ndarray):
    return [abs(v) for v in xs]


def sizes_right(xs: np.ndarray):
    return list(np.abs(xs))


def sizes_naive(xs: np.ndarray):
    return list(np.maximum(xs, -xs) + 0.0)


def years(s: pd.Series):
    return [v.year * 100 + v.month for v in s.dt.date]


def years_right(s: pd.Series):
    return [v.year * 100 + v.month for v in s.dt.date.tolist()]


def years_naive(s: pd.Series):
    return (s.dt.year * 100 + s.dt.day).tolist()
