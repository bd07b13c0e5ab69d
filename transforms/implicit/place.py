"""Where the value of an expression site goes: what is replaced, what may stand before, what kind of value is wanted."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.implicit import Form, ImplicitSite
from ...loops.walk import walk
from ..shared.build import clone, same

SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)


@dataclass(frozen=True)
class Place:
    """Where the result goes: `old` is the expression that is replaced.

    `bare`: an array will do in place of a Series. `objects`: text in that array has to be Python's.
    `column`: it becomes a column, and a list will do as well. `mask`: it picks rows of the frame.
    """

    old: ast.expr
    bare: bool = False
    objects: bool = False
    column: bool = False
    mask: bool = False


def first_evaluated(site: ImplicitSite) -> bool:
    """Whether nothing that matters is evaluated in the statement before the site is."""
    if not isinstance(site.statement, SIMPLE):
        return False
    here: ast.AST = site.node
    for up in site.file.scopes.ancestors(site.node):
        if up is site.statement:
            return True
        match up:
            case ast.Call(func=func, args=args) if here is func or (args and here is args[0] and _silent(func)):
                pass
            case ast.keyword() | ast.Attribute() | ast.UnaryOp():
                if isinstance(up, ast.keyword):
                    return False
            case ast.Subscript(value=value) if here is value or _silent(value):
                pass
            case ast.BinOp(left=left) | ast.Compare(left=left) if here is left or _silent(left):
                pass
            case _:
                return False
        here = up
    return False


def _silent(node: ast.expr) -> bool:
    """Evaluating it does nothing that could be told from doing it later."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def place_of(site: ImplicitSite) -> Place:
    """What is replaced, and whether what is around takes an array as well as a Series."""
    parent = site.file.scopes.parent[site.node]
    frame = site.over if site.form is Form.ROWS else _frame_of(site.over)
    match parent:
        case ast.Attribute(attr="values") if isinstance(parent.ctx, ast.Load):
            return Place(parent, bare=True)
        case ast.Attribute(attr="to_numpy") if (made := _called_plainly(site, parent)) is not None:
            return Place(made, bare=True, objects=True)
        case ast.Attribute(attr="tolist"):
            return Place(site.node, bare=True)
        case ast.Assign(targets=[ast.Subscript(value=target, slice=key)], value=value) if (
            frame is not None and value is site.node and _one(site, key) and _same_frame(site, target, frame)
        ):
            return Place(site.node, bare=True, column=True)
        case ast.Subscript(value=target, slice=key) if (
            frame is not None
            and key is site.node
            and isinstance(parent.ctx, ast.Load)
            and _same_frame(site, target, frame)
        ):
            return Place(site.node, bare=True, mask=True)
    return Place(site.node)


def _called_plainly(site: ImplicitSite, method: ast.Attribute) -> ast.Call | None:
    """The call of a method without arguments."""
    made = site.file.scopes.parent[method]
    return made if isinstance(made, ast.Call) and made.func is method and not made.args and not made.keywords else None


def _one(site: ImplicitSite, key: ast.expr) -> bool:
    """Whether a key surely names one column."""
    own = getattr(site.over, "slice", None)
    if isinstance(key, ast.Constant):
        return isinstance(key.value, str)
    return isinstance(key, ast.Name) and isinstance(own, ast.Name) and key.id == own.id


def _same_frame(site: ImplicitSite, target: ast.expr, frame: ast.expr) -> bool:
    if not same(_load(target), _load(frame)):
        return False
    kind = site.kind(target)
    return site.form is Form.ROWS or "frame-columns" in site.assumed or (kind is not None and kind.name == "frame")


def _load(node: ast.expr) -> ast.expr:
    out = clone(node)
    for n in walk(out):
        if hasattr(n, "ctx"):
            n.ctx = ast.Load()
    return out


def _frame_of(series: ast.expr) -> ast.expr | None:
    match series:
        case ast.Subscript(value=frame, slice=ast.Constant(value=str()) | ast.Name()):
            return frame
        case ast.Attribute(value=frame):
            return frame
    return None
