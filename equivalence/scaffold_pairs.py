"""The two versions of a scaffold as code: whole functions, the new one imported; or the outlined loop twice."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..loops.obligations import Obligation
from .liveness import read_first
from .model import Trial
from .names import FUNCTIONS, OPEN, loads, stores
from .outline import Outline
from .preamble import Chunk, ModuleNames
from .regions import CannotOutline, locate
from .scaffold_imports import Importable, package_root
from .scaffold_model import Change, NoScaffold, Pair, Subject
from .scaffold_source import Excerpts

_CALL = "__deloop_call__"


@dataclass(frozen=True)
class Whole:
    """A function that a test can import and call: a module's own, or a method of one of its classes."""

    node: ast.FunctionDef
    owner: ast.ClassDef | None = None

    @property
    def name(self) -> str:
        return f"{self.owner.name}.{self.node.name}" if self.owner else self.node.name

    @property
    def role(self) -> str:
        """How it is bound: "function", "method", "classmethod" or "staticmethod"."""
        if self.owner is None:
            return "function"
        decorators = {d.id for d in self.node.decorator_list if isinstance(d, ast.Name)}
        return next((d for d in ("classmethod", "staticmethod") if d in decorators), "method")

    @property
    def arguments(self) -> tuple[list[str], list[str]]:
        """Names of the parameters to pass by position and by keyword; `*args` and `**kwargs` get nothing."""
        a = self.node.args
        plain = [p.arg for p in [*a.posonlyargs, *a.args]]
        return (plain[1:] if self.role == "classmethod" else plain), [p.arg for p in a.kwonlyargs]


def enclosing_function(trial: Trial) -> Whole | None:
    """The importable function that the region of a trial stands in; None when it stands in no such function."""
    try:
        place = locate(ast.parse(trial.before), trial.before_lines)
    except (CannotOutline, SyntaxError, ValueError, RecursionError):
        return None
    owners = place.enclosing
    if not owners or place.scope is not owners[-1] or not isinstance(owners[-1], ast.FunctionDef):
        return None
    bodies = [s.owner for s in place.steps[:-1] if not isinstance(s.owner, (ast.Module, *FUNCTIONS, ast.ClassDef))]
    if any(owners[-1] in ast.walk(b) for b in bodies):
        return None  # defined under a condition
    if len(owners) == 1:
        return Whole(owners[-1])
    return Whole(owners[-1], owners[0]) if len(owners) == 2 and isinstance(owners[0], ast.ClassDef) else None


def find_function(tree: ast.Module, name: str) -> Whole | None:
    """The only function of this qualified name at the top of a module or of one of its classes."""
    *outer, last = name.split(".")
    bodies: list[tuple[ast.ClassDef | None, list[ast.stmt]]] = [(None, tree.body)]
    for word in outer:
        bodies = [(c, c.body) for _, body in bodies for c in body if isinstance(c, ast.ClassDef) and c.name == word]
    found = [
        Whole(s, owner) for owner, body in bodies for s in body if isinstance(s, ast.FunctionDef) and s.name == last
    ]
    return found[0] if len(found) == 1 and len(outer) < 2 else None


def whole_trial(subject: Subject, whole: Whole) -> Trial:
    """A trial that calls the function, in the file as it was read and as it will be."""
    before, lines = _with_call(subject.original, whole.name)
    after, after_lines = _with_call(subject.final, whole.name)
    stored = stores(whole.node.body)
    names = {n for part in whole.arguments for n in part} - stored
    hints = {k: v for c in subject.changes for k, v in c.trial.hints.items() if k in names}
    tolerances = [c.tolerance for c in subject.changes if c.tolerance is not None]
    named: tuple[Obligation, ...] = (*subject.obligations, *subject.granted)
    return Trial("whole", before, after, lines, after_lines, named, hints, max(tolerances, default=None))


def _with_call(text: str, name: str) -> tuple[str, tuple[int, int]]:
    """The text with a function behind that one that calls it, and the line of the call."""
    whole = find_function(ast.parse(text), name)
    if whole is None:
        raise NoScaffold(f"{name} is not there once")
    node = whole.node
    indent = " " * node.col_offset
    plain, keywords = whole.arguments
    bound = {"function": "", "method": f"{plain[0] if plain else ''}.", "classmethod": "cls.", "staticmethod": ""}
    owner = bound[whole.role] if whole.role != "staticmethod" or whole.owner is None else f"{whole.owner.name}."
    given = plain[1:] if whole.role == "method" else plain
    call = f"{owner}{node.name}({', '.join([*given, *(f'{k}={k}' for k in keywords)])})"
    arguments = ast.arguments(
        node.args.posonlyargs,
        node.args.args,
        None,
        node.args.kwonlyargs,
        node.args.kw_defaults,
        None,
        node.args.defaults,
    )
    header = ["@" + whole.role] if whole.role in ("classmethod", "staticmethod") else []
    made = [*header, f"def {_CALL}({ast.unparse(arguments)}):", f"    return {call}"]
    rows = text.split("\n")
    end = node.end_lineno or node.lineno
    if indent and rows[node.lineno - 1][: node.col_offset].strip(" "):
        raise NoScaffold("the class is indented with tabs")
    rows[end:end] = [indent + line for line in made]
    return "\n".join(rows), (end + len(made), end + len(made))


def whole_pair(subject: Subject, whole: Whole, outline: Outline, importable: Importable) -> Pair:
    """The original function kept in the test, the new one imported from the user's file."""
    if OPEN in outline.global_data:
        raise NoScaffold("it opens a file")
    if outline.global_data:
        raise NoScaffold(f"it needs the module's {', '.join(outline.global_data)}")
    names = ModuleNames(ast.parse(subject.original))
    excerpts = Excerpts(subject.original, names)
    imports, preamble, own = [], [], ""
    top = whole.owner.name if whole.owner else whole.node.name
    for chunk in _without_call(outline.before.chunks):
        if _is_import(chunk):
            imports.append(_absolute(chunk.code, subject.path))
        elif top in chunk.names:
            own = excerpts.chunk(chunk)
        else:
            preamble.append(excerpts.chunk(chunk))
    if not own:
        raise NoScaffold("its definition is not plain")
    old_name = f"_original_{whole.node.name}"
    own = _as_original(own, whole, old_name)
    plain, keywords = whole.arguments
    folder = subject.target.parent.resolve()
    roots = [_relative(r, folder) for r in importable.roots_for(subject.path)]
    more = f", roots={roots!r}".replace("'", '"') if roots else ""
    return Pair(
        imports=tuple(imports),
        load=f'module = testing.load("{_relative(subject.path.resolve(), folder)}", __file__{more})',
        preamble=tuple(preamble),
        old=own,
        new="",
        old_name=old_name,
        new_name=f"module.{whole.name}",
        parameters=(*plain, *keywords),
        keywords=tuple(keywords),
        defined=frozenset({n for c in outline.before.chunks for n in c.names}),
    )


def _as_original(own: str, whole: Whole, old_name: str) -> str:
    """A function under its new name; a method in its class, with the new name for it behind."""
    alone = whole.owner is None and whole.node.name not in loads(whole.node.body)
    if alone:
        pattern = rf"^(\s*def\s+){re.escape(whole.node.name)}\b"
        return re.sub(pattern, rf"\g<1>{old_name}", own, count=1, flags=re.MULTILINE)
    return f"{own}\n\n\n{old_name} = {whole.name}"


def _without_call(chunks: Iterable[Chunk]) -> list[Chunk]:
    """The pieces without the function that only makes the call."""
    found = []
    for chunk in chunks:
        tree = ast.parse(chunk.code)
        first = tree.body[0]
        if isinstance(first, ast.ClassDef):
            kept = [s for s in first.body if not (isinstance(s, ast.FunctionDef) and s.name == _CALL)]
            first.body = kept or [ast.Pass()]
            chunk = replace(chunk, code=ast.unparse(tree))
        found.append(chunk)
    return found


def outlined_pair(subject: Subject, change: Change, outline: Outline) -> Pair:
    """Both versions of the loop's surroundings as functions of the test file."""
    before, after = (ModuleNames(ast.parse(text)) for text in (change.trial.before, change.trial.after))
    old_text, new_text = Excerpts(change.trial.before, before), Excerpts(change.trial.after, after)
    inside = stores([*outline.prologue, *outline.before.statements, *outline.after.statements])
    helpers = _helpers(outline.before.chunks, inside)
    _check(outline, helpers)
    imports = [
        _absolute(c.code, subject.path) for c in [*outline.before.chunks, *outline.after.chunks] if _is_import(c)
    ]
    known = {c.code for c in helpers}
    preamble = [old_text.chunk(c) for c in helpers]
    preamble += [new_text.chunk(c) for c in _helpers(outline.after.chunks, inside) if c.code not in known]
    stem = _stem(subject)
    versions = (outline.before.statements, outline.after.statements)
    used = {n for v in versions for n in read_first([*outline.prologue, *v])} | set(outline.results)
    given = tuple(n for n in (*outline.parameters, *outline.global_data) if n in used)
    sources = (
        _function(f"_original_{stem}", given, outline.prologue, outline.before.statements, old_text, old_text, outline),
        _function(f"_rewritten_{stem}", given, outline.prologue, outline.after.statements, old_text, new_text, outline),
    )
    return Pair(
        imports=tuple(dict.fromkeys(imports)),
        load="",
        preamble=tuple(preamble),
        old=sources[0],
        new=sources[1],
        old_name=f"_original_{stem}",
        new_name=f"_rewritten_{stem}",
        parameters=given,
        defined=frozenset({n for c in [*outline.before.chunks, *outline.after.chunks] for n in c.names}),
    )


def _helpers(chunks: Sequence[Chunk], inside: set[str]) -> list[Chunk]:
    """What the versions need from the module, without what they compute themselves."""
    found = [c for c in chunks if not _is_import(c)]
    read = {n for c in found if _is_callable(c) for n in loads(ast.parse(c.code))}
    return [c for c in found if _is_callable(c) or not set(c.names) <= inside - read]


def _own(helpers: Sequence[Chunk]) -> set[str]:
    """The helpers' own names."""
    return {n for c in helpers if _is_callable(c) for n in c.names}


def _is_callable(chunk: Chunk) -> bool:
    return isinstance(ast.parse(chunk.code).body[0], (*FUNCTIONS, ast.ClassDef))


def _check(outline: Outline, helpers: Sequence[Chunk]) -> None:
    both = [*outline.before.statements, *outline.after.statements]
    given = {*outline.parameters, *outline.global_data}
    shared = given & {n for c in helpers for n in loads(ast.parse(c.code))}
    written = stores([*outline.before.statements, *outline.after.statements])
    shared |= written & {n for c in helpers if _is_callable(c) for n in loads(ast.parse(c.code))} - _own(helpers)
    if shared:
        raise NoScaffold(f"a helper reads {', '.join(sorted(shared))}, which the code around the loop sets")
    if any(isinstance(n, ast.Attribute) and re.match(r"__\w*[^_]_?$", n.attr) for s in both for n in ast.walk(s)):
        raise NoScaffold("the loop uses private names (`__x`) of its class")


def _function(
    name: str,
    given: Sequence[str],
    prologue: Sequence[ast.stmt],
    statements: Sequence[ast.stmt],
    old: Excerpts,
    new: Excerpts,
    outline: Outline,
) -> str:
    """One version as a function that returns what is used after the loop."""
    jumps = any(_leaves_loop(s, False) for s in statements)
    lines = [f"def {name}({', '.join(given)}):"]
    for stmt in prologue:
        lines.append(_prologue(stmt, old))
    if jumps:
        lines.append("    for _ in (None,):  # stands for the loop around, which the code may leave")
    if statements:
        lines.append(new.statements(statements, 2 if jumps else 1))
    elif jumps:
        lines.append("        pass")
    lines += _returned(outline.results, given, [*prologue, *statements])
    return "\n".join(lines)


def _prologue(stmt: ast.stmt, old: Excerpts) -> str:
    if hasattr(stmt, "lineno"):
        return old.statements([stmt], 1)
    assert isinstance(stmt, ast.If)
    return f"    if {ast.unparse(stmt.test)}:\n        return None  # the loop is not reached"


def _returned(results: Sequence[str], given: Sequence[str], statements: Sequence[ast.stmt]) -> list[str]:
    sure = set(given) | _surely_bound(statements)
    if not results:
        return ["    return None"]
    if all(r in sure for r in results):
        values = ", ".join(f'"{r}": {r}' for r in results)
        return [f"    return {{{values}}}"]
    names = ", ".join(f'"{r}"' for r in results) + ("," if len(results) == 1 else "")
    return ["    found = locals()", f"    return {{name: found[name] for name in ({names}) if name in found}}"]


def _surely_bound(statements: Sequence[ast.stmt]) -> set[str]:
    plain = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, *FUNCTIONS)
    return {n for s in statements if isinstance(s, plain) and getattr(s, "value", s) is not None for n in stores(s)}


def _leaves_loop(node: ast.AST, inside: bool) -> bool:
    """Whether a `break` or `continue` in the statement belongs to a loop around it."""
    if isinstance(node, (ast.Break, ast.Continue)):
        return not inside
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
        return False
    if isinstance(node, (ast.For, ast.While, ast.AsyncFor)):
        return any(_leaves_loop(s, True) for s in node.body) or any(_leaves_loop(s, inside) for s in node.orelse)
    return any(_leaves_loop(child, inside) for child in ast.iter_child_nodes(node))


def _stem(subject: Subject) -> str:
    last = subject.function.split(".")[-1]
    return last if last.isidentifier() else "loop"


def _is_import(chunk: Chunk) -> bool:
    return isinstance(ast.parse(chunk.code).body[0], (ast.Import, ast.ImportFrom))


def _absolute(code: str, path: Path) -> str:
    """An import as another file has to write it: relative ones from the package on."""
    node = ast.parse(code).body[0]
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return code
    root = package_root(path.resolve())
    package = list(path.resolve().parent.relative_to(root).parts)
    if len(package) < node.level - 1 or not package:
        raise NoScaffold(f"`{code}` needs a package")
    base = package[: len(package) - node.level + 1]
    module = ".".join([*base, *([node.module] if node.module else [])])
    return ast.unparse(ast.ImportFrom(module, node.names, 0))


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return path.as_posix()


def reserved(pair: Pair) -> set[str]:
    """Names that the user's code gives another meaning than the test file does."""
    return set(pair.defined) & {
        "EDGES",
        "RECORDED",
        "SMALLEST",
        "list",
        "locals",
        "module",
        "print",
        "pytest",
        "testing",
        "typical",
    }
