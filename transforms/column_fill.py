"""DL117: a column filled cell by cell with what only Python can compute."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext, root_name
from ..loops.exposure import changed_by_calls, handled
from ..loops.ir import Const, Expr, Inv, Loop, StoreCell, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .column_store import By, for_unique_labels, rows_stored
from .lanes.arrays import ArrayCode
from .lanes.lanes import NotVector
from .scalar.comprehensions import comprehend, place
from .scalar.results import composed, surely_number, surely_text
from .shared.build import attr, clone
from .shared.stored_columns import columns_owed, read_before_stored, stored_elsewhere

#: A body with more statements does not make a readable comprehension.
MAX_STATEMENTS = 3


class ColumnFill(Transform):
    """A column of which each cell gets the result of a call is filled with a list of all results.

    A store into one cell with `df.at` or `df.loc` takes microseconds, most of which pandas spends on finding the cell.
    The results are still computed one by one, in the order of the loop, but stored all at once, so that the column's
    own type converts them as it did cell by cell.
    """

    rule = Rule("DL117", "column-fill", Severity.HIGH)
    inlines = False
    examples = (
        Example(
            before="""
                import pandas as pd


                def short(films: pd.DataFrame, most: int):
                    for cast, i in zip(films['cast'], films.index):
                        films.loc[i, 'cast'] = ', '.join(cast.split('|')[:most])
                    return films
            """,
            after="""
                import pandas as pd


                def short(films: pd.DataFrame, most: int):
                    if films.index.is_unique:
                        films.loc[:, 'cast'] = [
                            ', '.join(cast.split('|')[:most])
                            for cast, i in zip(films['cast'], films.index)
                        ]
                    else:
                        for cast, i in zip(films['cast'], films.index):
                            films.loc[i, 'cast'] = ', '.join(cast.split('|')[:most])
                    return films
            """,
        ),
        Example(
            before="""
                import re

                import pandas as pd


                def cleaned(df: pd.DataFrame):
                    df['clean'] = ''
                    for i in df.index:
                        df.at[i, 'clean'] = re.sub('[^a-z]+', ' ', df.at[i, 'text'].lower())
                    return df
            """,
            after="""
                import re

                import pandas as pd


                def cleaned(df: pd.DataFrame):
                    df['clean'] = ''
                    columns = {
                        name: column.values if column.dtype.kind in 'biuf' else column.array
                        for name, column in df.items()
                    }
                    df.loc[:, 'clean'] = [
                        re.sub('[^a-z]+', ' ', columns['text'][k].lower()) for k in range(len(df))
                    ]
                    return df
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def known(df: pd.DataFrame, names: dict):
                    for i, row in df.iterrows():
                        if row['code'] in names:
                            df.at[i, 'name'] = names[row['code']].title()
                    return df
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import pandas as pd


                def known(df: pd.DataFrame, names: dict):
                    df.loc[:, 'name'] = [names.get(c, '').title() for c in df['code']]
                    return df
            """,
            note="some cells keep what they hold",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        stores = [e for e in loop.effects if isinstance(e, StoreCell)]
        if len(stores) != 1 or len(loop.effects) != 1:
            return None
        (e,) = stores
        frame = ast.parse(e.target, mode="eval").body
        if (objection := _objection(site, loop, e, frame)) is not None:
            return objection
        code = ArrayCode.build(site, loop)
        try:
            by = rows_stored(code, e)
        except NotVector as refused:
            return Refusal(refused.refusal.reason, refused.refusal.line or e.line, refused.refusal.message)
        span = loop.header.span
        whole = span is None or (span.first == 0 and span.delta == 0)
        if by is By.POSITION or not whole:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "not all rows are stored into")
        made = comprehend(site, replace(loop, effects=()), [(None, [e.value])])
        if isinstance(made, Refusal):
            return made
        assert isinstance(e.column, (Const, Inv))
        where = ast.Tuple([ast.Slice(), clone(e.column.node)], ast.Load())
        target = ast.Subscript(attr(clone(frame), "loc"), where, ast.Store())
        part = made.parts[0]
        stmt = ast.Assign([target], ast.ListComp(part.values[0], part.generators))
        stmt.lineno = e.line
        owed = [*made.obligations, *code.owed(), *columns_owed([e]), *_owed(loop, e.column, e.value)]
        form = place(self.rule, site, loop, replace(made, obligations=owed), [], [stmt])
        kept = for_unique_labels(site, loop, form)
        return kept if isinstance(kept, Refusal) else [kept]


def _objection(site: SiteContext, loop: Loop, e: StoreCell, frame: ast.expr) -> Refusal | None:
    """Objections to computing all values before any is stored."""
    if isinstance(site.scope.node, ast.ClassDef):
        return Refusal(Reason.SCOPE, e.line, "the loop stands in a class body")
    if e.guard is not None:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "some cells keep what they hold")
    if len(site.loop.body) > MAX_STATEMENTS:
        return Refusal(Reason.NO_GAIN, e.line, "the body takes too many steps for a readable comprehension")
    column = strip(e.column) if e.column is not None else None
    named = isinstance(column, Const) and isinstance(column.value, str)
    if not named and not (isinstance(column, Inv) and isinstance(column.node, ast.Name)):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "the column is not named by a literal")
    if composed(e.value):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, e.line, "each cell gets several values, which would be a table")
    if loop.opaque and (seen := changed_by_calls(site, frame)) is not None:
        return seen
    if handled(site) or root_name(frame) is None:
        message = f"others may see `{e.target}` while it is filled"
        return Refusal(Reason.EXCEPTION_HANDLING, e.line, message)
    return read_before_stored(site, loop) or stored_elsewhere(site, loop)


def _owed(loop: Loop, column: Const | Inv, value: Expr) -> list[Obligation]:
    """Who gets the frame sees what was stored before an exception; a list of lists would be taken for a table."""
    owed = [Obligation("no-exceptions")] if loop.trace else []
    owed += [Obligation("one-column", (column.code,))] if isinstance(column, Inv) else []
    if not surely_text(value) and not surely_number(value):
        owed.append(Obligation("like-elements"))
    return owed
