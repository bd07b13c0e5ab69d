"""Lift a loop: execute its body once, symbolically.

Temporaries are substituted, `if/elif/else` and `continue` become guards and conditional values, calls to small pure
helpers of the project are inlined. What remains is a `Loop`; what can't be lifted is refused with line and reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .body import MAX_DEPTH, Body
from .context import Refused, SiteContext
from .header import lift_header
from .ir import Carried, Effect, Expr, Header, Loop, Row
from .remarks import Reason, Refusal


def lift(site: SiteContext, *, inline: bool = True) -> Loop | Refusal:
    """The loop IR of a site, or why there is none. `inline`: execute calls to small helpers of the project, too."""
    try:
        header = lift_header(site)
        try:
            return _rows_stay(lift_body(site, header, Body(site, header, 0 if inline else MAX_DEPTH)))
        except Refused as e:
            if e.refusal.reason is not Reason.ROW_ESCAPES:
                return e.refusal
            return _with_whole_rows(site, e.refusal)
    except Refused as e:
        return e.refusal
    except RecursionError:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.loop.lineno, "the body is nested too deeply")


def _rows_stay(loop: Loop) -> Loop:
    """The loop, unless an effect keeps a whole row."""
    for e in loop.effects:
        if any(isinstance(x, Row) for part in _parts(e) for x in part.walk()):
            raise Refused(Reason.ROW_ESCAPES, e.line, "the row itself is used, not only its columns")
    return loop


def _with_whole_rows(site: SiteContext, why: Refusal) -> Loop | Refusal:
    """The loop with its rows as opaque elements: some idioms leave the header as it is."""
    try:
        return replace(lift_body(site, lift_header(site, plain=True)), escapes=why)
    except Refused:
        return why


def lift_body(site: SiteContext, header: Header, body: Body | None = None) -> Loop:
    """Execute the body once; raises Refused. `body` executes the statements in its own way."""
    loop = header.node
    if loop.orelse:
        raise Refused(Reason.EARLY_EXIT, loop.orelse[0], "the loop has an else branch")
    body = body or Body(site, header)
    outcome = body.run(loop.body, dict(header.binds))
    finals = {n: v for n, v in outcome.env.items() if n not in header.binds or v is not header.binds[n]}
    live = live_out(site, [*finals, *header.binds])
    matter = _mattering(outcome.effects, finals, live)
    live |= _met_again(site, [n for n in finals if n not in live and n in matter])
    carried = _carried(outcome.effects, finals, live)
    trace, overwritten, fetched = tuple(body.trace), tuple(body.overwritten), dict(body.fetched)
    opaque = tuple(sorted(body.unknown))
    called = body.unknown[opaque[0]] if opaque else ""
    effects = tuple(outcome.effects)
    return Loop(header, effects, carried, finals, live, opaque, trace, overwritten, fetched, called)


def live_out(site: SiteContext, names: Iterable[str]) -> dict[str, int]:
    """Names of the loop that may be read after it, with the line of such a read."""
    found: dict[str, int] = {}
    for name in () if site.private else names:
        node = site.file.scopes.read_after(name, site.loop, site.scope)
        if node is not None:
            found[name] = getattr(node, "lineno", site.loop.lineno)
    return found


def _met_again(site: SiteContext, names: Sequence[str]) -> dict[str, int]:
    """Names that the loop itself reads first, when a loop around runs it again."""
    again = [n for n in names if site.file.scopes.starts_from_itself(n, site.loop, site.scope)]
    return {} if site.private else dict.fromkeys(again, site.loop.lineno)


def _mattering(effects: Sequence[Effect], finals: dict[str, Expr], live: Iterable[str]) -> set[str]:
    """Names whose value at the start of a round reaches an effect, or something that is read after the loop.

    A temporary that only some rounds bind, and only those read, is handed on by the others for nobody.
    """
    wanted = [v for e in effects for v in _parts(e)] + [finals[n] for n in live if n in finals]
    found: set[str] = set()
    while wanted:
        new = {x.name for x in wanted.pop().walk() if isinstance(x, Carried)} - found
        found |= new
        wanted += [finals[n] for n in new if n in finals]
    return found


def _carried(effects: Sequence[Effect], finals: dict[str, Expr], live: dict[str, int]) -> dict[str, Expr]:
    """Names whose value at the start of a round matters to an effect or to something that is read after the loop."""
    wanted = [x.name for e in effects for v in _parts(e) for x in v.walk() if isinstance(x, Carried)]
    wanted += [n for n in live if n in finals]
    found: dict[str, Expr] = {}
    while wanted:
        name = wanted.pop()
        if name in found or name not in finals:
            continue
        inner = [x.name for x in finals[name].walk() if isinstance(x, Carried)]
        if inner:
            found[name] = finals[name]
        wanted += inner
    return found


def _parts(e: Effect) -> list[Expr]:
    extra = [getattr(e, name, None) for name in ("guard", "index", "row", "column")]
    return [e.value, *(x for x in extra if isinstance(x, Expr))]
