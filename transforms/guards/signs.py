"""How tests of the data are known again in a later look at the file."""

from __future__ import annotations

import ast

#: What the first of the tests looks like, for a later look at the file.
SIGNS = (
    *("is np.ndarray", ".dtypes.get(", ".dtype ==", ".dtype in", "is float", "is int", "pd.DataFrame)", "pd.Series)"),
    *(".index.is_unique", ".columns.is_unique", ".index.equals(", "is str", ".columns.identical("),
)


def is_test(node: ast.expr) -> bool:
    """Whether an expression reads like tests that guard array code."""
    parts = [ast.unparse(x) for x in (node.values if isinstance(node, ast.BoolOp) else [node])]
    if isinstance(node, ast.BoolOp) and not isinstance(node.op, ast.And):
        return False
    return parts[0].endswith(" > 0") or any(sign in parts[0] for sign in SIGNS)
