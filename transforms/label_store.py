"""DL118: cells of one column, at labels that stand in a list, that all get the same value."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.exposure import handled
from ..loops.ir import Access, Const, Expr, HeaderForm, Inv, Loop, Read, StoreCell, strip
from ..loops.names import names_in
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.scalar_facts import surely_number, surely_text
from .base import Example, Replace, Rewrite, Rule, Severity, Tier, Transform
from .lanes.arithmetic import independent
from .shared.build import attr, call, clone
from .shared.stored_columns import columns_owed

#: What `.loc` takes for labels as it is; anything else is made a list first.
LABELS = frozenset({"list", "ndarray", "index", "series"})


class LabelStore(Transform):
    """One value that is stored at one label after the other is stored at all of them at once.

    `df.loc[labels, c] = value` finds all cells in one go. A label that is not there would get a row of its own in the
    loop, and raises here: that there are none is an assumption.
    """

    rule = Rule("DL118", "label-store", Severity.HIGH)
    examples = (
        Example(
            before="""
                import pandas as pd


                def marked(df: pd.DataFrame, late: list[int], reason: str):
                    df['late'] = False
                    df['why'] = ''
                    for i in late:
                        df.loc[i, 'late'] = True
                        df.loc[i, 'why'] = reason
                    return df
            """,
            after="""
                import pandas as pd


                def marked(df: pd.DataFrame, late: list[int], reason: str):
                    df['late'] = False
                    df['why'] = ''
                    df.loc[late, 'late'] = True
                    df.loc[late, 'why'] = reason
                    return df
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def numbered(df: pd.DataFrame, found: list):
                    n = 0
                    for i in found:
                        n += 1
                        df.loc[i, 'n'] = n
                    return df
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import pandas as pd


                def numbered(df: pd.DataFrame, found: list):
                    df.loc[found, 'n'] = len(found)
                    return df
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreCell)]
        if not stores or len(stores) != len(loop.effects):
            return None
        labels = _labels(site, loop, stores)
        if labels is None:
            return None
        if (objection := independent(site, loop)) is not None:
            return objection
        if handled(site):
            message = "what was stored before an exception may be seen in this function"
            return Refusal(Reason.EXCEPTION_HANDLING, site.loop.lineno, message)
        for e in stores:
            if e.guard is not None:
                return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "only some labels are stored at")
            if not isinstance(strip(e.value), Const | Inv):
                return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "each label gets another value")
            if names_in(ast.parse(e.target, mode="eval")) & names_in(labels):
                return Refusal(Reason.MUTATES_INPUT, e.line, f"`{e.target}` is gone through while the loop changes it")
        kind = site.kind(labels)
        where = labels if kind is not None and kind.name in LABELS else call("list", clone(labels))
        statements = [_store(e, where) for e in stores]
        sequence = [] if kind is not None else [Obligation("sequence", (ast.unparse(labels),))]
        owed = (*_owed(site, stores, ast.unparse(labels)), *columns_owed(stores), *sequence)
        edit = Replace(site.loop, tuple(statements))
        return [Rewrite(self.rule, Tier.VECTOR, (edit,), tuple(dict.fromkeys(owed)))]


def _labels(site: SiteContext, loop: Loop, stores: Sequence[StoreCell]) -> ast.expr | None:
    """The list of the labels, if all stores of a round go to the label that it hands out."""
    rows = {e.row for e in stores}
    row = next(iter(rows))
    if len(rows) > 1 or not isinstance(row, Read) or row.part or row.offset or row.source.column is not None:
        return None
    if any(e.access is not Access.LABEL or not _named(e.column) for e in stores):
        return None
    header, base = loop.header, row.source.base
    if header.form is HeaderForm.ELEMENTS:
        alone = len(header.elements) == 1 and header.elements[0] == row and header.progress is None
        return base.node if alone else None
    span = header.span
    whole = span is not None and span.of is not None and (span.of.code, span.delta, span.first) == (base.code, 0, 0)
    return base.node if whole and row.access is Access.INDEX else None


def _named(column: Expr | None) -> bool:
    inner = strip(column) if column is not None else None
    return isinstance(inner, Const) and isinstance(inner.value, str)


def _store(e: StoreCell, labels: ast.expr) -> ast.stmt:
    frame, value = ast.parse(e.target, mode="eval").body, strip(e.value)
    assert isinstance(e.column, Const) and isinstance(value, Const | Inv)
    where = ast.Tuple([clone(labels), clone(e.column.node)], ast.Load())
    stmt = ast.Assign([ast.Subscript(attr(frame, "loc"), where, ast.Store())], clone(value.node))
    stmt.lineno = e.line
    return stmt


def _owed(site: SiteContext, stores: Sequence[StoreCell], labels: str) -> list[Obligation]:
    owed = [Obligation("keys-present"), Obligation("plain-keys", (labels,))]
    for e in stores:
        value = strip(e.value)
        if isinstance(value, Inv) and not (surely_number(site, value.node) or surely_text(site, value.node)):
            owed.append(Obligation("scalars", (value.code,)))
            if not isinstance(value.node, ast.Name):
                owed.append(Obligation("some-rounds", (value.code,)))
    return owed
