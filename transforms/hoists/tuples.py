"""Rows of itertuples as loop targets: what reads an attribute of the row reads a name of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.ir import Access, Header, HeaderForm, Inv, Row
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..shared.build import attr, call, clone, const, item, name, store
from .body import in_nested_scope
from .zipped import MOST, target_names

#: What `row.Index` is called.
INDEX = "Index"


@dataclass
class TupleReads:
    """The attributes of the row that a body reads, and the names that stand for them."""

    site: SiteContext
    row: str
    target: ast.Name
    rows: ast.Call  # `df.itertuples()`
    table: Inv
    reads: list[ast.Attribute]
    labelled: bool  # whether the rows begin with the label
    names: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        return [c for c in self.names if not self._label(c)]

    def _label(self, asked: str) -> bool:
        return self.labelled and asked == INDEX

    def replaced(self) -> list[tuple[ast.expr, ast.expr]]:
        """What is read, and what to read in its place."""
        return [(node, name(self.names[node.attr])) for node in self.reads]

    def header(self, table: ast.expr) -> tuple[ast.expr, ast.expr]:
        """The targets, and the lists that go in the place of the rows."""
        sources: list[ast.expr] = []
        for column in self.names:
            label = self._label(column)
            whole = attr(clone(table), "index") if label else item(clone(table), const(column))
            sources.append(whole if label else call(attr(whole, "tolist")))
        if len(sources) == 1:
            return store(*self.names.values()), sources[0]
        return ast.Tuple([store(n) for n in self.names.values()], ast.Store()), call("zip", *sources)


def tuple_reads(site: SiteContext, header: Header, taken: Iterable[str] = ()) -> TupleReads | Refusal | None:
    """What a loop over itertuples reads of its rows; a refusal where the row itself is used; None for other loops."""
    found = next(((n, what) for n, what in header.binds.items() if isinstance(what, Row)), None)
    if header.form is not HeaderForm.ITERTUPLES or found is None or not isinstance(site.loop, ast.For):
        return None
    row, what = found
    rows, target = _rows(site.loop.iter), _target(site.loop.target, row)
    if what.access is not Access.TUPLE or not what.names or rows is None or target is None:
        return None
    reads = _reads(site, row)
    if isinstance(reads, Refusal):
        return reads
    if not reads:
        return Refusal(Reason.NO_GAIN, site.loop.lineno, "the row is not read")
    asked = list(dict.fromkeys(n.attr for n in reads))
    if len(asked) > MOST:
        return Refusal(Reason.NO_GAIN, site.loop.lineno, f"{len(asked)} columns are read: too many to name in a header")
    made = TupleReads(site, row, target, rows, what.frame, reads, what.first == 1)
    made.names = _names(site, asked, taken, made.labelled)
    return made


def _names(site: SiteContext, asked: Sequence[str], taken: Iterable[str], labelled: bool) -> dict[str, str]:
    used = set(taken)

    def fresh(*wishes: str) -> str:
        free = tuple(w for w in wishes if w not in used) or (f"{wishes[-1]}_2",)
        used.add(found := site.fresh(*free))
        return found

    found = {INDEX: fresh("label", "row_label")} if labelled and INDEX in asked else {}
    return found | target_names([a for a in asked if a not in found], fresh)


def _rows(iterable: ast.expr) -> ast.Call | None:
    """The one call of itertuples in the header, whatever stands around it."""
    calls = [
        n
        for n in walk(iterable)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "itertuples"
    ]
    return calls[0] if len(calls) == 1 else None


def _target(target: ast.expr, row: str) -> ast.Name | None:
    names = [n for n in walk(target) if isinstance(n, ast.Name)]
    mine = [n for n in names if n.id == row]
    return mine[0] if len(mine) == 1 else None


def _reads(site: SiteContext, row: str) -> list[ast.Attribute] | Refusal:
    """The attributes that the body reads, in the order of the file."""
    parent = site.file.scopes.parent
    reads: list[ast.Attribute] = []
    body = [n for s in (*site.loop.body, *site.loop.orelse) for n in walk(s)]
    for n in body:
        if not isinstance(n, ast.Name) or n.id != row:
            continue
        if in_nested_scope(site, n):
            return Refusal(Reason.SCOPE, n.lineno, f"a function made in the body keeps the row `{row}`")
        up = parent[n]
        known = isinstance(up, ast.Attribute) and up.value is n and isinstance(up.ctx, ast.Load)
        if not isinstance(up, ast.Attribute) or not known:
            return Refusal(Reason.ROW_ESCAPES, n.lineno, f"the row `{row}` itself is used, not only its columns")
        # `row._fields`; a name with an underscore in front is no column's; `row.count` may be the method of tuples
        if up.attr.startswith("_") or up.attr in ("count", "index"):
            return Refusal(Reason.ROW_ESCAPES, n.lineno, f"`{row}.{up.attr}` may be no column")
        reads.append(up)
    return sorted(reads, key=lambda n: (n.lineno, n.col_offset))
