"""What is called to see that the new form does what the old one did, on releases that have the old one and on a model.

`EXAMPLES` are calls of the functions in the examples of each rule, `MORE` pieces of code with calls of their own. The
names `table`, `series` and `days`, and some files, are made by `runner.SETUP`.
"""

EXAMPLES: dict[str, list[str]] = {
    "DL901-1": ["widths('table.csv')"],
    "DL901-2": ["shown(series)", "shown(series[:0])"],
    "DL902-1": ["design('table.csv')"],
    "DL902-2": ["design(table)", "design(table.drop(columns=['height']))"],
    "DL903-1": ["marked(table, 2)", "marked(table.set_index('when'), '2020-01-02')", "marked(table, 'no')"],
    "DL903-2": ["corner('table.csv')"],
    "DL904-1": ["settled('table.csv')"],
    "DL904-2": ["first(table)", "first(table.iloc[::-1])", "first(table[2:])"],
    "DL905-1": ["both('table.csv', table[:2])", "both('table.csv', table[['bid', 'name']])"],
    "DL905-2": ["guests(['ann', 'bob'], [1, 2])", "guests(['ann'], [0.5])", "guests([], [])"],
    "DL906-1": ["blank(3)"],
    "DL907-1": ["bounds([1.0, 2.0])", "bounds([0.0, 2.0])"],
    "DL908-1": ["bands('table.csv')"],
    "DL908-2": ["spread(series.fillna(9.0))"],
    "DL909-1": ["ranking('table.csv')"],
    "DL909-2": ["smallest(series)"],
    "DL910-1": ["[one.tolist() for one in monthly(days)]"],
    "DL911-1": ["tidy('names.csv')"],
    "DL912-1": ["load('bad.csv')"],
    "DL912-2": ["load('bad.txt')"],
    "DL913-1": ["cleaned(table[['points', 'price']])"],
    "DL914-1": ["complete('table.csv')"],
    "DL915-1": [],  # plots, and needs SciPy
}

#: The release that these follow: before it, rows were appended in another way, and quantiles not interpolated.
SINCE = {"DL905-2": (1, 0), "rows": (1, 0), "windows": (0, 21)}

_HEAD = "import numpy as np\nimport pandas as pd\n\n"

MORE: dict[str, tuple[str, list[str]]] = {
    "windows": (
        _HEAD
        + "def f(x: pd.Series, t: pd.DataFrame):\n    return [\n"
        + "".join(
            f"        pd.rolling_{name}(x, 3{more}),\n        pd.expanding_{name}(x{more}, min_periods=2),\n"
            for name, more in {
                **dict.fromkeys(("sum", "mean", "median", "min", "max", "std", "var"), ""),
                "quantile": ", 0.25",
                "apply": ", lambda w: w[0] + len(w)",
            }.items()
        )
        + "        pd.rolling_mean(x, 3, 1, center=True),\n        pd.rolling_std(t, 2, min_periods=1),\n"
        + "        pd.rolling_count(x, 2),\n        pd.ewma(x, 2), pd.ewmstd(x, span=3),\n"
        + "        pd.ewmvar(x, com=1.5, bias=True),\n"
        + "    ]\n",
        ["f(series.fillna(7.0), table[['points', 'price']])", "f(series, table[['points', 'bid']])"],
    ),
    "rows": (
        _HEAD
        + "def f(t: pd.DataFrame, a, b):\n"
        + "    row = {'n': a, 'price': b}\n"
        + "    t = t.append(row, ignore_index=True)\n"
        + "    t = t.append({'n': 1, 'price': 0.5}, ignore_index=True)\n"
        + "    t = t.append(pd.Series({'n': a}), ignore_index=True)\n"
        + "    return t.append({'name': 'x', 'price': 2}, ignore_index=True)\n",
        ["f(pd.DataFrame(), 1, 2.5)", "f(pd.DataFrame({'n': [1], 'price': [2]}), 3, 4)", "f(pd.DataFrame(), 'a', 1)"],
    ),
    "series": (
        _HEAD
        + "def f(s: pd.Series, t: pd.Series):\n"
        + "    return s.append(t), s.append([t, s], ignore_index=True), s.append(t, verify_integrity=True)\n",
        ["f(series, series + 1)", "f(series[:2], series[2:])"],
    ),
    "labels": (
        _HEAD
        + "def f(t: pd.DataFrame):\n"
        + "    out = [t.ix['x'], t.ix['x':'z', 'n'], t.ix[:, ['n', 'p']], t.ix[t['n'] > 1, :]]\n"
        + "    out.append(t.ix[~(t['n'] > 1), 'p'])\n"
        + "    for label, row in t.iterrows():\n        out.append(t.ix[label, 'n'])\n"
        + "    t.ix['y', 'n'] = 9\n    t.ix[t['n'] > 8, 'p'] = 0\n    t.ix[:, 'q'] = 1\n    return out, t\n",
        ["f(pd.DataFrame({'n': [1, 2, 3], 'p': [4, 5, 6]}, index=['x', 'y', 'z']))"],
    ),
    "positions": (
        _HEAD
        + "def f(t: pd.DataFrame):\n"
        + "    t = t.reset_index()\n    out = [t.ix[0, 'n'], t.ix[1:2, 'n'], t.ix[1]]\n"
        + "    for i in range(len(t)):\n        out.append(t.ix[i, 'n'])\n    return out\n",
        ["f(pd.DataFrame({'n': [1, 2, 3]}, index=['x', 'y', 'z']))"],
    ),
    "sorting": (
        _HEAD
        + "def f(t: pd.DataFrame, s: pd.Series):\n"
        + "    t.sort('name', inplace=True)\n    s = s.copy()\n    s.sort(ascending=False)\n"
        + "    return t, s, t.sort(axis=1), s.order(na_position='first'), s.sort(inplace=False)\n",
        ["f(table.copy(), series)"],
    ),
}
