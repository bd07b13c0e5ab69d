"""DL204: a string built piece by piece."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Const, Expr, Loop, Op, Raw, Read, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.as_written import Sink, as_written, in_order
from .scalar.comprehensions import comprehend, place
from .scalar.counted import uncounted
from .scalar.pieces import added, without_sum
from .scalar.separators import never_empty, separator, without_separator
from .shared.build import attr, call, clone, const
from .shared.targets import Target, find_target, plain_statement


class StringJoin(Transform):
    """`text += piece` in a loop copies the text on every round; `"".join` builds it once.

    Only where each piece is surely text: `+=` would take anything that can be added to a string. A separator that
    stands in front of all pieces but the first, or behind all but the last, is the one that joins them.
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
        Example(
            before="""
                def insert(rows):
                    sql = 'INSERT INTO prices VALUES '
                    for k, row in enumerate(rows):
                        if k > 0:
                            sql += ', '
                        sql += "('%s', %d)" % (row[0], row[1])
                    return sql
            """,
            after="""
                def insert(rows):
                    sql = 'INSERT INTO prices VALUES '
                    sql += ', '.join(["('%s', %d)" % (row[0], row[1]) for row in rows])
                    return sql
            """,
            note="a separator in front of all pieces but the first",
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
        Example(
            before="""
                def listed(names: list[str]):
                    text = ''
                    for name in names:
                        if text:
                            text += ', '
                        text += str(name)
                    return text
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                def listed(names: list[str]):
                    text = ', '.join([str(name) for name in names])
                    return text
            """,
            note="behind an empty piece there is no separator",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.effects or not 1 <= len(loop.carried) <= 2 or set(loop.live_out) - set(loop.carried):
            return None
        for grown in loop.carried:
            if (separated := self._separated(site, loop, grown)) is not None:
                return separated
        id_, final = next(iter(loop.carried.items()))
        found = added(final, id_, Const("", const("")))
        if found is None or len(loop.carried) != 1:
            return None
        guard, piece = found[0], _in_one(found[1])
        target = find_target(site, id_, "str", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target if _surely_text(piece) else None
        if not _surely_text(piece):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, f"what is added to `{id_}` is not surely text")
        made = comprehend(site, without_sum(loop, id_), [(guard, [piece])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        form = place(self.rule, site, loop, made, [target], [_joined(site, target, part.values[0], part.generators)])
        form = replace(form, obligations=(*form.obligations, *_single_cells(site, piece)))
        return [form, *in_order(form, site, without_sum(loop, id_), [target], _as_written)]

    def _separated(self, site: SiteContext, loop: Loop, id_: str) -> Sequence[Rewrite] | Refusal | None:
        """The join of a loop that puts a separator in front of all pieces but the first, or behind all but the last."""
        between = separator(site, loop.header, id_)
        if between is None or loop.opaque:
            return None
        plain = without_separator(site, loop.header, between)
        if isinstance(plain, Refusal) or plain.effects or {*plain.carried, *plain.live_out} != {id_}:
            return None
        found = added(plain.carried[id_], id_)
        target = find_target(site, id_, "str", False)
        if found is None or isinstance(target, Refusal):
            return None
        guard, piece = found
        if not _surely_text(piece):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, f"what is added to `{id_}` is not surely text")
        if between.each and guard is not None:
            return Refusal(Reason.CARRIED_STATE, site.loop.lineno, "a separator stands also where a piece is left out")
        if between.empty and not (target.fresh and never_empty(piece)):
            message = f"a piece may be empty, and `{id_}` is asked whether it is"
            return Refusal(Reason.CARRIED_STATE, site.loop.lineno, message)
        made = comprehend(site, without_sum(plain, id_), [(guard, [piece])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        generators = uncounted(part.generators, part.values[0])
        joined = _joined(site, target, part.values[0], generators, clone(between.text))
        form = place(self.rule, site, plain, made, [target], [joined])
        return [replace(form, obligations=(*form.obligations, *between.owed, *_single_cells(site, piece)))]


def _joined(
    site: SiteContext,
    target: Target,
    piece: ast.expr,
    generators: list[ast.comprehension],
    between: ast.expr | None = None,
) -> ast.stmt:
    """The statement that joins the pieces, or adds them to the text that is there."""
    joined = call(attr(between or const(""), "join"), ast.ListComp(piece, generators))
    return plain_statement(target, joined, site.loop.lineno)


def _as_written(site: SiteContext, targets: Sequence[Target]) -> list[ast.stmt] | None:
    (target,) = targets
    written = as_written(site, lambda stmt: _added(stmt, target.name))
    if written is None or len(written.sinks) != 1:
        return None
    return [_joined(site, target, written.sinks[0][1][0], written.generators)]


def _added(stmt: ast.stmt, where: str) -> Sink | None:
    match stmt:
        case ast.AugAssign(target=ast.Name(id=id_), op=ast.Add(), value=value) if id_ == where:
            return where, (value,)
        case ast.Assign(targets=[ast.Name(id=id_)], value=ast.BinOp(op=ast.Add()) as value) if id_ == where:
            piece = _behind(value, where)
            return None if piece is None else (where, (piece,))
    return None


def _behind(chain: ast.expr, grown: str) -> ast.expr | None:
    """What `text + "a" + b` puts behind `text`, if that is text: `"a" + b`."""
    match chain:
        case ast.BinOp(left=ast.Name(id=id_), op=ast.Add(), right=ast.Constant(value=str()) | ast.JoinedStr() as first):
            return first if id_ == grown else None
        case ast.BinOp(left=left, op=ast.Add(), right=more):
            rest = _behind(left, grown)
            return None if rest is None else ast.copy_location(ast.BinOp(rest, ast.Add(), more), chain)
    return None


def _in_one(piece: Expr) -> Expr:
    """What several statements add, as one piece: text is put behind text, which raises nothing."""
    match piece:
        case Op(name="+", args=(first, more), node=ast.AugAssign()) if _surely_text(first):
            return Op("+", (_in_one(first), more))
    return piece


def _surely_text(e: Expr) -> bool:
    inner = strip(e)
    match inner:
        case Const(value=str()) | Raw(node=ast.JoinedStr()) | Op(name="call:builtins.str"):
            return True
        case Op(name="+", args=(a, b)):
            return (_surely_text(a) or _surely_text(b)) and not (_perhaps_row(a) or _perhaps_row(b))
        case Op(name="%", args=(template, value)):
            return _surely_text(template) and not _perhaps_row(value)
        case Op(name="if", args=(_, a, b)):
            return _surely_text(a) and _surely_text(b)
    return False


def _perhaps_row(e: Expr) -> bool:
    """`x.iloc[i]` of what may be a frame: text and a row make a series."""
    match strip(e):
        case Raw(node=ast.Subscript(value=ast.Attribute(attr="iloc" | "loc" | "at"))):
            return True
    return False


def _single_cells(site: SiteContext, piece: Expr) -> list[Obligation]:
    """That the labels that text is read by are unique: of several rows it would be a series."""
    operands = (a for x in piece.walk() if isinstance(x, Op) and x.name == "+" for a in map(strip, x.args))
    reads = [r for r in operands if isinstance(r, Read) and r.access.by_label]
    frames = {r.source.base.code: site.kind(r.source.base.node) for r in reads}
    unsure = [code for code, kind in frames.items() if not (kind and kind.range_index)]
    return [Obligation("unique-index", (f"{code}.index",)) for code in unsure]
