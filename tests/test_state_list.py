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


def looped(body: str, element: str = "level") -> str:
    code = textwrap.dedent(LOOP).replace("{body}", textwrap.indent(textwrap.dedent(body), " " * 8).strip())
    return code.replace("append(level)", f"append({element})")


def texts(body: str, element: str = "level") -> list[str]:
    """The code of each form that binds the state in a comprehension."""
    code = looped(body, element)
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
    does_the_same(body, "level")


@pytest.mark.parametrize(
    "element",
    [
        "round(level, 1)",
        "(x, level, level * 2)",
        "{'x': x, 'level': level}",
        "f'{x} {level:.1f} {level}'",
        "level if level > 2 else -level",
        "level * 2 if x > 1 else level",
        "max(x, level) - level",
        "level > 1 and x > 1",
        "x < level < 3",
    ],
)
def test_what_is_made_of_the_state_is_what_it_was(element: str) -> None:
    does_the_same("level = x - level * 2", element)


@pytest.mark.parametrize(
    "element", ["x > 1 and level", "x if x > 1 else level", "[level for _ in (1, 2)]", "x < 3 < level", "lambda: level"]
)
def test_a_state_that_would_not_always_be_bound_in_time_is_left(element: str) -> None:
    assert texts("level = x - level * 2", element) == []


def test_a_temporary_of_the_new_state_is_left() -> None:
    assert texts("level = x - level * 2\nshare = level / 3", "(level, share, share)") == []


@pytest.mark.parametrize(("element", "owed"), [("(x, level)", []), ("(x / 2, level)", ["one-exception"])])
def test_what_may_raise_before_the_update_is_named(element: str, owed: list[str]) -> None:
    code = looped("level = x - level * 2", element)
    source = SourceFile.from_bytes(Path("example.py"), code.encode())
    forms = [form for finding in scan(source, Project(), tree=parse(source)) for form in finding.forms]
    assert [[o.name for o in form.obligations] for form in forms if form.rule.code == "DL411"] == [owed]


def does_the_same(body: str, element: str) -> None:
    loop = looped(body, element)
    found = texts(body, element)
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
