"""Typical inputs from a specification: values around the code's own constants, ties, keys that match."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from .drafts import ClassReference, Column, Draft, Mapping, Record, Scalar, Spec, Table
from .lines import line
from .patterns import matching
from .pools import Pools
from .stubs import Duck, PureFunction
from .texts import PATHS, URLS, WORDS, dressed, measured, readable

#: More keys than that in a program are a list of data.
_WRITTEN = 16
#: At most so many words or lines in each of many texts.
_WORDS = 12
#: How far a number is above what is taken off it, where a root or a logarithm is taken of the difference.
_ABOVE = 100
#: Inputs of that size are for timing.
_LARGE = 1000
_START = dt.datetime(2024, 1, 1)
_SEQUENCES = {
    "series": "series",
    "array": "array",
    "list": "list",
    "set": "set",
    "iterator": "iterator",
    "ndarray": "array",
    "files": "files",
}
_INNER = 4
#: Lists in cells are long with more elements than that, and so many are not the same.
_LONG_CELL, _LONG_CELLS = 97, 4
#: So many keys there are in a column of them in those, so that rows have several in common.
_FEW_KEYS = 2
_FEW = {"small": (-2, 4), "digits": (1, 5)}


class Builder:
    """Makes the drafts of one input.

    `flavour` says what a number without evidence is: "float", "int", "signed", "small" or "digits" (few integers, the
    latter positive). `pick` varies single values. Sequences and tables have at most `most` elements, where given.
    """

    def __init__(
        self,
        parameters: list[dict[str, Any]],
        n: int,
        seed: int = 0,
        flavour: str = "float",
        pick: int = 0,
        most: int | None = None,
    ) -> None:
        self.n = n
        self.most = n if most is None else min(n, most)
        self.flavour = flavour
        self.pick = pick
        self.random = random.Random(f"{seed}/{n}/{flavour}/{pick}")
        self.pools = Pools(parameters, n)
        self._depth = 0
        self._ducks = 0
        self._salt = f"{n}.{flavour[:2]}{pick}.{seed}"  # not the same object in every input

    def build(self, parameters: list[dict[str, Any]]) -> dict[str, Draft]:
        """One draft for each parameter."""
        return {p["name"]: self.draft(p["spec"], p["name"]) for p in parameters}

    def draft(self, spec: Spec, label: str) -> Draft:
        """The draft of one value."""
        kind = spec["t"]
        n = self._length(spec)
        if kind == "frame":
            return self._frame(spec, label, n)
        if kind in _SEQUENCES:
            return self._sequence(spec, label, n)
        if kind == "dict":
            return self._dict(spec, label, n)
        if kind in ("record", "tuple", "object"):
            items = (
                spec["items"]
                if kind == "record"
                else spec.get("attrs", {})
                if kind == "object"
                else dict(enumerate(spec["items"]))
            )
            parts = {
                k: self.draft(v, f"{label}.{k}" if kind == "object" else f"{label}[{k!r}]") for k, v in items.items()
            }
            return Record(kind, parts, spec, spec.get("cls", ""), label)
        if kind == "class":
            return ClassReference(spec["cls"])
        if kind == "callable":
            return PureFunction(label)
        if kind == "duck":
            self._ducks += 1
            return Duck(f"{label}#{self._ducks}:{self._salt}")
        if kind == "rng":
            return np.random.default_rng(7)
        if kind == "none":
            return Scalar(None, "none", spec, label)
        return Scalar(self._scalar(spec), self._kind(spec), spec, label)

    def _length(self, spec: Spec) -> int:
        if spec.get("fixed"):
            return int(spec["fixed"])
        if spec.get("long"):
            return self.n + self.n % 2  # also where it holds pairs, one value after the other
        if spec.get("lookup"):
            keyed = any(spec.get(part, {}).get("pool") in self.pools.keys for part in ("key", "elem"))
            most = self.n if keyed or not self._depth else min(self.n, _INNER)  # a table of tables is no larger
            return most + 3 if most else 0
        if spec.get("usual") and self.n >= _LARGE:  # as many as by default, or a few more
            return min(self.most, 2 * int(spec["usual"]) + 8)
        return (
            self.most + (spec.get("more", 0) if self.most else 0)
            if self._depth == 0
            else self.random.choice([0, 1, 2, 3, _INNER])
            if not spec.get("width")
            else _INNER
        )

    def _frame(self, spec: Spec, label: str, n: int) -> Table:
        columns = dict(spec["cols"])
        if spec.get("free"):
            for extra in ("c0", "c1"):
                columns.setdefault(extra, {"t": "num", "extra": True})
        pooled = [s["pool"] for s in columns.values() if self.pools.holds(s)]
        index_spec = spec.get("index")
        # a mask takes several rows of a key at times
        repeated = self.flavour in _FEW and any("table key" in s.get("flags", ()) for s in columns.values())
        lookup = bool(spec.get("lookup")) and not repeated
        if lookup and pooled and not (index_spec and index_spec.get("pool") in self.pools.keys):
            n = min(n, *(len(self.pools.keys[pool]) for pool in pooled))
        index = None
        if index_spec and (index_spec.get("pool") in self.pools.keys or index_spec["t"] not in ("any", "num", "int")):
            index = self._index(index_spec, label, n)
            n = len(index.values)
        elif spec.get("first label") is not None:
            index = Column([spec["first label"] + k for k in range(n)], "int", {"t": "int"}, f"{label}.index")
        made = self._combined(columns, spec.get("combined", ()), n, label)
        n = len(next(iter(made.values())).values) if made else n
        for name, s in [(name, s) for name, s in columns.items() if name not in made]:
            unique = lookup and self.pools.holds(s)
            made[name] = self.column(s, n, f'{label}["{name}"]', unique=unique)
        made = {name: made[name] for name in columns}
        table = Table("frame", made, spec, label, index, n)
        self._ties(list(made.values()), n)
        return table

    def _combined(self, columns: dict[str, Spec], names: Sequence[str], n: int, label: str) -> dict[str, Column]:
        """Columns that are keys together: each key of one beside each of the others."""
        specs = {name: columns[name] for name in names if self.pools.holds(columns.get(name, {}))}
        if len(specs) < max(len(names), 2):
            return {}
        rows = list(product(*(self.pools.keys[s["pool"]][: max(self.n, 1)] for s in specs.values()))) if n else []
        return {
            name: Column([row[k] for row in rows], self.pools.kinds[s["pool"]], s, f'{label}["{name}"]')
            for k, (name, s) in enumerate(specs.items())
        }

    def _index(self, spec: Spec, label: str, n: int) -> Column:
        if spec.get("pool") in self.pools.keys and spec["t"] not in ("datetime", "date"):
            keys = self.pools.keys[spec["pool"]][:n]
            return Column(list(keys), self.pools.kinds[spec["pool"]], spec, f"{label}.index")
        if spec["t"] in ("datetime", "date"):
            return Column([_START + dt.timedelta(hours=k) for k in range(n)], "datetime", spec, f"{label}.index")
        if spec["t"] == "str":
            return Column([f"r{k}" for k in range(n)], "str", spec, f"{label}.index")
        return Column(list(range(n)), "int", spec, f"{label}.index")

    def _ties(self, columns: list[Column], n: int) -> None:
        """Some rows hold one number in every column, some repeat the row before: ties are where comparisons differ."""
        numeric = [
            c for c in columns if c.kind in ("float", "int") and not c.spec.get("pool") and not c.spec.get("lits")
        ]
        for i in range(n):
            if len(numeric) > 1 and i % 7 == 3:
                for c in numeric[1:]:
                    c.values[i] = numeric[0].values[i] if c.kind == numeric[0].kind else c.values[i]
            elif i % 8 == 5:
                for c in numeric:
                    c.values[i] = c.values[i - 1]

    def _sequence(self, spec: Spec, label: str, n: int) -> Table:
        form = _SEQUENCES[spec["t"]]
        elem = spec.get("elem") or {"t": "any"}
        if spec.get("lookup") and elem.get("pool") in self.pools.keys:
            n = min(n, len(self.pools.keys[elem["pool"]]))
        as_tuple = bool(spec.get("tuple"))
        if form == "array" and spec.get("width"):
            inner = elem if elem["t"] in ("int", "float", "num", "bool", "any", "str") else {"t": "num"}
            columns = {k: self.column(inner, n, f"{label}[:, {k}]") for k in range(spec["width"])}
            return Table("matrix", columns, spec, label, None, n)
        if elem["t"] == "record" and form in ("list", "iterator") and _flat(elem["items"].values()):
            columns = {k: self.column(s, n, f"{label}[...][{k!r}]") for k, s in elem["items"].items()}
            return Table("records", columns, spec, label, None, n, as_tuple=as_tuple)
        if elem.get("cells") and form in ("list", "iterator"):
            columns = {k: self._texts(s, n, f"{label}[...][{k}]") for k, s in enumerate(elem["items"])}
            return Table("tuples", columns, spec, label, None, n, as_tuple=as_tuple)
        if elem["t"] == "tuple" and form in ("list", "iterator") and _flat(elem["items"]):
            columns = {k: self.column(s, n, f"{label}[...][{k}]") for k, s in enumerate(elem["items"])}
            return Table("tuples", columns, spec, label, None, n, as_tuple=as_tuple)
        if elem["t"] == "object" and elem["attrs"] and form in ("list", "iterator") and _flat(elem["attrs"].values()):
            columns = {k: self.column(s, n, f"{label}[...].{k}") for k, s in elem["attrs"].items()}
            return Table("objects", columns, spec, label, None, n, as_tuple=as_tuple)
        column = self.column(elem, n, label, unique=form == "set")
        if form == "list" and spec.get("ties", True):
            self._ties([column], n)
        index = None
        index_spec = spec.get("index")
        if (
            form == "series"
            and index_spec
            and (index_spec.get("pool") in self.pools.keys or index_spec["t"] in ("datetime", "str"))
        ):
            index = self._index(index_spec, label, n)
            column.values = column.values[: len(index.values)]
        if spec.get("lits") and form == "set":
            column.values[: len(spec["lits"])] = spec["lits"][: len(column.values)]
        return Table(form, {"": column}, spec, label, index, n, as_tuple=as_tuple)

    def _texts(self, spec: Spec, n: int, label: str) -> Column:
        """A column of the cells of lines: all of them are text, numbers and dates too."""
        values = [str(self._part(spec, k)) for k in range(min(n, 1000))]
        return Column((values * (n // 1000 + 1))[:n], "str", spec, label)

    def _dict(self, spec: Spec, label: str, n: int) -> Mapping:
        key, elem = spec["key"], spec.get("elem") or {"t": "any"}
        if key.get("pool") in self.pools.keys:
            keys = list(self.pools.keys[key["pool"]][: max(n, 3)]) if self.n else []
            kind = self.pools.kinds[key["pool"]]
        else:
            kind = "int" if key["t"] == "int" else "datetime" if key["t"] == "datetime" else "str"
            wanted = {"str": str, "int": int}.get(kind, ())
            given: list[Any] = [v for v in key.get("lits", []) if isinstance(v, wanted)]
            more: list[Any] = [f"k{k}" for k in range(n)] if kind == "str" else list(range(1, n + 1))
            if kind == "datetime":
                more = [_START + dt.timedelta(days=k) for k in range(n)]
            least = len(given) if self._depth and len(given) <= _WRITTEN else 0  # of rows in a table all have them
            keys = list(dict.fromkeys(given + more))[: max(n, least)] if n else []
        column = Column(keys, kind, key, f"{label} keys")
        if elem["t"] == "record" and _flat(elem["items"].values()):
            columns = {k: self.column(s, len(keys), f"{label}[...][{k!r}]") for k, s in elem["items"].items()}
            return Mapping(column, Table("records", columns, spec, label, None, len(keys)), spec, label)
        if _flat([elem]):
            return Mapping(
                column, Table("list", {"": self.column(elem, len(keys), f"{label}[...]")}, spec, label), spec, label
            )
        return Mapping(column, [self._nested(elem, f"{label}[{k!r}]") for k in keys], spec, label)

    def _nested(self, spec: Spec, label: str) -> Draft:
        self._depth += 1
        try:
            if self._depth > 4:
                return Scalar(1.5, "float", spec, label)
            saved = self.n
            if spec["t"] == "frame" or spec["t"] == "series":
                spec = {**spec, "fixed": self.random.choice([1, 2, 3])}
            made = self.draft(spec, label)
            self.n = saved
            return made
        finally:
            self._depth -= 1

    def column(self, spec: Spec, n: int, label: str, unique: bool = False) -> Column:
        """`n` values of one kind."""
        if spec["t"] == "list" and spec.get("fixed", 0) > _LONG_CELL:
            return Column(self._long_cells(spec, n, label), "nested", spec, label)
        if not _flat([spec]):
            holes = 4 if spec.get("optional") and self.flavour in _FEW else n + 1
            made = [None if k % holes == holes - 1 else self._nested(spec, label) for k in range(n)]
            return Column(made, "nested", spec, label)
        kind = self._kind(spec)
        if self.pools.holds(spec) and not spec.get("moments"):
            return self._keys(spec, n, label, unique)
        if kind in ("datetime", "date", "timedelta"):
            return Column(self._dates(kind, n, spec.get("moments", ()), spec.get("spans", ())), kind, spec, label)
        first = self.random.randrange(3) if self._depth and kind == "str" and spec.get("lits") else 0
        values = [self._value(spec, kind, first + k) for k in range(min(n, 1000))]
        once = 1 if spec.get("split", {}).get("names") else 0  # the names come first, and not again
        values = (values[:once] + values[once:] * (n // 1000 + 2))[:n]  # the large inputs are for timing
        if unique:
            values = list(dict.fromkeys(values))
        return Column(values, kind, spec, label)

    def _long_cells(self, spec: Spec, n: int, label: str) -> list[Draft]:
        """Lists of so many numbers that making one for each row, and changing them, would take long."""
        elem, size = spec.get("elem") or {"t": "num"}, int(spec["fixed"])
        made: list[Draft] = []
        for _ in range(min(n, _LONG_CELLS)):
            some = self.column(elem, _LONG_CELL, label).values
            made.append(Scalar((some * (size // _LONG_CELL + 1))[:size], "cells", spec, label))
        return [made[k % len(made)] for k in range(n)]

    def _keys(self, spec: Spec, n: int, label: str, unique: bool) -> Column:
        pool = spec["pool"]
        keys, kind = self.pools.keys[pool], self.pools.kinds[pool]
        if "member" in spec.get("flags", []):  # some are in it and some are not
            chosen = keys[::2]
            return Column(
                [chosen[k % len(chosen)] for k in range(min(n, len(chosen)) if unique else n)], kind, spec, label
            )
        if unique:
            return Column(list(keys[:n]), kind, spec, label)
        if kind == "datetime":
            reach = max(self.n, 1)
            values = [
                _START + dt.timedelta(hours=k % reach, minutes=self.random.choice([0, 0, 20, 30, 50])) for k in range(n)
            ]
            if not self.pools.near.get(pool):
                values = [_START + dt.timedelta(hours=self.random.randrange(reach)) for _ in range(n)]
            return Column(values, kind, spec, label)
        reach = min(len(keys), max(self.n, 1), _FEW_KEYS if self.flavour in _FEW else len(keys))
        return Column([keys[self.random.randrange(reach)] for _ in range(n)], kind, spec, label)

    def _dates(self, kind: str, n: int, moments: Sequence[str] = (), spans: Sequence[float] = ()) -> list[Any]:
        """Rising moments, some as far apart as `spans`; one of them, and its day, is what the code compares with."""
        moment = _START + dt.timedelta(days=self.random.randrange(3))
        found: list[Any] = []
        for _ in range(n):
            moment += dt.timedelta(
                hours=self.random.choice([1, 3, 5, 7, 11, 30]), minutes=self.random.choice([0, 0, 15, 59])
            )
            if spans:
                moment += dt.timedelta(seconds=self.random.choice(spans) * self.random.choice([0, 0.5, 0.9, 1, 1.2]))
            found.append(moment)
        if moments and n:
            wanted = dt.datetime.fromisoformat(moments[self.random.randrange(len(moments))])
            found = [m + (wanted - found[n // 2]) for m in found]
        if kind == "date":
            return [m.date() for m in found]
        return [m - _START for m in found] if kind == "timedelta" else found

    def _kind(self, spec: Spec) -> str:
        kind = spec["t"]
        if kind in ("num", "any"):
            if any(isinstance(v, str) for v in spec.get("lits", [])) and kind == "any":
                return "str"
            if kind == "any" and self.flavour == "digits":
                return "str"
            return "int" if self.flavour in ("int", "small", "digits") else "float"
        return str(kind)

    def _scalar(self, spec: Spec) -> Any:
        flags = spec.get("flags", [])
        kind = self._kind(spec)
        if "column name" in flags and isinstance(spec.get("value"), str):
            return spec["value"]
        if self.pools.holds(spec):
            keys = self.pools.keys[spec["pool"]]
            return keys[self.pick % min(len(keys), max(self.n, 1))]
        value = spec.get("value")
        if "length" in flags:
            return value if self.pick % 3 == 2 and isinstance(value, int) and value <= 50 else self.n
        if "small" in flags or (kind == "int" and "position" in flags):
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) < max(self.n // 2, 3):
                return value
            return self.random.choice((2, 3)) if self.n > 6 else 2 if self.n > 4 else 1
        if kind == "bool" and isinstance(value, bool):  # the default, and what it is not
            return value if self.pick % 2 == 0 else not value
        if value is not None and self.pick % 3 != 2 and not (isinstance(value, int) and value > 10000):
            if kind == "float" and isinstance(value, int) and not isinstance(value, bool) and self.flavour != "int":
                return float(value) if self.pick % 2 else value
            return value
        if kind in ("datetime", "date", "timedelta"):
            return self._dates(kind, 3, spec.get("moments", ()), spec.get("spans", ()))[self.pick % 2 + 1]
        if kind == "bool":
            return self.pick % 2 == 0
        if spec.get("split", {}).get("many"):
            return line(spec, self.pick, self.n, self.flavour, self._part)
        if self.flavour in _FEW and kind in ("float", "int") and not spec.get("lits"):
            few = self.random.randint(_FEW[self.flavour][0], 9)  # a bound that sums of few numbers can meet
            return few if kind == "int" else float(few)
        return self._value(spec, kind, self.pick)

    def _value(self, spec: Spec, kind: str, k: int) -> Any:
        if kind == "bool":
            return self.random.random() < 0.6
        if kind == "str":
            return self._text(spec, k)
        literals = [
            v
            for v in spec.get("lits", [])
            if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)
        ]
        made: float = self._integer(spec, literals, k) if kind == "int" else self._float(literals, k)
        if {"above zero", "above others"} & {*spec.get("flags", [])}:
            made = (abs(made) or 1) + (_ABOVE if "above others" in spec["flags"] else 0)
            return made if kind == "int" else float(made)
        return made

    def _text(self, spec: Spec, k: int) -> str:
        if "split" in spec:
            return line(spec, k, min(self.n, _WORDS), self.flavour, self._part)
        flags = spec.get("flags", [])
        if (text := readable(spec, k, self.flavour, self.random)) is not None:
            return text
        return dressed(measured(spec, self._word(spec, flags, k), k), flags, k)

    def _word(self, spec: Spec, flags: Sequence[str], k: int) -> str:
        """A text that the code looks for, or another one."""
        if "truthy" in flags and self.random.random() < 0.2:
            return ""
        literals = [v for v in spec.get("lits", []) if isinstance(v, str)]
        if literals and "column name" in flags:
            return literals[k % len(literals)]
        if literals and self._found(flags):
            return self.random.choice(literals)
        if len(literals) > self.n:
            k += self.n * self.pick  # other ones in the next input
        patterns = spec.get("patterns", ()) if k % 3 != 2 else ()
        if patterns and (text := matching(patterns[(k - k // 3) % len(patterns)], self.random)) is not None:
            return text
        if literals and (k < len(literals) or self.random.random() < 0.6):
            return literals[k % len(literals)] if k < len(literals) else self.random.choice(literals)
        return self.random.choice(PATHS if "path" in flags else URLS if "url" in flags else WORDS)

    def _found(self, flags: Sequence[str]) -> bool:
        """Whether a key is one of those written out: always, where a missing one raises, but in one flavour."""
        return "looked up" in flags and "may be missing" not in flags and self.flavour != "signed"

    def _part(self, spec: Spec, k: int) -> Any:
        if spec["t"] in ("datetime", "date"):
            return self._text({"format": "%Y-%m-%d", **spec}, k)
        if spec["t"] == "str" or spec["t"] == "any":
            return self._text(spec, k + len(WORDS)) if spec["t"] == "str" else self.random.choice(["ab", "Cd", "x1"])
        return self._value(spec, "float" if spec["t"] == "num" else self._kind(spec), k)

    def _integer(self, spec: Spec, literals: list[Any], k: int) -> int:
        flags = spec.get("flags", [])
        if self.flavour in _FEW and self.random.random() < 0.9 and "position" not in flags:
            return self.random.randint(*_FEW[self.flavour])
        near = [int(v) + d for d in (0, 1, -1) for v in literals]
        if literals and self._found(flags):
            return int(self.random.choice(literals))
        if near and ((k < len(near) and k % 2 == 0) or self.random.random() < 0.4):
            return near[(k // 2) % len(near)] if k % 2 == 0 else self.random.choice(near)
        if "position" in flags or "small" in flags or spec.get("small"):
            return self.random.randrange(max(min(self.n, 5), 1))
        low, high = (-40, 60) if self.flavour == "signed" else (1, 60)
        if literals and self.random.random() < 0.8:
            low, high = int(min(literals)) - 5, int(max(literals)) + 10
        return self.random.randint(low, max(high, low))

    def _float(self, literals: list[Any], k: int) -> float:
        if self.flavour in _FEW and self.random.random() < 0.9:
            return float(self.random.randint(*_FEW[self.flavour]))
        near = [float(v) for v in literals]
        near += [math.nextafter(v, side) for side in (math.inf, -math.inf) for v in near[: len(literals)]]
        near += [v + step for step in (1, -1) for v in near[: len(literals)]]
        if near and ((k < len(near) and k % 2 == 0) or self.random.random() < 0.35):
            return near[(k // 2) % len(near)] if k % 2 == 0 else self.random.choice(near)
        low, high = (-50.0, 80.0) if self.flavour == "signed" else (1.0, 100.0)
        if literals and self.random.random() < 0.8:
            spread = max(max(literals) - min(literals), abs(max(literals)), 1.0)
            low, high = min(literals) - 0.4 * spread, max(literals) + 0.6 * spread
        return round(self.random.uniform(low, high), self.random.choice([1, 2, 3, 8]))


def _flat(specs: Any) -> bool:
    scalars = {"str", "int", "float", "num", "bool", "any", "datetime", "date", "timedelta", "number"}
    return all(s["t"] in scalars for s in specs)
