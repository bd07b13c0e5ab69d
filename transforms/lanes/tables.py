"""Look-ups in dicts: what is looked up on each round, whether it is surely there, and what a dict holds."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...loops.context import SiteContext, mutated_roots
from ...loops.ir import Access, Expr, Inv, Loop, Op, Read, strip
from ...loops.trace import conjuncts
from ..shared.build import attr, call, clone, literal

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


def surely_known(loop: Loop, e: Op) -> bool:
    """Whether `table[key]` is only computed where `key in table` was found to hold."""
    member = Op("in", (e.args[1], e.args[0]))
    values = [(x.guard, x.value) for x in loop.effects] + [(None, x) for x in loop.finals.values()]
    return all(_guarded(guard, member) or not _bare(x, e, member) for guard, x in values) and not any(
        guard is not None and _bare(guard, e, member) for guard, _ in values
    )


def _guarded(test: Expr | None, member: Op) -> bool:
    return any(_same(part, member) for part in conjuncts(strip(test) if test is not None else None))


def _same(e: Expr, member: Op) -> bool:
    inner = strip(e)
    return (
        isinstance(inner, Op) and inner.name == "in" and tuple(map(strip, inner.args)) == tuple(map(strip, member.args))
    )


def _bare(e: Expr, wanted: Op, member: Op) -> bool:
    """Whether the look-up occurs in an expression where nothing says that the key is there."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return any(_bare(child, wanted, member) for child in inner.children())
    if inner.name == wanted.name and tuple(map(strip, inner.args)) == tuple(map(strip, wanted.args)):
        return True
    parts: Iterable[Expr] = inner.args
    if inner.name == "if" and _guarded(inner.args[0], member):
        parts = (inner.args[0], inner.args[2])
    elif inner.name == "and" and "chain" not in inner.keywords:
        found = next((k for k, a in enumerate(inner.args) if _same(a, member)), None)
        parts = inner.args if found is None else inner.args[: found + 1]
    return any(_bare(a, wanted, member) for a in parts)


def values_of(site: SiteContext, table: Inv) -> str | None:
    """What a dict that is written out holds: "int", "float", "number" (both), "text", "other"; None for any other."""
    if not isinstance(table.node, ast.Name):
        return None
    owner = site.file.scopes.owner(table.node.id, site.scope)
    binders = owner.binders(table.node.id) if owner is not None else []
    match binders:
        case [
            ast.Assign(targets=[ast.Name()], value=ast.Dict(keys=keys, values=values))
            | ast.AnnAssign(value=ast.Dict(keys=keys, values=values))
        ] if values and None not in keys:
            found = {kind_of_literal(v) for v in values}
        case _:
            return None
    if table.node.id in mutated_roots(site.file.tree):
        return "other"
    return found.pop() if len(found) == 1 else "number" if found == {"int", "float"} else "other"


def kind_of_literal(node: ast.expr) -> str:
    """The type of a value that is written out: "int", "float", "text", or "other"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "text"
    number = literal(node)
    known = {int: "int", float: "float"}.get(type(number), "other")
    return known if number is not None and abs(number) < 2**63 else "float" if known == "float" else "other"
