"""Loops that numba compiles: only where the user asks, only what it computes bit by bit, and only if it is there."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Options, Project, scan
from deloop.codemods.findings import Finding, Status
from deloop.codemods.place import place
from deloop.equivalence import verify as verifying
from deloop.equivalence.model import Trial, Verdict
from deloop.sources.files import SourceFile, parse

COMPILED = {
    "a clamp": "level = min(max(level + df['x'].iloc[i] - df['y'].iloc[i], 0.0), 13.5)\nout[i] = level",
    "its own output": "out[i] = out[i - 1] + 0.3 * (df['x'].iloc[i] - out[i - 1])",
    "a state": "if pos == 0 and df['x'].iloc[i] > 1:\n    pos = 1\nelse:\n    pos = 0\nsig[i] = pos",
    "a truth value": "if df['x'].iloc[i] > 1.5:\n    on = True\nout[i] = df['y'].iloc[i] if on else 0.0",
    "a counter": "if df['x'].iloc[i] > 0:\n    pos += 1\nif pos > 3:\n    break\nout[i] = abs(df['x'].iloc[i]) / 2",
    "a parameter": "level = k * level + df['x'].iloc[i]\nout[i] = level",
    "a missing value": "if i < 2:\n    out[i] = np.nan\nelse:\n    out[i] = level\nlevel = df['x'].iloc[i]",
    "infinity": "level = min(level + df['x'].iloc[i], math.inf)\nout[i] = level if level < np.inf else 0.0",
    "the neighbours": "level = df['x'].iloc[i] - df['x'].iloc[i - 1]\nout[i] = level",
}
LEFT = {
    "a power": "out[i] = level ** 2 + df['x'].iloc[i]",
    "a root": "level = math.sqrt(df['x'].iloc[i])\nout[i] = level",
    "rounding": "out[i] = round(df['x'].iloc[i])",
    "an int": "out[i] = int(df['x'].iloc[i])",
    "a growing int": "pos = pos * 3\nout[i] = df['x'].iloc[i]",
    "a negative zero": "out[i] = -max(0, df['x'].iloc[i])",
    "a list": "kept.append(df['x'].iloc[i])\nout[i] = df['x'].iloc[i] * 2",
    "a call": "out[i] = note(df['x'].iloc[i])",
    "a name that is read later": "last = df['x'].iloc[i]\nout[i] = last * 2",
    "a divisor": "level = level / df['x'].iloc[i]\nout[i] = level",
    "text": "if df['x'].iloc[i] > 0.0:\n    mode = 'up'\nout[i] = df['x'].iloc[i] * 2",
    "no array": "level = level + df['x'].iloc[i]",
}


def code(body: str) -> str:
    text = """
    import math
    import numpy as np
    import pandas as pd

    def f(df: pd.DataFrame, k, note, kept):
        level, pos, last, on = 0.0, 0, 0.0, False
        mode = "down"
        out = np.zeros(len(df))
        sig = np.zeros(len(df), dtype=int)
        for i in range(len(df)):
    {body}
        return out, sig, last
    """
    return textwrap.dedent(text).replace("{body}", textwrap.indent(body, " " * 8))


def findings(text: str, numba: bool) -> list[Finding]:
    return scan(SourceFile.from_bytes(Path("example.py"), text.encode()), Project(), Options(numba=numba))


def compiled(text: str) -> str | None:
    source = SourceFile.from_bytes(Path("example.py"), text.encode())
    tree = parse(source)
    (finding,) = scan(source, Project(), Options(numba=True), tree=tree)
    form = next((f for f in finding.forms if f.rule.code == "DL114"), None)
    return place(text, tree, form.edits, form.imports).text if form is not None else None


@pytest.mark.parametrize("body", COMPILED.values(), ids=COMPILED)
def test_a_kernel_is_offered_on_request(body: str) -> None:
    new = compiled(code(body))
    assert new is not None and "f_kernel(" in new
    assert "boundscheck" not in new
    (finding,) = findings(code(body), numba=False)
    assert all(f.rule.code != "DL114" for f in finding.forms)
    assert "--numba" in finding.message


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_numba_computes_otherwise_is_left_alone(body: str) -> None:
    assert compiled(code(body)) is None
    assert all("--numba" not in finding.message for finding in findings(code(body), numba=False))


@pytest.mark.parametrize(
    "old, new",
    [
        ("out = np.zeros(len(df))", "out = np.zeros(len(kept))"),  # the array may be shorter
        (".iloc[i]", ".iloc[i + 1]"),
        ("range(len(df))", "range(k)"),
    ],
)
def test_positions_that_may_lie_outside_are_looked_at(old: str, new: str) -> None:
    text = code(COMPILED["a clamp"])
    assert old in text
    assert "boundscheck=True" in (compiled(text.replace(old, new)) or "")


def test_the_kernel_itself_is_left_alone() -> None:
    new = compiled(code(COMPILED["a clamp"]))
    assert new is not None
    for numba in (True, False):
        assert [f.status for f in findings(new, numba)] == [Status.FINE]


def test_two_loops_of_a_function_get_two_kernels() -> None:
    one = code(COMPILED["its own output"])
    head, tail = one.split("    return")
    loop = head[head.index("    for i") :]
    text = f"{head}{loop}    return{tail}"
    source = SourceFile.from_bytes(Path("example.py"), text.encode())
    tree = parse(source)
    names = set()
    for finding in scan(source, Project(), Options(numba=True), tree=tree):
        form = next(f for f in finding.forms if f.rule.code == "DL114")
        module = ast.parse(place(text, tree, form.edits, form.imports).text)
        names |= {n.name for n in module.body if isinstance(n, ast.FunctionDef)}
    assert len(names) == 3


def test_without_numba_nothing_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "provides", lambda python, package: False)
    old = code(COMPILED["a clamp"])
    trial = Trial("k", old, old, (1, 1), (1, 1), needs=("numba",))
    ((_, evidence),) = verifying.verify([trial])
    assert evidence.verdict is Verdict.UNVERIFIED
    assert "numba is not installed" in evidence.reason
    assert replace(trial, needs=()).needs == ()


SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e308, 5e-324, 1.5, -2.25, 1.1, 3.3]


def bits(values: object) -> bytes:
    """All bits, but for those of NaN: processors give it either sign."""
    array = np.asarray(values)
    return (np.where(np.isnan(array), np.nan, array) if array.dtype.kind == "f" else array).tobytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("body", COMPILED.values(), ids=COMPILED)
def test_the_same_bits(body: str) -> None:
    pytest.importorskip("numba")
    old = code(body)
    new = compiled(old)
    assert new is not None
    rng = np.random.default_rng(3)
    spaces: list[dict[str, object]] = [{}, {}]
    exec(old, spaces[0])
    exec(new, spaces[1])
    for n in (0, 1, 2, 9, 300):
        frame = pd.DataFrame({"x": rng.choice(SPECIAL, n), "y": rng.choice(SPECIAL, n)})
        results = [space["f"](frame, 0.7, None, []) for space in spaces]  # type: ignore[operator]
        for before, after in zip(*results, strict=True):
            assert bits(before) == bits(after)
