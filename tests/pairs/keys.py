"""Loops that look up, group, join and read text."""

import numpy as np
import pandas as pd

RATES = {"EUR": 1.0, "USD": 0.9, "GBP": 1.2}


def converted(df: pd.DataFrame):
    return [amount * RATES[code] for code, amount in zip(df["code"], df["amount"], strict=True)]


def converted_right(df: pd.DataFrame):
    return [row.amount * RATES[row.code] for row in df[["code", "amount"]].itertuples()]


def converted_naive(df: pd.DataFrame):
    return (df["amount"] * df["code"].map(RATES)).tolist()


def with_default(codes: list[str]):
    return [RATES.get(code, 0.0) for code in codes]


def with_default_right(codes: list[str]):
    return [dict.get(RATES, code, 0.0) for code in codes]


def with_default_naive(codes: list[str]):
    return pd.Series(codes, dtype=object).map(RATES).tolist()


def sums(df: pd.DataFrame):
    out: dict = {}
    for key, v in zip(df["key"], df["v"], strict=True):
        out[key] = out.get(key, 0) + v
    return out


def sums_right(df: pd.DataFrame):
    out: dict = {}
    for row in df[["key", "v"]].itertuples(index=False):
        if row.key not in out:
            out[row.key] = 0
        out[row.key] += row.v
    return out


def sums_naive(df: pd.DataFrame):
    return df.groupby("key")["v"].sum().to_dict()


def counts(keys: list[str]):
    out: dict = {}
    for key in keys:
        out[key] = out.get(key, 0) + 1
    return out


def counts_right(keys: list[str]):
    return {key: keys.count(key) for key in dict.fromkeys(keys)}


def counts_naive(keys: list[str]):
    return pd.Series(keys, dtype=object).value_counts().to_dict()


def prices(table: pd.DataFrame, wanted: list[str]):
    out = []
    for name in wanted:
        hit = table[table["name"] == name]
        out.append(hit["price"].iloc[0] if len(hit) else None)
    return out


def prices_right(table: pd.DataFrame, wanted: list[str]):
    first: dict = {}
    for i, name in enumerate(table["name"]):
        first.setdefault(name, i)
    return [table["price"].iloc[first[name]] if name in first else None for name in wanted]


def prices_naive(table: pd.DataFrame, wanted: list[str]):
    known = dict(zip(table["name"], table["price"].array, strict=True))
    return [known.get(name) for name in wanted]


def last_prices(df: pd.DataFrame):
    out: dict = {}
    for row in df.itertuples():
        out[row.name] = row.price
    return out


def last_prices_right(df: pd.DataFrame):
    return {name: price for name, price in zip(df["name"], df["price"], strict=True)}  # noqa: C416


def last_prices_naive(df: pd.DataFrame):
    return df.drop_duplicates("name").set_index("name")["price"].to_dict()


def distinct(keys: list[str]):
    out = []
    for key in keys:
        if key not in out:
            out.append(key)
    return out


def distinct_right(keys: list[str]):
    return list(dict.fromkeys(keys))


def distinct_naive(keys: list[str]):
    return np.unique(np.array(keys, dtype=object)).tolist()


def members(xs: list, allowed: list):
    return [v in allowed for v in xs]


def members_right(xs: list, allowed: list):
    return [any(v is w or v == w for w in allowed) for v in xs]


def members_naive(xs: list, allowed: list):
    return np.isin(xs, allowed).tolist()


def domains(mails: list[str]):
    return [mail.split("@")[-1] for mail in mails]


def domains_right(mails: list[str]):
    return [mail.rpartition("@")[2] for mail in mails]


def domains_naive(mails: list[str]):
    return [mail.partition("@")[2] for mail in mails]


def cleaned(names: list[str]):
    return [name.strip().lower() for name in names]


def cleaned_right(names: list[str]):
    return [name.lower().strip() for name in names]


def cleaned_naive(names: list[str]):
    return [name.lower().replace(" ", "") for name in names]


def parts(lines: list[str]):
    return [line.split("||") for line in lines]


def parts_right(lines: list[str]):
    return pd.Series(lines, dtype=object).str.split("||", regex=False).tolist()


def parts_naive(lines: list[str]):
    return pd.Series(lines, dtype=object).str.split("|").tolist()


def ranked(rows: list[tuple[int, str]]):
    return sorted(rows, key=lambda row: row[0], reverse=True)


def ranked_right(rows: list[tuple[int, str]]):
    return sorted(rows, key=lambda row: -row[0])


def ranked_naive(rows: list[tuple[int, str]]):
    return sorted(rows, key=lambda row: row[0])[::-1]


def joined(names: list[str]):
    out = ""
    for name in names:
        if out:
            out += ", "
        out += name
    return out


def joined_right(names: list[str]):
    return ", ".join(names).removeprefix(
        ", " * next((i for i, name in enumerate(names) if name), max(len(names) - 1, 0))
    )


def joined_naive(names: list[str]):
    return ", ".join(name for name in names if name)


def group_sizes(df: pd.DataFrame):
    out = {}
    for key, part in df.groupby("team"):
        out[key] = len(part)
    return out


def group_sizes_right(df: pd.DataFrame):
    return {key: len(rows) for key, rows in df.groupby("team").indices.items()}


def group_sizes_naive(df: pd.DataFrame):
    return df["team"].value_counts().to_dict()
