"""Find the touched statements of a file and what encloses them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .names import FUNCTIONS

Function = ast.FunctionDef | ast.AsyncFunctionDef


class CannotOutline(Exception):
    """The region can't be run on its own; the message is the reason for the reader."""


@dataclass(frozen=True)
class Step:
    """One level of nesting: `owner.<block>[start:stop]` holds the next level."""

    owner: ast.AST
    block: list[ast.stmt] = field(repr=False)
    start: int
    stop: int

    @property
    def statements(self) -> list[ast.stmt]:
        return self.block[self.start : self.stop]


@dataclass(frozen=True)
class Place:
    """A region in its file: the nesting from the module (first) to the touched statements (last)."""

    tree: ast.Module
    steps: tuple[Step, ...]

    @property
    def scope_depth(self) -> int:
        """Index in `steps` of the innermost function, class or module body."""
        depths = [k for k, s in enumerate(self.steps) if isinstance(s.owner, (*FUNCTIONS, ast.ClassDef, ast.Module))]
        return depths[-1]

    @property
    def scope(self) -> ast.AST:
        return self.steps[self.scope_depth].owner

    @property
    def enclosing(self) -> list[ast.AST]:
        """Functions and classes around the region, outermost first."""
        return [s.owner for s in self.steps if isinstance(s.owner, (*FUNCTIONS, ast.ClassDef))]


def blocks(node: ast.AST) -> list[list[ast.stmt]]:
    """The statement lists directly inside a node."""
    found = [
        getattr(node, name) for name in ("body", "orelse", "finalbody") if isinstance(getattr(node, name, None), list)
    ]
    for inner in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        found.append(inner.body)
    return found


def locate(tree: ast.Module, lines: tuple[int, int]) -> Place:
    """The innermost consecutive statements that cover the lines.

    Raises CannotOutline when no statement stands there.
    """
    steps = _descend(tree, lines)
    if not steps:
        raise CannotOutline(f"no statement on lines {lines[0]}-{lines[1]}")
    return Place(tree, tuple(steps))


def _descend(owner: ast.AST, lines: tuple[int, int]) -> list[Step]:
    first, last = lines
    for block in blocks(owner):
        touched = [k for k, s in enumerate(block) if s.lineno <= last and (s.end_lineno or s.lineno) >= first]
        if not touched:
            continue
        here = Step(owner, block, touched[0], touched[-1] + 1)
        if len(touched) > 1 or _inside(block[touched[0]], lines):
            return [here]
        deeper = _descend(block[touched[0]], lines)
        return [here, *deeper]
    return []


def _inside(stmt: ast.stmt, lines: tuple[int, int]) -> bool:
    return stmt.lineno >= lines[0] and (stmt.end_lineno or stmt.lineno) <= lines[1]


def mirror(tree: ast.Module, place: Place) -> Place:
    """The same place in another version of the file where the touched statements are gone."""
    steps: list[Step] = []
    owner: ast.AST = tree
    for k, step in enumerate(place.steps):
        which = next(j for j, b in enumerate(blocks(step.owner)) if b is step.block)
        candidates = blocks(owner)
        if which >= len(candidates):
            raise CannotOutline("the new version has another structure around the region")
        block = candidates[which]
        last = k == len(place.steps) - 1
        steps.append(Step(owner, block, step.start, step.start if last else step.stop))
        if not last:
            if step.start >= len(block):
                raise CannotOutline("the new version has another structure around the region")
            owner = block[step.start]
    return Place(tree, tuple(steps))
