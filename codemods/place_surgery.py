"""The new text of a region: what to cut, where the new statements go, and whose comments they take over."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from ..loops.walk import walk
from ..sources.positions import Positions, first_line, last_line
from ..transforms.base import Edit, InsertBefore, Replace
from .comments import Kind, Remark, is_pragma, join_lead, remarks_in, split_lead, without_blanks
from .place_region import PlacementError, Region
from .place_tree import Pairing, Slot, Surgeon, lead_of, own_lines, with_indent
from .render import RenderError, Style, render_stmt

_Statements = Replace | InsertBefore


@dataclass
class Fresh:
    """A new statement in the LibCST tree, the original line that it stands for (or 0), and the comments it gets."""

    slot: Slot
    line: int
    above: list[str] = field(default_factory=list)
    trailing: str | None = None

    @property
    def stmt(self) -> ast.stmt:
        return self.slot.stmt


@dataclass
class Batch:
    """The new statements of one edit: those at the top, and all of them in order."""

    edit: _Statements
    top: list[Fresh]
    all: list[Fresh]


def kept_statements(spots: Positions, edits: Sequence[Edit]) -> set[int]:
    """The ids of original statements that come back in the replacement of a statement around them, or of themselves.

    Raises PlacementError if one of them can't be moved as whole lines.
    """
    kept: set[int] = set()
    for edit in edits:
        if not isinstance(edit, Replace):
            continue
        inside = {id(node) for node in walk(edit.old) if isinstance(node, ast.stmt)}
        used = [node for new in edit.new for node in _statements_of(new, inside) if id(node) in inside]
        if len({id(node) for node in used}) < len(used) or any(id(node) in kept for node in used):
            raise PlacementError(edit.old.lineno, "a statement would stand there twice")
        for node in used:
            if not _has_own_lines(spots, node):
                raise PlacementError(node.lineno, "the statement shares its line with another one, or is an `elif`")
        kept.update(map(id, used))
    return kept


def _has_own_lines(spots: Positions, stmt: ast.stmt) -> bool:
    start, end = spots.span(stmt)
    head = spots.line(stmt.lineno)[: start - spots.line_start(stmt.lineno)]
    tail = spots.text[end : spots.line_start(last_line(stmt) + 1)].strip()
    return not head.strip() and (not tail or tail.startswith("#")) and not spots.text.startswith("elif", start)


def _statements_of(stmt: ast.stmt, opaque: Collection[int]) -> Iterator[ast.stmt]:
    """The statements of a new statement, outermost first, those inside an original one left out."""
    yield stmt
    if id(stmt) in opaque:
        return
    for child in ast.iter_child_nodes(stmt):
        parts = [child] if isinstance(child, ast.stmt) else []
        if isinstance(child, ast.ExceptHandler | ast.match_case):
            parts = child.body
        for part in parts:
            yield from _statements_of(part, opaque)


class Surgery:
    """One pass over one region. `text` is the region's text with its substitutions done."""

    def __init__(
        self, region: Region, text: str, edits: Sequence[_Statements], kept: Collection[int], style: Style, source: str
    ) -> None:
        self.region = region
        self.kept = kept
        self.style = style
        self.source = source
        self.edits = edits
        self.config: cst.PartialParserConfig = cst.PartialParserConfig(default_indent=region.unit, default_newline="\n")
        self.has_comments = "#" in text
        self.module = self._parse(region.wrapped(text))
        nodes: list[cst.CSTNode] = list(self.module.body)
        if region.indent:
            header = cst.ensure_type(self.module.body[0], cst.If)
            nodes = list(header.body.body)
        self.end = nodes[-1]
        self.pairing = Pairing()
        try:
            self.pairing.pair(region.statements, nodes[1:-1])
        except (StopIteration, AssertionError, ValueError, RuntimeError) as error:
            raise PlacementError(region.lines[0], "the two parsers disagree about these statements") from error
        self.surgeon = Surgeon()

    def run(self, moved: Sequence[Remark] = ()) -> str:
        """The region's new text. `moved` are comments that substitutions pushed out of their expressions."""
        self._check_places()
        batches = [self._batch(edit) for edit in self.edits]
        homeless: dict[int, list[str]] = {}
        for remark in moved:
            homeless.setdefault(id(remark.owner), []).append(remark.text)
        for batch in batches:
            for remark in self._orphans(batch.edit):
                fresh = _allot(remark, batch, batches)
                if fresh is None:
                    self._refuse_marker(remark)
                    homeless.setdefault(id(batch.edit.old), []).append(remark.text)  # type: ignore[union-attr]
                else:
                    self._give(remark, fresh, batch)
        for batch in batches:
            self._plan(batch)
        self._lead_lines(homeless)
        code = self.module.visit(self.surgeon).code
        prefix, suffix = self.region.prefix, self.region.suffix
        if not (code.startswith(prefix) and code.endswith(suffix)):
            raise PlacementError(self.region.lines[0], "the statements around the change would not stay as they are")
        return code[len(prefix) : len(code) - len(suffix)]

    def _parse(self, text: str) -> cst.Module:
        try:
            return with_indent(cst.parse_module(text, self.config), self.region.unit)
        except (cst.ParserSyntaxError, RecursionError) as error:
            reason = f"LibCST can't read these statements: {getattr(error, 'message', error)}"
            raise PlacementError(self.region.lines[0], reason) from error

    def _check_places(self) -> None:
        for edit in self.edits:
            stmt = edit.old if isinstance(edit, Replace) else edit.anchor
            if not self.pairing.slots[id(stmt)].whole:
                raise PlacementError(stmt.lineno, "the statement shares its line with another one, or is an `elif`")
        gone = {id(edit.old) for edit in self.edits if isinstance(edit, Replace) and not edit.new}
        anchors = {id(edit.anchor) for edit in self.edits if isinstance(edit, InsertBefore)}
        for _, block in self.pairing.blocks:
            if all(id(stmt) in gone - anchors for stmt in block):
                raise PlacementError(block[0].lineno, "the block would be left empty")
        whole = self.region.first == 0 and self.region.ends_block
        if whole and all(id(stmt) in gone - anchors for stmt in self.region.block):
            raise PlacementError(self.region.lines[0], "the block would be left empty")

    # ---- new statements

    def _batch(self, edit: _Statements) -> Batch:
        if not edit.new:
            return Batch(edit, [], [])
        lines: list[str] = []
        for new in edit.new:
            lines += self._rendered(new)
        module = self._parse("\n".join(lines) + "\n")
        pairing = Pairing()
        pairing.pair(edit.new, module.body, opaque=self.kept)
        spans = [(first_line(e.old), last_line(e.old)) for e in self.edits if isinstance(e, Replace)]
        everything: list[Fresh] = []
        for slot in pairing.slots.values():
            line = getattr(slot.stmt, "lineno", 0) or 0
            stands_for = line if any(first <= line <= last for first, last in spans) else 0
            everything.append(Fresh(slot, stands_for))
            if id(slot.stmt) in self.kept:
                self.surgeon.kept[id(slot.node)] = self.pairing.slots[id(slot.stmt)].node
        by_stmt = {id(fresh.stmt): fresh for fresh in everything}
        return Batch(edit, [by_stmt[id(new)] for new in edit.new], everything)

    def _rendered(self, stmt: ast.stmt) -> list[str]:
        width = self.style.width - len(self.region.indent.expandtabs(4))
        try:
            return render_stmt(
                stmt,
                width=width,
                quote=self.style.quote,
                source_text=self.source,
                unit=self.region.unit,
                placeholders=self.kept,
            )
        except RenderError as error:
            raise PlacementError(self.region.lines[0], f"the new code has no spelling: {error}") from error

    # ---- comments

    def _orphans(self, edit: _Statements) -> list[Remark]:
        """The comments that lose their statement, without those separated from it by a blank line."""
        if isinstance(edit, InsertBefore) or id(edit.old) in self.kept or not self.has_comments:
            return []
        node = self.pairing.slots[id(edit.old)].node
        detached, _ = split_lead(lead_of(node))
        stays = sum(line.comment is not None for line in detached)
        return list(remarks_in(node, self.pairing.owners, self.kept, edit.old))[stays:]

    def _refuse_marker(self, remark: Remark) -> None:
        if is_pragma(remark.text):
            raise PlacementError(remark.line, f"the comment {remark.text!r} belongs to a line that would go")

    def _give(self, remark: Remark, fresh: Fresh, batch: Batch) -> None:
        old = batch.edit.old if isinstance(batch.edit, Replace) else None
        stays = remark.kind is Kind.ABOVE and remark.owner is old and batch.top and fresh is batch.top[0]
        if not stays:
            self._refuse_marker(remark)
        alike = isinstance(self.pairing.slots[id(remark.owner)].node, cst.SimpleStatementLine) == isinstance(
            fresh.slot.node, cst.SimpleStatementLine
        )
        exact = fresh.line == remark.line and alike and fresh.trailing is None
        if remark.kind is Kind.TRAILING and exact and self._fits(fresh, remark.text):
            fresh.trailing = remark.text
            return
        fresh.above.append(remark.text)

    def _fits(self, fresh: Fresh, comment: str) -> bool:
        code = cst.Module([], default_indent=self.region.unit).code_for_node(fresh.slot.node)
        line, _, rest = code.partition("\n")
        if isinstance(fresh.slot.node, cst.SimpleStatementLine) == bool(rest):
            return False
        if not isinstance(fresh.slot.node, cst.SimpleStatementLine) and not line.endswith(":"):
            return False
        indent = self.region.indent + self.region.unit * fresh.slot.depth
        return len(indent.expandtabs(4)) + len(line) + 2 + len(comment) <= self.style.width

    # ---- carrying it out

    def _plan(self, batch: Batch) -> None:
        edit = batch.edit
        nodes = [fresh.slot.node for fresh in batch.top]
        if isinstance(edit, InsertBefore):
            self.surgeon.before.setdefault(id(self.pairing.slots[id(edit.anchor)].node), []).extend(nodes)
        else:
            self.surgeon.instead[id(self.pairing.slots[id(edit.old)].node)] = nodes
        for fresh in batch.all:
            key = id(fresh.slot.node)
            if fresh.above:
                place = self.surgeon.touching if key in self.surgeon.kept else self.surgeon.lead
                place[key] = own_lines(fresh.above)
            if fresh.trailing is not None:
                self.surgeon.trail[key] = fresh.trailing

    def _lead_lines(self, homeless: dict[int, list[str]]) -> None:
        """Blank lines and comments above statements: those of a deleted one pass to the next that stays."""
        at_start = self.region.first == 0
        rest = self._block_lead(self.region.statements, homeless, at_start)
        own = lead_of(self.end)
        if self.region.ends_block:
            rest = rest if any(line.comment for line in rest) else []
        self.surgeon.lead[id(self.end)] = join_lead(rest, own)
        for suite, block in self.pairing.blocks:
            rest = self._block_lead(block, homeless, True)
            if any(line.comment for line in rest):
                self.surgeon.footer[id(suite)] = rest

    def _block_lead(
        self, block: Sequence[ast.stmt], homeless: dict[int, list[str]], at_start: bool
    ) -> list[cst.EmptyLine]:
        surgeon = self.surgeon
        carry: list[cst.EmptyLine] = []
        for stmt in block:
            slot = self.pairing.slots[id(stmt)]
            if not isinstance(slot.node, cst.BaseStatement) or self.pairing.owners[id(slot.node)] is not stmt:
                continue
            key = id(slot.node)
            lines = lead_of(slot.node)
            detached, attached = split_lead(lines)
            gone = key in surgeon.instead
            extra = own_lines(homeless.get(id(stmt), []))
            above = join_lead(carry, detached) if not (at_start and carry) else carry + without_blanks(detached)
            new = [*surgeon.before.get(key, []), *surgeon.instead.get(key, [])]
            if gone and not new:
                carry = above + extra
                continue
            carry, at_start = [], False
            if new:
                surgeon.lead[id(new[0])] = above + surgeon.lead.get(id(new[0]), [])
                if not gone:
                    surgeon.lead[key] = attached + extra
            elif above != detached or extra:
                surgeon.lead[key] = above + attached + extra
        return carry


def _allot(remark: Remark, batch: Batch, batches: Sequence[Batch]) -> Fresh | None:
    """The new statement that takes over a comment: the one that stands for its line, else the nearest that there is."""
    every = [fresh for other in batches for fresh in other.all]
    exact = [f for f in every if f.stmt is remark.owner] or [f for f in every if f.line == remark.line]
    if exact:
        return exact[0]
    if batch.top:
        later = [fresh for fresh in batch.top if fresh.line > remark.line]
        marked = [fresh for fresh in batch.top if fresh.line]
        return next(iter([*later, *reversed(marked), *batch.top]))
    names = _assigned(remark.owner)
    same_name = [fresh for other in batches for fresh in other.top if names and _assigned(fresh.stmt) == names]
    at = next(index for index, other in enumerate(batches) if other is batch)
    after = [fresh for other in batches[at + 1 :] for fresh in other.top]
    ahead = [fresh for other in batches[:at] for fresh in other.top]
    return next(iter([*same_name, *after, *reversed(ahead)]), None)


def _assigned(stmt: ast.stmt) -> str:
    match stmt:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""
