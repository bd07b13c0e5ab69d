"""A look at a site with what a test can show: array code for 64-bit floats, and the loop for all other data."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ..loops.context import Refused, SiteContext, root_name
from ..loops.header import lift_header
from ..loops.implicit import ImplicitSite, lift_implicit
from ..loops.ir import Loop
from ..loops.lift import lift
from ..loops.names import bound_names
from ..loops.walk import walk
from ..transforms.base import Considered, InsertBefore, Replace, Rewrite, Tier
from ..transforms.guards.form import guarded
from .guesses import guessed, likely_site, owing

#: What tests may show: numbers of 64 bits, floats, and floats that meet floats on every round.
SHOWN = ((False, False), (True, False), (True, True))


def guarded_forms(site: SiteContext, found: Considered, ask: Callable[[SiteContext], Considered]) -> list[Rewrite]:
    """Where nothing safe was found that gains anything, array code that is."""
    if any(form.safe and not _as_slow(form) and not _stores_cells(site, form) for form in found.forms):
        return []
    names = {o.name for form in found.forms for o in form.obligations}
    if not names:
        return []
    again = likely_site(site) if names & {"frame-columns", "likely-types"} else site
    if again is None:
        return []
    made: list[Rewrite] = []
    for floats, fixed in SHOWN:
        asked = replace(again, floats=floats, fixed_floats=fixed, assumed=set())
        owed = tuple(guessed(site, asked)) if asked.file is not site.file else ()
        loop = lift_implicit(asked) if isinstance(asked, ImplicitSite) else _lifted(asked)
        if not isinstance(loop, Loop):
            continue
        forms = [owing(form, owed) if owed else form for form in ask(asked).forms]
        made += [new for form in forms if (new := guarded(asked, loop, form)) is not None]
        if made and not _stores_cells(site, made[-1]):
            break
    return sorted(made, key=lambda form: form.tier)[:1]


def _stores_cells(site: SiteContext, form: Rewrite) -> bool:
    """Whether a loop that stays stores into a frame cell by cell, which costs most of its time."""
    if form.tier is not Tier.HOIST:
        return False
    made = [s for edit in form.edits if isinstance(edit, Replace) for s in edit.new]
    bodies = [s.body if isinstance(s, ast.If) else [s] for s in made] or [[site.loop]]
    nodes = (n for body in bodies for stmt in body for n in walk(stmt) if isinstance(n, ast.Subscript))
    return any(isinstance(n.ctx, ast.Store) and _is_cell(n) for n in nodes)


def _is_cell(node: ast.Subscript) -> bool:
    """`df.at[i, "c"]`, no column as a whole."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="at" | "iat" | "loc" | "iloc"), slice=ast.Tuple(elts=[row, _])):
            return not isinstance(row, ast.Slice)
    return False


def _as_slow(form: Rewrite) -> bool:
    """Whether a comprehension reads a table row by row or cell by cell, as the loop did."""
    if form.tier is not Tier.COMPREHENSION:
        return False
    made = [s for edit in form.edits if isinstance(edit, InsertBefore | Replace) for s in edit.new]
    before = {name for s in made for name in bound_names(s)}
    return any(_reads_cells(n) for s in made for n in walk(s) if isinstance(n, ast.expr) and root_name(n) not in before)


def _reads_cells(node: ast.AST) -> bool:
    """`df.iloc[i]`, `df["c"][i]`, `df.iterrows()`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="iloc" | "loc" | "at" | "iat")):
            return True
        case ast.Subscript(value=ast.Subscript(value=ast.Name() | ast.Attribute(), slice=ast.Constant(value=str()))):
            return True
        case ast.Call(func=ast.Attribute(attr="iterrows")):
            return True
    return False


def _lifted(site: SiteContext) -> Loop | None:
    """The loop, or its header alone where the body has no meaning: that is all that some forms need."""
    found = lift(site)
    if isinstance(found, Loop):
        return found
    try:
        return Loop(lift_header(site), (), {}, {})
    except Refused:
        return None
