"""Headers in wrappers: what is shown on every round stays, and the forms that can't show it are left out."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Finding
from deloop.loops.remarks import Reason
from deloop.sources.files import SourceFile
from deloop.transforms.base import Tier


def finding(code: str) -> Finding:
    """The one finding in a piece of code."""
    data = textwrap.dedent(code).encode()
    (found,) = scan(SourceFile.from_bytes(Path("example.py"), data), Project())
    return found


SUM = """
    import pandas as pd
    {bar}

    def f(df: pd.DataFrame):
        out = []
        for i, row in tqdm(df.iterrows()):
            out.append(row["a"] * 2.5)
        return out
"""


def test_a_progress_bar_keeps_the_loop() -> None:
    tiers = {form.tier for form in finding(SUM.format(bar="from tqdm import tqdm")).forms}
    assert tiers == {Tier.COMPREHENSION, Tier.HOIST}


def test_without_one_the_loop_is_array_arithmetic() -> None:
    code = SUM.format(bar="").replace("tqdm(df.iterrows())", "df.iterrows()")
    assert Tier.VECTOR in {form.tier for form in finding(code).forms}


@pytest.mark.parametrize("bar", ["", "def tqdm(x):\n        return x"])
def test_a_function_of_that_name_is_no_progress_bar(bar: str) -> None:
    assert all(form.tier is Tier.COMPREHENSION for form in finding(SUM.format(bar=bar)).forms)


def test_a_progress_bar_around_a_sum() -> None:
    found = finding("""
        import numpy as np
        from tqdm import tqdm

        def f(x: np.ndarray):
            out = np.zeros(len(x))
            for i in tqdm(range(len(x))):
                if x[i] > 0:
                    out[i] = x[i] * 2.5
            return out
    """)
    assert not found.forms and found.refusal is not None
    assert found.refusal.reason is Reason.SIDE_EFFECT and "progress" in found.refusal.message
