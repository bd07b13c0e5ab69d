"""What a loop builds, changes and shares: frames, lists, arguments, random numbers."""

import numpy as np
import pandas as pd


def table(xs: list[float]):
    rows = []
    for v in xs:
        rows.append({"v": v, "w": v * 2})
    return pd.DataFrame(rows)


def table_right(xs: list[float]):
    if not xs:
        return pd.DataFrame([])
    return pd.DataFrame({"v": xs, "w": [v * 2 for v in xs]})


def table_naive(xs: list[float]):
    return pd.DataFrame({"v": xs, "w": [v * 2 for v in xs]})


def collected(xs: list[int]):
    out = []
    for v in xs:
        out.append(v)
    return np.array(out)


def collected_right(xs: list[int]):
    return np.array(list(xs))


def collected_naive(xs: list[int]):
    return np.fromiter(xs, dtype="int64")


def grown(xs: list):
    xs.append(len(xs))
    return [v for v in xs if v]


def grown_right(xs: list):
    xs += [len(xs)]
    return list(filter(None, xs))


def grown_naive(xs: list):
    xs = [*xs, len(xs)]
    return [v for v in xs if v]


def grid(n: int):
    out = []
    for i in range(n):
        out.append([0] * 3)
        out[i][0] = i
    return out


def grid_right(n: int):
    return [[i, 0, 0] for i in range(n)]


def grid_naive(n: int):
    out = [[0] * 3] * n
    for i in range(n):
        out[i][0] = i
    return out


def put_into(df: pd.DataFrame):
    for i in range(len(df)):
        df.iloc[i, df.columns.get_loc("a")] = 1.5
    return len(df)


def put_into_right(df: pd.DataFrame):
    df.iloc[:, df.columns.get_loc("a")] = 1.5
    return len(df)


def put_into_naive(df: pd.DataFrame):
    df = df.copy()
    df["a"] = 1.5
    return len(df)


def stacked(frames: list[pd.DataFrame]):
    out = pd.DataFrame()
    for frame in frames:
        out = pd.concat([out, frame])
    return out


def stacked_right(frames: list[pd.DataFrame]):
    return pd.concat([pd.DataFrame(), *frames])


def stacked_naive(frames: list[pd.DataFrame]):
    return pd.concat([pd.DataFrame(), *frames], ignore_index=True)


def drawn(n: int):
    rng = np.random.default_rng(3)
    return [rng.normal() for _ in range(n)]


def drawn_right(n: int):
    return np.random.default_rng(3).normal(size=max(n, 0)).tolist()


def drawn_naive(n: int):
    return np.random.default_rng(3).uniform(size=max(n, 0)).tolist()


def two_draws(n: int):
    rng = np.random.default_rng(3)
    return [rng.random() - rng.random() for _ in range(n)]


def two_draws_right(n: int):
    drawn = np.random.default_rng(3).random((max(n, 0), 2))
    return (drawn[:, 0] - drawn[:, 1]).tolist()


def two_draws_naive(n: int):
    rng = np.random.default_rng(3)
    return (rng.random(max(n, 0)) - rng.random(max(n, 0))).tolist()


def shouted(names: list[str]):
    for name in names:
        print(name)
    return len(names)


def shouted_right(names: list[str]):
    print("".join(f"{name}\n" for name in names), end="")
    return len(names)


def shouted_naive(names: list[str]):
    print(*names)
    return len(names)


def paid(df: pd.DataFrame):
    out = df.copy()
    for i in range(len(out)):
        if out["due"].iloc[i] < 0:
            out.iloc[i, out.columns.get_loc("due")] = 0
    return out


def paid_right(df: pd.DataFrame):
    out = df.copy()
    below = (out["due"] < 0).to_numpy()
    if below.any():
        out.iloc[below, out.columns.get_loc("due")] = 0
    return out


def paid_naive(df: pd.DataFrame):
    df["due"] = df["due"].clip(lower=0)
    return df


def both_ends(xs: list):
    out = []
    for v in xs:
        out.insert(0, v)
    return out


def both_ends_right(xs: list):
    return list(reversed(xs))


def both_ends_naive(xs: list):
    return sorted(xs, reverse=True)


def named(s: pd.Series):
    return pd.Series([v * 2 for v in s], index=s.index)


def named_right(s: pd.Series):
    return pd.Series([v * 2 for v in s.tolist()], index=s.index)


def named_naive(s: pd.Series):
    return (s * 2).rename("doubled")


def emptied(queue: list):
    out = []
    while queue:
        out.append(queue.pop(0))
    return out


def emptied_right(queue: list):
    out = list(queue)
    queue.clear()
    return out


def emptied_naive(queue: list):
    return list(queue)
