"""`total += x` changes a list or an array in place; the form of a running total that is called safe does so too."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

LOOP = """
def f(opening, moves):
    running = opening
    out = []
    for m in moves:
        running += m
        out.append(running)
    return out
"""


def _safe_form() -> str:
    source = SourceFile.from_bytes(Path("example.py"), LOOP.encode())
    tree = parse(source)
    (form,) = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms if form.safe]
    return place(source.text, tree, form.edits, form.imports).text


def _outcome(text: str, opening: Any, moves: Iterable[Any]) -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "example.py", "exec"), names)
    try:
        out = names["f"](opening, moves)
    except Exception as e:
        return type(e), repr(opening)
    return repr(out), [type(x) for x in out], [x is opening for x in out], repr(opening)


@pytest.mark.parametrize(
    ("opening", "moves"),
    [
        (5, [1, 0.5, True]),
        (2**63 - 1, [1, 1]),
        (None, []),
        (None, [1]),
        (Decimal(1), [Decimal("0.1")]),
        ("a", ["b", "c"]),
        ("a", ["b", 3]),
        ((1,), [(2,), (3,)]),
        (["a"], [["b"], ("c",), "de"]),
        (["a"], [["b"], 3]),
        (np.zeros(2), [1, np.ones(2)]),
        (np.zeros(2, dtype="int64"), [1, 0.5]),
        (np.int64(2**63 - 1), [1]),
        (0, np.array([1, 2], dtype="uint8")),
        (0, []),
        (0, None),
    ],
    ids=repr,
)
@pytest.mark.filterwarnings("ignore")
def test_in_place_or_not(opening: Any, moves: Any) -> None:
    text = _safe_form()
    assert " for " not in text
    assert _outcome(text, _copied(opening), moves) == _outcome(LOOP, _copied(opening), moves)


def _copied(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else value
