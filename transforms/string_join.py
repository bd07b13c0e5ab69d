"""DL204: a string built piece by piece."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Carried, Const, Expr, Loop, Op, Raw, strip
from ..loops.remarks import Reason, Refusal
from ..loops.trace import atom
from .base import Example, Rewrite, Rule, Severity, Transform
from .build import assign, attr, call, const
from .comprehensions import comprehend, place
from .targets import find_target


class StringJoin(Transform):
    """`text += piece` in a loop copies the text on every round; `"".join` builds it once.

    Only where each piece is surely text: `+=` would take anything that can be added to a string.
    """

    rule = Rule("DL204", "string-join", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def render(pairs):
                    text = ''
                    for k, v in pairs:
                        text += f'{k}={v};'
                    return text
            """,
            after="""
                def render(pairs):
                    text = ''.join([f'{k}={v};' for k, v in pairs])
                    return text
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def render(parts):
                    text = ''
                    for p in parts:
                        text += p
                    return text
            """,
            reason=Reason.UNKNOWN_KIND,
            note="a part that is no str, but can be added to one, would raise in join",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.effects or len(loop.carried) != 1 or set(loop.live_out) - set(loop.carried):
            return None
        id_, final = next(iter(loop.carried.items()))
        found = _piece(strip(final), id_)
        if found is None:
            return None
        guard, piece = found
        target = find_target(site, id_, "str", bool(loop.opaque))
        if isinstance(target, Refusal):
            return None
        if not _surely_text(piece):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, f"what is added to `{id_}` is not surely text")
        made = comprehend(site, _without_state(loop, id_), [(guard, [piece])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        joined = call(attr(const(""), "join"), ast.ListComp(part.values[0], part.generators))
        stmt: ast.stmt = (
            assign(id_, joined) if target.fresh else ast.AugAssign(ast.Name(id_, ast.Store()), ast.Add(), joined)
        )
        stmt.lineno = site.loop.lineno
        return [place(self.rule, site, loop, made, [target], [stmt])]


def _piece(e: Expr, id_: str) -> tuple[Expr | None, Expr] | None:
    """(guard, piece) of `text = text + piece`, perhaps under a condition."""
    match e:
        case Op(name="+", args=(left, piece)) if strip(left) == Carried(id_) and not _mentions(piece, id_):
            return None, piece
        case Op(name="+", args=(left, last)) if (
            not _mentions(last, id_) and (inner := _piece(strip(left), id_)) is not None and inner[0] is None
        ):
            return None, Op("+", (inner[1], last), e.node)
        case Op(name="if", args=(test, a, b)) if strip(b) == Carried(id_) and not _mentions(test, id_):
            inner = _piece(strip(a), id_)
            return None if inner is None or inner[0] is not None else (test, inner[1])
    return None


def _mentions(e: Expr, id_: str) -> bool:
    return any(isinstance(x, Carried) and x.name == id_ for x in e.walk())


def _surely_text(e: Expr) -> bool:
    inner = strip(e)
    match inner:
        case Const(value=str()) | Raw(node=ast.JoinedStr()) | Op(name="call:builtins.str"):
            return True
        case Op(name="+", args=(a, b)):
            return _surely_text(a) or _surely_text(b)
        case Op(name="if", args=(_, a, b)):
            return _surely_text(a) and _surely_text(b)
    return False


def _without_state(loop: Loop, id_: str) -> Loop:
    """The loop as if the text were a list that it appends to; adding to a string raises nothing else."""
    adds = {
        atom(x.node)
        for x in loop.carried[id_].walk()
        if isinstance(x, Op) and x.name == "+" and x.node is not None and _mentions(x, id_)
    }
    return replace(loop, carried={}, live_out={}, trace=_dropped(loop.trace, adds))


def _dropped(trace: tuple, adds: set) -> tuple:  # type: ignore[type-arg]
    return tuple(
        ("if", _dropped(e[1], adds), _dropped(e[2], adds)) if e[0] == "if" else e for e in trace if e not in adds
    )
