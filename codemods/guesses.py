"""A second look at a site, with what names most likely are: each form that it gives owes that they are."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..loops.context import SiteContext, root_name
from ..loops.implicit import ImplicitSite, implicit_site
from ..loops.kinds import Kinds
from ..loops.obligations import Obligation
from ..loops.remarks import Reason
from ..loops.walk import walk
from ..transforms.base import Considered, Rewrite, Tier

#: With any other reason the body stays what it is, whatever its names are. A body that depends on the round before
#: stays, too, but what it reads may be pulled out.
_OPEN = (None, Reason.UNKNOWN_KIND, Reason.LABEL_READ, Reason.READS_OWN_OUTPUT, Reason.CARRIED_STATE)


def likely_forms(site: SiteContext, found: Considered, ask: Callable[[SiteContext], Considered]) -> list[Rewrite]:
    """Better forms than those that were found, if what looks like a frame is one."""
    if found.blocked not in _OPEN:
        return []
    best = min((form.tier for form in found.forms), default=Tier.HOIST + 1)
    if best <= Tier.LOOKUP:
        return []
    again = likely_site(site)
    if again is None:
        return []
    owed = tuple(guessed(site, again))
    if not owed:
        return []
    return [owing(form, owed) for form in ask(again).forms if form.tier < best]


def likely_site(site: SiteContext) -> SiteContext | None:
    """The site in a file whose names are what they most likely are."""
    if site.file.likely is None:
        site.file.likely = replace(site.file, kinds=Kinds(site.file.scopes, guessing=True, uses=site.file.kinds.uses))
    if isinstance(site, ImplicitSite):
        return implicit_site(site.file.likely, site.node, site.statement)
    return SiteContext.build(site.file.likely, site.loop)


def guessed(site: SiteContext, again: SiteContext) -> Iterator[Obligation]:
    """What is only guessed of the names that the loop reads."""
    frames: set[str] = set()
    others: set[str] = set()
    for n in walk(site.node if isinstance(site, ImplicitSite) else site.loop):
        if not isinstance(n, (ast.Name, ast.Attribute)):
            continue
        known, likely = site.kind(n), again.kind(n)
        if likely is None or (known is not None and known.name == likely.name and known.ndim == likely.ndim):
            continue
        if isinstance(n, ast.Attribute) and root_name(n) in frames | others:
            continue
        (frames if likely.name == "frame" else others).add(ast.unparse(n))
    if frames:
        yield Obligation("frame-columns", tuple(sorted(frames)))
    if others:
        yield Obligation("likely-types", tuple(sorted(others)))


def owing(form: Rewrite, owed: tuple[Obligation, ...]) -> Rewrite:
    names = {o.name for o in owed}
    return replace(form, obligations=(*(o for o in form.obligations if o.name not in names), *owed))
