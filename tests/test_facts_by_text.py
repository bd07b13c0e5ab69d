"""Facts that are read off the text first, as that is cheaper than the syntax: both say the same."""

from __future__ import annotations

import ast
import copy
import gc
from pathlib import Path

import pytest

from deloop.codemods.engine import Project, scan
from deloop.loops.context import FileContext
from deloop.loops.index import Index
from deloop.loops.names import bound_names, names_bound_by
from deloop.loops.rebinding import may_be_replaced
from deloop.loops.walk import copied, walk
from deloop.sources.files import SourceFile

HERE = Path(__file__)
SOURCES = [*sorted((HERE.parent.parent / "loops").glob("*.py")), HERE]


def _file(text: str) -> FileContext:
    return FileContext.build("here.py", text, ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_a_copy_is_what_it_was_made_of_and_shares_no_node_that_has_a_place(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    made = copied(tree)
    assert ast.dump(made, include_attributes=True) == ast.dump(copy.deepcopy(tree), include_attributes=True)
    old = {id(n) for n in ast.walk(tree) if n._fields or n._attributes}
    assert not any(id(n) in old for n in ast.walk(made))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_names_of_flat_nodes_are_those_of_the_statement(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.stmt):
            assert names_bound_by(walk(node)) == set(bound_names(node))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_calls_by_name_are_found_on_the_lines_of_the_name(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    quick, whole = Index(tree, text), Index(tree)
    names = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    for name in sorted(names):
        found = [_called(index, name) for index in (quick, whole)]
        assert found[0] and found[0] == found[1]


def _called(index: Index, name: str) -> set[int]:
    return {id(c) for c in index.calls(name) if isinstance(c.func, ast.Name) and c.func.id == name}


def test_calls_in_decorators_and_over_several_lines_are_found() -> None:
    text = "@wrap(\n    f(1)\n)\ndef g(\n    x=f(\n        2\n    ),\n): ...\nclass A:\n    @f(3)\n    def m(s): ...\n"
    assert len(_called(Index(ast.parse(text), text), "f")) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "box.work = fake",
        "box.work, y = fake, 1",
        "box.work: object = fake",
        "for box.work in fakes: pass",
        "(box.\\\n    work) = fake",
        "(box.  # of mine\n    work) = fake",
        "del box.work",
        "with fake as box.work: pass",
        "setattr(box, 'work', fake)",
        "setattr(box, name, fake)",
        "globals()['work'] = fake",
        "box.__dict__.update(work=fake)",
        "work.__code__ = fake.__code__",
        "exec(text)",
        "box.ｗork = fake",  # the same name, in wide letters
    ],
)
def test_what_may_be_replaced_is_seen_however_it_is_written(statement: str) -> None:
    assert may_be_replaced(_file(f"def work(x): return x\n\n{statement}\n"), "work")


@pytest.mark.parametrize("statement", ["box.work(1)", "y = box.work.name", "box.other = 1", "work = box.working"])
def test_what_is_only_read_or_called_is_not_replaced(statement: str) -> None:
    assert not may_be_replaced(_file(f"def work(x): return x\n\n{statement}\n"), "work")


def test_nothing_of_a_file_is_left_for_the_garbage_collector() -> None:
    loop = """
        import pandas as pd

        class Meter:
            def read(self, df: pd.DataFrame, found):
                total, sizes, data = 0, [], []
                for i in range(len(df)):
                    total += df["a"].iloc[i]
                for i, row in df.iterrows():
                    sizes.append(row["a"] if data[i] else self.size(row))
                    data.append(sizes)
                for x in found:
                    data = data.append(x)
                return total, sizes, data
    """
    text = "\n".join(line[8:] for line in loop.split("\n"))
    source, project = SourceFile.from_bytes(Path("meter.py"), text.encode()), Project()
    scan(source, project)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        assert len(scan(source, project)) == 3
        gc.collect()
        left = [o for o in gc.garbage if isinstance(o, (ast.Module, FileContext))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left
