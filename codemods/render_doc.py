"""A small layout engine: documents whose groups are flat where they fit and broken over lines where they don't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Line:
    """A place where a broken group starts a new line; `flat` is what a flat one shows instead."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that only a broken group shows: a trailing comma, or parentheses that are not needed on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Indent:
    """One more level of indentation for the lines inside."""

    doc: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """The unit of decision: all of its own lines break, or none.

    Outside any bracket only a group that brings its own brackets can break.
    """

    doc: Doc
    brackets: bool = False


class _Mode(Enum):
    OUTSIDE = 0  # not inside any bracket: no line can end here
    FLAT = 1
    BROKEN = 2


Doc = str | Line | IfBroken | Indent | Group | tuple["Doc", ...]
SOFT = Line("")
_Command = tuple[str, _Mode, Doc]


def join(separator: Doc, docs: Iterable[Doc]) -> Doc:
    """The documents with a separator between each two."""
    out: list[Doc] = []
    for doc in docs:
        if out:
            out.append(separator)
        out.append(doc)
    return tuple(out)


def bracketed(opening: str, content: Doc, closing: str) -> Doc:
    """Brackets: all on one line, else the content on a line of its own, else the content broken as well."""
    return Group((opening, Indent((SOFT, Group(content))), SOFT, closing), brackets=True)


def if_long(content: Doc) -> Doc:
    """Parentheses that appear only where the content does not fit on the line."""
    return Group((IfBroken("("), Indent((SOFT, Group(content))), SOFT, IfBroken(")")), brackets=True)


def items(docs: Sequence[Doc]) -> Doc:
    """The items of a bracket, with the trailing comma that a broken list of several items gets."""
    content = join((",", Line()), docs)
    return (content, IfBroken(",")) if len(docs) > 1 else content


def columns(text: str) -> int:
    """The width of a piece of a line; a tab counts as four."""
    return len(text) + 3 * text.count("\t")


def layout(doc: Doc, *, width: float, unit: str = "    ", indent: str = "", column: int = 0) -> str:
    """The text of a document that starts at `column` and whose further lines are indented by `indent`."""
    out: list[str] = []
    stack: list[_Command] = [(indent, _Mode.OUTSIDE, doc)]
    while stack:
        base, mode, piece = stack.pop()
        broken = mode is _Mode.BROKEN
        match piece:
            case str():
                out.append(piece)
                column = columns(piece) + column if "\n" not in piece else columns(piece[piece.rindex("\n") + 1 :])
            case Line():
                out.append("\n" + base if broken else piece.flat)
                column = columns(base) if broken else column + len(piece.flat)
            case IfBroken():
                out.append(piece.text if broken else "")
                column += len(piece.text) if broken else 0
            case Indent():
                stack.append((base + unit, mode, piece.doc))
            case Group():
                if mode is not _Mode.FLAT and (broken or piece.brackets):
                    fits = _fits(width - column, (base, _Mode.FLAT, piece.doc), stack)
                    mode = _Mode.FLAT if fits else _Mode.BROKEN
                stack.append((base, mode, piece.doc))
            case tuple():
                stack.extend((base, mode, part) for part in reversed(piece))
    return "".join(out)


def _fits(room: float, first: _Command, rest: Sequence[_Command]) -> bool:
    """Whether all up to the next possible line end fits."""
    pending = [first]
    after = len(rest)
    while room >= 0:
        if not pending:
            if after == 0:
                return True
            after -= 1
            pending.append(rest[after])
        base, mode, piece = pending.pop()
        match piece:
            case str():
                if "\n" in piece:
                    return columns(piece[: piece.index("\n")]) <= room
                room -= columns(piece)
            case Line():
                if mode is _Mode.BROKEN:
                    return True
                room -= len(piece.flat)
            case IfBroken():
                room -= len(piece.text) if mode is _Mode.BROKEN else 0
            case Indent():
                pending.append((base, mode, piece.doc))
            case Group():
                opened = mode is _Mode.OUTSIDE and piece.brackets
                pending.append((base, _Mode.BROKEN if opened else mode, piece.doc))
            case tuple():
                pending.extend((base, mode, part) for part in reversed(piece))
    return False
