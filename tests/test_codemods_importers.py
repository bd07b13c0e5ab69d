"""Names that other files of a project read from a script: they outlive its loops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deloop.codemods.engine import Options, Project, scan
from deloop.codemods.place import place
from deloop.loops.remarks import Reason
from deloop.proposals.judge import Judge
from deloop.proposals.model import Policy
from deloop.sources.files import SourceFile, parse

SCRIPT = """
import pandas as pd

df = pd.DataFrame({"price": [1.0, 2.0]})
out = []
for row in df.itertuples():
    net = row.price * 2
    out.append(net)
"""


def kept(folder: Path, other: str, name: str, place_of_other: str = "other.py") -> bool:
    """Whether the variable of the script has its value after the loop in all forms of it."""
    file = folder / "script.py"
    file.write_text(SCRIPT)
    (folder / place_of_other).parent.mkdir(exist_ok=True)
    (folder / place_of_other).write_text(other)
    source = SourceFile.from_bytes(file, SCRIPT.encode())
    tree = parse(source)
    (finding,) = scan(source, Project.for_paths([folder]), tree=tree)
    texts = [place(source.text, tree, form.edits, form.imports).text for form in finding.forms]
    return all(repr(variables(text).get(name)) == repr(variables(SCRIPT)[name]) for text in texts)


def variables(text: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(text, names)
    return names


@pytest.mark.parametrize(
    "other",
    [
        "from script import net\n",
        "from script import out, net as last\n",
        "from script import (\n    out,\n    net,\n)\n",
        "from script import out, \\\n    net\n",
        "from script import *\n",
        "from .script import row\n",
        "from package.script import row\n",
        "import script\nprint(script.net)\n",
        "import script as s\nprint(s.net)\n",
        "import os, package.script as s\nprint(s.net)\n",
        "from package import script\nprint(script.net)\n",
        "def f():\n    import script\n    return getattr(script, 'net')\n",
        "import importlib\nmodule = importlib.import_module('script')\nprint(module.net)\n",
    ],
)
def test_what_another_file_reads_stays(tmp_path: Path, other: str) -> None:
    for name in ("net", "row"):
        if name in other or "*" in other:
            assert kept(tmp_path, other, name)
            assert kept(tmp_path, other, name, "inner/other.py")


@pytest.mark.parametrize(("names", "stays"), [("net", True), ("out", False)])
def test_what_a_notebook_reads_stays(tmp_path: Path, names: str, stays: bool) -> None:
    source = ["%matplotlib inline\n", f"from script import {names}"]
    notebook = json.dumps(
        {"cells": [{"cell_type": "markdown", "source": "import"}, {"cell_type": "code", "source": source}]}
    )
    assert kept(tmp_path, notebook, "net", "other.ipynb") == stays


@pytest.mark.parametrize(
    "other",
    ["from script import out\n", "import script\nprint(script.out)\n", "net = row = 1\n", "from scripts import net\n"],
)
def test_other_files_that_read_other_names(tmp_path: Path, other: str) -> None:
    assert not kept(tmp_path, other, "net")


@pytest.mark.parametrize(
    ("reading", "listed"),
    [
        ("sorted(globals())", True),
        ("dict(globals())", True),
        ("globals().get(name)", True),
        ("globals()['out']", False),
    ],
)
def test_a_function_that_lists_the_names_of_the_module(reading: str, listed: bool) -> None:
    # names that a rewrite adds or takes away would be seen
    text = f"{SCRIPT}\n\ndef seen(name):\n    return {reading}\n"
    (finding,) = scan(SourceFile.from_bytes(Path("script.py"), text.encode()), Project())
    assert (finding.refusal is not None and finding.refusal.reason is Reason.SCOPE) == listed
    assert not finding.forms or not listed


@pytest.mark.parametrize(("place_of_other", "counts"), [("shop/other.py", True), ("unrelated/other.py", False)])
def test_of_all_that_is_installed_only_the_same_package_is_read(
    tmp_path: Path, place_of_other: str, counts: bool
) -> None:
    folder = tmp_path / "site-packages"
    for package in ("shop", "unrelated"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    script = folder / "shop" / "script.py"
    script.write_text(SCRIPT)
    (folder / place_of_other).write_text("import script\nprint(script.net)\n")
    assert Project.for_paths([script]).reads(script, "net") == counts


def test_a_judge_that_forgets_a_file_still_knows_who_reads_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    (tmp_path / "other.py").write_text("import script\nprint(script.net)\n")
    judge = Judge(Project.for_paths([script]), Options(), Policy())
    assert judge.project.reads(script, "net")
    judge.forget("script.py")
    assert judge.project.reads(script, "net")


def test_the_folders_of_many_files_are_those_of_each(tmp_path: Path) -> None:
    installed, own = tmp_path / "site-packages", tmp_path / "own"
    for path in ("box/__init__.py", "box/a.py", "box/deep/__init__.py", "box/deep/b.py", "alone.py"):
        (installed / path).parent.mkdir(parents=True, exist_ok=True)
        (installed / path).write_text("")
    (own / "scripts").mkdir(parents=True)
    (own / "scripts" / "c.py").write_text("")
    (own / "link.py").symlink_to(installed / "box" / "a.py")
    files = [p for folder in (installed, own) for p in sorted(folder.rglob("*.py"))]
    together, single = Project.for_paths(files), [Project.for_paths([file]) for file in files]
    assert set(together.roots) == {root for one in single for root in one.roots}
    assert set(together.folders) == {folder for one in single for folder in one.folders}
    assert set(together.folders) == {installed / "box", installed / "alone.py", own / "scripts"}
