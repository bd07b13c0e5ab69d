"""DL606: `df.map(f)` and `df.applymap(f)`, a Python function called for each cell."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Const, Expr, Inv, Loop, Op, Read, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .hoists.floats import number
from .implicit.code import appended
from .lanes.arithmetic import plain_loop
from .shared.build import attr, call, clone, name
from .shared.operators import BINARY

#: Comparisons of a frame with a number.
COMPARED = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq}
COMPUTED = frozenset({"+", "-", "*", "/"})
EXACT = 2**53


class NoFrame(Exception):
    """Why a value has no form for the whole frame."""


class ApplyCells(Transform):
    """`df.map(f)` calls a Python function for each cell; a function that only computes is arithmetic on the frame.

    Each column keeps its own type: integers stay integers beside floats. The function sees Python scalars, and what
    that means for overflow is an assumption, as it is that all columns hold numbers. A choice between two numbers
    becomes `np.where`, if both are of one type: pandas infers the type of each column from what comes out.
    """

    rule = Rule("DL606", "apply-cells", Severity.MEDIUM)
    expressions = True
    examples = (
        Example(
            before="""
                import pandas as pd


                def scaled(table: pd.DataFrame) -> pd.DataFrame:
                    return table.map(lambda v: v * 2.54 + 1)
            """,
            after="""
                import pandas as pd


                def scaled(table: pd.DataFrame) -> pd.DataFrame:
                    return table * 2.54 + 1
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def votes(table: pd.DataFrame) -> pd.DataFrame:
                    return table.map(lambda v: 1 if v > 0.5 else 0)
            """,
            after="""
                import numpy as np
                import pandas as pd


                def votes(table: pd.DataFrame) -> pd.DataFrame:
                    return pd.DataFrame(
                        np.where(table > 0.5, 1, 0), index=table.index, columns=table.columns
                    )
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def clipped(table: pd.DataFrame) -> pd.DataFrame:
                    return table.map(lambda v: v if v > 0.0 else 0)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import pandas as pd


                def clipped(table: pd.DataFrame) -> pd.DataFrame:
                    return table.clip(lower=0)
            """,
            note="what is missing becomes 0, and the type of each column depends on what comes out",
        ),
        Example(
            before="""
                import pandas as pd


                def clean(table: pd.DataFrame) -> pd.DataFrame:
                    return table.map(lambda v: v.strip())
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site, ImplicitSite) or site.form is not Form.CELLS:
            return None
        effect = appended(loop)
        if effect is None:
            return None
        objection = plain_loop(site, loop)
        if objection:
            return objection
        code = _Frame(site)
        try:
            value = code.whole(effect.value)
        except NoFrame as e:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, str(e))
        owed = [Obligation(n, tuple(dict.fromkeys(s))) for n, s in code.owed.items()]
        return [Rewrite(self.rule, Tier.VECTOR, (Substitute(site.node, value),), tuple(owed), code.imports)]


@dataclass
class _Frame:
    """Makes code for a whole frame of the value of one cell."""

    site: ImplicitSite
    owed: dict[str, list[str]] = field(default_factory=dict)
    imports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for always in ("numeric-columns", "float64", "empty-type"):
            self.owe(always, ast.unparse(self.site.over))

    def owe(self, obligation: str, subject: str) -> None:
        self.owed.setdefault(obligation, []).append(subject)

    def whole(self, e: Expr) -> ast.expr:
        """The frame of all results."""
        inner = strip(e)
        if isinstance(inner, Op) and inner.name == "if":
            return self._choice(inner)
        if not isinstance(inner, Op):
            raise NoFrame("the function hands back the cell itself, or the same for all")
        if inner.name in COMPARED:
            return self._comparison(inner)
        return self._number(inner)

    def _choice(self, e: Op) -> ast.expr:
        test, yes, no = (strip(a) for a in e.args)
        if not isinstance(test, Op) or test.name not in COMPARED:
            raise NoFrame("the condition is no plain comparison")
        branches = [_literal(a) for a in (yes, no)]
        values = [b[0] if b is not None else None for b in branches]
        if type(values[0]) is not type(values[1]) or type(values[0]) not in (int, float):
            raise NoFrame("the type of each column depends on the values that come out")
        if any(isinstance(v, int) and abs(v) >= 2**63 for v in values):
            raise NoFrame("a number does not fit in 64 bits")
        np, pd = self._module("numpy", "np"), self._module("pandas", "pd")
        chosen = call(attr(name(np), "where"), self._comparison(test), *(b[1] for b in branches if b is not None))
        over = self.site.over
        labels = {"index": attr(clone(over), "index"), "columns": attr(clone(over), "columns")}
        if any(isinstance(n, ast.Call) for n in walk(over)):
            raise NoFrame("the frame would be computed several times: name it first")
        return call(attr(name(pd), "DataFrame"), chosen, **labels)

    def _module(self, module: str, short: str) -> str:
        known = self.site.file.alias(module)
        if known is None:
            self.imports = (*self.imports, f"import {module} as {short}")
        return known or short

    def _comparison(self, e: Op) -> ast.expr:
        left, right = (strip(a) for a in e.args)
        sides = [self._number(left), self._number(right)]
        frames = [_has_cell(left), _has_cell(right)]
        if frames.count(True) != 1:
            raise NoFrame("two values of the cell are compared")
        other = right if frames[0] else left
        if isinstance(other, Const) and abs(other.value) >= EXACT:
            raise NoFrame("NumPy rounds what it compares with so large a number")
        if not isinstance(other, Const):
            self.owe("small-integers", ast.unparse(sides[1 if frames[0] else 0]))
        return ast.Compare(sides[0], [COMPARED[e.name]()], [sides[1]])

    def _number(self, e: Expr) -> ast.expr:
        inner = strip(e)
        match inner:
            case Read():
                return clone(self.site.over)
            case Const(value=int() | float() as value, node=node) if not isinstance(value, bool) and abs(value) < 2**63:
                return clone(node)
            case Inv(node=node):
                if not isinstance(node, ast.Name | ast.Attribute):
                    raise NoFrame(f"`{inner.code}` is no plain number")
                if number(self.site, node, self.site.scope) is None:
                    self.owe("scalars", inner.code)
                return clone(node)
            case Op(name=operator, args=(left, right)) if operator in COMPUTED and _has_cell(inner):
                return self._computed(operator, left, right)
        raise NoFrame("what the function computes has no form for the whole frame")

    def _computed(self, operator: str, left: Expr, right: Expr) -> ast.expr:
        a, b = self._number(left), self._number(right)
        divisor = strip(right)
        if operator == "/" and not (isinstance(divisor, Const) and divisor.value):
            raise NoFrame("a divisor may be zero")
        if _has_cell(left) and _has_cell(right) and any(isinstance(n, ast.Call) for n in walk(self.site.over)):
            raise NoFrame("the frame would be computed several times: name it first")
        if operator != "/":
            self.owe("no-overflow", ast.unparse(self.site.over))
        return ast.BinOp(a, BINARY[operator](), b)


def _literal(e: Expr) -> tuple[Any, ast.expr] | None:
    """A number that is written out, with its sign."""
    match e:
        case Const(value=value, node=node):
            return value, clone(node)
        case Inv(node=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) as node):
            return -value, clone(node)
    return None


def _has_cell(e: Expr) -> bool:
    return any(isinstance(x, Read) for x in e.walk())
