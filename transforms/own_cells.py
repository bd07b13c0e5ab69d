"""DL116: a loop that reads back the cells that it stored, on arrays instead of the frame."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set

from ..loops.anchor import rebound_in_body
from ..loops.context import SiteContext
from ..loops.ir import Header, HeaderForm, Label, Loop, Pos, Row
from ..loops.remarks import Reason, Refusal
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .guards.form import kept_beside
from .guards.syntax import for_each, typed
from .guards.words import A_FRAME, COLUMN, FLOAT, NUMBERS, UNIQUE
from .guards.words import NUMBER as A_NUMBER
from .hoists.body import allowed
from .hoists.cell_bounds import Bounds
from .hoists.cell_kinds import Kind
from .hoists.cell_values import Values
from .hoists.own_cells import By, Cell, Frame, Told, cells_of, frame_of
from .hoists.positions import counted
from .hoists.reads import Hoist
from .shared.build import assign, attr, call, clone, const, expr, filled, item, name, store
from .shared.syntax import stem

SUMMARY = "keeps its columns in arrays while it runs; for other data the loop stays"
FORMS = (HeaderForm.POSITIONS, HeaderForm.STRIDES, HeaderForm.LABELS, HeaderForm.ITERROWS)
FLAGS, INT = ("bool",), ("int64",)
OF_KIND = {Kind.NUMBER: NUMBERS, Kind.TEXT: ("object", "str"), Kind.FLAG: FLAGS}
#: What the first row of a frame says: whether a float that is read of a row is the one of its column.
ROWS = "len(frame) > 0 and frame.iloc[0].dtype in ('float64', 'object')"


class OwnCells(Transform):
    """A cell of a frame costs a thousand times an element of an array, to read and to store.

    A loop whose rounds need what earlier rounds stored has no array form in general, but it can work on arrays of its
    columns: those that it stores into are copied, filled, and stored back as a whole. The elements are the NumPy
    scalars that the frame hands out. That the columns can hold what is stored (floats, or integers that stay such), and
    that labels are what they look like, is tested first; for other data the loop stays as it was.

    Left alone are loops in which something may raise, since the frame keeps what was stored before that.
    """

    rule = Rule("DL116", "own-cells", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd


                def storage(tank: pd.DataFrame, loss: float):
                    tank['level'] = 0.0
                    for i in range(1, len(tank)):
                        tank.loc[i, 'level'] = tank.loc[i - 1, 'level'] * loss + tank.loc[i, 'inflow']
                    return tank
            """,
            after="""
                import pandas as pd


                def storage(tank: pd.DataFrame, loss: float):
                    tank['level'] = 0.0
                    if (
                        tank.columns.is_unique
                        and tank.dtypes.get('level') == 'float64'
                        and tank.dtypes.get('inflow') in ('float64', 'int64')
                        and (type(loss) is float or type(loss) is int and abs(loss) < 2**53)
                        and tank.index.equals(pd.RangeIndex(len(tank.index)))
                    ):
                        level = tank['level'].to_numpy(copy=True)
                        inflow = tank['inflow'].values
                        for i in range(1, len(tank)):
                            level[i] = level[i - 1] * loss + inflow[i]
                        tank.loc[:, 'level'] = level
                    else:
                        for i in range(1, len(tank)):
                            tank.loc[i, 'level'] = tank.loc[i - 1, 'level'] * loss + tank.loc[i, 'inflow']
                    return tank
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import math


                def roots(df):
                    df['r'] = 0.0
                    for i in range(1, len(df)):
                        df.at[i, 'r'] = math.sqrt(df.at[i - 1, 'r'] + df.at[i, 'x'])
                    return df
            """,
            reason=Reason.READS_OWN_OUTPUT,
            note="the square root of a negative number raises, and the rows before it are stored by then",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        header = counted(site, loop.header)
        if header.form not in FORMS or not isinstance(site.loop, ast.For) or site.loop.orelse:
            return None
        positions = frozenset(n for n, what in header.binds.items() if isinstance(what, (Pos, Label)))
        row = next((n for n, what in header.binds.items() if isinstance(what, Row)), None)
        if len(positions) != 1 or (row is None) is (header.form is HeaderForm.ITERROWS):
            return None
        frame = frame_of(site, positions, row)
        if frame is None or (header.table is not None and header.table.code != frame.code):
            return None
        try:
            cells = list(cells_of(frame))
            bounds = Bounds(frame, header)
            for cell in cells:
                bounds.check(cell)
            values = Values(frame, {cell.node: cell for cell in cells})
            values.check()
        except Told as e:
            return Refusal(Reason.READS_OWN_OUTPUT, e.line, e.message)
        if objection := _objection(site, self.side_effects, positions):
            return objection
        rows = {cell.column for cell in cells if cell.of_row}
        if column := next((c for c in values.stored if _never_fits(frame, c, values, rows)), None):
            message = f"the whole numbers in `{frame.code}[{column!r}]` can't take what is stored"
            return Refusal(Reason.READS_OWN_OUTPUT, site.loop.lineno, message)
        columns = list(dict.fromkeys(cell.column for cell in cells))
        form = self._form(site, header, frame, cells, columns, values)
        by_label = header.form in (HeaderForm.LABELS, HeaderForm.ITERROWS)
        test = _tests(site, frame, cells, _types(cells, values), values.scalars, by_label)
        kept = kept_beside(site, form, test)
        return None if kept is None else [kept]

    def _form(
        self,
        site: SiteContext,
        header: Header,
        frame: Frame,
        cells: Sequence[Cell],
        columns: Sequence[str],
        values: Values,
    ) -> Rewrite:
        node = ast.parse(frame.code, mode="eval").body
        arrays: dict[str, str] = {}
        pd = site.file.alias("pandas") or "pd"
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        taken: set[str] = set()
        for column in columns:
            wish = stem(item(clone(node), const(column)), "column")
            wishes = [w for w in (wish, f"{wish}_values", f"{wish}_cells") if w not in taken]
            arrays[column] = site.fresh(*wishes)
            taken.add(arrays[column])
            series = item(clone(node), const(column))
            text = values.kinds.get(column) is Kind.TEXT
            if column not in values.stored:
                taken_out = call(attr(series, "tolist")) if text else attr(series, "values")
                before.append(assign(arrays[column], taken_out))
                continue
            copied = call(attr(series, "tolist")) if text else call(attr(series, "to_numpy"), copy=const(True))
            before.append(assign(arrays[column], copied))
            whole = ast.Tuple([ast.Slice(None, None), const(column)], ast.Load())
            target = ast.Subscript(attr(clone(node), "loc"), whole, ast.Store())
            filled_ = name(arrays[column])
            # A list may hold anything: only an array of that type is put into the column as it is.
            value = call(attr(name(pd), "array"), filled_, dtype=attr(clone(series), "dtype")) if text else filled_
            after.append(ast.Assign([target], value))
        swaps: list[Edit] = [
            Substitute(cell.node, item(name(arrays[cell.column]), clone(cell.where))) for cell in cells
        ]
        if frame.row is not None and isinstance(site.loop, ast.For):
            (position,) = frame.positions
            rounds = Hoist(site, header).shown(call("range", call("len", clone(node))))
            swaps += [Substitute(site.loop.target, store(position)), Substitute(site.loop.iter, rounds)]
        needed = () if site.file.alias("pandas") or Kind.TEXT not in values.kinds.values() else ("import pandas as pd",)
        around = Replace(site.loop, (*before, site.loop, *after))
        return Rewrite(self.rule, Tier.HOIST, (*swaps, around), imports=needed, summary=SUMMARY)


def _objection(site: SiteContext, side_effects: bool, positions: frozenset[str]) -> Refusal | None:
    if objection := allowed(site, side_effects):
        return objection
    for id_ in positions:
        if (again := rebound_in_body(site, id_)) is not None:
            line = getattr(again, "lineno", site.loop.lineno)
            return Refusal(Reason.CARRIED_STATE, line, f"`{id_}` is changed in the body")
    return None


def _never_fits(frame: Frame, column: str, values: Values, rows: Set[str]) -> bool:
    """Whether fractions, or what is read of rows of floats, are stored into a column that begins as whole numbers."""
    return frame.starts_whole(column) and any(v.whole is None or v.whole & rows for v in values.stored[column])


def _types(cells: Sequence[Cell], values: Values) -> dict[str, tuple[str, ...]]:
    """The element types of which each column has to be one, for the arrays to take what is stored as the frame does.

    What is stored into integers has to be whole. What is copied into floats has to be a float, since a large integer
    would not fit; it is one where the column itself is added to it.
    """
    found = {cell.column: OF_KIND[values.kinds.get(cell.column, Kind.NUMBER)] for cell in cells}
    found |= {c: (*NUMBERS, *FLAGS) for c in found if c not in values.computed and c not in values.stored}
    for column, stored in values.stored.items():
        if values.kinds.get(column, Kind.NUMBER) is not Kind.NUMBER:
            continue
        wholes = [v.whole for v in stored]
        if all(w is not None and w <= {column} for w in wholes):
            continue
        types = INT if values.frame.starts_whole(column) else FLOAT
        copied = (w for w in wholes if w is not None and (types is INT or column not in w))
        for other in frozenset({column}).union(*copied):
            found[other] = types
    # A row of numbers is one of floats, whatever the column holds.
    return found | {cell.column: FLOAT for cell in cells if cell.of_row}


def _tests(
    site: SiteContext,
    frame: Frame,
    cells: Sequence[Cell],
    types: dict[str, tuple[str, ...]],
    scalars: Sequence[str],
    by_label: bool,
) -> list[ast.expr]:
    node = ast.parse(frame.code, mode="eval").body
    known = site.kind(node)
    tests: list[ast.expr] = []
    if known is None or known.name != "frame" or not known.proven:
        tests.append(filled(expr(A_FRAME), {"x": node}))
    tests.append(filled(expr(UNIQUE), {"x": node}))
    for dtypes in dict.fromkeys(types.values()):
        test = filled(typed(COLUMN, dtypes), {"frame": node})
        tests += for_each("c", test, [const(c) for c, own in types.items() if own == dtypes])
    tests += for_each("k", expr(A_NUMBER), [expr(code) for code in scalars])
    index = attr(node, "index")
    by = {cell.by for cell in cells}
    if any(cell.of_row for cell in cells):
        tests.append(filled(expr(ROWS), {"frame": node}))
    if by_label:  # labels that are floats are no positions of arrays
        tests.append(filled(expr("index.dtype == 'int64'"), {"index": index}))
    if By.NUMBER in by or by_label:
        tests.append(filled(expr("index.equals(pd.RangeIndex(len(index)))"), {"index": index}))
    elif By.LABEL in by:
        tests.append(filled(expr("index.is_unique"), {"index": index}))
    return tests
