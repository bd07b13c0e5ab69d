"""What a round does that nothing which outlives it depends on: array code and comprehensions leave it out."""

from __future__ import annotations

import ast

from ...loops.context import SiteContext
from ...loops.ir import Carried, Loop, Op, strip
from ...loops.obligations import Obligation
from ...loops.trace import forgets


def forgotten(site: SiteContext, loop: Loop) -> list[Obligation]:
    """Owe that what is left out does not raise, and changes nothing in place."""
    if not forgets(loop):
        return []
    changed = tuple(id_ for id_ in _added_to(loop) if not _starts_plain(site, id_))
    return [Obligation("no-exceptions"), *([Obligation("plain-values", changed)] if changed else [])]


def _added_to(loop: Loop) -> list[str]:
    """Names that `+=` may change in place, and that no form of all rounds keeps."""
    steps = {x for value in (*loop.finals.values(), *loop.overwritten) for x in value.walk() if isinstance(x, Op)}
    firsts = [strip(x.args[0]) for x in steps if isinstance(x.node, ast.AugAssign) and x.args]
    return sorted({x.name for x in firsts if isinstance(x, Carried) and x.name not in loop.carried})


def _starts_plain(site: SiteContext, id_: str) -> bool:
    """Whether a name is a number or text before the loop."""
    inside = set(site.nodes)
    made = [b for b in site.scope.binders(id_) if b not in inside]
    return bool(made) and all(isinstance(b, ast.Assign) and isinstance(b.value, ast.Constant) for b in made)
