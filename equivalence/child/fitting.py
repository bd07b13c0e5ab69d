"""Changes after which an input may have what a condition of the user asks for: types, sizes, values, labels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from . import changes
from .changes import NUMERIC, Drafts, all_slots, all_tables
from .drafts import Column, Scalar

Change = Callable[[Drafts], bool]

#: Types of columns, by the words with which a condition may name them.
_TYPES = (
    "int64", "float64", "int32", "float32", "int8", "int16", "uint8", "uint16", "uint32", "uint64", "bool", "str",
    "object", "category", "Int64", "Float64", "boolean",
)  # fmt: skip
_PYTHON = {"int": "int64", "float": "float64"}
_INDEXES = ("shifted", "permuted", "duplicated", "str", "float", "datetime", "named")
_MOST = 50


def changes_for(drafts: Drafts, words: Collection[str], literals: Sequence[Any]) -> Iterator[Change]:
    """Every change, those first that the words of the condition speak of."""
    named = [t for t in _TYPES if t in words] + [t for word, t in _PYTHON.items() if word in words]
    rest = [t for t in _TYPES if t not in named]
    numbers = [v for v in literals if isinstance(v, (int, float)) and not isinstance(v, bool)]
    yield from _retyped(drafts, named)
    yield from _sized(drafts, [0, 1, 2, 3, *(int(v) for v in numbers if v == int(v) and 3 < v <= _MOST)])
    yield from _single(drafts, literals)
    for slot in (s for s in all_slots(drafts) if isinstance(s, Column)):
        for how in (_size, _above_zero, _below_zero, _whole, _without_holes, _distinct):
            yield partial(_each, label=slot.label, how=how)
        if literals:
            yield partial(_each, label=slot.label, how=partial(_among, literals=literals))
    for how in (_size, _above_zero, _below_zero, _whole, _without_holes, _distinct):
        yield partial(_each, label="", how=how)
    for order in ("rising", "falling"):
        yield partial(changes.sort, how=order)
    for table in (t for t in all_tables(drafts) if t.form == "frame"):
        for kind in ("float", "str", "int"):
            yield partial(changes.add_column, label=table.label, kind=kind)
    for table in (t for t in all_tables(drafts) if t.form in ("frame", "series")):
        for kind in _INDEXES:
            yield partial(changes.reindex, label=table.label, kind=kind)
    for slot in (s for s in all_slots(drafts) if isinstance(s, Column)):
        yield partial(changes.put, label=slot.label, value=None, where="all")
        yield partial(changes.put, label=slot.label, value=float("nan"), where="all")
    yield from _retyped(drafts, rest)


def _retyped(drafts: Drafts, names: Sequence[str]) -> Iterator[Change]:
    for name in names:
        yield partial(_to_type, label="", name=name)
        for slot in all_slots(drafts):
            yield partial(_to_type, label=slot.label, name=name)


def _sized(drafts: Drafts, sizes: Sequence[int]) -> Iterator[Change]:
    for size in dict.fromkeys(sizes):
        yield partial(_cut, label="", size=size)
        for table in all_tables(drafts):
            yield partial(_cut, label=table.label, size=size)


def _single(drafts: Drafts, literals: Sequence[Any]) -> Iterator[Change]:
    sizes = {len(table) for table in all_tables(drafts)}
    near = [v + d for v in literals if isinstance(v, (int, float)) and not isinstance(v, bool) for d in (0, 1, -1)]
    others = [v for v in literals if isinstance(v, (str, bool)) or v is None]
    for slot in (s for s in all_slots(drafts) if isinstance(s, Scalar)):
        for value in dict.fromkeys([*others, *near, 0, 1, -1, 2, 1.5, *sorted(sizes)]):
            yield partial(changes.set_scalar, label=slot.label, value=value)


def _to_type(drafts: Drafts, label: str, name: str) -> bool:
    """Values of that type in one column, or in all that can hold it."""
    found = False
    arrays = [t for t in all_tables(drafts) if t.form in ("frame", "series", "array", "matrix")]
    typed = [column for table in arrays for column in table.columns.values()]
    for slot in all_slots(drafts):
        if (label and slot.label != label) or slot.kind not in (*NUMERIC, "bool"):
            continue
        values = slot.values if isinstance(slot, Column) else [slot.value]
        made = [_as(name, v) for v in values]
        if isinstance(slot, Scalar):
            slot.value, slot.kind = made[0], _kind(name)
        else:
            slot.values, slot.kind = made, _kind(name)
            natural = name in ("int64", "float64", "bool", "str")
            slot.dtype = name if not natural and any(slot is c for c in typed) else None
        found = True
    return found


def _kind(name: str) -> str:
    if name in ("bool", "boolean"):
        return "bool"
    return "str" if name == "str" else "float" if "loat" in name else "int" if "nt" in name else "float"


def _as(name: str, value: Any) -> Any:
    if name in ("bool", "boolean"):
        return value > 20 if not isinstance(value, bool) else value
    if name == "str":
        return f"t{value}"
    if value is None or value != value:
        value = 1
    if "nt" in name:
        return abs(int(value)) % 100 if name.startswith("u") else int(value) % 100 if "8" in name else int(value)
    return float(value)


def _cut(drafts: Drafts, label: str, size: int) -> bool:
    """The first rows only."""
    found = False
    for table in all_tables(drafts):
        if (not label or table.label == label) and len(table) > size:
            for column in [*table.columns.values(), *([table.index] if table.index is not None else [])]:
                column.values = column.values[:size]
            table.length, found = min(table.length, size), True
    return found


def _each(drafts: Drafts, label: str, how: Callable[[int, Any], Any]) -> bool:
    """Change every value of one column, or of all."""
    found = False
    for slot in all_slots(drafts):
        if not isinstance(slot, Column) or (label and slot.label != label) or slot.kind not in (*NUMERIC, "str"):
            continue
        made = [how(k, v) for k, v in enumerate(slot.values)]
        found = found or made != slot.values
        slot.values = made
    return found


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _size(_: int, value: Any) -> Any:
    return abs(value) if _number(value) else value


def _above_zero(_: int, value: Any) -> Any:
    return abs(value) + 1 if _number(value) else value


def _below_zero(_: int, value: Any) -> Any:
    return -abs(value) - 1 if _number(value) else value


def _whole(_: int, value: Any) -> Any:
    return type(value)(int(value)) if _number(value) and abs(value) < 1e15 else value


def _without_holes(k: int, value: Any) -> Any:
    return 1.0 + k if value is None or value != value or value in (float("inf"), float("-inf")) else value


def _distinct(k: int, value: Any) -> Any:
    return value + 1000 * k if _number(value) else f"{value}{k}"


def _among(k: int, value: Any, literals: Sequence[Any]) -> Any:
    kinds = str if isinstance(value, str) else (int, float)
    fit = [v for v in literals if isinstance(v, kinds) and not isinstance(v, bool)]
    return type(value)(fit[k % len(fit)]) if fit and value == value else value
