"""`fix --keep-original` and `fix --flag`: what is kept of a rewritten function, and how both are switched."""

import asyncio
import importlib
import inspect
import itertools
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import toy
from command_help import deloop

SOURCE = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)  # twice
    return out
"""
KEPT = """\
# deloop: original of double, before its loops were rewritten
def _original_double(xs):
    out = []
    for x in xs:
        out.append(x * 2)  # twice
    return out


def double(xs):
    # twice
    out = [x * 2 for x in xs]
    return out
"""
FLAGGED = """\
import os

# Whether the rewritten functions run; USE_VECTORIZED=0 in the environment brings the originals back.
USE_VECTORIZED = os.environ.get("USE_VECTORIZED", "1").lower() not in ("", "0", "false", "no", "off")


# deloop: original of double, before its loops were rewritten
def _original_double(xs):
    out = []
    for x in xs:
        out.append(x * 2)  # twice
    return out


def double(xs):
    if not USE_VECTORIZED:
        return _original_double(xs)
    # twice
    out = [x * 2 for x in xs]
    return out
"""
FLAG = ["--flag", "USE_VECTORIZED"]
numbers = itertools.count()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))


def fixed(folder: Path, source: str, *words: str, name: str = "a.py") -> str:
    (folder / name).write_text(textwrap.dedent(source).lstrip("\n"))
    done = toy.call(["fix", "--write", *words, name], folder)
    assert done.returncode == 0, done.stderr
    new = (folder / name).read_text()
    again = toy.call(["fix", "--write", *words, name], folder)
    assert again.returncode == 0 and (folder / name).read_text() == new, "a second run changes nothing"
    return new


def loaded(folder: Path, source: str, *words: str) -> ModuleType:
    name = f"preserved_{next(numbers)}"
    fixed(folder, source, *words, name=f"{name}.py")
    return importlib.import_module(name)


@pytest.mark.parametrize(
    "words, after", [(["--keep-original"], KEPT), (FLAG, FLAGGED), ([*FLAG, "--keep-original"], FLAGGED)]
)
def test_what_is_written(folder: Path, words: list[str], after: str) -> None:
    assert fixed(folder, SOURCE, *words) == after


def test_the_diff_applies(folder: Path) -> None:
    for words in (["fix", *FLAG], ["fix", "--diff", *FLAG]):
        (folder / "a.py").write_bytes(SOURCE.replace("\n", "\r\n").encode())
        done = toy.call(words, folder)
        assert done.returncode == 1
        subprocess.run(["git", "apply", "-"], cwd=folder, input=done.out, check=True)
        assert (folder / "a.py").read_bytes() == FLAGGED.replace("\n", "\r\n").encode()


def test_each_commit_of_a_branch_is_whole(folder: Path) -> None:
    other = SOURCE.replace("double", "again")
    (folder / "a.py").write_text(f"{SOURCE}\n\n{other}")

    def git(*words: str) -> str:
        mine = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(["git", *mine, *words], cwd=folder, capture_output=True, text=True, check=True).stdout

    git("init", "-q", "-b", "main")
    git("config", "user.name", "a")
    git("config", "user.email", "a@b")
    git("add", ".")
    git("commit", "-qm", "first")
    done = toy.call(["fix", "--branch", "kept", "--keep-original"], folder)
    assert done.returncode == 0, done.stderr
    first, last = git("show", "kept~1:a.py"), git("show", "kept:a.py")
    assert "_original_double" in first and first.endswith(f"\n\n{other}")
    assert "_original_again" in last and "_original_double" in last
    done = toy.call(["fix", "--branch", "new", *FLAG], folder)
    assert done.returncode == 0, done.stderr
    assert git("rev-list", "--count", "main..new") == "1\n", "the flag is for both"
    last = git("show", "new:a.py")
    assert last.count("_original_again(xs)") == 2 and last.count("USE_VECTORIZED = ") == 1
    assert (folder / "a.py").read_text() == f"{SOURCE}\n\n{other}"


def test_once_for_several_loops(folder: Path) -> None:
    source = """
        def both(xs):
            a = []
            for x in xs:
                a.append(x * 2)
            b = []
            for y in a:
                b.append(y + 1)
            return a, b
    """
    new = fixed(folder, source, *FLAG)
    assert new.count("def _original_both") == 1 and new.count("if not USE_VECTORIZED") == 1
    assert textwrap.dedent(source).strip().replace("def both", "def _original_both") in new


def test_another_loop_in_a_later_run(folder: Path) -> None:
    """What stands beside the function is the function before the first rewrite."""
    first = fixed(folder, SOURCE, "--keep-original")
    more = first.replace("    return out\n", "    return out\n") + "\n\n" + SOURCE.replace("double", "triple")
    more = more.replace(
        "    out = [x * 2 for x in xs]\n    return out\n",
        "    out = [x * 2 for x in xs]\n    new = []\n    for y in out:\n        new.append(y)\n    return new\n",
    )
    new = fixed(folder, more, "--keep-original")
    assert new.count("def _original_double") == 1 and "new = [y for y in out]" in new
    assert KEPT.split("\n\n\n")[0] in new
    flagged = fixed(folder, new.replace("[y for y in out]", "[]\n    for y in out:\n        new.append(y)"), *FLAG)
    assert flagged.count("def _original_double") == 1
    assert flagged.count("if not USE_VECTORIZED:\n        return _original_double(xs)\n") == 1


@pytest.mark.parametrize(
    "source, where",
    [
        ("xs = [1]\nout = []\nfor x in xs:\n    out.append(x)\n", "at module level"),
        ("class A:\n    out = []\n    for x in [1]:\n        out.append(x)\n", "in the body of a class"),
        (
            "def f():\n    class A:\n        out = []\n        for x in [1]:\n            out.append(x)\n",
            "in the body of a class",
        ),
    ],
)
def test_what_stands_in_no_function_is_left_out(folder: Path, source: str, where: str) -> None:
    (folder / "a.py").write_text(f"{source}\n\n{SOURCE}")
    for option, words in (("--keep-original", ["--keep-original"]), ("--flag", FLAG)):
        done = toy.call(["fix", *words], folder)
        assert f"not offered: the loop stands {where}, and {option} keeps functions and methods" in done.stderr
        assert "1 proposal in 1 file" in done.stderr and b"_original_double" in done.out


def switched(module: ModuleType) -> Iterator[bool]:
    for value in (True, False):
        module.USE_VECTORIZED = value  # type: ignore[attr-defined]
        yield value


LOOP = """
    out = []
    for x in xs:
        out.append(x * 2)
"""


def body(indent: int, last: str = "return out") -> str:
    return textwrap.indent(LOOP + f"    {last}\n", " " * indent)


def test_arguments_docstring_and_pickling(folder: Path) -> None:
    module = loaded(
        folder,
        '''
def f(xs, /, a=[], *rest, key=3, **more):
    """Doc."""
'''
        + body(0, "a.append(1); return out, len(a), rest, key, more, inspect.stack()[0].function")
        + "\nimport inspect\n",
        *FLAG,
    )
    seen = []
    for _ in switched(module):
        seen.append(module.f([1], [], 5, 6, key=7, z=8))
        assert module.f.__doc__ == "Doc." and pickle.loads(pickle.dumps(module.f)) is module.f
        assert str(inspect.signature(module.f)) == "(xs, /, a=[], *rest, key=3, **more)"
    assert [s[-1] for s in seen] == ["f", "_original_f"] and seen[0][:-1] == seen[1][:-1]
    assert seen[0][:-1] == ([2], 1, (5, 6), 7, {"z": 8})
    module.USE_VECTORIZED = True
    module.f([1])
    module.USE_VECTORIZED = False
    assert module.f([1])[1] == 2, "one default for both"


def test_recursion_generators_and_coroutines(folder: Path) -> None:
    module = loaded(
        folder,
        "import contextlib\n\ncalls = []\n\n\ndef walk(xs, depth=2):\n"
        + body(0, "return walk(out, depth - 1) if depth else out")
        + "\n\ndef gen(xs):\n"
        + body(0, "got = yield from out\n    sent = yield 5\n    yield sent\n    return 9")
        + "\n\nasync def co(xs):\n"
        + body(0)
        + "\n\n@contextlib.contextmanager\ndef ctx(xs):\n"
        + body(0, "yield out"),
        *FLAG,
    )
    for _ in switched(module):
        assert module.walk([1]) == [8]
        made = module.gen([1])
        assert inspect.isgenerator(made)
        assert [next(made), next(made), made.send("s")] == [2, 5, "s"]
        with pytest.raises(StopIteration) as end:
            next(made)
        assert end.value.value == 9
        assert inspect.iscoroutinefunction(module.co) and asyncio.run(module.co([3])) == [6]
        with module.ctx([4]) as out:
            assert out == [8]


METHODS = (
    "import functools\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Base:\n    scale: int = 1\n\n"
    "    def plain(self, xs, *, __k=0):\n"
    + body(4, "return [*out, self.scale]").replace("__k", "k")
    + "\n    @staticmethod\n    def still(xs):\n"
    + body(4)
    + "\n    @classmethod\n    def made(cls, xs):\n"
    + body(4, "return cls.__name__, out")
    + "\n    @property\n    def prop(self):\n        xs = [self.scale]\n"
    + body(4)
    + "\n    @prop.setter\n    def prop(self, xs):\n"
    + body(4, "self.scale = out[0]")
    + "\n    @functools.lru_cache\n    def cached(self, xs):\n"
    + body(4)
    + "\n    def __len__(self):\n        xs = [1]\n"
    + body(4, "return len(out)")
    + "\n    __hash__ = object.__hash__\n\n    class Inner:\n        def deep(self, xs):\n"
    + body(8)
    + "\n\nclass Sub(Base):\n    def plain(self, xs, *, k=0):\n"
    + body(4, "return ['sub', *super().plain(out)]")
    + "\n    @classmethod\n    def made(cls, xs):\n"
    + body(4, "return super().made(out)")
).replace("__k", "k")


@pytest.mark.parametrize("words", [FLAG, ["--keep-original"]])
def test_methods(folder: Path, words: list[str]) -> None:
    module = loaded(folder, METHODS, *words)
    for _ in switched(module):
        made = module.Sub(3)
        assert made.plain([1]) == ["sub", 4, 3]
        assert module.Base.still([1]) == made.still([1]) == [2]
        assert module.Sub.made([1]) == ("Sub", [4]) and module.Base(1).made([1]) == ("Base", [2])
        assert made.prop == [6]
        made.prop = [4]
        assert made.scale == 8 and len(made) == 1
        assert made.cached((1,)) == [2]
        assert module.Base.Inner().deep([1]) == [2]
        assert pickle.loads(pickle.dumps(module.Sub.still)) is module.Sub.still
    assert module.Base._original_still([1]) == [2] and module.Sub._original_made([1])[0] == "Sub"
    assert module.Base._original_prop(made) == [16] and callable(module.Base._original_prop_2)


def test_what_is_no_decorator_of_the_copy(folder: Path) -> None:
    """Whatever registers a function must not see it twice."""
    source = "seen = []\n\n\ndef keep(f):\n    seen.append(f)\n    return f\n\n\n"
    module = loaded(folder, source + "# doubles\n@keep\ndef f(xs):\n" + body(0), "--keep-original")
    assert module.seen == [module.f]
    text = Path(str(module.__file__)).read_text()
    assert "\n\n\n# doubles\n@keep\ndef f(xs):\n" in text
    assert "# deloop: original of f, before its loops were rewritten\ndef _original_f(xs):\n" in text


def test_functions_inside_functions(folder: Path) -> None:
    module = loaded(
        folder,
        "def outer(xs):\n    total = 0\n\n    def inner():\n        nonlocal total\n"
        + body(4, "total += sum(out)")
        + "\n    inner()\n    return total\n",
        *FLAG,
    )
    for _ in switched(module):
        assert module.outer([1, 2]) == 6
    assert not hasattr(module, "_original_outer")


def test_a_name_that_is_taken(folder: Path) -> None:
    new = fixed(folder, f"_original_double = 1\n\n\n{SOURCE}", *FLAG)
    assert "def _original_double_2(xs):" in new and "return _original_double_2(xs)" in new


def test_tabs_docstrings_comments_and_long_headers(folder: Path) -> None:
    source = (
        "import sys\n\ndef f(\n\txs,  # the numbers\n"
        "\ta_rather_long_name_of_one=1, another_rather_long_name_of_it=2, and_one_more_name_of_it=3\n"
        ') -> "list[int]":  # (\n'
        '\t"""Doc."""\n\n\tout = []\n\tfor x in xs:\n\t\tout.append(x)\n\treturn out\n\t# the end\n'
    )
    new = fixed(folder, source, *FLAG)
    assert new.startswith("import os\nimport sys\n\n# Whether")
    assert new.count("\treturn out\n\t# the end\n") == 2 and new.count("# the numbers") == 2
    assert (
        '\t"""Doc."""\n\n\tif not USE_VECTORIZED:\n\t\treturn _original_f(\n\t\t\txs,\n'
        "\t\t\ta_rather_long_name_of_one,\n"
        "\t\t\tanother_rather_long_name_of_it,\n\t\t\tand_one_more_name_of_it,\n\t\t)\n\n\tout = [x for x in xs]\n"
    ) in new


def test_a_flag_of_another_module(folder: Path) -> None:
    (folder / "settings_of_all.py").write_text("FAST = True\n")
    module = loaded(folder, f"import math\n\n\n{SOURCE}", "--flag", "settings_of_all.FAST")
    assert "import math\n\nimport settings_of_all\n" in Path(str(module.__file__)).read_text()
    module._original_double = lambda xs: "old"  # type: ignore[attr-defined]
    assert module.double([1]) == [2]
    module.settings_of_all.FAST = False
    assert module.double([1]) == "old"


def test_a_constant_that_is_there(folder: Path) -> None:
    new = fixed(folder, f"from settings import USE_VECTORIZED\n\n\n{SOURCE}", *FLAG)
    assert "import os" not in new and "if not USE_VECTORIZED:" in new


def test_the_environment_decides(folder: Path) -> None:
    fixed(
        folder,
        SOURCE + "\n\n_original_double = lambda xs: 'old'\nprint(double([1]))\n".replace("_original_double", "x"),
        *FLAG,
    )
    code = "import a; print(a.USE_VECTORIZED)"
    for value, wanted in ((None, "True"), ("1", "True"), ("0", "False"), ("false", "False"), ("", "False")):
        env = {"PATH": "", **({} if value is None else {"USE_VECTORIZED": value})}
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=True
        )
        assert ran.stdout.split() == ["[2]", wanted]


@pytest.mark.parametrize(
    "source, why",
    [
        ("async def f(xs):\n" + body(0, "yield out"), "`f` is an async generator"),
        ("from numba import njit\n\n@njit\ndef f(xs):\n" + body(0), "`@njit` compiles `f`"),
        ("def g(c): return c\n\n@g\nclass A:\n    def f(self, xs):\n" + body(4), "`@g` may put something else"),
        ("class A:\n    def f(self, xs):\n" + body(4) + "A = A()\n", "`A` is bound more than once"),
        ("class __A:\n    def f(self, xs):\n" + body(4), "class `__A` has a private name"),
        ("def USE_VECTORIZED(): pass\n\ndef f(xs):\n" + body(0), "`USE_VECTORIZED` is no constant of this file"),
        ("def f(xs, USE_VECTORIZED):\n" + body(0), "`USE_VECTORIZED` is no constant of this file"),
        ("os = 1\n\ndef f(xs):\n" + body(0), "`os` is no module in this file"),
    ],
)
def test_what_cannot_be_switched_says_why(folder: Path, source: str, why: str) -> None:
    (folder / "a.py").write_text(source)
    done = toy.call(["fix", *FLAG], folder)
    assert (done.returncode, done.out) == (0, b"")
    assert f"not offered: {why}" in done.stderr and "--keep-original can keep it" in done.stderr
    assert b"_original_f" in toy.call(["fix", "--keep-original"], folder).out


@pytest.mark.parametrize("flag", ["1X", "a.", "", "if", "a b", "settings:X"])
def test_a_flag_that_is_no_name(folder: Path, flag: str) -> None:
    done = toy.call(["fix", "--flag", flag], folder)
    assert done.returncode == 2 and done.stderr.startswith(f"deloop: --flag: `{flag}` is no name;")


def test_the_real_command(folder: Path) -> None:
    """With the engine and the verifier as they are: a fixpoint, and the original fine with its reason."""
    source = """
        import pandas as pd


        def total(frame: pd.DataFrame) -> list[float]:
            out = []
            for _, row in frame.iterrows():
                out.append(row["a"] * row["b"])
            return out
    """
    file = folder / "real.py"
    file.write_text(textwrap.dedent(source))

    done = deloop(folder, "fix", "--unsafe", "--write", *FLAG, "real.py")
    assert done.returncode == 0, done.stderr
    new = file.read_text()
    assert new.count("def _original_total") == 1 and new.count("return _original_total(frame)") == 1
    for words in (FLAG, ["--keep-original"], []):
        again = deloop(folder, "fix", "--unsafe", "--write", *words, "real.py")
        assert again.returncode == 0 and file.read_text() == new, again.stderr
    checked = deloop(folder, "check", "--output-format", "json", "real.py")
    assert (
        '"status": "fine"' in checked.stdout
        and "stands in the original of `total`, which deloop kept" in checked.stdout
    )
    assert '"status": "proposal"' not in checked.stdout


def test_what_an_editor_or_a_file_head_has(folder: Path) -> None:
    """The first lines of a file, branches that define the same name, and a file without a last line end."""
    head = "#!/usr/bin/env python\n# coding: utf-8\n"
    loop = "out = []\n{0}for x in xs:\n{0}    out.append(x)\n{0}return out"
    one, two = (f"def f(xs):\n{i}{loop.format(i)}" for i in ("    ", "        "))
    new = fixed(folder, f"{head}{one}", *FLAG)
    assert new.startswith(f"{head}import os\n\n# Whether") and new.count("return _original_f(xs)") == 1
    new = fixed(folder, f"if len('a'):\n    {two}\nelse:\n    {two}\n", *FLAG)
    assert [new.count(f"return {name}(xs)\n") for name in ("_original_f", "_original_f_2")] == [1, 1]


@pytest.mark.parametrize("base", ["Protocol", "typing.Protocol[T]"])
def test_a_protocol_is_left_alone(folder: Path, base: str) -> None:
    """Another method of it would be asked for by `isinstance`."""
    (folder / "a.py").write_text(f"class A({base}):\n    def f(self, xs):\n{body(4)}")
    for words in (["--keep-original"], FLAG):
        done = toy.call(["fix", *words], folder)
        assert (done.returncode, done.out) == (0, b"")
        assert "not offered: a protocol would ask for one more method" in done.stderr


def test_the_innermost_function_decides(folder: Path) -> None:
    inner = textwrap.indent("async def f(xs):\n" + body(0, "yield out"), "    ")
    (folder / "a.py").write_text(f"def outer():\n{inner}    return f\n")
    done = toy.call(["fix", *FLAG], folder)
    assert done.out == b"" and "not offered: `f` is an async generator" in done.stderr
    inner = textwrap.indent("def f(xs):\n" + body(0), "    ")
    new = fixed(folder, f"async def outer():\n{inner}    yield f\n", *FLAG)
    assert "        if not USE_VECTORIZED:\n            return _original_f(xs)\n" in new
