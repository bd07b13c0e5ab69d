"""Expressions put in the place of others, inside statements that stay."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..sources.positions import Positions
from ..transforms.base import Substitute
from .comments import Kind, Remark, comment_tokens, is_pragma
from .place_region import PlacementError, path_to
from .render import Level, RenderError, Style, demanded_level, level_of, render_expr
from .render_same import same_tree


@dataclass(frozen=True)
class Splice:
    """Characters of the old text that become others, and the comments that stood among them."""

    start: int
    end: int
    new: str
    remarks: tuple[Remark, ...] = ()


def splices(spots: Positions, tree: ast.Module, edits: Sequence[Substitute], style: Style) -> list[Splice]:
    """The text edits of some substitutions, in order.

    Raises PlacementError where an expression can't be found in the text, is nested in another one that goes, or would
    take a marker comment with it.
    """
    out: list[Splice] = []
    for edit in sorted(edits, key=lambda e: spots.span(e.old)):
        out.append(_splice(spots, tree, edit, style, _grown(spots, out, edit)))
    out.sort(key=lambda splice: splice.start)
    for one, other in pairwise(out):
        if other.start < one.end:
            raise PlacementError(spots.text.count("\n", 0, other.start) + 1, "two edits overlap")
    return out


def _grown(spots: Positions, before: Sequence[Splice], edit: Substitute) -> int:
    """By how much earlier edits make the line longer in front of an expression."""
    start = spots.span(edit.old)[0]
    line = spots.text.rfind("\n", 0, start) + 1
    own = (s for s in before if line <= s.start < start and "\n" not in spots.text[s.start : s.end] + s.new)
    return sum(len(s.new) - (s.end - s.start) for s in own)


def _splice(spots: Positions, tree: ast.Module, edit: Substitute, style: Style, grown: int) -> Splice:
    block, index = path_to(tree, edit.old)[-1]
    stmt = block[index]
    parents = _ancestors(stmt, edit.old)
    start, end = spots.span(edit.old)
    if not _is_written(spots.text[start:end], edit.old):
        raise PlacementError(edit.old.lineno, "an expression is not where the parser says")
    remarks = _remarks(spots.text[start:end], stmt)
    in_fstring = next((node for node in parents if isinstance(node, ast.JoinedStr)), None)
    if in_fstring is not None:
        return Splice(start, end, _fstring_part(spots, in_fstring, edit, parents[0]), remarks)
    if isinstance(edit.old, ast.GeneratorExp) and not _has_own_parentheses(spots.text, start, parents[0]):
        start, end = start + 1, end - 1
        least = Level.NAMED
    else:
        least = demanded_level(parents[0], edit.old)
    outer = _parentheses(spots.text, start, end)
    # the place of a tuple takes in its own parentheses, those around it belong to a call
    if outer and level_of(edit.old) < least and not isinstance(edit.old, ast.Tuple):
        # the parentheses were there for the old expression; inside them the new one needs none
        if level_of(edit.new) < least:
            least = Level.NAMED
        else:
            start, end = outer
    new = _render(spots, edit.new, start, end, least, style, grown)
    if _is_misread(parents[0], edit.new):
        new = f"({new})"
    return Splice(start, end, _spaced(spots.text, start, end, new), remarks)


def _is_misread(parent: ast.AST, new: ast.expr) -> bool:
    """Whether an expression needs parentheses whatever its level: `1.real`, or `with (a, b):` with its two managers."""
    if isinstance(parent, ast.Attribute):
        return isinstance(new, ast.Constant) and isinstance(new.value, int) and not isinstance(new.value, bool)
    return isinstance(parent, ast.withitem) and isinstance(new, ast.Tuple)


def _render(spots: Positions, node: ast.expr, start: int, end: int, least: Level, style: Style, grown: int) -> str:
    line_start = spots.text.rfind("\n", 0, start) + 1
    head = spots.text[line_start:start]
    stop = spots.text.find("\n", end)
    suffix = spots.text[end : stop if stop >= 0 else len(spots.text)]
    fits = len(head) + grown + len(suffix) < style.width and "#" not in suffix and not _stays_whole(node)
    try:
        return render_expr(
            node,
            width=style.width if fits else float("inf"),
            quote=style.quote,
            source_text=spots.text,
            least=least,
            indent=head[: len(head) - len(head.lstrip(" \t"))],
            unit=style.unit,
            column=len(head.expandtabs(4)) + grown,
            suffix=suffix if fits else "",
        )
    except RenderError as error:
        raise PlacementError(spots.text.count("\n", 0, start) + 1, str(error)) from error


def _stays_whole(node: ast.expr) -> bool:
    """`columns["price"][i]`, `a, b` of a loop: nobody breaks a long line inside such brackets."""
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
        return True
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name | ast.Constant):
        node = node.value
    return isinstance(node, ast.Name)


def _fstring_part(spots: Positions, whole: ast.JoinedStr, edit: Substitute, parent: ast.AST) -> str:
    """New text inside the braces of an f-string, which Python 3.11 must be able to read."""
    start, end = spots.span(whole)
    segment = spots.text[start:end]
    quote = "'" if segment.lstrip("rRbBfF").startswith('"') else '"'
    least = max(Level.OR, demanded_level(parent, edit.old))
    try:
        text = render_expr(edit.new, quote=quote, source_text=spots.text, least=least)
    except RenderError as error:
        raise PlacementError(whole.lineno, str(error)) from error
    outer = segment.lstrip("rRbBfF")[:1]
    if outer in text or "\\" in text or "\n" in text or "#" in text:
        raise PlacementError(whole.lineno, "the new expression can't stand inside this f-string")
    return f" {text}" if text.startswith("{") else text


def _ancestors(stmt: ast.stmt, node: ast.expr) -> list[ast.AST]:
    """The nodes around an expression, innermost first, up to its statement."""
    trail: list[ast.AST] = []

    def search(at: ast.AST) -> bool:
        for child in ast.iter_child_nodes(at):
            if child is node or search(child):
                trail.append(at)
                return True
        return False

    search(stmt)
    return trail


def _is_written(segment: str, node: ast.expr) -> bool:
    if isinstance(node, ast.Starred | ast.Slice):
        return True
    try:
        found = ast.parse(f"({segment}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return same_tree(found, node)


def _remarks(segment: str, stmt: ast.stmt) -> tuple[Remark, ...]:
    found = [token.string for token in comment_tokens(f"({segment}\n)")]
    marker = next(filter(is_pragma, found), None)
    if marker:
        raise PlacementError(stmt.lineno, f"the comment {marker!r} would lose its line")
    return tuple(Remark(text, stmt, Kind.ABOVE) for text in found)


def _has_own_parentheses(text: str, start: int, parent: ast.AST) -> bool:
    """Whether a generator has parentheses besides those of the call that it is the only argument of."""
    if not isinstance(parent, ast.Call) or len(parent.args) != 1 or parent.keywords:
        return True
    return text[:start].rstrip().endswith("(")


def _parentheses(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span with the parentheses directly around it."""
    left = len(text[:start].rstrip()) - 1
    right = len(text) - len(text[end:].lstrip())
    if left >= 0 and text[left] == "(" and text[right : right + 1] == ")":
        return left, right + 1
    return None


def _spaced(text: str, start: int, end: int, new: str) -> str:
    """The new text kept apart from the words around it, as in `for x in(a, b)`."""
    before, after = text[start - 1 : start], text[end : end + 1]
    left = " " if _in_word(before) and _in_word(new[:1]) else ""
    right = " " if _in_word(after) and _in_word(new[-1:]) else ""
    return left + new + right


def _in_word(char: str) -> bool:
    return char.isalnum() or char in ("_", '"', "'") if char else False
