"""Lists of a state that each round updates: what the comprehension binds, and where there is none."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

LOOP = """
    def f(xs, level):
        out = []
        for x in xs:
            {body}
            out.append(level)
        return out, level
"""


def texts(body: str) -> list[str]:
    """The code of each form that binds the state in a comprehension."""
    code = textwrap.dedent(LOOP).replace("{body}", textwrap.indent(textwrap.dedent(body), " " * 8).strip())
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    tree = parse(source)
    forms = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms]
    return [place(code, tree, f.edits, f.imports).text for f in forms if f.rule.code == "DL411"]


@pytest.mark.parametrize(
    "body",
    ["level = level * 2\nlevel = level + level * x", "level = x - level\nlevel = level * level"],
)
def test_a_state_that_takes_several_steps_is_not_bound_twice(body: str) -> None:
    assert texts(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "level = x + level",
        "step = x * level\nlevel = step + step * 2",
        "level, old = x + level, level",
        "level = level if x < 0 else x",
        "level = sum(level * y for y in (x, 1))",
    ],
)
def test_the_state_is_what_it_was_after_each_round(body: str) -> None:
    loop = textwrap.dedent(LOOP).replace("{body}", textwrap.indent(body, " " * 8).strip())
    found = texts(body)
    assert found
    for text in found:
        ast.parse(text)
        for given in ([], [3], [2.5, -1, 4, 0.1]):
            results = []
            for code in (loop, text):
                names: dict[str, object] = {}
                exec(compile(code, "example.py", "exec"), names)
                results.append(names["f"](given, 2.0))  # type: ignore[operator]
            assert results[0] == results[1]
