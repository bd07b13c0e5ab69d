"""Trials from two versions of a function."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

from deloop.equivalence.model import Evidence, Trial
from deloop.equivalence.verify import verify
from deloop.loops.obligations import Obligation

HEAD = "import math\n\nimport numpy as np\nimport pandas as pd\n\n\n"


def region_of(text: str) -> tuple[int, int]:
    """The body of the last function, without a final return."""
    function = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)][-1]
    body = function.body[:-1] if isinstance(function.body[-1], ast.Return) and len(function.body) > 1 else function.body
    return body[0].lineno, body[-1].end_lineno or body[-1].lineno


def trial(key: str, before: str, after: str, needs: tuple[str, ...] = (), **options: Any) -> Trial:
    """The bodies of two functions as a trial; `needs` are names of obligations."""
    before, after = (HEAD + textwrap.dedent(t).strip("\n") + "\n" for t in (before, after))
    named = tuple(Obligation(n) for n in needs)
    return Trial(key, before, after, region_of(before), region_of(after), named, **options)


def judge(*trials: Trial, **options: Any) -> dict[str, Evidence]:
    """The evidence by key, without timing, and from inputs alone: they are what these tests are of."""
    return dict(verify(trials, **{"timing": False, "steps": False, **options}))


def body(signature: str, code: str, result: str = "out") -> str:
    """`def f(...)` around a body."""
    return (
        f"def f({signature}):\n{textwrap.indent(textwrap.dedent(code).strip(chr(10)), '    ')}\n    return {result}\n"
    )


def told_apart(before: str, change: tuple[str, str]) -> None:
    """That a loop agrees with itself, and is refuted where a part of it is another."""
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason
