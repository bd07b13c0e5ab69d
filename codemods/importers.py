"""Which names of a module other files of the project read: `from module import a`, `module.b`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..sources.discovery import discover

_FROM = rb"from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n#\\]|\\\r?\n)*)"
_IMPORT = re.compile(rb"^[ \t]*(?:" + _FROM + rb"|import[ \t]+([^\n#]*))", re.MULTILINE)
_WORD = re.compile(rb"[^\W\d]\w*|\*")
_ATTRIBUTE = re.compile(rb"\.[ \t]*([^\W\d]\w*)|getattr\([^,()]*,[ \t]*[\"'](\w+)[\"']")
_BY_TEXT = (b"import_module", b"__import__", b"run_path", b"run_module")


@dataclass
class Importers:
    """The imports of all files below some folders, read when they are first asked for."""

    roots: tuple[Path, ...]
    _taken: dict[str, dict[Path, set[str]]] | None = None  # module -> file -> names taken out of it
    _whole: dict[str, set[Path]] = field(default_factory=dict)  # module -> files that import it as a whole
    _by_text: list[tuple[Path, bytes]] = field(default_factory=list)
    _names: dict[Path, frozenset[str]] = field(default_factory=dict)

    def names(self, origin: Path) -> frozenset[str]:
        """Names of a file that others read, `*` among them if they may read any. Modules go by their last name."""
        if origin not in self._names:
            self._names[origin] = self._find(origin)
        return self._names[origin]

    def _find(self, origin: Path) -> frozenset[str]:
        if self._taken is None:
            self._read_all()
        taken = self._taken or {}
        module = origin.parent.name if origin.stem == "__init__" else origin.stem
        here = origin.resolve()
        found: set[str] = set()
        for file, names in taken.get(module, {}).items():
            found |= names if file.resolve() != here else set()
        users = {file for file in self._whole.get(module, ()) if file.resolve() != here}
        users |= {file for file, text in self._by_text if module.encode() in text and file.resolve() != here}
        for file in users:
            found |= {(a or b).decode() for a, b in _ATTRIBUTE.findall(file.read_bytes())}
        return frozenset(found)

    def _read_all(self) -> None:
        self._taken = {}
        files, _ = discover([root for root in self.roots if root.is_dir()])
        for file in files:
            try:
                text = file.read_bytes()
            except OSError:
                continue
            if any(word in text for word in _BY_TEXT):
                self._by_text.append((file, text))
            for module, names, whole in _IMPORT.findall(text):
                if module:
                    self._note(file, module.decode(), _words(names))
                for word in _words(whole):
                    self._whole.setdefault(word, set()).add(file)

    def _note(self, file: Path, module: str, names: Iterable[str]) -> None:
        assert self._taken is not None
        self._taken.setdefault(module.split(".")[-1], {}).setdefault(file, set()).update(names)
        for name in names:  # one of them may be a module itself
            self._whole.setdefault(name, set()).add(file)


def _words(text: bytes) -> list[str]:
    return [word.decode() for word in _WORD.findall(text)]
