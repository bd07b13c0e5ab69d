"""Random inputs for a program."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pandas as pd

from .model import COLUMNS, KIND_OF_COLUMN, Parameter

Arguments = dict[str, Any]
_TEXTS = ("a", "b", "buy", "x y", "Sell", "k1", "", "\u00df", "7")
_KEYS = ("k1", "k2", "k3", "a")
_ODD_NUMBERS = (
    *(float("nan"), float("nan"), 0.0, -0.0, float("inf"), float("-inf"), 1e308, 5e-324, 1.115, 0.285),
    *(2**53 + 1, 2**63 - 1, None, True, "7", -(2**62), -(2**63)),
)
_DTYPES = ("float32", "int32", "uint8", "int8", "object", "Int64", "Float64", "category", "bool", "datetime64[ns]")
_INDEXES = ("shifted", "permuted", "duplicated", "shuffled", "text", "float", "dates", "named", "stepped")
#: Numbers that are the same on every round, but not what they are taken for.
_ODD_SCALARS = (0, 0.0, -1.5, float("nan"), 10**6, True, np.float64(2.5), np.int64(3), np.float32(0.1), np.array(2.5))
#: How inputs are made, in this order: first ordinary ones, then some that are odd in one way, then in all.
PLANS = ("typical", "integers", "signed", "none", "one", "labels", "values", "types", "odd", "odd")


def inputs(parameters: tuple[Parameter, ...], rng: Random, plan: str) -> Arguments:
    """A value for each parameter."""
    maker = _Maker(rng, plan)
    return {p.name: maker.value(p) for p in parameters}


class _Maker:
    def __init__(self, rng: Random, plan: str) -> None:
        self.rng, self.plan = rng, plan
        sizes = {"none": (0,), "one": (1,), "typical": (5, 9), "odd": (0, 1, 2, 3, 5, 9, 12)}
        self.size = rng.choice(sizes.get(plan, (3, 6, 12)))
        self.odd = plan == "odd"
        self.odd_labels = plan in ("odd", "labels")
        self.odd_values = plan in ("odd", "values")
        self.odd_types = plan in ("odd", "types")
        if plan == "signed" and rng.random() < 0.05:
            self.size = 140

    def value(self, p: Parameter) -> Any:
        match p.kind:
            case "frame":
                return self._frame(p)
            case "dict":
                keys = [*_KEYS, *_TEXTS] if not self.odd or self.rng.random() < 0.5 else self.rng.sample(_KEYS, 3)
                return {key: self._number() for key in dict.fromkeys(keys)}
            case "num":
                return self._scalar()
            case "int":
                return self.rng.choice((0, 1, 2, 3))
            case "text":
                return self.rng.choice(_TEXTS)
            case "matrix":
                return self._matrix()
            case "nested":
                return [self._values(p.element, self.rng.randint(0, 3)) for _ in range(self.size)]
        return self._sequence(p)

    def _matrix(self) -> Any:
        rows = [self._spoiled(self._values("num", 3), 0.2) for _ in range(self.size)]
        try:
            held = np.array(rows, dtype=float).reshape(self.size, 3)
        except (ValueError, TypeError, OverflowError):
            held = np.array(rows, dtype=object).reshape(self.size, 3)
        whole = held.dtype == float and self.plan == "integers"
        held = np.asfortranarray(held) if self.rng.random() < 0.3 else held
        return held.astype("int64") if whole else held

    def _scalar(self) -> Any:
        if (self.odd or self.plan == "types") and self.rng.random() < 0.3:
            return self.rng.choice(_ODD_SCALARS)
        return self.rng.choice((1, 2.5, 0.5, 3, -2))

    def _number(self) -> Any:
        r = self.rng
        if self.plan == "integers":
            return r.randint(1, 20)
        if self.plan == "typical":
            return round(r.uniform(0.5, 100), 2)
        whole = r.random() < 0.3
        return (
            r.randint(-9, 9) if whole else r.choice((0.0, 1.5, -2.25, round(r.uniform(-60, 60), 3), r.uniform(-5, 5)))
        )

    def _values(self, kind: str, size: int) -> list[Any]:
        r = self.rng
        match kind:
            case "int":
                return [r.randint(0, 12) if self.plan != "signed" else r.randint(-9, 9) for _ in range(size)]
            case "bool":
                return [r.random() < 0.5 for _ in range(size)]
            case "text":
                return [r.choice(_TEXTS) for _ in range(size)]
            case "key":
                return [r.choice(_KEYS) for _ in range(size)]
            case "date":
                days = [r.randint(0, 9) for _ in range(size)]
                return [pd.Timestamp("2024-01-01") + pd.Timedelta(days=d, hours=r.randint(0, 23)) for d in days]
        values = [self._number() for _ in range(size)]
        return values if self.plan == "integers" or self.odd or self.odd_values else [float(v) for v in values]

    def _spoiled(self, values: list[Any], share: float = 0.5) -> list[Any]:
        """With odd values at some places."""
        if not self.odd_values or not values or self.rng.random() > share:
            return values
        odd = self.rng.choice(_ODD_NUMBERS)
        where = self.rng.choice(("one", "one", "ends", "all"))
        places = {"one": [self.rng.randrange(len(values))], "ends": [0, -1], "all": range(len(values))}[where]
        for place in places:
            values[place] = odd
        return values

    def _sequence(self, p: Parameter) -> Any:
        size = self.size
        if self.odd and self.rng.random() < 0.12:
            size = max(0, size + self.rng.choice((-2, 1, 2)))
        values = self._values(p.element, size)
        if p.element in ("num", "int"):
            values = self._spoiled(values)
        elif self.odd and values and self.rng.random() < 0.3:
            values[self.rng.randrange(len(values))] = self.rng.choice((None, float("nan")))
        kind = p.kind
        if not p.annotated and self.odd_types and self.rng.random() < 0.6:
            kind = self.rng.choice(("list", "array", "series", "tuple", "iterator"))
        return self._dressed(values, kind, p.element)

    def _dressed(self, values: list[Any], kind: str, element: str) -> Any:
        match kind:
            case "array":
                return self._array(values)
            case "series":
                series = self._column(values, element if element == "date" else "num")
                return series.set_axis(self._index(len(series))) if self.odd_labels else series
            case "tuple":
                return tuple(values)
            case "iterator":
                return iter(values)
        return values

    def _array(self, values: list[Any]) -> Any:
        held = np.array(values) if values else np.array(values, dtype=float)
        if self.odd_types and self.rng.random() < 0.3:
            dtype = self.rng.choice(("float32", "int32", "int64", "uint8", "object", "bool"))
            try:
                held = held.astype(dtype)
            except (ValueError, TypeError, OverflowError):
                return held
        return held

    def _column(self, values: list[Any], kind: str = "num") -> Any:
        dtype = {"num": "float64", "int": "int64", "bool": "bool", "date": "datetime64[ns]"}.get(kind)
        made: Any = pd.Series(values, dtype=dtype if not values else None)
        if not self.odd_types or self.rng.random() > 0.3:
            return made
        if kind == "date":
            return made.dt.tz_localize("Europe/Paris", ambiguous="NaT") if made.dtype.kind == "M" else made
        wanted = self.rng.choice(_DTYPES if kind in ("num", "int") else ("object", "category"))
        if kind == "bool" and self.rng.random() < 0.4:
            wanted = "boolean"
        try:
            return made.astype(wanted)
        except (ValueError, TypeError, OverflowError):
            return made

    def _frame(self, p: Parameter) -> Any:
        columns = sorted(p.columns)
        extra = [name for names in COLUMNS.values() for name in names if name not in p.columns]
        self.rng.shuffle(columns)
        if self.rng.random() < 0.5:
            columns += self.rng.sample(extra, self.rng.randint(1, 2))
        if self.odd and len(columns) > 1 and self.rng.random() < 0.06:
            columns.remove(self.rng.choice(columns))
        spoiled = self.rng.choice(columns) if columns else ""
        data = {}
        for name in columns:
            kind = KIND_OF_COLUMN[name]
            values = self._values(kind, self.size)
            if name == spoiled or self.rng.random() < 0.15:
                if kind in ("num", "int"):
                    values = self._spoiled(values, 0.8)
                elif self.odd and values and self.rng.random() < 0.5:
                    values[self.rng.randrange(len(values))] = None
            data[name] = self._column(values, kind)
        frame = pd.DataFrame(data)
        if not columns:
            frame = pd.DataFrame(index=range(self.size))
        return frame.set_axis(self._index(len(frame))) if self.odd_labels and self.rng.random() < 0.6 else frame

    def _index(self, n: int) -> Any:
        match self.rng.choice(_INDEXES):
            case "shifted":
                return pd.RangeIndex(5, n + 5)
            case "permuted":
                return pd.Index(self.rng.sample(range(n), n), dtype="int64")
            case "duplicated":
                return pd.Index([k // 2 for k in range(n)], dtype="int64")
            case "shuffled":
                return pd.Index(self.rng.choices(range(max(n - 1, 1)), k=n), dtype="int64")
            case "stepped":
                return pd.RangeIndex(0, 2 * n, 2)
            case "text":
                return pd.Index([f"r{k}" for k in range(n)], dtype=object if not n else None)
            case "float":
                return pd.Index([k + 0.5 for k in range(n)], dtype="float64")
            case "dates":
                return pd.date_range("2024-01-01", periods=n)
        return pd.RangeIndex(n, name="label")
