"""The edge battery: a fixed series of inputs that break what rewrites tend to assume, each with tags that say what is odd."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .build import Builder
from .drafts import Column, Draft, Mapping, Record, Scalar, Table, slots, tables

Drafts = dict[str, Draft]
NAN, INF = float("nan"), float("inf")

#: tag -> value put into a numeric column
NUMBERS: tuple[tuple[str, Any], ...] = (
    ("value:zero", 0.0), ("value:nan", NAN), ("value:negative", -1.5), ("value:-0.0", -0.0), ("value:inf", INF), ("value:inf", -INF),
    ("value:huge", 1e308), ("value:tiny", 5e-324), ("value:half-cent", 0.285), ("value:half-cent", 1.115),
)  # fmt: skip
INTEGERS: tuple[tuple[str, Any], ...] = (
    ("value:zero", 0), ("value:negative", -7), ("value:bigint", 2**53 + 1), ("value:bigint", 2**63 - 1),
)  # fmt: skip
TEXTS = (("value:empty-text", ""), ("value:text", "a.c"), ("value:text", "-"), ("value:text", "straße"), ("value:text", " x "))
_PANDAS = ("frame", "series")


@dataclass(frozen=True)
class Case:
    """One input: what is odd about it, and how to make it."""

    tags: tuple[str, ...]
    make: Callable[[], Drafts | None]
    base: str = "float"


class Battery:
    """All cases for a specification that is known to work."""

    def __init__(self, parameters: list[dict[str, Any]], seed: int, pick: int = 1) -> None:
        self.parameters = parameters
        self.seed = seed
        self.pick = pick
        self.budget = 170
        self.rows = 9  # fewer for slow loops, where the order of a sum is left to the larger sizes
        self._bases: dict[tuple[Any, ...], Drafts] = {}

    def base(self, n: int = -1, flavour: str = "float", pick: int | None = None, seed: int | None = None) -> Drafts:
        """A fresh typical input."""
        pick = self.pick if pick is None else pick
        n = self.rows if n < 0 else n
        key = (n, flavour, pick, seed)
        if key not in self._bases:
            builder = Builder(self.parameters, n, self.seed if seed is None else seed, flavour, pick)
            self._bases[key] = builder.build(self.parameters)
        return copy.deepcopy(self._bases[key])

    def cases(self) -> Iterator[Case]:
        """Every case, cheap and telling ones first."""
        yield from self._typical()
        yield from self._sizes()
        yield from self._indexes()
        yield from self._scalars()
        yield from self._values()
        yield from self._dtypes()
        yield from self._columns()
        yield from self._keys()
        yield from self._lengths()
        yield from self._random()

    def _typical(self) -> Iterator[Case]:
        for flavour in ("float", "int", "signed", "small", "digits"):
            for pick in (self.pick, self.pick + 1):
                yield Case((f"typical:{flavour}",), lambda f=flavour, p=pick: self.base(9, f, p))  # type: ignore[misc]
        yield Case(("typical:mixed",), lambda: self._mixed(self.base(9, "signed")))

    def _mixed(self, drafts: Drafts) -> Drafts:
        """Every second free numeric column holds ints."""
        for k, slot in enumerate(self._numeric(drafts)):
            if isinstance(slot, Column) and k % 2 and slot.kind == "float" and slot.spec["t"] in ("num", "any"):
                slot.values = [int(v) for v in slot.values]
                slot.kind = "int"
        return drafts

    def _sizes(self) -> Iterator[Case]:
        for n in (0, 1, 2, 3):
            for flavour in ("float", "int"):
                yield Case((f"n={n}",), lambda n=n, f=flavour: self.base(n, f))  # type: ignore[misc]
        for n, flavour in ((130, "signed"), (130, "int"), (1000, "signed")):
            yield Case((f"n={n}",), lambda n=n, f=flavour: self.base(n, f))  # type: ignore[misc]

    def _random(self) -> Iterator[Case]:
        for k in range(20):
            n, flavour = ((6, "small"), (17, "signed"), (9, "digits"), (40, "int"), (12, "small"))[k % 5]
            yield Case(("random",), lambda n=n, f=flavour, k=k: self.base(n, f, k, self.seed + 100 + k))  # type: ignore[misc]

    # labels

    def _indexes(self) -> Iterator[Case]:
        for name, _ in self._tables(("frame", "series")):
            for kind in ("shifted", "permuted", "duplicated", "str", "float", "datetime", "named"):
                yield Case((f"index:{kind}",), lambda name=name, kind=kind: self._reindexed(name, kind))  # type: ignore[misc]

    def _reindexed(self, label: str, kind: str) -> Drafts | None:
        drafts = self.base(-1, "signed")
        for table in _all_tables(drafts):
            if table.label == label:
                labels = _labels(table.index, len(table), kind)
                if labels is None:
                    return None
                table.index = labels
        return drafts

    # values

    def _numeric(self, drafts: Drafts) -> list[Column | Scalar]:
        return [s for s in _all_slots(drafts) if s.kind in ("float", "int")]

    def _values(self) -> Iterator[Case]:
        labels = [(s.label, s.kind, s.spec) for s in _all_slots(self.base()) if isinstance(s, Column)]
        numeric = [entry for entry in labels if entry[1] in ("float", "int")]
        thin = len(numeric) > 4
        for label, kind, spec in labels:
            free = spec["t"] in ("num", "any")
            if kind == "float":
                for k, (tag, value) in enumerate(NUMBERS):
                    key = k < 3
                    for where in ("middle", "ends", "all") if key and not thin else ("middle", "all") if key else ("middle",):
                        if not (thin and k in (5, 6, 8)):
                            yield self._put(label, tag, value, where, "float")
            if kind == "int" or free:
                for tag, value in INTEGERS[: 4 if not thin else 3]:
                    yield self._put(label, tag, value, "middle", "int")
                yield self._put(label, "value:zero", 0, "all", "int")
            if kind in ("float", "int") and not thin:
                yield self._put(label, "value:bool", True, "middle", "int", ("dtype:object",))
            yield from self._texts(label, kind)
            if kind in ("datetime", "timedelta"):
                yield self._put(label, "value:nat", None, "middle")
                yield self._put(label, "value:nat", None, "all")
                yield self._put(label, "value:datetime", dt.datetime(1969, 12, 31, 23, 59, 59), "middle")
            if kind == "bool":
                for value in (True, False):
                    yield self._put(label, "value:constant", value, "all")
        yield from self._missing(labels)

    def _texts(self, label: str, kind: str) -> Iterator[Case]:
        if kind != "str":
            return
        for k, (tag, text) in enumerate(TEXTS):
            yield self._put(label, tag, text, "middle" if k else "ends")
        yield self._put(label, "value:empty-text", "", "all")
        yield self._put(label, "value:none", None, "middle", "float", ("value:nan-text",))
        yield self._put(label, "value:nan-text", NAN, "middle", "float", ("value:none",))

    def _missing(self, labels: list[Any]) -> Iterator[Case]:
        for label, kind, _ in labels[:6]:
            if kind in ("float", "int", "bool"):
                yield self._put(label, "value:none", None, "middle", "float", ("dtype:object",), dtype="object")
                if label.endswith("]") is False or "..." in label:
                    yield self._put(label, "value:bigint", 2**70, "middle", "int", ("dtype:object",), dtype="object")
                    yield self._put(label, "dtype:str", "7", "middle", "float", ("dtype:object",), dtype="object")

    def _put(self, label: str, tag: str, value: Any, where: str, flavour: str = "float", more: tuple[str, ...] = (), dtype: Any = None) -> Case:
        def make() -> Drafts | None:
            drafts = self.base(-1, flavour)
            slot = next((s for s in _all_slots(drafts) if s.label == label), None)
            if not isinstance(slot, Column) or not slot.values:
                return None
            n = len(slot.values)
            places = {"middle": [n // 2], "ends": [0, n - 1], "all": range(n)}[where]
            for i in places:
                slot.values[i] = value
            if isinstance(value, float) and slot.kind == "int":
                slot.values = [float(v) for v in slot.values]
                slot.kind = "float"
            if (dtype and _form_of(drafts, slot) in ("frame", "series", "array")) or (isinstance(value, bool) and slot.kind != "bool"):
                slot.dtype = "object"
            return drafts

        kind = "float" if flavour != "int" else "int"
        return Case((tag, *more), make, kind)

    def _scalars(self) -> Iterator[Case]:
        for slot in [s for s in _all_slots(self.base()) if isinstance(s, Scalar)]:
            label, kind, flags = slot.label, slot.kind, slot.spec.get("flags", [])
            n = self.rows
            values: list[tuple[str, Any]] = []
            if kind in ("float", "int"):
                if "length" in flags or "small" in flags or "position" in flags or kind == "int" and slot.spec["t"] == "int":
                    values = [("value:zero", 0), ("value:one", 1), ("value:negative", -1), ("value:length", n), ("value:length", n + 1)]
                else:
                    values = [("value:zero", 0.0), ("value:zero", 0), ("value:negative", -1.5), ("value:nan", NAN), ("value:inf", INF),
                              ("value:huge", 1e308), ("value:one", 1), ("value:bigint", 2**53 + 1)]  # fmt: skip
                values += [("value:literal", v) for v in slot.spec.get("lits", [])[:3] if not isinstance(v, str)]
            elif kind == "str":
                values = [("value:empty-text", ""), ("value:text", "a.c")] + [("value:literal", v) for v in slot.spec.get("lits", [])[:4]]
            elif kind == "bool":
                values = [("value:constant", True), ("value:constant", False)]
            if slot.spec.get("optional"):
                values.append(("value:no-argument", None))
            for tag, value in values:
                yield Case((tag,), lambda label=label, value=value: self._with_scalar(label, value))  # type: ignore[misc]
        for parameter in self.parameters:
            if parameter["spec"].get("optional") and parameter["spec"]["t"] in ("frame", "list", "dict", "set", "series", "array"):
                yield Case(("value:no-argument",), lambda name=parameter["name"]: {**self.base(), name: Scalar(None, "none", {"t": "none"}, name)})  # type: ignore[misc]

    def _with_scalar(self, label: str, value: Any) -> Drafts:
        drafts = self.base()
        for slot in _all_slots(drafts):
            if isinstance(slot, Scalar) and slot.label == label:
                slot.value = value
        return drafts

    # dtypes

    def _dtypes(self) -> Iterator[Case]:
        holders = self._tables(("frame", "series", "array", "matrix"))
        for label, form in holders:
            for dtype in ("float32", "int32", "uint8", "Int64", "Float64", "object", "int8"):
                if form in ("array", "matrix") and dtype in ("Int64", "Float64"):
                    continue
                tag = "dtype:int32" if dtype == "int8" else f"dtype:{dtype}"
                yield Case((tag,), lambda label=label, d=dtype: self._typed(label, ("float", "int"), d))  # type: ignore[misc]
            if form in _PANDAS:
                for dtype in ("Int64", "Float64"):
                    more = ("value:none", "value:nan")
                    yield Case((f"dtype:{dtype}", *more), lambda label=label, d=dtype: self._typed(label, ("float", "int"), d, hole=True))  # type: ignore[misc]
                yield Case(("dtype:boolean",), lambda label=label: self._typed(label, ("bool",), "boolean"))  # type: ignore[misc]
                yield Case(("dtype:boolean", "value:none"), lambda label=label: self._typed(label, ("bool",), "boolean", hole=True))  # type: ignore[misc]
                yield Case(("dtype:category",), lambda label=label: self._typed(label, ("str",), "category"))  # type: ignore[misc]
                yield Case(("dtype:category",), lambda label=label: self._typed(label, ("float", "int"), "category"))  # type: ignore[misc]
                yield Case(("dtype:object",), lambda label=label: self._typed(label, ("str", "bool"), "object"))  # type: ignore[misc]
                for zone in ("Europe/Paris", "UTC"):
                    yield Case(("dtype:tz",), lambda label=label, z=zone: self._zoned(label, z))  # type: ignore[misc]
        yield from self._list_types()

    def _typed(self, label: str, kinds: tuple[str, ...], dtype: str, hole: bool = False) -> Drafts | None:
        drafts = self.base(-1, "int" if dtype in ("int32", "int8", "uint8", "Int64") else "float")
        changed = False
        for table in _all_tables(drafts):
            if table.label != label:
                continue
            for column in table.columns.values():
                if column.kind not in kinds or not column.values:
                    continue
                changed = True
                if dtype in ("uint8", "int8", "int32", "Int64"):
                    limit = {"uint8": 256, "int8": 100}.get(dtype, 2**31 - 1)
                    column.values = [int(v) % limit for v in column.values]
                if hole:
                    column.values[len(column.values) // 2] = None
                column.dtype = dtype
        return drafts if changed else None

    def _zoned(self, label: str, zone: str) -> Drafts | None:
        drafts = self.base()
        changed = False
        for table in _all_tables(drafts):
            if table.label == label:
                for column in [*table.columns.values(), *([table.index] if table.index else [])]:
                    if column.kind == "datetime":
                        start = dt.datetime(2024, 3, 30, 20)  # the night when clocks change
                        column.values = [start + (v - dt.datetime(2024, 1, 1)) for v in column.values]
                        column.tz, changed = zone, True
        return drafts if changed else None

    def _list_types(self) -> Iterator[Case]:
        for slot in [s for s in _all_slots(self.base()) if isinstance(s, Column) and s.kind in ("float", "int")]:
            if slot.spec["t"] in ("num", "any", "float", "int") and _is_python(self.base(), slot):
                yield Case(("value:mixed",), lambda label=slot.label: self._mixed_list(label))  # type: ignore[misc]
                yield Case(("dtype:bool",), lambda label=slot.label: self._bool_list(label))  # type: ignore[misc]

    def _mixed_list(self, label: str) -> Drafts:
        drafts = self.base(-1, "signed")
        for slot in _all_slots(drafts):
            if slot.label == label and isinstance(slot, Column):
                slot.values = [int(v) if k % 2 else float(v) for k, v in enumerate(slot.values)]
        return drafts

    def _bool_list(self, label: str) -> Drafts:
        drafts = self.base(-1, "int")
        for slot in _all_slots(drafts):
            if slot.label == label and isinstance(slot, Column):
                slot.values, slot.kind = [v > 20 for v in slot.values], "bool"
        return drafts

    # columns, keys, lengths

    def _columns(self) -> Iterator[Case]:
        for label, _ in self._tables(("frame",)):
            yield Case(("extra:str",), lambda label=label: self._extra(label, "str"))  # type: ignore[misc]
            yield Case(("extra:str",), lambda label=label: self._extra(label, "str", "int"))  # type: ignore[misc]
            yield Case(("extra:float",), lambda label=label: self._extra(label, "float", "int"))  # type: ignore[misc]
            yield Case(("n=0", "columns:missing"), lambda label=label: self._no_columns(label))  # type: ignore[misc]
            table = next((t for t in _all_tables(self.base()) if t.label == label), None)
            for name in list(table.columns)[:2] if table else []:
                yield Case(("columns:duplicated",), lambda label=label, name=name: self._duplicated(label, name))  # type: ignore[misc]

    def _extra(self, label: str, kind: str, flavour: str = "float") -> Drafts:
        drafts = self.base(-1, flavour)
        for table in _all_tables(drafts):
            if table.label == label:
                n = len(table)
                values: list[Any] = [f"x{k}" for k in range(n)] if kind == "str" else [0.5 + k for k in range(n)]
                table.columns["unrelated"] = Column(values, kind, {"t": kind}, f'{label}["unrelated"]')
        return drafts

    def _no_columns(self, label: str) -> Drafts:
        drafts = self.base(0)
        for table in _all_tables(drafts):
            if table.label == label:
                table.empty_frame = True
        return drafts

    def _duplicated(self, label: str, name: str) -> Drafts:
        drafts = self.base(5)
        for table in _all_tables(drafts):
            if table.label == label:
                table.duplicate = name
        return drafts

    def _keys(self) -> Iterator[Case]:
        pooled = [s for s in _all_slots(self.base()) if s.spec.get("pool") is not None]
        for slot in pooled[:6]:
            yield Case(("keys:absent",), lambda label=slot.label: self._absent(label, "middle"))  # type: ignore[misc]
        for label, form in self._tables(("frame", "series")):
            spec = next(t.spec for t in _all_tables(self.base()) if t.label == label)
            if spec.get("lookup"):
                yield Case(("keys:repeated", "index:duplicated"), lambda label=label: self._repeated(label))  # type: ignore[misc]
                yield Case(("index:permuted",), lambda label=label: self._shuffled(label))  # type: ignore[misc]
            del form
        for slot in pooled:
            if isinstance(slot, Column) and slot.kind == "str":
                yield self._put(slot.label, "keys:repeated", "k1", "all")

    def _absent(self, label: str, where: str) -> Drafts | None:
        drafts = self.base()
        for slot in _all_slots(drafts):
            if slot.label != label:
                continue
            odd: Any = {"str": "absent", "int": 999, "datetime": dt.datetime(1990, 5, 5, 5)}.get(slot.kind)
            if odd is None:
                return None
            if isinstance(slot, Scalar):
                slot.value = odd
            elif slot.values:
                slot.values[len(slot.values) // 2] = odd
        return drafts

    def _repeated(self, label: str) -> Drafts:
        drafts = self.base()
        for table in _all_tables(drafts):
            if table.label == label and len(table):
                for column in [*table.columns.values(), *([table.index] if table.index else [])]:
                    column.values = [*column.values, *column.values[:2]]
        return drafts

    def _shuffled(self, label: str) -> Drafts:
        drafts = self.base()
        for table in _all_tables(drafts):
            if table.label == label and len(table):
                for column in [*table.columns.values(), *([table.index] if table.index else [])]:
                    column.values = column.values[::-1][1:] + column.values[-1:]
        return drafts

    def _lengths(self) -> Iterator[Case]:
        top = [d for d in self.base().values() if isinstance(d, Table) and not d.spec.get("lookup")]
        if len(top) < 2:
            return
        for table in top[:4]:
            for change in (-2, 2):
                yield Case(("lengths:unequal",), lambda label=table.label, c=change: self._resized(label, c))  # type: ignore[misc]

    def _resized(self, label: str, change: int) -> Drafts:
        drafts = self.base()
        for table in _all_tables(drafts):
            if table.label == label:
                for column in [*table.columns.values(), *([table.index] if table.index else [])]:
                    column.values = column.values[:change] if change < 0 else column.values + column.values[:change]
        return drafts

    def _tables(self, forms: tuple[str, ...]) -> list[tuple[str, str]]:
        seen: dict[str, str] = {}
        for table in _all_tables(self.base()):
            if table.form in forms:
                seen.setdefault(table.label, table.form)
        return list(seen.items())[:4]


def content_tags(drafts: Drafts) -> set[str]:
    """What an input holds, whatever it was made for: an assumption that it breaks excuses a difference."""
    found: set[str] = set()
    for slot in _all_slots(drafts):
        if slot.spec.get("pool") is None:
            for v in set(map(_hashable, slot.values if isinstance(slot, Column) else [slot.value])):
                if isinstance(v, (int, float)) and not isinstance(v, bool):
                    found |= _number_tags(v)
    for table in _all_tables(drafts):
        if table.index is not None and len(set(table.index.values)) < len(table.index.values):
            found.add("index:duplicated")
    return found


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else None


def _number_tags(v: float) -> set[str]:
    if v != v:
        return {"value:nan"}
    if v == 0:
        return {"value:-0.0" if str(v) == "-0.0" else "value:zero"}
    if v in (INF, -INF):
        return {"value:inf", "value:negative"} if v < 0 else {"value:inf"}
    return {t for t, holds in (("value:negative", v < 0), ("value:bigint", isinstance(v, int) and abs(v) >= 2**53)) if holds}


def error_tags(error: BaseException | None) -> set[str]:
    """What an exception says about the input that caused it."""
    text = str(error)
    match type(error).__name__:
        case "ZeroDivisionError":
            return {"value:zero"}
        case "ValueError" if "math domain" in text or "expected a" in text:
            return {"value:negative"}
        case "OverflowError":
            return {"value:huge"}
        case "KeyError":
            return {"keys:absent"}
        case "IndexError" if "positional indexer" in text or "index 0 is out" in text:
            return {"keys:absent"}
    return set()


def _all_slots(drafts: Drafts) -> list[Column | Scalar]:
    return [s for d in drafts.values() for s in slots(d)]


def _all_tables(drafts: Drafts) -> list[Table]:
    return [t for d in drafts.values() for t in tables(d)]


def _form_of(drafts: Drafts, slot: Column) -> str:
    return next((t.form for t in _all_tables(drafts) if any(c is slot for c in t.columns.values())), "")


def _is_python(drafts: Drafts, slot: Column) -> bool:
    form = next((t.form for t in _all_tables(drafts) if any(c.label == slot.label for c in t.columns.values())), "")
    return form in ("list", "records", "tuples", "iterator")


def _labels(index: Column | None, n: int, kind: str) -> Column | None:
    if index is not None and kind not in ("permuted", "duplicated", "named"):
        return None
    old: list[Any] = list(index.values) if index is not None else list(range(n))
    old_kind = index.kind if index is not None else "int"
    if kind == "permuted":
        return Column(old[1::2] + old[0::2][::-1], old_kind, {"t": "int"}, "index")
    if kind == "duplicated":
        return Column([old[k // 2] for k in range(n)] if n else [], old_kind, {"t": "int"}, "index")
    if kind == "named":
        return Column(old, old_kind, {"t": "int", "name": "label"}, "index")
    if kind == "shifted":
        return Column([v + 5 for v in range(n)], "int", {"t": "int"}, "index")
    if kind == "str":
        return Column([f"r{k}" for k in range(n)], "str", {"t": "str"}, "index")
    if kind == "float":
        return Column([k + 0.5 for k in range(n)], "float", {"t": "float"}, "index")
    return Column([dt.datetime(2024, 1, 1) + dt.timedelta(days=k) for k in range(n)], "datetime", {"t": "datetime"}, "index")


__all__ = ["Battery", "Case", "Drafts", "Mapping", "Record"]
