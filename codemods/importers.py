"""Which names of a module other files of the project read, and which they replace: `module.b = fake`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..sources.discovery import discover
from ..sources.notebooks import SUFFIX, code_in

_FROM = rb"from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n#\\]|\\\r?\n)*)"
_IMPORT = re.compile(rb"[ \t]*(?:" + _FROM + rb"|import[ \t]+([^\n#]*))")
_WORD = re.compile(rb"[^\W\d]\w*|\*")
_ATTRIBUTE = re.compile(rb"\.[ \t]*([^\W\d]\w*)|getattr\([^,()]*,[ \t]*[\"'](\w+)[\"']")
_SETTERS = (b"setattr(", b"patch")
_NAMED = re.compile(rb"(?:setattr|patch)(?:\.\w+)?\(\s*[\"']([\w.]+)[\"']")
#: A literal first character, looked at again: the search is several times faster for it.
_STORED = re.compile(rb"\.(?<!self\.)(?<!cls\.)([^\W\d]\w*)[ \t]*=[^=]")
_QUOTED = re.compile(rb"[\"']([^\W\d]\w*)[\"']")
_BY_TEXT = re.compile(rb"import_module|__import__|run_path|run_module")


@dataclass
class Importers:
    """The imports of all files below some folders, read when they are first asked for."""

    folders: tuple[Path, ...]
    _taken: dict[str, dict[Path, set[str]]] | None = None  # module -> file -> names taken out of it
    _whole: dict[str, set[Path]] = field(default_factory=dict)  # module -> files that import it as a whole
    _by_text: list[tuple[Path, bytes]] = field(default_factory=list)
    _names: dict[Path, frozenset[str]] = field(default_factory=dict)
    _patched: dict[str, set[str]] = field(default_factory=dict)  # `patch("package.module.name")`: name -> the full ones
    _stored: dict[Path, frozenset[str]] = field(default_factory=dict)  # file -> names that it stores as attributes
    _replaced: dict[Path, frozenset[str]] = field(default_factory=dict)  # file -> names stored by those that import it

    def names(self, origin: Path) -> frozenset[str]:
        """Names of a file that others read, `*` among them if they may read any. Modules go by their last name."""
        if origin not in self._names:
            self._names[origin] = self._find(origin)
        return self._names[origin]

    def replaces(self, origin: Path, name: str) -> bool:
        """Whether another file may put something else in the place of a function or method of this one."""
        if self._taken is None:
            self._read_all()
        module = _module(origin)
        if any(module in full.split(".") for full in self._patched.get(name, ())):
            return True
        if origin not in self._replaced:
            self._replaced[origin] = frozenset().union(*map(self._stored_in, self._importing(origin)))
        return name in self._replaced[origin]

    def _stored_in(self, file: Path) -> frozenset[str]:
        """Names that a file stores as attributes of something, or gives to `setattr` and its kin."""
        if file not in self._stored:
            try:
                text = file.read_bytes()
            except OSError:
                text = b""
            found = set(_STORED.findall(text))
            if any(word in text for word in _SETTERS):
                found |= set(_QUOTED.findall(text))
            self._stored[file] = frozenset(name.decode() for name in found)
        return self._stored[file]

    def _importing(self, origin: Path) -> list[Path]:
        """The other files that import a module or something of it."""
        module, here = _module(origin), origin.resolve()
        files = {*self._whole.get(module, ()), *(self._taken or {}).get(module, {})}
        return [file for file in files if file.name != here.name or file.resolve() != here]

    def _find(self, origin: Path) -> frozenset[str]:
        if self._taken is None:
            self._read_all()
        taken = self._taken or {}
        module = _module(origin)
        here = origin.resolve()
        found: set[str] = set()
        for file, names in taken.get(module, {}).items():
            found |= names if file.name != here.name or file.resolve() != here else set()
        users = {*self._whole.get(module, ()), *(file for file, text in self._by_text if module.encode() in text)}
        users = {file for file in users if file.name != here.name or file.resolve() != here}
        for file in users:
            found |= {(a or b).decode() for a, b in _ATTRIBUTE.findall(file.read_bytes())}
        return frozenset(found)

    def _read_all(self) -> None:
        self._taken = {}
        files, _ = discover([folder for folder in self.folders if folder.is_dir()])
        for file in files:
            try:
                text = file.read_bytes()
            except OSError:
                continue
            text = code_in(text) if file.suffix == SUFFIX else text
            if (b"import_" in text or b"run_" in text) and _BY_TEXT.search(text):
                self._by_text.append((file, text))
            if any(word in text for word in _SETTERS):
                for full in _NAMED.findall(text):
                    self._patched.setdefault(full.decode().split(".")[-1], set()).add(full.decode())
            for module, names, whole in _imports(text):
                if module:
                    self._note(file, module.decode(), _words(names))
                for word in _words(whole):
                    self._whole.setdefault(word, set()).add(file)

    def _note(self, file: Path, module: str, names: Iterable[str]) -> None:
        assert self._taken is not None
        self._taken.setdefault(module.split(".")[-1], {}).setdefault(file, set()).update(names)
        for name in names:  # one of them may be a module itself
            self._whole.setdefault(name, set()).add(file)


def _imports(text: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The import statements of a file: module and names of a `from`, or the modules of a plain one."""
    at = text.find(b"import")
    while at >= 0:
        found = _IMPORT.match(text, text.rfind(b"\n", 0, at) + 1)
        if found is not None and found.end() > at:
            yield found[1] or b"", found[2] or b"", found[3] or b""
            at = found.end() - 1
        at = text.find(b"import", at + 1)


def _module(origin: Path) -> str:
    """The last part of a module's name."""
    return origin.parent.name if origin.stem == "__init__" else origin.stem


def _words(text: bytes) -> list[str]:
    return [word.decode() for word in _WORD.findall(text)]
