"""How a round changes a name: when, and to what. Branches that end in the same statement are folded together."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...loops.ir import Carried, Const, Expr, Loop, Named, Op, Read, strip
from ...loops.walk import walk
from ..shared.operators import MIRRORED

SIGNS = frozenset({"+", "-", "*"})
ORDERINGS = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True)
class Change:
    """Where all `tests` hold (none: always) the name becomes `value`, else it keeps what it had."""

    tests: tuple[Expr, ...]
    value: Expr

    @property
    def guard(self) -> Expr | None:
        return both(self.tests)


def change_of(e: Expr, id_: str) -> Change | None:
    """The change that the value at the end of a round amounts to; None when the name keeps its value."""
    inner = strip(spread(e, id_))
    if inner == Carried(id_):
        return None
    if not isinstance(inner, Op) or inner.name != "if":
        return Change((), e)
    test, yes, no = inner.args
    a, b = change_of(yes, id_), change_of(no, id_)
    if a is None and b is None:
        return None
    if b is None:
        assert a is not None
        return Change((test, *a.tests), a.value)
    if a is None:
        return Change((negated(test), *b.tests), b.value)
    return _joined(test, a, b)


def spread(e: Expr, id_: str) -> Expr:
    """`(0 if test else n) + 1` as `1 if test else n + 1`."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name not in ("+", "-") or len(inner.args) != 2:
        return e
    choice, step = strip(inner.args[0]), whole(inner.args[1])
    if step is None or not isinstance(choice, Op) or choice.name != "if" or not mentions(choice, id_):
        return e
    sides = []
    for a in choice.args[1:]:
        k = whole(a)
        total = None if k is None else k + step if inner.name == "+" else k - step
        grown = replace(inner, args=(a, inner.args[1]))
        sides.append(spread(grown, id_) if total is None else Const(total, ast.Constant(total)))
    return replace(choice, args=(choice.args[0], *sides))


def _joined(test: Expr, a: Change, b: Change) -> Change:
    """Both branches change the name: the tests that they share, as after an `if` with a `continue`, stay one test."""
    left, right = list(a.tests), list(b.tests)
    shared: list[Expr] = []
    while left and right and alike(left[-1], right[-1]):
        shared.insert(0, merged(test, left.pop(), right.pop()))
    value = merged(test, a.value, b.value)
    first, other = both(tuple(left)), both(tuple(right))
    if first is None and other is None:
        return Change(tuple(shared), value)
    if first is None:
        assert other is not None
        gate: Expr = Op("or", (test, other))
    elif other is None:
        gate = Op("or", (negated(test), first))
    else:
        gate = Op("if", (test, first, other))
    return Change((gate, *shared), value)


def both(tests: tuple[Expr, ...]) -> Expr | None:
    """The conjunction of tests."""
    if len(tests) < 2:
        return tests[0] if tests else None
    return Op("and", tests)


def negated(test: Expr) -> Expr:
    inner = strip(test)
    return (
        inner.args[0]
        if isinstance(inner, Op) and inner.name == "not" and _boolean(inner.args[0])
        else Op("not", (test,))
    )


def _boolean(e: Expr) -> bool:
    inner = strip(e)
    return isinstance(inner, Op) and inner.name in (
        "<",
        "<=",
        ">",
        ">=",
        "==",
        "!=",
        "in",
        "not in",
        "is",
        "is not",
        "not",
    )


def alike(a: Expr, b: Expr) -> bool:
    """The same syntax, executed in two branches."""
    x, y = strip(a), strip(b)
    if not isinstance(x, Op) or not isinstance(y, Op):
        return x == y
    if x.name == y.name == "not":
        return alike(x.args[0], y.args[0])
    return x == y or (x.name == y.name and x.node is not None and x.node is y.node and len(x.args) == len(y.args))


def merged(test: Expr, a: Expr, b: Expr) -> Expr:
    """`a if test else b`, with the condition as far inside as the two are alike."""
    if a == b or bare(a) == bare(b):
        return a
    if isinstance(a, Named) and isinstance(b, Named) and a.name == b.name:
        return Named(a.name, merged(test, a.value, b.value))
    x, y = strip(a), strip(b)
    if isinstance(x, Op) and isinstance(y, Op) and (alike(x, y) or _one_operand(x, y)):
        return replace(x, args=tuple(merged(test, p, q) for p, q in zip(x.args, y.args, strict=True)))
    return Op("if", (test, a, b))


def _one_operand(x: Op, y: Op) -> bool:
    """`total + a` and `total + b` of two branches."""
    return (
        x.name == y.name
        and x.name in SIGNS
        and len(x.args) == len(y.args) == 2
        and x.args[0] == y.args[0]
        and isinstance(strip(x.args[0]), Carried)
    )


def bare(e: Expr) -> Expr:
    """The expression without any names of temporaries."""
    inner = strip(e)
    if isinstance(inner, Op):
        return replace(inner, args=tuple(bare(a) for a in inner.args))
    return inner


def mentions(e: Expr | None, id_: str) -> bool:
    """Whether the value that a name had at the start of the round is used."""
    return e is not None and any(isinstance(x, Carried) and x.name == id_ for x in e.walk())


def carried_names(*exprs: Expr | None) -> set[str]:
    return {x.name for e in exprs if e is not None for x in e.walk() if isinstance(x, Carried)}


def condition(e: Expr, holds: Callable[[Expr], bool]) -> Expr | bool:
    """When an if-tree ends in a leaf with a property: a test, always, or never."""
    inner = strip(e)
    if not isinstance(inner, Op) or inner.name != "if":
        return holds(e)
    test, yes, no = inner.args
    a, b = condition(yes, holds), condition(no, holds)
    if isinstance(a, bool) and isinstance(b, bool):
        return a if a == b else test if a else negated(test)
    if isinstance(b, bool):
        assert isinstance(a, Expr)
        return Op("or", (negated(test), a)) if b else Op("and", (test, a))
    if isinstance(a, bool):
        return Op("or", (test, b)) if a else Op("and", (negated(test), b))
    return Op("if", (test, a, b))


def leaves(e: Expr) -> list[Expr]:
    """The values at the ends of an if-tree."""
    inner = strip(e)
    if isinstance(inner, Op) and inner.name == "if":
        return [*leaves(inner.args[1]), *leaves(inner.args[2])]
    return [inner]


def tests_of(e: Expr) -> list[Expr]:
    """The tests of an if-tree."""
    inner = strip(e)
    if isinstance(inner, Op) and inner.name == "if":
        return [inner.args[0], *tests_of(inner.args[1]), *tests_of(inner.args[2])]
    return []


def whole(e: Expr) -> int | None:
    """The value of a literal int."""
    inner = strip(e)
    if isinstance(inner, Op) and inner.name == "neg" and (k := whole(inner.args[0])) is not None:
        return -k
    if isinstance(inner, Const) and isinstance(inner.value, int) and not isinstance(inner.value, bool):
        return inner.value
    return None


def line_of(loop: Loop, id_: str) -> int:
    """The line of the body that changes a name."""
    for node in walk(loop.header.node):
        match node:
            case ast.Assign(targets=targets) if any(
                isinstance(n, ast.Name) and n.id == id_ for t in targets for n in walk(t)
            ):
                return node.lineno
            case ast.AugAssign(target=ast.Name(id=name)) if name == id_:
                return node.lineno
    return loop.header.node.lineno


def whole_element(loop: Loop, e: Expr) -> bool:
    """The expression is just what the loop goes over, element by element."""
    inner = strip(e)
    return (
        isinstance(inner, Read)
        and inner.name is not None
        and not inner.part
        and loop.header.elements == (inner,)
        and isinstance(loop.header.node.target, ast.Name)
    )


def better(test: Expr, id_: str, value: Expr) -> tuple[Expr, str] | None:
    """What is compared with a name that takes it, and how: `v > best`, `best <= v`; None for any other test."""
    if not isinstance(test, Op) or test.name not in ORDERINGS:
        return None
    left, right, operator = *test.args, test.name
    if strip(left) == Carried(id_):
        left, right, operator = right, left, MIRRORED[operator]
    return (left, operator) if strip(right) == Carried(id_) and bare(left) == bare(value) else None
