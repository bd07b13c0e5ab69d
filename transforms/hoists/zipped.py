"""Rows of iterrows as loop targets: `for amount, fee in zip(columns["amount"], columns["fee"])`."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable, Sequence

from ...loops.ir import Const, Header, Inv, Pos, Read
from ..shared.build import attr, call, clone, const, item, name, store
from .reads import Hoist

#: More targets than these make a header that nobody reads.
MOST = 6


def column_of(read: Read) -> str | None:
    """The column that a read names as a text, None if it does not."""
    column = read.source.column
    return column.value if isinstance(column, Const) and isinstance(column.value, str) else None


def target_names(columns: Sequence[str], fresh: Callable[..., str]) -> dict[str, str]:
    """A name for the element of each column: that of the column, if it is free."""
    found: dict[str, str] = {}
    for column in columns:
        word = re.sub(r"\W+", "_", column).strip("_").lower()
        usable = bool(word) and not word[0].isdigit() and not keyword.iskeyword(word)
        wishes = [word, f"{word}_value"] if usable else ["value", f"value_{len(found)}"]
        found[column] = fresh(*(w for w in wishes if w not in found.values()))
    return found


def zipped_header(hoist: Hoist, table: Inv, names: dict[str, str], label: str | None) -> tuple[ast.expr, ast.expr]:
    """The target and the iterable: the label where it is used, and one element of each column."""
    arrays = hoist.row_columns(table)
    targets = [label, *names.values()] if label else [*names.values()]
    sources: list[ast.expr] = [item(name(arrays), const(column)) for column in names]
    if label:
        sources.insert(0, attr(clone(table.node), "index"))
    if len(targets) == 1:
        return store(targets[0]), hoist.shown(sources[0])
    target = ast.Tuple([store(t) for t in targets], ast.Store())
    return target, hoist.shown(call("zip", *sources))


def numbered_header(header: Header, target: ast.expr, iterable: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The header with the numbers from `enumerate(rows, 1)`, which are no positions, around it."""
    if header.position_name is not None or not any(isinstance(what, Pos) for what in header.binds.values()):
        return target, iterable
    match header.node.target, header.node.iter:
        case ast.Tuple(elts=[ast.Name() as number, _]), ast.Call(func=func, args=[_, start]):
            parts = [clone(number), target]
            return ast.Tuple(parts, ast.Store()), ast.Call(clone(func), [iterable, clone(start)], [])
    return target, iterable
