"""A look at a site with what a test can show: array code for 64-bit floats, and the loop for all other data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.implicit import ImplicitSite, lift_implicit
from ..loops.ir import Loop
from ..loops.lift import lift
from ..transforms.base import Considered, Rewrite, Tier
from ..transforms.guards.form import guarded
from .guesses import guessed, likely_site, owing


def guarded_forms(site: SiteContext, found: Considered, ask: Callable[[SiteContext], Considered]) -> list[Rewrite]:
    """Where nothing safe was found, array code that is."""
    unsafe = [form for form in found.forms if form.tier is Tier.VECTOR]
    if not unsafe or any(form.safe for form in found.forms):
        return []
    names = {o.name for form in unsafe for o in form.obligations}
    again = likely_site(site) if names & {"frame-columns", "likely-types"} else site
    if again is None:
        return []
    for floats in (False, True):
        asked = replace(again, floats=floats, assumed=set())
        owed = tuple(guessed(site, asked)) if asked.file is not site.file else ()
        loop = lift_implicit(asked) if isinstance(asked, ImplicitSite) else lift(asked)
        if not isinstance(loop, Loop):
            continue
        forms = [owing(form, owed) if owed else form for form in ask(asked).forms]
        if made := [new for form in forms if (new := guarded(asked, loop, form)) is not None]:
            return made[:1]
    return []
