"""What is the same on every round: one value that meets all elements at once, and is computed even without a round."""

from __future__ import annotations

import ast

from ...loops.ir import Inv, Op, strip
from ...loops.literals import folded
from ...loops.remarks import Reason
from ...loops.scalar_facts import property_read, python_scalar, surely_number, surely_scalar
from ...loops.trace import harmless
from ...loops.walk import walk
from ..shared.build import clone
from ..shared.syntax import power_may_raise
from .lanes import Building, Lane

#: What has no place among the numbers of an array: what these make, and these themselves.
MADE = frozenset(
    {
        *("pandas.Timestamp", "pandas.Timedelta", "pandas.Period", "pandas.DateOffset", "pandas.Interval"),
        *("datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta"),
        *("numpy.datetime64", "numpy.timedelta64", "decimal.Decimal", "fractions.Fraction"),
    }
)
FLOATS = frozenset({f"{m}.{c}" for m in ("math", "numpy") for c in ("e", "inf", "nan", "pi")})
MISSING = frozenset({"pandas.NaT", "pandas.NA"})


class FixedLanes(Building):
    """The lanes of what does not depend on the round."""

    def fixed(self, e: Inv) -> bool:
        """Whether what the loop does not change is one value for all that is computed here."""
        return True

    def fixed_lane(self, node: ast.expr) -> Lane:
        """What is the same on every round: one number of Python's own, or perhaps one of NumPy's."""
        self.one_for_all(node)
        python = True if python_scalar(self.site, node) else None
        if python is None and self.site.floats:
            self._owe_of_parts("scalars", node)
            python = True
        elif python is None:
            self.owe("float64")  # the mean of a narrow column is narrow
        dtype = self._inv_dtype(node)
        if dtype == "number" and self.site.fixed_floats and not self.beside_float and folded(node) is None:
            self._owe_of_parts("numeric-start", node)
            dtype = "float"
        return Lane(clone(node), False, dtype, python)

    def _owe_of_parts(self, obligation: str, node: ast.expr) -> None:
        """What has to hold of each part of a sum or a product of numbers and names: then it holds of the whole."""
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right) if not _with_text(node):
                for part in (left, right):
                    if not isinstance(part, ast.Constant):
                        self._owe_of_parts(obligation, part)
            case _:
                self.owe(obligation, ast.unparse(node))

    def one_for_all(self, node: ast.expr) -> None:
        """What is the same on every round meets all elements at once, and is computed even if there is no round."""
        if (computed := property_read(self.site, node)) is not None:
            raise self.refuse(f"`{computed}` is computed anew on every read", reason=Reason.UNKNOWN_CALL)
        if (other := self._no_number(node)) is not None:
            raise self.refuse(f"`{other}` is no number", reason=Reason.UNKNOWN_KIND)
        if not surely_scalar(self.site, node):  # with an array: element by element
            self._owe_of_parts("scalars", node)
        if isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp):
            raise self.refuse("the elements are containers")
        self.without_rounds(node)

    def _no_number(self, node: ast.expr) -> str | None:
        """A date, a duration, a missing value of pandas or an exact number, if the value is surely one."""
        made = node.func if isinstance(node, ast.Call) else node
        path = self.site.dotted(made) or ""
        return ast.unparse(node) if path in (MADE if isinstance(node, ast.Call) else MISSING) else None

    def without_rounds(self, node: ast.expr) -> None:
        """Note what has to hold for an expression to be computed even if there is no round."""
        for n in walk(node):
            match n:
                case ast.Subscript(value=ast.Attribute(attr="shape")):
                    continue
                case ast.Subscript(slice=ast.Constant(value=str())):
                    self.owe("keys-present", ast.unparse(n))
                case ast.Subscript(value=ast.Constant(value=str(text)), slice=place) if folded(place) is not None:
                    if not -len(text) <= (folded(place) or 0) < len(text):  # `""[0]`
                        raise self.refuse(f"`{ast.unparse(n)}` raises, with or without rounds")
                case ast.Subscript():
                    self.owe("some-rounds", ast.unparse(n))
                case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=ast.Constant(value=divisor)):
                    if not divisor:
                        raise self.refuse("a constant is divided by zero")
                case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
                    self.owe("no-zero-division", ast.unparse(n))
                case ast.BinOp(op=ast.Pow()) if power_may_raise(n):
                    if isinstance(n.left, ast.Constant):
                        raise self.refuse(f"`{ast.unparse(n)}` may raise, with or without rounds")
                    self.owe("in-domain", ast.unparse(n))
                case ast.Call() if not harmless(n):
                    if self.depth:  # `if limit > 0: out.append(x * math.log(limit))`
                        raise self.refuse(f"`{ast.unparse(n)}` is called under a condition only")
                    self.owe("some-rounds", ast.unparse(n))

    def _inv_dtype(self, node: ast.expr) -> str:
        if self.site.dotted(node) in FLOATS:
            return "float"
        kind = self.site.kind(node)
        if kind is not None and kind.name == "float" and not surely_scalar(self.site, node):
            return "number"  # what is annotated as a float may be given an int
        return (
            {"int": "int", "float": "float", "bool": "bool", "str": "text"}.get(kind.name, "number")
            if kind
            else "number"
        )

    def no_text(self, e: Op) -> None:
        """`x * k` repeats text, and `k % x` fills it in: what is the same on every round has to be a number."""
        for x in map(strip, e.args if e.name in ("*", "%") else ()):
            if isinstance(x, Inv) and self.fixed(x) and not surely_number(self.site, x.node):
                self._owe_of_parts("numeric-start", x.node)


def _with_text(node: ast.expr) -> bool:
    """Whether a literal in it is no number: `"x" * k` is text, whatever `k` is."""
    return any(isinstance(n, ast.Constant) and type(n.value) not in (int, float) for n in walk(node))
