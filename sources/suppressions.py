"""Comments that tell deloop to leave a loop or a file alone: `# noqa: DL101`, `# deloop: ignore[DL101] reason`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

#: What only such comments have: most files have none, and are not looked at closely. Codes of other tools are not ours.
_MAYBE = re.compile(r"#[ \t]*(?:noqa\b(?:(?![ \t]*:)|[^\n#]*\bDL[0-9])|deloop[ \t]*:)", re.IGNORECASE)
_NOQA = re.compile(r"#[ \t]*noqa(?![-\w])(?P<colon>[ \t]*:(?P<rest>[^#]*))?", re.IGNORECASE)
_CODES = re.compile(r"[ \t]*(?P<codes>[A-Z]+[0-9]+(?:[ \t]*[, \t][ \t]*[A-Z]+[0-9]+)*)\b", re.IGNORECASE)
_IGNORE = re.compile(r"#[ \t]*deloop[ \t]*:[ \t]*ignore(?![-\w])(?:\[(?P<words>[^\]#]*)\]?)?", re.IGNORECASE)
_FILE = re.compile(r"#[ \t]*deloop[ \t]*:[ \t]*ignore-file\b", re.IGNORECASE)


@dataclass(frozen=True)
class Suppression:
    """One such comment: its line, as it stands there, and the rules that it names (none: all).

    `first` and `last` are the lines of the statement or of the header that it speaks of, `reason` what it says beside.
    """

    line: int
    text: str
    words: tuple[str, ...]
    first: int
    last: int
    reason: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it speaks to deloop and nobody else, so that it can be said to be of no use."""
        return "deloop" in self.text.lower() or any(word.upper().startswith("DL") for word in self.words)

    @property
    def useless(self) -> str:
        """What to say of one that silences nothing."""
        ours = [word for word in self.words if word.upper().startswith("DL")]
        if len(ours) < len(self.words) and "deloop" not in self.text.lower():
            return f"`{self.text}` silences nothing of deloop's here: remove {', '.join(ours)}"
        return f"`{self.text}` silences nothing here: remove it"


@dataclass(frozen=True)
class Suppressions:
    """All such comments of a file. `whole_file`: nothing in it is to be looked at, for the reason that is given."""

    comments: tuple[Suppression, ...] = ()
    whole_file: bool = False
    reason: str = ""

    def at(self, line: int) -> Iterator[Suppression]:
        """Those that speak of the statement or the header on a line."""
        return (one for one in self.comments if one.first <= line <= one.last)


def suppressions_in(text: str) -> Suppressions:
    """The comments of a text that parses.

    One counts for the statement, or the header of the block, on whose first or last line it stands; a `deloop: ignore`
    on a line of its own for what comes next.
    """
    if not _MAYBE.search(text):
        return Suppressions()
    whole: list[str] = []
    found: list[Suppression] = []
    waiting: list[tuple[int, str]] = []  # on lines of their own
    within: list[tuple[int, str]] = []  # in the logical line that is being read
    first = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = not first and not token.line[: token.start[1]].strip()
                whole += [_said(token.string, m.end()) for m in _FILE.finditer(token.string) if alone]
                (waiting if alone else within).append((token.start[0], token.string))
            elif token.type == tokenize.NEWLINE:
                last = token.start[0]
                found += _made(waiting, first, last, alone=True)
                found += _made([c for c in within if c[0] in (first, last)], first, last)
                waiting, within, first = [], [], 0
            elif token.type not in _NO_CODE and not first:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # what comes after it has no say
    return Suppressions(tuple(found), bool(whole), next(filter(None, whole), ""))


_NO_CODE = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)


def _made(comments: list[tuple[int, str]], first: int, last: int, alone: bool = False) -> Iterator[Suppression]:
    for number, (line, comment) in enumerate(comments):
        for match, words, reason in _read(comment):
            if alone and "deloop" not in match.lower():
                continue  # the other one is for its own line
            more = _goes_on(line, comments[number + 1 :]) if alone else ()
            yield Suppression(line, match, words, first, last, " ".join(filter(None, (reason, *more))))


def _goes_on(line: int, comments: list[tuple[int, str]]) -> Iterator[str]:
    """What the comment lines right below say, up to one that is a comment of the kind itself."""
    for below, (number, comment) in enumerate(comments, 1):
        if number != line + below or next(_read(comment), None) or _FILE.search(comment):
            return
        yield comment.lstrip("#").strip()


def _read(comment: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """What a comment says, of which rules, and the reason that it gives."""
    for ours in _IGNORE.finditer(comment):
        if ours["words"] is None:
            yield ours[0], (), _said(comment, ours.end())
        elif words := tuple(word.strip() for word in ours["words"].split(",") if word.strip()):
            yield ours[0], words, _said(comment, ours.end())
    for noqa in _NOQA.finditer(comment):
        if noqa["colon"] is None:
            yield noqa[0], (), _said(comment, noqa.end())
        elif (codes := _CODES.match(noqa["rest"])) is not None:  # without a code it is a remark, as ruff has it
            named = re.split(r"[,\s]+", codes["codes"])
            yield f"# noqa: {', '.join(named)}", tuple(named), _said(noqa["rest"], codes.end())


def _said(comment: str, start: int) -> str:
    """The words behind a marker, up to the next comment on the line."""
    return comment[start:].partition("#")[0].strip(" \t,;:-\u2013\u2014")
