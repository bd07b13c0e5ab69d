"""What the battery does to an input: odd labels, values, types, columns, keys and lengths.

Every function changes drafts in place and returns whether there was anything to change.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from .drafts import Column, Draft, Mapping, Scalar, Table, copy_of, slots, tables, to_array

Drafts = dict[str, Draft]
NUMERIC = ("float", "int")
_LIMITS = {"uint8": 256, "int8": 100, "int32": 2**31 - 1, "Int64": 2**31 - 1}
_ABSENT = {"str": "absent", "int": 999, "datetime": dt.datetime(1990, 5, 5, 5)}
_START = dt.datetime(2024, 1, 1)
_CLOCK_CHANGE = dt.datetime(2024, 3, 30, 20)


def all_slots(drafts: Drafts) -> list[Column | Scalar]:
    """Every column and single value."""
    return [s for d in drafts.values() for s in slots(d)]


def all_tables(drafts: Drafts) -> list[Table]:
    return [t for d in drafts.values() for t in tables(d)]


def _named(drafts: Drafts, label: str) -> list[Table]:
    return [t for t in all_tables(drafts) if t.label == label]


def _columns(table: Table) -> list[Column]:
    return [*table.columns.values(), *([table.index] if table.index is not None else [])]


def reindex(drafts: Drafts, label: str, kind: str) -> bool:
    """Give a frame or series other row labels."""
    found = False
    for table in _named(drafts, label):
        labels = _labels(table.index, len(table), kind)
        if labels is not None:
            table.index, found = labels, True
    return found


def _labels(index: Column | None, n: int, kind: str) -> Column | None:
    if index is not None and kind not in ("permuted", "duplicated", "named"):
        return None
    old: list[Any] = list(index.values) if index is not None else list(range(n))
    old_kind = index.kind if index is not None else "int"
    match kind:
        case "permuted":
            return Column(old[1::2] + old[0::2][::-1], old_kind, {"t": "int"}, "index")
        case "duplicated":
            return Column([old[k // 2] for k in range(n)], old_kind, {"t": "int"}, "index")
        case "named":
            return Column(old, old_kind, {"t": "int", "name": "label"}, "index")
        case "shifted":
            return Column([k + 5 for k in range(n)], "int", {"t": "int"}, "index")
        case "str":
            return Column([f"r{k}" for k in range(n)], "str", {"t": "str"}, "index")
        case "float":
            return Column([k + 0.5 for k in range(n)], "float", {"t": "float"}, "index")
    return Column([_START + dt.timedelta(days=k) for k in range(n)], "datetime", {"t": "datetime"}, "index")


def put(drafts: Drafts, label: str, value: Any, where: str, dtype: str = "") -> bool:
    """Put a value into a column: in the middle, at both ends, in every third row, or everywhere."""
    slot = next((s for s in all_slots(drafts) if s.label == label), None)
    if not isinstance(slot, Column) or not slot.values:
        return False
    n = len(slot.values)
    for i in {"middle": [n // 2], "ends": [0, n - 1], "all": range(n), "some": range(1, n, 3)}[where]:
        slot.values[i] = value
    if isinstance(value, float) and slot.kind == "int":
        slot.values = [float(v) for v in slot.values]
        slot.kind = "float"
    typed = any(slot in t.columns.values() for t in all_tables(drafts) if t.form in ("frame", "series", "array"))
    if (dtype and typed) or (isinstance(value, bool) and slot.kind != "bool"):
        slot.dtype = "object"
    return True


def put_beside(drafts: Drafts, label: str, others: tuple[str, ...], value: Any) -> bool:
    """Zero in the middle of one column, and a value in the same row of the others."""
    found = [put(drafts, other, value, "middle") for other in others]
    return put(drafts, label, 0.0 if isinstance(value, float) else 0, "middle") and any(found)


def rotate(drafts: Drafts, by: int) -> bool:
    """The first rows come last."""
    found = False
    for draft in drafts.values():
        whole = isinstance(draft, Mapping)
        if whole:
            draft.keys.values = draft.keys.values[by:] + draft.keys.values[:by]
            if isinstance(draft.body, list):
                draft.body = draft.body[by:] + draft.body[:by]
        for table in tables(draft) if not whole or isinstance(draft.body, Table) else ():
            if table.spec.get("lookup") and not whole:
                continue
            for column in table.columns.values():
                column.values, found = column.values[by:] + column.values[:by], True
    return found


def only_rows(drafts: Drafts, rows: tuple[int, ...], length: int) -> bool:
    """These rows of everything that has so many."""
    found = False
    for draft in drafts.values():
        if isinstance(draft, Mapping) and len(draft.keys.values) == length:
            draft.keys.values = [draft.keys.values[row] for row in rows]
            if isinstance(draft.body, list):
                draft.body = [draft.body[row] for row in rows]
            found = True
        for table in [t for t in tables(draft) if len(t) == length]:
            for column in _columns(table):
                column.values, found = [column.values[row] for row in rows], True
            table.length = len(rows)
    for slot in all_slots(drafts):
        if isinstance(slot, Scalar) and "length" in slot.spec.get("flags", []) and slot.value == length:
            slot.value = len(rows)
    return found


def stretch(drafts: Drafts, to: int) -> bool:
    """Larger numbers where small ones count something: repetitions, or the rows of a window."""
    counts = [s for s in all_slots(drafts) if isinstance(s, Scalar) and s.kind == "int" and not s.spec.get("pool")]
    for slot in counts:
        slot.value = to
    return bool(counts)


def on_lattice(drafts: Drafts, constants: tuple[float, ...], seed: int) -> bool:
    """Small multiples of the constants of the code and sums of two, everywhere."""
    rng = random.Random(f"{seed}/{constants}")
    slots = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind in NUMERIC and _is_free(s)]
    for slot in slots:
        steps = [1.0, *(c for c in constants if slot.kind == "float" or c == int(c))]
        start = rng.choice((0, *steps))
        values = [start + rng.randint(-2, 4) * rng.choice(steps) for _ in slot.values]
        if rng.random() < 0.5:  # a walk: neighbours are a constant apart
            values = list(accumulate(rng.choice((0, 1, 1, -1)) * rng.choice(steps) for _ in slot.values))
        slot.values = [float(v) if slot.kind == "float" else int(v) for v in values]
    return bool(slots)


def meet(drafts: Drafts, value: float, how: str, among: bool) -> bool:
    """A number everywhere, or what the first columns give with those beside them: their product, or difference.

    With `among` every third row has it, and the others its neighbours.
    """
    slots = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind in NUMERIC and _is_free(s)]
    if how != "alone" and len(slots) < 2:
        return False
    first = value + (how == "difference")
    for k, slot in enumerate(slots):
        own = first if how == "alone" or k % 2 == 0 else 1.0
        steps = (0, 1, -1) if among and own is first else (0,)
        made = [own + steps[i % len(steps)] for i in range(len(slot.values))]
        slot.values = [float(v) if slot.kind == "float" else int(v) for v in made]
    return bool(slots)


def _is_free(slot: Column) -> bool:
    flags = slot.spec.get("flags", ())
    return slot.spec.get("pool") is None and not {"position", "small", "above zero", "length"} & set(flags)


def sort(drafts: Drafts, how: str) -> bool:
    """Numbers that rise or fall all the way, or all the way to the last one."""
    slots = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind in NUMERIC and _is_free(s)]
    for slot in slots:
        slot.values.sort(reverse=how in ("falling", "last rises"))
        if how.startswith("last") and slot.values:
            slot.values.append(slot.values.pop(0))
    return bool(slots)


def set_scalar(drafts: Drafts, label: str, value: Any) -> bool:
    for slot in all_slots(drafts):
        if isinstance(slot, Scalar) and slot.label == label:
            slot.value = value
            return True
    return False


def leave_out(drafts: Drafts, name: str) -> bool:
    """Pass None for a parameter."""
    drafts[name] = Scalar(None, "none", {"t": "none"}, name)
    return True


def reindex_and_retype(drafts: Drafts, label: str, dtype: str) -> bool:
    """Other labels and another type: what is no array is asked for labels."""
    return retype(drafts, label, NUMERIC, dtype) and reindex(drafts, label, "shifted")


def retype(drafts: Drafts, label: str, kinds: tuple[str, ...], dtype: str, hole: bool = False) -> bool:
    """Give the columns of these kinds another dtype, with or without a missing value."""
    found = False
    for table in _named(drafts, label):
        for column in table.columns.values():
            if column.kind not in kinds or not column.values:
                continue
            found = True
            if dtype in _LIMITS:
                column.values = [int(v) % _LIMITS[dtype] for v in column.values]
            if hole:
                column.values[len(column.values) // 2] = None
            column.dtype = dtype
    return found


def localize(drafts: Drafts, label: str, zone: str) -> bool:
    """Put the datetimes into a time zone, around the night when its clocks change."""
    found = False
    for table in _named(drafts, label):
        for column in _columns(table):
            if column.kind == "datetime":
                column.values = [_CLOCK_CHANGE + (v - _START) for v in column.values]
                column.tz, found = zone, True
    return found


def mix(drafts: Drafts, label: str = "") -> bool:
    """Ints among floats: in every second column, or at every second place of one list."""
    numeric = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind in NUMERIC]
    for k, slot in enumerate(numeric):
        if slot.label == label:
            slot.values = [int(v) if i % 2 else float(v) for i, v in enumerate(slot.values)]
        elif not label and k % 2 and slot.kind == "float" and slot.spec["t"] in ("num", "any"):
            slot.values, slot.kind = [int(v) for v in slot.values], "int"
    return bool(numeric)


def to_bools(drafts: Drafts, label: str) -> bool:
    for slot in all_slots(drafts):
        if slot.label == label and isinstance(slot, Column):
            slot.values, slot.kind = [v > 20 for v in slot.values], "bool"
    return True


def add_column(drafts: Drafts, label: str, kind: str) -> bool:
    """A column that the code doesn't read."""
    for table in _named(drafts, label):
        n = len(table)
        values: list[Any] = [f"x{k}" for k in range(n)] if kind == "str" else [0.5 + k for k in range(n)]
        table.columns["unrelated"] = Column(values, kind, {"t": kind}, f'{label}["unrelated"]')
    return True


def number_column(drafts: Drafts, label: str) -> bool:
    """A further column whose name is a number."""
    for table in _named(drafts, label):
        values: list[Any] = [0.5 + k for k in range(len(table))]
        table.columns[0] = Column(values, "float", {"t": "float"}, f"{label}[0]")
    return True


def reform(drafts: Drafts, label: str, form: str) -> bool:
    """Pass another kind of sequence: an array for a list, an iterator, a series."""
    for table in _named(drafts, label):
        table.form = form
    return True


def drop_columns(drafts: Drafts, label: str) -> bool:
    for table in _named(drafts, label):
        table.empty_frame = True
    return True


def drop_column(drafts: Drafts, label: str, name: str) -> bool:
    """Leave out a column whose presence the code asks for."""
    for table in _named(drafts, label):
        table.length = len(table)
        table.columns.pop(name, None)
    return True


def repeat_column(drafts: Drafts, label: str, name: str) -> bool:
    for table in _named(drafts, label):
        table.duplicate = name
    return True


def miss_key(drafts: Drafts, label: str) -> bool:
    """Look for a key that is not there."""
    for slot in all_slots(drafts):
        if slot.label == label and slot.kind in _ABSENT:
            if isinstance(slot, Scalar):
                slot.value = _ABSENT[slot.kind]
                return True
            if slot.values:
                slot.values[len(slot.values) // 2] = _ABSENT[slot.kind]
                return True
    return False


def miss_values(drafts: Drafts, value: Any) -> bool:
    """A missing value among the keys on all sides: NaN is found again only if it is the same object."""
    found = False
    for slot in all_slots(drafts):
        if isinstance(slot, Column) and slot.spec.get("pool") is not None and len(slot.values) > 1:
            slot.values[1] = float("nan") if value is not None else None
            found = True
    return found


def dress(drafts: Drafts) -> bool:
    """Keys in capitals, with blanks around them and with a mark: the code may clean one side only."""
    dresses: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda v: f" {v} ",
        str.title,
        lambda v: v,
        lambda v: v + ".",
    )
    found = False
    for slot in all_slots(drafts):
        if isinstance(slot, Column) and slot.kind == "str" and slot.spec.get("pool") is not None:
            if "member" in slot.spec.get("flags", []):
                continue
            slot.values = [dresses[k % len(dresses)](v) if isinstance(v, str) else v for k, v in enumerate(slot.values)]
            found = True
    return found


def write_out(drafts: Drafts, label: str) -> bool:
    """One of the values that others are looked for among is there as text only (as a number, if it was text)."""
    slot = next((s for s in all_slots(drafts) if s.label == label), None)
    if not isinstance(slot, Column) or not slot.values:
        return False
    first = slot.values[0]
    other = 7 if isinstance(first, str) else str(first)
    slot.values = [other if v == first else v for v in slot.values]
    return True


def to_texts(drafts: Drafts, label: str) -> bool:
    """Text in the place of all numbers of a frame."""
    found = False
    for table in _named(drafts, label):
        for column in table.columns.values():
            if column.kind in NUMERIC:
                column.values, column.kind, found = [f"t{k}" for k in range(len(column.values))], "str", True
    return found


def to_dates(drafts: Drafts, label: str) -> bool:
    """Dates where the code compares with a text that is one."""
    typed = [t for t in all_tables(drafts) if t.form in ("frame", "series", "array")]
    slot = next((c for t in typed for c in t.columns.values() if c.label == label), None)
    moments = [m for v in slot.spec.get("lits", []) if (m := _moment(v)) is not None] if slot is not None else []
    if slot is None or not moments:
        return False
    steps = [dt.timedelta(0), dt.timedelta(days=1), dt.timedelta(days=-1), dt.timedelta(hours=1)]
    slot.values = [moments[k % len(moments)] + steps[k % 4] for k in range(len(slot.values))]
    slot.kind = "datetime"
    return True


def _moment(value: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def repeat_rows(drafts: Drafts, label: str) -> bool:
    """The keys of the first rows come again at the end, beside other values."""
    found = False
    for table in _named(drafts, label):
        keyed = any(column.spec.get("pool") is not None for column in _columns(table))
        for column in _columns(table):
            key = column is table.index or column.spec.get("pool") is not None or not keyed
            column.values, found = [*column.values, *(column.values[:2] if key else column.values[-2:])], True
    return found


def shuffle_rows(drafts: Drafts, label: str) -> bool:
    return _rearrange(drafts, label, lambda values: values[::-1][1:] + values[-1:])


def resize(drafts: Drafts, label: str, change: int) -> bool:
    """Make one of several sequences shorter or longer."""
    return _rearrange(drafts, label, lambda values: values[:change] if change < 0 else values + values[:change])


def _rearrange(drafts: Drafts, label: str, change: Any) -> bool:
    found = False
    for table in _named(drafts, label):
        for column in _columns(table):
            column.values, found = change(column.values), True
    return found


def content_tags(drafts: Drafts) -> set[str]:
    """What an input holds, whatever it was made for: an assumption that it breaks excuses a difference."""
    found: set[str] = set()
    for slot in all_slots(drafts):
        if slot.spec.get("pool") is None:
            if slot.kind == "str" and slot.spec["t"] in ("any", "num"):
                found.add("dtype:str")  # text where nothing says so
            for v in slot.values if isinstance(slot, Column) else [slot.value]:
                if isinstance(v, (int, float)) and not isinstance(v, bool):
                    found |= _number_tags(v)
    for table in all_tables(drafts):
        if table.form == "frame" and {c.kind for c in table.columns.values()} == {"float", "int"}:
            found.add("rows:upcast")  # a row of such a frame holds floats only
        if table.form == "frame" and _rows_of_dates(list(table.columns.values())):
            found.add("rows:dates-and-missing")  # such a row is taken for dates as a whole
        if table.index is not None and len(set(table.index.values)) < len(table.index.values):
            found.add("index:duplicated")
        if any(_misses_dates(c) for c in _columns(table)):
            found.add("value:nat")
        if any(_repeats_keys(c) for c in table.columns.values()):
            found.add("keys:repeated")
    return found


def _repeats_keys(column: Column) -> bool:
    """Whether several rows have one key of those that masks compare with."""
    keys = column.values if "table key" in column.spec.get("flags", ()) and column.kind != "nested" else []
    return len(set(keys)) < len(keys)


def without_signs(drafts: Drafts) -> Drafts:
    """The same input with 0.0 for -0.0."""
    plain = {name: copy_of(draft) for name, draft in drafts.items()}
    for slot in all_slots(plain):
        if isinstance(slot, Column):
            slot.values[:] = [0.0 if isinstance(v, float) and v == 0 else v for v in slot.values]
        elif isinstance(slot.value, float) and slot.value == 0:
            slot.value = 0.0
    return plain


def _misses_dates(column: Column) -> bool:
    """Whether a date is missing, or falls into the hour that a time zone has twice or not at all."""
    if column.kind != "datetime":
        return False
    return bool(to_array(column).isna().any()) if column.tz else any(v is None or v != v for v in column.values)


def _rows_of_dates(columns: list[Column]) -> bool:
    """Whether some row holds nothing but dates and missing values."""
    others = [c.values for c in columns if c.kind != "datetime"]
    rows = zip(*others, strict=False)
    return len(others) < len(columns) and any(all(v is None or v != v for v in row) for row in rows)


def _number_tags(v: float) -> set[str]:
    if v != v:
        return {"value:nan"}
    if v == 0:
        return {"value:-0.0" if str(v) == "-0.0" else "value:zero"}
    tags = {"value:negative"} if v < 0 else set()
    if v in (float("inf"), float("-inf")):
        tags.add("value:inf")
    elif isinstance(v, int) and abs(v) >= 2**53:
        tags.add("value:bigint")
    return tags


def error_tags(error: BaseException | None) -> set[str]:
    """What an exception says about the input that caused it."""
    text = str(error)
    match type(error).__name__:
        case "ZeroDivisionError":
            return {"value:zero"}
        case "ValueError" if any(part in text for part in ("math domain", "expected a", "negative integer powers")):
            return {"value:negative"}
        case "ValueError" if "cannot convert float NaN" in text:
            return {"value:nan"}
        case "ValueError" if "an array of size 1" in text:  # `item()` of no rows, or of several
            return {"keys:absent", "keys:repeated"}
        case "OverflowError":
            return {"value:huge"}
        case "KeyError":
            return {"keys:absent"}
        case "TypeError" if text.startswith("Invalid value"):  # a column can't hold what is stored into it
            return {"dtype:unfit"}
        case "IndexError" if "positional indexer" in text or "index 0 is out" in text:
            return {"keys:absent"}
    return set()
