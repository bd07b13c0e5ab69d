"""`np.fromiter` puts values into an array as a store of each does: the same numbers, warnings and exceptions."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

LOOP = """
import numpy as np

def f(xs):
    out = np.zeros(len(xs){dtype})
    for i in range(len(xs)):
        out[i] = {value}
    return out
"""
DTYPES = ["", ", dtype=object", ", dtype=int", ", dtype=bool", ", dtype='float32'"]


class _Real:
    def __float__(self) -> float:
        return 2.5


class _Whole:
    def __index__(self) -> int:
        return 2


VALUES = [
    *(1, 1.5, True, None, 2**63, 10**30, 10**400, -1, 300, 1j, float("nan"), float("inf"), "4.5", "x", b"5", ""),
    *([1.0], (2.0,), [1, 2], {}, _Real(), _Whole(), Decimal("1.1"), Fraction(1, 3), object()),
    *(np.float32(0.1), np.int8(3), np.bool_(True), np.complex128(2), np.str_("7"), np.datetime64("2020")),
    *(np.array(3.5), np.array([1.5]), np.array([[2.5]]), np.array([]), np.array([1.0, 2.0]), np.array("8")),
    *(np.timedelta64(3, "s"), np.ma.masked, pd.NA, pd.NaT, pd.Timestamp(0), pd.Timedelta(5), pd.Series([1.0])),
]


def _safe_form(code: str) -> str | None:
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    forms = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms if form.safe]
    return place(source.text, tree, forms[0].edits, forms[0].imports).text if forms else None


def _outcome(text: str, xs: Any) -> tuple[Any, ...]:
    names: dict[str, Any] = {}
    exec(compile(text, "example.py", "exec"), names)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            out = repr(names["f"](xs))
        except Exception as e:
            out = type(e).__name__
    return out, {w.category for w in seen}


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_are_stored_one_by_one(dtype: str) -> None:
    before = LOOP.format(dtype=dtype, value="xs[i][0] if xs[i] else 0")
    after = _safe_form(before)
    assert after is not None and "fromiter" in after
    for value in VALUES:
        for xs in ([[value]], [[1], [value]], [[value], []], [[value], 5], []):
            assert _outcome(after, xs) == _outcome(before, xs), value


@pytest.mark.parametrize("value", ["next(xs[i])", "xs[i].pop()", "xs(i)"])
def test_not_where_a_generator_would_hide_the_end(value: str) -> None:
    text = _safe_form(LOOP.format(dtype="", value=value))
    assert text is None or "fromiter" not in text
