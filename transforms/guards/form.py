"""A form that assumes something of the data, under a test that shows it; where the test fails, the loop runs."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.implicit import Form, ImplicitSite
from ...loops.ir import Loop
from ...loops.walk import walk
from ..base import Edit, InsertBefore, Replace, Rewrite, Substitute, Tier
from ..shared.build import both, filled, name, same
from .syntax import Untestable
from .tests import Tests

SUMMARY = "becomes array arithmetic for plain numbers; for other data the loop stays"
#: A longer loop is not kept beside its array form: nobody would like to read both.
LINES = 25
#: Assumptions about labels, and that there are rows, under which a loop that stays may stand as well.
INDEX = frozenset({"range-index", "unique-index", "some-rows"})
#: Statements without a body of their own.
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)
#: What makes a list an array, and an array one of its own.
ARRAYS = frozenset({"numpy.array", "numpy.asarray"})


def guarded(site: SiteContext, loop: Loop, form: Rewrite) -> Rewrite | None:
    """The form under tests that show all that it assumes; None if there are none."""
    statement: ast.stmt = site.statement if isinstance(site, ImplicitSite) else site.loop
    first, last = statement.lineno, statement.end_lineno or 0
    names = {o.name for o in form.obligations}
    if (form.tier is not Tier.VECTOR and not names <= INDEX) or form.tolerance is not None or last - first >= LINES:
        return None
    if not isinstance(statement, (ast.For, ast.While, *SIMPLE)):
        return None
    try:
        tests = Tests.of(site, loop, form.obligations).all()
    except Untestable:
        return None
    before, edits = _under_another(statement, form.edits)
    new = _statements(site, statement, edits)
    if not new:
        return None
    lambda_ = isinstance(site, ImplicitSite) and site.form is not Form.ROWS and isinstance(site.function, ast.Lambda)
    if lambda_ and len(new) > 1:
        return None  # `map` of one line is not worth ten
    test, imports = _imported(site, both([*tests, *before]))
    choice = ast.If(test, new, [statement])
    return replace(
        form,
        edits=(Replace(statement, (choice,)),),
        obligations=(),
        imports=tuple(dict.fromkeys((*form.imports, *imports))),
        summary=SUMMARY if form.tier is Tier.VECTOR else "",
    )


def _under_another(statement: ast.stmt, edits: Sequence[Edit]) -> tuple[list[ast.expr], Sequence[Edit]]:
    """The test under which a form stands already, beside the loop, and the edits without it."""
    match edits:
        case [Replace(old=old, new=(ast.If(test=test, body=body, orelse=[kept]),))] if old is kept is statement:
            return [test], (Replace(old, tuple(body)),)
    return [], edits


def under_test(site: SiteContext, form: Rewrite, owed: str, test: ast.expr) -> Rewrite | None:
    """The form with one of its assumptions tested by the program, and the loop for all else; None if it is too long."""
    statement = site.loop
    if (statement.end_lineno or 0) - statement.lineno >= LINES:
        return None
    new = _statements(site, statement, form.edits)
    if not new:
        return None
    return replace(
        form,
        edits=(Replace(statement, (ast.If(test, new, [statement]),)),),
        obligations=tuple(o for o in form.obligations if o.name != owed),
    )


def kept_beside(site: SiteContext, form: Rewrite, tests: Sequence[ast.expr]) -> Rewrite | None:
    """The form of a loop that stays, under tests of its own; the loop as it was for all else; None if it is too long.

    Its edits are expressions in the body, and what stands before and behind the loop.
    """
    statement = site.loop
    if (statement.end_lineno or 0) - statement.lineno >= LINES:
        return None
    (around,) = [e for e in form.edits if isinstance(e, Replace)]
    swaps = [e for e in form.edits if isinstance(e, Substitute)]
    loop = _swapped(statement, swaps, ())
    new = [_bare(loop if s is statement else s) for s in around.new]
    test, imports = _imported(site, both(tests))
    choice = ast.If(test, new, [statement])
    needed = tuple(dict.fromkeys((*form.imports, *imports)))
    return replace(form, edits=(Replace(statement, (choice,)),), imports=needed)


def _imported(site: SiteContext, test: ast.expr) -> tuple[ast.expr, list[str]]:
    """The test with the file's own names for NumPy and pandas, and the imports that it needs."""
    named = {n.id for n in walk(test) if isinstance(n, ast.Name)}
    wanted = (("numpy", "np", "import numpy as np"), ("pandas", "pd", "import pandas as pd"))
    imports = [line for module, id_, line in wanted if id_ in named and not site.file.alias(module)]
    own: dict[str, ast.expr] = {id_: name(site.file.alias(module) or id_) for module, id_, _ in wanted}
    return filled(test, own), imports


def _statements(site: SiteContext, statement: ast.stmt, edits: Sequence[Edit]) -> list[ast.stmt]:
    """The new code alone: what stands before the loop stays, since the loop may need it; none if that can't be."""
    before: list[ast.stmt] = []
    after: list[ast.stmt] = []
    swaps: list[Substitute] = []
    gone: list[ast.stmt] = []
    for edit in edits:
        match edit:
            case Replace(old=old, new=new) if old is statement:
                after += new
            case Replace(old=old, new=()) if old in site.block and _harmless(site, statement, old):
                pass
            case Replace(old=old, new=(same_,)) if same(old, same_):
                pass
            case InsertBefore(anchor=anchor, new=new) if anchor is statement:
                before += new
            case Substitute(old=old) if _inside(statement, old):
                swaps.append(edit)
            case Replace(old=old, new=()) if _inside(statement, old):
                gone.append(old)
            case Substitute(old=old, new=ast.Name(id=id_)) if _array_of(site, old) == id_:
                pass
            case _:
                return []
    if swaps or gone:
        if after:
            return []
        after = [_swapped(statement, swaps, gone)]
    return [*(_bare(s) for s in before), *(_bare(s) for s in after)]


def _harmless(site: SiteContext, loop: ast.stmt, statement: ast.stmt) -> bool:
    """What the new code does without, but may stay: a list made before, `xs = np.array(xs)` behind the loop."""
    if statement.lineno < loop.lineno:
        return True
    match statement:
        case ast.Assign(targets=[ast.Name(id=id_)], value=value):
            return _array_of(site, value) == id_
    return False


def _array_of(site: SiteContext, node: ast.expr) -> str | None:
    """The name that an array is made of."""
    match node:
        case ast.Call(func=func, args=[ast.Name(id=id_)], keywords=[]) if site.dotted(func) in ARRAYS:
            return id_
    return None


def _inside(statement: ast.stmt, node: ast.AST) -> bool:
    return any(n is node for n in walk(statement))


def _swapped(statement: ast.stmt, swaps: Sequence[Substitute], gone: Sequence[ast.stmt]) -> ast.stmt:
    """A copy of the statement with other expressions in it, and without some of its statements."""
    nothing = ast.Pass()
    memo: dict[int, ast.AST] = {id(s.old): copy.deepcopy(s.new) for s in swaps}
    new = copy.deepcopy(statement, memo | dict.fromkeys(map(id, gone), nothing))
    for n in walk(new):
        for block in (getattr(n, part, None) for part in ("body", "orelse", "finalbody")):
            if isinstance(block, list) and nothing in block:
                block[:] = [s for s in block if s is not nothing]
    return new


def _bare(statement: ast.stmt) -> ast.stmt:
    """The statement as a new one: the comments of the loop stay with the loop."""
    for n in walk(statement):
        if isinstance(n, ast.stmt):
            n.__dict__.pop("lineno", None)
    return statement
