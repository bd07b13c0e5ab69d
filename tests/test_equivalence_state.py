"""The data of a file, beside the arguments: put back before each run where code may come to it."""

from __future__ import annotations

import ast
from pathlib import Path

import equivalence_help as help
import pytest
from command_help import deloop

from deloop.equivalence.child.reach import Uses

PLAIN = """
LOG = []
NAMES = {"a": 1, "b": 2}
UNUSED = [[k] for k in range(5)]


def noted(x):
    LOG.append(len(LOG))
    return x + len(LOG)


"""
TABLES = (
    PLAIN
    + """
def lookup(x):
    return globals()["noted"](x)


class Rule:
    seen = []

    def apply(self, x):
        self.seen.append(x)
        return x

    def unused(self, x):
        return UNUSED
"""
)


def uses(text: str) -> Uses:
    found = Uses()
    for statement in ast.parse(text).body:
        made = [statement] if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) else statement.targets
        names = [getattr(one, "name", getattr(one, "id", "")) for one in made]
        found.chunk(names, compile(ast.Module([statement], []), "<chunk>", "exec"))
    return found


@pytest.mark.parametrize(
    ("code", "reached", "not_reached"),
    [
        ("out = [noted(x) for x in xs]", {"LOG"}, {"UNUSED", "NAMES"}),
        ("out = [rule.apply(x) for x in xs]", {"seen"}, {"UNUSED", "LOG"}),
        ("out = [rule.unused(x) for x in xs]", {"UNUSED"}, {"LOG"}),
        ("out = [NAMES[x] for x in xs]", {"NAMES"}, {"LOG", "UNUSED"}),
        ("out = frame.agg('noted')", {"LOG"}, {"UNUSED"}),
    ],
)
def test_what_code_comes_to_by_name(code: str, reached: set[str], not_reached: set[str]) -> None:
    found = uses(TABLES).reached(compile(code, "<region>", "exec"))
    assert found is not None
    assert reached <= found
    assert found.isdisjoint(not_reached)


def test_code_that_asks_for_a_name_at_run_time_may_come_to_anything() -> None:
    assert uses(TABLES).reached(compile("out = [lookup(x) for x in xs]", "<region>", "exec")) is None


def test_a_decorator_and_a_special_method_are_come_to_without_being_named() -> None:
    text = """
COUNT = [0]


def counted(f):
    def inner(x):
        COUNT.append(1)
        return f(x)
    return inner


@counted
def double(x):
    return 2 * x


class Money:
    def __add__(self, other):
        return TOTALS
"""
    found = uses(text).reached(compile("out = [double(x) for x in xs]", "<region>", "exec"))
    assert found is not None
    assert {"COUNT", "TOTALS"} <= found


def test_what_makes_an_object_is_come_to_by_the_name_of_its_class() -> None:
    text = """
class Counted:
    def __init__(self):
        MADE.append(1)

    def again(self):
        return type(self)()

    @classmethod
    def fresh(cls):
        return cls()

    def size(self):
        return 1
"""
    for code, made in (("Counted()", True), ("x.again()", True), ("x.fresh()", True), ("x.size()", False)):
        found = uses(text).reached(compile(code, "<region>", "exec"))
        assert found is not None
        assert ("MADE" in found) is made, code


def test_an_attribute_that_stands_for_a_method_comes_to_what_the_method_does() -> None:
    text = """
class Shape:
    SIDES = [4]
    key = lambda self: KEYS
    total = property(_total)

    def _size(self):
        return SIZES

    size = property(_size)
"""
    for code, name in (("x.size", "SIZES"), ("x.key()", "KEYS"), ("x.total", "_total")):
        found = uses(text).reached(compile(code, "<region>", "exec"))
        assert found is not None
        assert name in found, code
    plain = uses(text).reached(compile("x.other", "<region>", "exec"))
    assert plain is not None
    assert plain.isdisjoint({"SIZES", "KEYS", "SIDES"})


def test_a_method_that_a_library_may_call_is_come_to_by_the_name_of_its_class() -> None:
    text = """
class Encoder(json.JSONEncoder):
    def default(self, value):
        return LOG


class Plain:
    def default(self, value):
        return SILENT
"""
    found = uses(text).reached(compile("json.dumps(x, cls=Encoder)\nPlain()", "<region>", "exec"))
    assert found is not None
    assert "LOG" in found
    assert "SILENT" not in found


def test_data_that_a_helper_changes_is_the_same_at_the_beginning_of_each_run() -> None:
    before = PLAIN + help.body("xs", "out = []\nfor x in xs:\n    out.append(noted(x))")
    after = before.replace("out = []\n    for x in xs:\n        out.append(noted(x))", "out = [noted(x) for x in xs]")
    assert after != before
    found = help.judge(help.trial("one", before, after))["one"]
    assert str(found.verdict) == "verified", found.reason


@pytest.mark.parametrize("changing", ["old", "new"])
def test_data_that_only_one_version_changes_is_a_difference(changing: str) -> None:
    reads = PLAIN + help.body("xs", "out = [x + len(NAMES) for x in xs]")
    changes = reads.replace("for x in xs]", "for x in xs]\n    NAMES['c'] = 3")
    assert reads != changes
    before, after = (changes, reads) if changing == "old" else (reads, changes)
    found = help.judge(help.trial("one", before, after))["one"]
    assert str(found.verdict) == "refuted"
    assert "NAMES" in found.reason


def test_a_loop_in_a_method_of_an_abstract_class_runs() -> None:
    before = """
    import abc

    class Labels(abc.ABC):
        @property
        def size(self):
            return 2

        @abc.abstractmethod
        def other(self):
            pass

        def labels(self):
            out = []
            for name in self.names:
                out.append(f"{name} {self.size}")
            return out
    """
    loop = 'out = []\n            for name in self.names:\n                out.append(f"{name} {self.size}")'
    after = before.replace(loop, 'out = [f"{name} {self.size}" for name in self.names]')
    assert after != before
    found = help.judge(help.trial("one", before, after))["one"]
    assert str(found.verdict) == "verified", found.reason


def test_tables_of_two_files_that_neither_function_looks_at_are_no_difference(tmp_path: Path) -> None:
    function = "def total(xs):\n    out = 0\n    for x in xs:\n        out += x\n    return out\n"
    (tmp_path / "old.py").write_text("TABLE = {'a': [1]}\n\n\n" + function)
    (tmp_path / "new.py").write_text("OTHER = [[2]]\n\n\n" + function)
    ran = deloop(tmp_path, "compare", "old.py:total", "new.py:total")
    assert ran.returncode == 0, ran.stdout + ran.stderr


RARE = """
def f(df):
    out = []
    for i in range(len(df)):
        if math.isinf(df["a"].iloc[i]):
            out.append(0.0)
        else:
            out.append(df["a"].iloc[i] + 1)
    return out
"""


def test_a_way_that_only_late_inputs_take_is_tried_on_both_versions() -> None:
    help.told_apart(RARE, ("out.append(0.0)", "out.append(1.0)"))


def test_a_way_that_no_input_takes_ends_the_battery_early() -> None:
    before = RARE.replace('math.isinf(df["a"].iloc[i])', 'df["a"].iloc[i] != df["a"].iloc[i] + 0')
    before = before.replace('!= df["a"].iloc[i] + 0', "is df")
    found = help.judge(help.trial("one", before, before))["one"]
    assert str(found.verdict) == "insufficient"
    assert "no input makes" in found.reason
    assert found.inputs <= 60
