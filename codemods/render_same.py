"""Whether two syntax trees say the same, whatever their places and spelling."""

from __future__ import annotations

import ast
from typing import Any

#: Fields that don't change what the code does.
_IGNORED = {"ctx", "kind", "type_comment", "type_ignores"}


def same_tree(one: object, other: object) -> bool:
    """Whether two nodes (or lists of nodes, or field values) are the same code.

    Places, contexts and the spelling of constants don't count; `Constant(-1)` equals `-1` as it parses, and
    neighbouring literal parts of an f-string equal their concatenation.
    """
    pairs: list[tuple[Any, Any]] = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        left, right = _plain(left), _plain(right)
        if isinstance(left, list):
            if not isinstance(right, list) or len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif isinstance(left, ast.AST):
            if type(left) is not type(right):
                return False
            if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
                if not _same_value(left.value, right.value):
                    return False
                continue
            names = [name for name in left._fields if name not in _IGNORED]
            pairs.extend((_field(left, name), _field(right, name)) for name in names)
        elif type(left) is not type(right) or left != right:
            return False
    return True


def _field(node: ast.AST, name: str) -> Any:
    """A field; what a hand-built node leaves out is None, or empty where lists are expected."""
    value = getattr(node, name, None)
    if name == "conversion":
        return -1 if value is None else value
    if name == "simple":
        return int(value if value is not None else isinstance(getattr(node, "target", None), ast.Name))
    if name in ("level", "is_async"):
        return int(value or 0)
    return None if value == [] else value


def _plain(node: Any) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and _negative(value):
            return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
        case ast.Constant(value=complex() as value) if _negative(value.imag) and not value.real:
            return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=complex(0, -value.imag)))
        case ast.JoinedStr():
            return _Parts(_merged(node.values))
    return node


def _negative(value: float) -> bool:
    return value < 0 or (value == 0 and str(value).startswith("-"))


class _Parts(ast.AST):
    """An f-string with its neighbouring texts joined."""

    _fields = ("values",)

    def __init__(self, values: list[ast.expr]) -> None:
        super().__init__()
        self.values = values


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    out: list[ast.expr] = []
    for part in values:
        if isinstance(part, ast.Constant) and part.value == "":
            continue
        if isinstance(part, ast.Constant) and out and isinstance(out[-1], ast.Constant):
            out[-1] = ast.Constant(value=str(out[-1].value) + str(part.value))
        else:
            out.append(part)
    return out


def _same_value(left: object, right: object) -> bool:
    if type(left) is not type(right):
        return False
    return left == right or (left != left and right != right)
