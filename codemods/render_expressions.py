"""Expressions as documents for the layout engine, in the style of Black, with no parentheses that are not needed."""

from __future__ import annotations

import ast
from enum import IntEnum

from ..loops.walk import walk
from .render_doc import SOFT, Doc, Group, Line, bracketed, if_long, items, join, layout
from .render_literals import Literals, RenderError


class Level(IntEnum):
    """How tightly an expression binds, loosest first; each place in the grammar asks for a least level.

    Places below NAMED (the right of `=`, after `return`) take tuples, and YIELD a bare `yield`, but no bare `:=`.
    """

    YIELD = 0
    TUPLE = 1
    NAMED = 2
    TEST = 3
    OR = 4
    AND = 5
    NOT = 6
    COMPARE = 7
    BIT_OR = 8
    BIT_XOR = 9
    BIT_AND = 10
    SHIFT = 11
    SUM = 12
    TERM = 13
    FACTOR = 14
    POWER = 15
    AWAIT = 16
    ATOM = 17


_BINARY: dict[type[ast.operator], tuple[str, Level]] = {
    ast.BitOr: ("|", Level.BIT_OR),
    ast.BitXor: ("^", Level.BIT_XOR),
    ast.BitAnd: ("&", Level.BIT_AND),
    ast.LShift: ("<<", Level.SHIFT),
    ast.RShift: (">>", Level.SHIFT),
    ast.Add: ("+", Level.SUM),
    ast.Sub: ("-", Level.SUM),
    ast.Mult: ("*", Level.TERM),
    ast.Div: ("/", Level.TERM),
    ast.FloorDiv: ("//", Level.TERM),
    ast.Mod: ("%", Level.TERM),
    ast.MatMult: ("@", Level.TERM),
    ast.Pow: ("**", Level.POWER),
}
_UNARY = {ast.Not: "not ", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def operator_text(operator: ast.operator) -> str:
    """The sign of a binary operator, as in `+` of `+=`."""
    return _BINARY[type(operator)][0]


def level_of(node: ast.expr) -> Level:
    """How tightly an expression binds as it would be written."""
    match node:
        case ast.NamedExpr():
            return Level.NAMED
        case ast.Tuple():
            return Level.TUPLE if len(node.elts) > 1 else Level.ATOM
        case ast.Yield() | ast.YieldFrom():
            return Level.YIELD
        case ast.IfExp() | ast.Lambda():
            return Level.TEST
        case ast.BoolOp():
            return Level.OR if isinstance(node.op, ast.Or) else Level.AND
        case ast.UnaryOp():
            return Level.NOT if isinstance(node.op, ast.Not) else Level.FACTOR
        case ast.Compare():
            return Level.COMPARE
        case ast.BinOp():
            return _BINARY[type(node.op)][1]
        case ast.Await():
            return Level.AWAIT
        case ast.Constant(value=int() | float() | complex() as value) if repr(value).startswith("-"):
            return Level.FACTOR
    return Level.ATOM


class Expressions:
    """Turns expression nodes into documents.

    `watch` is a node whose surroundings are asked for: `seen` is the level that its place demands.
    """

    def __init__(self, literals: Literals, watch: ast.expr | None = None) -> None:
        self.literals = literals
        self.watch = watch
        self.seen: Level | None = None

    def doc(self, node: ast.expr, least: Level = Level.TEST) -> Doc:
        """The document of a node at a place that asks for at least this level."""
        if node is self.watch:
            self.seen = least
        level = level_of(node)
        if level is Level.TUPLE and least <= Level.TUPLE:
            return self._bare_tuple(node)
        if level < least or (level is Level.NAMED and least < Level.NAMED):
            return self._parenthesised(node)
        return self._bare(node)

    def long_doc(self, node: ast.expr, least: Level = Level.TEST) -> Doc:
        """As `doc`, for places outside any bracket: parentheses appear where the expression needs several lines."""
        level = level_of(node)
        if level < least or level <= Level.NAMED:
            return self.doc(node, least)
        operand = node
        while isinstance(operand, ast.UnaryOp | ast.Await):
            operand = operand.value if isinstance(operand, ast.Await) else operand.operand
        if level_of(operand) < Level.FACTOR or level_of(operand) is Level.POWER or _links_that_break(operand) > 1:
            return if_long(self.doc(node, least))
        return self.doc(node, least)

    def _parenthesised(self, node: ast.expr) -> Doc:
        if isinstance(node, ast.Tuple):
            return bracketed("(", items([self._element(e) for e in node.elts]), ")")
        return bracketed("(", self._bare(node), ")")

    def _bare_tuple(self, node: ast.expr) -> Doc:
        assert isinstance(node, ast.Tuple)
        return if_long(items([self._bracket_item(e, Level.TEST) for e in node.elts]))

    def _element(self, node: ast.expr) -> Doc:
        return self._bracket_item(node, Level.NAMED)

    def _bracket_item(self, node: ast.expr, least: Level) -> Doc:
        """An item among others: parentheses show where a long conditional expression starts and ends."""
        return if_long(self.doc(node, least)) if isinstance(node, ast.IfExp) else Group(self.doc(node, least))

    def _bare(self, node: ast.expr) -> Doc:
        match node:
            case ast.Name():
                return node.id
            case ast.Constant():
                return self.literals.constant(node)
            case ast.JoinedStr():
                return self.literals.joined(node, _in_braces)
            case ast.Attribute() | ast.Call() | ast.Subscript():
                return self._chain(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp():
                least = Level.NOT if isinstance(node.op, ast.Not) else Level.FACTOR
                return (_UNARY[type(node.op)], self.doc(node.operand, least))
            case ast.BoolOp():
                word, least = ("or ", Level.AND) if isinstance(node.op, ast.Or) else ("and ", Level.NOT)
                first, *rest = [Group(self.doc(value, least)) for value in node.values]
                return (first, *(part for value in rest for part in (Line(), word, value)))
            case ast.Compare():
                out: list[Doc] = [Group(self.doc(node.left, Level.BIT_OR))]
                for operator, value in zip(node.ops, node.comparators, strict=True):
                    out += [Line(), _COMPARE[type(operator)] + " ", Group(self.doc(value, Level.BIT_OR))]
                return tuple(out)
            case ast.IfExp():
                body, test = Group(self.doc(node.body, Level.OR)), Group(self.doc(node.test, Level.OR))
                last = self.doc(node.orelse)
                # a chain of conditions breaks as one: each `if` and each `else` on a line of its own
                last = last if isinstance(node.orelse, ast.IfExp) else Group(last)
                return (body, Line(), "if ", test, Line(), "else ", last)
            case ast.Lambda():
                arguments = self.arguments(node.args)
                return ("lambda", " " if arguments else "", join(", ", arguments), ": ", self.doc(node.body))
            case ast.NamedExpr():
                return (self.doc(node.target, Level.ATOM), " := ", self.doc(node.value))
            case ast.Starred():
                return ("*", self.doc(node.value, Level.BIT_OR))
            case ast.Await():
                return ("await ", self.doc(node.value, Level.ATOM))
            case ast.Yield():
                return ("yield ", self.doc(node.value, Level.TUPLE)) if node.value else "yield"
            case ast.YieldFrom():
                return ("yield from ", self.doc(node.value))
            case ast.Slice():
                return self._slice(node)
        return self._display(node)

    def _display(self, node: ast.expr) -> Doc:
        match node:
            case ast.Tuple(elts=[]):
                return "()"
            case ast.Tuple(elts=[only]):
                return bracketed("(", (self._element(only), ","), ")")
            case ast.List():
                return bracketed("[", items([self._element(e) for e in node.elts]), "]") if node.elts else "[]"
            case ast.Set():
                if not node.elts:
                    return "{*()}"
                return bracketed("{", items([self._element(e) for e in node.elts]), "}")
            case ast.Dict():
                return bracketed("{", items(self._pairs(node)), "}") if node.keys else "{}"
            case ast.ListComp():
                return bracketed("[", self._clauses(self._element(node.elt), node.generators), "]")
            case ast.SetComp():
                return bracketed("{", self._clauses(self._element(node.elt), node.generators), "}")
            case ast.GeneratorExp():
                return bracketed("(", self._clauses(self._element(node.elt), node.generators), ")")
            case ast.DictComp():
                pair = (self.doc(node.key), ": ", self.doc(node.value))
                return bracketed("{", self._clauses(Group(pair), node.generators), "}")
        raise RenderError(f"{type(node).__name__} can't be rendered")

    def _pairs(self, node: ast.Dict) -> list[Doc]:
        return [
            ("**", self.doc(value, Level.BIT_OR)) if key is None else (self.doc(key), ": ", self.long_doc(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]

    def _clauses(self, element: Doc, generators: list[ast.comprehension]) -> Doc:
        out: list[Doc] = [element]
        for clause in generators:
            head = "async for " if clause.is_async else "for "
            target, values = self.doc(clause.target, Level.TUPLE), self.doc(clause.iter, Level.OR)
            out += [Line(), Group((head, target, " in ", values))]
            for test in clause.ifs:
                out += [Line(), Group(("if ", self.doc(test, Level.OR)))]
        return tuple(out)

    def _binary(self, node: ast.BinOp) -> Doc:
        sign, level = _BINARY[type(node.op)]
        if isinstance(node.op, ast.Pow):
            left, right = self.doc(node.left, Level.AWAIT), self.doc(node.right, Level.FACTOR)
            hug = not isinstance(node.left, ast.UnaryOp) and _is_simple(node.left) and _is_simple(node.right)
            return (left, sign, right) if hug else (left, Line(), sign + " ", right)
        left = self.doc(node.left, level)
        if level_of(node.left) > level:
            left = Group(left)
        return (left, Line(), sign + " ", Group(self.doc(node.right, Level(level + 1))))

    def _slice(self, node: ast.Slice) -> Doc:
        parts = [node.lower, node.upper] + ([node.step] if node.step else [])
        spaced = any(part is not None and not _is_trivial(part) for part in parts)
        out: list[Doc] = []
        for at, part in enumerate(parts):
            if at:
                out.append((" :" if spaced and parts[at - 1] is not None else ":") + (" " if spaced and part else ""))
            if part is not None:
                out.append(self.doc(part))
        return tuple(out)

    def _chain(self, node: ast.Attribute | ast.Call | ast.Subscript) -> Doc:
        """A value with its attributes, calls and subscripts; two calls or more may each start a line."""
        links: list[ast.Attribute | ast.Call | ast.Subscript] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute | ast.Call | ast.Subscript):
            links.append(base)
            base = base.func if isinstance(base, ast.Call) else base.value
            if base is self.watch:
                break
        out: list[Doc] = [self._receiver(base, links[-1])]
        several = _links_that_break(node) > 1
        simple = isinstance(base, ast.Name)
        for link in reversed(links):
            match link:
                case ast.Attribute():
                    out += [SOFT if several and not simple else "", "." + link.attr]
                case ast.Call():
                    out.append(self._call(link))
                    simple = False
                case ast.Subscript():
                    out.append(self._subscript(link))
                    simple = False
        return tuple(out)

    def _receiver(self, base: ast.expr, link: ast.expr) -> Doc:
        if isinstance(link, ast.Attribute) and _is_number(base):
            return ("(", self.doc(base), ")")
        return self.doc(base, Level.ATOM)

    def _call(self, node: ast.Call) -> Doc:
        if not node.args and not node.keywords:
            return "()"
        if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.GeneratorExp):
            if node.args[0] is self.watch:
                self.seen = Level.NAMED
            only = node.args[0]
            return bracketed("(", self._clauses(self._element(only.elt), only.generators), ")")
        arguments: list[Doc] = [self._bracket_item(argument, Level.NAMED) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                arguments.append(("**", self.doc(keyword.value, Level.BIT_OR)))
            else:
                arguments.append((keyword.arg, "=", self.long_doc(keyword.value)))
        return bracketed("(", items(arguments), ")")

    def _subscript(self, node: ast.Subscript) -> Doc:
        index = node.slice
        if isinstance(index, ast.Tuple) and len(index.elts) > 1 and index is not self.watch:
            return bracketed("[", items([self._element(e) for e in index.elts]), "]")
        return bracketed("[", self.doc(index, Level.NAMED if not isinstance(index, ast.Tuple) else Level.TEST), "]")

    def arguments(self, node: ast.arguments) -> list[Doc]:
        """The parameters of a lambda or a function, one document each."""
        plain = [*node.posonlyargs, *node.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.defaults)) + list(node.defaults)
        out = [self._parameter(argument, default) for argument, default in zip(plain, defaults, strict=True)]
        if node.posonlyargs:
            out.insert(len(node.posonlyargs), "/")
        if node.vararg:
            out.append(("*", self._parameter(node.vararg, None)))
        elif node.kwonlyargs:
            out.append("*")
        out += [self._parameter(a, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        if node.kwarg:
            out.append(("**", self._parameter(node.kwarg, None)))
        return out

    def _parameter(self, node: ast.arg, default: ast.expr | None) -> Doc:
        out: list[Doc] = [node.arg]
        if node.annotation:
            out += [": ", self.doc(node.annotation)]
        if default:
            out += [" = " if node.annotation else "=", self.doc(default)]
        return tuple(out)


def _in_braces(node: ast.expr, literals: Literals) -> str:
    """An expression inside the braces of an f-string, where the colon of a bare lambda would end it."""
    least = Level.OR if any(isinstance(inner, ast.Lambda) for inner in walk(node)) else Level.TEST
    return layout(Expressions(literals).doc(node, least), width=float("inf"))


def _links_that_break(node: ast.expr) -> int:
    """How many dots of a chain may start a line: all but those between a name at the start and its first call."""
    count = leading = 0
    called = False
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute):
            leading += 1
            node = node.value
        else:
            count, leading, called = count + leading, 0, called or isinstance(node, ast.Call)
            node = node.func if isinstance(node, ast.Call) else node.value
    return (count if isinstance(node, ast.Name) else count + leading) if called else 0


def _is_simple(node: ast.expr) -> bool:
    """Operands that Black sets close to `**`: names, numbers, dotted names, and their negatives."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        node = node.operand
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) or _is_number(node)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex)


def _is_trivial(node: ast.expr) -> bool:
    """Bounds that need no space around the colon of a slice."""
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Name | ast.Constant)
