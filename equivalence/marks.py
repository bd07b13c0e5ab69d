"""Rewrite outlined code: clock marks around the region, tagged results in the place of jumps out of it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from .names import FUNCTIONS

STOP, ENTER, LEAVE, TAKE, RETURN, BRANCH, SEEN, MISSING, GATHER = (
    f"__deloop_{n}__" for n in ("stop", "enter", "leave", "take", "return", "branch", "seen", "missing", "gather")
)
_GATHERING = frozenset(("append", "add", "extend", "update", "insert", "setdefault", "appendleft"))


def copies_of(statements: list[ast.stmt], touched: list[ast.stmt]) -> list[ast.stmt]:
    """Copies of the statements; only those carry marks, since other threads work with the same tree."""
    made: dict[int, Any] = {}
    copies = copy.deepcopy(statements, made)
    for k, stmt in enumerate(touched):
        made[id(stmt)]._deloop_mark = (k == 0, k == len(touched) - 1)
    return copies


class Marked(ast.NodeTransformer):
    """Put the clock calls around the touched statements, and a probe on each condition in them if there is one."""

    def __init__(self, probe: Probe | None = None) -> None:
        self._probe = probe

    def visit(self, node: ast.AST) -> Any:
        mark = getattr(node, "_deloop_mark", None)
        if mark is None:
            return self.generic_visit(node)
        first, last = mark
        if self._probe is not None:
            node = self._probe.visit(node)
        return [*([call(ENTER)] if first else []), node, *([call(LEAVE)] if last else [])]


class Probe(ast.NodeTransformer):
    """Notes which way each condition goes, and which statements of loops gather something.

    `branches` are number, line, text, and the ways that have to be gone; `gathers` what each statement gathers into.
    """

    def __init__(self) -> None:
        self.settled: frozenset[str] = frozenset()  # names that have one value whenever the code runs
        self.branches: list[tuple[int, int, str, *tuple[bool, ...]]] = []
        self.gathers: list[str] = []
        self._loops = 0

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._loop(node)

    def _loop(self, node: ast.For | ast.While) -> ast.AST:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        return self._statement(node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        return self._statement(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        return self._statement(node)

    def _statement(self, node: ast.stmt) -> Any:
        self.generic_visit(node)
        into = _gathers_into(node) if self._loops else ""
        if not into:
            return node
        self.gathers.append(into)
        reached = ast.Call(ast.Name(GATHER, ast.Load()), [ast.Constant(len(self.gathers) - 1)], [])
        return [node, ast.Expr(reached)]

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._conditional(node, _raises(node.body), bool(node.orelse) and _raises(node.orelse))

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._conditional(node, False, False)

    def _conditional(self, node: ast.If | ast.IfExp, no_true: bool, no_false: bool) -> ast.AST:
        text, line = ast.unparse(node.test), node.test.lineno
        self.generic_visit(node)
        if self._is_settled(node.test) or any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test)):
            return node
        number = len(self.branches)
        ways = tuple(way for way, impossible in ((True, no_true), (False, no_false)) if not impossible)
        self.branches.append((number, line, text if len(text) < 60 else text[:57] + "...", *ways))
        test = _Sought().visit(node.test)
        node.test = ast.Call(ast.Name(BRANCH, ast.Load()), [ast.Constant(number), test], [])
        return node

    def _is_settled(self, test: ast.expr) -> bool:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = test.operand
        return isinstance(test, ast.Constant) or (isinstance(test, ast.Name) and test.id in self.settled)


class _Sought(ast.NodeTransformer):
    """Notes what is looked for in which container."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            where = ast.Constant(ast.unparse(node.comparators[0]))
            node.left = ast.Call(ast.Name(SEEN, ast.Load()), [where, node.left], [])
        return node


def _gathers_into(stmt: ast.stmt) -> str:
    """What a statement puts a value into, or adds one to; empty for any other statement."""
    match stmt:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=into, attr=name))) if name in _GATHERING:
            return ast.unparse(into)
        case ast.Assign(targets=[ast.Subscript(value=into)]) | ast.AugAssign(target=ast.Subscript(value=into)):
            return ast.unparse(into)
        case ast.AugAssign(target=into):
            return ast.unparse(into)
    return ""


def _raises(block: list[ast.stmt]) -> bool:
    return isinstance(block[-1], ast.Raise)


def optional_import(stmt: ast.stmt) -> ast.stmt:
    """The import before the region gives a stand-in where the module is not there."""
    if not isinstance(stmt, (ast.Import, ast.ImportFrom)) or stmt.names[0].name == "*":
        return stmt
    names = [alias.asname or alias.name.split(".")[0] for alias in stmt.names]
    taken: list[ast.stmt] = [
        ast.Assign([ast.Name(n, ast.Store())], ast.Call(ast.Name(MISSING, ast.Load()), [ast.Constant(n)], []))
        for n in names
    ]
    return ast.Try([stmt], [ast.ExceptHandler(ast.Name("ImportError", ast.Load()), None, taken)], [], [])


class Exits(ast.NodeTransformer):
    """`return x` becomes a tagged result, `break` and `continue` of an outer loop too."""

    def __init__(self, take: ast.expr) -> None:
        self._take = take
        self._loops = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._loop(node)

    def _loop(self, node: ast.For | ast.While) -> ast.AST:
        self._loops += 1
        node.body = flat([self.visit(s) for s in node.body])
        self._loops -= 1
        node.orelse = flat([self.visit(s) for s in node.orelse])
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return ast.Return(tagged("return", node.value or ast.Constant(None)))

    def visit_Break(self, node: ast.Break) -> ast.AST:
        return node if self._loops else ast.Return(tagged("break", copy.deepcopy(self._take)))

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return node if self._loops else ast.Return(tagged("continue", copy.deepcopy(self._take)))


def mangled(tree: ast.Module, class_name: str) -> ast.Module:
    prefix = "_" + class_name.lstrip("_")
    for node in ast.walk(tree) if class_name else ():
        for attribute in ("id", "attr", "arg"):
            name = getattr(node, attribute, None)
            if isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
                setattr(node, attribute, prefix + name)
    return tree


def loose_jumps(stmt: ast.AST) -> Iterator[ast.AST]:
    if isinstance(stmt, (ast.For, ast.While, *FUNCTIONS, ast.ClassDef)):
        return
    yield stmt
    for child in ast.iter_child_nodes(stmt):
        yield from loose_jumps(child)


def flat(parts: list[Any]) -> list[ast.stmt]:
    return [s for p in parts for s in (p if isinstance(p, list) else [p])]


def call(name: str) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], []))


def name_tuple(names: list[str]) -> ast.expr:
    return ast.Tuple([ast.Constant(n) for n in names], ast.Load())


def locals_call() -> ast.expr:
    return ast.Call(ast.Name("__deloop_locals__", ast.Load()), [], [])


def tagged(tag: str, value: ast.expr) -> ast.expr:
    return ast.Tuple([ast.Constant(tag), value], ast.Load())
