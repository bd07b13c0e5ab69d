"""DL605: `np.vectorize(f)(x, y)`, a Python function called for each element."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.implicit import Form, ImplicitSite
from ..loops.ir import Loop, Read, strip
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Tier, Transform
from .implicit.code import appended, emitted, placed, whole_operand
from .lanes.arithmetic import plain_loop
from .lanes.arrays import ArrayCode
from .lanes.lanes import Lane, NotVector
from .lanes.vector import numpy_import
from .shared.build import attr, call, name

#: The element types that can be asked for, as they are written, and the lanes that have them anyway.
OTYPES = {
    **dict.fromkeys(("float", "np.float64", "numpy.float64", "'float'", "'float64'", "'d'"), "float"),
    **dict.fromkeys(("int", "np.int64", "numpy.int64", "'int'", "'int64'"), "int"),
    **dict.fromkeys(("bool", "np.bool_", "numpy.bool_", "'bool'", "'?'"), "bool"),
}


class Vectorize(Transform):
    """`np.vectorize` calls a Python function for each element; a function that only computes is array arithmetic.

    The function gets Python scalars, whatever the arrays hold: what that means for overflow and division becomes an
    assumption. Without `otypes` the type of the first result is that of all results: `0 if x < 0 else x / 2` makes
    integers of every half if the first element is negative. Where results may be of several types, that is kept by
    refusing. Over no elements it raises.
    """

    rule = Rule("DL605", "np-vectorize", Severity.MEDIUM)
    expressions = True
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def amounts(trades: pd.DataFrame) -> np.ndarray:
                    return np.vectorize(lambda price, size: price * size * 1.02)(trades["price"], trades["size"])
            """,
            after="""
                import numpy as np
                import pandas as pd


                def amounts(trades: pd.DataFrame) -> np.ndarray:
                    return trades["price"].values * trades["size"].values * 1.02
            """,
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def fee(amount, limit):
                    if amount > limit:
                        return amount * 0.01
                    return 0.5


                def fees(orders: pd.DataFrame, limit) -> pd.DataFrame:
                    fee_of = np.vectorize(fee, otypes=[float])
                    orders["fee"] = fee_of(orders["amount"], limit)
                    return orders
            """,
            after="""
                import numpy as np
                import pandas as pd


                def fee(amount, limit):
                    if amount > limit:
                        return amount * 0.01
                    return 0.5


                def fees(orders: pd.DataFrame, limit) -> pd.DataFrame:
                    fee_of = np.vectorize(fee, otypes=[float])
                    amount = orders["amount"].values
                    orders["fee"] = np.where(amount > limit, amount * 0.01, 0.5)
                    return orders
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def halves(moves: pd.Series) -> np.ndarray:
                    return np.vectorize(lambda m: 0 if m < 0.0 else m / 2)(moves)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import numpy as np
                import pandas as pd


                def halves(moves: pd.Series) -> np.ndarray:
                    return np.where(moves.values < 0.0, 0, moves.values / 2)
            """,
            note="the first result decides the type of all: behind a first 0 every half becomes an integer",
        ),
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def labels(moves: pd.Series) -> np.ndarray:
                    return np.vectorize(lambda m: "up" if m > 0.0 else "down")(moves)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site, ImplicitSite) or site.form is not Form.VECTORIZED:
            return None
        effect = appended(loop)
        if effect is None:
            return None
        objection = plain_loop(site, loop)
        if objection:
            return objection
        if isinstance(strip(effect.value), Read):
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the function hands back the element itself")
        if (whole := whole_operand(site, effect.value)) is not None:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, f"`{whole.code}` is computed with as a whole")
        code = ArrayCode.build(site, loop)
        try:
            node = _typed(code, code.lane(effect.value), site)
        except NotVector as e:
            return Refusal(e.refusal.reason, e.refusal.line or site.node.lineno, e.refusal.message)
        for read in (x for x in effect.value.walk() if isinstance(x, Read)):
            code.owe("plain-columns", read.source.code)
        if code.conditions:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the array form would hold on a condition only")
        before, value = emitted(code, node)
        imports = numpy_import(code, [*before, ast.Expr(value)])
        answer = placed(self.rule, Tier.VECTOR, site, site.node, before, value, code.owed(), imports, code.tolerance)
        return answer if isinstance(answer, Refusal) else [answer]


def _typed(code: ArrayCode, lane: Lane, site: ImplicitSite) -> ast.expr:
    """The array with the element type that the call gives it."""
    assert site.called is not None
    if not lane.array:
        raise code.refuse("the value is the same for all elements", reason=Reason.NO_GAIN)
    if lane.dtype == "text":
        raise code.refuse("the results are text, and the longest decides the type of all")
    if site.called.otypes is None:
        if code.mixed:
            raise code.refuse("the first result decides the type of all, and others may be of another type")
        if any(_made_here(site, e.source.base.node) for e in code.loop.header.elements if isinstance(e, Read)):
            raise code.refuse("an array that is made here may be empty, and the call would raise")
        code.owe("some-rows")
        return lane.node
    wanted = _asked_for(site.called.otypes)
    if wanted is None or (wanted != "float" and wanted != lane.dtype):
        raise code.refuse(f"`otypes={ast.unparse(site.called.otypes)}` may change the results")
    if lane.dtype == "float":
        return lane.node
    return lane.node if wanted != "float" else call(attr(lane.node, "astype"), name("float"))


def _made_here(site: ImplicitSite, node: ast.expr) -> bool:
    """Whether an array is what a function of NumPy has just given: how long it is nobody can ask for by a tag."""
    kind = site.kind(node)
    return kind is not None and kind.name == "ndarray" and kind.why.startswith("np.")


def _asked_for(otypes: ast.expr) -> str | None:
    match otypes:
        case ast.List(elts=[one]) | ast.Tuple(elts=[one]):
            return OTYPES.get(ast.unparse(one))
        case ast.Constant(value="d" | "?"):
            return OTYPES.get(ast.unparse(otypes))
    return None
