"""The lifted loop means what the loop does: random bodies are executed, and interpreted from their IR, alike.

The interpreter below knows the IR only: leaves, operations, guards and what is carried. It computes round by round.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from loops_help import site_of

from deloop.loops.ir import (
    Append,
    Carried,
    Const,
    Expr,
    Inv,
    Loop,
    Named,
    Op,
    Pos,
    Raw,
    Read,
    StoreItem,
    Undefined,
)
from deloop.loops.lift import lift

HELPERS = """
def grade(x, limit=2):
    if x > limit:
        return x - limit
    elif x == 0:
        return 7
    y = x * 2
    return y

def split(x, y):
    if x < y:
        return x, y
    return y, x + 1

def deep(x):
    \"\"\"A helper of helpers.\"\"\"
    low, high = split(grade(x), 1)
    if low > 3 or not high:
        return 0
    return low + high
"""

OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "neg": operator.neg,
    "not": operator.not_,
    "tuple": lambda *args: args,
    "call:builtins.abs": abs,
    "call:builtins.max": max,
    "call:builtins.min": min,
    "call:math.sqrt": math.sqrt,
}


class Unbound(Exception):
    """The IR says that a name has no value here: the loop raises."""


@dataclass
class Interpreter:
    """Runs a lifted loop on concrete inputs."""

    loop: Loop
    names: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """All rounds: the effects change the lists among the names, as the loop would."""
        header = self.loop.header
        rounds = range(len(self.names["xs"]))
        if header.span is not None:
            (start,) = [self.value(header.span.start, 0)]
            rounds = range(start, len(self.names["xs"]) + header.span.delta)
        for position in rounds:
            for effect in self.loop.effects:
                if effect.guard is None or self.value(effect.guard, position):
                    self._apply(effect, position)
            new = {}
            for name, final in self.loop.finals.items():
                try:
                    new[name] = self.value(final, position)
                except Unbound:
                    self.state.pop(name, None)
            self.state |= new

    def _apply(self, effect: Any, position: int) -> None:
        target = self.names[effect.target]
        value = self.value(effect.value, position)
        if isinstance(effect, Append):
            target.append(value)
            return
        assert isinstance(effect, StoreItem)
        index = self.value(effect.index, position)
        target[index] = OPERATIONS[effect.augmented](target[index], value) if effect.augmented else value

    def value(self, e: Expr, position: int) -> Any:
        """The value of an expression in one round."""
        match e:
            case Named(value=inner):
                return self.value(inner, position)
            case Const(value=value):
                return value
            case Pos(offset=offset):
                return position + offset
            case Inv(code=code):
                return eval(code, dict(self.names))
            case Read(source=source, offset=offset):
                return eval(source.code, dict(self.names))[position + offset]
            case Carried(name=name):
                if name in self.state:
                    return self.state[name]
                raise Unbound(name)
            case Undefined(name=name):
                raise Unbound(name)
            case Raw(node=node, holes=holes):
                filled = {name: self.value(hole, position) for name, hole in holes}
                return eval(compile(ast.Expression(node), "raw", "eval"), {**self.names, **filled})
            case Op():
                return self._operation(e, position)
        raise AssertionError(e)

    def _operation(self, e: Op, position: int) -> Any:
        if e.name == "if":
            test, one, other = e.args
            return self.value(one if self.value(test, position) else other, position)
        if e.name in ("and", "or"):
            result = None
            for part in e.args:
                result = self.value(part, position)
                if bool(result) is (e.name == "or"):
                    return result
            return result
        return OPERATIONS[e.name](*(self.value(a, position) for a in e.args))


# ---------------------------------------------------------------- random loops

HEADERS = (
    *("for v in xs:", "for i in range(len(xs)):", "for i, v in enumerate(xs):", "for v, w in zip(xs, ys):"),
    "for i in range(1, len(xs)):",
)
TEMPORARIES = ("t", "u")
EXPRESSIONS = (
    *("leaf", "leaf", "leaf", "{one} + {two}", "{one} - {two}", "{one} * {two}", "-{one}", "abs({one})"),
    *(
        "max({one}, {two})",
        "{one} if {test} else {two}",
        "{one} or {two}",
        "{one} and {two}",
        "({one}, {two}) < (1, 2)",
    ),
    *("grade({one})", "grade({one}, limit={two})", "deep({one})"),
)
COMPARISONS = (*(f"{{one}} {op} {{two}}" for op in ("<", "<=", ">", ">=", "==", "!=")), "0 < {one} <= {two}", "{one}")
CONNECTED = ("{one} and {two}", "{one} or {two}", "not {one}")
CONDITIONS = (*COMPARISONS, *CONNECTED)
STATEMENTS = (
    *("append", "append", "other", "assign", "assign", "augment", "augment", "pair", "split", "store", "if", "if"),
)


@dataclass
class Body:
    """Draws statements; `bound` are the temporaries that surely have a value."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    leaves: list[str]

    def pick(self, words: Sequence[str]) -> str:
        return self.draw(st.sampled_from(words))

    def expression(self, depth: int = 2) -> str:
        """An expression of integers and truth values over the names that are bound."""
        form = self.pick(EXPRESSIONS) if depth else "leaf"
        if form == "leaf":
            return self.pick(self.leaves)
        one, two = self.expression(depth - 1), self.expression(depth - 1)
        test = self.condition(0) if "test" in form else ""
        return f"({form.format(one=one, two=two, test=test)})"

    def condition(self, depth: int = 1) -> str:
        form = self.pick(COMPARISONS if depth == 0 else CONDITIONS)
        if form in CONNECTED:
            return f"({form.format(one=self.condition(depth - 1), two=self.condition(depth - 1))})"
        return form.format(one=self.expression(0), two=self.expression(0))

    def block(self, depth: int) -> Iterator[str]:
        """The lines of a block."""
        known = list(self.leaves)
        for _ in range(self.draw(st.integers(1, 4))):
            yield from self.statement(depth)
        if depth < 2 and self.draw(st.integers(0, 5)) == 0:
            yield "continue"
        self.leaves = known

    def statement(self, depth: int) -> Iterator[str]:
        """The lines of a statement."""
        kind, name = self.pick(STATEMENTS), self.pick(TEMPORARIES)
        match kind:
            case "append":
                yield f"out.append({self.expression()})"
            case "other":
                yield f"more.append({self.expression()})"
            case "store":
                yield f"cells[{self.pick('01')}] {self.pick(('=', '+='))} {self.expression()}"
            case "augment" if name in self.leaves:
                yield f"{name} {self.pick(('+=', '-=', '*='))} {self.expression(1)}"
            case "pair" | "split":
                values = f"{self.expression(1)}, {self.expression(1)}"
                yield f"t, u = {values}" if kind == "pair" else f"t, u = split({values})"
                self.leaves += TEMPORARIES
            case "if" if depth:
                yield from self.branches(depth - 1)
            case _:
                yield f"{name} = {self.expression()}"
                self.leaves.append(name)

    def branches(self, depth: int) -> Iterator[str]:
        yield f"if {self.condition()}:"
        yield from (f"    {line}" for line in self.block(depth))
        for _ in range(self.draw(st.integers(0, 1))):
            yield f"elif {self.condition()}:"
            yield from (f"    {line}" for line in self.block(depth))
        if self.draw(st.booleans()):
            yield "else:"
            yield from (f"    {line}" for line in self.block(depth))


@st.composite
def loops(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """A function that runs a loop over `xs` (and `ys`, as long) and fills three lists."""
    header = draw(st.sampled_from(HEADERS))
    leaves = ["k", "0", "1", "2"]
    targets = header.split(" in ")[0].removeprefix("for ").split(", ")
    leaves += [*targets, *targets, *["xs[i]"] * ("i" in targets), *["xs[i - 1]"] * 3 * ("(1, " in header)]
    carried = draw(st.booleans())
    body = Body(draw, leaves + ["t"] * carried)
    lines = list(body.block(2))
    while lines[-1] == "continue" and len(lines) > 1:
        lines.pop()
    start = ["t = 1"] if carried else []
    text = "".join(f"    {line}\n" for line in [*start, header, *(f"    {line}" for line in lines)])
    return f"{HELPERS}\ndef f(xs, ys, k, out, more, cells):\n{text}"


NUMBERS = st.lists(st.integers(-3, 4), max_size=6)


@settings(max_examples=200)
@given(loops(), NUMBERS, st.integers(-1, 3))
def test_a_lifted_loop_means_what_the_loop_does(code: str, xs: list[int], k: int) -> None:
    def inputs() -> dict[str, Any]:
        return {"xs": list(xs), "ys": [x * 3 - 1 for x in xs], "k": k, "out": [], "more": [9], "cells": [0, 0]}

    loop = lift(site_of(code))
    assume(isinstance(loop, Loop) or "too many steps" not in loop.message)
    assert isinstance(loop, Loop), f"{loop}\n{code}"
    expected, found = inputs(), inputs()
    functions: dict[str, Any] = {}
    exec(code, functions)
    functions["f"](**expected)
    start = {"t": 1} if "\n    t = 1\n" in code else {}
    Interpreter(loop, found | start, dict(start)).run()
    event(f"{len(loop.effects)} effects, {len(loop.carried)} carried")
    for name in ("out", "more", "cells"):
        assert repr(found[name]) == repr(expected[name]), f"{name}\n{code}"
