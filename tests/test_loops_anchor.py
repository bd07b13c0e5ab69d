"""Facts about a body that stays in place: what each round evaluates, what is shown, called and rebound."""

from __future__ import annotations

import ast

import pytest
from loops_help import site_of

from deloop.loops.anchor import output_share, rebound_in_body, unknown_calls


def site(code: str):  # type: ignore[no-untyped-def]
    lines = "".join(f"        {line}\n" for line in code.splitlines())
    return site_of(f"def f(xs, k, out):\n    for v in xs:\n{lines}")


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
