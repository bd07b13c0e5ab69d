"""Who binds a name, what it resolves to, and whether a name of the loop is read after it."""

from __future__ import annotations

import ast
import textwrap

import pytest
from loops_help import file_of, site_of

from deloop.loops.context import FileContext
from deloop.loops.names import bound_names, loaded_names, names_in
from deloop.loops.scopes import Scope, build_scopes, scope_for


def function(file: FileContext, name: str) -> Scope:
    """The scope of the function (or class) of that name."""
    nodes = [n for n in ast.walk(file.tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name]
    return scope_for(file.scopes, nodes[0])


def read_after(code: str, name: str, number: int = 0) -> str | None:
    """The source line of the read after the loop that was found."""
    site = site_of(code, number)
    node = site.file.scopes.read_after(name, site.loop, site.scope)
    return None if node is None else site.file.text.splitlines()[node.lineno - 1].strip()


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = b", {"a"}),
        ("a, (b, *c) = d", {"a", "b", "c"}),
        ("a[b] = c.d = 1", set()),
        ("for a, b in c: d = e", {"a", "b", "d"}),
        ("with a as b: pass", {"b"}),
        ("import a.b, c as d", {"a", "d"}),
        ("from a import b as c, d", {"c", "d"}),
        ("def a(b): c = 1", {"a"}),
        ("class A:\n    b = 1", {"A"}),
        ("try: pass\nexcept E as a: pass", {"a"}),
        (
            "match a:\n    case [b, *c]: pass\n    case {'k': d, **e}: pass\n    case F() as g: pass",
            {"b", "c", "d", "e", "g"},
        ),
        ("a = [b for b in c if (d := b)]", {"a", "d"}),
        ("a = lambda b: (c := b)", {"a"}),
        ("del a", {"a"}),
    ],
)
def test_names_bound_by_a_statement(code: str, names: set[str]) -> None:
    assert set(bound_names(ast.parse(code).body[0])) == names


def test_names_read_and_names_that_occur() -> None:
    node = ast.parse("a = b + [c for c in d] + (lambda e: f)(1)")
    assert loaded_names(node) == {"b", "c", "d", "f"}
    assert names_in(node) == {"a", "b", "c", "d", "e", "f"}


# ---------------------------------------------------------------- owners


def test_a_name_belongs_to_the_innermost_scope_that_binds_it() -> None:
    file = file_of("""
        a = b = 0
        def f(b):
            def g():
                c = a + b
    """)
    scopes, g = file.scopes, function(file, "g")
    assert scopes.owner("c", g) is g
    assert scopes.owner("b", g) is function(file, "f")
    assert scopes.owner("a", g) is scopes.module
    assert scopes.owner("nowhere", g) is None
    assert g.name == "f.g"


def test_names_of_a_class_are_not_seen_from_its_methods() -> None:
    file = file_of("""
        limit = 1
        class A:
            limit = 2
            def f(self):
                return limit
    """)
    assert file.scopes.owner("limit", function(file, "f")) is file.scopes.module
    assert file.scopes.owner("limit", function(file, "A")) is function(file, "A")


def test_global_names_belong_to_the_module() -> None:
    file = file_of("""
        total = 0
        def f():
            total = 1
            def g():
                global total
                total = 2
    """)
    assert file.scopes.owner("total", function(file, "g")) is file.scopes.module
    assert len(file.scopes.module.binders("total")) == 2
    assert file.scopes.owner("total", function(file, "f")) is function(file, "f")


def test_nonlocal_names_belong_to_the_function_around() -> None:
    file = file_of("""
        def f():
            total = 1
            def g():
                def h():
                    nonlocal total
                    total = 2
    """)
    assert file.scopes.owner("total", function(file, "h")) is function(file, "f")
    assert len(function(file, "f").binders("total")) == 2


# ---------------------------------------------------------------- what a name stands for


@pytest.mark.parametrize(
    ("code", "expression", "path"),
    [
        ("import numpy as np", "np.linalg.norm", "numpy.linalg.norm"),
        ("import os.path", "os.path.join", "os.path.join"),
        ("from math import sqrt as root", "root", "math.sqrt"),
        ("", "len", "builtins.len"),
        ("", "np", None),
        ("import numpy as np\nnp = fake()", "np.sqrt", None),
        ("try:\n    import numpy as np\nexcept ImportError:\n    np = None", "np.sqrt", None),
        ("if fast:\n    import numpy as np\nelse:\n    import numpy as np", "np.sqrt", "numpy.sqrt"),
        ("try:\n    from ujson import dumps\nexcept ImportError:\n    from json import dumps", "dumps", None),
        ("len = 3", "len", None),
        ("def len(x): ...", "len", None),
        ("for len in x: ...", "len", None),
        ("with x as pd: ...", "pd", None),
        ("from .own import len", "len", None),
        ("if (len := 3): ...", "len", None),
        ("from numpy import *", "sum", None),
        ("from numpy import *", "len", "builtins.len"),
        ("def f():\n    global len\n    len = 3", "len", None),
        ("", "f().sqrt", None),
    ],
)
def test_what_a_name_stands_for(code: str, expression: str, path: str | None) -> None:
    file = file_of(code)
    assert file.scopes.dotted(ast.parse(expression, mode="eval").body, file.scopes.module) == path


def test_a_parameter_or_local_name_hides_a_module() -> None:
    file = file_of("""
        import numpy as np
        import pandas as pd
        def f(np):
            pd = 1
        def g():
            return np
    """)
    resolve = file.scopes.resolve_module
    assert resolve("np", function(file, "f")) is None
    assert resolve("pd", function(file, "f")) is None
    assert resolve("np", function(file, "g")) == "numpy"


def test_the_alias_of_a_module() -> None:
    assert file_of("import numpy as np").alias("numpy") == "np"
    assert file_of("import numpy").alias("numpy") == "numpy"
    assert file_of("import numpy as np\nnp = None").alias("numpy") is None
    assert file_of("def f():\n    import numpy as np").alias("numpy") is None


# ---------------------------------------------------------------- reads after the loop


def test_nothing_is_read_after_the_loop() -> None:
    code = """
        def f(xs, out):
            t = 0
            print(t)
            for v in xs:
                t = v
                out.append(t)
            return out
    """
    assert read_after(code, "t") is None
    assert read_after(code, "v") is None
    assert read_after(code, "out") == "return out"


@pytest.mark.parametrize(
    "after",
    [
        "return t",
        "t += [1]",
        "del t",
        "print(f'{t}')",
        "return [t for _ in xs]",
        "return [t for t in t]",
        "x[t] = 1",
        "if xs: return t",
    ],
)
def test_reads_later_in_the_function(after: str) -> None:
    assert read_after(f"def f(xs):\n    for v in xs:\n        t = v\n    {after}\n", "t") == after


@pytest.mark.parametrize(
    "after",
    [
        "t = 1\n    return t",
        "t = 1\n    if xs:\n        return t",
        "with xs as t:\n        return t",
        "for t in xs:\n        print(t)",
        "for t in range(3):\n        pass\n    return t",
        "for t in (1, 2):\n        pass\n    return t",
        "for j in range(1, 3):\n        for t in range(2):\n            pass\n    return t",
        "return [t for t in xs]",
        "return {t: 1 for xs[0] in xs for t in xs}",
    ],
)
def test_a_sure_binding_comes_first(after: str) -> None:
    assert read_after(f"def f(xs):\n    for v in xs:\n        t = v\n    {after}\n", "t") is None


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ("if xs:\n        t = 1\n    return t", "return t"),
        ("t = t + 1", "t = t + 1"),
        ("t: int\n    return t", "return t"),
        ("for t in xs:\n        pass\n    return t", "return t"),
        ("for t in xs:\n        pass\n    else:\n        return t", "return t"),
        ("for t in range(3, 3):\n        pass\n    return t", "return t"),
        ("for t in []:\n        pass\n    return t", "return t"),
        ("range = iter\n    for t in range(3):\n        pass\n    return t", "return t"),
        ("for j in range(2):\n        if j: break\n        t = j\n    return t", "return t"),
        ("for t in t:\n        pass", "for t in t:"),
        ("while t:\n        t = 0", "while t:"),
        ("try:\n        t = 1\n    except E:\n        return t", "return t"),
        ("t[0] = 1", "t[0] = 1"),
    ],
)
def test_a_binding_that_is_not_sure(after: str, line: str) -> None:
    assert read_after(f"def f(xs):\n    for v in xs:\n        t = v\n    {after}\n", "t") == line


def test_the_next_round_of_the_loop_around() -> None:
    code = """
        def f(groups, out):
            for g in groups:
                out.append(t)
                for v in g:
                    t = v
    """
    assert read_after(code, "t", 1) == "out.append(t)"


def test_each_round_of_the_loop_around_binds_first() -> None:
    code = """
        def f(groups, out):
            for g in groups:
                t = 0
                out.append(t)
                for v in g:
                    t = v
    """
    assert read_after(code, "t", 1) is None


def test_a_binding_before_the_loop_does_not_help_a_read_after_it() -> None:
    code = """
        def f(groups, out):
            for g in groups:
                t = 0
                for v in g:
                    t = v
                out.append(t)
    """
    assert read_after(code, "t", 1) == "out.append(t)"


def test_the_target_of_the_loop_around_does_not_help_a_read_after_the_loop() -> None:
    code = """
        def f(groups, out):
            for i in groups:
                for i in range(5):
                    out.append(i)
                print(i)
    """
    assert read_after(code, "i", 1) == "print(i)"


def test_the_target_of_the_loop_around_is_bound_anew_on_its_next_round() -> None:
    code = """
        def f(groups, out):
            for i in groups:
                print(i)
                for i in range(5):
                    out.append(i)
    """
    assert read_after(code, "i", 1) is None


def test_a_binding_of_the_outermost_loop_is_none_of_the_middle_one() -> None:
    code = """
        def f(xs, out):
            for a in xs:
                t = 0
                for b in a:
                    out.append(t)
                    for v in b:
                        t = v
    """
    assert read_after(code, "t", 2) == "out.append(t)"


def test_the_test_of_a_while_around_is_read_again() -> None:
    code = """
        def f(xs, t):
            while t < 3:
                for v in xs:
                    t = v
    """
    assert read_after(code, "t", 1) == "while t < 3:"


@pytest.mark.parametrize("before", ["def g(): return t", "g = lambda: t", "class G: u = t"])
def test_closures_may_be_called_at_any_time(before: str) -> None:
    assert read_after(f"def f(xs):\n    {before}\n    for v in xs:\n        t = v\n    return g\n", "t") == before


def test_global_and_nonlocal_names_may_be_read_by_anyone() -> None:
    code = """
        def f(xs):
            global t
            for v in xs:
                t = v
    """
    assert read_after(code, "t") == "for v in xs:"


def test_names_of_a_module_are_read_by_functions() -> None:
    code = """
        def show():
            return t
        for v in xs:
            t = v
    """
    assert read_after(code, "t") == "return t"
    assert read_after(code, "v") is None


def test_a_local_name_of_a_function_is_another_one() -> None:
    code = """
        def show(t):
            return t
        for v in xs:
            t = v
    """
    assert read_after(code, "t") is None


@pytest.mark.parametrize("after", ["__all__ = ['t']", "globals()['t']", "t += 1"])
def test_names_of_a_module_are_read_as_text_too(after: str) -> None:
    assert read_after(f"for v in xs:\n    t = v\n{after}\n", "t") == after


@pytest.mark.parametrize(
    "after",
    [
        "for v in xs:\n    t = v\n    print(t)",
        "for t in xs:\n    print(t)",
        "t = 1\nprint(t)",
        "row['t'] = row['t'] + 1",
        "print('t')",
        "def g(t):\n    return t",
        "def g():\n    for t in xs:\n        print(t)",
        "def g():\n    t = 0\n    def h():\n        return t\n    return h",
        "g = lambda t: t",
        "df.query('a == @total')",
    ],
)
def test_names_of_a_module_that_are_bound_again_or_others(after: str) -> None:
    assert read_after(f"for v in xs:\n    t = v\n{after}\n", "t") is None


@pytest.mark.parametrize(
    "after",
    [
        "def g(u=t): return u",
        "class G: u = t",
        "g = lambda: t",
        "getattr(sys.modules[__name__], 't')",
        "df.query('a == @t')",
        "eval('a')",
        "locals()",
        "globals().update(a)",
    ],
)
def test_names_of_a_module_that_are_read_in_some_other_way(after: str) -> None:
    assert read_after(f"for v in xs:\n    t = v\n{after}\n", "t") == after


def test_a_class_may_read_a_name_of_the_module_that_it_binds_itself() -> None:
    code = """
        for v in xs:
            t = v
        class G:
            if xs:
                t = 1
            u = t
    """
    assert read_after(code, "t") == "u = t"


def test_variables_of_comprehensions_in_a_module_are_their_own() -> None:
    assert read_after("for v in xs:\n    t = v\nout = [t for t in xs]\n", "t") is None
    assert read_after("for v in xs:\n    t = v\nout = [t for t in t]\n", "t") == "out = [t for t in t]"


def test_names_of_a_class_body() -> None:
    code = """
        class A:
            for v in xs:
                t = v
            u = t
    """
    assert read_after(code, "t") == "u = t"


# ---------------------------------------------------------------- lazily


def test_functions_are_looked_into_when_asked_for() -> None:
    tree = ast.parse(
        textwrap.dedent("""
            def f(a):
                for v in a:
                    b = v
            class A:
                def g(self):
                    c = 1
        """)
    )
    scopes = build_scopes(tree)
    f, g = tree.body[0], tree.body[1].body[0]  # type: ignore[attr-defined]
    assert scopes.pending.keys() == {f, g}
    assert scopes.by_node[f].bindings.keys() == {"a"}
    scopes.ensure(f)
    scopes.ensure(f)
    assert scopes.by_node[f].bindings.keys() == {"a", "v", "b"}
    assert len(scopes.by_node[f].binders("b")) == 1
    assert scopes.pending.keys() == {g}
    assert scope_for(scopes, g).bindings.keys() == {"self", "c"}
    assert not scopes.pending


def test_reads_of_module_names_are_found_in_functions_nobody_asked_for() -> None:
    file = file_of("for v in xs:\n    t = v\ndef show():\n    return t\n", lazy=True)
    loop = file.tree.body[0]
    assert isinstance(loop, ast.For)
    node = file.scopes.read_after("t", loop, file.scopes.module)
    assert node is not None and node.lineno == 4  # type: ignore[attr-defined]


def test_global_names_are_found_in_functions_nobody_asked_for() -> None:
    file = file_of("def f():\n    global len\n    len = 3\n", lazy=True)
    assert file.scopes.resolve_module("len", file.scopes.module) is None


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("out = np.append(out, x)", False),
        ("np.random.shuffle(x)", False),
        ("np.seterr['x'] = 1", True),
        ("x.append(1)", True),
        ("found = np.append(found, x); np.flag = x", True),
    ],
)
def test_a_module_is_not_changed_by_calls_of_its_functions(body: str, changed: bool) -> None:
    site = site_of(f"def f(xs, out, found):\n    for x in xs:\n        {body}\n")
    assert bool(site.mutated) is changed
