"""The parts of an outline: both versions of a region as code that runs on its own."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from .preamble import Chunk, ModuleNames
from .regions import Place


class Width(IntEnum):
    """How much of the surroundings runs with the region. Less is tried when more does not run."""

    WHOLE = 0  # enclosing loops, branches and try statements, and the statements before
    BEFORE = 1  # the statements before, as far as they only compute
    BARE = 2  # the region, with the functions that it calls
    ALONE = 3  # the region; stand-ins for the functions of the project
    TERMS = 4  # the region; stand-ins for every value


@dataclass
class Code:
    """One version, ready for the child."""

    chunks: list[Chunk]
    statements: list[ast.stmt]
    source: str
    probed: str = ""  # the same with a probe on each condition
    branches: list[tuple[int, int, str, *tuple[bool, ...]]] = field(default_factory=list)
    gathers: list[str] = field(default_factory=list)  # what each statement of the probed loop gathers into
    probed_chunks: list[Chunk] = field(default_factory=list)  # the chunks, with probes on conditions of helpers too

    def to_json(self) -> dict[str, Any]:
        chunks = [c.to_json() for c in self.chunks]
        found = {"chunks": chunks, "source": self.source, "probed": self.probed, "gathers": self.gathers}
        return found | ({"probed_chunks": [c.to_json() for c in self.probed_chunks]} if self.probed_chunks else {})


@dataclass
class Outline:
    """Both versions of a region as runnable code with the same parameters and results.

    `parameters` are passed as arguments, `global_data` set as globals; `mode` is "function", "module" or "class".
    `cut` maps a parameter to the expression that computed it, where that could not be run.
    """

    mode: str
    parameters: list[str]
    global_data: list[str]
    results: list[str]
    before: Code
    after: Code
    scope: ast.AST
    names: ModuleNames
    width: Width
    enclosing: list[ast.AST]
    prologue: list[ast.stmt]
    cut: dict[str, ast.expr] = field(default_factory=dict)
    receiver: str = ""
    receiver_is_class: bool = False
    class_name: str = ""
    unseen: list[str] = field(default_factory=list)  # parameters that nobody sees when the region raises

    @property
    def interface(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """What goes in, and how: outlines of one region with the same interface can share their inputs."""
        return self.mode, tuple(self.parameters), tuple(self.global_data)

    @property
    def text(self) -> str:
        """All that is run: equal for outlines that come to the same."""
        return repr([self.before.to_json(), self.after.to_json(), self.interface])


@dataclass
class Version:
    """The old file or the new one, and the statements of it that are run."""

    names: ModuleNames
    place: Place
    statements: list[ast.stmt] = field(default_factory=list)
    touched: list[ast.stmt] = field(default_factory=list)
