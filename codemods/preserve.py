"""Keeps the functions as they were beside the rewritten ones, and puts a switch between both.

It works on the whole file before and after its rewrites: for each function that changed, the lines that it had go above
it under another name, and with a flag the rewritten one hands its arguments to them when the flag is off.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..loops.walk import walk
from ..sources.positions import Positions, first_line, last_line, positions
from .originals import PREFIX, Function, kept_for, mark, original_of
from .place_imports import constant_edit, import_edits, missing_imports
from .place_region import blocks_of
from .switch import Flag, Place, call_of, has_doc, is_protocol, obstacle_to_switch

TextEdit = tuple[int, int, str]
#: What is needed to call the copy as the function is called; all else (registrations, caches) stays with the function.
KEPT_DECORATORS = ("staticmethod", "classmethod")


@dataclass(frozen=True)
class Preserve:
    """What is kept of rewritten functions: the original, and with a flag also a switch between both at run time."""

    flag: Flag | None = None

    @property
    def option(self) -> str:
        """The option of the command line that asks for it."""
        return "--flag" if self.flag else "--keep-original"

    def obstacle(self, text: str, tree: ast.Module, lines: tuple[int, int]) -> str | None:
        """Why the function around some lines can't be kept; None when it can."""
        around = [place for place in places(tree) if place.holds(lines)]
        classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and _within(lines, n)]
        if not around or (classes and first_line(around[-1].function) < max(first_line(c) for c in classes)):
            where = "in the body of a class" if classes else "at module level"
            return (
                f"the loop stands {where}, and {self.option} keeps functions and methods: "
                "put it into one, or run without the option"
            )
        if any(is_protocol(cls) for cls in around[-1].classes):
            return f"a protocol would ask for one more method, so {self.option} can't keep the original in it"
        if self.flag is None:
            return None
        why = obstacle_to_switch(self.flag, positions(text), tree, around[-1])
        return f"{why}, so {self.option} can't switch it; --keep-original can keep it" if why else None

    def edits(self, before: str, after: str) -> list[TextEdit]:
        """What has to be inserted into the text after the rewrites, in order."""
        return _Keeper(self.flag, before, after).edits()


def places(tree: ast.Module) -> list[Place]:
    """All functions of a file in their order."""
    return list(_places(tree, tree.body, (), ""))


def _places(parent: ast.AST, block: list[ast.stmt], around: tuple[ast.AST, ...], path: str) -> Iterator[Place]:
    for stmt in block:
        name = f"{path}.{stmt.name}" if isinstance(stmt, Function | ast.ClassDef) else path
        if isinstance(stmt, Function):
            yield Place(stmt, block, around, name)
        scope = (*around, stmt) if isinstance(stmt, Function | ast.ClassDef) else around
        for inner in blocks_of(stmt):
            yield from _places(stmt, inner, scope, name)


def _within(lines: tuple[int, int], node: ast.ClassDef) -> bool:
    return first_line(node.body[0]) <= lines[0] and lines[1] <= last_line(node)


@dataclass
class _Keeper:
    """One file before and after its rewrites."""

    flag: Flag | None
    before: str
    after: str
    taken: dict[int, set[str]] = field(default_factory=dict)  # by the scope's node, the names that copies got

    def __post_init__(self) -> None:
        self.old, self.new = ast.parse(self.before), ast.parse(self.after)
        self.was, self.spots = positions(self.before), positions(self.after)

    def edits(self) -> list[TextEdit]:
        copies, checks = [], []
        for old, new in self.changed():
            kept = original_of(self.spots, new.block, new.function)
            name = kept.name if kept is not None else self.fresh(new)
            if kept is None:
                copies.append(self.copy(old, new, name))
            if self.flag is not None and not _switched(new.function, name):
                checks.append(self.check(new, name))
        found = [*(self.definition() if checks else ()), *copies, *checks]
        return sorted(found, key=lambda edit: edit[:2])  # stable: what defines the flag stays first

    def changed(self) -> Iterator[tuple[Place, Place]]:
        """The functions whose own code changed, before and after; those inside another of these go with it."""
        olds = _by_path(places(self.old))
        gone: set[int] = set()
        for key, new in _by_path(places(self.new)).items():
            old = olds.get(key)
            covered = any(id(node) in gone or self.is_kept(node) for node in new.around)
            if old is None or covered or _own(old.function) == _own(new.function):
                continue
            gone.add(id(new.function))
            yield old, new

    def is_kept(self, node: ast.AST) -> bool:
        return kept_for(self.spots, node) is not None

    def fresh(self, place: Place) -> str:
        """A name for the copy that nothing in its reach has."""
        scope = place.around[-1] if place.around else self.new
        names = self.taken.setdefault(id(scope), _names_of(scope, self.new))
        wish = name = f"{PREFIX}{place.function.name}"
        number = 2
        while name in names:
            name, number = f"{wish}_{number}", number + 1
        names.add(name)
        return name

    def copy(self, old: Place, new: Place, name: str) -> TextEdit:
        spots, function = self.was, old.function
        start, end = spots.line_start(first_line(function)), spots.line_start(_end_line(spots, function) + 1)
        at = _name_offset(spots, function)
        text = self.before[spots.line_start(function.lineno) : at] + name + self.before[at + len(function.name) : end]
        text = text if text.endswith("\n") else text + "\n"
        indent = self.before[spots.line_start(function.lineno) : spots.offset(function.lineno, function.col_offset)]
        kept = "".join(f"{indent}@{d.id}\n" for d in function.decorator_list if isinstance(d, ast.Name) and _plain(d))
        place = self.spots.line_start(_lead_line(self.spots, new))
        assert start <= at
        return place, place, f"{indent}{mark(function.name)}\n{kept}{text}" + ("\n" if indent else "\n\n")

    def check(self, place: Place, name: str) -> TextEdit:
        """The switch, below the header and the docstring."""
        assert self.flag is not None
        function, spots = place.function, self.spots
        line = last_line(function.body[0]) if has_doc(function) else header_end(self.after, function)
        at = spots.line_start(line + 1)
        first = function.body[1] if has_doc(function) else function.body[0]
        indent = self.after[spots.line_start(first.lineno) : spots.offset(first.lineno, first.col_offset)]
        outer = self.after[spots.line_start(function.lineno) : spots.offset(function.lineno, function.col_offset)]
        unit = indent.removeprefix(outer) or "    "
        call = call_of(place, name, indent + unit, unit)
        gap = "\n" if has_doc(function) and not spots.line(line + 1).strip() else ""
        return at, at, f"{gap}{indent}if not {self.flag.text}:\n{call}"

    def definition(self) -> list[TextEdit]:
        """What makes the flag known in the file; nothing when it is."""
        assert self.flag is not None
        if self.flag.module:
            return import_edits(self.spots, self.new, missing_imports(self.new, [f"import {self.flag.module}"]))
        if self.flag.bound(self.new):
            return []
        return constant_edit(self.spots, self.new, "import os", self.flag.constant())


def _by_path(found: Sequence[Place]) -> dict[tuple[str, int], Place]:
    """Functions by their path; of several with the same one, each has its number."""
    counts: Counter[str] = Counter()
    out = {}
    for place in found:
        out[place.path, counts[place.path]] = place
        counts[place.path] += 1
    return out


def _own(function: Function) -> str:
    """A function's code without that of the functions inside it."""
    inner = [n for n in ast.walk(function) if isinstance(n, Function) and n is not function]
    bodies = [(n, n.body) for n in inner]
    try:
        for n in inner:
            n.body = []
        return ast.dump(function)
    finally:
        for n, body in bodies:
            n.body = body


def _names_of(scope: ast.AST, tree: ast.Module) -> set[str]:
    """The names that a copy in this scope must not have: its own ones, and those that instances are given."""
    if isinstance(scope, ast.ClassDef):
        own = {n.name for stmt in scope.body for n in ast.walk(stmt) if isinstance(n, Function | ast.ClassDef)}
        own |= {n.id for stmt in scope.body for n in ast.walk(stmt) if isinstance(n, ast.Name)}
        return own | {
            n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store | ast.Del)
        }
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    names |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    names |= {n.asname or n.name for n in ast.walk(tree) if isinstance(n, ast.alias)}
    return names | {stmt.name for stmt in _own_definitions(scope)}


def _own_definitions(scope: ast.AST) -> Iterator[Function | ast.ClassDef]:
    """The functions and classes that a module or function defines itself, in whatever block."""
    stack: list[ast.AST] = [scope]
    while stack:
        for block in blocks_of(stack.pop()):
            for stmt in block:
                if isinstance(stmt, Function | ast.ClassDef):
                    yield stmt
                else:
                    stack.append(stmt)


def _switched(function: Function, name: str) -> bool:
    """Whether the function starts with a switch to this original."""
    return any(
        isinstance(stmt, ast.If) and any(getattr(n, "id", getattr(n, "attr", None)) == name for n in walk(stmt))
        for stmt in function.body[:2]
    )


def _plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in KEPT_DECORATORS


def _name_offset(spots: Positions, function: Function) -> int:
    """Where the name stands in `def name(`, which may have a continued line before it."""
    at = spots.offset(function.lineno, function.col_offset)
    words = ["async", "def"] if isinstance(function, ast.AsyncFunctionDef) else ["def"]
    for word in words:
        at = spots.text.index(word, at) + len(word)
    return spots.text.index(function.name, at)


def _end_line(spots: Positions, function: Function) -> int:
    """The last line of a function with the comments that are indented like its body."""
    line = end = last_line(function)
    while line < spots.line_count:
        line += 1
        text = spots.line(line)
        if not text.strip():
            continue
        if not text.lstrip().startswith("#") or len(text) - len(text.lstrip()) <= function.col_offset:
            break
        end = line
    return end


def _lead_line(spots: Positions, place: Place) -> int:
    """The first line of a function with the comments that touch it."""
    function = place.function
    index = place.block.index(function)
    above = last_line(place.block[index - 1]) if index else 0
    line = first_line(function)
    indent = spots.line(line)[: len(spots.line(line)) - len(spots.line(line).lstrip())]
    while line - 1 > above and _is_lead(spots, line - 1, indent):
        line -= 1
    return line


def _is_lead(spots: Positions, line: int, indent: str) -> bool:
    text = spots.line(line)
    if not text.startswith(f"{indent}#"):
        return False
    of_file = line <= 2 and (text.startswith("#!") or "coding" in text)
    return not (of_file or text.lstrip().startswith(("# %%", "#%%")))


def header_end(text: str, function: Function) -> int:
    """The line on which the header of a function ends."""
    spots = positions(text)
    start = spots.line_start(function.lineno)
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text[start:]).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        elif token.type == tokenize.NEWLINE and depth == 0:
            return function.lineno + token.end[0] - 1
    return last_line(function)
