"""What it takes to read a key once where the loop reads it again and again."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...loops.context import SiteContext
from ...loops.ir import Read
from ...loops.obligations import Obligation


def owed_for_keys(site: SiteContext, reads: Iterable[tuple[ast.expr, Read]]) -> tuple[Obligation, ...]:
    """`d[row["k"]] = 0` and then `d[row["k"]] += 1`: in a row of floats a NaN that is read again is another NaN."""
    parent = site.file.scopes.parent
    keys: dict[str, list[ast.Subscript]] = {}
    for node, _ in reads:
        up = parent[node]
        if isinstance(up, ast.Subscript) and up.slice is node:
            keys.setdefault(ast.unparse(node), []).append(up)
    again = [
        key
        for key, found in keys.items()
        if any(isinstance(a.ctx, ast.Store) and a.lineno < b.lineno for a in found for b in found)
    ]
    return tuple(Obligation("no-missing", (key,)) for key in again)
