"""Values of a round as two cases: the first round of its key, which finds nothing, and all later ones."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass, replace

from ...loops.ir import Carried, Const, Expr, Op, strip
from ..scans.sure import missing_test
from ..scans.updates import bare
from .slots import ABSENT

#: Whether a round is the first of its key.
FIRST = Op("first of its key", ())
#: The entry that an earlier round left, as it is, or as a number that is computed with.
ENTRY, NUMBER = "entry", "entry as a number"


@dataclass(frozen=True)
class Cases:
    """Splits values by whether the round is the first of its key. `finals`: what the entries are after a round."""

    slots: frozenset[str]
    finals: dict[str, Expr]  # as the body says, without names of temporaries

    @property
    def stored(self) -> set[Expr]:
        """What the entries may be after a round."""
        return set(self.finals.values())

    def final(self, id_: str) -> Expr:
        """What an entry is after a round."""
        return self._either(self.finals[id_])

    def split(self, e: Expr, computes: bool = False) -> Expr:
        """A value that is computed on every round."""
        inner = strip(e)
        if (id_ := next((n for n, f in self.finals.items() if bare(inner) == f), None)) is not None:
            return self.final(id_)
        if not self._concerned(inner):
            return e
        if isinstance(inner, Op) and inner.name != "if" and missing_test(inner) is None:
            return replace(inner, args=tuple(self.split(a, inner.name != "tuple") for a in inner.args))
        return self._either(inner, computes)

    def test(self, e: Expr | None) -> Expr | bool:
        """A guard; True for none."""
        if e is None:
            return True
        a, b = self.decided(e, True), self.decided(e, False)
        if isinstance(a, bool) and isinstance(b, bool):
            return a if a == b else FIRST if a else Op("not", (FIRST,))
        if a is False or b is False:
            first = FIRST if b is False else Op("not", (FIRST,))
            other = a if b is False else b
            assert isinstance(other, Expr)
            return Op("and", (first, other))
        if a is True or b is True:
            first = FIRST if a is True else Op("not", (FIRST,))
            other = b if a is True else a
            assert isinstance(other, Expr)
            return Op("or", (first, other))
        assert isinstance(a, Expr) and isinstance(b, Expr)
        return a if a == b else Op("if", (FIRST, a, b))

    def value(self, e: Expr, missing: bool, computes: bool = False) -> Expr:
        """A value where the key is new, or where it is not; an entry that `computes` is a number."""
        inner = strip(e)
        if isinstance(inner, Carried) and inner.name in self.slots:
            return Const(None, ast.Constant(None)) if missing else Op(NUMBER if computes else ENTRY, (inner,))
        if not isinstance(inner, Op) or not self._concerned(inner):
            return inner
        if inner.name == "if":
            test = self.decided(inner.args[0], missing)
            yes, no = (self.value(a, missing, computes) for a in inner.args[1:])
            if isinstance(test, bool):
                return yes if test else no
            return yes if yes == no else replace(inner, args=(test, yes, no))
        if missing_test(inner) is not None or inner.name in ("and", "or", "not"):
            test = self.decided(inner, missing)
            return Const(test, ast.Constant(test)) if isinstance(test, bool) else test
        return _folded(replace(inner, args=tuple(self.value(a, missing, inner.name != "tuple") for a in inner.args)))

    def decided(self, e: Expr, missing: bool) -> Expr | bool:
        """A test where the key is new, or where it is not."""
        inner = strip(e)
        if isinstance(inner, Const) and isinstance(inner.value, bool):
            return inner.value
        if not isinstance(inner, Op) or not self._concerned(inner):
            return inner
        found = missing_test(inner)
        if found is not None:
            value = self.value(found[0], missing)
            if isinstance(value, Const):
                return (value.value is None) is found[1]
            own = found[0]
            if any(isinstance(x, Carried) and x.name in self.slots for x in own.walk()) or bare(own) in self.stored:
                return not found[1]  # no None is kept, or it is owed
            return replace(inner, args=tuple(self.value(a, missing) for a in inner.args))
        if inner.name == "not":
            below = self.decided(inner.args[0], missing)
            return not below if isinstance(below, bool) else replace(inner, args=(below,))
        if inner.name in ("and", "or"):
            decides = inner.name == "or"
            parts = [self.decided(a, missing) for a in inner.args]
            if any(p is decides for p in parts):
                return decides
            left = tuple(p for p in parts if isinstance(p, Expr))
            return not decides if not left else left[0] if len(left) == 1 else replace(inner, args=left)
        value = self.value(inner, missing)
        return value.value if isinstance(value, Const) and isinstance(value.value, bool) else value

    def _either(self, e: Expr, computes: bool = False) -> Expr:
        new, later = self.value(e, True, computes), self.value(e, False, computes)
        match new, later:
            case Const(value=bool(a)), Const(value=bool(b)) if a is not b:
                return FIRST if a else Op("not", (FIRST,))
        return later if new == later else Op("if", (FIRST, new, later))

    def _concerned(self, e: Expr) -> bool:
        return any(isinstance(x, Carried) and (x.name in self.slots or x.name == ABSENT) for x in e.walk())


COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}


def _folded(e: Op) -> Expr:
    """`0 + 1` as a number, `1 > 1` as what it is."""
    match e:
        case Op(name=test, args=(Const(value=int(a)), Const(value=int(b)))) if test in COMPARE:
            found = COMPARE[test](a, b)
            return Const(found, ast.Constant(found))
        case Op(name="+" | "-" as sign, args=(Const(value=int(a)), Const(value=int(b)))):
            if not isinstance(a, bool) and not isinstance(b, bool):
                total = a + b if sign == "+" else a - b
                return Const(total, ast.Constant(total))
    return e
