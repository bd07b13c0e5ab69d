"""What the operators need to know of syntax trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

#: What needs no parentheses.
_WHOLE = (cst.Name, cst.Integer, cst.Float, cst.SimpleString, cst.List, cst.Subscript, cst.Call, cst.Attribute)


@dataclass(frozen=True)
class Context:
    """Where a node stands. `columns` are the texts in subscripts around it, as they are written."""

    module: cst.Module
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    columns: tuple[str, ...]

    def code(self, node: cst.CSTNode) -> str:
        """The node as text."""
        return self.module.code_for_node(node)

    def is_subscript(self, node: cst.CSTNode) -> bool:
        """Whether it is what a subscript holds, alone or in a list or tuple."""
        parent: cst.CSTNode | None = self.parents.get(node)
        while isinstance(parent, cst.Element | cst.List | cst.Tuple):
            parent = self.parents.get(parent)
        return isinstance(parent, cst.Index)

    def is_keyword(self, node: cst.CSTNode) -> bool:
        """Whether it is an argument with a name."""
        parent = self.parents.get(node)
        return isinstance(parent, cst.Arg) and parent.keyword is not None


def parse(code: str) -> cst.BaseExpression:
    """An expression."""
    return cst.parse_expression(f"({code})" if "\n" in code else code)


def enclosed(node: cst.BaseExpression) -> cst.BaseExpression:
    """In parentheses, unless it is a name, a number or has some."""
    if node.lpar or isinstance(node, _WHOLE):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def dotted(node: cst.CSTNode) -> str:
    """`np.add.reduce` as text; empty for what is no chain of names."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if inner := dotted(value):
            return f"{inner}.{name}"
    return ""


def name_of(node: cst.CSTNode) -> str:
    """The last name of what a call calls."""
    match node:
        case cst.Call(func=cst.Name(value=name)) | cst.Call(func=cst.Attribute(attr=cst.Name(value=name))):
            return name
    return ""


def call(function: cst.BaseExpression, args: Sequence[cst.Arg]) -> cst.Call:
    """A call."""
    return cst.Call(function, list(args))
