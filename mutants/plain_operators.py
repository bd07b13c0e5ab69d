"""Changes to what any Python code has: comparisons, constants, arithmetic, conditions, slices, order of arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from .nodes import Context, call, dotted, enclosed, name_of, parse

_BOUNDARIES: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.LessThan: cst.LessThanEqual,
    cst.LessThanEqual: cst.LessThan,
    cst.GreaterThan: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.GreaterThan,
}
_TURNED: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.Equal: cst.NotEqual,
    cst.NotEqual: cst.Equal,
    cst.In: cst.NotIn,
    cst.NotIn: cst.In,
    cst.Is: cst.IsNot,
    cst.IsNot: cst.Is,
    cst.LessThan: cst.GreaterThan,
    cst.GreaterThan: cst.LessThan,
}
_ARITHMETIC: dict[type[cst.BaseBinaryOp], type[cst.BaseBinaryOp]] = {
    cst.Add: cst.Subtract,
    cst.Subtract: cst.Add,
    cst.Multiply: cst.Divide,
    cst.Divide: cst.FloorDivide,
    cst.FloorDivide: cst.Divide,
    cst.Modulo: cst.FloorDivide,
    cst.Power: cst.Multiply,
}
_LOGIC: dict[type[cst.BaseBinaryOp], type[cst.BaseBinaryOp]] = {
    cst.BitAnd: cst.BitOr,
    cst.BitOr: cst.BitAnd,
    cst.BitXor: cst.BitOr,
}
_AUGMENTED: dict[type[cst.BaseAugOp], type[cst.BaseAugOp]] = {
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.MultiplyAssign: cst.DivideAssign,
}
#: Pairs of operators that look as if they could be grouped the other way.
_REGROUPED = {
    (cst.Add, cst.Add),
    (cst.Multiply, cst.Multiply),
    (cst.Multiply, cst.Divide),
    (cst.Add, cst.Subtract),
    (cst.Multiply, cst.FloorDivide),
}
_ORDERED = (cst.Subtract, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)


def boundary(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`<` becomes `<=`."""
    yield from _compared(node, _BOUNDARIES)


def comparison(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`==` becomes `!=`, `in` becomes `not in`, `<` becomes `>`."""
    yield from _compared(node, _TURNED)


def _compared(node: cst.CSTNode, others: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]]) -> Iterator[cst.CSTNode]:
    if not isinstance(node, cst.Comparison):
        return
    for k, target in enumerate(node.comparisons):
        if (other := others.get(type(target.operator))) is not None:
            changed = [*node.comparisons]
            changed[k] = target.with_changes(operator=other())
            yield node.with_changes(comparisons=changed)


def constant(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A number is one more or one less."""
    if isinstance(node, cst.Integer | cst.Float):
        value = node.evaluated_value
        for other in (value + 1, value - 1):
            yield parse(repr(other) if other >= 0 else f"({other!r})")


def text(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A text that is no column has other letters, is longer, or is empty."""
    if not isinstance(node, cst.SimpleString) or context.is_subscript(node) or context.is_keyword(node):
        return
    value = node.evaluated_value
    if isinstance(value, str):
        for other in (value.swapcase(), value + "_", ""):
            if other != value:
                yield parse(repr(other))


def column(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """Another of the columns that the code reads."""
    if isinstance(node, cst.SimpleString) and context.is_subscript(node):
        others = [other for other in context.columns if other != node.value]
        yield from (parse(other) for other in others[:2])


def arithmetic(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`+` becomes `-`, `*` becomes `/`, `/` becomes `//`; a sign is lost."""
    if isinstance(node, cst.BinaryOperation) and (other := _ARITHMETIC.get(type(node.operator))):
        yield node.with_changes(operator=other())
    elif isinstance(node, cst.AugAssign) and (augmented := _AUGMENTED.get(type(node.operator))):
        yield node.with_changes(operator=augmented())
    elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        yield node.expression


def operands(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`a - b` becomes `b - a`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, _ORDERED):
        yield node.with_changes(left=enclosed(node.right), right=enclosed(node.left))


def grouping(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`a + b + c` becomes `a + (b + c)`: the same for real numbers, not for floats."""
    if not isinstance(node, cst.BinaryOperation):
        return
    left = node.left
    if isinstance(left, cst.BinaryOperation) and (type(left.operator), type(node.operator)) in _REGROUPED:
        inner = cst.BinaryOperation(left.right, node.operator, node.right)
        yield node.with_changes(left=left.left, operator=left.operator, right=enclosed(inner))


def power(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`x ** 2` becomes `x * x`, and the other way."""
    if not isinstance(node, cst.BinaryOperation):
        return
    if isinstance(node.operator, cst.Power) and isinstance(node.right, cst.Integer) and node.right.value == "2":
        yield enclosed(cst.BinaryOperation(enclosed(node.left), cst.Multiply(), enclosed(node.left)))
    if isinstance(node.operator, cst.Multiply) and node.left.deep_equals(node.right):
        yield enclosed(cst.BinaryOperation(enclosed(node.left), cst.Power(), cst.Integer("2")))


def logic(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`and` becomes `or`, `&` becomes `|`, a `not` or `~` is lost."""
    if isinstance(node, cst.BinaryOperation) and (other := _LOGIC.get(type(node.operator))):
        yield node.with_changes(operator=other())
    elif isinstance(node, cst.BooleanOperation):
        yield node.with_changes(operator=cst.Or() if isinstance(node.operator, cst.And) else cst.And())
        yield node.left
        yield node.right
    elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not | cst.BitInvert):
        yield node.expression


def branch(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The branches of a condition change places."""
    if isinstance(node, cst.IfExp):
        yield node.with_changes(body=node.orelse, orelse=node.body)
    elif isinstance(node, cst.If):
        yield node.with_changes(test=parse(f"not ({context.code(node.test)})"))


def guard(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The condition of a comprehension or statement is always true, the first of two, or turned."""
    if isinstance(node, cst.CompFor) and node.ifs:
        yield node.with_changes(ifs=node.ifs[1:])
        turned = node.ifs[0].with_changes(test=parse(f"not ({context.code(node.ifs[0].test)})"))
        yield node.with_changes(ifs=[turned, *node.ifs[1:]])
    elif isinstance(node, cst.If):
        yield node.with_changes(test=parse("True"))


def bounds(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A slice has no lower or no upper bound, or one where there was none."""
    if not isinstance(node, cst.Slice):
        return
    one, last = cst.Integer("1"), parse("-1")
    yield node.with_changes(lower=None if node.lower is not None else one)
    yield node.with_changes(upper=None if node.upper is not None else last)
    if node.step is not None:
        yield node.with_changes(step=None, second_colon=cst.MaybeSentinel.DEFAULT)
    for name in ("lower", "upper"):
        bound = getattr(node, name)
        if bound is not None and not isinstance(bound, cst.Integer | cst.UnaryOperation):
            yield from (node.with_changes(**{name: parse(f"{context.code(bound)} {sign} 1")}) for sign in "+-")


def dropped(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The first or the last element is lost."""
    if isinstance(node, cst.CompFor | cst.For):
        code = context.code(node.iter)
        if name_of(node.iter) != "count":
            yield from (node.with_changes(iter=parse(f"list({code}){part}")) for part in ("[1:]", "[:-1]"))
    elif isinstance(node, cst.Call) and name_of(node) == "tolist":
        yield from (parse(context.code(node) + part) for part in ("[1:]", "[:-1]"))


def index(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """What is read at a position is read at the next one."""
    if isinstance(node, cst.Index) and isinstance(node.value, cst.Name):
        yield from (node.with_changes(value=parse(f"{node.value.value} {sign} 1")) for sign in "+-")


def arguments(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The first two arguments of a call change places."""
    if not isinstance(node, cst.Call) or len(node.args) < 2 or name_of(node) in ("where", "zip", "range"):
        return
    first, second, *rest = node.args
    if first.keyword is None and second.keyword is None and not first.star and not second.star:
        swapped = [first.with_changes(value=second.value), second.with_changes(value=first.value), *rest]
        yield node.with_changes(args=swapped)


def keyword_lost(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """An argument with a name is left out."""
    if not isinstance(node, cst.Call):
        return
    for k, one in enumerate(node.args):
        if one.keyword is not None:
            yield node.with_changes(args=_without(node.args, k))


def default_lost(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The last of several arguments is left out."""
    if not isinstance(node, cst.Call) or len(node.args) < 2 or name_of(node) == "where":
        return
    if node.args[-1].keyword is None and not node.args[-1].star:
        yield node.with_changes(args=_without(node.args, len(node.args) - 1))


def _without(args: Sequence[cst.Arg], k: int) -> list[cst.Arg]:
    left = [one for j, one in enumerate(args) if j != k]
    if left:
        left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return left


def conversion_lost(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """`float(x)` becomes `x`, `abs(x)` too."""
    lost = {"abs", "round", "float", "int", "str", "bool", "list", "tuple", "sorted", "reversed", "set", "max", "min"}
    if isinstance(node, cst.Call) and dotted(node.func) in lost and node.args and not node.args[0].star:
        yield enclosed(node.args[0].value)


def summation(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A sum is taken in another order."""
    if isinstance(node, cst.Call) and dotted(node.func) == "sum" and node.args:
        code = context.code(node.args[0].value)
        inner = code if code.startswith(("[", "(")) or " for " not in code else f"[{code}]"
        yield node.with_changes(args=[cst.Arg(parse(f"list({inner})[::-1]")), *node.args[1:]])
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and name_of(node) == "sum":
        receiver = node.func.value
        if context.code(receiver) not in ("np", "math"):
            yield node.with_changes(func=cst.Attribute(parse(f"({context.code(receiver)})[::-1]"), cst.Name("sum")))
    elif isinstance(node, cst.Call) and dotted(node.func) in ("np.sum", "np.dot", "np.add.reduce") and node.args:
        code = context.code(node.args[0].value)
        yield call(node.func, [cst.Arg(parse(f"({code})[::-1]")), *node.args[1:]])
