"""Change a specification after the loop refused an input: add the column, try the next kind."""

from __future__ import annotations

import re
from typing import Any

from .drafts import Spec

_NEXT = {
    "any": ["num", "str", "list", "datetime", "frame", "dict", "tuple", "callable"],
    "num": ["str", "datetime", "list", "series", "tuple"],
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
    "object": ["num"],
}


class Repair:
    """Proposes changed parameters for an error, each change at most once."""

    def __init__(self, parameters: list[dict[str, Any]]) -> None:
        self.parameters = parameters
        self._done: set[tuple[Any, ...]] = set()

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
        if name == "TypeError" and ("exactly one argument" in text or "after * must" in text) and self._single():
            return True
        if name == "IndexError":
            return self._longer(line) or self._rotate(line, text)
        return self._rotate(line, text)

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
