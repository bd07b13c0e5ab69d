"""Whether the values that are stored into an array surely are of its type."""

from __future__ import annotations

import ast

from ...loops.kind_words import Kind
from .lanes import Building, Lane

#: What holds numbers of 64 bits at most.
TABLES = frozenset({"frame", "series", "ndarray"})
#: Types, as what arrays are made of.
TYPES = frozenset({"bool", "float", "int", "object"})
#: A number that is written out is no larger in the arrays that are made of it.
SMALL = 2**31


def fits(code: Building, kind: Kind, value: Lane) -> bool:
    """Whether what is stored surely is of the type of the array: truth values, or integers of 64 bits."""
    if kind.dtype == "bool" or value.dtype == "bool":
        return kind.dtype == value.dtype
    return kind.dtype == "int64" and value.dtype == "int" and not _given_integers(code, value.node)


def _given_integers(code: Building, node: ast.expr) -> bool:
    """Whether an integer takes part that may have any size: one that is written out large, or given by a name."""
    steps, done = {s.symbol: s.node for s in code.steps}, set[str]()
    todo: list[ast.AST] = [node]
    while todo:
        here = todo.pop()
        match here:
            case ast.Constant(value=int(number)) if abs(number) >= SMALL:
                return True
            case ast.Name(id=id_) if id_ in steps and id_ not in done:
                done.add(id_)
                todo.append(steps[id_])
            case ast.Compare() | ast.Call(func=ast.Name(id="len")):  # a truth value, whatever is compared; a length
                pass
            case ast.Name(id=id_) if id_ not in steps and id_ not in TYPES and not _small(code, id_):
                known = code.site.kind(here)
                if known is None or known.name not in TABLES:
                    return True
            case ast.Subscript(value=ast.Name(id=id_), slice=index) if id_ not in steps:
                todo.append(index)
            case ast.Attribute(value=ast.Name(id=id_)) if id_ not in steps:
                pass
            case ast.Call(func=func, args=[ast.Name()]) if code.site.dotted(func) == "numpy.asarray":
                pass
            case _:
                todo += ast.iter_child_nodes(here)
    return False


def _small(code: Building, id_: str) -> bool:
    """Whether a name stands for a small integer that is written out, wherever it is bound."""
    binders = code.site.scope.binders(id_)
    return bool(binders) and all(isinstance(b, ast.Assign) and _written_small(b, b.value) for b in binders)


def _written_small(binder: ast.Assign, value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=int(number)):
            return len(binder.targets) == 1 and isinstance(binder.targets[0], ast.Name) and abs(number) < SMALL
        case ast.IfExp(body=one, orelse=other):
            return _written_small(binder, one) and _written_small(binder, other)
    return False
