"""Two loops over positions, one inside the other, as what the inner one does in each round of the outer."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.body import Body
from ...loops.context import Refused, SiteContext
from ...loops.header import lift_header
from ...loops.ir import Expr, Header, HeaderForm, Loop
from ...loops.lift import lift
from ...loops.remarks import Refusal


@dataclass(frozen=True)
class Nest:
    """The inner loop with its surroundings, lifted, and what the names of the outer one hold when it starts."""

    inner: ast.For
    inside: SiteContext
    env: dict[str, Expr]
    lifted: Loop | Refusal


def nest_of(site: SiteContext, loop: Loop) -> Nest | None:
    """The nest that a loop is the outer one of; None where its rounds do more than bind names for the inner one."""
    if loop.header.form is not HeaderForm.POSITIONS or site.loop.orelse or not site.loop.body:
        return None
    inner = site.loop.body[-1]
    if not isinstance(inner, ast.For):
        return None
    inside = SiteContext.build(site.file, inner)
    try:
        if lift_header(inside).form is not HeaderForm.POSITIONS:
            return None
        env = _round(site, loop.header)
    except Refused:
        return None
    return None if env is None else Nest(inner, inside, env, lift(inside))


def _round(site: SiteContext, header: Header) -> dict[str, Expr] | None:
    """What the names of the outer loop hold when the inner one starts; None if it may do more than bind names."""
    body = Body(site, header)
    outcome = body.run(site.loop.body[:-1], dict(header.binds))
    return None if outcome.effects or body.unknown else outcome.env
