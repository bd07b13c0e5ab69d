"""DL915: functions of pandas that are found elsewhere now."""

from __future__ import annotations

import ast

from ...loops.remarks import Reason, Refusal
from ...transforms.base import Example, Rule, Severity
from .base import Change, Moderniser, Use

_PLOTS = ("scatter_matrix", "andrews_curves", "parallel_coordinates", "lag_plot", "autocorrelation_plot", "radviz")
_CHECKS = ("assert_frame_equal", "assert_series_equal", "assert_index_equal")
MOVED = {
    "pandas.scatter_matrix": "plotting.scatter_matrix",
    "pandas.io.json.json_normalize": "json_normalize",
    **{f"pandas.tools.plotting.{name}": f"plotting.{name}" for name in _PLOTS},
    **{f"pandas.util.testing.{name}": f"testing.{name}" for name in _CHECKS},
}


class PandasMoved(Moderniser):
    """Functions that have moved within pandas: `pd.scatter_matrix` is `pd.plotting.scatter_matrix`.

    The same functions at their public place of today: `json_normalize`, the plots of `pandas.tools.plotting`, and the
    comparisons of `pandas.util.testing`.
    """

    rule = Rule("DL915", "pandas-moved", Severity.MEDIUM)
    names = tuple(sorted({path.rpartition(".")[2] for path in MOVED}))
    until = "pandas 0.25"
    examples = (
        Example(
            before="""
                import pandas as pd

                def shown(rows):
                    table = pd.io.json.json_normalize(rows, "items")
                    pd.scatter_matrix(table)
                    pd.util.testing.assert_frame_equal(table, table)
            """,
            after="""
                import pandas as pd

                def shown(rows):
                    table = pd.json_normalize(rows, "items")
                    pd.plotting.scatter_matrix(table)
                    pd.testing.assert_frame_equal(table, table)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import pandas.util.testing

                def same(one, other):
                    pandas.util.testing.assert_frame_equal(one, other)
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="the import is of the old module",
        ),
    )

    def judge(self, use: Use) -> Change | Refusal | None:
        new = MOVED.get(use.dotted(use.node) or "")
        if new is None:
            return None
        pandas = use.module("pandas", "pd")
        if pandas is None or pandas[1] or not _is_whole(use, pandas[0]):  # import pandas.util.testing
            return use.refused(
                Reason.UNSUPPORTED_SYNTAX, "pandas itself has no name in this file", "import pandas as pd"
            )
        name = pandas[0]
        return Change(lambda found: found.replace_attribute(f"{name}.{new}"), f"moved: `{name}.{new}`")


def _is_whole(use: Use, name: str) -> bool:
    """Whether a name is bound by importing pandas itself."""
    binders = use.file.scopes.module.binders(name)
    return any(isinstance(b, ast.Import) and any(a.name == "pandas" for a in b.names) for b in binders)
