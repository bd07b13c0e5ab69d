"""Look-ups in dicts: what is looked up on each round, whether it is surely there, and what a dict holds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...loops.context import SiteContext
from ...loops.implicit import ImplicitSite
from ...loops.ir import Access, Inv, Loop, Op, Read, strip
from ...loops.names import names_in
from ...loops.walk import walk
from ..shared.build import attr, call, clone
from .tested import known_before, of_helpers

if TYPE_CHECKING:
    from .columns import ColumnLanes

#: What hands out its elements one by one as indexing does.
SEQUENCES = frozenset({"ndarray", "list", "tuple"})


def keys_of(code: ColumnLanes, key: Read) -> ast.expr | None:
    """What is gone through for the keys of all rounds; None where that is not known."""
    series = code.series(key)
    if series is not None:
        return call(attr(series, "tolist"))  # of NumPy's types a list holds what iterating hands out
    kind = code.site.kind(key.source.base.node)
    known = kind is not None and kind.why != "annotation"
    if key.source.column is not None or key.part or key.access not in (Access.INDEX, Access.ITERATE):
        return None
    if key.access is Access.ITERATE and key.name is not None and not known:
        code.owe("sequence", key.source.code)
        return code.rounds.cut(clone(key.source.base.node), key, code)
    if kind is None or not known or kind.name not in SEQUENCES or kind.ndim not in (None, 1):
        return None
    return code.rounds.cut(clone(key.source.base.node), key, code)


def surely_known(site: SiteContext, loop: Loop, e: Op) -> bool:
    """Whether `table[key]` is only evaluated behind a test that the key is in the table, wherever the loop does so."""
    table = e.args[0]
    if isinstance(site, ImplicitSite) or not isinstance(e.node, ast.Subscript) or not isinstance(strip(table), Inv):
        return False
    if site.inlined and not all(_behind_test(site, node) for node in of_helpers(site, loop, ast.Subscript)):
        return False
    own = ast.unparse(e.node.value)
    looked_up = [n for n in walk(site.loop) if isinstance(n, ast.Subscript) and ast.unparse(n.value) == own]
    return _behind_test(site, e.node) and all(_behind_test(site, n) for n in looked_up)


def _behind_test(site: SiteContext, node: ast.AST | None) -> bool:
    """Whether `key in table` was found to hold before `table[key]`."""
    if not isinstance(node, ast.Subscript) or node not in site.file.scopes.parent:
        return False
    if any(isinstance(n, ast.Call) for n in walk(node)):
        return False
    wanted = (ast.unparse(node.slice), ast.unparse(node.value))
    return any(_says(test, holds, wanted) for test, holds in known_before(site, node, names_in(node)))


def _says(test: ast.expr, holds: bool, wanted: tuple[str, str]) -> bool:
    match test:
        case ast.BoolOp(op=op, values=values):
            return holds == isinstance(op, ast.And) and any(_says(v, holds, wanted) for v in values)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _says(inner, not holds, wanted)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
            return holds == isinstance(op, ast.In) and (ast.unparse(left), ast.unparse(right)) == wanted
    return False
