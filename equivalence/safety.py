"""Which code around a region may be run with it: no files, network, processes or unknown modules."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from .names import FUNCTIONS, dotted, own_nodes, root_name

#: modules whose functions compute and do nothing else
PURE_MODULES = frozenset(
    [
        "abc",
        "array",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "numpy",
        "operator",
        "pandas",
        "random",
        "re",
        "scipy",
        "statistics",
        "string",
        "textwrap",
        "time",
        "types",
        "typing",
        "typing_extensions",
        "unicodedata",
        "zoneinfo",
        "__future__",
    ]
)
_UNSAFE_BUILTINS = frozenset(["open", "input", "exec", "eval", "compile", "breakpoint", "__import__", "exit", "quit"])
_UNSAFE_ATTRIBUTES = frozenset(
    [
        "to_csv",
        "to_parquet",
        "to_sql",
        "to_excel",
        "to_pickle",
        "to_hdf",
        "to_feather",
        "savefig",
        "tofile",
        "save",
        "savez",
        "savetxt",
        "dump",
        "write",
        "writelines",
        "write_text",
        "write_bytes",
        "unlink",
        "execute",
        "executemany",
        "commit",
        "send",
        "sendall",
        "recv",
        "connect",
        "urlopen",
        "mkdir",
        "read_text",
        "read_bytes",
        "sleep",
    ]
)
_MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "sort",
        "reverse",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "fill",
        "put",
        "resize",
        "appendleft",
        "popleft",
        "partition",
        "shuffle",
    ]
)


def reads_outside(name: str) -> bool:
    """Whether a module's function fetches data: `read_csv`, `loadtxt`, `genfromtxt`, `memmap`..."""
    return name.startswith(("read_", "load", "genfromtxt", "fromfile", "memmap", "fetch", "download"))


class Safety:
    """Judges statements of one module. `imports` maps local names to the dotted module names they stand for."""

    def __init__(self, imports: dict[str, str], functions: dict[str, ast.stmt]) -> None:
        self._imports = imports
        self._functions = functions
        self._known: dict[str, bool] = {}

    def safe(self, nodes: Iterable[ast.AST]) -> bool:
        """Whether running the code touches nothing but values."""
        return all(self._node(n) for n in own_nodes(nodes))

    def _node(self, node: ast.AST) -> bool:
        if isinstance(
            node, (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Global, ast.Nonlocal)
        ):
            return False
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return _import_is_pure(node)
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            return True
        return self._call(node.func) if isinstance(node, ast.Call) else True

    def _call(self, func: ast.expr) -> bool:
        name = dotted(func)
        root = root_name(func) or ""
        if root in self._imports:
            module = self._imports[root] + name[len(root) :]
            return module.split(".")[0] in PURE_MODULES and not reads_outside(module.rsplit(".", 1)[-1])
        if isinstance(func, ast.Attribute):
            return func.attr not in _UNSAFE_ATTRIBUTES
        if isinstance(func, ast.Name) and func.id in self._functions:
            return self._function(func.id)
        return not (isinstance(func, ast.Name) and func.id in _UNSAFE_BUILTINS and hasattr(builtins, func.id))

    def _function(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = True  # a recursive call decides nothing
            node = self._functions[name]
            self._known[name] = isinstance(node, ast.ClassDef) or self.safe(getattr(node, "body", []))
        return self._known[name]


def _import_is_pure(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").split(".")[0] in PURE_MODULES
    return all(alias.name.split(".")[0] in PURE_MODULES for alias in node.names)


def changed(stmt: ast.stmt) -> set[str]:
    """Names whose object the statement may change in place: stores into them and calls of mutating methods."""
    found: set[str | None] = set()
    for node in own_nodes([stmt]):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            found.add(root_name(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inplace = any(k.arg == "inplace" for k in node.keywords)
            if inplace or node.func.attr in _MUTATORS:
                found.add(root_name(node.func))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= {root_name(a) for a in node.value.args}
    return {n for n in found if n}
