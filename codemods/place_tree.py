"""Surgery on the LibCST tree of a region: statements go, come and move; comments and blank lines follow them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from .place_region import PlacementError

#: All that statements can be reached through; what lies inside them needs no visit.
_WAY = (
    cst.Module,
    cst.BaseSuite,
    cst.BaseStatement,
    cst.Else,
    cst.Finally,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.MatchCase,
)


@dataclass(frozen=True)
class Slot:
    """Where a statement stands in the LibCST tree; `whole` if it has its lines to itself and can be taken out."""

    stmt: ast.stmt
    node: cst.CSTNode
    whole: bool
    depth: int


@dataclass
class Pairing:
    """Which LibCST node stands for which statement, both trees being parsed from the same text."""

    slots: dict[int, Slot] = field(default_factory=dict)
    owners: dict[int, ast.stmt] = field(default_factory=dict)
    blocks: list[tuple[cst.CSTNode | None, list[ast.stmt]]] = field(default_factory=list)

    def pair(
        self, stmts: Sequence[ast.stmt], nodes: Sequence[cst.CSTNode], opaque: Collection[int] = (), depth: int = 0
    ) -> None:
        """Walk both trees in step. Statements in `opaque` (by id) are not entered."""
        waiting = iter(stmts)
        for node in nodes:
            small: Sequence[cst.CSTNode] = node.body if isinstance(node, cst.SimpleStatementLine) else [node]
            for _ in range(len(small)):
                stmt = next(waiting)
                whole = isinstance(node, cst.BaseStatement) and len(small) == 1
                self.slots[id(stmt)] = Slot(stmt, node, whole, depth)
                self.owners.setdefault(id(node), stmt)
                if id(stmt) not in opaque:
                    self._inside(stmt, node, opaque, depth + 1)

    def _inside(self, stmt: ast.stmt, node: cst.CSTNode, opaque: Collection[int], depth: int) -> None:
        for block, suite in _suites(stmt, node):
            if isinstance(suite, cst.If):
                # an `elif` is a statement to `ast` and no statement of its own in the text
                self.slots[id(block[0])] = Slot(block[0], suite, False, depth - 1)
                self.owners[id(suite)] = block[0]
                self._inside(block[0], suite, opaque, depth)
                continue
            self.blocks.append((suite, block))
            self.pair(block, _nodes(suite), opaque, depth)


def _nodes(suite: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    assert isinstance(suite, cst.IndentedBlock | cst.SimpleStatementSuite)
    return suite.body


def _suites(stmt: ast.stmt, node: cst.CSTNode) -> Iterator[tuple[list[ast.stmt], cst.BaseSuite | cst.If]]:
    match stmt:
        case ast.Try() | ast.TryStar():
            assert isinstance(node, cst.Try | cst.TryStar)
            yield stmt.body, node.body
            clauses: Sequence[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
            for handler, clause in zip(stmt.handlers, clauses, strict=True):
                yield handler.body, clause.body
            if node.orelse:
                yield stmt.orelse, node.orelse.body
            if node.finalbody:
                yield stmt.finalbody, node.finalbody.body
        case ast.Match():
            assert isinstance(node, cst.Match)
            for case, clause_ in zip(stmt.cases, node.cases, strict=True):
                yield case.body, clause_.body
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            assert isinstance(node, cst.If | cst.For | cst.While)
            yield stmt.body, node.body
            if isinstance(node.orelse, cst.If):
                yield stmt.orelse, node.orelse
            elif node.orelse:
                yield stmt.orelse, node.orelse.body
        case ast.With() | ast.AsyncWith() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            assert isinstance(node, cst.With | cst.FunctionDef | cst.ClassDef)
            yield stmt.body, node.body


class _OwnIndents(cst.CSTTransformer):
    """Writes down the indentation of the blocks that have the default one of a module."""

    def __init__(self, indent: str) -> None:
        super().__init__()
        self.indent = indent

    def on_visit(self, node: cst.CSTNode) -> bool:
        return isinstance(node, _WAY)

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        return updated_node if updated_node.indent is not None else updated_node.with_changes(indent=self.indent)


def with_indent(module: cst.Module, unit: str) -> cst.Module:
    """The same code where each block that is there keeps its indentation, and new ones get `unit`.

    LibCST takes the first block's indentation for that of all, and a region may start deeper than one level.
    """
    if module.default_indent == unit:
        return module
    return module.visit(_OwnIndents(module.default_indent)).with_changes(default_indent=unit)


def own_lines(text: Sequence[str]) -> list[cst.EmptyLine]:
    """Comments as lines of their own."""
    return [cst.EmptyLine(comment=cst.Comment(comment)) for comment in text]


def lead_of(node: cst.CSTNode) -> list[cst.EmptyLine]:
    """The blank lines and comments above a statement."""
    return list(getattr(node, "leading_lines", ()))


@dataclass
class Surgeon(cst.CSTTransformer):
    """What to do with the nodes, by their id. A node's own lines above it are `lead` where that is given.

    `instead` puts new nodes in a node's place, `before` in front of it. `kept` names the old node for which a new one
    is only a placeholder, and `touching` are comments between the lines above the old node and itself.
    """

    lead: dict[int, list[cst.EmptyLine]] = field(default_factory=dict)
    trail: dict[int, str] = field(default_factory=dict)
    touching: dict[int, list[cst.EmptyLine]] = field(default_factory=dict)
    footer: dict[int, list[cst.EmptyLine]] = field(default_factory=dict)
    before: dict[int, list[cst.CSTNode]] = field(default_factory=dict)
    instead: dict[int, list[cst.CSTNode]] = field(default_factory=dict)
    kept: dict[int, cst.CSTNode] = field(default_factory=dict)
    _verbatim: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def on_visit(self, node: cst.CSTNode) -> bool:
        return isinstance(node, _WAY)

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        key = id(original_node)
        if key in self.kept:
            return self._kept_node(key)
        node = updated_node
        if key in self.footer and isinstance(node, cst.IndentedBlock):
            node = node.with_changes(footer=[*node.footer, *self.footer[key]])
        if key in self.lead:
            node = node.with_changes(leading_lines=self.lead[key])
        if key in self.trail:
            node = _with_trailing(node, self.trail[key])
        if key in self._verbatim or (key not in self.before and key not in self.instead):
            return node
        out: list[cst.CSTNode] = []
        for new in self.before.get(key, []):
            out.append(self._visited(new))
        for new in self.instead.get(key, []):
            out.append(self._visited(new))
        if key not in self.instead:
            out.append(node)
        return cst.FlattenSentinel(out) if out else cst.RemoveFromParent()

    def _visited(self, node: cst.CSTNode) -> cst.CSTNode:
        result = node.visit(self)
        assert isinstance(result, cst.CSTNode)
        return result

    def _kept_node(self, key: int) -> cst.CSTNode:
        old = self.kept[key]
        self._verbatim.add(id(old))
        node = self._visited(old)
        return node.with_changes(leading_lines=[*self.lead.get(key, []), *lead_of(node), *self.touching.get(key, [])])


def _with_trailing(node: cst.CSTNode, comment: str) -> cst.CSTNode:
    trailing = cst.TrailingWhitespace(cst.SimpleWhitespace("  "), cst.Comment(comment))
    if isinstance(node, cst.SimpleStatementLine):
        return node.with_changes(trailing_whitespace=trailing)
    suite = getattr(node, "body", None)
    if not isinstance(suite, cst.IndentedBlock):
        raise PlacementError(1, f"the comment {comment!r} has no place")
    return node.with_changes(body=suite.with_changes(header=trailing))
