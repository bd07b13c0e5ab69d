"""Statements cut out of a file with their comments, and which files a test can import."""

import ast
import sys
import textwrap
from pathlib import Path

import pytest

from deloop.equivalence.preamble import ModuleNames
from deloop.equivalence.scaffold_imports import Importable
from deloop.equivalence.scaffold_source import Excerpts


def excerpts(text: str) -> tuple[Excerpts, ModuleNames]:
    names = ModuleNames(ast.parse(text))
    return Excerpts(text, names), names


def test_comments_and_strings_survive_another_indentation() -> None:
    text = textwrap.dedent('''\
        class A:
            def f(self):
                # above
                x = 1  # beside

                # between
                y = """
            as it is
                """
                return x
        ''')
    cut, names = excerpts(text)
    body = names.tree.body[0].body[0].body
    assert cut.statements(body[:2], 1) == (
        '    # above\n    x = 1  # beside\n\n    # between\n    y = """\n    as it is\n        """'
    )


def test_statements_that_share_a_line_are_written_anew() -> None:
    cut, names = excerpts("a = 1; b = 2\nif a: b = 3\nelif b: c = 4\n")
    assert cut.statements(names.tree.body[:2]) == "a = 1\nb = 2"
    orelse = names.tree.body[2].orelse
    assert cut.statements(orelse, 1) == "    if b:\n        c = 4"


def test_what_stands_between_two_statements_is_left_out() -> None:
    cut, names = excerpts("a = 1\nb = 2\nc = 3\n")
    assert cut.statements([names.tree.body[0], names.tree.body[2]]) == "a = 1\nc = 3"


def test_a_class_without_the_methods_that_are_not_needed() -> None:
    text = "class A:\n    '''Doc.'''\n\n    k = 1  # one\n\n    def f(self):\n        # why\n        return 1\n\n"
    text += "    def g(self):\n        return 2\n"
    cut, names = excerpts(text)
    (chunk,) = names.closure({"A"}, {"f"}).chunks
    assert cut.chunk(chunk) == text.split("\n\n    def g")[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import numpy as np\nK = np.array([1])\ndef f(): pass\n", ""),
        ("import logging\nlog = logging.getLogger(__name__)\n", ""),
        ("import warnings\nwarnings.filterwarnings('ignore')\n", ""),
        ("try:\n    import not_there\nexcept ImportError:\n    not_there = None\n", ""),
        ("if __name__ == '__main__':\n    run()\n", ""),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import not_there\n", ""),
        ("x = 1\nfor i in range(3):\n    x += i\n", "importing it would run line 2 of m.py"),
        ("print('hello')\n", "importing it would run line 1 of m.py"),
        ("import pandas as pd\nd = pd.read_csv('a.csv')\n", "importing it would run line 2 of m.py"),
        ("with open('a') as f: pass\n", "importing it would run line 1 of m.py"),
        ("import not_there\n", "it imports not_there, which is not installed"),
        ("from . import other\n", "its import on line 1 needs a package, and project is none"),
        ("import neighbour\n", "importing it would run line 1 of neighbour.py"),
        ("def f(:\n", "can't be read"),
    ],
)
def test_what_can_be_imported(tmp_path: Path, text: str, problem: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "neighbour.py").write_text("print(1)\n")
    (folder / "m.py").write_text(text)
    found = Importable(sys.executable, [folder]).problem(folder / "m.py")
    assert problem in found and bool(found) == bool(problem)


def test_packages_run_their_init_and_other_roots_are_named(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text("from app.b import x\n")
    (tmp_path / "app" / "b.py").write_text("x = 1\n")
    importable = Importable(sys.executable, [tmp_path])
    assert importable.problem(tmp_path / "app" / "a.py") == ""
    assert importable.roots_for(tmp_path / "app" / "a.py") == [tmp_path.resolve()]
    (tmp_path / "app" / "__init__.py").write_text("print(1)\n")
    assert "line 1 of __init__.py" in Importable(sys.executable, [tmp_path]).problem(tmp_path / "app" / "b.py")
