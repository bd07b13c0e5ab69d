"""The switch between a function and its original: the flag, the call that hands the arguments on, what forbids it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..sources.positions import Positions, first_line, last_line
from .originals import Function

#: Decorators that compile a function or read its source: what is switched there is not a plain call any more.
COMPILED = frozenset({"jit", "njit", "vectorize", "guvectorize", "stencil", "script", "compile", "function"})
#: Decorators after which the name of a class still is the class.
CLASS_DECORATORS = frozenset({"dataclass", "total_ordering", "final", "runtime_checkable", "define", "frozen", "s"})
WIDTH = 100


@dataclass(frozen=True)
class Place:
    """A function with the block that it stands in, the functions and classes around it, and its path of names."""

    function: Function
    block: list[ast.stmt]
    around: tuple[ast.AST, ...]
    path: str

    def holds(self, lines: tuple[int, int]) -> bool:
        """Whether the lines are in the function's body."""
        return first_line(self.function.body[0]) <= lines[0] and lines[1] <= last_line(self.function)

    @property
    def classes(self) -> list[ast.ClassDef]:
        """The classes that the function is a method of, outermost first; none for a plain function."""
        found: list[ast.ClassDef] = []
        for node in reversed(self.around):
            if not isinstance(node, ast.ClassDef):
                break
            found.insert(0, node)
        return found


@dataclass(frozen=True)
class Flag:
    """What decides at run time: a name of the file, or with a module (`settings`) a name of that one."""

    name: str
    module: str = ""

    @property
    def text(self) -> str:
        """How it is read."""
        return f"{self.module}.{self.name}" if self.module else self.name

    @property
    def root(self) -> str:
        """The name of the file that it starts with."""
        return self.text.partition(".")[0]

    def constant(self) -> str:
        """Its definition for a file that has none."""
        return (
            f"# Whether the rewritten functions run; {self.name}=0 in the environment brings the originals back.\n"
            f'{self.name} = os.environ.get("{self.name}", "1").lower() not in ("", "0", "false", "no", "off")\n'
        )

    def bound(self, tree: ast.Module) -> bool:
        """Whether the file itself gives it a value or imports it, at its top level."""
        return any(_gives(stmt, self.name) for stmt in tree.body)


def _gives(stmt: ast.stmt, name: str) -> bool:
    match stmt:
        case ast.Assign(targets=[ast.Name(id=found)]) | ast.AnnAssign(target=ast.Name(id=found), value=ast.expr()):
            return found == name
        case ast.ImportFrom(names=names):
            return any((alias.asname or alias.name) == name for alias in names)
    return False


def obstacle_to_switch(flag: Flag, spots: Positions, tree: ast.Module, place: Place) -> str | None:
    """Why a function can't be switched; None when it can."""
    function = place.function
    name = function.name
    if isinstance(function, ast.AsyncFunctionDef) and _yields(function):
        return f"`{name}` is an async generator, which can't pass everything on to another one"
    body = function.body[1:] if has_doc(function) else function.body
    if body and body[0].lineno in {function.lineno, last_line(function.body[0]) if has_doc(function) else 0}:
        return f"`{name}` starts on the line of its header or docstring"
    if body and not spots.line(first_line(body[0]))[: body[0].col_offset].isspace():
        return f"the first statement of `{name}` shares its line"
    if compiled := next((d for d in function.decorator_list if _last_name(d) in COMPILED), None):
        return f"`@{ast.unparse(compiled)}` compiles `{name}`"
    if any(a.arg.startswith("__") and not a.arg.endswith("__") for a in function.args.kwonlyargs) and place.classes:
        return f"`{name}` has a keyword with a private name"
    return _obstacle_of_flag(flag, tree) or _obstacle_of_classes(place, tree)


def _obstacle_of_flag(flag: Flag, tree: ast.Module) -> str | None:
    imports = [f"import {flag.module}"] if flag.module else []
    if flag.module:
        others = [b for b in _binders(tree, flag.root) if not _imports(b, flag.root)]
        return f"`{flag.root}` means something else in this file than in `{imports[0]}`" if others else None
    binders = list(_binders(tree, flag.name))
    if binders and not (flag.bound(tree) and all(any(b is n for s in tree.body for n in _own(s)) for b in binders)):
        return f"`{flag.name}` is no constant of this file"
    if not binders and any(not _imports(b, "os") for b in _binders(tree, "os")):
        return "`os` is no module in this file"
    return None


def _own(stmt: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement that may bind a name of the module."""
    if isinstance(stmt, Function | ast.ClassDef):
        return []
    return list(ast.walk(stmt))


def _obstacle_of_classes(place: Place, tree: ast.Module) -> str | None:
    for cls in place.classes:
        if cls.name.startswith("__"):
            return f"class `{cls.name}` has a private name"
        if other := next((d for d in cls.decorator_list if _last_name(d) not in CLASS_DECORATORS), None):
            return f"`@{ast.unparse(other)}` may put something else in place of class `{cls.name}`"
    if place.classes and len(list(_binders(tree, place.classes[0].name))) > 1:
        return f"`{place.classes[0].name}` is bound more than once in this file"
    return None


def _binders(tree: ast.AST, name: str) -> Iterator[ast.AST]:
    """All that gives a name a meaning, in whatever scope."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=found, ctx=ast.Store() | ast.Del()) | ast.arg(arg=found):
                bound = found == name
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                bound = found == name
            case ast.alias():
                bound = (node.asname or node.name.partition(".")[0]) == name
            case ast.ExceptHandler(name=found) | ast.MatchAs(name=found) | ast.MatchStar(name=found):
                bound = found == name
            case ast.MatchMapping(rest=found):
                bound = found == name
            case _:
                continue
        if bound:
            yield node


def _imports(node: ast.AST, module: str) -> bool:
    return isinstance(node, ast.alias) and node.asname is None and node.name.partition(".")[0] == module


def _last_name(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_protocol(cls: ast.ClassDef) -> bool:
    """Whether all methods of a class are what others have to have."""
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in cls.bases)
    return any(_last_name(base) == "Protocol" for base in bases)


def has_doc(function: Function) -> bool:
    """Whether the function has a docstring."""
    return ast.get_docstring(function, clean=False) is not None


def _yields(function: Function) -> bool:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(node)
    return False


def call_of(place: Place, name: str, indent: str, unit: str) -> str:
    """The line or lines that return what the original makes of the same arguments."""
    function = place.function
    target = ".".join([*(cls.name for cls in place.classes), name])
    if place.classes and any(isinstance(d, ast.Name) and d.id == "classmethod" for d in function.decorator_list):
        target += ".__func__"  # called with the class that the function got, which may be a subclass
    words = list(_arguments(function.args))
    before, after = ("await ", "") if isinstance(function, ast.AsyncFunctionDef) else ("", "")
    if _yields(function):
        before, after = "(yield from ", ")"
    line = f"{indent}return {before}{target}({', '.join(words)}){after}\n"
    if len(line) <= WIDTH:
        return line
    return f"{indent}return {before}{target}(\n{_column(words, indent + unit)}{indent}){after}\n"


def _column(words: Sequence[str], indent: str) -> str:
    return "".join(f"{indent}{word},\n" for word in words)


def _arguments(args: ast.arguments) -> Iterator[str]:
    yield from (arg.arg for arg in (*args.posonlyargs, *args.args))
    if args.vararg is not None:
        yield f"*{args.vararg.arg}"
    yield from (f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs)
    if args.kwarg is not None:
        yield f"**{args.kwarg.arg}"
