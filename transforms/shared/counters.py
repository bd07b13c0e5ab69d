"""The counter of a `while` loop: once the loop is gone, nobody needs the statement that set it."""

from __future__ import annotations

from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.header_ranges import first_value
from ...loops.ir import Header
from ...loops.names import names_in
from ..base import Replace, Rewrite


def without_counter(site: SiteContext, header: Header, form: Rewrite) -> Rewrite:
    """The form without `i = 0`, where the loop goes as a whole and nothing else reads the counter."""
    counter = header.position_name
    kept = {id(stmt) for e in form.edits if isinstance(e, Replace) for stmt in e.new}
    replaced = {id(e.old) for e in form.edits if isinstance(e, Replace)} - kept
    made = first_value(site, counter) if counter is not None and id(site.loop) in replaced else None
    if made is None or counter is None or id(made) in replaced:
        return form
    between = site.block[site.block.index(made) + 1 : site.index]
    read = site.file.scopes.read_after(counter, site.loop, site.scope) is not None
    if read or any(counter in names_in(stmt) for stmt in between):
        return form
    return replace(form, edits=(*form.edits, Replace(made, ())))
