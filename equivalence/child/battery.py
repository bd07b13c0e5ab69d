"""The edge battery: inputs that break what rewrites tend to assume, with tags that say what is odd about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, product, zip_longest
from typing import Any

from . import changes
from .build import Builder
from .changes import NUMERIC, Drafts, all_slots, all_tables, content_tags, error_tags
from .drafts import Column, Scalar, Table, copy_of

NAN, INF = float("nan"), float("inf")

#: (tag, value, places): what is put into a column of floats; fewer places when there are many columns
NUMBERS = (
    ("value:zero", 0.0, ("middle", "ends", "all")),
    ("value:nan", NAN, ("middle", "ends", "all")),
    ("value:negative", -1.5, ("middle", "all")),
    ("value:inf", INF, ("middle",)),
    ("value:-0.0", -0.0, ("middle",)),
    ("value:huge", 1e308, ("middle",)),
    ("value:half-cent", 1.115, ("middle",)),
    ("value:tiny", 5e-324, ("middle", "all")),
    ("value:inf", -INF, ("middle",)),
    ("value:half-cent", 0.285, ("middle",)),
)
INTEGERS = (
    ("value:zero", 0, ("middle", "all")),
    ("value:bigint", 2**53 + 1, ("middle",)),
    ("value:negative", -7, ("middle",)),
    ("value:bigint", 2**63 - 1, ("middle",)),
)
TEXTS = (
    ("value:empty-text", "", ("ends", "all")),
    ("value:text", "a.c", ("middle",)),
    ("value:text", "-", ("middle",)),
    ("value:text", "straße", ("middle",)),
    ("value:text", " x ", ("middle",)),
)
_FEW_COLUMNS = 4
#: So many rows that some of them pass several conditions.
_MANY = 40
#: So many numbers of the code are met, each with these signs in so many rows.
_FEW_CONSTANTS, _MEETINGS = 3, ((1, 9), (1, 3), (1, 1), (-1, 3), (-1, 1))
_PLAIN_TYPES = ("float32", "int32", "uint8", "object", "int8")
_EXTENSION_TYPES = ("Int64", "Float64")
_INT_TYPES = ("int32", "uint8", "int8", "Int64")
_OPTIONAL = ("frame", "list", "dict", "set", "series", "array", "rng")

_FORMS = {"list": "list", "array": "ndarray", "series": "series", "iterator": "iterator"}

Change = Callable[[Drafts], bool]


@dataclass(frozen=True)
class Case:
    """One input: what is odd about it, the typical input that it starts from, and what is done to that."""

    tags: tuple[str, ...]
    n: int = -1
    flavour: str = "float"
    pick: int | None = None
    seed: int | None = None
    change: Change | None = None


class Battery:
    """All cases for a specification that is known to work."""

    def __init__(
        self, parameters: list[dict[str, Any]], seed: int, pick: int = 1, constants: tuple[float, ...] = ()
    ) -> None:
        self.parameters = parameters
        self.constants = constants  # the numbers in the code
        self.seed = seed
        self.pick = pick
        self.budget = 220 + 3 * len(_MEETINGS) * len(constants[:_FEW_CONSTANTS])
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
        return {name: copy_of(draft) for name, draft in self._bases[key].items()}

    def make(self, case: Case) -> Drafts | None:
        """The input of a case; None when there is nothing in it that the case could change."""
        drafts = self.base(case.n, case.flavour, case.pick, case.seed)
        if case.change is not None and not case.change(drafts):
            return None
        return drafts

    def cases(self) -> Iterator[Case]:
        """Every case, telling ones first."""
        yield from self._typical()
        yield from self._sizes()
        yield from self._ties()
        yield from self._meetings()
        yield from self._indexes()
        yield from self._more_rows()
        yield from self._columns()
        yield from self._keys()
        yield from self._holes()
        yield from self._lengths()
        yield from self._types()
        yield from self._scalars()
        yield from _in_turn([self._random(), self._dtypes(), *self._values()])

    def _typical(self) -> Iterator[Case]:
        for flavour in ("float", "int", "signed", "small", "digits"):
            for pick in (self.pick, self.pick + 1):
                yield Case((f"typical:{flavour}",), 9, flavour, pick)
        yield Case(("typical:mixed",), 9, "signed", change=changes.mix)

    def _sizes(self) -> Iterator[Case]:
        for n in (0, 1, 2, 3):
            for flavour in ("float", "int"):
                yield Case((f"n={n}",), n, flavour)
        for n in sorted({c + d for c in self._windows() for d in (-1, 0, 1)} - {3, self.rows})[:6]:
            yield Case((f"n={n}",), n)  # as many as the code names
        for n, flavour in ((130, "signed"), (130, "int"), (1000, "signed")):
            yield Case((f"n={n}",), n, flavour)
        yield Case(("n=1000",), 1000, "signed", change=partial(changes.stretch, to=251))
        for k, flavour in enumerate(
            ("float", "signed", "int", "small")
        ):  # whichever row it is that comes first, or last
            yield Case(("n=1",), 1, flavour, k, self.seed + 200 + k)
            yield Case(("random",), flavour=flavour, change=partial(changes.rotate, by=2 * k + 1))

    def _windows(self) -> list[int]:
        """The numbers in the code that could be a number of rows."""
        return sorted({int(c) for c in self.constants if c == int(c) and 3 < c <= 30})

    def _more_rows(self) -> Iterator[Case]:
        """Labels and holes where there are enough rows for the largest number in the code."""
        n = max(self._windows(), default=0) + 3
        if n <= self.rows:
            return
        for table in self._tables("frame", "series"):
            for kind in ("permuted", "str"):
                change = partial(changes.reindex, label=table.label, kind=kind)
                yield Case((f"index:{kind}",), n, change=change)
        for column in [s for s in all_slots(self.base(n)) if isinstance(s, Column) and s.kind == "float"][
            :_FEW_COLUMNS
        ]:
            for tag, value in (("value:nan", NAN), ("value:zero", 0.0)):
                yield Case((tag,), n, change=partial(changes.put, label=column.label, value=value, where="middle"))

    def _ties(self) -> Iterator[Case]:
        """Numbers that meet one another and the constants of the code in sums and differences; rising and falling."""
        for k, flavour in enumerate(("float", "int", "float")):
            change = partial(changes.on_lattice, constants=self.constants, seed=self.seed + k)
            yield Case(("ties",), 17, flavour, seed=self.seed + 50 + k, change=change)
        for how in ("rising", "falling", "last falls", "last rises"):
            yield Case(("sorted",), 7, "signed", change=partial(changes.sort, how=how))

    def _meetings(self) -> Iterator[Case]:
        """Numbers, and products and differences of two, that are the numbers in the code, or those below zero."""
        for constant in self.constants[:_FEW_CONSTANTS]:
            for how, (sign, n) in product(("alone", "product", "difference"), _MEETINGS):
                change = partial(changes.meet, value=sign * constant, how=how, among=n > 3)
                yield Case(("ties",), n, change=change)

    def unguarded(self) -> Iterator[Case]:
        """Inputs that no guard lets through, for the loop that stands behind it: other types, and then some."""
        tables = self._tables("frame", "series", "array", "matrix", "list")
        for retyped in (*_of_everything(tables), *_of_one(tables)):
            for case in self._beside():
                tags = (*retyped.tags, *case.tags)
                yield Case(tags, case.n, case.flavour, case.pick, case.seed, _both(retyped.change, case.change))

    def _beside(self) -> Iterator[Case]:
        """What is tried on each type that no guard lets through."""
        for n in (0, 1, 2):
            yield Case((f"n={n}",), n, "int")
        yield Case(("typical:int",), 9, "int")
        yield from islice(self._ties(), 3)
        yield from islice(self._meetings(), 9)
        yield from islice(self._lengths(), 4)
        labels = [s.label for s in all_slots(self.base()) if isinstance(s, Column) and s.kind in NUMERIC]
        for case in islice(self._scalars(), 12):
            yield case
            for label in labels[:1]:
                change = _both(partial(changes.put, label=label, value=NAN, where="ends"), case.change)
                yield Case((*case.tags, "value:nan"), case.n, case.flavour, change=change)
        for k in range(4):
            yield Case(("random",), 12, "small", k, self.seed + 300 + k)

    def _random(self) -> Iterator[Case]:
        for k in range(20):
            n, flavour = ((6, "small"), (17, "signed"), (9, "digits"), (40, "int"), (12, "small"))[k % 5]
            yield Case(("random",), n, flavour, k, self.seed + 100 + k)

    def _indexes(self) -> Iterator[Case]:
        for table in self._tables("frame", "series"):
            for kind in ("shifted", "permuted", "duplicated", "str", "float", "datetime", "named"):
                change = partial(changes.reindex, label=table.label, kind=kind)
                yield Case((f"index:{kind}",), flavour="signed", change=change)
                if kind in ("shifted", "permuted"):  # also where negative numbers break an assumption
                    yield Case((f"index:{kind}",), change=change)
            for dtype in ("Int64", "category", "object"):
                change = partial(changes.reindex_and_retype, label=table.label, dtype=dtype)
                yield Case((f"dtype:{dtype}", "index:shifted"), flavour="int", change=change)

    def _values(self) -> list[Iterator[Case]]:
        columns = [s for s in all_slots(self.base()) if isinstance(s, Column)]
        few = sum(c.kind in NUMERIC for c in columns) <= _FEW_COLUMNS
        numeric = [column.label for column in columns if column.kind in NUMERIC]
        return [*(self._values_of(column, few) for column in columns), _guarded(numeric)]

    def _values_of(self, column: Column, few: bool) -> Iterator[Case]:
        kind, label = column.kind, column.label
        if kind == "float":
            change = partial(changes.put, label=label, value=NAN, where="middle")
            yield Case(("value:nan",), flavour="small", change=change)  # among keys that repeat
            yield from _puts(label, NUMBERS, few)
        if kind == "int" or (kind == "float" and column.spec["t"] in ("num", "any")):
            yield from _puts(label, INTEGERS, few, "int")
        if kind == "str":
            yield from _puts(label, TEXTS, few)
            for flavour in ("float", "int"):
                yield Case(("dtype:datetime",), flavour=flavour, change=partial(changes.to_dates, label=label))
            yield Case(
                ("value:none", "value:nan-text"), change=partial(changes.put, label=label, value=None, where="middle")
            )
            yield Case(
                ("value:nan-text", "value:none"), change=partial(changes.put, label=label, value=NAN, where="middle")
            )
            yield self._all_missing(label, "value:none", "value:nan-text", "column:all-missing")
        if kind in ("datetime", "timedelta"):
            yield from _puts(label, (("value:nat", None, ("middle",)),), True)
            yield self._all_missing(label, "value:nat", "column:all-missing")
            old = dt.datetime(1969, 12, 31, 23, 59, 59)
            if kind == "datetime":
                yield from _puts(label, (("value:datetime", old, ("middle",)),), True)
        if kind == "bool":
            yield from _puts(label, (("value:constant", True, ("all",)), ("value:constant", False, ("all",))), True)
        if kind in (*NUMERIC, "bool"):
            yield from self._objects(column, few)

    def _all_missing(self, label: str, *tags: str) -> Case:
        return Case(tags, change=partial(changes.put, label=label, value=None, where="all"))

    def _objects(self, column: Column, few: bool) -> Iterator[Case]:
        label = column.label
        found: list[tuple[str, Any]] = [("value:none", None)]
        if few and column.kind != "bool":
            found.append(("value:bool", True))
        if self._is_python(label):
            found += [("value:bigint", 2**70), ("dtype:str", "7")]
        for tag, value in found:
            change = partial(changes.put, label=label, value=value, where="middle", dtype="object")
            yield Case((tag, "dtype:object"), flavour="float" if value is None else "int", change=change)
        if self._is_python(label) and column.kind in NUMERIC:
            yield Case(("value:mixed",), flavour="signed", change=partial(changes.mix, label=label))
            yield Case(("dtype:bool",), flavour="int", change=partial(changes.to_bools, label=label))

    def _scalars(self) -> Iterator[Case]:
        for slot in all_slots(self.base()):
            if isinstance(slot, Scalar):
                for tag, value in self._scalar_values(slot):
                    yield Case((tag,), change=partial(changes.set_scalar, label=slot.label, value=value))
        for parameter in self.parameters:
            if parameter["spec"].get("optional") and parameter["spec"]["t"] in _OPTIONAL:
                yield Case(("value:no-argument",), change=partial(changes.leave_out, name=parameter["name"]))

    def _scalar_values(self, slot: Scalar) -> Iterator[tuple[str, Any]]:
        literals = slot.spec.get("lits", [])
        if slot.kind in NUMERIC:
            counts = {"length", "small", "position"} & set(slot.spec.get("flags", []))
            if counts or slot.spec["t"] == "int":
                values: tuple[tuple[str, float], ...] = (
                    ("zero", 0),
                    ("one", 1),
                    ("negative", -1),
                    ("length", self.rows),
                    ("length", self.rows + 1),
                )
            else:
                values = (("zero", 0.0), ("zero", 0), ("negative", -1.5), ("nan", NAN), ("inf", INF), ("one", 1))
                yield from (("value:huge", 1e308), ("value:bigint", 2**53 + 1))
            yield from ((f"value:{name}", v) for name, v in values)
            yield from (("value:literal", v) for v in literals[:3] if not isinstance(v, str))
        elif slot.kind == "str":
            yield from (("value:empty-text", ""), ("value:text", "a.c"))
            yield from (("value:literal", v) for v in literals[:4] if isinstance(v, str))
        elif slot.kind == "bool":
            yield from (("value:constant", True), ("value:constant", False))
        if slot.spec.get("optional"):
            yield ("value:no-argument", None)

    def _dtypes(self) -> Iterator[Case]:
        for table in self._tables("frame", "series", "array", "matrix"):
            retype = partial(changes.retype, label=table.label)
            pandas = table.form in ("frame", "series")
            for dtype in (*_PLAIN_TYPES, *(_EXTENSION_TYPES if pandas else ())):
                tag = "dtype:int32" if dtype == "int8" else f"dtype:{dtype}"
                flavour = "int" if dtype in _INT_TYPES else "float"
                yield Case((tag,), flavour=flavour, change=partial(retype, kinds=NUMERIC, dtype=dtype))
            if pandas:
                yield from self._pandas_types(table.label, retype)
        for case in _of_one(self._tables("series", "array", "matrix")):
            yield Case(case.tags, flavour="int", change=case.change)

    def _pandas_types(self, label: str, retype: Callable[..., bool]) -> Iterator[Case]:
        for dtype in _EXTENSION_TYPES:
            change = partial(retype, kinds=NUMERIC, dtype=dtype, hole=True)
            yield Case((f"dtype:{dtype}", "value:none", "value:nan"), flavour="int", change=change)
        for kinds, dtype in (
            (("bool",), "boolean"),
            (("str",), "category"),
            (NUMERIC, "category"),
            (("str", "bool"), "object"),
        ):
            yield Case((f"dtype:{dtype}",), change=partial(retype, kinds=kinds, dtype=dtype))
        dates = partial(retype, kinds=NUMERIC, dtype="datetime64[ns]")
        yield Case(("dtype:datetime",), flavour="int", change=dates)
        hole = partial(retype, kinds=("bool",), dtype="boolean", hole=True)
        yield Case(("dtype:boolean", "value:none"), change=hole)
        for zone in ("Europe/Paris", "UTC"):
            yield Case(("dtype:tz",), change=partial(changes.localize, label=label, zone=zone))

    def _columns(self) -> Iterator[Case]:
        for table in self._tables("frame"):
            label = table.label
            for kind, flavour in (("str", "float"), ("str", "int"), ("float", "int")):
                change = partial(changes.add_column, label=label, kind=kind)
                yield Case((f"extra:{kind}",), flavour=flavour, change=change)
            for name in [n for n, c in table.columns.items() if "optional column" in c.spec.get("flags", [])]:
                for flavour in ("float", "int"):
                    change = partial(changes.drop_column, label=label, name=name)
                    yield Case(("columns:optional",), flavour=flavour, change=change)
            change = partial(changes.to_texts, label=label)  # rows without a number are taken for something else
            yield Case(("dtype:str", "dtype:object"), change=change)
            yield Case(("columns:numbered",), change=partial(changes.number_column, label=label))
            yield Case(("n=0", "columns:missing"), 0, change=partial(changes.drop_columns, label=label))
            for name in list(table.columns)[:2]:
                yield Case(("columns:duplicated",), 5, change=partial(changes.repeat_column, label=label, name=name))

    def _keys(self) -> Iterator[Case]:
        pooled = [s for s in all_slots(self.base()) if s.spec.get("pool") is not None]
        for slot in pooled[:6]:
            yield Case(("keys:absent",), change=partial(changes.miss_key, label=slot.label))
        if pooled:
            yield Case(("value:text",), change=changes.dress)
        for value in (None, NAN) if pooled else ():
            yield Case(("value:none", "value:nan-text"), change=partial(changes.miss_values, value=value))
        for slot in pooled:
            if "member" in slot.spec.get("flags", []) and self._is_python(slot.label):
                mixed = ("value:mixed", "dtype:str", "dtype:object")
                for flavour in ("digits", "float"):
                    yield Case(mixed, flavour=flavour, change=partial(changes.write_out, label=slot.label))
        for table in self._tables("frame", "series"):
            if table.spec.get("lookup"):
                tags = ("keys:repeated", "index:duplicated")
                yield Case(tags, change=partial(changes.repeat_rows, label=table.label))
                yield Case(("index:permuted",), change=partial(changes.shuffle_rows, label=table.label))
        for slot in pooled[:6]:
            if isinstance(slot, Column) and slot.kind == "str":
                change = partial(changes.put, label=slot.label, value="k1", where="all")
                yield Case(("keys:repeated",), change=change)

    def _holes(self) -> Iterator[Case]:
        """Missing values in every third of many rows, where the code asks for them: other conditions come before."""
        columns = [s for s in all_slots(self.base()) if isinstance(s, Column)]
        for column in [c for c in columns if _asked_for(c)][:_FEW_COLUMNS]:
            tags, value = _missing_in(column)
            dtype = "object" if value is None and column.kind not in ("datetime", "timedelta") else ""
            change = partial(changes.put, label=column.label, value=value, where="some", dtype=dtype)
            for flavour in ("signed", "int"):
                yield Case(tags, _MANY, flavour, change=change)
            for table in self._tables("frame") if dtype else ():  # a row of several types keeps None
                if any(c.label == column.label for c in table.columns.values()):
                    beside = partial(changes.add_column, label=table.label, kind="float")
                    yield Case((*tags, "extra:float"), _MANY, "signed", change=_both(change, beside))

    def _lengths(self) -> Iterator[Case]:
        top = [d for d in self.base().values() if isinstance(d, Table) and not d.spec.get("lookup")]
        for table in top[:4] if len(top) > 1 else []:
            for change in (-2, 2):
                yield Case(("lengths:unequal",), change=partial(changes.resize, label=table.label, change=change))

    def _types(self) -> Iterator[Case]:
        """Other kinds of sequences, where neither an annotation nor a hint says which it is."""
        for parameter in self.parameters:
            name, spec = parameter["name"], parameter["spec"]
            draft = self.base()[name]
            if not isinstance(draft, Table) or spec.get("stated") or draft.form not in _FORMS or spec.get("index"):
                continue
            for form, kind in _FORMS.items():
                if form != draft.form and not (form == "iterator" and spec.get("asked")):
                    yield Case((f"type:{kind}",), change=partial(changes.reform, label=draft.label, form=form))

    def _tables(self, *forms: str) -> list[Table]:
        seen: dict[str, Table] = {}
        for table in all_tables(self.base()):
            if table.form in forms:
                seen.setdefault(table.label, table)
        return list(seen.values())[:4]

    def _is_python(self, label: str) -> bool:
        """Whether the column lives in a list, so that it can hold anything."""
        forms = ("list", "records", "tuples", "objects", "iterator")
        return any(label == c.label for t in all_tables(self.base()) if t.form in forms for c in t.columns.values())


def _asked_for(column: Column) -> bool:
    """Whether the code asks if a value of the column is missing, or None."""
    return "missing" in column.spec.get("flags", []) or bool(column.spec.get("optional"))


def _missing_in(column: Column) -> tuple[tuple[str, ...], Any]:
    """What the code takes for missing in a column, and the tags of it."""
    if column.kind in ("datetime", "timedelta"):
        return ("value:nat",), None
    if column.spec.get("optional"):
        return ("value:none", "dtype:object"), None
    return (("value:nan",) if column.kind in NUMERIC else ("value:nan-text", "value:none")), NAN


def _of_everything(tables: list[Table]) -> Iterator[Case]:
    """Types that fast code is rarely made for, of all numbers."""
    labels = list(dict.fromkeys(table.label for table in tables))
    for dtype in ("object", "int8", "float32"):
        yield Case(("dtype:int32" if dtype == "int8" else f"dtype:{dtype}",), change=partial(_all_of, labels, dtype))


def _of_one(tables: list[Table]) -> Iterator[Case]:
    """One that holds anything, beside others that are narrow: only those overflow, or all of them do."""
    labels = list(dict.fromkeys(table.label for table in tables))
    for label in labels[:_FEW_COLUMNS] if len(labels) > 1 else ():
        others = [other for other in labels if other != label]
        narrow = partial(_all_of, others, "int8")
        objects = partial(changes.retype, label=label, kinds=NUMERIC, dtype="object")
        yield Case(("dtype:object", "dtype:int32"), change=_both(objects, narrow))
        lists = partial(changes.reform, label=label, form="list")
        yield Case(("type:list", "dtype:int32"), change=_both(lists, narrow))


def _all_of(labels: list[str], dtype: str, drafts: Drafts) -> bool:
    found = [changes.retype(drafts, label, (*NUMERIC, "bool"), dtype) for label in labels]
    return any(found)


def _both(first: Change | None, second: Change | None) -> Change:
    """One change after the other, where each can be made; the first has to be."""

    def change(drafts: Drafts) -> bool:
        made = second is None or second(drafts)
        return made and (first is None or first(drafts))

    return change


def _puts(label: str, table: Any, few: bool, flavour: str = "float") -> Iterator[Case]:
    for tag, value, places in table:
        for where in places if few else places[:1]:
            yield Case((tag,), flavour=flavour, change=partial(changes.put, label=label, value=value, where=where))


def _guarded(labels: list[str]) -> Iterator[Case]:
    """Zero in one column where the others hold what can't be computed with: the code may look at the one first."""
    for label in labels[:_FEW_COLUMNS] if len(labels) > 1 else ():
        for tag, value, flavour in (("value:nan", NAN, "float"), ("value:bigint", 2**62, "int")):
            others = tuple(other for other in labels if other != label)
            change = partial(changes.put_beside, label=label, others=others, value=value)
            yield Case((tag, "value:zero"), flavour=flavour, change=change)


def _in_turn(parts: list[Iterator[Case]]) -> Iterator[Case]:
    """One case of each, again and again: a budget that ends cuts all of them a little, none completely."""
    for row in zip_longest(*parts):
        yield from (case for case in row if case is not None)


__all__ = ["Battery", "Case", "content_tags", "error_tags"]
