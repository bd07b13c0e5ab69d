"""Puts a rewrite in its place: the new text of a file in which nothing else has moved.

`ast` says where things are, LibCST rebuilds the smallest run of statements that covers all edits, and the result is
parsed and held against the trees it was made from.
"""

from __future__ import annotations

import ast
import difflib
import tokenize
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..sources.positions import Positions, first_line, last_line, positions
from ..transforms.base import Define, Edit, InsertBefore, Replace, Substitute
from .comments import comment_tokens
from .place_check import Expected
from .place_expressions import Splice, splices
from .place_imports import import_edits, missing_imports
from .place_region import PlacementError, Region, find_region, path_to, target_of
from .place_surgery import Surgery, kept_statements
from .render import Style, style_of
from .render_same import same_tree

__all__ = ["Placed", "PlacementError", "place"]

TextEdit = tuple[int, int, str]


@dataclass(frozen=True)
class Placed:
    """A file after a rewrite.

    `text` is the whole new text and `text_edits` what makes it of the old one: (start, end, new) in characters of the
    old text, in order and apart from each other. The line spans are the first and last line (from 1) of the smallest
    run of sibling statements that covers all that was touched, in the old and in the new text.
    """

    text: str
    text_edits: tuple[TextEdit, ...]
    before_lines: tuple[int, int]
    after_lines: tuple[int, int]


def place(
    text: str,
    tree: ast.Module,
    rewrite_edits: Sequence[Edit],
    imports: Sequence[str] = (),
    *,
    width: int | None = None,
) -> Placed:
    """The file's text with some edits done and the imports they need.

    `text` has "\\n" line ends only and `tree` is what `ast.parse` made of exactly this text; the edits name its nodes.
    Lines are kept within `width`, by default the longest line of the file (at least 88, at most 120).

    Raises PlacementError if a statement shares its line with another, a block would be empty, a comment would be lost,
    a marker comment moved, or if the result does not say what the edits say.
    """
    if not rewrite_edits:
        raise PlacementError(1, "there is nothing to place")
    defined = [edit for edit in rewrite_edits if isinstance(edit, Define)]
    rewrite_edits = [edit for edit in rewrite_edits if not isinstance(edit, Define)]
    spots = positions(text)
    style = style_of(text) if width is None else replace(style_of(text), width=width)
    ordered = sorted(rewrite_edits, key=lambda edit: _order(spots, edit))
    kept = kept_statements(spots, ordered)
    live = _live_edits(tree, ordered, kept)
    region = find_region(spots, tree, live, style)
    if all(isinstance(edit, Replace) and not edit.new for edit in live):
        region = _with_neighbour(spots, tree, region, style)
    new_region, run = _new_region(spots, tree, region, live, kept, style)
    hunks = _hunks(text, region.start, region.end, new_region)
    loads = _runs_on_load(tree, region)
    statements = [text for text in imports if not text.startswith("def ")]
    defined += [Define(_first_user(tree, region), text) for text in imports if text.startswith("def ")]
    added = import_edits(spots, tree, missing_imports(tree, statements, region.lines[0] if loads else None))
    added += [_definition(spots, edit, style) for edit in defined]
    edits = _merged(hunks, added)
    shift = sum(new.count("\n") for _, _, new in added)
    start_line = text.count("\n", 0, region.start)
    after = (start_line + shift + run[0], start_line + shift + run[1])
    return Placed(_applied(text, edits), tuple(edits), region.lines, after)


def _definition(spots: Positions, edit: Define, style: Style) -> TextEdit:
    """A function of its own above a statement of the module, and above the comments that belong to that."""
    line = first_line(edit.anchor)
    while line > 1 and spots.line(line - 1).startswith("#"):
        line -= 1
    at = spots.line_start(line)
    return at, at, edit.text.replace("    ", style.unit) + "\n\n"


def _first_user(tree: ast.Module, region: Region) -> ast.stmt:
    """The statement that a function has to stand above: the first that may call it, a definition or the region."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for stmt in tree.body:
        if isinstance(stmt, definitions) or last_line(stmt) >= region.lines[0]:
            return stmt
    raise PlacementError(region.lines[0], "no statement of the module holds the loop")


def _order(spots: Positions, edit: Edit) -> tuple[int, int]:
    node = target_of(edit)
    return node.lineno, node.col_offset


def _live_edits(tree: ast.Module, edits: Sequence[Edit], kept: set[int]) -> list[Edit]:
    """The edits without those inside statements that go anyway."""
    gone = {id(edit.old) for edit in edits if isinstance(edit, Replace)}
    targets = [id(edit.old) for edit in edits if isinstance(edit, Replace)]
    if len(set(targets)) < len(targets):
        raise PlacementError(target_of(edits[0]).lineno, "two edits replace the same statement")
    out: list[Edit] = []
    for edit in edits:
        path = [id(block[index]) for block, index in path_to(tree, target_of(edit))]
        if not isinstance(edit, Substitute):
            path = path[:-1]
        deaths = [at for at, key in enumerate(path) if key in gone]
        if not deaths or any(key in kept for key in path[deaths[-1] :]):
            out.append(edit)
        elif not isinstance(edit, Substitute):
            raise PlacementError(target_of(edit).lineno, "two edits overlap")
    return out


def _with_neighbour(spots: Positions, tree: ast.Module, region: Region, style: Style) -> Region:
    """The region with one statement that stays, so that it still has lines when all others are deleted."""
    if not region.ends_block:
        other = region.block[region.last + 1]
    elif region.first > 0:
        other = region.block[region.first - 1]
    else:
        raise PlacementError(region.lines[0], "the block would be left empty")
    stay = [Replace(stmt, ()) for stmt in (*region.statements, other)]
    return find_region(spots, tree, stay, style)


def _new_region(
    spots: Positions, tree: ast.Module, region: Region, edits: Sequence[Edit], kept: set[int], style: Style
) -> tuple[str, tuple[int, int]]:
    """The region's new text, checked, and the first and last line of its statements (from 1)."""
    old = spots.text[region.start : region.end]
    ended = old if old.endswith("\n") else old + "\n"
    swaps = splices(spots, tree, [edit for edit in edits if isinstance(edit, Substitute)], style)
    statements = [edit for edit in edits if isinstance(edit, Replace | InsertBefore)]
    moved = [remark for splice in swaps for remark in splice.remarks]
    new = _spliced(ended, region.start, swaps)
    if statements or moved:
        new = Surgery(region, new, statements, kept, style, spots.text).run(moved)
    run = _checked(region, new, ended, Expected(edits, kept).block(region.statements))
    return (new if ended is old else new.removesuffix("\n")), run


def _spliced(text: str, offset: int, swaps: Sequence[Splice]) -> str:
    edits = [(splice.start - offset, splice.end - offset, splice.new) for splice in swaps]
    return _applied(text, edits)


def _checked(region: Region, new: str, old: str, expected: list[ast.stmt]) -> tuple[int, int]:
    line = region.lines[0]
    new, old = region.wrapped(new), region.wrapped(old)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(new).body
        before = Counter(token.string for token in comment_tokens(old))
        after = Counter(token.string for token in comment_tokens(new))
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise PlacementError(line, f"the new code would not parse: {error}") from error
    if region.indent:
        body = body[0].body  # type: ignore[attr-defined]
    if not same_tree(body[1:-1], expected):
        raise PlacementError(line, "the new code would not read as it was meant")
    if before != after:
        raise PlacementError(line, "a comment would be lost or doubled")
    skipped = region.prefix.count("\n")
    return first_line(body[1]) - skipped, last_line(body[-2]) - skipped


def _runs_on_load(tree: ast.Module, region: Region) -> bool:
    """Whether the region runs while the module is loaded, so that imports below it come too late."""
    around = path_to(tree, region.block[region.first])[:-1]
    return not any(isinstance(block[index], ast.FunctionDef | ast.AsyncFunctionDef) for block, index in around)


def _hunks(text: str, start: int, end: int, new: str) -> list[TextEdit]:
    """The lines that differ, so that all others stay the very bytes they were."""
    old_lines, new_lines = text[start:end].split("\n"), new.split("\n")
    old_lines = [line + "\n" for line in old_lines[:-1]] + old_lines[-1:]
    new_lines = [line + "\n" for line in new_lines[:-1]] + new_lines[-1:]
    starts = [start]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    return [
        (starts[i1], starts[i2], "".join(new_lines[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _merged(hunks: Sequence[TextEdit], added: Sequence[TextEdit]) -> list[TextEdit]:
    """All edits in order; an import that would fall inside a changed stretch goes above it."""
    out = list(hunks)
    for offset, _, new in added:
        inside = [start for start, end, _ in hunks if start < offset < end]
        at = inside[0] if inside else offset
        out.append((at, at, new))
    return sorted(out, key=lambda edit: (edit[0], edit[1]))


def _applied(text: str, edits: Sequence[TextEdit]) -> str:
    out: list[str] = []
    at = 0
    for start, end, new in edits:
        out += [text[at:start], new]
        at = end
    return "".join(out) + text[at:]
