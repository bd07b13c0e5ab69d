"""Names for values that the author gave none, and that are used more than once: they say what is held."""

from __future__ import annotations

from ...loops.ir import Const, Inv, Named, Op, Read, strip

#: test -> how the name of its array ends
ENDINGS = {"==": "matches", "in": "matches", "<": "below", "<=": "below", ">": "above", ">=": "above"}
RESULTS = {
    "+": "total",
    "-": "difference",
    "*": "product",
    "/": "ratio",
    "//": "quotient",
    "%": "remainder",
    "**": "power",
}
TESTS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in", "not in", "and", "or", "not"})


def value_name(e: Op) -> str | None:
    """A name for the array of what an operation gives; None if nothing better than a general one comes to mind."""
    if e.name in TESTS:
        return test_name(e)
    return RESULTS.get(e.name)


def test_name(e: Op) -> str:
    """A name for an array of booleans."""
    if e.name in ("and", "or"):
        return "chosen"
    left, right = e.args[0], strip(e.args[-1])
    known = _held(left)
    if e.name == "==" and isinstance(right, Const):
        if isinstance(right.value, str) and right.value.isidentifier():
            return f"is_{right.value.lower()}"
        if known and type(right.value) in (int, float) and right.value == 0:
            return f"{known}_is_zero"
    if e.name == "==" and known is None:
        return "equal"
    return f"{known}_{ENDINGS[e.name]}" if known and e.name in ENDINGS else "holds"


def _held(e: object) -> str | None:
    """The name that an operand has in the code: a temporary, a column, a loop variable."""
    if isinstance(e, Named):
        return e.name
    if isinstance(e, Read):
        column = e.source.column
        text = column.value if isinstance(column, Const) else None
        return text if isinstance(text, str) and text.isidentifier() else e.name
    return e.code if isinstance(e, Inv) and e.code.isidentifier() else None
