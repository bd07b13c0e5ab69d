"""What a Bowler query has found, as fissix nodes, and the ways to change it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from fissix.pgen2 import token
from fissix.pygram import python_symbols as syms
from fissix.pytree import Leaf, Node

#: Nodes that hold whole statements: what stands directly in one is the most that a change of a use may touch.
_BLOCKS = frozenset(
    {
        *(syms.simple_stmt, syms.suite, syms.file_input, syms.for_stmt, syms.while_stmt, syms.if_stmt, syms.with_stmt),
        *(syms.try_stmt, syms.classdef, syms.funcdef, syms.decorated, syms.async_stmt, syms.async_funcdef),
    }
)
#: Lines that get longer are broken.
WIDTH = 120


@dataclass
class Argument:
    """One argument of a call. `star` is "*" or "**" for what is unpacked."""

    node: Node | Leaf
    keyword: str = ""
    star: str = ""

    @property
    def value(self) -> Node | Leaf:
        return self.node.children[-1] if self.keyword or self.star else self.node

    @property
    def text(self) -> str:
        """The value without the space before it."""
        return plain(self.value)


class Found:
    """An attribute that a query selected: its receiver before it, its call or subscript behind it.

    `indent` is the space that its line starts with.
    """

    def __init__(self, trailer: Node, indent: str = "") -> None:
        self.indent = indent
        self.trailer = trailer
        self.power: Node = trailer.parent
        self.root = root_of(self.power)

    @property
    def name(self) -> Leaf:
        return self.trailer.children[1]

    @property
    def receiver(self) -> str:
        """The text of what the attribute is read from."""
        return _joined(self.power.children[self._first : self._at])

    @property
    def following(self) -> Node:
        """The call or subscript right behind the attribute."""
        return self.power.children[self._at + 1]

    @property
    def arguments(self) -> list[Argument]:
        inside = self.following.children[1:-1]
        nodes = inside[0].children if len(inside) == 1 and inside[0].type == syms.arglist else inside
        return [_argument(node) for node in nodes if node.type != token.COMMA]

    def rename(self, new: str) -> None:
        """Give the attribute another name."""
        self.name.value = new
        self.name.changed()

    def rename_keyword(self, old: str, new: str) -> None:
        for argument in self.arguments:
            if argument.keyword == old:
                argument.node.children[0].value = new
                argument.node.changed()

    def set_text(self, keyword: str, text: str) -> None:
        """Put other text in the place of what is passed under a name."""
        for argument in self.arguments:
            if argument.keyword == keyword:
                argument.value.replace(Leaf(token.NAME, text, prefix=argument.value.prefix))

    def name_first(self, keyword: str) -> None:
        """Pass the first argument by name, if it is passed by position."""
        first = self.arguments[0]
        if not first.keyword and not first.star:
            prefix, value = first.node.prefix, first.node.clone()
            value.prefix = ""
            named = [Leaf(token.NAME, keyword, prefix=prefix), Leaf(token.EQUAL, "="), value]
            first.node.replace(Node(syms.argument, named))

    def remove(self, keyword: str) -> None:
        """Leave out what is passed under a name, with its comma."""
        for argument in self.arguments:
            if argument.keyword == keyword:
                _remove(argument.node)

    def add(self, text: str) -> None:
        """Pass one more argument, as the last."""
        call, new = self.following, Leaf(token.NAME, text)
        if not self.arguments:
            call.insert_child(1, new)
            return
        inside = call.children[1]
        if inside.type != syms.arglist:
            inside = Node(syms.arglist, [inside.clone()])
            call.children[1].replace(inside)
        if inside.children[-1].type != token.COMMA:
            inside.append_child(Leaf(token.COMMA, ","))
        new.prefix = " "
        inside.append_child(new)

    def replace_behind(self, text: str) -> None:
        """Put text in the place of the attribute and its call or subscript; the receiver stays."""
        self.following.remove()
        self.trailer.replace(Leaf(token.NAME, text))

    def replace_attribute(self, text: str) -> None:
        """Put an expression in the place of receiver and attribute; a call or subscript stays behind it."""
        self._replace(text, self._at + 1)

    def replace_call(self, text: str) -> None:
        """Put an expression in the place of receiver, attribute and call."""
        self._replace(text, self._at + 2)

    def called(self, function: str, arguments: list[str]) -> str:
        """The text of a call, one argument a line where it would be too long for the line of the receiver."""
        text = f"{function}({', '.join(arguments)})"
        if next(self.root.leaves()).column + len(plain(self.root)) - self._length + len(text) <= WIDTH:
            return text
        inner = self.indent + ("\t" if "\t" in self.indent else "    ")
        return f"{function}(\n" + "".join(f"{inner}{one},\n" for one in arguments) + f"{self.indent})"

    @property
    def _length(self) -> int:
        return len(_joined(self.power.children[self._first : self._at + 2]))

    def replace_statement(self, text: str) -> None:
        """Put text in the place of the whole simple statement."""
        self.root.replace(Leaf(token.NAME, text, prefix=self.root.prefix))

    def follow(self, text: str) -> None:
        """Put something right behind the call."""
        self.power.insert_child(self._at + 2, Leaf(token.NAME, text))

    @property
    def _at(self) -> int:
        return next(i for i, child in enumerate(self.power.children) if child is self.trailer)

    @property
    def _first(self) -> int:
        return 1 if str(self.power.children[0]).strip() == "await" else 0

    def _replace(self, text: str, end: int) -> None:
        first, *rest = self.power.children[self._first : end]
        for node in rest:
            node.remove()
        first.replace(Leaf(token.NAME, text, prefix=first.prefix))


def root_of(node: Node | Leaf) -> Node | Leaf:
    """The whole expression or simple statement that a node is part of."""
    while node.parent is not None and node.parent.type not in _BLOCKS:
        node = node.parent
    return node


def plain(node: Node | Leaf) -> str:
    """The text of a node without the space before it."""
    return str(node)[len(node.prefix) :]


def atom(text: str) -> str:
    """The text as something that an attribute can be read from: in parentheses where it needs them."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.List | ast.Dict)
    return text if simple else f"({text})"


def _joined(nodes: list[Node | Leaf]) -> str:
    return "".join(map(str, nodes))[len(nodes[0].prefix) :]


def _argument(node: Node | Leaf) -> Argument:
    if node.type != syms.argument:
        return Argument(node)
    first = node.children[0]
    if first.type in (token.STAR, token.DOUBLESTAR):
        return Argument(node, star=first.value)
    if node.children[1].type == token.EQUAL:
        return Argument(node, keyword=first.value)
    return Argument(node)


def _remove(node: Node | Leaf) -> None:
    after, before = node.next_sibling, node.prev_sibling
    if after is not None and after.type == token.COMMA:
        follower = after.next_sibling
        after.remove()
        if follower is not None:
            follower.prefix = node.prefix
    elif before is not None and before.type == token.COMMA:
        before.remove()
    node.remove()
