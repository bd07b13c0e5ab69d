"""What a loop calls, wherever the function comes from, is part of what it does: how often, in what order, with what."""

from __future__ import annotations

import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.model import Verdict

LOOP = "out = 0\nfor x in xs:\n    {call}\n    out += 1"
FEWER = "out = 0\nfor x in xs[1:]:\n    {call}\nout = len(xs)"
LATER = "out = 0\nfor x in xs:\n    {call}\nfor x in xs:\n    {second}\nout = len(xs)"


@pytest.mark.parametrize(
    ("signature", "call"),
    [
        ("book, xs: list[float]", "book.enter(x, 2)"),
        ("self, xs: list[float]", "self.book.enter(x, 2)"),
        ("books: list, xs: list[float]", "books[0].enter(x, 2)"),
        ("enter, xs: list[float]", "enter(x, 2)"),
    ],
)
def test_a_call_that_is_left_out_is_a_difference(signature: str, call: str) -> None:
    old, new = (body(signature, text.format(call=call)) for text in (LOOP, FEWER))
    found = judge(trial("fewer", old, new), trial("same", old, old))
    assert found["fewer"].verdict is Verdict.REFUTED, found["fewer"]
    assert found["same"].verdict is Verdict.VERIFIED, found["same"]


def test_calls_of_several_functions_have_an_order() -> None:
    signature, call, second = "book, xs: list[float]", "book.enter(x)", "book.leave(x)"
    old = body(signature, LOOP.format(call=f"{call}\n    {second}"))
    new = body(signature, LATER.format(call=call, second=second))
    assert judge(trial("later", old, new))["later"].verdict is Verdict.REFUTED
