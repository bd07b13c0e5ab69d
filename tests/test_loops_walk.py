"""The walk over syntax trees gives what the standard library's gives, but for contexts and operators."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from deloop.loops.walk import children, walk

PARTS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.TypeIgnore)
ODD = """
async def f(a, /, b: int = 1, *args: str, c, d=2, **kw) -> int:
    global g
    async with a as x, b: pass
    async for i in a: await i
    match a:
        case {"k": [1, *rest], **others} | C(x, y=None) as z if z: pass
        case True | None | -1: pass
    try: pass
    except* (A, B) as e: raise X from e
    else: del a[1:2, ::3]
    return f"{a!r:>{b}}" + (lambda *, q=1: q)(*args, **{**kw, "m": (y := 3)}), not a < b <= c, {i for i in a if i}
class K(Base, metaclass=M):
    x: int
    import a.b as c
    from . import (d as e)
"""
FILES = [Path(ast.__file__), *sorted(Path(__file__).parent.glob("test_loops_*.py"))]


@pytest.mark.parametrize("text", [ODD, *(f.read_text(encoding="utf-8") for f in FILES)], ids=["odd", *map(str, FILES)])
def test_same_nodes_in_the_same_order(text: str) -> None:
    tree = ast.parse(text)
    assert walk(tree) == [n for n in ast.walk(tree) if not isinstance(n, PARTS)]
    for node in ast.walk(tree):
        if not isinstance(node, PARTS):
            assert children(node) == [n for n in ast.iter_child_nodes(node) if not isinstance(n, PARTS)]


@pytest.mark.skipif("not hasattr(__import__('ast'), 'TypeAlias')", reason="syntax of Python 3.12")
def test_type_aliases() -> None:
    tree = ast.parse("type A[T: int] = list[T]\ndef f[T](x: T): pass\n")
    assert walk(tree) == [n for n in ast.walk(tree) if not isinstance(n, PARTS)]
