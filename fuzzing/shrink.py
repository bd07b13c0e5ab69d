"""Makes a failing program smaller: statements and expressions go as long as the same rule is still wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from .inputs import PLANS
from .judge import failures, forms
from .model import Failure, Program

_TRIES = 400


def shrunk(failure: Failure) -> Failure:
    """The smallest failure found on the way down."""
    best = failure
    seed, _, _ = failure.seed.rsplit("/", 2)
    tries = 0
    progress = True
    while progress and tries < _TRIES:
        progress = False
        for text in _smaller(best.program.text):
            tries += 1
            found = _fails(replace(best.program, text=text), failure, seed)
            if found is not None:
                best, progress = found, True
                break
            if tries >= _TRIES:
                break
    return best


def _fails(program: Program, failure: Failure, seed: str) -> Failure | None:
    try:
        _, found = forms(program.text)
    except Exception:
        return None
    wanted = [f for f in found if f.rewrite.rule.code == failure.rule and f.rewrite.tier.label == failure.tier]
    safe = not failure.obligations
    for other in failures(program, wanted, seed, tuple(range(len(PLANS)))):
        if (not other.obligations) == safe and other.error == failure.error and "NameError" not in other.difference:
            return other
    return None


def _smaller(text: str) -> Iterator[str]:
    """Programs with one piece less, large pieces first."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for name, block in ast.iter_fields(node):
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield from _without_statements(tree, node, name, block)
    for node in ast.walk(tree):
        for name, child in ast.iter_fields(node):
            if isinstance(child, ast.expr) and not isinstance(node, ast.arg):
                for smaller in _parts(child):
                    setattr(node, name, smaller)
                    yield from _text(tree)
                    setattr(node, name, child)


def _without_statements(tree: ast.Module, node: ast.AST, name: str, block: list[ast.stmt]) -> Iterator[str]:
    for k in range(len(block)):
        statement = block[k]
        inner = getattr(statement, "body", None)
        choices: list[list[ast.stmt]] = [[]]
        if isinstance(statement, (ast.If, ast.Try, ast.With)) and isinstance(inner, list):
            choices.append(inner)
        for choice in choices:
            new = [*block[:k], *choice, *block[k + 1 :]]
            if not new and name == "body":
                continue
            setattr(node, name, new)
            yield from _text(tree)
            setattr(node, name, block)


def _parts(e: ast.expr) -> list[ast.expr]:
    """Operands in the place of the whole, and a number."""
    if isinstance(e, (ast.Name, ast.Constant)) or isinstance(getattr(e, "ctx", None), ast.Store):
        return []
    parts = [n for n in ast.iter_child_nodes(e) if isinstance(n, ast.expr)]
    if isinstance(e, ast.Call):
        parts = list(e.args)
    elif isinstance(e, (ast.Attribute, ast.Subscript, ast.Lambda)):
        parts = []
    return [*parts, ast.Constant(1)]


def _text(tree: ast.Module) -> Iterator[str]:
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        ast.parse(text)
    except (SyntaxError, ValueError, TypeError, AttributeError):
        return
    yield text + "\n"
