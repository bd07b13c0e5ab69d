"""What the tests of the loops room share: a piece of code to the site, the lifted loop or the refusal of its loop."""

from __future__ import annotations

import ast
import textwrap

from deloop.loops.context import FileContext, SiteContext
from deloop.loops.ir import Effect, Expr, Label, Loop, Named, Op, Pos, Raw, Read, Row, strip
from deloop.loops.kind_words import Kind
from deloop.loops.lift import lift
from deloop.loops.remarks import Refusal

IMPORTS = "import math\n\nimport numpy as np\nimport pandas as pd\n\n"


def file_of(code: str, *, lazy: bool = False) -> FileContext:
    """The facts of a piece of code, as it stands."""
    text = textwrap.dedent(code)
    return FileContext.build("example.py", text, ast.parse(text), lazy=lazy)


def site_of(code: str, number: int = 0) -> SiteContext:
    """The first (or another) loop of a piece of code, by its place in the file; the usual imports stand above it."""
    file = file_of(IMPORTS + textwrap.dedent(code))
    loops = [node for node in ast.walk(file.tree) if isinstance(node, (ast.For, ast.While))]
    return SiteContext.build(file, sorted(loops, key=lambda loop: loop.lineno)[number])


def lifted(code: str, number: int = 0) -> Loop:
    """The lifted loop."""
    found = lift(site_of(code, number))
    assert isinstance(found, Loop), found
    return found


def refusal(code: str, number: int = 0) -> Refusal:
    """Why the loop is not lifted, or only with whole rows."""
    found = lift(site_of(code, number))
    found = found.escapes if isinstance(found, Loop) and found.escapes is not None else found
    assert isinstance(found, Refusal), found
    return found


def kind_of(code: str, expression: str, function: str | None = "f") -> Kind | None:
    """The kind of an expression at the end of a function (or of the module): there it is added as a statement."""
    # `look` comes from NumPy, so that it leaves alone what it looks at.
    file = file_of(IMPORTS.replace("math\n", "math; from numpy import look\n", 1) + textwrap.dedent(code))
    for node in ast.walk(file.tree):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id="look"), args=[asked])) if ast.unparse(asked) == expression:
                return file.kinds.of(asked, file.scopes.scope_of[node])
    raise AssertionError(f"no look({expression}) in the code")


def show(e: Expr | None) -> str:
    """An expression in short: `@` for the position, `name@-1` for an element read, names for temporaries left out."""
    if e is None:
        return "always"
    e = strip(e)
    match e:
        case Pos(offset=k):
            return f"@{k:+d}" if k else "@"
        case Label():
            return "label"
        case Read(source=source, offset=k):
            return f"{source.code}@{k:+d}" if k else f"{source.code}@"
        case Row(offset=k):
            return f"row@{k:+d}" if k else "row@"
        case Op(name=name, args=args):
            return f"({name} {' '.join(map(show, args))})"
        case Raw(code=code, holes=holes):
            return f"raw<{code}>[{', '.join(f'{n}={show(v)}' for n, v in holes)}]"
        case Named():
            return show(e.value)
    code = getattr(e, "code", None)
    if code is not None:
        return str(code)
    if hasattr(e, "value"):
        return repr(e.value)
    return f"{type(e).__name__.lower()}:{getattr(e, 'name', '')}"


def effects(loop: Loop) -> list[str]:
    """The effects in short: `out.append (+ xs@ 1) if (> xs@ 0)`."""
    return [_effect(e) for e in loop.effects]


def _effect(e: Effect) -> str:
    parts = [getattr(e, name, None) for name in ("row", "column", "index")]
    where = "".join(f"[{show(part)}]" for part in parts if isinstance(part, Expr))
    guard = f" if {show(e.guard)}" if e.guard is not None else ""
    return f"{e.target}.{type(e).__name__.lower()}{where} {show(e.value)}{guard}"
