"""DL604: a comprehension that reads a table row by row."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Append, Loop, Read, strip
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Tier, Transform
from .hoists.reads import converts
from .implicit.code import appended, emitted, placed
from .lanes.arithmetic import list_value, plain_loop
from .lanes.arrays import ArrayCode
from .lanes.lanes import NotVector
from .lanes.vector import numpy_import
from .scalar.comprehensions import comprehend
from .shared.sinks import Sink

#: Builtins that take a generator to its end at once.
EATERS = frozenset({"sum", "list", "tuple", "set", "sorted", "max", "min", "any", "all"})
#: Calls that make an array or column of a list or of an array alike.
ARRAYS = frozenset({"numpy.array", "numpy.asarray"})


class RowComprehension(Transform):
    """A comprehension over `range(len(df))`, `df.iterrows()` or `df.index` that reads cells is column arithmetic.

    It is the append loop in one line, and costs the same: a look-up or a Series per row. What computes becomes array
    arithmetic; what does not, as text, reads the columns from arrays that are taken out once before.
    """

    rule = Rule("DL604", "row-comprehension", Severity.HIGH)
    expressions = True
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def spread(df: pd.DataFrame):
                    return np.array([df['high'].iloc[i] - df['low'].iloc[i] for i in range(len(df))])
            """,
            after="""
                import numpy as np
                import pandas as pd


                def spread(df: pd.DataFrame):
                    return df['high'].values - df['low'].values
            """,
        ),
        Example(
            before="""
                def pay(shifts):
                    return [shifts.iloc[k]['hours'] * shifts.iloc[k]['rate'] for k in range(shifts.shape[0])]
            """,
            after="""
                def pay(shifts):
                    return (shifts['hours'].values * shifts['rate'].values).tolist()
            """,
        ),
        Example(
            before="""
                def names(df):
                    return [f"{row['first']} {row['last']}" for _, row in df.iterrows()]
            """,
            after="""
                def names(df):
                    columns = dict(zip(df.columns, df.values.T))
                    return [f'{columns["first"][i]} {columns["last"][i]}' for i in range(len(df))]
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def describe(df, show):
                    return [show(row) for _, row in df.iterrows()]
            """,
            reason=Reason.ROW_ESCAPES,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        effect = appended(loop)
        if not isinstance(site, ImplicitSite) or site.form is not Form.COMPREHENSION or effect is None:
            return None
        if isinstance(site.node, ast.GeneratorExp) and not _eaten(site):
            return Refusal(Reason.SCOPE, site.node.lineno, "nobody knows when the generator is run")
        answers = [self._vector(site, loop, effect), scalar := self._scalar(site, loop, effect, exact=False)]
        if isinstance(scalar, Rewrite) and any(o.name == "plain-rows" for o in scalar.obligations) and converts(site):
            answers.append(self._scalar(site, loop, effect, exact=True))
        return [a for a in answers if isinstance(a, Rewrite)] or answers[-1]  # type: ignore[return-value]

    def _vector(self, site: ImplicitSite, loop: Loop, effect: Append) -> Rewrite | Refusal:
        objection = plain_loop(site, loop)
        if objection:
            return objection
        code = ArrayCode.build(site, loop)
        # An array of the elements themselves would be a view of the column, and of its type: text stays an object.
        array = None if isinstance(strip(effect.value), Read) else _array_around(site)
        try:
            mask = None if effect.guard is None else code.mask(effect.guard, effect.line)
            code.depth += mask is not None
            value = list_value(code, effect.value, mask, Sink("array" if array is not None else "list"))
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.node.lineno, e.refusal.message)
        if not code.steps or code.conditions or code.raises:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "no plain array form is known")
        before, value = emitted(code, value)
        imports = numpy_import(code, [*before, ast.Expr(value)])
        old = array or site.node
        return placed(self.rule, Tier.VECTOR, site, old, before, value, code.owed(), imports, code.tolerance)

    def _scalar(self, site: ImplicitSite, loop: Loop, effect: Append, *, exact: bool) -> Rewrite | Refusal:
        made = comprehend(site, loop, [(effect.guard, [effect.value])], exact=exact)
        if isinstance(made, Refusal):
            return made
        if not made.hoisted:
            return Refusal(Reason.NO_GAIN, site.node.lineno, "the comprehension reads no table cell by cell")
        part = made.parts[0]
        kind = ast.GeneratorExp if isinstance(site.node, ast.GeneratorExp) else ast.ListComp
        value = kind(part.values[0], part.generators)
        owed, tier = made.obligations, Tier.COMPREHENSION
        return placed(self.rule, tier, site, site.node, made.prelude, value, owed, made.imports, None)


def _eaten(site: ImplicitSite) -> bool:
    """Whether the generator is run to its end, or nearly, where it stands."""
    match site.file.scopes.parent[site.node]:
        case ast.Call(func=ast.Name(id=called) as func, args=[first, *_]) if first is site.node:
            return called in EATERS and site.dotted(func) == f"builtins.{called}"
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join")):
            return True
    return False


def _array_around(site: ImplicitSite) -> ast.expr | None:
    """The `np.array(...)` around the list, which takes an array as well: the array itself replaces it."""
    match site.file.scopes.parent[site.node]:
        case ast.Call(func=func, args=[first], keywords=[]) as made if (
            first is site.node and site.dotted(func) in ARRAYS
        ):
            return made
    return None
