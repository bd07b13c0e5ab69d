"""Change a specification after the loop refused an input: add the column, try the next kind."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from .derived import minuends, origins
from .drafts import Spec
from .namespace import Outcome
from .repair_sizes import one_more, reshaped
from .repair_tables import ASKS_FOR, HAVE, HELD_AS, LEAVES, NEXT, SEVERAL_MISSING, TEXT_LABELS, TOO_LITTLE, UNKNOWN
from .repair_texts import moments_in, readable_as, separators_in, taken_apart_as

#: How far the code had come: line and column in each function that it was in.
Place = tuple[tuple[int, int], ...]


def number_is_not_enough(error: BaseException) -> bool:
    """Whether the code may have wanted more than a number of a function that is not there."""
    return TOO_LITTLE.search(str(error)) is not None


class Repair:
    """Proposes changed parameters for an error, each change at most once.

    A change of kind that gets the code no further is taken back, until nothing else is left to try.
    """

    def __init__(self, parameters: list[dict[str, Any]], source: str = "") -> None:
        self.parameters = parameters
        self._origins = origins(source)
        self._minuends = minuends(source)
        self._moments = moments_in(source)
        self._source = source
        self._done: set[tuple[Any, ...]] = set()
        self._given = copy.deepcopy(parameters)
        self._started_over = False
        self._keeps = False  # changes of kind, whether they help or not
        self._turned: tuple[Spec, Spec, Place] | None = None
        self._place: Place = ()

    def after(self, error: BaseException, outcome: Outcome) -> bool:
        """Change the parameters in place; False when nothing is left to try."""
        self._place = outcome.place
        self._take_back()
        if self._change(error, outcome):
            return True
        if self._keeps:
            return False
        self._keeps = True
        self._done = {what for what in self._done if what[0] not in ("kind", "duck", "text")}
        return self._change(error, outcome)

    def _take_back(self) -> None:
        if self._turned is not None and not self._keeps:
            spec, before, place = self._turned
            if self._place <= place:
                spec.clear()
                spec.update(before)
        self._turned = None

    def _change(self, error: BaseException, outcome: Outcome) -> bool:
        name, text, line = type(error).__name__, str(error), outcome.part
        if name == "KeyError":
            return self._missing_key(error, line) or self._rotate(line, text)
        if name == "AttributeError":
            culprit = self._held(getattr(error, "obj", None), outcome.arguments)
            return self._missing_attribute(text, line, culprit) or self._rotate(line, text)
        if "unpack" in text:
            return self._width(text, line) or self._rotate(line, text)
        if name == "ValueError" and ("could not convert" in text or "invalid literal" in text):
            return self._readable(line, "for int()" in text) or self._rotate(line, text, prefer=("str",))
        if name == "ValueError" and (
            self._columns(text, line) or reshaped(text, line, self._ranked(line), self._once, self._turn)
        ):
            return True
        if name == "TypeError" and (self._no_such_use(text, line) or (TEXT_LABELS.search(text) and self._dated(line))):
            return True
        if name == "TypeError" and ("exactly one argument" in text or "after * must" in text) and self._single():
            return True
        if name == "IndexError" and "scalar variable" in text and self._rotate(line, text, ("str", "list")):
            return True
        if name == "IndexError" and "list index" in text and self._more_parts(line):
            return True
        if name == "IndexError" and one_more(text, line, self._ranked(line), self._once):
            return True
        if name == "IndexError" and "only integers" not in text:
            return self._longer(line) or self._rotate(line, text)
        if self.narrow(error, line):
            return True
        prefer = next((kinds for pattern, kinds in ASKS_FOR if re.search(pattern, text)), ())
        return bool(prefer and self._rotate(line, text, prefer)) or self._rotate(line, text)

    def _held(self, value: Any, arguments: dict[str, Any]) -> Spec | None:
        """The specification that a value was made from, if it is a part of the arguments itself."""
        if value is None or isinstance(value, (bool, int)):
            return None
        specs = {p["name"]: p["spec"] for p in self.parameters}
        return next((s for n, v in arguments.items() if n in specs and (s := _part_of(v, specs[n], value))), None)

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
        return "math domain" in text and self._above_others(numbers)

    def _above_others(self, numbers: list[tuple[str, Spec]]) -> bool:
        """Let what others are taken off be larger than those: `sqrt((upstream - downstream) / length)`."""
        words = {w for left in self._minuends for w in left}
        fresh = [s for n, s in numbers if words & set(re.findall(r"\w+", n)) and self._once("above others", id(s))]
        for spec in fresh:
            spec.setdefault("flags", []).append("above others")
        return bool(fresh)

    def holds(self, sought: dict[str, list[Any]]) -> bool:
        """Let containers hold values that the code looked for in them; False when that is nothing new."""
        found = False
        for where, seen in sought.items():
            values = [v for v in seen if isinstance(v, (str, int, float))]
            words = re.findall(r"\w+", where)
            found = self._names_columns(words, values) or found
            for label, spec in self._nodes():
                inner = spec.get("key" if spec["t"] == "dict" else "elem")
                if not values or not isinstance(inner, dict) or re.findall(r"\w+", label) != words:
                    continue
                if not inner.get("stated") and self._once("holds", id(spec)):
                    inner.pop("pool", None)
                    inner.update(t="str" if isinstance(values[0], str) else "num", lits=list(values))
                    found = True
        return found

    def _names_columns(self, words: list[str], values: list[Any]) -> bool:
        """Texts that are looked for in the name of each column: some columns have them in their names."""
        origins = self._origins.get(words[0], set()) if len(words) == 1 else set()
        texts = [v for v in values if isinstance(v, str) and v][:3] if "columns" in origins else []
        for label, spec in self._nodes():
            if texts and spec["t"] == "frame" and label in origins and self._once("names", id(spec)):
                spec["cols"] |= {text: {"t": "num"} for text in texts if text not in spec["cols"]}
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
            if isinstance(inner, dict) and inner["t"] in UNKNOWN and not inner.get("stated"):
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
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            return False
        if isinstance(key, str) and SEVERAL_MISSING.search(key):
            return self._missing_columns(key, line)
        holders = [s for _, s in self._ranked(line) if s["t"] in ("frame", "record", "dict")]
        for spec in holders:
            if spec["t"] == "dict":
                keys = spec["key"]
                if keys.get("pool") is None and self._once("key", id(spec), key):
                    keys.update(t="str" if isinstance(key, str) else "int", lits=[*keys.get("lits", []), key])
                    return True
                continue
            labels = spec["t"] == "frame" and isinstance(key, int) and re.search(r"\b(loc|at)\[", line)
            if labels and self._once("labels", id(spec)):
                spec["first label"] = key
                return True
            fields = spec["cols" if spec["t"] == "frame" else "items"]
            if key not in fields and self._once("key", id(spec), key):
                fields[key] = {"t": "num"}
                return True
        return False

    def _missing_columns(self, text: str, line: str) -> bool:
        """`df[names]`: the message lists the names."""
        names = dict.fromkeys(re.findall(r"'([^']*)'", text.split("dtype=")[0]))
        for spec in [s for _, s in self._ranked(line) if s["t"] == "frame"]:
            fresh = {name: {"t": "num"} for name in names if name not in spec["cols"]}
            if fresh and self._once("columns", id(spec), *fresh):
                spec["cols"] |= fresh
                return True
        return False

    def _missing_attribute(self, text: str, line: str, culprit: Spec | None) -> bool:
        found = re.match(r"'(\w+)' object has no attribute '(\w+)'", text)
        if not found:
            return False
        owner, attribute = found.groups()
        prefer = next((kinds for names, kinds in HAVE if attribute in names), ())
        if owner.endswith("Index") and "datetime" in prefer and self._dated(line):
            return True
        if culprit is not None and culprit["t"] == "object" and self._once("attr", id(culprit), attribute):
            called = line.endswith("(")
            culprit["attrs"][attribute] = {"t": "callable" if called else "any"}
            if prefer and not called:
                _turn(culprit["attrs"][attribute], prefer[0])
            return True
        if prefer:
            return self._rotate(line, text, prefer, culprit)
        if culprit is not None and culprit["t"] != "object" and not culprit.get("stated"):
            return self._turn(culprit, "duck", "duck")
        for spec in [culprit] if culprit is not None else [s for _, s in self._ranked(line)]:
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
            joined = re.search(r"for /: '([\w.]+)' and 'str'", text)  # a folder, and what is in it
            return joined is not None and self._unknown(joined[1].rsplit(".", 1)[-1], line)
        owner, use = found[1].rsplit(".", 1)[-1], found[2]
        if use == "callable":
            return self._unknown(owner, line)
        for _, spec in self._ranked(line):
            if owner == "float" and spec["t"] == "callable" and self._turn(spec, "duck", "duck"):
                return True
        return False

    def _dated(self, line: str) -> bool:
        """`prices["2024":]`, `prices.index.month`: rows have dates for labels."""
        for _, spec in self._ranked(line):
            if spec["t"] in ("frame", "series") and self._once("dated", id(spec)):
                spec["index"] = {"t": "datetime"}
                return True
        return False

    def _unknown(self, owner: str, line: str) -> bool:
        """An attribute that no kind of ours has: the value is an object of a class of its own."""
        for _, spec in self._ranked(line):
            kinds = HELD_AS.get(owner, ())
            if spec["t"] in kinds and not spec.get("stated") and self._turn(spec, "duck", "duck"):
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

    def _width(self, text: str, line: str) -> bool:
        """`a, b = x`: the message says how many values are wanted, or that it has to be a tuple at all."""
        found = re.search(r"expected (\d+)", text)
        width = int(found[1]) if found else 2
        nodes = [s for _, s in self._ranked(line)]
        for spec in nodes:
            if found and spec["t"] == "tuple" and len(spec["items"]) != width and self._once("width", id(spec), width):
                spec["items"] = (spec["items"] + [{"t": "num"} for _ in range(9)])[:width]
                return True
        for spec in nodes:
            if spec["t"] == "callable" and self._turn(spec, "duck", "duck"):
                return True
            loose = spec["t"] in ("any", "num", "str") or (spec["t"] == "list" and "elem" in spec)
            if loose and not spec.get("stated") and self._turn(spec, "tuple", "tuple"):
                spec["items"] = [{"t": "num"} for _ in range(width)]
                return True
        return False

    def _columns(self, text: str, line: str) -> bool:
        """A table that is given names for more or fewer columns than it has."""
        found = re.search(r"Expected axis has (\d+) elements, new values have (\d+)", text)
        if found:
            wanted = int(found[2])
            for _, spec in self._ranked(line):
                if spec["t"] == "frame" and self._once("columns", id(spec), wanted - int(found[1])):
                    size = max(len(spec["cols"]) + wanted - int(found[1]), 1)  # one may have become the index
                    kept = dict(list(spec["cols"].items())[:size])
                    spec["cols"] = kept | {f"c{k}": {"t": "num"} for k in range(size - len(kept))}
                    spec["free"] = False
                    return True
        found = re.search(r"(\d+) columns passed, passed data had (\d+) columns", text)
        return bool(found) and self._width(f"expected {found[1]}" if found else "", line)

    def _readable(self, line: str, whole: bool) -> bool:
        """Texts, or parts of them, that are read as numbers."""
        return self._another_text(line, "numbers", lambda spec: readable_as(spec, whole, self._moments))

    def _more_parts(self, line: str) -> bool:
        """Texts that are split, and have no such part."""
        separators = separators_in(self._source)
        return self._another_text(line, "parts", lambda spec: taken_apart_as(spec, separators, self._moments))

    def _another_text(self, line: str, why: str, forms: Callable[[Spec], Iterator[Spec]]) -> bool:
        for _, spec in self._ranked(line):
            for form in forms(spec) if spec["t"] == "str" else ():
                if self._once("text", why, id(spec), repr(form)):
                    self._turned = (spec, dict(spec), self._place)
                    spec.clear()
                    spec.update(form)
                    return True
        return False

    def _longer(self, line: str) -> bool:
        holders = self._steps(re.split(r"\W", line, maxsplit=1)[0])
        for label, spec in self._nodes():
            inner = "[*]" in label and spec["t"] in ("list", "array", "series") and not spec.get("fixed")
            if inner and holders.keys() & set(re.findall(r"\w+", label)) and self._once("long", id(spec)):
                spec["long"] = True  # as long as what it is gone through beside
                return True
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
        """The nodes that the failing expression names come first, then those that its names are computed from."""
        steps = self._steps(line)

        def rank(node: tuple[str, Spec]) -> tuple[int, int]:
            words = re.findall(r"\w+", node[0])
            near = [steps[w] for w in words if w in steps]
            return min(near, default=99), -sum(step == min(near) for step in near)

        return sorted(self._nodes(), key=rank)

    def _steps(self, line: str) -> dict[str, int]:
        """How many assignments lie between each name and the expression."""
        found = dict.fromkeys(re.findall(r"\w+", line), 0)
        todo = list(found)
        for name in todo:  # grows on the way
            for origin in sorted(self._origins.get(name, ())):
                if origin not in found:
                    found[origin] = found[name] + 1
                    todo.append(origin)
        return found

    def _rotate(self, line: str, text: str, prefer: tuple[str, ...] = (), only: Spec | None = None) -> bool:
        specs = [only] if only is not None else [s for _, s in self._ranked(line)]
        if {"str", "num"} & set(prefer):  # what is gone through is rather not one text, but holds texts
            specs.sort(key=lambda spec: spec["t"] not in LEAVES)
        for spec in specs:
            kind = spec["t"]
            if spec.get("stated") and kind not in ("list", "dict", "tuple"):
                continue
            for new in [*prefer, *NEXT.get(kind, [])]:
                if new == kind or (prefer and new not in prefer):
                    continue
                if spec.get("stated") and new in ("frame", "series", "array", "num", "int", "float", "bool", "str"):
                    continue
                if self._turn(spec, new, "kind"):
                    return True
        return bool(prefer) and self._rotate(line, text)

    def _turn(self, spec: Spec, kind: str, why: str) -> bool:
        """Make the node another kind; False when that was tried before."""
        if not self._once(why, id(spec), kind):
            return False
        self._turned = (spec, dict(spec), self._place)
        _turn(spec, kind)
        return True


def _part_of(value: Any, spec: Spec, wanted: Any, depth: int = 0) -> Spec | None:
    """The specification of the part of a value that is the very object wanted."""
    if value is wanted:
        return spec
    if depth > 5:
        return None
    inner: list[tuple[Any, Spec]] = []
    kind = spec["t"]
    if kind in ("list", "set") and isinstance(value, (list, tuple, set)) and "elem" in spec:
        inner = [(v, spec["elem"]) for v in list(value)[:30]]
    elif kind == "dict" and isinstance(value, dict) and "elem" in spec:
        inner = [(v, spec["elem"]) for v in list(value.values())[:30]]
    elif kind == "record" and isinstance(value, dict):
        inner = [(value[k], s) for k, s in spec["items"].items() if k in value]
    elif kind == "tuple" and isinstance(value, tuple):
        inner = list(zip(value, spec["items"], strict=False))
    elif kind == "object" and hasattr(value, "__dict__"):
        inner = [(vars(value)[k], s) for k, s in spec.get("attrs", {}).items() if k in vars(value)]
    return next((found for v, s in inner if (found := _part_of(v, s, wanted, depth + 1))), None)


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
            _walk(spec[name], label + "[*]", found)
    for name in ("cols", "items", "attrs"):
        parts = spec.get(name) or {}
        for k, part in parts.items() if isinstance(parts, dict) else enumerate(parts):
            _walk(part, f"{label}[{k}]", found)
