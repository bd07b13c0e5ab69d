"""Change a specification after the loop refused an input: add the column, try the next kind."""

from __future__ import annotations

import copy
import re
from typing import Any

from .drafts import Spec

_NEXT = {
    "any": ["num", "str", "list", "duck", "datetime", "frame", "dict", "tuple", "callable"],
    "num": ["str", "datetime", "list", "series", "tuple", "duck"],
    "callable": ["duck"],
    "float": ["str", "datetime", "list"],
    "int": ["num", "str", "datetime", "list"],
    "bool": ["num", "str", "list"],
    "str": ["num", "datetime", "list"],
    "list": ["array", "series", "dict", "frame"],
    "array": ["series", "list"],
    "series": ["array", "list", "frame"],
    "record": ["frame", "dict"],
    "tuple": ["list"],
    "dict": ["frame", "list"],
    "frame": ["record", "dict"],
    "datetime": ["date", "num", "str"],
    "date": ["datetime"],
    "object": ["duck", "num"],
}

_UNKNOWN = ("any", "num", "object", "callable", "dict", "record")
#: Which specifications make a value of this type.
_HELD_AS = {
    "float": ("any", "num", "float", "callable", "object"),
    "int": ("any", "num", "int"),
    "str": ("any", "str"),
    "dict": ("dict", "record"),
    "list": ("list",),
    "Series": ("series",),
    "ndarray": ("array",),
    "date": ("date", "datetime", "any"),
    "datetime": ("date", "datetime", "any"),
}


class Repair:
    """Proposes changed parameters for an error, each change at most once."""

    def __init__(self, parameters: list[dict[str, Any]]) -> None:
        self.parameters = parameters
        self._done: set[tuple[Any, ...]] = set()
        self._given = copy.deepcopy(parameters)
        self._started_over = False

    def after(self, error: BaseException, line: str) -> bool:
        """Change the parameters in place; False when nothing is left to try."""
        name, text = type(error).__name__, str(error)
        if name == "KeyError":
            return self._missing_key(error, line) or self._rotate(line, text)
        if name == "AttributeError":
            return self._missing_attribute(text, line) or self._rotate(line, text)
        if name == "ValueError" and ("unpack" in text):
            return self._width(text) or self._rotate(line, text)
        if name == "ValueError" and ("could not convert" in text or "invalid literal" in text):
            return self._numeric_text(line) or self._rotate(line, text, prefer=("str",))
        if name == "TypeError" and self._no_such_use(text, line):
            return True
        if name == "TypeError" and ("exactly one argument" in text or "after * must" in text) and self._single():
            return True
        if name == "IndexError":
            return self._longer(line) or self._rotate(line, text)
        if self.narrow(error, line):
            return True
        return self._rotate(line, text)

    def narrow(self, error: BaseException, line: str) -> bool:
        """Keep numbers above zero when the loop can't take others: roots, logarithms, divisors."""
        name, text = type(error).__name__, str(error)
        if name not in ("ZeroDivisionError", "OverflowError", "FloatingPointError") and "math domain" not in text:
            return False
        words = set(re.findall(r"\w+", line))
        numbers = [(n, s) for n, s in self._nodes() if s["t"] in ("num", "int", "float", "any")]
        named = [s for n, s in numbers if words & set(re.findall(r"\w+", n))]
        for specs in (named, [s for _, s in numbers]):
            fresh = [s for s in specs if self._once("above zero", id(s))]
            for spec in fresh:
                spec.setdefault("flags", []).append("above zero")
            if fresh:
                return True
        return False

    def start_over(self) -> bool:
        """Forget what was tried: whatever nothing is known of becomes an object that can do everything."""
        if self._started_over:
            return False
        self._started_over = True
        self._done.clear()
        found = False
        for parameter, given in zip(self.parameters, self._given, strict=True):
            parameter["spec"] = spec = copy.deepcopy(given["spec"])
            inner = spec.get("elem") if spec["t"] == "list" else spec
            if isinstance(inner, dict) and inner["t"] in _UNKNOWN and not inner.get("stated"):
                _turn(inner, "duck")
                found = True
        return found

    def _once(self, *what: Any) -> bool:
        if what in self._done:
            return False
        self._done.add(what)
        return True

    def _nodes(self) -> list[tuple[str, Spec]]:
        found: list[tuple[str, Spec]] = []
        for p in self.parameters:
            _walk(p["spec"], p["name"], found)
        return found

    def _missing_key(self, error: BaseException, line: str) -> bool:
        key = error.args[0] if error.args else None
        holders = [(n, s) for n, s in self._nodes() if s["t"] in ("frame", "record")]
        named = [(n, s) for n, s in holders if re.search(rf"\b{re.escape(n.split('[')[0])}\b", line)] or holders
        if isinstance(key, str):
            for _, spec in named:
                fields = spec["cols" if spec["t"] == "frame" else "items"]
                if key not in fields and self._once("key", id(spec), key):
                    fields[key] = {"t": "num"}
                    return True
        return False

    def _missing_attribute(self, text: str, line: str) -> bool:
        found = re.match(r"'(\w+)' object has no attribute '(\w+)'", text)
        if not found:
            return False
        owner, attribute = found.groups()
        if attribute in ("strip", "lower", "upper", "split", "startswith", "endswith", "replace", "title"):
            return self._rotate(line, text, prefer=("str",))
        if attribute in (
            "hour",
            "year",
            "month",
            "day",
            "weekday",
            "date",
            "strftime",
            "days",
            "total_seconds",
            "minute",
            "isoformat",
        ):
            return self._rotate(line, text, prefer=("datetime",))
        if attribute in ("append", "extend", "sort"):
            return self._rotate(line, text, prefer=("list",))
        if attribute in ("items", "keys", "get", "values"):
            return self._rotate(line, text, prefer=("dict",))
        if attribute in (
            "iloc",
            "loc",
            "index",
            "iterrows",
            "columns",
            "at",
            "shape",
            "mean",
            "sum",
            "std",
            "max",
            "min",
            "astype",
        ):
            return self._rotate(line, text, prefer=("series", "frame", "array"))
        for _, spec in self._nodes():
            if spec["t"] == "object" and attribute not in spec["attrs"] and self._once("attr", id(spec), attribute):
                spec["attrs"][attribute] = {"t": "any"}
                return True
            column = (
                owner in ("DataFrame", "Series", "Pandas") and spec["t"] == "frame" and attribute not in spec["cols"]
            )
            if column and self._once("col", id(spec), attribute):
                spec["cols"][attribute] = {"t": "num"}
                return True
        return self._unknown(owner, line)

    def _no_such_use(self, text: str, line: str) -> bool:
        """A value that is called, or a result of a call that is used as more than a number: nobody knows what it is."""
        found = re.match(r"'([\w.]+)' object is not (callable|iterable|subscriptable)", text)
        if not found:
            return False
        owner, use = found[1].rsplit(".", 1)[-1], found[2]
        if use == "callable":
            return self._unknown(owner, line)
        for _, spec in self._ranked(line):
            if owner == "float" and spec["t"] == "callable" and self._once("duck", id(spec)):
                _turn(spec, "duck")
                return True
        return False

    def _unknown(self, owner: str, line: str) -> bool:
        """An attribute that no kind of ours has: the value is an object of a class of its own."""
        for _, spec in self._ranked(line):
            kinds = _HELD_AS.get(owner, ())
            if spec["t"] in kinds and not spec.get("stated") and self._once("duck", id(spec)):
                _turn(spec, "duck")
                return True
        return False

    def _single(self) -> bool:
        """`append(*cell)`: the cells hold one value."""
        for _, spec in self._nodes():
            inner = spec.get("elem")
            if (
                isinstance(inner, dict)
                and inner["t"] in ("list", "any", "num", "tuple", "str")
                and self._once("single", id(spec))
            ):
                inner.update(t="tuple", items=[inner.get("elem") or {"t": "num"}])
                return True
        return False

    def _width(self, text: str) -> bool:
        found = re.search(r"expected (\d+)", text)
        for _, spec in self._nodes():
            if found and spec["t"] == "tuple" and len(spec["items"]) != int(found[1]) and self._once("width", id(spec)):
                spec["items"] = (spec["items"] + [{"t": "num"}] * 9)[: int(found[1])]
                return True
            if found and spec["t"] in ("any", "num") and self._once("tuple", id(spec)):
                spec.update(t="tuple", items=[{"t": "num"} for _ in range(int(found[1]))])
                return True
        return False

    def _numeric_text(self, line: str) -> bool:
        for _, spec in self._ranked(line):
            if spec["t"] == "str" and "numeric-text" not in spec.get("flags", []) and self._once("numeric", id(spec)):
                spec.setdefault("flags", []).append("integer-text" if "int(" in line else "numeric-text")
                return True
        return False

    def _longer(self, line: str) -> bool:
        for _, spec in self._ranked(line):
            numbers = (
                spec["t"] in ("list", "array") and not spec.get("width") and spec.get("elem", {}).get("t") == "int"
            )
            if numbers and self._once("small", id(spec)):
                spec["elem"].setdefault("flags", []).append("position")
                return True
        for _, spec in self._ranked(line):
            if (
                spec["t"] in ("num", "int", "any")
                and "small" not in spec.get("flags", [])
                and self._once("small", id(spec))
            ):
                spec["t"] = "int"
                spec.setdefault("flags", []).append("small")
                return True
        return False

    def _ranked(self, line: str) -> list[tuple[str, Spec]]:
        """The nodes that the failing line names come first."""
        words = set(re.findall(r"\w+", line))
        nodes = self._nodes()
        return sorted(nodes, key=lambda e: -len(words & set(re.findall(r"\w+", e[0]))))

    def _rotate(self, line: str, text: str, prefer: tuple[str, ...] = ()) -> bool:
        for _, spec in self._ranked(line):
            kind = spec["t"]
            if spec.get("stated") and kind not in ("list", "dict", "tuple"):
                continue
            for new in [*prefer, *_NEXT.get(kind, [])]:
                if new == kind or (prefer and new not in prefer) or not self._once("kind", id(spec), new):
                    continue
                if spec.get("stated") and new in ("frame", "series", "array"):
                    continue
                _turn(spec, new)
                return True
        return bool(prefer) and self._rotate(line, text)


def _turn(spec: Spec, kind: str) -> None:
    """Make the node another kind and keep what is known of its parts."""
    spec.setdefault("was", spec["t"])
    parts = spec.get("cols") or spec.get("items") or spec.get("attrs") or {}
    spec["t"] = kind
    if kind in ("list", "array", "series", "dict") and "elem" not in spec:
        spec["elem"] = {"t": "num"}
    if kind == "dict":
        spec.setdefault("key", {"t": "str"})
    if kind == "frame":
        spec.setdefault("cols", parts if isinstance(parts, dict) and parts else {"value": {"t": "num"}})
    if kind == "record":
        spec["items"] = parts if isinstance(parts, dict) else {}
    if kind == "tuple":
        spec["items"] = [{"t": "num"}, {"t": "num"}]


def _walk(spec: Spec, label: str, found: list[tuple[str, Spec]]) -> None:
    found.append((label, spec))
    for name in ("elem", "key"):
        if isinstance(spec.get(name), dict):
            _walk(spec[name], label + " " + name, found)
    for name in ("cols", "items", "attrs"):
        parts = spec.get(name) or {}
        for k, part in parts.items() if isinstance(parts, dict) else enumerate(parts):
            _walk(part, f"{label}[{k}]", found)
