"""DL906: `np.float` and the other builtins under NumPy's name."""

from __future__ import annotations

import ast

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use

BUILTINS = ("float", "int", "object", "complex", "str", "bool")


class NumpyBuiltins(Moderniser):
    """`np.float`, `np.int`, `np.object`, `np.complex` and `np.str` were Python's own types: write those.

    They went with NumPy 1.24. They were no types of NumPy's (`np.float` was `float` itself), so that nothing changes.
    `np.bool` is a name again since NumPy 2, for NumPy's own type: it becomes `bool` only where it stands for the type
    of the elements, which is the same for both.
    """

    rule = Rule("DL906", "numpy-builtins", Severity.MEDIUM)
    names = BUILTINS
    words = tuple(rf"\w+\.{name}" for name in BUILTINS)
    until = "NumPy 1.23"
    examples = (
        Example(
            before="""
                import numpy as np

                def blank(n):
                    grid = np.zeros((n, n), dtype=np.float)
                    seen = np.zeros(n, dtype=np.bool)
                    return grid, seen, np.int(n), isinstance(n, np.float)
            """,
            after="""
                import numpy as np

                def blank(n):
                    grid = np.zeros((n, n), dtype=float)
                    seen = np.zeros(n, dtype=bool)
                    return grid, seen, int(n), isinstance(n, float)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np

                def is_flag(value):
                    return isinstance(value, np.bool)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="`bool` until NumPy 1.23, `np.bool_` since NumPy 2",
        ),
        Example(
            before="""
                import numpy as np

                def blank(n, float):
                    return np.zeros(n, dtype=np.float) * float
            """,
            reason=Reason.SHADOWED_NAME,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if use.dotted(use.node) != f"numpy.{use.name}":
            return None
        if not use.is_builtin(use.name):  # from numpy import *, def f(float)
            return use.refused(Reason.SHADOWED_NAME, f"`{use.name}` is the name of something else here")
        if use.name == "bool" and not _is_element_type(use):
            message = "`np.bool` was `bool` until NumPy 1.23 and is NumPy's own type since NumPy 2"
            return use.refused(Reason.UNSUPPORTED_SYNTAX, message, "write `bool` or `np.bool_`, whichever is meant")
        return Change(lambda found: found.replace_attribute(found.name.value), f"`np.{use.name}` is `{use.name}`")


def _is_element_type(use: Use) -> bool:
    match use.parent:
        case ast.keyword(arg="dtype"):
            return True
        case ast.Call(func=ast.Attribute(attr="astype"), args=[first, *_]):
            return first is use.node
    return False
