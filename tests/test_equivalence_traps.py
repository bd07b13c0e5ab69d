"""Wrong rewrites that ordinary tests let pass are refuted, their right forms are verified."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.model import Evidence, Verdict


class Pair(NamedTuple):
    """A loop, a wrong form, and a right one with the obligations that it needs."""

    name: str
    signature: str
    loop: str
    wrong: str
    right: str = ""
    needs: tuple[str, ...] = ()
    tolerance: float | None = None


FRAME = "df: pd.DataFrame"
PAIRS = [
    Pair(
        "python numbers against NumPy scalars",
        FRAME,
        "out = []\nfor i in range(len(df)):\n    out.append(df['a'].iloc[i] * df['b'].iloc[i])",
        "out = (df['a'].values * df['b'].values).tolist()",
        "out = list(df['a'].values * df['b'].values)",
        ("numeric-columns",),
    ),
    Pair(
        "tuples give Python ints, which don't overflow",
        FRAME,
        "out = []\nfor row in df.itertuples():\n    out.append(row.a * row.b)",
        "out = list(df['a'].to_numpy() * df['b'].to_numpy())",
        "out = [a * b for a, b in zip(df['a'], df['b'])]",
        ("columns-exist",),
    ),
    Pair(
        "division by zero raises for Python numbers",
        FRAME,
        "out = []\nfor a, b in zip(df['a'], df['b']):\n    out.append(a / b)",
        "out = (df['a'].to_numpy() / df['b'].to_numpy()).tolist()",
        "out = (df['a'].to_numpy() / df['b'].to_numpy()).tolist()",
        ("no-zero-division", "numeric-columns", "float64", "element-types", "no-overflow"),
    ),
    Pair(
        "iterrows upcasts ints next to floats",
        FRAME,
        "out = []\nfor _, row in df.iterrows():\n    out.append(row['a'] + row['b'])",
        "out = [a + b for a, b in zip(df['a'], df['b'])]",
    ),
    Pair(
        "the label is not the position",
        FRAME,
        "out = []\nfor i, row in df.iterrows():\n    out.append(df['a'].iloc[i] - row['b'])",
        "out = list((df['a'] - df['b']).to_numpy())",
    ),
    Pair(
        "row labels repeat",
        FRAME,
        "df = df.copy()\nfor i, row in df.iterrows():\n    df.at[i, 'c'] = row['a'] * 2.0",
        "df = df.copy()\ndf['c'] = df['a'] * 2.0",
        "",
    ),
    Pair(
        "a sum has an order",
        "xs: np.ndarray",
        "out = 0.0\nfor x in xs:\n    out += x",
        "out = np.sum(xs)",
        "out = np.sum(xs)",
        ("float-order", "element-types", "empty-type", "float64", "no-overflow"),
        1e-10,
    ),
    Pair(
        "a sum in the loop's order",
        "xs: np.ndarray",
        "out = 0.0\nfor x in xs:\n    out += x",
        "out = 0.0 + np.cumsum(xs)[-1]",
        "out = np.cumsum(np.concatenate(([0.0], xs)))[-1]",
        ("element-types", "float64", "no-overflow", "numeric-columns"),
    ),
    Pair(
        "max and NaN",
        "xs: list[float]",
        "out = []\nfor x in xs:\n    out.append(max(x, 1.0))",
        "out = np.maximum(np.array(xs), 1.0).tolist()",
        "out = [max(x, 1.0) for x in xs]",
    ),
    Pair(
        "minus zero",
        "xs: np.ndarray",
        "out = []\nfor x in xs:\n    out.append(x if x > 0 else 0.0)\nout = np.array(out)",
        "out = np.maximum(xs, -0.0)",
        "out = np.where(xs > 0, xs, 0.0)",
        ("element-types", "empty-type", "no-none", "numeric-columns"),
    ),
    Pair(
        "round of Python floats",
        "xs: list[float]",
        "out = []\nfor x in xs:\n    out.append(round(x, 2))",
        "out = np.round(np.array(xs), 2).tolist()",
        "out = [round(x, 2) for x in xs]",
    ),
    Pair(
        "round of NumPy floats",
        "xs: np.ndarray",
        "out = []\nfor x in xs:\n    out.append(round(float(x), 2))",
        "out = np.round(xs, 2).tolist()",
        "",
    ),
    Pair(
        "missing text",
        FRAME,
        "out = []\nfor s in df['name']:\n    out.append(s > 'm')",
        "out = (df['name'] > 'm').tolist()",
        "out = [s > 'm' for s in df['name']]",
        ("columns-exist",),
    ),
    Pair(
        "regular expressions",
        FRAME,
        "out = []\nfor s in df['name']:\n    out.append('a.c' in s)",
        "out = df['name'].str.contains('a.c').tolist()",
        "out = df['name'].str.contains('a.c', regex=False).tolist()",
        ("plain-text", "columns-exist"),
    ),
    Pair(
        "split without a second part",
        FRAME,
        "out = []\nfor s in df['code']:\n    out.append(s.split('-')[1])",
        "out = df['code'].str.split('-').str[1].tolist()",
        "out = [s.split('-')[1] for s in df['code']]",
        ("columns-exist",),
    ),
    Pair(
        "zones are dropped by values",
        "at: pd.Series",
        "out = []\nfor i in range(len(at)):\n    out.append(at.iloc[i].hour)",
        "out = pd.DatetimeIndex(at.values).hour.tolist()",
        "out = at.dt.hour.tolist()",
        ("no-missing",),
    ),
    Pair(
        "days round down",
        FRAME,
        "out = []\nfor a, b in zip(df['start'], df['end']):\n    out.append((a - b).days)",
        "out = [int((a - b).total_seconds() / 86400) for a, b in zip(df['start'], df['end'])]",
        "out = [(a - b).days for a, b in zip(df['start'], df['end'])]",
        ("columns-exist",),
    ),
    Pair(
        "a key that is not there",
        "df: pd.DataFrame, rates: dict",
        "out = []\nfor k in df['key']:\n    out.append(rates[k])",
        "out = df['key'].map(rates).tolist()",
        "out = [rates[k] for k in df['key']]",
        ("columns-exist",),
    ),
    Pair(
        "a table whose keys repeat",
        "orders: pd.DataFrame, items: pd.DataFrame",
        "out = []\nfor _, row in orders.iterrows():\n    hit = items[items['sku'] == row['sku']]\n"
        "    out.append(hit['price'].iloc[0] * row['qty'])",
        "out = list(orders.merge(items, on='sku', how='left').eval('price * qty'))",
    ),
    Pair(
        "no match is not the last row",
        "trades: pd.DataFrame, marks: pd.DataFrame",
        "out = []\nfor t in trades['at']:\n    k = marks.index.get_indexer([t], method='nearest')[0]\n"
        "    out.append(marks['mid'].iloc[k] if k >= 0 else None)",
        "k = marks.index.get_indexer(trades['at'], method='nearest')\nout = list(marks['mid'].to_numpy()[k])",
    ),
    Pair(
        "lengths that differ",
        "a: list[float], b: list[float]",
        "out = []\nfor x, y in zip(a, b):\n    out.append(x * y)",
        "out = (np.array(a) * np.array(b)).tolist()",
        "out = [x * y for x, y in zip(a, b)]",
    ),
    Pair(
        "range(len()) stops with an error where zip stops early",
        "a: list, b: list",
        "out = []\nfor i in range(len(a)):\n    out.append(a[i] + b[i])",
        "out = [x + y for x, y in zip(a, b)]",
        "out = [x + y for x, y in zip(a, b)]",
        ("equal-lengths",),
    ),
    Pair(
        "truth of a value",
        "xs: list[float], ys: list[float]",
        "out = []\nfor x, y in zip(xs, ys):\n    out.append(x or y)",
        "out = [y if x != x else x for x, y in zip(xs, ys)]",
        "out = [x if x else y for x, y in zip(xs, ys)]",
    ),
    Pair(
        "duplicates keep their first place",
        FRAME,
        "out = {}\nfor k, v in zip(df['k'], df['v']):\n    out[k] = v",
        "out = df.drop_duplicates('k', keep='last').set_index('k')['v'].to_dict()",
        "out = dict(zip(df['k'], df['v']))",
    ),
    Pair(
        "one list a row",
        "n: int, width: int",
        "out = []\nfor _ in range(n):\n    out.append([0] * width)",
        "out = [[0] * width] * n",
        "out = [[0] * width for _ in range(n)]",
    ),
    Pair(
        "the neighbour before the first",
        "x: np.ndarray",
        "out = np.zeros(len(x))\nfor i in range(len(x)):\n    out[i] = x[i] - x[i - 1]",
        "out = np.zeros(len(x))\nout[1:] = x[1:] - x[:-1]",
        "out = np.zeros(len(x))\nout[:] = x - np.roll(x, 1)",
        ("numeric-columns", "no-overflow", "float64"),
    ),
    Pair(
        "an empty list has no dtype",
        "xs: list[int]",
        "out = []\nfor x in xs:\n    out.append(x * 2)\nout = np.array(out)",
        "out = np.array(xs, dtype='int64') * 2",
        "out = np.array([x * 2 for x in xs])",
    ),
    Pair(
        "an empty frame has no columns",
        FRAME,
        "out = []\nfor _, row in df.iterrows():\n    out.append({'c': row['a'], 'd': row['b']})\n"
        "out = pd.DataFrame(out)",
        "out = df[['a', 'b']].rename(columns={'a': 'c', 'b': 'd'}).reset_index(drop=True)",
    ),
    Pair(
        "members of a Series are its labels",
        "xs: list[int], known: pd.Series",
        "out = []\nfor x in xs:\n    out.append(x in known)",
        "out = [x in known.tolist() for x in xs]",
        "out = [x in known.index for x in xs]",
    ),
    Pair(
        "a condition that protects a division",
        FRAME,
        "out = []\nfor i in range(len(df)):\n    h, lo, v = df['h'].iloc[i], df['lo'].iloc[i], df['v'].iloc[i]\n"
        "    if h == lo:\n        out.append(v / 2)\n    else:\n        out.append(v * (h - v) / (h - lo))\n"
        "out = np.array(out)",
        "h, lo, v = (df[c].to_numpy() for c in ('h', 'lo', 'v'))\nout = v * (h - v) / (h - lo)",
        "h, lo, v = (df[c].to_numpy() for c in ('h', 'lo', 'v'))\nsame = h == lo\n"
        "out = np.where(same, v / 2, v * (h - v) / np.where(same, 1, h - lo))",
        ("numeric-columns", "element-types", "empty-type", "no-overflow", "float64"),
    ),
    Pair(
        "two draws in a round",
        "n: int, seed: int",
        "rng = np.random.default_rng(seed)\nout = []\nfor _ in range(n):\n    out.append(rng.normal() + rng.uniform())",
        "rng = np.random.default_rng(seed)\nout = (rng.normal(size=n) + rng.uniform(size=n)).tolist()",
    ),
    Pair(
        "draws of one kind",
        "n: int, seed: int",
        "rng = np.random.default_rng(seed)\nout = []\nfor _ in range(n):\n    out.append(rng.normal())",
        "rng = np.random.default_rng(seed)\nout = rng.uniform(size=n).tolist()",
        "rng = np.random.default_rng(seed)\nout = [rng.normal() for _ in range(n)]",
    ),
    Pair(
        "what is printed",
        "xs: list[str]",
        "out = []\nfor x in xs:\n    print(x)\n    out.append(x.upper())",
        "out = [x.upper() for x in xs]",
        "for x in xs:\n    print(x)\nout = [x.upper() for x in xs]",
        ("no-exceptions",),
    ),
    Pair(
        "the argument is changed",
        "xs: list[float]",
        "out = []\nfor i in range(len(xs)):\n    xs[i] = xs[i] * 2\n    out.append(xs[i])",
        "out = [x * 2 for x in xs]",
        "xs[:] = [x * 2 for x in xs]\nout = list(xs)",
        ("no-exceptions",),
    ),
    Pair(
        "a missing value on both sides is not found",
        "wanted: list, xs: pd.Series",
        "out = []\nfor x in xs:\n    out.append(x in wanted)",
        "out = xs.isin(wanted).tolist()",
        "out = [x in wanted for x in xs]",
    ),
    Pair(
        "a number among texts is no text",
        "wanted: list, xs: list",
        "out = []\nfor x in xs:\n    out.append(x in wanted)",
        "out = np.isin(np.array(xs), wanted).tolist()",
        "out = [x in wanted for x in xs]",
    ),
    Pair(
        "a date is no text",
        "days: pd.Series",
        "out = []\nfor day in days:\n    out.append(day == '2024-02-01')",
        "out = (days == '2024-02-01').tolist()",
        "out = [day == '2024-02-01' for day in days]",
    ),
    Pair(
        "the day at which something begins",
        "days: pd.Series",
        "out = []\nfor day in days:\n    out.append(1 if day >= pd.Timestamp('2031-05-01') else 0)",
        "out = [1 if day > pd.Timestamp('2031-05-01') else 0 for day in days]",
        "out = [1 if day >= pd.Timestamp('2031-05-01') else 0 for day in days]",
    ),
    Pair(
        "the hour until which something lasts",
        "moments: pd.Series",
        "out = []\nfor t in moments:\n    if t <= pd.Timestamp(2019, 3, 31):\n        out.append(t)",
        "out = [t for t in moments if t < pd.Timestamp(2019, 3, 31)]",
        "out = [t for t in moments if t <= pd.Timestamp(2019, 3, 31)]",
    ),
    Pair(
        "the row before the first, by label",
        FRAME,
        "out = []\nfor i in range(len(df)):\n    out.append(df.loc[i - 1, 'a'])",
        "out = list(np.roll(df['a'].to_numpy(), 1))",
    ),
    Pair(
        "a column of whole numbers takes no fraction",
        "xs: list",
        "df = pd.DataFrame({'c': np.zeros(len(xs), int)})\n"
        "for i in range(len(xs)):\n    df.at[i, 'c'] = xs[i]\nout = df['c']",
        "out = pd.Series(xs, name='c')",
    ),
    Pair(
        "a dict that grows while it is gone through",
        "found: dict",
        "for key in found:\n    found[key + 'x'] = 1\nout = found",
        "out = found\nfound.update({key + 'x': 1 for key in list(found)})",
    ),
    Pair(
        "pages that hold lines",
        "pages",
        "out = 0\nfor page in pages:\n    for line in page:\n        out += len(line) + 1",
        "out = 0\nfor page in pages:\n    out += max([len(line) + 1 for line in page] or [0])",
        "out = 0\nfor page in pages:\n    out += sum(len(line) + 1 for line in page)",
        ("sequence",),
    ),
    Pair(
        "names are cleaned before they are looked for",
        "words, names: list",
        "out = []\nfor word in words:\n    if word.strip().lower() in names:\n        out.append(word)",
        "out = [word for word in words if word.lower() in names]",
        "out = [word for word in words if word.strip().lower() in names]",
    ),
    Pair(
        "a missing value among those of a group",
        FRAME,
        "out = []\nfor key in df['k'].dropna().unique():\n    out.append(df[df['k'] == key]['v'].max())",
        "out = list(df.groupby('k', sort=False)['v'].max(skipna=False).values)",
    ),
    Pair(
        "the last one is the first that falls",
        "xs: np.ndarray",
        "out = -1\nfor i in range(1, len(xs)):\n    if xs[i] < xs[i - 1]:\n        out = i\n        break",
        "out = next((i for i in range(1, len(xs) - 1) if xs[i] < xs[i - 1]), -1)",
        "out = next((i for i in range(1, len(xs)) if xs[i] < xs[i - 1]), -1)",
    ),
    Pair(
        "a step as wide as the limit",
        "xs: np.ndarray",
        "out = []\nlast = 0.0\nfor x in xs:\n    if x > last + 1.5:\n        last = x\n    out.append(last)",
        "out = []\nlast = 0.0\nfor x in xs:\n    last = x if x >= last + 1.5 else last\n    out.append(last)",
        "out = []\nlast = 0.0\nfor x in xs:\n    last = x if x > last + 1.5 else last\n    out.append(last)",
    ),
    Pair(
        "exactly as many as the window is wide",
        "xs: pd.Series",
        "out = []\nfor i in range(len(xs) - 5 + 1):\n    out.append(xs.iloc[i])",
        "out = [xs.iloc[i] for i in range(len(xs) - 4)] if len(xs) > 5 else []",
        "out = [xs.iloc[i] for i in range(len(xs) - 5 + 1)]",
    ),
    Pair(
        "a column that is a mask",
        FRAME,
        "df = df[df['valid']]\nout = []\nfor a in df['a']:\n    out.append(-a if a < 4.5 else a)",
        "df = df[df['valid']]\nout = [-a if a <= 4.5 else a for a in df['a']]",
        "df = df[df['valid']]\nout = [-a if a < 4.5 else a for a in df['a']]",
        ("numpy-columns",),
    ),
]


@pytest.fixture(scope="module")
def evidence() -> dict[str, Evidence]:
    trials = []
    for p in PAIRS:
        for which, text in (("wrong", p.wrong), ("right", p.right)):
            if text:
                needs = p.needs if which == "right" else ()
                tolerance = p.tolerance if which == "right" else None
                trials.append(
                    trial(
                        f"{p.name}/{which}",
                        body(p.signature, p.loop),
                        body(p.signature, text),
                        needs,
                        tolerance=tolerance,
                    )
                )
    return judge(*trials)


@pytest.mark.parametrize("name", [p.name for p in PAIRS])
def test_wrong_form_is_refuted(evidence: dict[str, Evidence], name: str) -> None:
    found = evidence[f"{name}/wrong"]
    assert found.verdict is Verdict.REFUTED, found
    assert found.counterexample is not None
    assert found.counterexample.before != found.counterexample.after


@pytest.mark.parametrize("name", [p.name for p in PAIRS if p.right])
def test_right_form_is_verified(evidence: dict[str, Evidence], name: str) -> None:
    found = evidence[f"{name}/right"]
    assert found.verdict is Verdict.VERIFIED, (found.reason, found.counterexample)
    assert found.returned >= 12, found


def test_a_clear_win_is_timed_at_a_size_that_does_not_take_long() -> None:
    slow = "out = []\nfor i in range(len(df)):\n    out.append(df['a'].iloc[i] * 2)"
    fast = "out = list(df['a'].values * 2)"
    found = judge(trial("slow", body(FRAME, slow), body(FRAME, fast), ("numeric-columns",)), timing=True)["slow"]
    sizes = [n for n, _ in found.speedups]
    assert sizes[:2] == [50, 1000] and sizes[2:] in ([], [5000], [20_000]), found
    assert found.speedups[-1][1] > 4
