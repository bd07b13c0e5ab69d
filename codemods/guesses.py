"""A second look at a site, with what names most likely are: each form that it gives owes that they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.implicit import ImplicitSite, implicit_site
from ..loops.kinds import Kinds
from ..loops.obligations import Obligation
from ..loops.scopes import names_in
from ..transforms.base import Considered, Rewrite, Tier


def likely_forms(site: SiteContext, found: Considered, ask: Callable[[SiteContext], Considered]) -> list[Rewrite]:
    """Better forms than those that were found, if what looks like a frame is one."""
    best = min((form.tier for form in found.forms), default=Tier.HOIST + 1)
    if best <= Tier.LOOKUP:
        return []
    again = _again(site)
    if again is None:
        return []
    names = names_in(site.node if isinstance(site, ImplicitSite) else site.loop)
    guessed = sorted(name for name in names if _guessed(again, name))
    if not guessed:
        return []
    owed = Obligation("frame-columns", tuple(guessed))
    return [_owing(form, owed) for form in ask(again).forms if form.tier < best]


def _again(site: SiteContext) -> SiteContext | None:
    """The site in a file whose names are what they most likely are."""
    if site.file.likely is None:
        site.file.likely = replace(site.file, kinds=Kinds(site.file.scopes, guessing=True))
    if isinstance(site, ImplicitSite):
        return implicit_site(site.file.likely, site.node, site.statement)
    return SiteContext.build(site.file.likely, site.loop)


def _guessed(site: SiteContext, name: str) -> bool:
    owner = site.file.scopes.owner(name, site.scope)
    return owner is not None and site.file.kinds.guesses(name, owner)


def _owing(form: Rewrite, owed: Obligation) -> Rewrite:
    others = tuple(o for o in form.obligations if o.name != owed.name)
    return replace(form, obligations=(*others, owed))
