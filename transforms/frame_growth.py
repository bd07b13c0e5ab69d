"""DL501: a frame that grows by `pd.concat` on every round."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Edit, Example, Replace, Rewrite, Tier, Transform
from .shared.build import assign, attr, call, clone, expr, filled, name, store
from .shared.growth import Growth, growths, may_wait, retired_append
from .shared.own_frames import begins_empty, own_frames
from .sites import GROWTH


class FrameGrowth(Transform):
    """A frame that grows by `pd.concat` copies all its rows on every round; collect the pieces, and join them once.

    The pieces go to a list, and one `pd.concat` after the loop joins them with what the frame was before. Columns,
    labels and their order are those of the loop. When nothing was added, the frame stays what it was, which keeps an
    empty start frame and its columns.

    Joining two by two can turn integers into floats on the way to text, where joining all at once goes there directly:
    a column has to have one type in all pieces. Where the start is an empty `pd.DataFrame()` and each round makes a
    frame of its own, the new code looks at the pieces: it joins them at once if they are alike, and else one by one.

    `DataFrame.append` is gone since pandas 2, and is reported only.
    """

    rule = GROWTH
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd

                def year(months: dict):
                    report = pd.DataFrame()
                    for name, frame in months.items():
                        frame = frame.assign(month=name)
                        report = pd.concat([report, frame])
                    return report
            """,
            after="""
                import pandas as pd

                def year(months: dict):
                    report = pd.DataFrame()
                    pieces = []
                    for name, frame in months.items():
                        frame = frame.assign(month=name)
                        pieces.append(frame)
                    if pieces:
                        report = pd.concat([report, *pieces])
                    return report
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def stays(guests, rate):
                    table = pd.DataFrame(columns=['name', 'price'])
                    for guest in guests:
                        if guest['nights'] > 0:
                            # one row each
                            row = pd.DataFrame([{'name': guest['name'], 'price': guest['nights'] * rate}])
                            table = pd.concat([table, row], ignore_index=True)
                    return table
            """,
            after="""
                import pandas as pd

                def stays(guests, rate):
                    table = pd.DataFrame(columns=['name', 'price'])
                    pieces = []
                    for guest in guests:
                        if guest['nights'] > 0:
                            # one row each
                            row = pd.DataFrame([{'name': guest['name'], 'price': guest['nights'] * rate}])
                            pieces.append(row)
                    if pieces:
                        table = pd.concat([table, *pieces], ignore_index=True)
                    return table
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def collect(parts):
                    table = pd.DataFrame()
                    for part in parts:
                        part['place'] = len(table)
                        table = pd.concat([table, part])
                    return table
            """,
            reason=Reason.READS_OWN_OUTPUT,
        ),
        Example(
            before="""
                import pandas as pd

                def repeat(part: pd.DataFrame, rounds):
                    table = pd.DataFrame()
                    for i in range(rounds):
                        part['round'] = i
                        table = pd.concat([table, part])
                    return table
            """,
            reason=Reason.MUTATES_INPUT,
            note="one frame, changed on every round: the list would hold it several times, as it is in the end",
        ),
        Example(
            before="""
                import pandas as pd

                def collect(names):
                    table = pd.DataFrame()
                    for name in names:
                        table = table.append({'name': name}, ignore_index=True)
                    return table
            """,
            reason=Reason.READS_OWN_OUTPUT,
            note="`DataFrame.append` is gone since pandas 2",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        found = growths(site)
        if not found:
            return _retired(site)
        refusal: Refusal | None = None
        good: list[list[Growth]] = []
        for frame, statements in found.items():
            answer = may_wait(site, frame, statements)
            if answer is None:
                good.append(statements)
            refusal = refusal or answer
        if not good:
            return refusal
        if (around := _loop_around(site)) is not None and all(_waits(around, g) for g in good):
            return Refusal(Reason.NO_GAIN, site.loop.lineno, "the pieces are collected by the loop around")
        likely = _collected(site, good, tested=False)
        return [likely, _collected(site, good, tested=True)] if _may_be_tested(site, good) else [likely]


def _collected(site: SiteContext, grown: list[list[Growth]], tested: bool) -> Rewrite:
    edits: list[Edit] = []
    before: list[ast.stmt] = []
    after: list[ast.stmt] = []
    for statements in grown:
        frame = statements[0].frame
        wishes = ("pieces",) if len(grown) == 1 else ()
        pieces = site.fresh(*wishes, f"{frame}_pieces")
        before.append(assign(pieces, ast.List([], ast.Load())))
        for g in statements:
            added: list[ast.stmt] = [ast.Expr(call(attr(name(pieces), "append"), clone(p))) for p in g.pieces]
            added[0].lineno = g.stmt.lineno
            edits.append(Replace(g.stmt, tuple(added)))
        concat = clone(statements[0].concat)
        assert isinstance(concat, ast.Call)
        concat.args = [ast.List([name(frame), ast.Starred(name(pieces), ast.Load())], ast.Load())]
        test = _alike(site, statements[0], pieces) if tested else name(pieces)
        after.append(ast.If(test, [assign(frame, concat)], _one_by_one(site, statements[0], pieces) if tested else []))
    edits.append(Replace(site.loop, (*before, site.loop, *after)))
    frames = tuple(g[0].frame for g in grown)
    owed = () if tested else (Obligation("like-pieces", frames),)
    summary = "collects the pieces, and joins them once" + (" if they are alike" if tested else "")
    return Rewrite(GROWTH, Tier.HOIST, tuple(edits), owed, summary=summary)


def _may_be_tested(site: SiteContext, grown: list[list[Growth]]) -> bool:
    """Whether a look at the pieces, once the loop is over, shows all that joining them at once needs.

    Of a start with columns, pandas 2 makes other missing dates one by one than at once.
    """
    if not all(isinstance(g[0].concat.func, ast.Attribute) for g in grown):
        return False  # `concat` is imported by its name, and `DataFrame` need not be
    return all(begins_empty(site, g[0].frame) and all(own_frames(site, one) for one in g) for g in grown)


def _alike(site: SiteContext, g: Growth, pieces: str) -> ast.expr:
    """Frames like these give the same whether they are joined one by one or at once."""
    labels = "" if _renumbered(g) else " and piece.index.dtype == 'int64'"
    tests = f"type(piece) is pd.DataFrame and piece.columns.identical(pieces[0].columns){labels}"
    test = expr(f"all({tests} for piece in pieces) and len({{tuple(piece.dtypes) for piece in pieces}}) <= 1")
    assert isinstance(g.concat.func, ast.Attribute)
    parts: dict[str, ast.expr] = {"pieces": name(pieces), "pd": g.concat.func.value}
    new = filled(test, parts)
    for n in walk(new):
        if isinstance(n, ast.Name) and n.id == "piece":
            n.id = _piece(site)
    return new


def _one_by_one(site: SiteContext, g: Growth, pieces: str) -> list[ast.stmt]:
    concat = clone(g.concat)
    assert isinstance(concat, ast.Call)
    concat.args = [ast.List([name(g.frame), name(_piece(site))], ast.Load())]
    return [ast.For(store(_piece(site)), name(pieces), [assign(g.frame, concat)], [])]


def _piece(site: SiteContext) -> str:
    return site.fresh("piece", "one_piece")


def _renumbered(g: Growth) -> bool:
    """Whether the rows get new labels."""
    return any(k.arg == "ignore_index" and ast.unparse(k.value) == "True" for k in g.concat.keywords)


def _retired(site: SiteContext) -> Refusal | None:
    """What to do about `DataFrame.append`."""
    stmt = retired_append(site)
    if stmt is None:
        return None
    id_ = ast.unparse(stmt.targets[0])
    message = (
        f"`{id_}.append` is gone since pandas 2: append the rows to a list, and make `{id_}` of it with one "
        "`pd.concat` (or `pd.DataFrame`) after the loop"
    )
    return Refusal(Reason.READS_OWN_OUTPUT, stmt.lineno, message)


def _loop_around(site: SiteContext) -> SiteContext | None:
    """The next loop around this one, in the same function."""
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return None
        if isinstance(up, ast.For):
            return SiteContext.build(site.file, up)
    return None


def _waits(site: SiteContext, statements: list[Growth]) -> bool:
    return may_wait(site, statements[0].frame, statements) is None
