"""The uses of retired names in a file, and what the modernisers say of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from ...loops.context import FileContext
from ...loops.remarks import Refusal
from ...transforms.base import Rule
from .base import Change, Moderniser, Use
from .facts import RetiredKinds
from .registry import MODERNISERS

Wants = Callable[[Rule], bool]
Judged = tuple[type[Moderniser], Use, Change | Refusal]


def may_have_retired(text: str) -> bool:
    """Whether a text may use a retired name."""
    return _WORDS.search(text) is not None


def judged(file: FileContext, wants: Wants = lambda rule: True, within: ast.AST | None = None) -> Iterator[Judged]:
    """Every use of a retired name in a file, or in a part of it, with what is to be done about it, in file order."""
    by_name: dict[str, list[type[Moderniser]]] = {}
    for moderniser in MODERNISERS:
        if wants(moderniser.rule):
            for name in moderniser.names:
                by_name.setdefault(name, []).append(moderniser)
    nodes = [node for node in ast.walk(within or file.tree) if isinstance(node, ast.Attribute) and node.attr in by_name]
    if not nodes:
        return
    if within is None:
        file.scopes.ensure_all()
    kinds = RetiredKinds(file.scopes)
    for node in sorted(nodes, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0)):
        for moderniser in by_name[node.attr]:
            use = Use(file, kinds, node)
            if (answer := moderniser().judge(use)) is not None:
                yield moderniser, use, answer


_WORDS = re.compile(
    "|".join(
        sorted(
            {rf"\.\s*{name}\b" for one in MODERNISERS if not one.words for name in one.names}
            | {rf"\b{word}\b" for one in MODERNISERS for word in one.words}
        )
    )
)


#: How the advice starts.
FIRST = "modernize first"


def advice(file: FileContext, loop: ast.AST) -> str:
    """What to do about retired names in a loop first, where something can be done; empty if there are none."""
    first, last = getattr(loop, "lineno", 1), getattr(loop, "end_lineno", None) or 1
    if not may_have_retired("\n".join(file.text.split("\n")[first - 1 : last])):
        return ""
    found = [use for _, use, answer in judged(file, within=loop) if isinstance(answer, Change)]
    if not found:
        return ""
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(use.name for use in found))
    return f"{FIRST}: `deloop modernize {file.path}` ({names} in it is retired API)"
