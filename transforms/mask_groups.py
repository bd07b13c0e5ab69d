"""DL511: a mask over the whole frame for each key."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.header_rows import inv
from ..loops.ir import Loop
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Edit, Example, InsertBefore, Rewrite, Substitute, Tier, Transform
from .grouping.masks import Mask, find_masks, labels_read, own_keys
from .hoists.body import allowed, unchanged
from .shared.build import assign, attr, call, clone, const, item, name
from .shared.syntax import few_rounds, too_few_rounds
from .sites import MASKS

SUMMARY = "finds the rows of all keys once, before the loop"


#: Grouping a column costs as much as comparing it a few times.
FEW_KEYS = 3


class MaskGroups(Transform):
    """`df[df["k"] == key]` in a loop compares the whole column again for every key; one groupby finds the rows of all.

    `groupby(...).indices` says which rows belong to each key, and `iloc` takes them: the same rows in the same order,
    with the same labels and types. A key that is not there has no rows, and neither has a missing one, which is equal
    to nothing. The body stays as it is; the rows are taken anew where they are asked for, so that it may change its own
    copy of them.

    Keys that come from the column itself (`df["k"].unique()`, `set(df["k"])`) are found for sure. Other keys have to
    be of the kind that the column holds: text is equal to a date for `==`, but not for a dict.
    """

    rule = MASKS
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd

                def report(sales: pd.DataFrame, write):
                    for shop in sales['shop'].unique():
                        part = sales[sales['shop'] == shop]
                        write(shop, part['net'].mean(), len(part))
            """,
            after="""
                import pandas as pd

                def report(sales: pd.DataFrame, write):
                    rows_by_shop = sales.groupby(sales['shop'], sort=False).indices
                    for shop in sales['shop'].unique():
                        part = sales.iloc[rows_by_shop.get(shop, [])]
                        write(shop, part['net'].mean(), len(part))
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def peaks(sales: pd.DataFrame, shops):
                    out = []
                    for shop in shops:
                        if not len(sales[sales.shop == shop]):
                            continue
                        out.append(sales.loc[sales.shop == shop, 'net'].max())
                    return out
            """,
            after="""
                import pandas as pd

                def peaks(sales: pd.DataFrame, shops):
                    out = []
                    rows_by_shop = sales.groupby(sales.shop, sort=False).indices
                    for shop in shops:
                        if not len(rows_by_shop.get(shop, [])):
                            continue
                        out.append(sales['net'].iloc[rows_by_shop.get(shop, [])].max())
                    return out
            """,
            note="keys from elsewhere: they have to be of the kind that the column holds",
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def rename(sales: pd.DataFrame, shops):
                    out = []
                    for shop in shops:
                        part = sales[sales['shop'] == shop]
                        out.append(len(part))
                        sales.loc[part.index, 'shop'] = 'done'
                    return out
            """,
            reason=Reason.MUTATES_INPUT,
            note="rows move from key to key",
        ),
        Example(
            before="""
                import pandas as pd

                def both_ways(stops: pd.DataFrame):
                    out = []
                    for direction in [0, 1]:
                        out.append(len(stops[stops['direction'] == direction]))
                    return out
            """,
            reason=Reason.NO_GAIN,
            note="to group the rows costs as much as to compare twice",
        ),
        Example(
            before="""
                def count(sales, shops):
                    out = []
                    for shop in shops:
                        out.append(len(sales[sales['shop'] == shop]))
                    return out
            """,
            reason=Reason.UNKNOWN_KIND,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        masks = find_masks(site)
        if not masks:
            return None
        objection = allowed(site, self.side_effects)
        if objection:
            return objection
        good: list[Mask] = []
        for mask in masks:
            answer = groupable(site, mask)
            if answer is None:
                good.append(mask)
            objection = objection or answer
        if not good:
            return objection
        if few_rounds(site.loop, FEW_KEYS):
            return too_few_rounds(site.loop.lineno)
        if _hoisted_further_out(site, good):
            return Refusal(Reason.NO_GAIN, site.loop.lineno, "the rows of each key are found before the loop around")
        return [self._rewrite(site, good)]

    def _rewrite(self, site: SiteContext, masks: list[Mask]) -> Rewrite:
        names: dict[tuple[str, str], str] = {}
        made: list[ast.stmt] = []
        for mask in masks:
            if mask.group not in names:
                wish = f"rows_by_{mask.name.lower()}" if mask.name.isidentifier() else "rows_by_key"
                id_ = _unused(site, wish, set(names.values()))
                names[mask.group] = id_
                grouped = call(attr(clone(mask.frame), "groupby"), clone(mask.column), sort=const(False))
                made.append(assign(id_, attr(grouped, "indices")))
        edits: list[Edit] = [InsertBefore(site.loop, tuple(made))]
        edits += [_substitute(site, mask, names[mask.group]) for mask in masks]
        foreign = dict.fromkeys(ast.unparse(m.column) for m in masks if not own_keys(site, m))
        owed = tuple(Obligation(o, tuple(foreign)) for o in ("matching-keys", "columns-exist") if foreign)
        labels = dict.fromkeys(f"{table}.index" for m in masks for table in labels_read(site, m.key))
        owed += (Obligation("unique-index", tuple(labels)),) if labels else ()
        return Rewrite(MASKS, Tier.HOIST, tuple(edits), owed, summary=SUMMARY)


def _unused(site: SiteContext, wish: str, taken: set[str]) -> str:
    found = site.fresh(wish)
    k = 2
    while found in taken:
        found = site.fresh(f"{wish}_{k}")
        k += 1
    return found


def _substitute(site: SiteContext, mask: Mask, rows: str) -> Substitute:
    """The new expression for a mask, or for the number of its rows."""
    found = call(attr(name(rows), "get"), clone(mask.key), ast.List([], ast.Load()))
    parent = site.file.scopes.parent
    up = parent[mask.node]
    if isinstance(up, ast.Call) and up.args == [mask.node] and site.dotted(up.func) == "builtins.len":
        return Substitute(mask.node, found)
    if isinstance(up, ast.Attribute) and up.attr == "shape":
        counted = parent[up]
        if isinstance(counted, ast.Subscript) and isinstance(counted.slice, ast.Constant) and counted.slice.value == 0:
            return Substitute(counted, call("len", found))
    table = clone(mask.frame) if mask.picked is None else item(clone(mask.frame), clone(mask.picked))
    return Substitute(mask.node, item(attr(table, "iloc"), found))


def groupable(site: SiteContext, mask: Mask) -> Refusal | None:
    """Why the rows of all keys can't be found before the loop."""
    line, code = mask.node.lineno, ast.unparse(mask.frame)
    if not isinstance(mask.frame, (ast.Name, ast.Attribute)):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, line, f"`{code}` is computed anew on every round")
    kind = site.kind(mask.frame)
    if kind is None or kind.name != "frame":
        return Refusal(Reason.UNKNOWN_KIND, line, f"`{code}` is not known to be a frame")
    compared = site.kind(mask.key)
    if compared is not None and compared.name in ("series", "frame", "ndarray", "list", "index"):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, line, f"`{ast.unparse(mask.key)}` is no single key")
    if not all(n not in site.assigned for n in _names(mask.frame)):
        return Refusal(Reason.MUTATES_INPUT, line, f"`{code}` changes from round to round")
    return unchanged(site, inv(mask.frame), [mask.name])


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}


def _hoisted_further_out(site: SiteContext, masks: list[Mask]) -> bool:
    """Whether a loop around this one can find all these rows before it starts."""
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return False
        if isinstance(up, ast.For):
            outer = SiteContext.build(site.file, up)
            if all(groupable(outer, m) is None for m in masks):
                return allowed(outer, False) is None
    return False
