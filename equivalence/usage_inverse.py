"""How to get from a result that the code compares with something back to what it was computed from."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .shapes import Shape

Way = tuple[Shape, Callable[[Any], Any]]


def inverse_of(op: ast.operator, shape: Shape, constant: Any, swapped: bool = False) -> list[Way]:
    """From `x * 2`, `x + 1`, `x - 1` and `x / 2` back to `x`."""
    if not isinstance(constant, (int, float)) or isinstance(constant, bool) or not constant:
        return []
    match op:
        case ast.Mult():
            return [(shape, lambda v: v / constant)]
        case ast.Add():
            return [(shape, lambda v: v - constant)]
        case ast.Sub():
            return [(shape, lambda v: constant - v if swapped else v + constant)]
        case ast.Div() if not swapped:
            return [(shape, lambda v: v * constant)]
    return []
