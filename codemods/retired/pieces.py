"""A file brought up to date: its statements with retired names, changed use by use until nothing is left to change."""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from ...loops.context import FileContext
from ...loops.remarks import Reason, Refusal
from ...loops.scopes import build_scopes
from ...sources.files import SourceError, SourceFile, parse
from ...sources.positions import positions
from ...transforms.base import Rule
from ..comments import comment_tokens
from ..place import Placed, TextEdit
from ..place_imports import import_edits, missing_imports
from .base import Change, Moderniser, Use
from .facts import RetiredKinds
from .uses import Judged, Wants, judged, may_have_retired

#: Uses in one statement beyond this are left for the next run.
ROUNDS = 40
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Assert, ast.Delete)


@dataclass(frozen=True)
class Modernised:
    """One statement with all its retired names changed, in its place; or left alone, with the reason."""

    line: int
    end_line: int
    function: str
    rule: Rule
    changes: tuple[Change, ...] = ()
    placed: Placed | None = None
    refusal: Refusal | None = None
    rules: tuple[Rule, ...] = ()
    until: str = ""


@dataclass
class _Piece:
    """The lines of a statement (or of its head), as they were and as they are by now."""

    first: int
    last: int
    start: int
    old: str
    new: str
    function: str
    done: list[tuple[type[Moderniser], Change]] = field(default_factory=list)
    refusal: tuple[type[Moderniser], Refusal] | None = None  # a change of it failed

    def takes(self, change: Change, met: Collection[str]) -> bool:
        """Whether a change goes with those done: what needs an assumption stays apart from what does not."""
        return not self.done or _is_safe(change, met) == _is_safe(self.done[0][1], met)


def modernise(source: SourceFile, wants: Wants = lambda rule: True, met: Collection[str] = ()) -> list[Modernised]:
    """The statements of a file that use retired names, in file order. Raises SourceError for what can't be read.

    Of a statement with several, those that need an assumption (none of `met`) come up once the others are changed.
    """
    if not may_have_retired(source.text):
        return []
    tree = parse(source)
    pieces = _pieces(source, tree, wants)
    if not pieces:
        return []
    found: list[Judged] = []
    for _ in range(ROUNDS):
        text = _assembled(source.text, pieces)
        found = _judged_text(source, text, wants)
        if not _round(source, text, pieces, _safe_first(found, met), met):
            break
    return sorted([*_changed(source, tree, pieces), *_left(source, pieces, found)], key=lambda m: (m.line, m.end_line))


def _judged_text(source: SourceFile, text: str, wants: Wants) -> list[Judged]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    return list(judged(FileContext.build(str(source.path), text, tree), wants))


def _pieces(source: SourceFile, tree: ast.Module, wants: Wants) -> list[_Piece]:
    spots = positions(source.text)
    file = FileContext(str(source.path), source.text, tree, scopes := build_scopes(tree), RetiredKinds(scopes))
    spans: list[tuple[int, int, str]] = []
    for _, use, _ in judged(file, wants):
        node = _whole(use)
        first, last = node.lineno, node.end_lineno or node.lineno
        if spans and first <= spans[-1][1]:
            first, last = min(first, spans[-1][0]), max(last, spans.pop()[1])
        spans.append((first, last, use.scope.name))
    made = []
    for first, last, function in spans:
        start, end = spots.line_start(first), spots.line_start(last) + len(spots.line(last))
        text = source.text[start:end]
        made.append(_Piece(first, last, start, text, text, function))
    return made


def _whole(use: Use) -> ast.expr | ast.stmt:
    """The simple statement that a use stands in, or the outermost expression of a compound one."""
    node: ast.expr | ast.stmt = use.node
    for up in use.file.scopes.ancestors(use.node):
        if isinstance(up, _SIMPLE):
            return up
        if isinstance(up, ast.stmt):
            return node
        if isinstance(up, ast.expr):
            node = up
    return node


def _assembled(text: str, pieces: list[_Piece]) -> str:
    out, at = [], 0
    for piece in pieces:
        out += [text[at : piece.start], piece.new]
        at = piece.start + len(piece.old)
    return "".join(out) + text[at:]


def _is_safe(change: Change, met: Collection[str]) -> bool:
    return all(obligation.name in met for obligation in change.obligations)


def _safe_first(found: list[Judged], met: Collection[str]) -> list[Judged]:
    return sorted(found, key=lambda one: isinstance(one[2], Change) and not _is_safe(one[2], met))


def _round(source: SourceFile, text: str, pieces: list[_Piece], found: list[Judged], met: Collection[str]) -> bool:
    """Change one use of each piece. False when there is none left to change."""
    from .query import CantParse, NotPlaced, edits_for

    spots = positions(text)
    wanted: dict[int, tuple[type[Moderniser], Change]] = {}
    owners: dict[int, tuple[_Piece, int]] = {}
    for moderniser, use, answer in found:
        at = spots.offset(use.node.end_lineno or 0, use.node.end_col_offset or 0) - len(use.name)
        piece, start = _piece_at(pieces, at)
        if piece is None or piece.refusal is not None or isinstance(answer, Refusal):
            continue
        if piece.takes(answer, met) and not any(owner is piece for owner, _ in owners.values()):
            wanted[at], owners[at] = (moderniser, answer), (piece, start)
    if not wanted:
        return False
    try:
        made = edits_for(text, wanted)
    except CantParse as problem:
        raise SourceError(source.path, _original_line(pieces, text, problem.line), _unread(problem, wanted)) from None
    except NotPlaced as problem:
        raise SourceError(source.path, None, f"is not modernised: {problem}") from None
    for at, (piece, start) in owners.items():
        _apply(piece, start, made.get(at), *wanted[at])
    return True


def _unread(problem: Exception, wanted: object) -> str:
    return (
        f"is not modernised: Bowler's parser (fissix) knows no syntax newer than Python 3.8 and stops at `{problem}`; "
        f"change the {len(wanted)} or more uses of retired names in it by hand, as `deloop explain DL9xx` shows"  # type: ignore[arg-type]
    )


def _piece_at(pieces: list[_Piece], at: int) -> tuple[_Piece | None, int]:
    """The piece that an offset of the text as it is by now falls into, and where that starts."""
    shift = 0
    for piece in pieces:
        start = piece.start + shift
        if start <= at < start + len(piece.new):
            return piece, start
        shift += len(piece.new) - len(piece.old)
    return None, 0


def _original_line(pieces: list[_Piece], text: str, line: int) -> int:
    """The line of the file as it was read, for a line of the text as it is by now."""
    shift = 0
    for piece in pieces:
        height = piece.new.count("\n") + 1
        if line < piece.first + shift:
            break
        if line < piece.first + shift + height:
            return min(line - shift, piece.last)
        shift += height - (piece.last - piece.first + 1)
    return line - shift


def _apply(piece: _Piece, start: int, edit: TextEdit | None, moderniser: type[Moderniser], change: Change) -> None:
    line = piece.first
    if edit is None:
        why = Refusal(Reason.UNSUPPORTED_SYNTAX, line, "Bowler's query does not find it in this statement")
        piece.refusal = moderniser, why
        return
    first, last, new = edit
    text = piece.new[: first - start] + new + piece.new[last - start :]
    if "\f" in text or _comments(text) != _comments(piece.new):
        piece.refusal = moderniser, Refusal(Reason.UNSUPPORTED_SYNTAX, line, "a comment stands where the code changes")
        return
    piece.new = text
    piece.done.append((moderniser, change))


def _comments(text: str) -> Counter[str]:
    try:
        return Counter(token.string for token in comment_tokens(text))
    except (tokenize.TokenError, SyntaxError):
        return Counter(re.findall(r"#.*", text))  # the head of a compound statement


def _changed(source: SourceFile, tree: ast.Module, pieces: list[_Piece]) -> Iterator[Modernised]:
    for piece in pieces:
        if piece.new == piece.old:
            continue
        changes = tuple({change.summary: change for _, change in piece.done}.values())
        rules = tuple(dict.fromkeys(moderniser.rule for moderniser, _ in piece.done))
        placed = _placed(source.text, tree, piece, changes)
        until = next((moderniser.until for moderniser, _ in piece.done if moderniser.until), "")
        yield Modernised(piece.first, piece.last, piece.function, rules[0], changes, placed, rules=rules, until=until)


def _placed(text: str, tree: ast.Module, piece: _Piece, changes: tuple[Change, ...]) -> Placed:
    from .query import trimmed

    own: TextEdit = trimmed(piece.start, piece.old, piece.new)
    needed = missing_imports(tree, [line for change in changes for line in change.imports])
    added = import_edits(positions(text), tree, needed)
    edits = sorted([*added, own], key=lambda edit: (edit[0], edit[1]))
    shift = sum(new.count("\n") for at, _, new in added if at <= piece.start)
    out, at = [], 0
    for start, end, new in edits:
        out += [text[at:start], new]
        at = end
    new_text = "".join(out) + text[at:]
    height = piece.new.count("\n")
    return Placed(
        new_text, tuple(edits), (piece.first, piece.last), (piece.first + shift, piece.first + shift + height)
    )


def _left(source: SourceFile, pieces: list[_Piece], found: list[Judged]) -> Iterator[Modernised]:
    """What stays as it is, with the lines of the file as it was read."""
    text = _assembled(source.text, pieces)
    for moderniser, use, answer in found:
        if isinstance(answer, Refusal):
            line = _original_line(pieces, text, answer.line)
            left = replace(answer, line=line)
            yield Modernised(line, line, use.scope.name, moderniser.rule, refusal=left, rules=(moderniser.rule,))
    for piece in pieces:
        if piece.refusal is not None:
            moderniser, why = piece.refusal
            yield Modernised(
                piece.first, piece.last, piece.function, moderniser.rule, refusal=why, rules=(moderniser.rule,)
            )
