"""Inputs for a scaffold: some of the battery's cases as code, each of them run on both versions first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice, pairwise
from typing import Any

from . import show
from .battery import Battery, Case
from .changes import Drafts, all_slots, content_tags, error_tags
from .drafts import ClassReference, Column, Draft, Instance, Scalar, Table, finish
from .gathered import nothing
from .namespace import Outcome
from .stubs import Duck, PureFunction
from .trial import Trial, Unverified, versions

_ROWS = 5
_MOST_CASES = 20
_MOST_RAISING = 5
_MOST_TEXT = 1800
#: What is tried, most telling first, and what the case is called.
_WANTED = {
    "typical:float": "floats", "typical:int": "integers", "n=0": "empty", "n=1": "one row", "n=2": "two rows",
    "value:nan": "NaN", "value:zero": "zero", "value:negative": "negative", "value:none": "None", "value:nat": "NaT",
    "value:no-argument": "no value", "index:duplicated": "repeated labels", "index:shifted": "labels from 5",
    "index:datetime": "dates as labels", "value:inf": "infinite", "value:-0.0": "negative zero",
    "value:empty-text": "empty text", "value:nan-text": "NaN among text", "keys:absent": "absent key",
    "keys:repeated": "repeated keys", "lengths:unequal": "unequal lengths", "columns:missing": "no columns",
    "extra:str": "one more column", "value:bigint": "large integer", "value:huge": "huge", "value:constant": "constant",
    "value:half-cent": "half a cent", "dtype:float32": "float32", "dtype:int32": "int32", "dtype:Int64": "Int64",
    "dtype:object": "objects", "dtype:category": "categories", "dtype:tz": "time zone",
}  # fmt: skip


class Samples(Trial):
    """A trial that gives its inputs back instead of a verdict."""

    def run(self) -> dict[str, Any]:
        """The cases and what a typical input is made of, as JSON."""
        try:
            battery = self._known()
            battery.rows = _ROWS
            cases = self._cases(battery)
        except Unverified as e:
            return {"verdict": "unverified", "reason": str(e), "versions": versions()}
        typical = battery.base(9)
        return {
            "verdict": "sampled",
            "typical": {name: _described(draft) for name, draft in typical.items()},
            "cases": cases,
            "stubs": sorted(self.before.stubs_used | self.after.stubs_used),
            "versions": versions(),
        }

    def _cases(self, battery: Battery) -> list[dict[str, Any]]:
        found: list[tuple[int, dict[str, Any]]] = []
        order = list(_WANTED)
        seen: set[Any] = set()
        base: dict[str, str] = {}
        raising = 0
        for case in chain(islice(battery.cases(), 1), _scattered(), battery.cases()):
            tag = case.tags[0]
            made = self._made(_small(case)) if tag in _WANTED else None
            if made is None:
                continue
            drafts, arguments = made
            inputs = {name: code(value) for name, value in arguments.items()}
            base = base or inputs
            text = "\n".join(inputs.values())
            changed = () if tag.startswith("typical") else (n for n in inputs if inputs[n] != base[n])
            key = (tag, *changed)
            if key in seen or text in seen or len(text) > _MOST_TEXT:
                continue
            a, b, difference = self._pair(drafts, arguments, case.tags)
            if b is None or (a.status == "raised" and raising >= _MOST_RAISING):
                continue
            if not self._telling(case, drafts, a, difference):
                continue
            raising += a.status == "raised"
            seen |= {key, text}
            found.append((order.index(tag), {"name": _WANTED[tag], "inputs": inputs}))
        return [entry for _, entry in sorted(found, key=lambda pair: pair[0])[:_MOST_CASES]]

    def _telling(self, case: Case, drafts: Drafts, a: Outcome, difference: str) -> bool:
        """Whether the input keeps to the assumptions. Raises Unverified when it does, and the versions differ."""
        gathered = nothing(self.request, a)
        tags = {*case.tags, *gathered, *content_tags(drafts), *error_tags(a.error)}
        if a.status == "raised":
            tags.add("raises")
        if difference and not self._excused(tags):
            raise Unverified(f"the versions differ: {difference}")
        if gathered and "empty-type" in self.request["obligations"]:
            return False  # a test does not know that nothing was gathered, and compares strictly
        return not difference and not self._excused({*case.tags, *gathered})


def _small(case: Case) -> Case:
    """The case on few rows, on the same typical values as most others."""
    flavour = "float" if case.change is not None and case.flavour == "signed" else case.flavour
    return replace(case, flavour=flavour, n=_ROWS if case.n == 9 else case.n)


def _scattered() -> Iterator[Case]:
    """A value in every column of numbers, each time in another row."""
    for tag, value in (("value:nan", float("nan")), ("value:zero", 0.0), ("value:negative", -1.5)):
        yield Case((tag,), n=_ROWS, change=partial(_scatter, value))


def _scatter(value: float, drafts: Drafts) -> bool:
    columns = [s for s in all_slots(drafts) if isinstance(s, Column) and s.kind == "float" and s.values]
    for k, column in enumerate(c for c in columns if c.spec.get("pool") is None):
        column.values[(k + 1) % len(column.values)] = value
    return bool(columns)


def _described(draft: Draft) -> dict[str, Any]:
    """What a typical value is made of: `fixed` code, a `length`, or a `table` of columns that can be made longer."""
    if isinstance(draft, Scalar) and "length" in draft.spec.get("flags", []) and isinstance(draft.value, int):
        return {"is": "length", "code": code(draft.value)}
    fixed = {"is": "fixed", "code": code(finish(draft))}
    if (
        not isinstance(draft, Table)
        or draft.spec.get("lookup")
        or draft.spec.get("fixed")
        or draft.form in ("set", "objects")
    ):
        return fixed
    if any(c.kind == "nested" or c.tz for c in draft.columns.values()) or not draft.columns:
        return fixed
    return {
        **fixed,
        "is": "table",
        "form": draft.form,
        "tuple": draft.as_tuple,
        "columns": [[code(name), _column(c)] for name, c in draft.columns.items()],
        "index": _column(draft.index) if draft.index is not None else None,
        "name": draft.spec.get("name"),
    }


def _column(column: Column) -> dict[str, Any]:
    values = column.values
    plain = [v for v in values if v is not None]
    return {
        "kind": column.kind if len(plain) == len(values) and not column.dtype else "other",
        "free": column.spec.get("pool") is None,
        "values": [code(v) for v in values],
        "rising": all(x <= y for x, y in pairwise(plain)) if column.kind == "datetime" else False,
    }


def code(value: Any) -> str:
    """An expression that makes the value, in a file that has `np`, `pd` and `testing`."""
    if isinstance(value, Instance):
        attributes = "".join(f", {k}={code(v)}" for k, v in value.attributes.items())
        return f"testing.instance({value.cls!r}{attributes})"
    if isinstance(value, ClassReference):
        return value.cls
    if isinstance(value, PureFunction):
        return f"testing.pure_function({value.name!r})"
    if isinstance(value, Duck):
        return f"testing.unknown({repr(value)[1:-1]!r})"
    if type(value) is list:
        return "[" + ", ".join(code(v) for v in value) + "]"
    if type(value) is tuple:
        return "(" + ", ".join(code(v) for v in value) + ("," if len(value) == 1 else "") + ")"
    if type(value) is dict:
        return "{" + ", ".join(f"{code(k)}: {code(v)}" for k, v in value.items()) + "}"
    if type(value) is set and not value:
        return "set()"
    if type(value) is dt.timedelta:
        return f"pd.Timedelta({str(value)!r}).to_pytimedelta()"
    return _qualified(show.code(value))


def _qualified(text: str) -> str:
    """What `repr` writes without its module, or with one that the file does not import."""
    text = re.sub(r"pd\.to_datetime\(\[[^\]]*\]\)", _without_midnight, text)
    text = re.sub(r"\bdatetime\.date(\(\d+, \d+, \d+\))", r"pd.Timestamp\1.date()", text)
    text = re.sub(r"\bdatetime\.timedelta(\([^()]*\))", r"pd.Timedelta\1.to_pytimedelta()", text)
    text = re.sub(r"(?<![\w.'\"])(Timestamp|Timedelta)\(", r"pd.\1(", text)
    return re.sub(r"(?<![\w.'\"])NaT\b(?!['\"])", "pd.NaT", text)


def _without_midnight(found: re.Match[str]) -> str:
    """Days need no time."""
    dates = found[0].count("'") // 2
    return found[0].replace(" 00:00:00'", "'") if found[0].count(" 00:00:00'") == dates else found[0]
