"""Stretches of rounds: what a stretch began with is kept while it lasts, and is None outside."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...loops.ir import Carried, Const, Expr, Op, Pos, Read, strip
from ..lanes.lanes import Lane
from ..shared.build import attr, binop, call, const, item, name, shifted
from .objects import objects, objects_of, row, truth, without_last
from .recalled import Recalled
from .seeds import other_start
from .sure import value_given
from .updates import bare, line_of, mentions, negated


@dataclass
class Opened(Recalled):
    """The value that a stretch of rounds began with: set in its first round, None again behind it."""

    inside: Expr | None = None
    value: Expr | None = None
    _began: ast.expr | None = None

    def can(self) -> bool:
        self.start_node = other_start(self.code.site, self.id)
        if not self.starts_missing:
            return False
        outside, stays = (value_given(self.final, self.id, missing) for missing in (True, False))
        for e in (outside, stays):
            if not isinstance(e, Op) or e.name != "if":
                return False
        begun, kept = _sides(outside), _sides(stays)
        if begun is None or kept is None or bare(begun[0]) != bare(kept[0]) or kept[1] != Carried(self.id):
            return False
        self.inside, self.value = begun
        return not mentions(self.inside, self.id) and not mentions(self.value, self.id)

    def small(self) -> bool:
        return self.value is not None and self.code.small(self.value)

    @property
    def mask(self) -> Lane:
        if self._mask is None:
            assert self.inside is not None
            self._mask = self.code.mask(self.inside, line_of(self.code.loop, self.id))
        return self._mask

    def began(self) -> ast.expr:
        """The number of the round with which the stretch began that a round is in, from 0 on: a name for it."""
        if self._began is None:
            numbers = self.code.numpy("arange", const(1), binop(self.code.count(), ast.Add(), const(1)))
            outside = self.code.numpy("where", self.mask.node, const(0), numbers)
            self._began = self.code.step(f"{self.id}_began", self.code.numpy("maximum.accumulate", outside))
        return self._began

    def _numbers(self) -> Lane:
        assert self.value is not None
        inner = strip(self.value)
        if isinstance(inner, Pos) and self.code.rounds.start is not None:
            return Lane(shifted(self.began(), self.code.rounds.start + inner.offset), True, "int", True)
        values = self.code.temp(self.code.under(self.inside, self.value), f"{self.id}_values")
        return replace(values, node=item(values.node, self._where()))

    def _where(self) -> ast.expr:
        """Where the values of the stretches stand; behind the last one nobody looks."""
        return self.code.numpy("where", self.mask.node, self.began(), const(0))

    def make_end(self) -> Lane:
        assert self.value is not None
        kept = objects(self.code, self.value)
        numbers = self.sure_end() if kept is None else kept
        if numbers.python is not True:
            raise self.code.refuse(f"`{self.id}` is None or a number of NumPy's")
        node = numbers.node if kept is None else item(kept.node, self._where())
        node = node if kept is not None else call(attr(node, "astype"), name("object"))
        return self._any(self.code.step(f"held_{self.id}", self.code.numpy("where", self.mask.node, node, const(None))))

    def missing_end(self) -> Lane:
        self._surely_numbers()
        return truth(ast.UnaryOp(ast.Invert(), self.mask.node))

    def missing_start(self) -> Lane:
        self._surely_numbers()
        inside = ast.List([const(False)], ast.Load())
        before = without_last(self.code.numpy("concatenate", row(inside, self.mask.node)))
        return truth(ast.UnaryOp(ast.Invert(), before))

    def _surely_numbers(self) -> None:
        inner = strip(self.value) if self.value is not None else None
        if isinstance(inner, Read) and objects_of(inner) and self.id not in self.code.computed_with:
            raise self.code.refuse(f"`{self.id}` may be set to None, and is asked for")

    def leave(self) -> list[tuple[ast.expr | None, ast.stmt]]:
        last = item(self.code.temp(self.end()).node, ast.UnaryOp(ast.USub(), const(1)))
        return [(self.code.rounds_test(), self.set(last))]


def _sides(e: Expr) -> tuple[Expr, Expr] | None:
    """(test, value) of `value if test else None`, either way round."""
    assert isinstance(e, Op)
    test, yes, no = e.args
    if isinstance(no, Const) and no.value is None:
        return test, yes
    if not isinstance(yes, Const) or yes.value is not None:
        return None
    inner = strip(test)  # as a test, `not not x` is `x`
    return (inner.args[0] if isinstance(inner, Op) and inner.name == "not" else negated(test)), no
