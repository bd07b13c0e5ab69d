"""Turn a region into code that runs on its own: what it reads becomes parameters, what it leaves behind results."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from .library import Library
from .model import Trial
from .names import FUNCTIONS, declared_outside, own_nodes, stores
from .narrow import narrowed
from .outline_build import Builder
from .outline_model import Code, Outline, Version, Width
from .preamble import ModuleNames
from .regions import CannotOutline, Function, Place, locate, mirror

#: What sees more of a value, or other values, than the operations that a term can note down.
_LOOKING = ("locals", "vars", "dir", "globals", "eval", "exec", "id", "__import__", "compile", "memoryview")


def outlines(trial: Trial, alone: bool = False) -> Iterator[Outline]:
    """The ways to run the region, the most faithful first; then again without the project's other modules.

    At the end, if wanted, only the expression that differs, and the region `alone`: the functions of the project that
    it calls are stand-ins.

    Raises CannotOutline with the reason when there is none.
    """
    linked = False
    versions: tuple[Version, Version] | None = None
    for library in dict.fromkeys((trial.library, None)):
        if trial.library is not None and library is None and not linked:
            break
        before, after = (_parse(text, trial.path, library) for text in (trial.before, trial.after))
        place, other = _places(trial, before, after)
        versions = Version(before, place), Version(after, other)
        for width in (Width.WHOLE, Width.BARE, Width.BEFORE):  # where least may go wrong comes second
            made = _outline(replace(versions[0]), replace(versions[1]), width)
            linked = linked or any(c.kind == "link" for c in [*made.before.chunks, *made.after.chunks])
            yield made
    if alone:
        yield from _narrowed(trial)
    if alone and versions is not None:
        yield _outline(*versions, Width.ALONE)


def bare(trial: Trial) -> Outline:
    """The region alone, with the functions that it calls: it reads what the program has when it gets there.

    Raises CannotOutline.
    """
    return _of_width(trial, Width.BARE)


def stepwise(trial: Trial) -> Outline:
    """The region alone, in which nothing is known of any value, function or module that it reads.

    Raises CannotOutline.
    """
    return _of_width(trial, Width.TERMS)


def _of_width(trial: Trial, width: Width) -> Outline:
    before, after = (_parse(text, trial.path, trial.library) for text in (trial.before, trial.after))
    place, other = _places(trial, before, after)
    return _outline(Version(before, place), Version(after, other), width)


def _narrowed(trial: Trial) -> Iterator[Outline]:
    """The expression that differs, without the statement that it stands in."""
    for library in dict.fromkeys((trial.library, None)):
        places = narrowed(trial.before, trial.after, trial.before_lines, trial.after_lines)
        if places is None:
            return
        before, after = (Version(ModuleNames(p.tree, trial.path, library), p) for p in places)
        for width in (Width.BARE, Width.BEFORE):  # of what stands before it, little is known to matter
            yield _outline(replace(before), replace(after), width)


def _places(trial: Trial, before: ModuleNames, after: ModuleNames) -> tuple[Place, Place]:
    """The region in both versions."""
    lines, new_lines = trial.spans()
    try:
        place = locate(before.tree, lines)
        if new_lines[1] < new_lines[0]:
            other = mirror(after.tree, place)
            other = Place(other.tree, (*other.steps[:-1], _emptied(other)))
        else:
            other = locate(after.tree, new_lines)
    except CannotOutline:
        if trial.whole is None:
            raise
        return _places(replace(trial, whole=None), before, after)
    return (place, other) if _shape(place) == _shape(other) else _common(place, other)


@lru_cache(maxsize=8)  # the trials of one file come one after the other
def _parse(text: str, path: str, library: Library | None) -> ModuleNames:
    try:
        return ModuleNames(ast.parse(text), path, library)
    except RecursionError:
        raise CannotOutline("other code in the file is nested too deeply") from None
    except (SyntaxError, ValueError) as e:
        raise CannotOutline(f"does not parse: {e}") from None


def _emptied(place: Place) -> Any:
    last = place.steps[-1]
    return type(last)(last.owner, last.block, last.start, last.start)


def _shape(place: Place) -> list[str]:
    return [type(s.owner).__name__ for s in place.steps]


def _common(a: Place, b: Place) -> tuple[Place, Place]:
    """Both places cut back to the nesting that they share."""
    shared = 0
    for x, y in zip(a.steps, b.steps, strict=False):
        if type(x.owner) is not type(y.owner):
            break
        shared += 1
    return Place(a.tree, a.steps[:shared]), Place(b.tree, b.steps[:shared])


def _outline(before: Version, after: Version, width: Width) -> Outline:
    depth = _promote(before, after, width)
    scope = before.place.scope
    mode = "function" if isinstance(scope, FUNCTIONS) else "class" if isinstance(scope, ast.ClassDef) else "module"
    _refuse(before, after, scope)
    if width is Width.TERMS:
        _refuse_looks(before, after)
    builder = Builder(before, after, width, mode, depth)
    return builder.build()


def _promote(before: Version, after: Version, width: Width) -> int:
    """Choose the statements to run: the touched ones, or enclosing statements that can be run as a whole."""
    steps = before.place.steps
    last = len(steps) - 1
    depth = last
    if width is Width.WHOLE:
        while depth > before.place.scope_depth and before.names.safety.safe([steps[depth].owner]):
            depth -= 1
    for version in (before, after):
        version.touched = version.place.steps[-1].statements
        version.statements = version.place.steps[depth].statements
    return depth


def _refuse(before: Version, after: Version, scope: ast.AST) -> None:
    for nodes in (before.statements, after.statements):
        for node in own_nodes(nodes):
            if isinstance(node, (ast.Yield, ast.YieldFrom)):
                raise CannotOutline("the region yields: it can't be run outside of its generator")
            if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
                raise CannotOutline("the region awaits: it can't be run outside of its coroutine")
            if isinstance(node, ast.Name) and node.id in ("super", "__class__"):
                raise CannotOutline(f"the region uses {node.id}, which depends on the enclosing class")
    if isinstance(scope, FUNCTIONS):
        shared = declared_outside(scope.body) & (stores(before.statements) | stores(after.statements))
        if shared:
            raise CannotOutline(f"the region assigns {', '.join(sorted(shared))}, which is global or nonlocal")


def _refuse_looks(before: Version, after: Version) -> None:
    """Nothing may look at values or names in ways of its own where values are terms."""
    for node in own_nodes([*before.statements, *after.statements]):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef)):
            raise CannotOutline("the region has an import or a class of its own")
        if isinstance(node, ast.Name) and node.id in _LOOKING:
            raise CannotOutline(f"the region uses {node.id}")


__all__ = ["Code", "Function", "Outline", "Width", "bare", "outlines", "stepwise"]
