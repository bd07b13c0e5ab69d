"""Find what may be a site: loop statements, and expressions that go over rows or elements."""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Callable, Iterator

from ..loops.implicit import expressions
from ..loops.walk import children

#: Literal first words make the search several times faster.
LOOP_WORDS = (re.compile(r"for\b"), re.compile(r"while\b"))
#: What the expressions that are looked for are written with; literal first words make the search several times faster.
EXPRESSIONS = (
    *(
        re.compile(rf"\.{word}[ \t]*\(\s*\(?(?:lambda\b|[A-Za-z_][\w.]*\s*[,)])")
        for word in ("apply", "map", "applymap")
    ),
    re.compile(r"vectorize(?<!\wvectorize)[ \t]*\("),
    re.compile(r" in (?:enumerate\()?(?:range\(|[^\s:,()]+\.(?:iterrows|itertuples|index)\b)"),
)
#: A name for a vectorised function.
VECTORIZED = re.compile(r"^[ \t]*(\w+)[ \t]*=[ \t]*(?:\w+\.)?vectorize[ \t]*\(", re.MULTILINE)
Around = tuple[ast.AST, ...]


def loops_in(tree: ast.Module, text: str) -> list[tuple[ast.For | ast.While, Around]]:
    """The loops of a file with the functions around each; only blocks that have a line like a loop are looked into."""
    statements = _statements(tree, sorted(line for word in LOOP_WORDS for line in _lines(text, word, _begins_line)))
    return [(s, around) for s, around in statements if isinstance(s, (ast.For, ast.While))]


def expressions_in(tree: ast.Module, text: str) -> list[tuple[ast.expr, ast.stmt, Around]]:
    """Calls and comprehensions that may be loops, with the statement that each stands in and the functions around."""
    found: list[tuple[ast.expr, ast.stmt, Around]] = []
    names = VECTORIZED.findall(text) if EXPRESSIONS[-2].search(text) else ()
    named = {re.compile(rf"\b{name}[ \t]*\(") for name in names}
    lines = sorted(line for wanted in (*EXPRESSIONS, *named) for line in _lines(text, wanted))
    for stmt, around in _statements(tree, lines):
        if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        own = (n for n in expressions(stmt) if isinstance(n, (ast.Call, ast.ListComp, ast.GeneratorExp)))
        found += ((n, stmt, around) for n in own)
    return found


def _statements(tree: ast.Module, starts: list[int]) -> Iterator[tuple[ast.stmt, Around]]:
    """The statements that hold one of these lines, with the functions around each."""
    stack: list[tuple[ast.AST, Around]] = [(tree, ())]
    while stack and starts:
        node, around = stack.pop()
        for child in children(node):
            if not isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                continue
            first, last = getattr(child, "lineno", None), getattr(child, "end_lineno", None)
            if first is not None and last is not None:
                k = bisect.bisect_left(starts, first)
                if k == len(starts) or starts[k] > last:
                    continue
            if isinstance(child, ast.stmt):
                yield child, around
            inner = (*around, child) if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else around
            stack.append((child, inner))


def _begins_line(text: str, start: int) -> bool:
    """Whether nothing stands before a place in its line, or `async` alone."""
    return text[text.rfind("\n", 0, start) + 1 : start].strip(" \t\f") in ("", "async")


def _lines(text: str, wanted: re.Pattern[str], counts: Callable[[str, int], bool] = lambda text, at: True) -> list[int]:
    """The lines on which matches start that count, from 1, in order."""
    found: list[int] = []
    line, at = 1, 0
    for match in wanted.finditer(text):
        start = match.start()
        if not counts(text, start):
            continue
        line += text.count("\n", at, start)
        at = start
        found.append(line)
    return found
