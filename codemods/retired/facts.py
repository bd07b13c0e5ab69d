"""Kinds of names where retired methods are still called."""

from __future__ import annotations

import ast

from ...loops.kind_words import Kind
from ...loops.kinds import Kinds, common
from ...loops.scopes import Scope
from ...loops.usage import Uses

#: Retired methods of a frame or series that return one of the same kind.
SAME_KIND = frozenset({"append", "sort", "order", "pad", "backfill", "set_value"})
#: Names that others than frames have had: they give nothing away.
_SAID_BY = frozenset({"use of .iteritems"})


class RetiredKinds(Kinds):
    """Kinds as in all of deloop, with what retired methods return, and without what only their use would prove."""

    def _method(self, node: ast.Call, attr: str, base: Kind | None) -> Kind | None:
        if base is not None and base.name in ("frame", "series") and attr in SAME_KIND:
            inplace = any(k.arg == "inplace" for k in node.keywords)
            return None if inplace else Kind(base.name, why=attr, line=node.lineno)
        return super()._method(node, attr, base)

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        found = super()._call(node, scope, depth)
        if found is None or found.why != "pandas.concat" or any(k.arg in ("axis", None) for k in node.keywords):
            return found
        match node.args:
            case [ast.List(elts=[_, *_] as elts)]:
                joined = common([self.of(e, scope, depth + 1) for e in elts if not isinstance(e, ast.Starred)])
                if joined is not None and joined.name in ("frame", "series") and joined.proven:
                    return Kind(joined.name, why=found.why, line=found.line)
        return found

    def _by_use(self, name: str, owner: Scope) -> Kind | None:
        uses = self.uses.of(owner)
        said = {n: kept for n, found in uses.said.items() if (kept := [f for f in found if f[1] not in _SAID_BY])}
        found = Uses(said, uses.rows, uses.by_column, uses.attributes).kind(name)
        return Kind(found[0], why=found[1], line=found[2]) if found else None
