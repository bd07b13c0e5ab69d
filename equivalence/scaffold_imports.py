"""Can a test import a file of the user? Told from the text alone: nothing is imported to find out."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from ..sources.files import SourceError, parse, read_source
from .names import dotted, root_name
from .preamble import ModuleNames

_SEARCH = (
    "import importlib.util as u, json, sys; print(json.dumps([n for n in sys.argv[1:] if u.find_spec(n) is None]))"
)
_SETTINGS = (
    "warnings.", "logging.", "pandas.set_option", "pandas.options", "numpy.seterr", "numpy.set_printoptions",
    "numpy.random.seed", "random.seed", "sys.path.", "sys.setrecursionlimit", "matplotlib.use",
    "matplotlib.pyplot.style", "seaborn.set", "locale.setlocale", "decimal.getcontext",
)  # fmt: skip


class Importable:
    """Judges files of one project. `roots` are the folders that modules of it are imported from."""

    def __init__(self, python: str, roots: Sequence[Path] = ()) -> None:
        self._python = python
        self._roots = [r.resolve() for r in roots]
        self._known: dict[Path, str] = {}
        self._used: set[Path] = set()

    def problem(self, path: Path) -> str:
        """Why importing the file would fail or run a script; "" when it can be imported."""
        return self._module(path.resolve())

    def roots_for(self, path: Path) -> list[Path]:
        """The folders beside its own that the file's imports need, after `problem` found none."""
        own = package_root(path.resolve())
        return sorted(self._used - {own})

    def _module(self, path: Path) -> str:
        if path not in self._known:
            self._known[path] = ""  # modules that import one another decide nothing
            try:
                tree = parse(read_source(path))
                self._known[path] = self._packages(path) or self._tree(tree, path)
            except (SourceError, RecursionError) as problem:
                self._known[path] = f"{path.name} can't be read ({problem})"
        return self._known[path]

    def _packages(self, path: Path) -> str:
        """The `__init__.py` files that are run on the way."""
        first = path.parent / "__init__.py"
        return self._module(first) if first.is_file() and first != path else ""

    def _tree(self, tree: ast.Module, path: Path) -> str:
        names = ModuleNames(tree)
        for stmt in tree.body:
            if why := self._statement(stmt, names, path):
                return why
        return ""

    def _statement(self, stmt: ast.stmt, names: ModuleNames, path: Path) -> str:
        where = f"line {stmt.lineno} of {path.name}"
        match stmt:
            case ast.Import() | ast.ImportFrom():
                return self._imports(stmt, path)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Pass():
                return ""
            case ast.Expr(value=ast.Constant()):
                return ""
            case ast.Expr(value=ast.Call(func=func)) if _is_setting(func, names.imports):
                return ""
            case ast.If(test=test) if _never_on_import(test):
                return ""
            case ast.If():
                inner = [*stmt.body, *stmt.orelse]
                return next((w for s in inner if (w := self._statement(s, names, path))), "")
            case ast.Try():
                return self._try(stmt, names, path)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if names.safety.safe([stmt]):
                return ""
        return f"importing it would run {where}"

    def _try(self, stmt: ast.Try, names: ModuleNames, path: Path) -> str:
        """A `try` around imports may fail: its handlers are there for that."""
        guarded = [s for s in stmt.body if not isinstance(s, (ast.Import, ast.ImportFrom))]
        inner = [*guarded, *(s for h in stmt.handlers for s in h.body), *stmt.orelse, *stmt.finalbody]
        for one in inner:
            if isinstance(one, ast.Raise):
                continue
            if why := self._statement(one, names, path):
                return why
        return ""

    def _imports(self, stmt: ast.Import | ast.ImportFrom, path: Path) -> str:
        if isinstance(stmt, ast.ImportFrom) and stmt.level:
            base = path.parent
            if not (base / "__init__.py").is_file():
                return f"its import on line {stmt.lineno} needs a package, and {path.parent.name} is none"
            for _ in range(stmt.level - 1):
                base = base.parent
            modules = [stmt.module] if stmt.module else [a.name for a in stmt.names]
            return next((w for m in modules if (w := self._local(base, m.split("."), bool(stmt.module)))), "")
        modules = [stmt.module or ""] if isinstance(stmt, ast.ImportFrom) else [a.name for a in stmt.names]
        for module in modules:
            if why := self._absolute(module, path):
                return why
        return ""

    def _absolute(self, module: str, path: Path) -> str:
        top = module.split(".")[0]
        if top in sys.stdlib_module_names:
            return ""
        for root in dict.fromkeys([package_root(path), *self._roots, *(r / "src" for r in self._roots)]):
            if (root / f"{top}.py").is_file() or ((root / top).is_dir() and _has_modules(root / top)):
                self._used.add(root)
                return self._local(root, module.split("."), True)
        return f"it imports {top}, which is not installed" if top in missing(self._python, (top,)) else ""

    def _local(self, base: Path, parts: list[str], must: bool) -> str:
        found = base.joinpath(*parts)
        file = found.with_name(found.name + ".py")
        if file.is_file():
            return self._module(file)
        if (found / "__init__.py").is_file():
            return self._module(found / "__init__.py")
        return "" if found.is_dir() or not must else f"it imports {'.'.join(parts)}, which is not there"


def package_root(path: Path) -> Path:
    """The folder that the module in a file is imported from."""
    root = path.parent
    while (root / "__init__.py").is_file() and root.parent != root:
        root = root.parent
    return root


@cache
def missing(python: str, names: tuple[str, ...]) -> frozenset[str]:
    """Which of these top-level modules the interpreter doesn't have."""
    try:
        done = subprocess.run(
            [python, "-s", "-P", "-c", _SEARCH, *names], capture_output=True, text=True, timeout=60, check=True
        )
        return frozenset(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return frozenset(names)


def _has_modules(folder: Path) -> bool:
    return any(folder.glob("*.py"))


def _never_on_import(test: ast.expr) -> bool:
    """`__name__ == "__main__"` and `TYPE_CHECKING`."""
    names: Iterable[str] = (dotted(n) for n in ast.walk(test))
    return any(n == "__name__" or n.split(".")[-1] == "TYPE_CHECKING" for n in names)


def _is_setting(func: ast.expr, imports: dict[str, str]) -> bool:
    """Calls that only set something up: filters, options, seeds."""
    name, root = dotted(func), root_name(func) or ""
    return (imports.get(root, root) + name[len(root) :]).startswith(_SETTINGS) if name else False
