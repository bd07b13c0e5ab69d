"""Where a test of `df.empty` says that the frame of an `apply` has rows, and where it says nothing (any more)."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from deloop.codemods.engine import Project, scan
from deloop.sources.files import SourceFile, parse

APPLY = "df['c'] = df.apply(lambda r: r['a'] + 1, axis=1)"
SURE = [
    "if df.empty:\n    return df\n{}",
    "if df.empty:\n    raise ValueError(df)\n{}",
    "if df.empty:\n    df = df.copy()\n    return df\nk = 1\n{}",
    "if k or df.empty:\n    return df\n{}",
    "if not df.empty:\n    {}",
    "if not df.empty and k:\n    if len(k) > 1:\n        {}",
    "if df.empty:\n    k = 0\nelse:\n    {}",
    "if df.empty:\n    return df\ndf['b'] = df['a']\ndf['d'] = np.abs(df['a'])\n{}",
    "if df.empty:\n    return df\nif k:\n    return df['a']\n{}",
    "if df.empty:\n    return df\nif k:\n    {}",
]
UNSURE = [
    "{}",
    "if df.empty:\n    k = 0\n{}",
    "if df.empty:\n    return df\nelse:\n    df = df[df['a'] > 3]\n{}",
    "if df.empty:\n    return df\ndf = df[df['a'] > 3]\n{}",
    "if df.empty:\n    return df\ndf.drop(index=0, inplace=True)\n{}",
    "if df.empty:\n    return df\nk.drop(index=0, inplace=True)\n{}",
    "if df.empty:\n    return df\nchange()\n{}",
    "if df.empty:\n    return df\ndel df['a']\n{}",
    "if df.empty:\n    return df\nif change(df):\n    return df\n{}",
    "if df.empty and k:\n    return df\n{}",
    "if k.empty:\n    return df\n{}",
    "if not df.empty or k:\n    {}",
    "if len(df) == 0:\n    return df\n{}",  # a frame with rows and no column is empty, too
    "if not df.empty:\n    df = df[df['a'] > 3]\n    {}",
    "if df.empty:\n    return df\nfor x in k:\n    {}",
    "def inner():\n    nonlocal df\n    df = None\nif df.empty:\n    return df\n{}",
]


def _owed(body: str) -> set[str]:
    lines = textwrap.indent(body.format(APPLY), "    ")
    code = f"import numpy as np\nimport pandas as pd\n\n\ndef f(df, k, change):\n{lines}\n    return df\n"
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    forms = [form for finding in scan(source, Project(), tree=parse(source)) for form in finding.forms]
    assert forms
    return {o.name for form in forms for o in form.obligations}


@pytest.mark.parametrize("body", SURE)
def test_surely_some_rows(body: str) -> None:
    assert "some-rows" not in _owed(body)


@pytest.mark.parametrize("body", UNSURE)
def test_perhaps_no_rows(body: str) -> None:
    assert "some-rows" in _owed(body)
