"""Runs of equal values: what is kept is compared with the next value, and given up where that differs."""

from __future__ import annotations

from dataclasses import dataclass

from ...loops.ir import Carried, Expr, Op, Read, strip
from ..lanes.lanes import Lane
from .objects import objects_of
from .recalled import Recalled, changes
from .seeds import other_start
from .updates import bare, mentions


@dataclass
class Tracked(Recalled):
    """`if v != current: current = v`: the value of the row before, and a new one where it differs."""

    @property
    def always(self) -> bool:
        return False

    def can(self) -> bool:
        self.start_node = other_start(self.code.site, self.id)
        if self.start_node is None or len(self.change.tests) != 1 or mentions(self.change.value, self.id):
            return False
        return _unlike(self.change.tests[0], self.id, self.change.value)

    @property
    def mask(self) -> Lane | None:
        if self._mask is None:
            changed = changes(self, self.change.value)
            self._mask = self.code.named(changed, "changed")
        return self._mask

    def differs(self, other: Expr) -> Lane | None:
        return self.mask if bare(other) == bare(self.change.value) else None

    def _number(self) -> bool:
        inner = strip(self.change.value)
        return not (isinstance(inner, Read) and objects_of(inner))


def _unlike(test: Expr, id_: str, value: Expr) -> bool:
    """`value != name`, `not value == name`, either way round."""
    inner = strip(test)
    wanted = "!="
    if isinstance(inner, Op) and inner.name == "not":
        inner, wanted = strip(inner.args[0]), "=="
    if not isinstance(inner, Op) or inner.name != wanted:
        return False
    sides = [a for a in inner.args if strip(a) != Carried(id_)]
    return len(sides) == 1 and bare(sides[0]) == bare(value)
