"""Helpers that another file of the project puts something else in the place of are called, not executed in advance."""

from __future__ import annotations

from pathlib import Path

import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

MODULE = """
import pandas as pd


def fee(x):
    return x * 2


class Desk:
    @staticmethod
    def rate(x):
        return x + 1

    def priced(self, df: pd.DataFrame):
        out = []
        for i in range(len(df)):
            out.append(Desk.rate(df["a"].iloc[i]))
        return out


def fees(df: pd.DataFrame):
    out = []
    for i in range(len(df)):
        out.append(fee(df["a"].iloc[i]))
    return out
"""


def executed(folder: Path, other: str) -> set[str]:
    """The helpers that some form does without."""
    (folder / "desk.py").write_text(MODULE)
    (folder / "other.py").write_text(other)
    source = SourceFile.from_bytes(folder / "desk.py", MODULE.encode())
    tree = parse(source)
    found: set[str] = set()
    for finding in scan(source, Project.for_paths([folder]), tree=tree):
        for form in finding.forms:
            text = place(source.text, tree, form.edits, form.imports).text
            found |= {called for called in ("Desk.rate(", "fee(") if text.count(called) < MODULE.count(called)}
    return {called.strip(" (") for called in found}


@pytest.mark.parametrize(
    "other",
    [
        "import desk\ndesk.fee = abs\n",
        "import desk as d\nd.fee = abs\n",
        "from package import desk\ndesk.fee=abs\n",
        "import desk\nsetattr(desk, 'fee', abs)\n",
        "import desk\n\ndef test(monkeypatch):\n    monkeypatch.setattr(desk, 'fee', abs)\n",
        "def test(monkeypatch):\n    monkeypatch.setattr('package.desk.fee', abs)\n",
        "from unittest.mock import patch\n\n@patch('desk.fee')\ndef test(fake):\n    pass\n",
        "from unittest import mock\nimport desk\n\nwith mock.patch.object(desk, 'fee'):\n    pass\n",
    ],
)
def test_a_function_that_another_file_replaces(tmp_path: Path, other: str) -> None:
    assert executed(tmp_path, other) == {"Desk.rate"}


@pytest.mark.parametrize(
    "other",
    [
        "from desk import Desk\nDesk.rate = abs\n",
        "from unittest.mock import patch\n\n@patch('package.desk.Desk.rate')\ndef test(fake):\n    pass\n",
    ],
)
def test_a_method_that_another_file_replaces(tmp_path: Path, other: str) -> None:
    assert executed(tmp_path, other) == {"fee"}


@pytest.mark.parametrize(
    "other",
    [
        "import desk\nprint(desk.fee(1), desk.fee == abs)\n",
        "import other_module\nother_module.fee = abs\n",
        "from unittest.mock import patch\n\n@patch('package.shop.fee')\ndef test(fake):\n    pass\n",
        "import desk\n\nclass Own:\n    def __init__(self):\n        self.fee = 1\n",
    ],
)
def test_what_other_files_do_otherwise_is_no_hindrance(tmp_path: Path, other: str) -> None:
    assert executed(tmp_path, other) == {"fee", "Desk.rate"}
