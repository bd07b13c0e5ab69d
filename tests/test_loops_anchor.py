"""Facts about a body that stays in place: what each round evaluates, what is shown, called and rebound."""

from __future__ import annotations

import ast

import pytest
from deloop.loops.anchor import output_share, rebound_in_body, surely_a_number, unconditional, unknown_calls
from loops_help import site_of


def body(code: str) -> list[ast.stmt]:
    return ast.parse(code).body


def site(code: str):  # type: ignore[no-untyped-def]
    lines = "".join(f"        {line}\n" for line in code.splitlines())
    return site_of(f"def f(xs, k, out):\n    for v in xs:\n{lines}")


@pytest.mark.parametrize(
    ("code", "evaluated", "skipped"),
    [
        ("a = b + c", {"b", "c"}, {"a"}),
        ("a += b", {"b"}, set()),
        ("f(b, k=c)", {"f", "b", "c"}, set()),
        ("if a: b", {"a"}, {"b"}),
        ("if a: continue\nb", {"a"}, {"b"}),
        ("for a in b: c", {"b"}, {"c"}),
        ("x = a and b", {"a"}, {"b"}),
        ("x = a if b else c", {"b"}, {"a", "c"}),
        ("x = a < b < c", {"a", "b"}, {"c"}),
        ("x = [a for a in b]", set(), {"a"}),
        ("x = lambda: a", set(), {"a"}),
        ("break\na", set(), {"a"}),
        ("try: a\nexcept E: pass\nb", {"b"}, {"a"}),
        ("x: int = a", {"a"}, set()),
    ],
)
def test_what_every_round_evaluates(code: str, evaluated: set[str], skipped: set[str]) -> None:
    found = {n.id for n in unconditional(body(code)) if isinstance(n, ast.Name)}
    assert evaluated <= found
    assert not skipped & found


@pytest.mark.parametrize(
    "code",
    [
        "x = r * y",
        "x = r / 2",
        "x = y / r",
        "x = r ** 2",
        "x = r + 1",
        "x = 1.5 - r",
        "x = r + -1",
        "if r > 0: pass",
        "x = 0 < r",
    ],
)
def test_text_and_dates_would_raise(code: str) -> None:
    assert surely_a_number(body(code), lambda e: ast.unparse(e) == "r")


@pytest.mark.parametrize(
    "code",
    [
        "x = r * 2",
        "x = r * 'a'",
        "x = r + y",
        "x = r == 1",
        "x = r > y",
        "x = r + True",
        "if y: x = r / 2",
        "x = y + 1",
        "x = r",
    ],
)
def test_text_or_dates_might_do(code: str) -> None:
    assert not surely_a_number(body(code), lambda e: ast.unparse(e) == "r")


@pytest.mark.parametrize(
    ("code", "shown", "total"),
    [
        ("print(v)", 1, 1),
        ("'''text'''\nprint(v)", 1, 1),
        ("x = v\nout.append(v)", 0, 2),
        ("x = v\nplt.plot(v)\nk.savefig(v)", 2, 3),
        ("if v:\n    print(v)\n    x = 1", 1, 2),
        ("x = print(v)", 0, 1),
        ("np.save(k, v)", 1, 1),
    ],
)
def test_the_share_of_output(code: str, shown: int, total: int) -> None:
    found = output_share(site(code))
    assert found[:2] == (shown, total)
    assert (found[2] is not None) == bool(shown)


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ("x = abs(v) + math.sqrt(v)", []),
        ("x = v.strip().upper()", []),
        ("x = k(v)", ["k(v)"]),
        ("out.append(v)", ["out.append(v)"]),
        ("x = np.random.rand()", ["np.random.rand()"]),
        ("x = v.frobnicate()", ["v.frobnicate()"]),
    ],
)
def test_calls_that_may_do_anything(code: str, calls: list[str]) -> None:
    assert [ast.unparse(c) for c in unknown_calls(site(code))] == calls


@pytest.mark.parametrize(
    ("code", "rebound"),
    [
        ("v = 1", True),
        ("if k:\n    v = 1", True),
        ("for v in k: pass", True),
        ("x = [v for v in k]", True),
        ("x = (v := 1)", True),
        ("v += 1", True),
        ("v[0] = 1", False),
        ("v.x = 1", False),
        ("x = v", False),
    ],
)
def test_names_that_the_body_binds_again(code: str, rebound: bool) -> None:
    assert (rebound_in_body(site(code), "v") is not None) is rebound
