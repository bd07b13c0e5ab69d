"""DL504: a frame that grows by a row on every round."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.names import names_in
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Edit, Example, Replace, Rewrite, Rule, Severity, Tier, Transform
from .hoists.body import in_nested_scope
from .shared.build import assign, attr, call, clone, name
from .shared.growth import grows_unseen


@dataclass(frozen=True)
class _Row:
    """`frame.loc[len(frame)] = [...]`."""

    stmt: ast.Assign
    cells: ast.List | ast.Tuple


class RowGrowth(Transform):
    """A frame that grows by `frame.loc[len(frame)] = [...]` is copied on every round; collect the rows first.

    The rows go to a list, and the frame is made of it once, after the loop. It has to start empty, with its columns
    written out, and the loop must not look at it in between.

    A row of nothing but numbers was made one type before it was added, so that its integers became floats, and a NaN
    beside dates became NaT; in a list they stay what they are. A column that holds several types raises, or turns into
    objects, as rows are added.
    """

    rule = Rule("DL504", "row-growth", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd


                def ledger(entries):
                    book = pd.DataFrame(columns=['account', 'amount'])
                    for account, moves in entries.items():
                        for move in moves:
                            book.loc[len(book)] = [account, move / 100]
                    return book
            """,
            after="""
                import pandas as pd


                def ledger(entries):
                    rows = []
                    for account, moves in entries.items():
                        for move in moves:
                            rows.append([account, move / 100])
                    book = pd.DataFrame(rows, columns=['account', 'amount'])
                    return book
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def balances(moves):
                    book = pd.DataFrame(columns=['move', 'balance'])
                    for move in moves:
                        before = book['balance'].iloc[-1] if len(book) else 0.0
                        book.loc[len(book)] = [move, before + move]
                    return book
            """,
            reason=Reason.READS_OWN_OUTPUT,
        ),
        Example(
            before="""
                import pandas as pd


                def more(book, moves):
                    for move in moves:
                        book.loc[len(book)] = [move, 0.0]
                    return book
            """,
            reason=Reason.ALIASED,
            note="the caller's own frame grows",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        found = _rows(site)
        refusal: Refusal | None = None
        for frame, rows in found.items():
            made = _made(site, frame)
            problem = _objection(site, frame, rows, made)
            if problem is None and made is not None:
                return [_collected(self.rule, site, frame, rows, made)]
            refusal = refusal or problem
        return refusal


def _rows(site: SiteContext) -> dict[str, list[_Row]]:
    """The statements of the body that add a row to a frame, by its name."""
    found: dict[str, list[_Row]] = {}
    for n in site.nodes:
        match n:
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Attribute(value=ast.Name(id=frame), attr="loc"), slice=ast.Call() as size)
                ],
                value=ast.List() | ast.Tuple() as cells,
            ) if _measures(site, size, frame) and not in_nested_scope(site, n):
                found.setdefault(frame, []).append(_Row(n, cells))
    return found


def _measures(site: SiteContext, size: ast.Call, frame: str) -> bool:
    """`len(frame)` or `len(frame.index)`."""
    match size:
        case ast.Call(func=func, args=[ast.Name(id=id_) | ast.Attribute(value=ast.Name(id=id_), attr="index")]):
            return id_ == frame and not size.keywords and site.dotted(func) == "builtins.len"
    return False


def _made(site: SiteContext, frame: str) -> ast.Assign | None:
    """`frame = pd.DataFrame(columns=[...])` in the block of the loop, with nothing about it in between."""
    for stmt in reversed(site.block[: site.index]):
        match stmt:
            case ast.Assign(
                targets=[ast.Name(id=id_)],
                value=ast.Call(func=func, args=[], keywords=[ast.keyword(arg="columns", value=ast.List(elts=columns))]),
            ) if id_ == frame and site.dotted(func) == "pandas.DataFrame":
                titles = [c.value for c in columns if isinstance(c, ast.Constant) and isinstance(c.value, str)]
                return stmt if titles and len(set(titles)) == len(columns) else None
        if frame in names_in(stmt):
            return None
    return None


def _objection(site: SiteContext, frame: str, rows: list[_Row], made: ast.Assign | None) -> Refusal | None:
    """Why the rows can't wait until the loop is over."""
    line = rows[0].stmt.lineno
    if made is None:
        message = f"`{frame}` is not made right before the loop, empty and with its columns written out"
        return Refusal(Reason.ALIASED, line, message)
    width = len(_columns(made).elts)
    if any(len(r.cells.elts) != width or any(isinstance(c, ast.Starred) for c in r.cells.elts) for r in rows):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, line, f"a row has not as many cells as `{frame}` has columns")
    for cells in zip(*(r.cells.elts for r in rows), strict=True):
        if len({kind for cell in cells for kind in _kinds(cell)}) > 1:
            message = f"a column of `{frame}` gets truth values or None and others: pandas makes one type as they come"
            return Refusal(Reason.UNSUPPORTED_SYNTAX, line, message)
    return grows_unseen(site, frame, [r.stmt.targets[0] for r in rows], line)


def _kinds(cell: ast.expr) -> set[str]:
    """Whether a cell holds a truth value, None or something else, as far as the code shows it; all where it depends."""
    match cell:
        case ast.IfExp(body=body, orelse=orelse):
            return _kinds(body) | _kinds(orelse)
        case ast.BoolOp(values=values):
            return set().union(*map(_kinds, values))
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Constant(value=bool()):
            return {"truth"}
        case ast.Constant(value=None):
            return {"none"}
    return {"other"}


def _columns(made: ast.Assign) -> ast.List:
    assert isinstance(made.value, ast.Call)
    columns = made.value.keywords[0].value
    assert isinstance(columns, ast.List)
    return columns


def _collected(rule: Rule, site: SiteContext, frame: str, rows: list[_Row], made: ast.Assign) -> Rewrite:
    collected = site.fresh("rows", f"{frame}_rows")
    edits: list[Edit] = [Replace(made, (assign(collected, ast.List([], ast.Load())),))]
    for r in rows:
        added = ast.Expr(call(attr(name(collected), "append"), clone(r.cells)))
        added.lineno = r.stmt.lineno
        edits.append(Replace(r.stmt, (added,)))
    value = clone(made.value)
    assert isinstance(value, ast.Call)
    value.args = [name(collected)]
    edits.append(Replace(site.loop, (site.loop, assign(frame, value))))
    owed = (Obligation("element-types"), Obligation("small-integers"), Obligation("like-rows", (frame,)))
    summary = "collects the rows, and makes the frame once"
    return Rewrite(rule, Tier.HOIST, tuple(edits), owed, summary=summary)
