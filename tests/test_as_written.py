"""Comprehensions with the order of the loop: every operation is made when the loop made it, wherever one raises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

#: Loops over `xs`, each with a form that owes nothing though the plain comprehension would owe something to the order.
LOOPS = {
    "two lists": """
        a, b = [], []
        for x in xs:
            a.append(x["t"])
            b.append(x["mv"] * 2)
        return a, b
    """,
    "three lists, one of them annotated, one with something in it": """
        a: list = []
        b = ["b"]
        c = []
        for x in xs:
            c.append(x.c)
            a.append(x.a)
            b.append(x.b)
        return a, b, c
    """,
    "exceptions of several kinds": """
        a = []
        b = []
        for x in xs:
            a.append(x["t"].strip())
            s = int(x["size"])
            b.append(s / 2)
        return a, b
    """,
    "a choice and a temporary, used the other way round": """
        out = []
        for x in xs:
            if x.ok:
                kind = x.kind
            elif x.odd:
                kind = x.other
            else:
                kind = None
            w = x.weight * 2
            out.append((w, kind))
        return out
    """,
    "a temporary that is bound twice": """
        out = []
        for x in xs:
            a = x.first
            b = x.second
            a = a + 1
            out.append((b, a))
        return out
    """,
    "left out behind a temporary": """
        out = []
        for x in xs:
            a = x.first
            b = x.second
            if not x.ok:
                continue
            out.append((b, a))
        return out
    """,
    "on a condition behind a temporary": """
        a = []
        b = []
        for x in xs:
            v = x.first
            if x.ok:
                w = x.second
                a.append(w)
                b.append(v.third)
        return a, b
    """,
    "unpacked": """
        out = []
        for x in xs:
            one, two = x.first, x.second
            three = x.third
            out.append((two, three, one))
        return out
    """,
    "a dict, the value before the key": """
        d = {}
        for x in xs:
            k = x.k
            v = x.v
            d[x.group, k] = v + x.more
        return d
    """,
    "text": """
        text = ""
        for x in xs:
            sign = "+" if x.change >= 0 else "-"
            text += f"{x.name} {sign}{x.change}"
        return text
    """,
    "text behind text": """
        text = "head"
        print(text)
        for x in xs:
            sign = "+" if x.change >= 0 else "-"
            text += f"{x.name} {sign}"
        return text
    """,
}
#: Loops that have none.
NONE = {
    "a function that sees the variable later": """
        a = []
        b = []
        for x in xs:
            a.append(x.first)
            b.append(lambda: x)
        return a, b
    """,
    "read after the loop": """
        a = []
        b = []
        for x in xs:
            a.append(x.first)
            b.append(x.second)
        return a, b, x
    """,
    "lists of different lengths": """
        a = []
        b = []
        for x in xs:
            a.append(x.first)
            if x.ok:
                b.append(x.second)
        return a, b
    """,
    "changed in place": """
        out = []
        for x in xs:
            a = x.first
            b = x.second
            a += b
            out.append((b, a))
        return out
    """,
    "seen by who handles the exception": """
        a = []
        b = []
        try:
            for x in xs:
                a.append(x.first)
                b.append(x.second)
        except ValueError:
            return a
        return a, b
    """,
}


class Spy:
    """Writes down what is done with it, and raises when it has been asked often enough."""

    def __init__(self, log: list[Any], until: int, name: str) -> None:
        self._log, self._until, self._name = log, until, name

    def _did(self, what: str) -> Spy:
        self._log.append((self._name, what))
        if len(self._log) == self._until:
            raise [ValueError, KeyError, AttributeError, TypeError][self._until % 4](what)
        return Spy(self._log, self._until, f"{self._name}.{what}")

    def __getattr__(self, name: str) -> Spy:
        return self._did(name)

    def __getitem__(self, key: Any) -> Spy:
        return self._did(f"[{key}]")

    def __call__(self, *args: Any) -> Spy:
        return self._did("()")

    def __iter__(self) -> Any:
        return iter([self._did("0"), self._did("1")])

    def __bool__(self) -> bool:
        self._did("bool")
        return len(self._log) % 3 > 0

    def __int__(self) -> int:
        self._did("int")
        return 3

    def __ge__(self, other: Any) -> bool:
        self._did(">=")
        return len(self._log) % 2 > 0

    def __add__(self, other: Any) -> Spy:
        return self._did("+")

    def __mul__(self, other: Any) -> Spy:
        return self._did("*")

    def __hash__(self) -> int:
        self._did("hash")
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spy) and self._name == other._name

    def __format__(self, spec: str) -> str:
        self._did("format")
        return self._name

    def __repr__(self) -> str:
        return self._name


def _function(body: str) -> str:
    lines = body.strip("\n").split("\n")
    return "def f(xs):\n" + "\n".join(line[4:] for line in lines if line.strip()) + "\n"


def _safe_form(code: str) -> str | None:
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    forms = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms if form.safe]
    return place(source.text, tree, forms[0].edits, forms[0].imports).text if forms else None


def _outcome(text: str, until: int, *, once: bool) -> tuple[Any, ...]:
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(text, "example.py", "exec"), names)
    log: list[Any] = []
    items = [Spy(log, until, f"x{k}") for k in range(3)]
    try:
        out: Any = repr(names["f"](iter(items) if once else items))
    except Exception as e:
        out = repr(e)
    return out, log, len(log) >= until


@pytest.mark.parametrize("body", LOOPS.values(), ids=LOOPS)
@pytest.mark.parametrize("once", [False, True], ids=["list", "iterator"])
def test_the_same_operations_in_the_same_order(body: str, once: bool) -> None:
    before = _function(body)
    after = _safe_form(before)
    assert after is not None and "append" not in after
    for until in range(1, 60):
        expected = _outcome(before, until, once=once)
        assert _outcome(after, until, once=once) == expected
        if not expected[-1]:
            break
    else:
        raise AssertionError("more operations than were tried")


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_no_such_form(body: str) -> None:
    assert _safe_form(_function(body)) is None
