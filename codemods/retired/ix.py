"""DL904: `.ix` of frames and series."""

from __future__ import annotations

import ast

from ...loops.kind_words import MASK_METHODS
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use

#: Labels whatever the index; labels if the labels of the rows are integers.
LABEL, NUMBER = "label", "number"


class Ix(Moderniser):
    """`.ix` by label is `.loc`.

    `.ix` went with pandas 1. It took a key for a label, unless the key was a number and the labels were none: then it
    took the key for a position. So only keys whose kind is known are changed: text, labels taken from the table itself
    (`for i in table.index`), masks and full slices. A number is a label of rows that are numbered, as they are after
    `reset_index()`; where that is not known it is an assumption (`range-index`), and a number for a column is left
    alone.
    """

    rule = Rule("DL904", "ix", Severity.MEDIUM)
    names = ("ix",)
    until = "pandas 0.25"
    examples = (
        Example(
            before="""
                import pandas as pd

                def settled(path):
                    table = pd.read_csv(path)
                    for i in table.index:
                        table.ix[i, "total"] = table.ix[i, "price"] * 2
                    table.ix[table["total"] > 9, "large"] = True
                    return table.ix[:, "total"]
            """,
            after="""
                import pandas as pd

                def settled(path):
                    table = pd.read_csv(path)
                    for i in table.index:
                        table.loc[i, "total"] = table.loc[i, "price"] * 2
                    table.loc[table["total"] > 9, "large"] = True
                    return table.loc[:, "total"]
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def first(table: pd.DataFrame):
                    return table.ix[0, "price"]
            """,
            after="""
                import pandas as pd

                def first(table: pd.DataFrame):
                    return table.loc[0, "price"]
            """,
            note="with the assumption that rows are numbered",
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd

                def corner(table: pd.DataFrame):
                    return table.ix[:, 0]
            """,
            reason=Reason.LABEL_READ,
            note="a position, unless columns have numbers for names",
        ),
        Example(
            before="""
                import pandas as pd

                def row(table: pd.DataFrame, key):
                    return table.ix[key]
            """,
            reason=Reason.LABEL_READ,
        ),
        Example(
            before="""
                import pandas as pd

                def capped(table: pd.DataFrame, most):
                    table["price"].ix[table["price"] > most] = most
                    return table
            """,
            reason=Reason.CHAINED_ASSIGNMENT,
            note="in pandas 3 neither `.ix` nor `.loc` would change the table",
        ),
        Example(
            before="""
                def row(model):
                    return model.ix["a"]
            """,
            reason=Reason.UNKNOWN_KIND,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if not use.is_table(use.receiver):
            return use.unknown() if use.key is not None else None
        key = use.key
        if key is None:
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`.ix` is kept, and its keys are given elsewhere")
        if not isinstance(key.ctx, ast.Load) and use.is_part:  # table["a"].ix[0] = 1
            return use.chained()
        parts = key.slice.elts if isinstance(key.slice, ast.Tuple) else [key.slice]
        if len(parts) > 2 or not parts or (len(parts) == 2 and not use.is_a(use.receiver, "frame")):
            return use.refused(Reason.UNSUPPORTED_SYNTAX, "`.ix` is given more keys than a frame has axes")
        kinds = [_kind(use, part, axis) for axis, part in enumerate(parts)]
        if kinds[0] is None or (len(kinds) == 2 and kinds[1] != LABEL):  # table.ix[:, 0]
            unknown = parts[0] if kinds[0] is None else parts[1]
            message = f"it is not known whether `{ast.unparse(unknown)}` is a label or a position"
            return use.refused(Reason.LABEL_READ, message, "write `.loc` for labels, `.iloc` for positions")
        owed = [Obligation("range-index")] if kinds[0] == NUMBER and not _is_numbered(use) else []
        owed += [Obligation("columns-exist")] if any(isinstance(part, ast.List) for part in parts[1:]) else []
        return Change(lambda found: found.rename("loc"), "`.ix` by label is `.loc`", obligations=tuple(owed))


def _is_numbered(use: Use) -> bool:
    kind = use.kind(use.receiver)
    return kind is not None and kind.range_index


def _kind(use: Use, key: ast.expr, axis: int) -> str | None:
    """What a key surely is: a label, a number (or numbers), or None."""
    match key:
        case ast.Slice(lower=None, upper=None, step=None):
            return LABEL
        case ast.Slice(lower=lower, upper=upper, step=None):
            kinds = {_scalar(use, end, axis) for end in (lower, upper) if end is not None}
            return kinds.pop() if len(kinds) == 1 else None
        case ast.List(elts=elts) if elts and all(_scalar(use, e, axis) == LABEL for e in elts):
            return LABEL if axis == 1 else None  # a label that is not there gave a missing row
    return LABEL if axis == 0 and _is_mask(use, key) else _scalar(use, key, axis)


def _scalar(use: Use, key: ast.expr, axis: int) -> str | None:
    if _from_own_labels(use, key, axis):
        return LABEL
    number = key.operand if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub) else key
    if use.is_a(key, "str"):
        return LABEL
    if use.is_a(number, "int") or _counts(use, key):
        return NUMBER
    return None


def _is_mask(use: Use, key: ast.expr) -> bool:
    """Whether a key is surely a table or array of truth values."""
    match key:
        case ast.Compare(left=left, comparators=[right], ops=[op]) if not isinstance(
            op, ast.Is | ast.IsNot | ast.In | ast.NotIn
        ):
            return any(use.is_a(side, "series", "ndarray") for side in (left, right))
        case ast.BinOp(left=left, right=right, op=ast.BitAnd() | ast.BitOr()):
            return _is_mask(use, left) and _is_mask(use, right)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return _is_mask(use, operand)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in MASK_METHODS:
            return use.is_a(value, "series")
    return False


def _from_own_labels(use: Use, key: ast.expr, axis: int) -> bool:
    """Whether a key is one of the table's own labels: `table.index[0]`, or the variable of a loop over them."""
    labels = "columns" if axis else "index"
    if isinstance(key, ast.Subscript) and isinstance(key.slice, ast.Constant | ast.UnaryOp | ast.Name):
        return _is_labels(use, key.value, labels)
    loop = _binding_loop(use, key)
    if loop is None:
        return False
    target, over = loop
    match over:
        case ast.Call(func=ast.Attribute(value=value, attr="iterrows"), args=[]) if axis == 0:
            first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else None
            return isinstance(first, ast.Name) and first.id == _name(key) and _same(value, use.receiver)
    return isinstance(target, ast.Name) and _is_labels(use, over, labels)


def _is_labels(use: Use, node: ast.expr, labels: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == labels and _same(node.value, use.receiver)


def _counts(use: Use, key: ast.expr) -> bool:
    """Whether a key is the variable of a loop over numbers."""
    loop = _binding_loop(use, key)
    return (
        loop is not None
        and isinstance(loop[0], ast.Name)
        and isinstance(loop[1], ast.Call)
        and use.dotted(loop[1].func) == "builtins.range"
    )


def _binding_loop(use: Use, key: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Target and iterable of the loop around that binds a variable, if nothing else binds it."""
    name = _name(key)
    binders = use.scope.binders(name)
    if len(binders) != 1 or not isinstance(binders[0], ast.For):
        return None
    loop = binders[0]
    inside = any(up is loop for up in use.file.scopes.ancestors(use.node))
    return (loop.target, loop.iter) if inside else None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _same(one: ast.expr, other: ast.expr) -> bool:
    return isinstance(one, ast.Name) and isinstance(other, ast.Name) and one.id == other.id
