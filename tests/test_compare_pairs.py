"""Loops beside a right and a naive form of each, in `pairs/`: `compare` accepts the one and refutes the other.

A right form may differ where nobody means it to be used (other types of columns, say); then `compare` names what has to
be assumed, and the naive form is refuted on the same terms.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import share

from deloop.equivalence import side_by_side
from deloop.equivalence.side_by_side import Compared, set_aside_all
from deloop.proposals.side_by_side import Asked, compared

PAIRS = Path(__file__).parent / "pairs"


def names() -> Iterator[tuple[str, str]]:
    """File and function of each loop."""
    for file in sorted(PAIRS.glob("*.py")):
        functions = [n.name for n in ast.parse(file.read_text()).body if isinstance(n, ast.FunctionDef)]
        yield from ((file.stem, name) for name in functions if f"{name}_right" in functions)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is timed, and a counterexample stays as it was found."""
    made = side_by_side._request

    def request(*given: Any) -> dict[str, Any]:
        return {**made(*given), "timing": False, "shrink": False}

    monkeypatch.setattr(side_by_side, "_request", request)


def beside(file: str, name: str, form: str, assume: tuple[str, ...] = ()) -> Compared:
    path = PAIRS / f"{file}.py"
    (found,), _ = compared(f"{path}:{name}", f"{path}:{name}_{form}", Asked({}, assume), lambda *_: None)
    return found


@pytest.mark.parametrize(("file", "name"), share(names(), 10))
def test_the_right_form_is_accepted_and_the_naive_one_refuted(file: str, name: str) -> None:
    right, assume = beside(file, name, "right"), ()
    if right.verdict != "equivalent":
        assert right.verdict == "refuted" and not right.ordinary, right.evidence.reason
        assume = set_aside_all(right.conditions)
        assert assume, [condition.text for condition in right.conditions]
        right = beside(file, name, "right", assume)
    assert right.verdict == "equivalent", (right.evidence.reason, assume)
    naive = beside(file, name, "naive", assume)
    assert naive.verdict == "refuted", (naive.evidence.reason, assume)


def test_each_family_has_a_dozen() -> None:
    files = [file for file, _ in names()]
    assert {file: files.count(file) >= 12 for file in files} == dict.fromkeys(files, True)
    assert len({*files}) == 6
