"""Whether new code evaluates the same things, under the same conditions, in the same order as a round of the loop."""

from __future__ import annotations

import ast

import pytest
from loops_help import lifted

from deloop.loops.ir import Const, Expr, Op
from deloop.loops.trace import atom, forgets, guarded_trace, keeps_order, normal, silent, trace_of


def kept(body: str, effect: int = 0, header: str = "for v in xs:") -> bool:
    """Whether `value if guard` of one effect, as the tail of a comprehension, keeps the order of the whole round."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    loop = lifted(f"def f(xs, ys, k, out, more):\n    {header}\n{lines}")
    found = loop.effects[effect]
    return keeps_order(loop.trace, guarded_trace(found.guard, found.value))


@pytest.mark.parametrize(
    "body",
    [
        "out.append(v)",
        "out.append(v / k + 1)",
        "t = v / k\nout.append(t)",
        "t = v / k\nout.append(t + t)",
        "if v / k > 1:\n    out.append(v + 1)",
        "if v / k > 1:\n    t = v + 1\n    out.append(t * 2)",
        "if v > 1 and v / k > 1:\n    out.append(v / k)",
        "if v and v / k > 1 and v + 1:\n    t = v - 1\n    out.append(t / 2)",
        "if not v:\n    continue\nif v / k and v + 1:\n    out.append(v - 1)",
        "if v / k > 1:\n    out.append(v + 1)\nelse:\n    out.append(v - 1)",
        "if v > 1 and v / k > 1:\n    out.append(v)",
        "out.append(1 / v if v else 0)",
        "out.append(v < k < v + 1)",
        "out.append(f'{v}')",
        "out.append(k(v))",
        "if v is None:\n    continue\nout.append(v / k)",
        "t = v\nu = (t, k)\nout.append(v / k)",
    ],
)
def test_the_order_is_kept(body: str) -> None:
    assert kept(body)


@pytest.mark.parametrize(
    "body",
    [
        "t = v / k\nout.append(v + 1)",  # the division would go, and its exception
        "t = v / k\nif v > 1:\n    out.append(t)",  # it would be evaluated only sometimes
        "t = v / k\nu = v + 1\nout.append(u - t)",  # the other one first
        "if v > 1:\n    t = v / k\nelse:\n    t = 0\nif v < 9:\n    out.append(t)",
        "t = k / v\nif v > 1 and v / k > 1:\n    out.append(t)",
        "out.append(v / k)\nmore.append(v + 1)",
        "t = k(v)\nout.append(v)",
        "t = f'{v}'\nout.append(v)",
    ],
)
def test_the_order_is_not_kept(body: str) -> None:
    assert not kept(body)


def test_a_temporary_is_evaluated_once() -> None:
    (effect,) = lifted("def f(xs, k, out):\n    for v in xs:\n        t = v / k\n        out.append(t + t)\n").effects
    assert [e[-1] for e in trace_of(effect.value, set())] == ["BinOp", "BinOp"]
    (effect,) = lifted("def f(xs, k, out):\n    for v in xs:\n        out.append(v / k + v / k)\n").effects
    assert [e[-1] for e in trace_of(effect.value, set())] == ["BinOp", "BinOp", "BinOp"]


def value_of(expression: str) -> Expr:
    (effect,) = lifted(f"def f(xs, ys, k, out):\n    for v in xs:\n        out.append({expression})\n").effects
    return effect.value


@pytest.mark.parametrize(
    "expression", ["v", "1", "k", "(v, 1)", "[v]", "not v", "v is None", "v or k", "round(float(v), 2)"]
)
def test_what_never_raises_by_itself(expression: str) -> None:
    assert silent(value_of(expression))


@pytest.mark.parametrize(
    "expression", ["v + 1", "v < 1", "v == 1", "-v", "ys[v]", "abs(v)", "round(v, 2)", "v.x", "f'{v}'"]
)
def test_what_may_raise(expression: str) -> None:
    assert not silent(value_of(expression))


def test_empty_branches_count_for_nothing() -> None:
    one = atom(ast.parse("a").body[0])
    assert normal([("if", (), ())]) == ()
    assert normal([("if", (("if", (), ()),), ())]) == ()
    assert normal([("if", (one,), ())]) == normal([("if", (), (one,))])
    assert keeps_order((one, ("if", (), ())), [one])
    assert not keeps_order((one,), [("if", (one,), ())])


def test_two_evaluations_are_told_apart_by_their_place() -> None:
    first, second = ast.parse("a + b; a + b").body
    assert atom(first) != atom(second)
    assert atom(first) == atom(ast.parse("a + b").body[0])


def test_no_guard_at_all() -> None:
    assert guarded_trace(None, Const(1, ast.Constant(1))) == []
    assert guarded_trace(Op("and", ()), Const(1, ast.Constant(1))) == []


def test_the_receiver_of_an_unknown_method_is_part_of_the_call() -> None:
    assert kept("out.append(table[v].run().wait() + 1)")
    assert kept("if table[v].run():\n    out.append(v)")


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("out.append(v)", False),
        ("row = [k[v + (j * 27)] for j in range(5)]\nout.append(row)", False),  # the list is carried along as it is
        ("out.append(f'{v} {k + 1}')", False),
        ("out.append(k.get(v, ys + 1))", False),
        ("t = k + 1\nout.append(v)", True),
        ("t = k > 1\nout.append(v)", True),
        ("t = [k[v + (j * 27)] for j in range(5)]\nout.append(v)", True),
    ],
)
def test_what_is_computed_for_nothing_is_noticed(body: str, more: bool) -> None:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    assert forgets(lifted(f"def f(xs, ys, k, out):\n    for v in xs:\n{lines}")) == more
