"""Sums of lengths, names and constants, and what is known of their least value."""

from __future__ import annotations

import ast

import pytest

from deloop.loops.context import FileContext, SiteContext
from deloop.transforms.lanes.linear import linear, surely_positive

CODE = """
W = 5
LIMIT = 0


def f(x, w, k):
    n = len(x)
    out = []
    for i in range(w, n):
        out.append(x[i])
    return out
"""


def site() -> SiteContext:
    tree = ast.parse(CODE)
    loop = next(n for n in ast.walk(tree) if isinstance(n, ast.For))
    return SiteContext.build(FileContext.build("f.py", CODE, tree), loop)


@pytest.mark.parametrize(
    ("code", "printed", "least"),
    [
        ("n - 1", "len(x) - 1", -1),
        ("n - w + w - 1", "len(x) - 1", -1),
        ("w - 1", "w - 1", 0),
        ("w + k + 2", "k + w + 2", 4),
        ("-(w - 3)", "-w + 3", None),
        ("n - w", "len(x) - w", None),
        ("3 - 4", "-1", -1),
        ("w * 2 + 1", "2 * w + 1", 3),
        ("n - 2 * w", "len(x) - 2 * w", None),
    ],
)
def test_sums_are_printed_and_bounded(code: str, printed: str, least: int | None) -> None:
    found = linear(site(), ast.parse(code, mode="eval").body)
    assert found is not None
    assert ast.unparse(found.node()) == printed
    assert found.least() == least


@pytest.mark.parametrize("code", ["i + 1", "w * k", "2 * i", "w // 2", "len(out)", "f(x)", "1.5"])
def test_what_is_no_sum_of_invariants(code: str) -> None:
    assert linear(site(), ast.parse(code, mode="eval").body) is None


def test_only_a_constant_above_zero_is_surely_positive() -> None:
    assert surely_positive(site(), "W")
    assert not surely_positive(site(), "LIMIT")
    assert not surely_positive(site(), "w")
