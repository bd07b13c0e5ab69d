"""What others see of a loop: helpers that are replaced, containers that a generator reads, names read as text."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from loops_help import IMPORTS, lifted, refusal, site_of

from deloop.codemods.engine import Project, scan
from deloop.loops.context import SiteContext
from deloop.loops.exposure import closed_over, escapes_before
from deloop.loops.inline import find_helper
from deloop.loops.remarks import Reason
from deloop.sources.files import SourceFile

LOOP = """

def f(df):
    out = []
    for v in df['a']:
        out.append({call})
    return out
"""


def inlined(module: str, call: str) -> bool:
    """Whether the call in the loop is one that may be executed in place."""
    site = site_of(textwrap.dedent(module) + LOOP.format(call=call))
    node = next(n for n in ast.walk(site.loop) if isinstance(n, ast.Call) and ast.unparse(n) == call)
    return find_helper(site, node) is not None


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("def h(x):\n    return x * 2\n", "h(v)"),
        ("class C:\n    @staticmethod\n    def h(x):\n        return x * 2\n", "C.h(v)"),
        ("def h(x):\n    return x * 2\nprint(globals().get('h'), vars(f), h.__doc__)\n", "h(v)"),
        ("def h(x):\n    return x * 2\nclass C:\n    other = 1\nC.other = 2\nsetattr(C, 'another', 3)\n", "h(v)"),
    ],
)
def test_helpers_that_stay_what_they_are(module: str, call: str) -> None:
    assert inlined(module, call)


@pytest.mark.parametrize(
    "replacing",
    [
        "globals()['h'] = print",
        "globals().update(h=print)",
        "vars()['h'] = print",
        "name = 'h'\nglobals()[name] = print",
        "import sys\nsys.modules[__name__].h = print",
        "import sys\nsetattr(sys.modules[__name__], 'h', print)",
        "def patch(module, name):\n    setattr(module, name, print)",
        "def test(monkeypatch):\n    monkeypatch.setattr(C, 'h', print)",
        "exec('h = print')",
        "h.__defaults__ = (5,)",
        "h.__code__ = print.__code__",
        "C.h = staticmethod(print)",
        "D = C\nD.h = staticmethod(print)",
        "C.__dict__['h'] = print",
    ],
)
def test_a_helper_that_is_replaced_is_not_inlined(replacing: str) -> None:
    assert not inlined(f"def h(x):\n    return x * 2\n{replacing}\n", "h(v)")
    assert not inlined(f"class C:\n    @staticmethod\n    def h(x):\n        return x * 2\n{replacing}\n", "C.h(v)")


@pytest.mark.parametrize(
    "module",
    [
        "class C:\n    @staticmethod\n    def h(x):\n        return x * 2\n    h = staticmethod(print)\n",
        "class C(metaclass=M):\n    @staticmethod\n    def h(x):\n        return x * 2\n",
        "@replaced\nclass C:\n    @staticmethod\n    def h(x):\n        return x * 2\n",
        "class C:\n    @staticmethod\n    def h(x):\n        return x * 2\n    if C:\n        h = print\n",
    ],
)
def test_a_class_that_has_something_else_in_the_place_of_a_method(module: str) -> None:
    assert not inlined(module, "C.h(v)")


def test_a_generator_reads_the_container_when_it_is_asked() -> None:
    site = site_of("""
        def f(df):
            out = []
            sizes = (len(out) for _ in df)
            for v, n in zip(df['a'], sizes):
                out.append(v * n)
            return out
    """)
    assert closed_over(site, "out")


@pytest.mark.parametrize(
    "seeing",
    [
        "locals()",
        "vars()",
        "dir()",
        "eval('t')",
        "exec('z = t')",
        "pd.eval('t * 2')",
        "sys._getframe().f_locals",
        "inspect.currentframe()",
    ],
)
def test_names_of_the_loop_and_new_ones_are_seen(seeing: str) -> None:
    assert refused_because_of(seeing)


@pytest.mark.parametrize("looking", ["vars(df)", "dir(df)", "df.eval('a + b')", "(lambda: locals())()", "'locals()'"])
def test_these_see_other_names(looking: str) -> None:
    assert not refused_because_of(looking)


def refused_because_of(seeing: str) -> bool:
    code = f"""
        import inspect, sys
        def f(df: pd.DataFrame):
            out = []
            for i in range(len(df)):
                t = df['a'].iloc[i] * 2
                out.append(t)
            return out, {seeing}
    """
    source = SourceFile.from_bytes(Path("example.py"), (IMPORTS + textwrap.dedent(code)).encode())
    (finding,) = scan(source, Project())
    return finding.refusal is not None and finding.refusal.reason is Reason.SCOPE


@pytest.mark.parametrize(
    "code",
    [
        "def columns():\n    pass\n\nfor i in range(len(df)):\n    pass\n",
        "import os as columns\n\nfor i in range(len(df)):\n    pass\n",
        "columns = 1\n\ndef f(df):\n    for i in range(len(df)):\n        pass\n",
        "def f(df):\n    def columns():\n        pass\n    for i in range(len(df)):\n        pass\n",
        "def f(df):\n    columns = 1\n    def g():\n        for i in range(len(df)):\n            pass\n",
        "def f(df):\n    global columns\n    for i in range(len(df)):\n        pass\n",
        "class C:\n    columns = 1\n    for i in range(3):\n        pass\n",
    ],
)
def test_new_names_hide_nothing(code: str) -> None:
    assert site_of(code).fresh("columns", "max", "table") == "table"


# ---------------------------------------------------------------- statements that do nothing


def noted(note: str) -> str:
    return f"""
        def f(df):
            out = []
            for v in df['a']:
                {note}
                out.append(v * 2)
            return out
    """


@pytest.mark.parametrize("note", ["'twice as much'", "b = 1; 'twice as much'"])
def test_a_text_that_explains_the_body_is_not_dropped(note: str) -> None:
    found = refusal(noted(note))
    assert found.reason is Reason.UNSUPPORTED_SYNTAX and "comment" in found.message


@pytest.mark.parametrize("nothing", ["...", "pass", "0", "''", "None"])
def test_statements_that_say_nothing_go(nothing: str) -> None:
    assert lifted(noted(nothing)).effects


def test_texts_in_a_helper_stay_in_the_helper() -> None:
    helper = "def h(x):\n    'Doc.'\n    'note'\n    return x * 2\n"
    assert lifted(helper + LOOP.format(call="h(v)")).effects


def escapes(code: str) -> bool:
    """Whether the list `out` of a loop that appends `v` to it may be seen while it is filled."""
    site = site_of(code)
    loops = [n for n in ast.walk(site.file.tree) if isinstance(n, ast.For)]
    inner = next(n for n in loops if ast.unparse(n.body[0]) == "out.append(v)")
    site = SiteContext.build(site.file, inner)
    made = next(n for n in ast.walk(site.file.tree) if isinstance(n, ast.Assign) and ast.unparse(n) == "out = []")
    return escapes_before(site, "out", made)


FILLED = """
def f(xs, keep):
    out = []
    for part in xs:
        {before}
        for v in part:
            out.append(v)
        {behind}
    {after}
"""


def filled(before: str = "pass", behind: str = "pass", after: str = "pass") -> bool:
    return escapes(FILLED.format(before=before, behind=behind, after=after))


def test_what_comes_after_all_loops_does_not_see_a_list_that_is_filled() -> None:
    assert not filled(after="keep(out)")


def test_what_stands_in_a_loop_around_sees_a_list_that_is_filled() -> None:
    assert filled(before="keep(out)")
    assert filled(behind="keep(out)")


def test_a_list_made_on_every_round_of_the_loop_around_is_another_one() -> None:
    assert not escapes("""
    def f(xs, keep):
        for part in xs:
            out = []
            if part:
                for v in part:
                    out.append(v)
            keep(out)
    """)
