"""The uses of retired names in a file, and what the modernisers say of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from ...loops.context import FileContext
from ...loops.remarks import Refusal
from ...transforms.base import Rule
from .base import Change, Moderniser, Use
from .facts import RetiredKinds
from .registry import MODERNISERS

Wants = Callable[[Rule], bool]
Judged = tuple[type[Moderniser], Use, Change | Refusal]


_BY_NAME: dict[str, list[type[Moderniser]]] = {}
for _moderniser in MODERNISERS:
    for _name in _moderniser.names:
        _BY_NAME.setdefault(_name, []).append(_moderniser)


def may_have_retired(text: str) -> bool:
    """Whether a text may use a retired name."""
    return _WORDS.search(text) is not None


def judged(
    file: FileContext, wants: Wants = lambda rule: True, within: Sequence[ast.AST] | None = None
) -> Iterator[Judged]:
    """Every use of a retired name in a file, or among some nodes, with what is to be done about it, in file order."""
    among = file.scopes.index.each(ast.Attribute) if within is None else within
    nodes = [node for node in among if isinstance(node, ast.Attribute) and node.attr in _BY_NAME]
    if not nodes:
        return
    if within is None:
        file.scopes.ensure_all()
    kinds = _kinds(file)
    for node in sorted(nodes, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0)):
        for moderniser in filter(lambda one: wants(one.rule), _BY_NAME[node.attr]):
            use = Use(file, kinds, node)
            if (answer := moderniser().judge(use)) is not None:
                yield moderniser, use, answer


def _kinds(file: FileContext) -> RetiredKinds:
    """What is known of the file's names, kept for the next question."""
    if not isinstance(file.retired, RetiredKinds):
        file.retired = RetiredKinds(file.scopes, uses=file.kinds.uses)
    return file.retired


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


def advice(file: FileContext, nodes: Sequence[ast.AST]) -> str:
    """What to do about retired names in a loop first, where something can be done; empty if there are none."""
    found = [use for _, use, answer in judged(file, within=nodes) if isinstance(answer, Change)]
    if not found:
        return ""
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(use.name for use in found))
    return f"{FIRST}: `deloop modernize {file.path}` ({names} in it is retired API)"
