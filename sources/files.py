"""Source files as bytes and as text: read by the encoding they declare, changed without touching any other byte."""

from __future__ import annotations

import ast
import codecs
import contextlib
import os
import re
import secrets
import stat
import warnings
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")
_COMMENT_OR_BLANK = re.compile(rb"[ \t\f]*(?:#|$)")
#: The bytes at the start of a file that are searched for a coding comment.
_COOKIE_WITHIN = 4096


class SourceError(Exception):
    """Why a file can't be used: its path, the line if there is one, and one sentence."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
        self.message = message


class WriteError(SourceError, OSError):
    """Why a file was not written. It is as it was before."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(path, None, message)
        self.strerror = message


@dataclass(frozen=True)
class SourceFile:
    """A source file.

    `text` is what Python reads: decoded, no byte order mark, and "\\n" for every line end ("\\r\\n", or a "\\r" alone).
    """

    path: Path
    data: bytes
    text: str
    encoding: str
    bom: bool

    @property
    def remarks(self) -> list[str]:
        """What is wrong with parts of it, though it can be read."""
        return []

    @classmethod
    def from_bytes(cls, path: Path, data: bytes) -> SourceFile:
        """Decode a file's content; that of a notebook comes as a `Notebook`. Raises SourceError."""
        if path.suffix == ".ipynb":
            from .notebooks import Notebook  # which is a SourceFile itself

            return Notebook.from_bytes(path, data)
        encoding = _declared_encoding(path, data)
        bom = data.startswith(codecs.BOM_UTF8)
        body = data[len(codecs.BOM_UTF8) :] if bom else data
        try:
            raw = body.decode(encoding)
        except UnicodeDecodeError as error:
            line = _unix(body[: error.start]).count(b"\n") + 1
            raise SourceError(path, line, f"can't be decoded as {encoding}: {error.reason}") from None
        except (LookupError, ValueError) as error:
            raise SourceError(path, None, f"can't be decoded as {encoding}: {error}") from None
        if "\0" in raw:
            raise SourceError(path, raw.count("\n", 0, raw.index("\0")) + 1, "contains a null byte")
        return cls(path, data, raw.replace("\r\n", "\n").replace("\r", "\n"), encoding, bom)

    @property
    def code(self) -> bytes:
        """The bytes in which code can be looked for before it is parsed."""
        return self.data

    def with_text_edits(self, edits: Iterable[tuple[int, int, str]]) -> SourceFile:
        """The file with some edits done, every byte outside of them as it was.

        An edit is (start, end, new text) in characters of `text`; edits come in order and don't overlap. New lines end
        as the line does where the edit starts. Raises SourceError if a character has no place in the file's encoding.
        """
        out: list[bytes] = [codecs.BOM_UTF8] if self.bom else []
        text: list[str] = []
        at = 0
        for start, end, new in edits:
            if not at <= start <= end <= len(self.text):
                raise ValueError("edits overlap, or lie outside the text")
            out += [self._encoded(at, start), self._encode_new(start, new)]
            text += [self.text[at:start], new]
            at = end
        out.append(self._encoded(at, len(self.text)))
        text.append(self.text[at:])
        changed = SourceFile.from_bytes(self.path, b"".join(out))
        # a cut between two line ends, or in a stateful encoding, would show here
        if changed.text != "".join(text):
            raise SourceError(self.path, None, f"can't be changed safely in its encoding {self.encoding}")
        return changed

    @cached_property
    def _raw(self) -> str:
        return (self.data[len(codecs.BOM_UTF8) :] if self.bom else self.data).decode(self.encoding)

    @cached_property
    def _pairs(self) -> list[int]:
        """Where in `text` the line ends are that take two characters in the file."""
        raw = self._raw
        found: list[int] = []
        at = raw.find("\r\n")
        while at >= 0:
            found.append(at - len(found))
            at = raw.find("\r\n", at + 2)
        return found

    def _raw_offset(self, offset: int) -> int:
        return offset + bisect_left(self._pairs, offset)

    def _encoded(self, start: int, end: int) -> bytes:
        """The very bytes of a stretch of the text."""
        raw = self._raw[self._raw_offset(start) : self._raw_offset(end)]
        try:
            return raw.encode(self.encoding)
        except UnicodeEncodeError:
            raise SourceError(self.path, None, f"its encoding {self.encoding} can be read but not written") from None

    def _encode_new(self, start: int, new: str) -> bytes:
        try:
            return new.replace("\n", self._line_end(start)).encode(self.encoding)
        except UnicodeEncodeError as error:
            line = self.text.count("\n", 0, start) + 1
            char = error.object[error.start]
            raise SourceError(self.path, line, f"the new code has {char!r}, which {self.encoding} lacks") from None

    def _line_end(self, offset: int) -> str:
        """How the line at an offset ends; for an unended last line, how the one before it does."""
        newline = self.text.find("\n", offset)
        if newline < 0:
            newline = self.text.rfind("\n", 0, offset)
        if newline < 0:
            return "\n"
        raw = self._raw_offset(newline)
        return "\r\n" if self._raw.startswith("\r\n", raw) else self._raw[raw]


def read_source(path: Path) -> SourceFile:
    """Read a file. Raises SourceError if it is missing, unreadable, no regular file, or not text in its encoding."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(path, None, "is a directory")
        if not stat.S_ISREG(mode):
            raise SourceError(path, None, "is not a regular file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(path, None, "no such file") from None
    except (OSError, ValueError) as error:
        raise SourceError(path, None, f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    return SourceFile.from_bytes(path, data)


def parse(source: SourceFile) -> ast.Module:
    """The syntax tree of `source.text`. Raises SourceError for code that this Python can't parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except SyntaxError as error:
        raise SourceError(source.path, error.lineno, f"syntax error: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise SourceError(source.path, None, "is nested too deeply to be parsed") from None
    except ValueError as error:
        raise SourceError(source.path, None, f"can't be parsed: {error}") from None


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, keeping its mode; a symbolic link stays one.

    Raises WriteError if the file or its directory is read-only, and then nothing has changed.
    """
    real = Path(os.path.realpath(path))
    temporary = real.with_name(f".deloop-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        mode = _writable_mode(path, real)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, real)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise WriteError(path, f"can't be written: {error.strerror or error}") from None
    finally:
        # also after Ctrl-C; once renamed there is nothing to remove
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync_directory(real.parent)


def _writable_mode(path: Path, real: Path) -> int | None:
    """The mode to keep, or None for a new file. Renaming over a file needs no right to write it, so ask for it."""
    try:
        mode = real.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise WriteError(path, "can't be written: it is not a regular file")
    if not os.access(real, os.W_OK):
        raise WriteError(path, "can't be written: it is read-only")
    return stat.S_IMODE(mode)


def _sync_directory(directory: Path) -> None:
    """Make the renaming last; where a directory can't be opened there is nothing to do."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _declared_encoding(path: Path, data: bytes) -> str:
    """The encoding of the byte order mark or of the coding comment (PEP 263), UTF-8 without either."""
    bom = data.startswith(codecs.BOM_UTF8)
    lines = _unix(data.removeprefix(codecs.BOM_UTF8)[:_COOKIE_WITHIN]).split(b"\n", 2)[:2]
    for number, line in enumerate(lines, 1):
        found = _COOKIE.match(line)
        if found:
            return _known_encoding(path, number, found[1].decode("ascii"), bom)
        if not _COMMENT_OR_BLANK.match(line):
            break
    return "utf-8"


def _known_encoding(path: Path, line: int, name: str, bom: bool) -> str:
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        raise SourceError(path, line, f"declares the unknown encoding {name!r}") from None
    if bom and encoding != "utf-8":
        raise SourceError(path, line, f"declares the encoding {name!r} but starts with the mark of UTF-8")
    return encoding


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
