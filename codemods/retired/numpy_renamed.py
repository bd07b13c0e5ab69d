"""DL907: names that NumPy 2 has no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use

if TYPE_CHECKING:
    from .trees import Found

#: Two names of the same object in NumPy 1.
NEW = {
    "NaN": "nan",
    "NAN": "nan",
    "Inf": "inf",
    "Infinity": "inf",
    "infty": "inf",
    "PINF": "inf",
    "float_": "float64",
    "complex_": "complex128",
    "cfloat": "complex128",
    "singlecomplex": "complex64",
    "longfloat": "longdouble",
    "unicode_": "str_",
    "string_": "bytes_",
    "product": "prod",
    "cumproduct": "cumprod",
    "sometrue": "any",
    "alltrue": "all",
    "round_": "round",
}
OTHERS = {"NINF": "-{}.inf", "PZERO": "0.0", "NZERO": "-0.0"}


class NumpyRenamed(Moderniser):
    """`np.NaN`, `np.Inf`, `np.float_`, `np.product` and their like were second names: write the first one.

    They went with NumPy 2. Each was another name of the very object that it becomes, in NumPy 1 as well; functions of
    which the new name does a little more or less (`in1d`, `trapz`) are no part of it.
    """

    rule = Rule("DL907", "numpy-renamed", Severity.MEDIUM)
    names = (*NEW, *OTHERS)
    until = "NumPy 1.26"
    examples = (
        Example(
            before="""
                import numpy as np

                def bounds(values):
                    if not np.alltrue(values):
                        return np.NaN, np.NINF, np.Inf
                    return np.product(values), np.NINF ** 2, np.float_(0)
            """,
            after="""
                import numpy as np

                def bounds(values):
                    if not np.all(values):
                        return np.nan, -np.inf, np.inf
                    return np.prod(values), (-np.inf) ** 2, np.float64(0)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np

                def missing():
                    np.NaN = None
                    return np
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        if use.dotted(use.node) != f"numpy.{use.name}":
            return None
        if not use.is_read:  # np.NaN = None
            return use.refused(Reason.UNSUPPORTED_SYNTAX, f"`np.{use.name}` is bound anew")
        if use.name in NEW:
            return Change(lambda found: found.rename(NEW[use.name]), f"`np.{use.name}` is `np.{NEW[use.name]}`")
        return Change(_number, f"`np.{use.name}` is a number with a sign")


def _number(found: Found) -> None:
    text = OTHERS[found.name.value].format(found.receiver)
    alone = len(found.power.children) == 2
    found.replace_attribute(text if alone or not text.startswith("-") else f"({text})")
