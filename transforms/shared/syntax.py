"""Questions about syntax that is carried along as it is."""

from __future__ import annotations

import ast

from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk

#: With so few rounds the set-up of array code costs more than the loop.
FEW = 8


def evaluated_anew(node: ast.expr, id_: str) -> bool:
    """Whether a name in carried syntax is read several times, or in a place that is evaluated not exactly once."""
    reads = [n for n in walk(node) if isinstance(n, ast.Name) and n.id == id_]
    if len(reads) != 1:
        return True
    for n in walk(node):
        inner: list[ast.AST] = []
        match n:
            case ast.ListComp(generators=generators) | ast.SetComp(generators=generators):
                inner = [n.elt, *_later(generators)]
            case ast.GeneratorExp(generators=generators):
                inner = [n.elt, *_later(generators)]
            case ast.DictComp(generators=generators):
                inner = [n.key, n.value, *_later(generators)]
            case ast.Lambda(body=body):
                inner = [body]
            case ast.IfExp(body=body, orelse=orelse):
                inner = [body, orelse]
            case ast.BoolOp(values=[_, *rest]):
                inner = [*rest]
            case ast.Compare(comparators=[_, *rest]):
                inner = [*rest]
        if any(x is reads[0] for part in inner for x in walk(part)):
            return True
    return False


def few_rounds(loop: ast.For | ast.While, at_most: int = FEW) -> bool:
    """Whether a loop is written out for so few rounds that it can't take long."""
    match loop:
        case ast.For(iter=ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements)):
            return len(elements) <= at_most and not any(isinstance(e, ast.Starred) for e in elements)
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(stop))])):
            return stop <= at_most
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[_, ast.Constant(value=int(stop))])):
            return stop <= at_most
    return False


def too_few_rounds(line: int) -> Refusal:
    """What is said of a loop that makes so few rounds."""
    return Refusal(Reason.NO_GAIN, line, "it makes a few rounds only, whatever the data is", settled=True)


def _later(generators: list[ast.comprehension]) -> list[ast.AST]:
    """All of the generators but the first iterable, which is evaluated once."""
    first, *rest = generators
    return [*first.ifs, *rest]


def short_enough(node: ast.expr) -> bool:
    """Fit to stand inside the braces of an f-string."""
    nodes = [n for n in walk(node) if isinstance(n, ast.expr)]
    branches = sum(isinstance(n, ast.IfExp) for n in nodes)
    tangled = any(isinstance(n, (ast.BoolOp, ast.JoinedStr, ast.Lambda)) for n in nodes)
    return len(nodes) <= 12 and branches <= 1 and not tangled


def without_spelling(node: ast.expr) -> ast.expr:
    """A changed f-string can't keep its original spelling."""
    for n in walk(node):
        if isinstance(n, (ast.JoinedStr, ast.FormattedValue)):
            for x in walk(n):
                for position in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
                    x.__dict__.pop(position, None)
    return node


def stem(node: ast.expr, default: str = "column") -> str:
    """A name for what an expression holds: `bars` and `self.bars` are `bars`, `df["a"]` is `a`."""
    match node:
        case ast.Name(id=id_):
            return id_
        case ast.Attribute(attr=a):
            return a
        case ast.Subscript(slice=ast.Constant(value=str(key))) if key.isidentifier():
            return key
    return default


def power_may_raise(node: ast.BinOp) -> bool:
    """`k ** -1` of zero, `k ** 2` of a huge float; not `10 ** -6`."""
    exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    if not isinstance(node.left, ast.Constant) or not isinstance(exponent, ast.Constant):
        return True
    return not (type(node.left.value) is int and node.left.value and type(exponent.value) is int)


def same_text(node: ast.expr, *codes: str) -> bool:
    """Whether an expression is one of some pieces of code."""
    return ast.unparse(node) in {ast.unparse(ast.parse(code, mode="eval")) for code in codes}
