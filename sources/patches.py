"""Patches of several files, as git, diff and deloop write them: read, and applied where their lines are now."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from .diffs import DiffError, sides, split_lines

_NOTHING = "/dev/null"
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abfnrtv"\\])')
_LETTERS = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
#: What a patch can say that is about more than the lines of a file.
_MORE = re.compile(rb"^(rename (from|to)|copy (from|to)|GIT binary patch|Binary files .* differ|old mode)", re.M)


@dataclass(frozen=True)
class Change:
    """One hunk: the lines that it expects, those that it leaves, and where it expects them (the first line is 0)."""

    start: int
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]

    @property
    def line(self) -> int:
        """The first line that it changes, from 1, where it expects it."""
        return self.start + _common(self.old, self.new) + 1

    def reversed(self, start: int) -> Change:
        return Change(start, self.new, self.old)


@dataclass(frozen=True)
class FilePatch:
    """What a patch does to one file. `is_new`: it makes the file."""

    path: str
    changes: tuple[Change, ...]
    is_new: bool = False


@dataclass(frozen=True)
class Moved:
    """A hunk that fits elsewhere than it says: lines from 1, where it was expected and where it went."""

    expected: int
    found: int

    def __str__(self) -> str:
        by = self.found - self.expected
        return f"line {self.found} ({abs(by)} line{'s' if abs(by) > 1 else ''} further {'down' if by > 0 else 'up'})"


class Conflict(Exception):
    """Where a hunk does not fit (the line of the file, from 1), and what differs there."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def read_patch(data: bytes) -> list[FilePatch]:
    """The files of a patch in order. Raises DiffError for what is none, or does more than change lines."""
    if found := _MORE.search(data):
        raise DiffError(f"it has `{found[1].decode('latin-1')}`; only changes of lines and new files can be applied")
    try:
        patch = PatchSet(io.StringIO(data.decode("latin-1"), newline="\n"))
    except UnidiffParseError as error:
        raise DiffError(f"it can't be read as a patch: {str(error).strip()}") from None
    if not patch:
        raise DiffError("there is no change of a file in it")
    return [_file_patch(one) for one in patch]


def _file_patch(one: PatchedFile) -> FilePatch:
    source, target = _name(one.source_file), _name(one.target_file)
    if target == _NOTHING:
        raise DiffError(f"it deletes {source.removeprefix('a/')}; only changes of lines and new files can be applied")
    changes = []
    for hunk in one:
        old, new = sides(hunk)
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        changes.append(Change(start, tuple(old), tuple(new)))
    prefixed = target.startswith("b/") and (source == _NOTHING or source.startswith("a/"))
    return FilePatch(target[2:] if prefixed else target, tuple(changes), source == _NOTHING)


def _name(label: str) -> str:
    """The path of a label of a patch: what follows a tab is a date, and git quotes odd characters."""
    raw = label.encode("latin-1").removesuffix(b"\n").removesuffix(b"\r")
    if raw.startswith(b'"') and raw.rstrip().endswith(b'"'):
        raw = _ESCAPE.sub(_unescaped, raw.rstrip()[1:-1])
    else:
        raw = raw.partition(b"\t")[0]
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([_LETTERS[code] if code in _LETTERS else int(code, 8) & 0xFF])


def applied(data: bytes, changes: Iterable[Change]) -> tuple[bytes, list[Moved]]:
    """The content of a file with the changes, and those that fit elsewhere than they say.

    A change that fits in no place, or in several and not where it says, raises Conflict.
    """
    lines = split_lines(data)
    out: list[bytes] = []
    moved: list[Moved] = []
    at, shift = 0, 0
    for change in changes:
        place = _place(lines, change, change.start + shift, at)
        if place != change.start + shift:
            shift = place - change.start
        if shift:
            moved.append(Moved(change.line, change.line + shift))
        out += [*lines[at:place], *change.new]
        at = place + len(change.old)
    return b"".join(out + lines[at:]), moved


def reversed_changes(changes: Sequence[Change]) -> Iterator[Change]:
    """What takes the changes back, for the file as they left it."""
    shift = 0
    for change in changes:
        yield change.reversed(change.start + shift)
        shift += len(change.new) - len(change.old)


def _place(lines: Sequence[bytes], change: Change, expected: int, least: int) -> int:
    """The line that the change goes to: where it says, else the only one where it fits."""
    if _fits(lines, change.old, expected) and expected >= least:
        return expected
    if not any(line.strip() for line in change.old):
        raise Conflict(change.line, "the patch has no lines around this change by which its place could be found")
    places = [at for at in range(least, len(lines) - len(change.old) + 1) if _fits(lines, change.old, at)]
    if len(places) == 1:
        return places[0]
    if places:
        listed = ", ".join(str(at + 1) for at in places[:4])
        raise Conflict(change.line, f"the change fits in {len(places)} places (lines {listed}), and not where it says")
    raise _why_not(lines, change, expected)


def _fits(lines: Sequence[bytes], wanted: Sequence[bytes], at: int) -> bool:
    return 0 <= at <= len(lines) - len(wanted) and all(lines[at + k] == line for k, line in enumerate(wanted))


def _why_not(lines: Sequence[bytes], change: Change, expected: int) -> Conflict:
    """Where the change would fit best, and the first line that differs there."""
    if any(_fits(lines, change.new, at) for at in range(len(lines) - len(change.new) + 1)):
        return Conflict(change.line, "the change is there already")

    def alike(at: int) -> tuple[int, int]:
        same = sum(0 <= at + k < len(lines) and lines[at + k] == line for k, line in enumerate(change.old))
        return same, -abs(at - expected)

    best = max(range(max(len(lines), 1)), key=alike)
    differs = (k for k, line in enumerate(change.old) if not 0 <= best + k < len(lines) or lines[best + k] != line)
    wrong = next(differs, None)
    if wrong is None:
        return Conflict(best + 1, "the change stands above the one before it, or overlaps it")
    here = best + wrong
    if here >= len(lines):
        return Conflict(here + 1, f"the file ends where the patch expects `{_shown(change.old[wrong])}`")
    found, wanted = lines[here], change.old[wrong]
    if found.rstrip(b"\r\n") == wanted.rstrip(b"\r\n"):
        return Conflict(here + 1, "the line ends otherwise than in the patch (CRLF or LF, or the end of the file)")
    return Conflict(here + 1, f"the patch expects `{_shown(wanted)}`, the file has `{_shown(found)}`")


def _shown(line: bytes) -> str:
    text = line.rstrip(b"\r\n").decode("utf-8", "backslashreplace").strip()
    return text if len(text) <= 60 else text[:59] + "…"


def _common(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    length = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        length += 1
    return length
