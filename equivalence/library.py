"""The other modules of the project, for code that imports from them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .preamble import ModuleNames

#: (file that imports, module as written, with its leading dots) -> path and text of the module's file.
Find = Callable[[str, str], tuple[str, str] | None]
#: More modules than this are not looked into: what they define stays unknown.
MOST = 60


class Library:
    """Parses modules of the project when they are asked for. One for all trials of a run."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._modules: dict[str, ModuleNames | None] = {}
        self._found: dict[tuple[str, str], ModuleNames | None] = {}

    def module(self, origin: str, name: str) -> ModuleNames | None:
        """The module that `import name` finds from the file `origin`; None when it is not of this project."""
        if name.split(".")[0] in sys.stdlib_module_names:
            return None
        key = (origin, name)
        if key not in self._found:
            found = self._find(origin, name)
            self._found[key] = self._parsed(*found) if found is not None else None
        return self._found[key]

    def _parsed(self, path: str, text: str) -> ModuleNames | None:
        from .preamble import ModuleNames  # they know one another

        if path not in self._modules:
            if len(self._modules) >= MOST:
                return None
            try:
                self._modules[path] = ModuleNames(ast.parse(text), path, self)
            except (SyntaxError, ValueError, RecursionError):
                self._modules[path] = None
        return self._modules[path]
